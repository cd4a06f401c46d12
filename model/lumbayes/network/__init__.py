"""What we believe, frozen: variables, their tables or noisy-MAX links, and their files.

Knows nothing of backs: any discrete Bayesian network, ours or one of another tool.
"""

__all__ = ["formats", "pgmpy_models", "variables"]
