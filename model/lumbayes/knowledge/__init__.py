"""The tables of ``data/``, read and checked, and the model that is built from them.

``model`` is the door; ``causal`` is the network that answers interventions.
"""

__all__ = [
    "anchors",
    "causal",
    "conversions",
    "coordinates",
    "definition",
    "model",
    "posterior",
    "tables",
]
