"""Reading BIF files: what they say, what is put right, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from lumbayes.errors import LumbayesError
from lumbayes.network.bif import read_bif

GOOD = """
network unknown { property "made by hand"; }
// a comment
variable rain { type discrete [ 2 ] { no, yes }; property position = (1, 2); }
variable "wet grass" { type discrete [ 3 ] { dry, damp, "very wet" }; }
probability ( rain ) { table 0.8, 0.2; }
probability ( "wet grass" | rain ) {
  (yes) 0.1, 0.2, 0.7;
  (no) 0.9, 0.08, 0.02;
}
"""


def written(folder: Path, text: str) -> Path:
    """Write a file to read."""
    path = folder / "net.bif"
    path.write_text(text)
    return path


def test_names_states_and_rows_are_read_as_written(tmp_path: Path) -> None:
    reading = read_bif(written(tmp_path, GOOD))
    grass = reading.network["wet grass"]
    assert grass.states == ("dry", "damp", "very wet")
    assert grass.parents == ("rain",)
    np.testing.assert_allclose(grass.cpt, [[0.9, 0.08, 0.02], [0.1, 0.2, 0.7]])
    assert reading.notes == ()


def test_a_whole_table_and_a_default_row_are_read(tmp_path: Path) -> None:
    text = GOOD.replace("(yes) 0.1, 0.2, 0.7;", "default 0.1, 0.2, 0.7;")
    np.testing.assert_allclose(
        read_bif(written(tmp_path, text)).network["wet grass"].cpt[1], [0.1, 0.2, 0.7]
    )
    rows = GOOD[GOOD.index("(yes)") : GOOD.rindex("}")]
    text = GOOD.replace(rows, "table 0.9, 0.1, 0.08, 0.2, 0.02, 0.7; ")
    np.testing.assert_allclose(
        read_bif(written(tmp_path, text)).network["wet grass"].cpt[1], [0.1, 0.2, 0.7]
    )


def test_a_gzipped_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "net.bif.gz"
    path.write_bytes(gzip.compress(GOOD.encode()))
    assert list(read_bif(path).network) == ["rain", "wet grass"]


def test_rows_that_were_rounded_are_normalised_and_noted(tmp_path: Path) -> None:
    reading = read_bif(written(tmp_path, GOOD.replace("0.8, 0.2;", "0.8, 0.2001;")))
    assert reading.network["rain"].cpt.sum() == pytest.approx(1, abs=1e-15)
    assert reading.notes == ("net.bif: rain: rows missed 1 by up to 1.0e-04 and were normalised.",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.8, 0.2;", "0.8, 0.3;", r"net\.bif: rain: a row of its table is 0\.1 away from summing"),
        ("0.8, 0.2;", "0.8;", r"net\.bif, line 6: found '0\.8', expected 2 probabilities"),
        ("0.8, 0.2;", "0.8, x;", r"line 6: found '0\.8 x', expected 2 probabilities"),
        (
            "(yes)",
            "(yess)",
            r"unknown state of rain in net\.bif, line 8, 'yess'\. Did you mean 'yes'",
        ),
        ("(yes)", "(yes, no)", r"line 8: found 'yes no', expected a state of each of rain"),
        ("| rain", "| rian", r"unknown variable in net\.bif, line 7, 'rian'\. Did you mean 'rain'"),
        ("[ 2 ]", "[ 3 ]", r"line 4: found '\[ 3 \]', expected \[ 2 \], the number of states"),
        ("(yes)", "(no)", r"line 9: found 'no', expected a row not given before"),
        (
            "probability ( rain ) { table 0.8, 0.2; }",
            2 * "probability ( rain ) { table 0.8, 0.2; }\n",
            r"line 7: found 'rain', expected a variable whose table was not given before",
        ),
        (
            'variable "wet grass"',
            "variable rain",
            r"line 5: found 'rain', expected a variable not given before",
        ),
        ("(no) 0.9, 0.08, 0.02;", "", r"line 10: .* expected a row for every combination of rain"),
        ("probability ( rain ) { table 0.8, 0.2; }", "", r"no probability block for rain"),
        ("probability ( rain )", "probably ( rain )", r"line 6: found 'probably'"),
        ("(no) 0.9, 0.08, 0.02;\n}", "(no) 0.9,", r"the file ends in the middle of a block"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(LumbayesError, match=message):
        read_bif(written(tmp_path, GOOD.replace(old, new)))


def test_what_is_no_bif_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LumbayesError, match=r"no variable found\. Is it a BIF file\?"):
        read_bif(written(tmp_path, ""))
    with pytest.raises(LumbayesError, match=r"cannot be read as a BIF file"):
        read_bif(tmp_path / "missing.bif")
    truncated = tmp_path / "cut.bif.gz"
    truncated.write_bytes(gzip.compress(GOOD.encode())[:60])
    with pytest.raises(LumbayesError, match=r"cannot be read as a BIF file"):
        read_bif(truncated)
