"""The switches of a session: for whom the words are, language, way to answer, telephone numbers.

Streamlit forgets a switch with the page that shows it, so each choice is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st

from lumbayes.app import language

Depth = Literal["patient", "clinician"]
DEPTHS: tuple[Depth, ...] = ("patient", "clinician")
LOCALE_REGIONS = ("AU", "CA", "GB", "IE", "IN", "NZ", "US")
EUROPE = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IT LT LU LV MT NL PL PT RO SE SI SK".split()
)
CHOICES: Mapping[str, tuple[str, ...]] = {
    "view": DEPTHS,
    "lang": tuple(language.LANGUAGES),
    "way": ("interview", "form"),
}


def settle_choices() -> None:
    """Take the switches that the address may name before any of them is drawn.

    A switch is forgotten with the page that shows it, so the choice is kept beside it.
    """
    store: Any = st.session_state
    for name, among in CHOICES.items():
        kept = f"kept_{name}"
        wanted = (store.get(name), store.get(kept), st.query_params.get(name), among[0])
        store[kept] = next(w for w in wanted if w in among)
    language.settle(store["kept_lang"], clinician=store["kept_view"] == "clinician")


def choice(name: str) -> str:
    """Return what a switch is set to."""
    return str(st.session_state.get(f"kept_{name}") or CHOICES[name][0])


def choose(name: str, value: str) -> None:
    """Set a switch from outside it."""
    st.session_state[f"kept_{name}"] = st.session_state[name] = value


def address() -> dict[str, str]:
    """Return what the address says of the switches: nothing of those set as at first."""
    chosen = {name: choice(name) for name in CHOICES}
    return {name: "" if value == CHOICES[name][0] else value for name, value in chosen.items()}


def switch(name: str, label: str, words: Mapping[str, str]) -> None:
    """Draw a switch."""
    default: dict[str, Any] = {} if name in st.session_state else {"default": choice(name)}
    st.segmented_control(
        label,
        CHOICES[name],
        format_func=lambda value: words[value],
        required=True,
        key=name,
        label_visibility="collapsed",
        **default,
    )


def dark() -> bool:
    """Return whether the page is dark; light until the browser has said so."""
    return st.context.theme.type == "dark"


def region() -> str | None:
    """Return whose telephone numbers to name."""
    chosen = region_shown()
    return None if chosen == "neutral" else str(chosen)


def region_shown() -> str:
    """Return the chosen region; a guess nobody has changed follows the language."""
    chosen = st.session_state.get("region")
    if chosen in (None, st.session_state.get("guessed_region")):
        return guessed_region(st.context.locale, language.chosen())
    return str(chosen)


def guessed_region(locale: str | None, wanted: str = "en") -> str:
    """Guess whose numbers to name from the language setting of the browser and that of the page.

    Examples
    --------
    >>> [guessed_region(locale) for locale in ("en-GB", "de-AT", "pt-BR", None)]
    ['GB', 'EU', 'neutral', 'neutral']
    >>> [guessed_region(locale, "de") for locale in ("en-US", None)]
    ['EU', 'EU']
    """
    country = (locale or "").partition("-")[2].upper()
    if country in EUROPE or wanted == "de":
        return "EU"
    return country if country in LOCALE_REGIONS else "neutral"
