"""Pages of the site that are made, not written: lessons, commands, Python, JSON, tables.

A hook of MkDocs. The lessons are run when the site is built; their outputs are kept in
``build/lessons`` under a hash of lesson, package and tables, so that a second build is quick.
With ``LUMBAYES_SITE_RUN=0`` nothing is run: pages and links are the same, outputs are missing.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent
KEPT = ROOT / "build" / "lessons"
RUN = os.environ.get("LUMBAYES_SITE_RUN", "1") != "0"
SHOWN = {  # files of the repository that are pages of the site as they stand
    "data/README.md": "reference/tables.md",
    "MODEL_CARD.md": "reference/model-card.md",
    "CHANGELOG.md": "reference/changes.md",
    "benchmarks/app.md": "reference/app-speed.md",
    "benchmarks/service.md": "reference/service-speed.md",
    "notebooks/README.md": "lessons/index.md",
}
MADE_FROM = {  # and what stands in the repository for pages that are made of it
    **SHOWN,
    "model/lumbayes/__init__.py": "reference/python.md",
    "model/lumbayes/cli.py": "reference/commands.md",
    "model/lumbayes/interchange/json_schemas": "reference/json.md",
}
HIDDEN_HEADING = "    options:\n      show_root_heading: false\n      heading_level: 3\n"
LINK = re.compile(r"\[([^\]]+)\]\((?!https?://|#)([^)#\s]+)(#[^)\s]*)?\)")
WORDS = re.compile(
    r"<details>\s*<summary>The picture in words</summary>\s*(.*?)\s*</details>", re.S
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every lesson into the navigation."""
    for part in config.nav or []:
        if "Lessons" in part:
            part["Lessons"] += [{title(p): f"lessons/{p.stem}.md"} for p in lessons()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    from mkdocs.structure.files import File

    for uri, content in pages():
        written = files.get_file_from_path(uri)
        if written is not None:
            files.remove(written)
        files.append(File.generated(config, uri, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn the links of a written page, which lead to files of the repository, into its pages."""
    uri = page.file.src_uri
    written = ROOT / "docs" / uri
    return linked(markdown, Path("docs") / Path(uri).parent, uri) if written.is_file() else markdown


def pages() -> Iterator[tuple[str, str | bytes]]:
    """Yield address and content of every page and picture that is made."""
    for source, uri in SHOWN.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        yield uri, linked(text, Path(source).parent, uri)
    yield "reference/python.md", python_page()
    yield "reference/commands.md", commands_page()
    yield "reference/json.md", json_page()
    for lesson in lessons():
        yield from lesson_pages(lesson)
    for page in sorted((ROOT / "docs" / "tutorials").glob("*.md")) if RUN else ():
        text, pictures = run_page(page.read_text(encoding="utf-8"), page.stem)
        yield f"tutorials/{page.name}", text
        for name, data in pictures.items():
            yield f"tutorials/{name}", data


def linked(text: str, folder: Path, uri: str) -> str:
    """Turn links to files that are pages of the site; links to other files become plain text."""

    def turn(found: re.Match[str]) -> str:
        target = (ROOT / folder / found[2]).resolve()
        if not target.exists():
            return found[0]  # a picture that is made
        inside = str(target.relative_to(ROOT))
        if target.suffix == ".ipynb":
            page = f"lessons/{target.stem}.md"
        else:
            written = inside.removeprefix("docs/") if inside.startswith("docs/") else ""
            page = MADE_FROM.get(inside, written)
        up = "../" * uri.count("/")
        return f"[{found[1]}]({up}{page}{found[3] or ''})" if page else found[1]

    return outside_code(text, lambda part: LINK.sub(turn, part))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Change a page but for its blocks of code."""
    parts = re.split(r"(```.*?```)", text, flags=re.S)
    return "".join(part if part.startswith("```") else change(part) for part in parts)


def formulas(text: str) -> str:
    """Turn TeX between dollar signs into MathML, which browsers show without a script."""
    convert: Any = import_module("latex2mathml.converter").convert

    def block(found: re.Match[str]) -> str:
        return f"\n{convert(found[1], display='block')}\n"

    return outside_code(text, lambda part: re.sub(r"\$\$(.+?)\$\$", block, part, flags=re.S))


def lessons() -> list[Path]:
    """Return the notebooks in order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def title(lesson: Path) -> str:
    """Return the heading of a lesson."""
    first = json.loads(lesson.read_text(encoding="utf-8"))["cells"][0]["source"]
    return "".join(first).splitlines()[0].removeprefix("# ")


def lesson_pages(lesson: Path) -> Iterator[tuple[str, str | bytes]]:
    """Yield the page of a lesson, run from top to bottom, and its pictures."""
    nbformat: Any = import_module("nbformat")  # these have no types
    nbconvert: Any = import_module("nbconvert")
    kept = KEPT / f"{lesson.stem}-{fingerprint(lesson)}.ipynb"
    if kept.is_file():
        run = nbformat.read(kept, as_version=4)
    else:
        run = nbformat.read(lesson, as_version=4)
        if RUN:
            os.environ["LUMBAYES_STILL"] = "1"  # a page has no kernel to move a slider
            run_all = nbconvert.preprocessors.ExecutePreprocessor(timeout=600)
            run_all.preprocess(run, {"metadata": {"path": lesson.parent}})
            KEPT.mkdir(parents=True, exist_ok=True)
            nbformat.write(run, kept)
    text, resources = nbconvert.MarkdownExporter().from_notebook_node(run)
    pictures = {f"{lesson.stem}-{name}": data for name, data in resources["outputs"].items()}
    alternatives = iter([" ".join(w.split()) for w in WORDS.findall(text)])
    text = re.sub(
        r"!\[[^]]*\]\(([^)]+)\)",
        lambda m: f"![{next(alternatives, 'A picture of this lesson')}]({lesson.stem}-{m[1]})",
        text,
    )
    text = text.replace("<details>", '<details markdown="1">')
    note = f"\n\nTo run it: `make lab`, then open `notebooks/{lesson.name}`.\n\n"
    head, _, rest = formulas(text).partition("\n")
    yield f"lessons/{lesson.stem}.md", head + note + linked(rest, Path("notebooks"), "lessons/x")
    for name, data in pictures.items():
        yield f"lessons/{name}", data


def fingerprint(lesson: Path) -> str:
    """Return a hash of all that a lesson's outputs depend on."""
    made = hashlib.sha256(lesson.read_bytes() + Path(__file__).read_bytes())
    for folder, pattern in (("model", "*.py"), ("data", "*")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            if path.is_file():
                made.update(path.read_bytes())
    return made.hexdigest()[:16]


def run_page(text: str, name: str) -> tuple[str, dict[str, bytes]]:
    """Run the Python of a page from top to bottom and put what it shows under each block.

    A block that draws begins with ``# picture:`` and the picture in words.

    Returns
    -------
    str
        The page with outputs.
    dict of str to bytes
        Its pictures, PNG.
    """
    import matplotlib
    import pandas as pd

    matplotlib.use("Agg")
    pd.set_option("display.width", 110, "display.max_columns", 12)
    space: dict[str, Any] = {"__name__": name}
    pictures: dict[str, bytes] = {}

    def shown(found: re.Match[str]) -> str:
        code = found[1]
        words = re.match(r"# picture: (.+)\n", code)
        said = run_block(code.removeprefix(words[0]) if words else code, space)
        block = f"```python\n{code.removeprefix(words[0]) if words else code}```\n"
        if words:
            file = f"{name}-{len(pictures) + 1}.png"
            pictures[file] = drawn()
            return f"{block}\n![{words[1]}]({file})\n"
        return f"{block}\n```text\n{said}\n```\n" if said else block

    return re.sub(r"```python\n(.*?)```\n", shown, text, flags=re.S), pictures


def run_block(code: str, space: dict[str, Any]) -> str:
    """Run statements and return what they print and, of a last expression, what it shows."""
    tree = ast.parse(code)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body.pop()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(tree, "page", "exec"), space)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "page", "eval"), space)
            if value is not None:
                print(repr(value))
    return out.getvalue().rstrip()


def drawn() -> bytes:
    """Return the open figure as PNG, and close it."""
    import matplotlib.pyplot as plt

    out = io.BytesIO()
    plt.savefig(out, format="png", dpi=100, bbox_inches="tight")
    plt.close("all")
    return out.getvalue()


def python_page() -> str:
    """Return the reference of every public name, from its docstring."""
    import lumbayes

    parts = [
        "# Python\n\nThe public names of `lumbayes`, each imported when it is first used.\n",
        "For the modules behind them: `help(lumbayes.inference)` and so on; every public function"
        " has a docstring with shapes, units, errors, source and an example that runs.\n",
    ]
    for name in sorted(lumbayes.__all__, key=str.lower):
        module, _, inside = lumbayes._PLACES[name].partition(":")
        parts.append(f"## {name}\n\n::: lumbayes.{module}.{inside or name}\n{HIDDEN_HEADING}")
    return "\n".join(parts)


def commands_page() -> str:
    """Return what ``--help`` says of every command."""
    from click.testing import CliRunner

    from lumbayes.cli import COMMANDS, lumbayes

    parts = ["# Commands\n"]
    for name in COMMANDS:
        said = CliRunner().invoke(lumbayes, [name, "--help"], prog_name="lumbayes")
        text = said.output.replace("lumbayes lumbayes", "lumbayes")
        parts.append(f"## {name}\n\n```text\n{text.strip()}\n```\n")
    return "\n".join(parts)


def json_page() -> str:
    """Return the schemas of all answers, and how the schema of a case is had."""
    from lumbayes.interchange.schemas import CASE, schema, schema_names
    from lumbayes.knowledge.model import load_model

    model = load_model()
    parts = [
        "# JSON\n\nJSON Schema, draft 2020-12. The version stands in `$id`: within one version keys"
        " may be added, none is taken away or changes its meaning.\n",
        "## case\n\nWhat `assess`, `batch` and the service take: every variable with its states,"
        " every fact. It is long: `lumbayes schema case` prints it.\n",
    ]
    for name in schema_names():
        if name != CASE:
            text = json.dumps(schema(name, model), ensure_ascii=False, indent=1)
            parts.append(f"## {name}\n\n```json\n{text}\n```\n")
    return "\n".join(parts)
