"""What the lessons need besides the model: pictures that move where they can.

``sliders`` is the door.
"""

__all__ = ["sliders"]
