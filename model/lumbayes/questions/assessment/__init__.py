"""All answers about one case on one page.

``summary`` is the door; ``page`` and ``report`` put it in words.
"""

__all__ = ["handover", "page", "plain_words", "report", "summary"]
