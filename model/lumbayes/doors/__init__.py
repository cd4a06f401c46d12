"""The public functions: they take what a person has in hand, and check it where it enters.

``functions`` and ``workbench`` are what ``import lumbayes`` shows; ``given`` reads arguments.
"""

__all__ = ["exact_inference", "functions", "workbench"]
