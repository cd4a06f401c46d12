"""Messages of the program in the words of the page: no names of variables, no file, no command."""

from __future__ import annotations

import re
from functools import lru_cache

from lumbayes.app import language, texts
from lumbayes.errors import LumbayesError, UnknownNameError
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.plain_words import EXAMPLE, outside_quotes

NAMED = re.compile(r"\b(?:(?:findings|likelihoods|facts|do)\.)?([a-z][a-z0-9_]*)(?:=([a-z0-9_]+))?")


def in_words(model: Model, text: str, *, keep: bool = False) -> str:
    """Return a message with the names of variables and states put into words.

    ``keep`` leaves the names beside them, for who has them in a file.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> in_words(load_model(), "findings.sex=male and findings.pregnancy=pregnant cannot both hold")
    '“Sex: Male” and “Pregnancy: Pregnant now” cannot both hold'
    """

    def worded(found: re.Match[str]) -> str:
        info = model.variables.get(found[1])
        bare = found[2] is None and not found[0].startswith(("findings.", "likelihoods."))
        if info is None or (bare and "_" not in found[1]):
            return found[0]
        label = language.say(info.label)
        if found[2] in info.states:
            label += f": {language.say(info.state_label(found[2]))}"
        beside = found[1] + (f"={found[2]}" if found[2] else "")
        return f"“{label}” ({beside})" if keep else f"“{label}”"

    if keep:
        return NAMED.sub(worded, text)
    return outside_quotes(EXAMPLE.sub("", text), lambda part: NAMED.sub(worded, part))


def clash(model: Model, error: LumbayesError | str) -> str:
    """Return why some answers do not fit together, as a person would say it."""
    said = in_words(model, str(error))
    pair = re.findall(r"“[^”]+: [^”]+”", said)
    if len(pair) > 1:
        said = str(texts.CLASH.format(first=pair[0], second=pair[1]))
    return language.requoted(said)


def of_a_file(model: Model, error: LumbayesError) -> str:
    """Return why a saved file cannot be opened: of its inner form nobody has to know.

    Examples
    --------
    >>> from lumbayes.cases.case import understand
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> of_a_file(model, understand(model, {"findings": {"fevr": "yes"}}).problem())[:49]
    '“fevr” in this file is nothing that this page kno'
    """
    if unknown := _unknown(error):
        return str(texts.UNKNOWN_IN_FILE.format(name=unknown))
    said = clash(model, error)
    told = said.startswith(str(texts.CLASH).split("{")[0])
    return said if told else str(texts.NOT_A_CASE)


def _unknown(error: LumbayesError) -> str:
    """Return the name that a file or a link holds and nobody knows; empty if that is not it."""
    found = re.match(r"unknown [\w ]+? '([^']+)'", str(error))
    return found[1] if found and isinstance(error, UnknownNameError) else ""


def of_a_link(model: Model, error: LumbayesError) -> str:
    """Return why a link cannot be opened; what limit it passes stands behind, for who set it up."""
    if unknown := _unknown(error):
        return str(texts.UNKNOWN_IN_LINK.format(name=unknown))
    said = clash(model, error)
    if said.startswith("This link"):
        return str(texts.NOT_A_LINK)
    return f"{texts.NOT_A_LINK} ({said})" if said.startswith("the link") else said


@lru_cache(maxsize=2)
def _names(model: Model) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern of the names that people and professionals call differently."""
    other = {
        v.label: v.clinician_label
        for v in model.variables.values()
        if v.clinician_label and v.label != v.clinician_label
    }
    longest = sorted(other, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest))})(?!\w)"), other


COUNTED = re.compile(
    r"\b(?P<word>about |fewer than |more than )?(?P<numbers>\d[\d.,]*(?: to (?:about )?\d[\d.,]*)?)"
    r" in (?P<per>1[0,]+)\b(?: \((?P<range>[^()]+)\))?"
)
SIGN = {"fewer than ": "< ", "more than ": "> "}


def percentages(text: str) -> str:
    """Return a text with chances in per cent in place of so many of 100, 1,000 or 10,000.

    Examples
    --------
    >>> percentages("from 6 to about 9 in 100; about 9 in 1,000 (fewer than 1 to 30)")
    'from 6 % to 9 %; 0.9 % (< 0.1 % to 3 %)'
    """

    def written(found: re.Match[str]) -> str:
        per = int(found["per"].replace(",", ""))

        def one(number: re.Match[str]) -> str:
            share = f"{100 * float(number[2].replace(',', '')) / per:.4g} %"
            return SIGN.get(number[1] or "", "") + share

        ends = re.compile(r"(about |fewer than |more than )?(\d+(?:[.,]\d+)*)")
        said = ends.sub(one, (found["word"] or "") + found["numbers"])
        return said + (f" ({ends.sub(one, found['range'])})" if found["range"] else "")

    return COUNTED.sub(written, text)


def professional(model: Model, text: str) -> str:
    """Return a text with the names and the numbers that professionals use.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> professional(load_model(), "It tells most about: Worn hip joint.")
    'It tells most about: Hip osteoarthritis.'
    """
    pattern, other = _names(model)
    for words, instead in texts.clinician.OF_THE_REPORT.items():
        text = text.replace(words, instead)
    return percentages(pattern.sub(lambda found: other[found[0]], text))
