"""Small parts with a script of their own: the spoken sentence, print, and the harmless reload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

# The same element stays in the page and only its text changes: else a screen reader says nothing.
_LIVE = """
export default function ({ data, parentElement }) {
  let p = parentElement.querySelector("p");
  if (!p) {
    p = document.createElement("p");
    p.setAttribute("role", "status");
    p.setAttribute("aria-live", "polite");
    parentElement.append(p);
  }
  if (p.textContent !== data.text) p.textContent = data.text;
}
"""
_LIVE_CSS = """
p { margin: 0; font-family: var(--st-font); font-size: 1rem; line-height: 1.45;
  color: var(--st-text-color); }
"""
_PRINT = """
export default function ({ data, parentElement }) {
  let button = parentElement.querySelector("button");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.onclick = () => window.print();
    parentElement.append(button);
  }
  button.textContent = data.label;
}
"""
_PRINT_CSS = """
button{font:inherit;font-family:var(--st-font);min-height:2.6rem;padding:.4rem .9rem;cursor:pointer;
color:var(--st-text-color);background:var(--st-background-color);
border:1px solid var(--st-border-color);border-radius:var(--st-button-radius,.5rem)}
button:hover,button:focus-visible{border-color:var(--st-primary-color);color:var(--st-primary-color)}
@media print{button{display:none}}
"""
# sessionStorage belongs to this one tab, is never sent anywhere and ends with the tab.
_KEEP = """
const PLACE = "lumbayes-answers";
export default function ({ data, parentElement, setTriggerValue }) {
  try {
    if (data.fresh) {
      const kept = sessionStorage.getItem(PLACE);
      if (kept && !parentElement.lumbayesAsked) {
        parentElement.lumbayesAsked = true;
        setTriggerValue("kept", kept);
      }
    } else if (data.code) sessionStorage.setItem(PLACE, data.code);
    else sessionStorage.removeItem(PLACE);
  } catch { /* storage is closed: a reload then begins anew */ }
}
"""
_PLACE = Path(__file__).with_name("place.js").read_text(encoding="utf-8")
_SPEECH = """
export default function ({ data }) {
  document.documentElement.lang = data.lang;
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(data.address)) {
    if (value) url.searchParams.set(name, value); else url.searchParams.delete(name);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
"""
_live = st.components.v2.component("lumbayes_live", js=_LIVE, css=_LIVE_CSS)
_print = st.components.v2.component("lumbayes_print", js=_PRINT, css=_PRINT_CSS)
_place = st.components.v2.component("lumbayes_place", js=_PLACE)
_speech = st.components.v2.component("lumbayes_speech", js=_SPEECH)
_keep = st.components.v2.component("lumbayes_keep", js=_KEEP)


def live(text: str, key: str = "live") -> None:
    """Show a sentence that is spoken when it changes."""
    _live(key=key, data={"text": text})


def print_button(label: str, key: str = "print") -> None:
    """Show a button that opens the print dialogue of the browser."""
    _print(key=key, data={"label": label})


def place(name: str, target: str, on_back: Callable[[], None], key: str = "place") -> None:
    """Say where one is; a new place is a step back for the browser, and is shown from its top.

    ``target`` is the CSS selector of what begins there; ``on_back`` is called when the browser
    goes back to another place, which ``came_back`` then returns.
    """
    _place(key=key, data={"place": name, "target": target}, on_back_change=on_back, height=1)


def came_back(key: str = "place") -> str:
    """Return the place that the browser went back to, inside ``on_back``."""
    result = st.session_state.get(key)
    return str(result.get("back") or "") if result else ""


def speech(lang: str, address: Mapping[str, str], key: str = "speech") -> None:
    """Tell the browser the language of the page, and what its address is to say of the switches."""
    _speech(key=key, data={"lang": lang, "address": dict(address)}, height=1)


def keep(code: str, fresh: bool, on_kept: Callable[[], None], key: str = "keep") -> None:
    """Keep the answers through a reload of this tab.

    A session without answers that has just begun (``fresh``) asks the tab for what it kept;
    otherwise the tab keeps ``code``, or forgets if it is empty.
    """
    _keep(key=key, data={"code": code, "fresh": fresh}, on_kept_change=on_kept, height=1)


def kept(key: str = "keep") -> str:
    """Return what the tab had kept, inside ``on_kept``."""
    result = st.session_state.get(key)
    return str(result.get("kept") or "") if result else ""
