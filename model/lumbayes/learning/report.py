"""What learning did: how well the new numbers predict cases held out, which moved, what changes."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.evaluation.calibration import draw_curve
from lumbayes.evaluation.scores import EVENTS_NEEDED
from lumbayes.knowledge.model import Model, load_model
from lumbayes.learning.em import SURPRISE, Learned
from lumbayes.learning.prior import HIDDEN
from lumbayes.learning.review import Predictions, review
from lumbayes.learning.tables import changes
from lumbayes.text import how_many, plain_markdown

MOVED_SHOWN = 25
OWN = re.compile(r"(?:[\w=;, -]|<-)*")  # a name that nothing in Markdown has to do with
LINES_SHOWN = 50
LATENT = (
    "Numbers about what no case shows stay near their published value: the data hold less than one"
    " case's worth of information about them. Their intervals stay as they were."
)


def write_report(
    learned: Learned,
    predicted: Predictions,
    folder: Path,
    source: str,
    left_out: Sequence[tuple[int, str]] = (),
) -> None:
    """Write ``report.md`` and ``report.html``, with plots if matplotlib is there, into a folder.

    The folder holds the new tables, so that the open cases can be answered with them. ``left_out``
    names line and reason of cases that could not be used.
    """
    pictures = _plots(learned, predicted, folder)
    after = load_model(folder)
    parts = _sections(learned, predicted, review(learned.model, after), source, after)
    if left_out:
        parts.insert(1, _left_out(left_out))
    lines = ["# What was learned", ""]
    page = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>What was learned</title>"
        "<style>body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
        "table{border-collapse:collapse}td,th{padding:.2em .6em;text-align:right;"
        "border-bottom:1px solid #ccc}td:first-child,th:first-child{text-align:left}"
        "img{max-width:100%}</style></head><body><h1>What was learned</h1>"
    ]
    for title, words, frame in parts:
        lines += [f"## {title}", "", words.replace(source, plain_markdown(source)), ""]
        page.append(f"<h2>{html.escape(title)}</h2><p>{html.escape(words)}</p>")
        if frame is not None and len(frame):
            lines += [_markdown(frame), ""]
            page.append(frame.to_html(float_format=_shown, na_rep="", border=0))
        for name in pictures.get(title, ()):
            lines += [f"![{title}]({name})", ""]
            page.append(f"<img alt='{html.escape(title)}' src='{name}'>")
    if not pictures:
        words = "No plots: matplotlib is not installed (pip install 'lumbayes[plots]')."
        lines += [words, ""]
        page.append(f"<p>{html.escape(words)}</p>")
    (folder / "report.md").write_text("\n".join(lines), encoding="utf-8")
    (folder / "report.html").write_text("\n".join([*page, "</body></html>"]), encoding="utf-8")


def _sections(
    learned: Learned, predicted: Predictions, changed: pd.DataFrame, source: str, after: Model
) -> list[tuple[str, str, pd.DataFrame | None]]:
    table = changes(learned)
    learnable = table[np.isfinite(table["prior_cases"])]
    disagreeing = learnable[learnable["conflict"].abs() > SURPRISE]
    stayed = int((learnable["data_cases"] < HIDDEN).sum())
    frame = (
        f"All cases asked for care ({learned.selected}), and were learned from as such: those who"
        " did not ask count as missing."
        if learned.selected
        else "The cases were taken for a sample of adults in general."
    )
    ended = "the gain fell below the tolerance" if learned.converged else "the limit was reached"
    rounds = len(learned.penalised) - 1
    falls = bool((np.diff(learned.penalised) < -1e-6 * learned.cases).any())
    history = (
        pd.DataFrame(
            {
                "log-likelihood": learned.log_likelihood,
                "with prior": learned.penalised,
                "gain": np.diff(learned.penalised, prepend=np.nan),
            }
        ).rename_axis("round")
        / learned.cases
    )
    columns = ["before", "after", "low", "high", "moved", "prior_cases", "data_cases"]
    return [
        (
            "Cases",
            f"{how_many(learned.cases, 'case')} of {source}. {frame} Tables"
            f" {learned.model.version} became tables {after.version}.",
            None,
        ),
        (
            "Log-likelihood",
            f"{rounds} rounds; {ended}. In nats per case. The log-likelihood with prior"
            f" {'FELL, which it must not' if falls else 'never fell'}.",
            history,
        ),
        (
            "Numbers that moved",
            f"The {min(MOVED_SHOWN, len(learnable))} of {len(learnable)} numbers that moved most,"
            " in standard deviations of their published interval; all of them are in changes.csv."
            f" {stayed} stayed hidden. {LATENT}",
            learnable[columns].head(MOVED_SHOWN),
        ),
        (
            "Data and published numbers that disagree",
            f"The data are more than {SURPRISE:g} standard deviations from these published numbers,"
            " which therefore count less (kept). Look at how the cases were found and confirmed"
            " before you believe either."
            if len(disagreeing)
            else f"The data are within {SURPRISE:g} standard deviations of every published number.",
            disagreeing[["before", "after", "low", "high", "conflict", "kept", "data_cases"]],
        ),
        ("Cases held out", _held_out_words(predicted), predicted.scores),
        (
            "Open cases that change",
            "Care level or first condition of a worked case differs; look at each of them."
            if len(changed)
            else "No worked case changes its care level or first condition.",
            changed,
        ),
    ]


def _left_out(lines: Sequence[tuple[int, str]]) -> tuple[str, str, pd.DataFrame]:
    shown = pd.DataFrame(lines[:LINES_SHOWN], columns=["line", "reason"]).set_index("line")
    more = f"; the first {LINES_SHOWN} are shown" if len(lines) > LINES_SHOWN else ""
    return "Lines left out", f"{how_many(len(lines), 'line')} could not be used{more}.", shown


def _held_out_words(predicted: Predictions) -> str:
    before, after = predicted.log_evidence
    if np.isnan(before):
        return "No case was held out."
    words = (
        f"{how_many(predicted.cases, 'case')} held out. Mean log-probability of a case:"
        f" {before:.3f} before, {after:.3f} after (nats)."
    )
    if predicted.scores.empty:
        return f"{words} No condition was confirmed in them, so none could be predicted."
    old, new = predicted.log_loss
    return (
        f"{words} Confirmed conditions and imbalances, predicted from the other answers: log-loss"
        f" {old:.4f} before, {new:.4f} after. A row has scores if at least {EVENTS_NEEDED} cases"
        " have the condition and as many lack it, and the plot is drawn if so many answers do."
    )


def _shown(value: float) -> str:
    return f"{value:.6g}"


def _plain(cell: str) -> str:
    """Return a cell that Markdown shows as it is; names of our own need nothing."""
    return cell if OWN.fullmatch(cell) else plain_markdown(" ".join(cell.split()))


def _markdown(frame: pd.DataFrame) -> str:
    """Write a table in Markdown."""
    head = [str(frame.index.name or ""), *map(str, frame.columns)]
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('---' for _ in head)}|"]
    for index, row in zip(frame.index, frame.itertuples(index=False), strict=True):
        cells = [_shown(v) if isinstance(v, float) else _plain(str(v)) for v in row]
        cells = ["" if c == "nan" else c for c in cells]
        lines.append(f"| {' | '.join([_plain(str(index)), *cells])} |")
    return "\n".join(lines)


def _plots(learned: Learned, predicted: Predictions, folder: Path) -> dict[str, tuple[str, ...]]:
    """Draw the plots; an empty answer if matplotlib is missing."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return {}

    def drawn(name: str, draw: Any) -> tuple[str, ...]:
        figure = Figure(figsize=(6, 4), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure.add_subplot())
        figure.savefig(folder / name, dpi=110)
        return (name,)

    def likelihood(axes: Any) -> None:
        for label, history, marker in (
            ("with prior", learned.penalised, "o"),
            ("cases alone", learned.log_likelihood, "."),
        ):
            gain = (np.array(history) - history[0]) / learned.cases
            axes.plot(gain, marker=marker, label=label)
        axes.set(xlabel="round", ylabel="gain in log-likelihood per case (nats)")
        axes.legend()

    def moved(axes: Any) -> None:
        free = np.isfinite(learned.prior_size)
        points = axes.scatter(
            learned.model.values[free],
            learned.values[free],
            c=np.log10(1 + learned.informed[free]),
            s=12,
        )
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        axes.set(xlabel="published", ylabel="learned", xscale="symlog", yscale="symlog")
        axes.set(xlim=(0, 1), ylim=(0, 1), xscale="linear", yscale="linear")
        axes.figure.colorbar(points, label="log10(1 + cases' worth of data)")

    pictures = {
        "Log-likelihood": drawn("log_likelihood.png", likelihood),
        "Numbers that moved": drawn("numbers.png", moved),
    }
    if not predicted.curves[0].empty:

        def calibrated(axes: Any) -> None:
            for label, curve in zip(("before", "after"), predicted.curves, strict=True):
                draw_curve(axes, curve, label)

        pictures["Cases held out"] = drawn("calibration.png", calibrated)
    return pictures
