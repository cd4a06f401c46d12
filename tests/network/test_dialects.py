"""Files as other tools write them: comments anywhere, early XMLBIF, classes of Hugin, UAI."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lumbayes.errors import LumbayesError, TableError
from lumbayes.network.formats import read_network
from lumbayes.network.variables import Network

BIF = r"""// Bayesian network
network "a } b" { // 2 variables
  property p { x } ;
  property "author // not a comment ; nor an end" ;
  property url http://example.org/x ;
}
/* several
lines */variable "say \"hi\", \\ you"{// "f"
  type/**/discrete[ 2 ]{t,f// "f"
  };
  property position = (10, 20) ;
}
variable b{type discrete[2]{x/y,f//f
};}
probability("say \"hi\", \\ you"){table 0.25/* a */0.75;}
probability(b|"say \"hi\", \\ you"){property x;(t)0.5 0.5;default 0.125,0.875;}
"""
EARLY = """<?XML VERSION="1.0"?>
<!-- Produced by JavaBayes -->
<!DOCTYPE BIF [ <!ELEMENT BIF ( NETWORK )*> ]>
<BIF><NETWORK><NAME>x</NAME>
<VARIABLE><NAME>a</NAME><TYPE>discrete</TYPE><VALUE>t</VALUE><VALUE>f</VALUE></VARIABLE>
<VARIABLE><NAME>b</NAME><TYPE>discrete</TYPE><VALUE>x/y</VALUE><VALUE>f</VALUE></VARIABLE>
<PROBABILITY><FOR>a</FOR><TABLE>0.25 0.75</TABLE></PROBABILITY>
<PROBABILITY><FOR>b</FOR><GIVEN>a</GIVEN>%s</PROBABILITY>
</NETWORK></BIF>
"""
NET = """class x {
  inputs = (); % none
  node a { label = "a % sign; and }"; states = ("t" "f"); }
  discrete node b { states = ("x/y" "f"); position = (1 2); HR_Desc = "d"; }
  potential (a) { data = (0.25 0.75); }
  potential (b | a) { model_nodes = (); data = ((0.5 0.5) % t
                                               (0.125 0.875)); }
}
"""
UAI = "BAYES\n2\n2 2\n2\n1 0 # a\n2 0 1\n\n2\n 0.25 0.75\n4\n 0.5 0.5\n 0.125 0.875\n"
SMALL_LETTERS = (
    (EARLY % "<TABLE>0.5 0.125 0.5 0.875</TABLE>").lower().replace("!doctype", "!DOCTYPE")
)
SMALL_LETTERS = SMALL_LETTERS.replace("!element", "!ELEMENT")
SPOKEN = 'say "hi", \\ you'


def read(folder: Path, name: str, text: str) -> Network:
    (folder / name).write_text(text)
    return read_network(folder / name).network


@pytest.mark.parametrize(
    ("name", "text", "first", "states"),
    [
        ("a.bif", BIF, SPOKEN, ("x/y", "f")),
        ("a.xml", EARLY % "<TABLE>0.5 0.125 0.5 0.875</TABLE>", "a", ("x/y", "f")),
        (
            "a.xml",
            EARLY % "<DEFAULT>0.125 0.875</DEFAULT>"
            "<ENTRY><VALUE>t</VALUE><TABLE>0.5 0.5</TABLE></ENTRY>",
            "a",
            ("x/y", "f"),
        ),
        ("a.xml", SMALL_LETTERS, "a", ("x/y", "f")),
        ("a.net", NET, "a", ("x/y", "f")),
        ("a.net", NET.partition("\n")[2].rpartition("}")[0], "a", ("x/y", "f")),
        ("a.uai", UAI, "x0", ("0", "1")),
    ],
)
def test_each_dialect_says_the_same(
    tmp_path: Path, name: str, text: str, first: str, states: tuple[str, ...]
) -> None:
    network = read(tmp_path, name, text)
    second = next(n for n in network if n != first)
    assert network[second].states == states and network[second].parents == (first,)
    np.testing.assert_allclose(network[first].cpt, [0.25, 0.75], atol=1e-15)
    np.testing.assert_allclose(network[second].cpt, [[0.5, 0.5], [0.125, 0.875]], atol=1e-15)


def test_deterministic_nodes_of_genie_are_read(tmp_path: Path) -> None:
    text = """<smile><nodes>
      <cpt id="a"><state id="t"/><state id="f"/><probabilities>0.25 0.75</probabilities></cpt>
      <deterministic id="b"><state id="u"/><state id="v"/><parents>a</parents>
      <resultingstates>v u</resultingstates></deterministic></nodes></smile>"""
    assert read(tmp_path, "a.xdsl", text)["b"].cpt.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.bif", BIF.replace("x/y,f//f\n", "x/y,f/*f\n"), r"found '\[ 2 \]', expected \[ 4 \]"),
        ("a.bif", BIF.replace("default", "defalt"), "expected a row for every combination"),
        ("a.xml", EARLY % "<TABLE>1 0</TABLE>", "b needs 4 probabilities, found 2"),
        ("a.xml", EARLY % "<ENTRY><VALUE>u</VALUE></ENTRY>", "unknown state of a in a.xml"),
        ("a.xml", EARLY % "<DEFAULT>1</DEFAULT>", "a row of b needs 2 probabilities"),
        ("a.xml", EARLY % "", "the table of b lacks rows"),
        ("a.xml", '<!DOCTYPE x [<!ENTITY a "aa">]><BIF/>', "defines entities"),
        ("a.net", NET.replace("discrete", "decision"), "line 4: found 'decision', expected a chan"),
        ("a.net", NET.replace("(b | a)", "(b a)"), "line 6: found 'b a', expected one node"),
        ("a.net", NET.replace("potential (b | a)", "potential (c | a)"), "no table for b"),
        ("a.net", NET[:200], "the file ends in the middle of a block"),
        ("a.net", NET.replace("0.875", "x"), "line 6: the table of b has 'x' for a probability"),
        ("a.net", NET.replace('("t" "f")', "()"), "expected the states of a"),
        ("a.uai", UAI.replace("BAYES", "MARKOV"), "begins with 'MARKOV', not BAYES"),
        ("a.uai", UAI.replace("2 0 1", "2 0 9"), "scope 1 names no variable"),
        ("a.uai", UAI[:-10], "x1 needs 4 probabilities. Is it cut short"),
        ("a.uai", "BAYES 3 2", "found the end, expected the number of states of x1"),
        ("a.uai", "BAYES 99999999999", "expected the number of variables"),
    ],
)
def test_what_is_wrong_in_a_dialect_is_said_with_its_place(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises((TableError, LumbayesError), match=message):
        read(tmp_path, name, text)
