"""Exact answers: evidence in, posteriors out, for one case, a batch, or draws of the numbers.

``queries`` is the door; the rest compiles a network to a tree and runs it.
"""

__all__ = ["batches", "evidence", "expectations", "most_probable", "queries"]
