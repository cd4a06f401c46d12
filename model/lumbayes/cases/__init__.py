"""What is said of one person or of many: read, checked, combined, saved.

``case`` is the door for one person, ``case_files`` reads and saves it, ``cohort`` is for many.
"""

__all__ = [
    "case",
    "case_files",
    "cohort",
    "columns",
    "constraints",
    "exclusions",
    "fact_names",
    "facts",
    "forms",
    "json_values",
    "parts",
    "phrases",
    "qualifiers",
    "refused_rows",
    "responses",
    "sayings",
    "vocabulary",
]
