"""What the app says, in the language of the session: ``texts.TITLE`` and so on.

The English words stand in ``texts_patient``, ``texts_after`` and ``texts_expert``; those of
``texts_clinician`` take the place of the first two for clinicians. A table of the data translates
them (``language``).
"""

from __future__ import annotations

from typing import Any

from lumbayes.app import language, texts_after, texts_clinician, texts_expert, texts_patient

FOR_PATIENTS = (texts_patient, texts_after)


def __getattr__(name: str) -> Any:
    """Return a text, or a collection of them, in the language and for the reader chosen."""
    among = (*((texts_clinician,) if language.for_clinicians() else ()), *FOR_PATIENTS)
    module = next((m for m in among if hasattr(m, name)), texts_expert)
    return language.spoken(getattr(module, name))
