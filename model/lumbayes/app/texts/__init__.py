"""What the app says, in the language of the session: ``texts.TITLE`` and so on.

The English words stand in ``patient``, ``after`` and ``expert``; those of
``clinician`` take the place of the first two for clinicians. A table of the data translates
them (``language``).
"""

from __future__ import annotations

from typing import Any

from lumbayes.app import language
from lumbayes.app.texts import after, clinician, expert, patient

FOR_PATIENTS = (patient, after)


def __getattr__(name: str) -> Any:
    """Return a text, or a collection of them, in the language and for the reader chosen."""
    among = (*((clinician,) if language.for_clinicians() else ()), *FOR_PATIENTS)
    module = next((m for m in among if hasattr(m, name)), expert)
    return language.spoken(getattr(module, name))
