"""Tables of cases of any length in, tables of answers out; and people drawn from the network.

``frames`` is the door for pandas, ``files`` for files.
"""

__all__ = [
    "answers",
    "arrow_parts",
    "cluster",
    "files",
    "frames",
    "part",
    "runners",
    "simulation",
    "sources",
]
