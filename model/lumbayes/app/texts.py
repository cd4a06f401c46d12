"""What the app says to people, in the language of the session: ``texts.TITLE`` and so on.

The English words stand in ``texts_patient``; a table of the data translates them (``language``).
"""

from __future__ import annotations

from typing import Any

from lumbayes.app import language, texts_patient


def __getattr__(name: str) -> Any:
    """Return a text of ``texts_patient``, or a collection of them, in the language chosen."""
    return language.spoken(getattr(texts_patient, name))
