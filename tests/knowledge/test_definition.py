"""The tables of the network: each way to break one is named with file, line and a way out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_tables import TABLES, write_tables

from lumbayes.errors import TableError
from lumbayes.knowledge.definition_reader import read_definition
from lumbayes.knowledge.model import load_model

PROBABILITIES, LINKS = "probabilities.csv", "links.csv"
ILL_OLD = "ill,present,age=old,0.25,0.1,0.4,expert,D,,,,\n"
PAIN_WEAK = "pain,yes,weak,present,strength,0.5,0.3,0.7,smith,B,,,,\n"
LEAK = "pain,yes,leak,,strength,0.1,0.05,0.2,expert,D,leak,,,\n"
STRONG = "sign,strong,ill,present,strength,0.5,0.35,0.65,smith,B,,,,\n"
SIGN_LEAK = "sign,mild,leak,,strength,0.05,0.02,0.1,expert,C,,,,\n"
SHARE = "pain,,weak,,causal_share,0.4,0.1,0.8,expert,D,,,,\n"
CYCLE = "weak,present,,0.3,0.2,0.4,smith,B,,,,\n"


def test_what_the_tables_say_is_read(tmp_path: Path) -> None:
    read = read_definition(write_tables(tmp_path))
    assert list(read.variables) == ["age", "weak", "ill", "pain", "sign", "drop"]
    assert [r.name for r in read.recipes] == ["age", "weak", "ill", "pain", "sign"]
    assert read.variables["sign"].clinician_label == "Sign of Small"
    assert read.variables["pain"].clinician_label == "Pain"
    assert read.variables["pain"].state_label("yes") == "Yes"
    assert [(link.cause, link.effect) for link in read.links] == [
        ("age", "ill"),
        ("weak", "pain"),
        ("ill", "sign"),
    ]
    share = read.links[1].causal_share
    assert share is not None and (share.value, share.quantity) == (0.4, "causal_share")
    assert [(n.id, n.line) for n in read.numbers][2:6] == [
        ("ill=present|age=young", 4),
        ("ill=present|age=old", 5),
        ("pain=yes<-leak", 2),
        ("pain=yes<-weak=present", 3),
    ]


def test_a_first_state_may_be_written_out(tmp_path: Path) -> None:
    """Six digits are enough: what is missing to 1 goes to the first state."""
    row = "weak,absent,,0.699999,0.5,0.8,smith,B,,,,\n"
    model = load_model(write_tables(tmp_path, PROBABILITIES, CYCLE, row + CYCLE))
    assert model.network["weak"].cpt == pytest.approx(np.array([0.7, 0.3]), abs=1e-12)
    assert len(model.numbers) == len(load_model(write_tables(tmp_path / "plain")).numbers)


def test_parents_may_be_given_in_any_order(tmp_path: Path) -> None:
    rows = [
        f"pain,yes,{given},{value},0,1,smith,B,,,,\n"
        for given, value in [
            ("weak=absent; ill=absent", 0.1),
            ("ill=present; weak=absent", 0.2),
            ("weak=present; ill=absent", 0.3),
            ("ill=present;weak=present", 0.4),
        ]
    ]
    folder = write_tables(tmp_path, PROBABILITIES, ILL_OLD, ILL_OLD + "".join(rows))
    links = (folder / LINKS).read_text().replace(LEAK, "").replace(PAIN_WEAK, "")
    (folder / LINKS).write_text(links)
    pain = load_model(folder).network["pain"]
    assert pain.parents == ("weak", "ill")
    assert pain.cpt[..., 1] == pytest.approx(np.array([[0.1, 0.2], [0.3, 0.4]]))


BROKEN = [
    # a row that does not sum to one, a state that is missing
    (
        PROBABILITIES,
        CYCLE,
        f"weak,absent,,0.6,0.5,0.8,smith,B,,,,\n{CYCLE}",
        "probabilities.csv, lines 3, 4: P(weak) sums to 0.9, not 1. Correct a value, or leave out "
        "absent.",
    ),
    (
        PROBABILITIES,
        "age=old,0.25,0.1,0.4",
        "age=old,1.25,0.1,0.4",
        "line 5: value is 1.25, outside 0 to 1.",
    ),
    (
        PROBABILITIES,
        ILL_OLD,
        "",
        "line 4: ill has no row for age=old. Add one for every combination of its parents.",
    ),
    (
        PROBABILITIES,
        ILL_OLD,
        ILL_OLD.replace("present", "absent"),
        "line 5: P(ill | age=old) lacks the state present. Add a row for it.",
    ),
    (
        PROBABILITIES,
        ILL_OLD,
        ILL_OLD * 2,
        "line 6: P(ill | age=old) stands twice for present, also in line 5. Remove one.",
    ),
    (
        PROBABILITIES,
        CYCLE,
        CYCLE * 2,
        "line 4: P(weak) stands twice for present, also in line 3. Remove one.",
    ),
    # names and forms
    (PROBABILITIES, "weak,present,", "waek,present,", "line 3: unknown variable 'waek'. Did you"),
    (PROBABILITIES, "age=old", "age=odl", "unknown state of age 'odl'. Did you mean 'old'? Known"),
    (PROBABILITIES, "age=old", "old", "line 5: given has 'old', expected variable=state; variable"),
    (PROBABILITIES, "age=old", "age=old; age=old", "line 5: given names age twice. Remove one."),
    (
        PROBABILITIES,
        "age=old",
        "weak=present",
        "line 5: ill is given weak, elsewhere age. Name the same parents in all its rows.",
    ),
    (
        PROBABILITIES,
        ILL_OLD,
        f"{ILL_OLD}drop,yes,,0.1,0,1,smith,B,,,,\n",
        "line 6: drop is asked for safety alone (layer triage_only) and has no probability.",
    ),
    (PROBABILITIES, CYCLE, "", "variables.csv, line 3: weak has no row in probabilities.csv or"),
    # numbers and where they come from
    (
        PROBABILITIES,
        "0.25,0.1,0.4",
        "0.25,0.3,0.4",
        "line 5: the interval 0.3 to 0.4 of ill=present|age=old does not contain the value 0.25. "
        "Correct value, low or high.",
    ),
    (
        PROBABILITIES,
        "0.25,0.1,0.4",
        "0.25,0.1,0.2",
        "line 5: the interval 0.1 to 0.2 of ill=present|age=old does not contain the value 0.25",
    ),
    (PROBABILITIES, "0.25,0.1,0.4", "a quarter,0.1,0.4", "line 5: value is 'a quarter', not a"),
    (PROBABILITIES, "0.25,0.1,0.4", "0.25,nan,0.4", "line 5: low is 'nan', not a number."),
    (
        PROBABILITIES,
        "0.4,expert,",
        "0.4,smyth,",
        "line 5: unknown source key 'smyth'. Did you mean 'smith'? Known: expert, smith.",
    ),
    (PROBABILITIES, "0.4,expert,", "0.4,,", "line 5: source is empty. Fill it in."),
    (PROBABILITIES, "expert,D", "expert,E", "line 5: unknown grade 'E'. Known: A, B, C, D."),
    (
        PROBABILITIES,
        CYCLE,
        f"weak,absent,,0.7,0.8,0.9,smith,B,,,,\n{CYCLE}",
        "line 3: the interval 0.8 to 0.9 of weak=absent does not contain the value 0.7.",
    ),
    (
        PROBABILITIES,
        "expert,D,,",
        "expert,D,leak,",
        "line 2: the draw group leak stands for other numbers in ",
    ),
    # links
    (
        LINKS,
        PAIN_WEAK,
        PAIN_WEAK * 2,
        "line 4: the link weak=present → pain stands twice for yes, also in line 3. Remove one.",
    ),
    (LINKS, LEAK, "", "line 2: pain has no leak. Add a row with the cause leak."),
    (LINKS, "pain,yes,leak,,", "pain,yes,leak,x,", "line 2: cause_state is 'x'; a leak has none."),
    (
        LINKS,
        "weak,present,strength",
        "weak,absent,strength",
        "line 3: absent is the reference state of weak and has no strength. Known: present.",
    ),
    (
        LINKS,
        "pain,yes,weak,",
        "pain,no,weak,",
        "line 3: no is the first state of pain; a cause can only raise it. Known: yes.",
    ),
    (
        LINKS,
        STRONG,
        STRONG + "pain,yes,sign,mild,strength,0.5,0.3,0.7,smith,B,,,,\n",
        "line 9: the link sign → pain lacks the cause state strong. Add a row.",
    ),
    (
        LINKS,
        STRONG,
        "",
        "line 7: the link ill=present → sign lacks the effect state strong. Add a row.",
    ),
    (
        LINKS,
        "0.5,0.35,0.65",
        "0.8,0.35,0.85",
        "lines 7, 8: the strengths of ill=present → sign sum to 1.1, above 1. Lower one.",
    ),
    (LINKS, "pain,yes,weak,", "pian,yes,weak,", "line 3: unknown variable 'pian'. Did you mean"),
    (LINKS, "pain,yes,weak,", "pain,yse,weak,", "line 3: unknown state of pain 'yse'. Did you"),
    (LINKS, "pain,yes,weak,", "pain,yes,weka,", "line 3: unknown variable 'weka'. Did you mean"),
    (LINKS, "weak,present,str", "weak,preset,str", "line 3: unknown state of weak 'preset'. Did"),
    (LINKS, "pain,yes,weak,", "pain,yes,,", "line 3: cause is empty. Fill it in."),
    (
        LINKS,
        "weak,present,strength",
        "weak,present,strenght",
        "line 3: unknown quantity 'strenght'. Did you mean 'strength'? Known: strength, causal_sha",
    ),
    (
        LINKS,
        STRONG,
        STRONG + "ill,present,weak,present,strength,0.5,0.3,0.7,smith,B,,,,\n",
        "line 9: ill has a full table in probabilities.csv; remove the link or the table.",
    ),
    (LINKS, SHARE, SHARE * 2, "line 5: the causal share of weak → pain stands twice. Remove one."),
    (
        LINKS,
        "pain,,weak,,causal_share",
        "pain,,weak,present,causal_share",
        "line 4: a causal share is of the whole link weak → pain: leave cause_state and effect_s",
    ),
    (
        LINKS,
        "pain,,weak,,causal_share",
        "pain,,age,,causal_share",
        "line 4: there is no link age → pain to have a causal share. Add the link first.",
    ),
    # variables, states and sources
    (
        "states.csv",
        "ill,present,Yes\n",
        "",
        "variables.csv, line 4: ill has 1 states and needs two",
    ),
    (
        "states.csv",
        "ill,present,Yes\n",
        "ill,absent,Yes\n",
        "states.csv, line 7: state absent of ill stands twice, also in line 6. Remove or rename",
    ),
    ("states.csv", "ill,present,Yes", "ill,present,", "states.csv, line 7: label is empty."),
    (
        "states.csv",
        "drop,no,No\n",
        "drop,no,No\ndorp,no,No\n",
        "states.csv, line 14: unknown variable 'dorp'. Did you mean 'drop'?",
    ),
    ("variables.csv", "ill,condition", "pain,condition", "line 5: the name pain is taken. Remove"),
    ("variables.csv", "ill,condition", "leak,condition", "line 4: the name leak is taken. Remove"),
    ("variables.csv", "ill,condition", "ill,conditoin", "line 4: unknown layer 'conditoin'. Did"),
    (
        "variables.csv",
        "ill,condition,illness,none",
        "ill,condition,illness,nun",
        "unknown ask 'nun'",
    ),
    ("variables.csv", "Pain,,Does", "Pain,Does", "line 5: 8 cells where the header has 9. Quote"),
    ("sources.csv", "smith,Smith", "expert,Smith", "line 3: the source key expert stands twice."),
    ("sources.csv", ",read\n", "\n", "line 1: the columns must be key, citation, year, identifier"),
]


@pytest.mark.parametrize(
    ("table", "old", "new", "message"), BROKEN, ids=[message[-40:] for *_, message in BROKEN]
)
def test_a_broken_table_is_named(
    tmp_path: Path, table: str, old: str, new: str, message: str
) -> None:
    folder = write_tables(tmp_path, table, old, new)
    with pytest.raises(TableError) as caught:
        load_model(folder)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))
    assert str(caught.value).endswith(".")


def test_a_cycle_names_the_lines_of_its_arrows(tmp_path: Path) -> None:
    """weak → pain by a link, pain → weak by a table."""
    rows = "".join(f"weak,present,pain={s},0.3,0.2,0.4,smith,B,,,,\n" for s in ("no", "yes"))
    folder = write_tables(tmp_path, PROBABILITIES, CYCLE, rows)
    with pytest.raises(TableError) as caught:
        load_model(folder)
    message = str(caught.value)
    assert f"{folder / LINKS}, line 3" in message
    assert f"{folder / PROBABILITIES}, line 4" in message
    assert message.endswith(
        (": weak → pain → weak. Remove one.", ": pain → weak → pain. Remove one.")
    )


def test_a_variable_that_causes_itself_is_a_cycle(tmp_path: Path) -> None:
    row = "pain,yes,pain,yes,strength,0.5,0.3,0.7,smith,B,,,,\n"
    folder = write_tables(tmp_path, LINKS, PAIN_WEAK, PAIN_WEAK + row)
    with pytest.raises(TableError, match=r"links\.csv, line 4: the arrows .*: pain → pain\."):
        load_model(folder)


@pytest.mark.parametrize(
    "table",
    sorted(
        set(TABLES)
        - {
            "targets.csv",
            "explanations.csv",
            "target_settings.csv",
            "predictions.csv",
            "verification.csv",
        }
    ),
)
def test_a_missing_table_is_named(tmp_path: Path, table: str) -> None:
    folder = write_tables(tmp_path)
    (folder / table).unlink()
    with pytest.raises(TableError) as caught:
        load_model(folder)
    assert str(caught.value).startswith(f"{folder / table} is missing. ")
