"""The public functions: they take what a person has in hand, and check it where it enters.

``one_case``, ``tables``, ``networks`` and ``workbench`` are what ``import lumbayes`` shows;
``given`` reads arguments.
"""

__all__ = ["exact_inference", "networks", "one_case", "tables", "workbench"]
