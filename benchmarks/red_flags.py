"""Published lists of red flags for low back pain, in our words, and how many flags a person has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RedFlags:
    """A list of flags: ``variable=state``, ``age>50``, or several of these joined by ``&``."""

    name: str
    source: str
    items: tuple[str, ...]


NERVES = ("leg_weakness=one_side", "leg_weakness=both_sides", "motor_deficit=positive")
LISTS = (
    RedFlags(
        "AHCPR 1994",
        "Agency for Health Care Policy and Research, Quick Reference Guide 14, table 1 (read in"
        " full, NCBI Bookshelf NBK52120)",
        (
            *("trauma=major", "trauma=minor & age>50", "trauma=minor & osteoporosis=yes"),
            *("age>50", "age<20", "cancer_history=yes", "fever=yes", "chills_night_sweats=yes"),
            *("weight_loss=yes", "recent_infection=yes", "injected_drugs=yes", "steroid_use=yes"),
            *("immunosuppression=yes", "night_pain=yes", "saddle_numbness=yes"),
            *("urinary_retention=yes", "urinary_incontinence=yes", "weakness_progressive=yes"),
            *(*NERVES, "foot_drop=yes", "anal_tone=reduced", "perianal_sensation=reduced"),
        ),
    ),
    RedFlags(
        "Australia",
        "national guideline, as tabulated by Verhagen and others, Eur Spine J 25:2788, 2016, table"
        " 1",
        (
            *("trauma=major", "trauma=minor & age>50", "trauma=minor & osteoporosis=yes"),
            *("trauma=minor & steroid_use=yes", "cancer_history=yes", "age>50"),
            *("not_improving=yes", "weight_loss=yes", "constant_pain=yes", "fever=yes"),
            *("immunosuppression=yes", "recent_infection=yes", "spinal_tenderness=positive"),
            "worse_with_movement=no",
        ),
    ),
    RedFlags(
        "Austria",
        "national guideline, as tabulated by Verhagen and others, table 1",
        (
            *("age<20", "age>55", "progressive=yes", "not_improving=yes", "trauma=minor"),
            *("trauma=major", "cancer_history=yes", "osteoporosis=yes", "constant_pain=yes"),
            *("thoracic_pain=yes", "worse_bending_forward=yes", "steroid_use=yes"),
            *("immunosuppression=yes", "injected_drugs=yes", "malaise=yes", "fever=yes"),
            *("weight_loss=yes", "height_loss=yes", "deformity_after_injury=yes", *NERVES),
            *("sensory_deficit=positive", "reflex_loss=positive", "saddle_numbness=yes"),
        ),
    ),
    RedFlags(
        "most of 16 guidelines",
        "what most guidelines name for fracture and cancer, and pain at night or at rest (Verhagen"
        " and others, abstract)",
        (
            *("trauma=major", "steroid_use=yes", "immunosuppression=yes", "cancer_history=yes"),
            *("weight_loss=yes", "night_pain=yes", "constant_pain=yes"),
        ),
    ),
    RedFlags(
        "merged",
        "ours, of what such lists have in common, after the framework of Finucane and others (J"
        " Orthop Sports Phys Ther 50:350, 2020), whose own tables could not be read",
        (
            *("saddle_numbness=yes", "urinary_retention=yes", "urinary_incontinence=yes"),
            *("bowel_incontinence=yes", "sexual_dysfunction=yes", "leg_pain_both_sides=yes"),
            *("leg_weakness=one_side", "leg_weakness=both_sides", "gait_disturbance=yes"),
            *("fever=yes", "chills_night_sweats=yes", "immunosuppression=yes"),
            *("injected_drugs=yes", "recent_infection=yes", "cancer_history=yes"),
            *("weight_loss=yes", "night_pain=yes", "thoracic_pain=yes", "trauma=minor"),
            *("trauma=major", "osteoporosis=yes", "steroid_use=yes", "age>74"),
        ),
    ),
)


def flags(listed: RedFlags, known: Mapping[str, str], age: float | None) -> int:
    """Count the flags that a person has, each variable once; what is not stated is none."""
    return len({item.partition("=")[0] for item in listed.items if holds(item, known, age)})


def holds(item: str, known: Mapping[str, str], age: float | None) -> bool:
    """Return whether all parts of a flag are stated to be so."""
    years = age if age is not None else float("nan")  # neither above nor below anything
    return all(
        (years > int(part[4:]) if part[3] == ">" else years < int(part[4:]))
        if part.startswith("age")
        else known.get(part.partition("=")[0]) == part.partition("=")[2]
        for part in item.split(" & ")
    )
