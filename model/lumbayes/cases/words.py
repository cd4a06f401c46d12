"""What people call a fact, and how they write its value: other names, spellings, units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from types import MappingProxyType

from lumbayes.knowledge.definition import UNSURE

# One spelling for words that are written in two ways.
SPELLINGS = (
    *(("haem", "hem"), ("aemi", "emi"), ("aest", "est"), ("faec", "fec"), ("oed", "ed")),
    *(("tumour", "tumor"), ("labour", "labor"), ("diarrhoea", "diarrhea"), ("metre", "meter")),
    *(("foet", "fet"), ("paed", "ped"), ("neurone", "neuron"), ("isch", "isc"), ("oeso", "eso")),
    *(("ised", "ized"), ("isation", "ization"), ("colour", "color"), ("dyspnoea", "dyspnea")),
)
PREFIXES = (
    *("new_onset_", "new_", "has_", "have_", "is_", "current_", "currently_", "on_", "taking_"),
    *("recent_", "known_", "reports_", "reported_", "patient_", "presence_of_", "any_", "the_"),
    *(
        *("with_", "long_term_", "oral_", "daily_", "symptom_", "sign_of_", "signs_of_"),
        *("feels_", "felt_"),
    ),
)
SUFFIXES = (
    *("_present", "_reported", "_yes", "_now", "_noted", "_found", "_positive"),
    "_on_examination",
)
DENIALS = ("no_", "not_", "denies_", "denied_", "without_", "absence_of_", "never_")
DENIED = ("_absent", "_denied", "_negative")
YES = frozenset("yes y true 1 present positive reported found abnormal reduced raised".split())
# Only these texts, whole, deny. What merely begins like one ("not before, now daily") does not.
NO = frozenset(
    (
        "no n nope false 0 none nil nothing absent negative denied denies normal never not_present"
        " not_reported none_reported not_noted none_noted not_found none_found no_evidence not_seen"
        " not_at_all nil_of_note unremarkable within_normal_limits never_had not_now none_now"
    ).split()
)
YES_OR_NO = YES | NO
BEGINS_A_DENIAL = frozenset("no n false none nil nothing absent negative denied denies".split()) | {
    *("normal", "never", "not", "without", "nobody", "neither")
}
# What is not treated, or does not get better, is there.
THERE_UNTREATED = re.compile(
    r"(?:not?|never)_(?:yet_|currently_|well_|fully_)?(?:on_(?:any_)?(?:treatment|therapy|art|haart"
    r"|insulin)|treated|treatment|controlled|under_control|responding|responded|improving|improved"
    r"|settling|settled|healing|healed|better|resolv\w+|relieved|going_away)\b|never_had_(?:it_|this_"
    r"|that_)?before$"
)
DOUBT = re.compile(
    r"^(i_am_|i_m_|im_)?(not_sure|unsure|not_certain|uncertain|unclear)\b|"
    r"^(i_)?(don_t|dont|do_not|cannot|can_t|cant)_(really_)?(know|tell|say)|^hard_to_(say|tell)"
)
# What a name may be named after: there "absent" or "lost" is the trouble, not its denial.
FUNCTIONS = frozenset(
    (
        "tone sensation sensations feeling pulse pulses reflex reflexes jerk jerks power strength"
        " control function mobility rotation breathing squeeze wink walk walking bearing standing"
        " pinprick dorsiflexion plantarflexion"
    ).split()
)
TROUBLES = frozenset(
    (
        "loss lost reduced weak weakness absent impaired altered abnormal difference dysfunction"
        " deficit poor difficulty pain painful unable cannot limited raised wide disturbance"
        " distance worse brisk increased decreased normal present instability slow over excessive"
        " improved relieved better when by after aid not no never without cant"
        " wont inability refuses lax slack patulous flaccid floppy non impossible failure fails"
        " unequal uneven unsteady cramp cramps long"
    ).split()
)
# Beside these alone a function is named by itself: where it is, whose, and that it is there.
WHERE = frozenset(
    (
        "able ability can to in of the a for on with at and has have is my his her any current"
        " currently now noted reported presence exam examination left right both bilateral side"
        " sides upper lower limb limbs extremity extremities leg legs arm arms foot feet toe toes"
        " big great hallux ankle ankles knee knees hip hips thigh calf heel hand hands quadriceps"
        " hamstring hamstrings gluteal glute ehl iliopsoas psoas tibialis anterior posterior muscle"
        " muscles motor sensory neurological nerve tendon deep achilles patellar plantar anal anus"
        " rectal rectum sphincter perianal perineal perineum saddle genital genitals vaginal vulval"
        " penile scrotal sacral sexual erectile bladder bowel bowels urine urinary"
        " wiping bulbocavernosus cremasteric abdominal radial brachial femoral pedal popliteal"
        " dorsal dorsalis pedis tibial peripheral distal weight flexion extension flexor extensor"
        " abduction adduction inversion eversion internal external passive active spine spinal"
        " lumbar trunk back pelvic floor touch light skin rate regular self level"
    ).split()
)
LEVEL = re.compile(r"\d+|[clst]\d{1,2}")
# Words that say of a function that it gets less, or is another than it was.
WORSE = frozenset(
    (
        "worse worsened worsening worsens deteriorating deteriorated deterioration failing fails"
        " declining declined decline dwindling fading waning sinking dropping falling going"
        " decreasing diminishing weakening lessening flaccid changed changing altered disturbed"
        " faulty defective losing"
    ).split()
)
LOSS = frozenset("lost loss gone missing".split())
LESS = LOSS | frozenset("weak weakened reduced poor impaired diminished decreased less bad".split())
PACE = frozenset("of in daily gradually slowly steadily quickly rapidly progressively".split())
UPRIGHT = frozenset("walk walking bearing standing".split())  # done poorly these are still done
LOST = frozenset(
    (
        "absent none nil no lost reduced impaired weak poor diminished decreased zero 0 gone never"
        " missing unable impossible cannot less limited bad without loss abnormal not"
    ).split()
)
LOST |= WORSE
KEPT = frozenset("normal intact good full preserved strong ok fine equal symmetrical able".split())
HEALTHY = (KEPT - {"normal"}) | {"unchanged", "same"}  # "normal" is read apart (``readings``)
# Words of harm in the value of what is no complaint, such as an occupation.
UNABLE = frozenset(
    "cannot cant can_t unable numb lost weak gone collapse collapsed paralysed paralyzed".split()
)
# Of these words alone a calm answer is made.
CALM = frozenset(
    (
        "regular unchanged always usual as before same stable no change changes concern concerns"
        " daily once twice well otherwise i feel habit habits pattern healthy uneventful settled"
        " formed palpable works working normally function functions functioning clear steady good"
    ).split()
)
# Words of everyday life: under the name of what is no complaint they hide nothing.
PLAIN = frozenset(
    (
        "lifting sitting standing walking bending driving gardening work working running"
        " cycling swimming yoga pilates gym exercise exercises stretching rest resting heat"
        " warmth warm ice massage car rides ride journey journeys drive long prolonged short"
        " after during while as when with by for from to at in on of the a an and or my crate"
        " box boxes chair desk office home house moved moving hour hours day days week weeks"
        " month months year years weekly ago last twice once two three four five six seven eight"
        " ten few some several sessions session needed per mg g ml tablet tablets helps helped"
        " helpful better relieved eased eases improves improved surgery repair snow moderate"
        " mild little low normal ordinary occasional occasionally rarely sometimes bus train"
        " shopping housework vacuuming digging shovelling furniture carrying bag bags shoes good"
        " fine ok pollen dust cats penicillin nuts latex garden mattress pillow stress busy"
        " children school exam exams well otherwise i feel unchanged settled regular stable one"
        " usual"
    ).split()
)
# Beside a normal word these add nothing.
ADDS_NOTHING = frozenset(
    (
        "a an and the on of in is was at all both sides side bilaterally bilateral legs symmetrical"
        " symmetric equally fully quite very completely perfectly entirely today now currently exam"
        " examination testing limits within range motion movement for age to ever yet"
        " complaint complaints problem problems symptom symptoms issue issues changes change any"
        " such so far known reported noted seen found present degrees celsius c mmhg bpm"
        " percent mg l ml per minute min room air throughout bed rest feet symmetrically"
    ).split()
)
MEASURE = re.compile(r"\s*\d+(?:[.,]\d+)?(?!\s*(?:hour|day|week|month|year)|[\d.,])", re.IGNORECASE)
# Behind a number these say that it is not the whole of it: "37.0 after paracetamol".
UNDOES = frozenset(
    "after on with despite but following then before until was earlier yesterday though".split()
)
GRADE = re.compile(r"\b([0-5])\s*/\s*5\b|\b(?:mrc|grade|power)\s*([0-5])\b", re.IGNORECASE)
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# Two numbers that are one reading: a span, a grade or score, a blood pressure.
SPAN = re.compile(
    r"(?<!\d)(?:\d+(?:[.,]\d+)?\s*(?:-|–|to|until)\s*\d+(?:[.,]\d+)?|\d+\s*/\s*(?:5|10|15)\b)"
)
PRESSURE = re.compile(r"\b(\d{2,3})\s*/\s*(\d{2,3})\b")
SILENT = frozenset(
    {"", "unknown", "not stated", "not known", "not asked", "not tested", "?", "na"}
    | {"not examined", "not done", "not checked", "not assessed"}
)
WORSE_END = MappingProxyType(
    {
        "mmHg": 0,
        "percent": 0,
        "of 15": 0,
        "beats a minute": 1,
        "breaths a minute": 1,
        "degrees Celsius": 1,
        **dict.fromkeys(("mg/l", "ml", "mm an hour", "ng/ml", "of 10"), 1),
    }
)
WEEKS = MappingProxyType(
    {
        **{"minute": 1 / 10_080, "hour": 1 / 168, "day": 1 / 7},
        **{"week": 1.0, "month": 4.345, "year": 52.18},
    }
)
TIMES = MappingProxyType(
    {
        **{"minute": "min(?:ute)?s?", "hour": "h(?:(?:ou)?rs?)?", "day": "days?"},
        **{"week": "w(?:ee)?ks?", "month": "mo(?:nth|s)?s?|mths?", "year": "y(?:ea)?rs?"},
    }
)


LONGEST = 100  # letters of a name that may be another name of a fact


def plain(name: str) -> str:
    """Return a name in one spelling: small letters, one underscore between words.

    Examples
    --------
    >>> plain("Haematuria (visible)"), plain("ESR mm/h")
    ('hematuria_visible', 'esr_mm_h')
    """
    return _plain(name) if len(name) <= LONGEST else _plain.__wrapped__(name)


@lru_cache(maxsize=1 << 14)
def _plain(name: str) -> str:
    text = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    for british, other in SPELLINGS:
        text = text.replace(british, other)
    return text


@lru_cache(maxsize=1 << 14)
def readings(name: str) -> tuple[tuple[str, str], ...]:
    """Return the names that a name may mean, likeliest first, and what it says of each.

    That is nothing (``""``), that it is ``denied``, or that it is ``normal``.

    Examples
    --------
    >>> readings("no_new_fever")
    (('no_new_fever', ''), ('new_fever', 'denied'), ('fever', 'denied'))
    """
    queue, found = [(plain(name), "")], dict[tuple[str, str], None]()
    while queue:
        text, said = queue.pop(0)
        if not text or (text, said) in found:
            continue
        found[text, said] = None
        if len(text) > LONGEST:
            continue
        queue += [(text.removeprefix(p), said) for p in PREFIXES if text.startswith(p)]
        queue += [(text.removesuffix(s), said) for s in SUFFIXES if text.endswith(s)]
        if not said:
            queue += [(text.removeprefix(p), "denied") for p in DENIALS if text.startswith(p)]
            queue += [(text.removesuffix(s), "denied") for s in DENIED if text.endswith(s)]
            if text.endswith("_normal"):
                queue.append((text.removesuffix("_normal"), "normal"))
        if text.endswith("s"):
            queue.append((text[:-1], said))
    return tuple(found)


def read_bool(value: object) -> bool | str | None:
    """Return yes or no as people write it, ``"unsure"``, or None if the value is none of these.

    Only a whole denial denies: what begins like one and goes on ("none today, 39 yesterday") is
    not understood. Any other words describe what is there ("left", "after walking"): that is a yes.

    Examples
    --------
    >>> read_bool("Yes"), read_bool("denied"), read_bool("left leg"), read_bool(3.2)
    (True, False, True, None)
    >>> read_bool("not sure"), read_bool("never before, now yes"), read_bool("not on treatment")
    ('unsure', None, True)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    if not isinstance(value, str) or value.strip().lower() in SILENT:
        return None
    words = plain(value)
    if DOUBT.search(words):
        return UNSURE
    if words in YES_OR_NO:
        return words in YES if words in YES or "?" not in value else UNSURE
    first, *rest = words.split("_")
    if first not in BEGINS_A_DENIAL or THERE_UNTREATED.match(words):
        return True
    # "Negative both sides", and not "none today", which may have been otherwise.
    sides = ADDS_NOTHING - {"today", "now", "currently", "yet", "ever", "rest", "at", "to", "for"}
    return False if rest and set(rest) <= sides and "?" not in value else None


def named_after_function(name: str) -> bool:
    """Return whether a name is that of something that works or fails, such as the tone of a muscle.

    Any word but those of a place and of health makes it another name: of a fast pulse, a fall from
    standing or a failing control, "true" is not that all is well.

    Examples
    --------
    >>> named_after_function("anal_tone"), named_after_function("reduced_anal_tone")
    (True, False)
    >>> named_after_function("fall_from_standing"), named_after_function("fast_pulse")
    (False, False)
    """
    words = {word for word in plain(name).split("_") if not LEVEL.fullmatch(word)}
    return bool(words & FUNCTIONS) and words <= FUNCTIONS | WHERE | HEALTHY


def function_that_fails(name: str) -> str:
    """Return the function of which a name says that it gets less; empty if it says no such thing.

    Examples
    --------
    >>> function_that_fails("worsening_bladder_control"), function_that_fails("bladder_control")
    ('bladder_control', '')
    >>> function_that_fails("loss_of_weight_bearing"), function_that_fails("poor_walking")
    ('weight_bearing', '')
    """
    words = plain(name).split("_")
    failing = LOSS if set(words) & UPRIGHT else WORSE | LESS
    shorter = "_".join(word for word in words if word not in failing | PACE)
    return shorter if set(words) & failing and named_after_function(shorter) else ""


def read_function(value: object) -> bool | str | None:
    """Return whether a function is disturbed, as people write of it; as ``read_bool`` otherwise.

    Examples
    --------
    >>> read_function("absent"), read_function("intact"), read_function("2/5")
    (True, False, True)
    >>> read_function("not sure"), read_function("brisk"), read_function("normal before, now lost")
    ('unsure', None, None)
    >>> read_function("5/5 right, 1/5 left"), read_function("normal until yesterday")
    (True, None)
    """
    if not isinstance(value, str) or value.strip().lower() in SILENT:
        return None
    grades = [a or b for a, b in GRADE.findall(value)]
    if any(grade != "5" for grade in grades):
        return True
    words = plain(GRADE.sub(" normal ", value))
    if DOUBT.search(words):
        return UNSURE
    among = set(words.split("_"))
    lost, kept = bool(among & LOST), bool(among & KEPT) or words == "present"
    if kept and not lost:
        if among - KEPT - ADDS_NOTHING - FUNCTIONS - {"present"}:
            return None
        return UNSURE if "?" in value else False
    return None if lost == kept else lost


def read_trouble(name: str, value: object) -> bool | str | None:
    """Return ``read_bool`` of a sign named after the trouble itself, such as a reflex that is lost.

    There "absent" may mean the sign or the function: that is unsure.

    Examples
    --------
    >>> read_trouble("reflex_loss", "absent ankle jerks"), read_trouble("fever", "absent")
    (True, False)
    >>> read_trouble("weak_foot_pulses", "absent")
    'unsure'
    """
    whole = plain(name)
    if isinstance(value, str) and set(whole.split("_")) & FUNCTIONS and whole[-7:] != "_normal":
        words = plain(value)
        if words in ("absent", "none", "nil", "not_present", "lost", "missing", "gone"):
            return UNSURE
        among = set(words.split("_"))
        if among & FUNCTIONS and among & LOST and not among & KEPT:
            return True
    return read_bool(value)


def half_read(name: str, value: object) -> bool:
    """Return whether a value goes on after the normal word or the number that is read in it.

    "Normal until yesterday" is not normal, and of "36.8, yesterday 39.4" either may count. Words of
    the name itself, of both sides and of the examination add nothing.

    Examples
    --------
    >>> half_read("anal_tone", "normal until yesterday"), half_read("anal_tone", "normal tone")
    (True, False)
    >>> half_read("leg_power", "5/5 right, 1/5 left"), half_read("leg_power", "5/5 both sides")
    (True, False)
    """
    if not isinstance(value, str):
        return False
    told = plain(value).split("_")
    words = set(told) - {""}
    if {"left", "right"} <= words:
        words -= {"left", "right"}
    one = PRESSURE.sub(lambda m: "1" if int(m[1]) > int(m[2]) else m[0], SPAN.sub("1", value))
    numbers = len(NUMBER.findall(one))
    normal = KEPT if named_after_function(name) else KEPT - {"strong", "full", "able"}
    undone = bool(words & UNDOES) and MEASURE.match(value) is not None
    graded = re.match(r"\s*5\s*/\s*5", value) is not None
    fine = undone or told[0] in normal | BEGINS_A_DENIAL or graded
    if not (fine or numbers > 1) or (plain(value) in YES_OR_NO and "?" not in value):
        return False
    known = KEPT | BEGINS_A_DENIAL | ADDS_NOTHING | set(plain(name).split("_"))
    further = {w for w in words if not w[0].isdigit()} - known
    return bool(undone or numbers > 1 or (numbers and not graded) or further or "?" in value)


# How somebody writes that a sign is there or not.
THERE = dict.fromkeys("true 1 + ++ +++ pos positive present y yes".split(), True)
THERE |= dict.fromkeys("false 0 neg negative absent n no".split(), False)


def state_of(states: Sequence[str], value: object) -> str | None:
    """Return the state that an answer plainly names, whatever its case and spaces; None if none.

    Of a variable that is there or not, true, 1, + and present say that it is.

    Examples
    --------
    >>> state_of(("no", "yes"), " Yes"), state_of(("none", "one_side"), "One side")
    ('yes', 'one_side')
    >>> state_of(("negative", "positive"), True), state_of(("normal", "reduced"), True)
    ('positive', None)
    """
    if isinstance(value, str):
        if value in states:
            return value
        words = re.sub(r"[\s-]+", "_", value.strip().strip("!.").lower())
        if words in (UNSURE, *states):
            return words
        value = THERE.get(words)
    there = set(states) in ({"no", "yes"}, {"negative", "positive"}, {"absent", "present"})
    if there and isinstance(value, bool | int | float) and value in (0, 1):
        return next(s for s in states if (s in ("yes", "positive", "present")) == bool(value))
    return None


def silent(value: object) -> bool:
    """Return whether a value says that nothing was stated.

    Examples
    --------
    >>> silent("not stated"), silent(None), silent("no")
    (True, True, False)
    """
    return value is None or (isinstance(value, str) and value.strip().lower() in SILENT)


def unit_of_time(text: str) -> str | None:
    """Return the first unit of time that a text names, or None.

    Examples
    --------
    >>> unit_of_time("90 min"), unit_of_time("2 wks, worse every day"), unit_of_time("118 bpm")
    ('minute', 'week', None)
    """
    low = text.lower()
    found = ((re.search(rf"(?<![a-z])(?:{words})\b", low), unit) for unit, words in TIMES.items())
    return min(((m.start(), unit) for m, unit in found if m), default=(0, None))[1]


def read_number(value: object, unit: str) -> float | None:
    """Return the number in a text, in the unit of the fact; None if it holds none.

    Of several numbers the worst counts (``"90/60"`` is a blood pressure of 90, ``"7/10"`` is 7),
    of a duration or an age the first, of a span the middle, or of what is measured its worse end.

    Examples
    --------
    >>> read_number("118 bpm", "beats a minute"), read_number("90/60 mmHg", "mmHg")
    (118.0, 90.0)
    >>> read_number("2 months", "weeks"), round(read_number("101.3 F", "degrees Celsius"), 1)
    (8.69, 38.5)
    >>> round(read_number("1 hour", "minutes"))
    60
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str):
        return float(value)
    text = re.sub(r"(?<=\d),(?=\d)", ".", " ".join(value.lower().split()))
    span = re.search(r"(?<!\d)(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)", text)
    one = re.search(r"\d+(?:\.\d+)?", text)
    if one is None:
        return None
    ends = sorted((float(span[1]), float(span[2]))) if span else [float(one[0])] * 2
    number = ends[WORSE_END[unit]] if unit in WORSE_END else sum(ends) / 2
    whole = text if unit == "beats a minute" else re.sub(r"\s*(/|out of)\s*\d+", "", text)
    several = [float(n) for n in re.findall(r"(?<![a-z\d.])\d+(?:\.\d+)?", whole)]
    if len(several) > 1 and unit in WORSE_END:
        number = max(several) if WORSE_END[unit] else min(several)
    own = unit.split()[0].removesuffix("s")
    if own in WEEKS:
        return number * WEEKS[unit_of_time(text) or own] / WEEKS[own]
    if unit == "degrees Celsius" and re.search(r"\bf\b|°f|fahrenheit", text):
        return (number - 32) / 1.8
    return number
