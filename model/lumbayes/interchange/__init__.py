"""The forms in which others speak to lumbayes: JSON Schema, HL7 FHIR R4, CDS Hooks.

Plain dicts in and out; nothing here needs a library of its own.
"""

__all__ = ["cds_hooks", "codes", "questionnaire", "risk_assessment", "schemas"]
