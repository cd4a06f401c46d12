"""The example of every rule of triage, as it stands in ``tests/triage/rule_examples.csv``."""

from __future__ import annotations

import csv
from pathlib import Path

from lumbayes.triage.reader import load_rules

STATES = load_rules().states
with (Path(__file__).parent / "triage" / "rule_examples.csv").open(encoding="utf-8") as file:
    # rule: what fires it, what comes near and does not
    EXAMPLES = {row["rule"]: (row["fires"], row["near_miss"]) for row in csv.DictReader(file)}
FIRES = {rule: fires for rule, (fires, _) in EXAMPLES.items()}


def findings(text: str) -> dict[str, str]:
    """``"fever slr leg_pain=none"``: a bare name means yes, or positive where that is a state."""
    found = {}
    for word in text.split():
        name, _, state = word.partition("=")
        found[name] = state or ("positive" if "positive" in STATES[name] else "yes")
    return found
