"""What is written for other tools is read back the same, by readers right for the format."""

from __future__ import annotations

import csv
import gzip
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import networks

from lumbayes.errors import LumbayesError, TableError
from lumbayes.knowledge.model import Model
from lumbayes.network.formats import export, read_network
from lumbayes.network.variables import Network, Table, Variable
from lumbayes.text import plain_cell

AWKWARD = Network(
    [
        Variable("a b", ("<2h", "mild/moderate"), (), Table(np.array([0.25, 0.75]))),
        Variable("2nd", ("severe (>7)", 'no "x"'), ("a b",), Table(np.array([[0.1, 0.9], [1, 0]]))),
    ]
)

HEAD = "variable,state,given,probability\n"
DEFINITION = "<DEFINITION><FOR>x</FOR><TABLE>0.4 0.6</TABLE></DEFINITION>"


def xmlbif(more: str) -> str:
    """A file with one variable, and something more."""
    variable = "<VARIABLE><NAME>x</NAME><OUTCOME>a</OUTCOME><OUTCOME>b</OUTCOME></VARIABLE>"
    return f"<BIF><NETWORK>{variable}{DEFINITION}{more}</NETWORK></BIF>"


def xdsl(more: str) -> str:
    """A file with one variable, and something more in it."""
    states = '<state id="a"/><state id="b"/><probabilities>0.4 0.6</probabilities>'
    return f'<smile><nodes><cpt id="x">{states}{more}</cpt></nodes></smile>'


BIF = "variable x { type discrete [ 2 ] { a, b }; }\nprobability ( x ) { table 0.4, 0.6; }\n"


def same(network: Network, other: Network, tolerance: float = 1e-12) -> None:
    """Both networks have the same variables, parents, states and numbers."""
    assert set(network) == set(other)
    for name, variable in network.variables.items():
        assert other[name].states == variable.states
        assert other[name].parents == variable.parents
        np.testing.assert_allclose(other[name].cpt, variable.cpt, rtol=0, atol=tolerance)


@pytest.mark.parametrize("ending", ["bif", "xml", "bifxml", "csv", "net"])
def test_our_network_comes_back_the_same(model: Model, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"network.{ending}"
    assert export(model.network, path) == ()
    same(model.network, read_network(path).network)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_xdsl_comes_back_but_for_names_that_genie_refuses(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "network.xdsl"
    notes = export(model.network, path, {"gtps": "Hip pain"})
    read = read_network(path).network
    assert any("s_18_29" in note for note in notes)
    for name, variable in model.network.variables.items():
        assert read[name].parents == variable.parents
        np.testing.assert_allclose(read[name].cpt, variable.cpt, rtol=0, atol=1e-15)
        words = [name, *read[name].states]
        assert all(w[0].isalpha() and w.replace("_", "").isalnum() for w in words)
    shown = ET.parse(path).getroot().find("extensions/genie/node[@id='gtps']/name")
    assert shown is not None and shown.text == "Hip\N{NO-BREAK SPACE}pain"


SMALL = Network(
    [
        Variable("age", ("18_29", "30_up"), (), Table(np.array([0.3, 0.7]))),
        Variable("ill", ("no", "mild", "bad"), ("age",), Table(np.array([[0.5, 0.3, 0.2]] * 2))),
        Variable(
            "test",
            ("neg", "pos"),
            ("ill", "age"),
            Table(
                np.array(
                    [
                        [[0.99999, 1e-5], [0.8, 0.2]],
                        [[0.6, 0.4], [0.5, 0.5]],
                        [[0.25, 0.75], [0.125, 0.875]],
                    ]
                )
            ),
        ),
    ]
)
# pyAgrum reads and writes the parents in XDSL and UAI in the order opposite to the manuals.
CHAIN = Network([v for v in SMALL.variables.values() if v.name != "test"])
PEERS = ["bif", "bifxml", "xdsl", "net", "uai"]


def by_position(network: Network, read: Network, order: list[str]) -> None:
    """The numbers agree; ``order`` names the variables of ``read`` in the order of ``network``."""
    named = dict(zip(network, order, strict=True))
    for name, variable in network.variables.items():
        other = read[named[name]]
        axes = [other.parents.index(named[p]) for p in variable.parents]
        table = other.cpt.transpose([*axes, len(axes)])
        np.testing.assert_allclose(table, variable.cpt, rtol=0, atol=1e-6)


@pytest.mark.parametrize("ending", PEERS)
def test_pgmpy_and_we_read_each_other(tmp_path: Path, ending: str) -> None:
    import pgmpy.readwrite as rw

    from lumbayes.network.pgmpy_models import from_pgmpy, to_pgmpy

    kind = {"bif": "BIF", "bifxml": "XMLBIF", "xdsl": "XDSL", "net": "NET", "uai": "UAI"}[ending]
    ours, theirs = tmp_path / f"ours.{ending}", tmp_path / f"theirs.{ending}"
    export(SMALL, ours)
    if ending != "uai":  # which it reads with own states slowest, against the standard
        read = from_pgmpy(getattr(rw, f"{kind}Reader")(str(ours)).get_model()).network
        by_position(SMALL, read, list(SMALL))
    model = to_pgmpy(SMALL)
    getattr(rw, f"{kind}Writer")(model).write(str(theirs))
    again = read_network(theirs)
    if ending == "uai":  # its own order of variables, and no names
        assert "pgmpy" in again.notes[0]
        assert tables(again.network) == tables(SMALL)
    else:
        by_position(SMALL, again.network, list(SMALL))


def tables(network: Network) -> list[list[float]]:
    """The numbers of each table, whatever their order."""
    return sorted(sorted(v.cpt.ravel().round(5).tolist()) for v in network.variables.values())


@pytest.mark.parametrize("ending", PEERS)
def test_pyagrum_and_we_read_each_other(tmp_path: Path, ending: str) -> None:
    gum = pytest.importorskip("pyagrum")
    labels = {"age": "Age of the person", "ill": 'Is it ill, or "well"?', "test": "The test"}
    ours, theirs = tmp_path / f"ours.{ending}", tmp_path / f"theirs.{ending}"
    network = CHAIN if ending in ("xdsl", "uai") else SMALL
    export(network, ours, labels)
    read = gum.loadBN(str(ours))
    names = {n: n for n in network}
    if ending == "uai":
        names = {n: str(i) for i, n in enumerate(network)}
    if ending == "xdsl":  # what GeNIe shows is the name there, and what we call it the description
        names = {n: label.replace(" ", "\N{NO-BREAK SPACE}") for n, label in labels.items()}
        assert [read.variable(names[n]).description() for n in network] == list(network)
    for name, variable in network.variables.items():
        table = read.cpt(names[name])
        order = [table.names.index(names[n]) for n in (*variable.parents, name)]
        axes = table.toarray().transpose([len(table.names) - 1 - i for i in order])
        np.testing.assert_allclose(axes, variable.cpt, rtol=0, atol=1e-6)
        if ending not in ("uai", "xdsl"):
            assert read.variable(name).labels() == variable.states
    if ending == "bif":  # it writes no names that begin with a digit
        read = gum.fastBN("a{x|y|z}->b{u|v}<-c{s|t}", 2)
    else:
        export(network, tmp_path / "plain.bifxml")
        read = gum.loadBN(str(tmp_path / "plain.bifxml"))
    gum.saveBN(read, str(theirs))
    again = read_network(theirs).network
    assert ending == "uai" or set(again) == set(read.names())
    written = [np.sort(read.cpt(n).toarray().ravel()).round(5).tolist() for n in read.names()]
    np.testing.assert_allclose(np.hstack(tables(again)), np.hstack(sorted(written)), atol=1e-5)


FORMULAS = ("=1+1", "'=1+1", "''@a", "@a", "-b", "-1", "+c", "'d", "\uff1d2", "e")


@pytest.mark.parametrize("raw", [False, True])
def test_a_csv_holds_no_formula_unless_raw_and_is_read_back_as_it_was(
    tmp_path: Path, raw: bool
) -> None:
    names = [n for n in FORMULAS if not (raw and n.startswith("'"))]  # a mark is told by its form
    half = Table(np.array([0.5, 0.5]))
    several = [Variable(n, (n, f"{n}2"), (), half) for n in names[:-1]]
    child = Variable("e", ("=x", "y"), (names[0],), Table(np.full((2, 2), 0.5)))
    path = tmp_path / "a.csv"
    notes = export(Network([*several, child]), path, raw=raw)
    cells = [cell for row in csv.reader(path.read_text().splitlines()) for cell in row]
    assert raw or all(plain_cell(cell) == cell for cell in cells)
    assert raw or "=1+1" not in cells
    assert not raw or ("=1+1" in cells and not notes)
    assert raw or "an apostrophe was put before" in notes[0]
    again = read_network(path).network
    assert {n: v.states for n, v in again.variables.items()} == {
        v.name: v.states for v in [*several, child]
    }


@pytest.mark.parametrize("ending", ["bif", "xml", "net", "csv", "uai", "xdsl"])
def test_who_writes_what_pyagrum_reads_otherwise_is_told(tmp_path: Path, ending: str) -> None:
    one = [Variable(n, ("x", "y"), (), Table(np.array([0.5, 0.5]))) for n in "ab"]
    child = Variable("c", ("x", "y"), ("a", "b"), Table(np.full((2, 2, 2), 0.5)))
    path = tmp_path / f"n.{ending}"
    assert ("pyAgrum" in " ".join(export(Network([*one, child]), path))) == (
        ending in ("uai", "xdsl")
    )
    assert "pyAgrum" not in " ".join(export(Network(one), path))


@pytest.mark.parametrize("ending", ["xdsl", "uai"])
def test_what_pyagrum_wrote_is_read_with_its_order_of_parents(tmp_path: Path, ending: str) -> None:
    """pyAgrum has the first parent of XDSL and UAI fastest, SMILE's manual and UAI's the last.

    So it reads another network than we and pgmpy in a file that keeps to the manuals. What it
    writes can be told from that, and means the same to both.
    """
    gum = pytest.importorskip("pyagrum")
    made = gum.fastBN("a{x|y|z}->b{u|v}<-c{s|t};c->d[4]<-b;a->d", 2)
    gum.saveBN(made, str(tmp_path / f"a.{ending}"))
    read = read_network(tmp_path / f"a.{ending}").network
    again = gum.loadBN(str(tmp_path / f"a.{ending}"))
    number = {n: f"x{made.idFromName(n)}" if ending == "uai" else n for n in made.names()}
    for name in made.names():
        table = made.cpt(name)
        order = [*(number[n] for n in reversed(table.names) if n != name), number[name]]
        variable = read[number[name]]
        ours = variable.cpt.transpose([(*variable.parents, variable.name).index(n) for n in order])
        axes = [i for i, n in enumerate(reversed(table.names)) if n != name]
        axes.append(list(reversed(table.names)).index(name))
        np.testing.assert_allclose(ours, table.toarray().transpose(axes), atol=1e-5)
    assert again.size() == made.size()


SIGNS = (
    *("a b", "Is it?", "x,y", "<2h", ">=3", "é", "a&b", 'q"x', "it's", "a;b", "a|b", "(c)", "[d]"),
    *("{e}", "50%", "a/b", "a\\b", "#h", "$1", "-1", "2nd", "a=b", "a:b", "true", "&amp;", "日本"),
)


def odd_network(seed: int) -> Network:
    """Four variables, of two or three states, with names and states of odd signs."""
    rng = np.random.default_rng(seed)
    names = [str(n) for n in rng.permutation(SIGNS)[:4]]
    cards = rng.integers(2, 4, 4).tolist()
    made: list[Variable] = []
    for i, name in enumerate(names):
        parents = [j for j in range(i) if rng.random() < 0.7]
        shape = [cards[j] for j in parents]
        table = rng.dirichlet(np.ones(cards[i]), shape or None)
        states = tuple(str(s) for s in rng.permutation(SIGNS)[: cards[i]])
        made.append(Variable(name, states, tuple(names[j] for j in parents), Table(table)))
    return Network(made)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ending", ["bifxml", "xdsl"])
def test_pgmpy_reads_odd_names_as_we_do(tmp_path: Path, ending: str, seed: int) -> None:
    """Its readers of BIF and .net know no quotes: blanks and commas divide names there."""
    import pgmpy.readwrite as rw

    from lumbayes.network.pgmpy_models import from_pgmpy

    path = tmp_path / f"a.{ending}"
    export(odd_network(seed), path)
    reader = rw.XDSLReader if ending == "xdsl" else rw.XMLBIFReader
    theirs, ours = from_pgmpy(reader(str(path)).get_model()).network, read_network(path).network
    assert set(theirs) == set(ours)
    for name, variable in ours.variables.items():
        assert theirs[name].states == variable.states
    by_position(ours, theirs, list(ours))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ending", ["bifxml", "xdsl"])
def test_pyagrum_shows_odd_names_as_we_do(tmp_path: Path, ending: str, seed: int) -> None:
    """Its BIF takes words alone, its .net loses short states beyond ASCII and knows no escapes.

    Back from it no odd name comes: it writes names of XDSL and BIFXML without escapes of XML, and
    makes one identifier of several names.
    """
    gum = pytest.importorskip("pyagrum")
    path, network = tmp_path / f"a.{ending}", odd_network(seed)
    export(network, path)
    read = gum.loadBN(str(path))
    ids = read_network(path).network
    named = dict(zip(network, network, strict=True))
    if ending == "xdsl":
        named = {n: n.replace(" ", "\N{NO-BREAK SPACE}") for n in network}
        shown = {read.variable(n).description() for n in named.values()}
        assert shown == set(ids)
    for name, own in zip(network, ids, strict=True):
        variable = network[name]
        found = read.variable(named[name])
        assert found.labels() == (ids[own].states if ending == "xdsl" else variable.states)
        table = read.cpt(named[name])
        order = [named[p] for p in variable.parents]
        if ending == "xdsl":  # see the test of its order of parents, above
            order.reverse()
        places = [table.names.index(n) for n in (*order, named[name])]
        numbers = table.toarray().transpose([len(table.names) - 1 - i for i in places])
        np.testing.assert_allclose(numbers.ravel(), variable.cpt.ravel(), atol=1e-6)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(network=networks())
def test_any_network_comes_back_from_any_format(tmp_path: Path, network: Network) -> None:
    for ending in ("bif", "xml", "xdsl", "net", "csv"):
        path = tmp_path / f"network.{ending}"
        export(network, path)
        same(network, read_network(path).network)
    export(network, tmp_path / "network.uai")
    read = read_network(tmp_path / "network.uai").network
    by_position(network, read, [f"x{i}" for i in range(len(network))])


def test_awkward_names_survive_or_are_refused(tmp_path: Path) -> None:
    notes = export(AWKWARD, tmp_path / "a.xdsl")
    assert "a b: written as a_b with states s__2h" in notes[0]
    for ending in ("xml", "csv", "bif"):
        export(AWKWARD, tmp_path / f"a.{ending}")
        same(AWKWARD, read_network(tmp_path / f"a.{ending}").network)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)
DIVIDING = st.text(st.sampled_from("a ,;=\"'\\/*|%(){}[]#&<>.-é"), min_size=1, max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(
        st.one_of(WORDS, DIVIDING).map(str.strip).filter(bool), min_size=5, max_size=5, unique=True
    )
)
def test_names_of_any_kind_come_back(tmp_path: Path, names: list[str]) -> None:
    """BIF, XML and CSV keep any name; .net keeps states; the others say what they made of them."""
    up, down, low, high, other = names
    network = Network(
        [
            Variable(up, (low, high), (), Table(np.array([0.25, 0.75]))),
            Variable(down, (other, low), (up,), Table(np.array([[0.1, 0.9], [1, 0]]))),
        ]
    )
    for ending in ("bif", "xml", "csv", "net", "xdsl", "uai"):
        path = tmp_path / f"a.{ending}"
        notes = export(network, path)  # reads it back and compares
        read = read_network(path).network
        if ending in ("bif", "xml", "csv"):
            same(network, read)
            assert not notes or (ending == "csv" and "apostrophe" in notes[0])
        if ending == "net":
            assert sorted(v.states for v in read.variables.values()) == sorted(
                v.states for v in network.variables.values()
            )
        assert notes or set(read) == set(network)


@pytest.mark.parametrize("ending", ["bif", "xml", "csv", "net", "xdsl", "uai"])
@pytest.mark.parametrize("name", ["a\nb", "\0", "\x1b[31m"])
def test_names_that_no_text_holds_are_refused(tmp_path: Path, ending: str, name: str) -> None:
    network = Network([Variable("a", (name, "b"), (), Table(np.array([0.9, 0.1])))])
    with pytest.raises(LumbayesError, match="cannot be written to a file"):
        export(network, tmp_path / f"a.{ending}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.xml", "<BIF><NETWORK>", "cannot be read as XMLBIF"),
        ("a.xml", "<BIF/>", "no variable found"),
        ("a.xdsl", '<smile><nodes><noisymax id="x"/></nodes></smile>', "of kind noisymax"),
        ("a.xdsl", '<smile><nodes><cpt id="x"><state id="a"/></cpt></nodes></smile>', "needs 1"),
        ("a.csv", "variable,p\nx,1\n", "the columns must be"),
        ("a.csv", HEAD + "x,a,\n", "line 2: 3 cells where 4 are needed"),
        ("a.csv", HEAD + "x,a,,0.5\nx,b,,0.5\nx,b,,0.5\n", "line 4: .* stands twice"),
        ("a.csv", HEAD + "x,a,,half\n", "a.csv, line 2: .* has 'half' for a probability"),
        ("a.csv", HEAD + "x,a,,\n", "a.csv, line 2: .* has '' for a probability"),
        ("a.csv", HEAD + "x,a,,1e999\n", "has '1e999' for a probability"),
        ("a.csv", HEAD + "x,a\0,,1\n", r"a.csv: 'a.x00' is no name of a state of x"),
        ("a.csv", HEAD + "x,a,x=a,1\n", "a.csv: the arrows form a cycle: x → x"),
        ("a.csv", HEAD + "x,a,y=b,1\n", "unknown parent of x"),
        (
            "a.csv",
            HEAD + "y,b,,1\nx,a,y=c,1\n",
            "unknown state of y in a.csv, in the table of x, 'c'",
        ),
        ("a.csv", HEAD + "y,b,,1\ny,c,,0\nx,a,y=b,1\n", "x lacks 1 rows, such as y=c, x=a"),
        ("a.csv", HEAD + "y,b,,1\nx,a,y=b,1\nx,b,,0\n", "line 4: x is given 'nothing' here"),
        ("a.csv", HEAD + '"x,a,,1\n', "cannot be read as CSV"),
        ("a.xml", xmlbif("<VARIABLE><NAME>x</NAME></VARIABLE>"), "the variable x is given twice"),
        ("a.xml", xmlbif(DEFINITION), "the table of x is given twice"),
        ("a.xml", xmlbif("").replace("0.4", "NaN"), "x has 'NaN' for a probability"),
        ("a.xml", xmlbif("").replace("0.4", "-0.4"), "x has '-0.4' for a probability"),
        ("a.xml", xmlbif("").replace("0.4", ""), "x needs 2 probabilities, found 1"),
        ("a.xdsl", '<smile><nodes><cpt id="x"/><cpt id="x"/></nodes></smile>', "given twice"),
        ("a.xml", xmlbif("").replace("<FOR>x", "<FOR>x</FOR><FOR>y"), "FOR stands 2 times"),
        ("a.xml", xmlbif("").replace("<TABLE>", "<TABLE>1 0</TABLE><TABLE>"), "TABLE stands 2"),
        ("a.xml", xmlbif("").replace("<NAME>", "<NAME>y</NAME><NAME>"), "NAME stands 2 times"),
        ("a.xml", xmlbif("").replace("E>b<", "E>a<"), "a.xml: x: it needs states that differ"),
        ("a.xml", xmlbif("").replace("E>b<", "E> <"), "a.xml: '' is no name of a state of x"),
        (
            "a.xml",
            xmlbif("").replace("<VARIABLE>", '<VARIABLE TYPE="decision">'),
            "x is of type decision. Only chance variables",
        ),
        ("a.xdsl", xdsl("<probabilities>1 0</probabilities>"), "probabilities stands 2 times"),
        ("a.xdsl", xdsl("<parents/><parents>x</parents>"), "parents stands 2 times"),
        ("a.xdsl", xdsl("").replace('<state id="b"/>', "<state/>"), "a.xdsl: '' is no name of a"),
        ("a.bif", BIF.replace("b }", "a }"), "a.bif: x: it needs states that differ, got a, a"),
        ("a.bif", BIF.replace("b }", "b\0 }"), "a.bif: .* is no name of a state of x"),
        ("a.doc", "", "Known: .bif"),
    ],
)
def test_a_broken_file_is_an_error_that_names_the_place(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises((TableError, LumbayesError), match=message):
        read_network(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"), [("a.xml", xmlbif("")), ("a.xdsl", xdsl("")), ("a.bif", BIF)]
)
def test_the_broken_files_are_read_where_nothing_is_broken(
    tmp_path: Path, name: str, text: str
) -> None:
    """Else the tests above would refuse them for some other reason."""
    (tmp_path / name).write_text(text)
    np.testing.assert_array_equal(read_network(tmp_path / name).network["x"].cpt, [0.4, 0.6])


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16", "utf-8"])
def test_other_encodings_are_read_if_the_file_says_so(tmp_path: Path, encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    content = (head + xmlbif("").replace("E>b<", "E>bécasse<")).encode(encoding)
    (tmp_path / "a.xml").write_bytes(content)
    assert read_network(tmp_path / "a.xml").network["x"].states == ("a", "bécasse")
    (tmp_path / "a.bif").write_bytes(BIF.replace("b }", "é }").encode("latin-1"))
    with pytest.raises(TableError, match="it is not utf-8 text"):
        read_network(tmp_path / "a.bif")


def test_a_csv_of_tables_is_read_by_its_cells_not_by_their_order(
    model: Model, tmp_path: Path
) -> None:
    """Sorted like a spreadsheet or shuffled, every number keeps its place."""
    path = tmp_path / "network.csv"
    export(model.network, path)
    head, *rows = path.read_text().splitlines()
    shuffled = np.random.default_rng(0).permutation(len(rows))
    for order in (sorted(rows), [rows[i] for i in shuffled]):
        path.write_text("\n".join([head, *order]) + "\n")
        read = read_network(path).network
        for name, variable in model.network.variables.items():
            own = (*variable.parents, name)
            axes = [read[name].parents.index(p) for p in variable.parents] + [len(own) - 1]
            table = read[name].cpt.transpose(axes)
            places = [[read[n].states.index(s) for s in model.network[n].states] for n in own]
            np.testing.assert_allclose(table[np.ix_(*places)], variable.cpt, rtol=0, atol=1e-15)


@pytest.mark.parametrize("ending", ["bif", "xml", "xdsl", "csv"])
def test_a_packed_file_holds_the_bytes_of_the_plain_one(tmp_path: Path, ending: str) -> None:
    network = Network([Variable("ill", ("no", "yes"), (), Table(np.array([0.9, 0.1])))])
    for name in (f"n.{ending}", f"n.{ending}.gz"):
        export(network, tmp_path / name)
        same(network, read_network(tmp_path / name).network)
    packed = (tmp_path / f"n.{ending}.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / f"n.{ending}").read_bytes()
    (tmp_path / f"n.{ending}.gz").write_bytes(packed[:12] + b"\xff\xff\xff" + packed[15:])
    with pytest.raises(TableError, match="cannot be read"):
        read_network(tmp_path / f"n.{ending}.gz")


def test_any_bif_network_can_be_asked(tmp_path: Path) -> None:
    from lumbayes.inference.queries import posterior

    network = Network(
        [
            Variable("ill", ("no", "yes"), (), Table(np.array([0.9, 0.1]))),
            Variable("test", ("neg", "pos"), ("ill",), Table(np.array([[0.9, 0.1], [0.2, 0.8]]))),
        ]
    )
    export(network, tmp_path / "n.bif")
    read = read_network(tmp_path / "n.bif").network
    assert posterior(read, "ill", {"test": "pos"})["yes"] == pytest.approx(0.08 / 0.17)
