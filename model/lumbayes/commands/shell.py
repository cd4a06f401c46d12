"""Commands for the shell: completion, manual."""

from __future__ import annotations

import click

from lumbayes.commands import echo
from lumbayes.commands.completion import SHELLS, script


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(shell: str) -> None:
    """Print what a shell must read to complete commands, variables and states.

    lumbayes completion bash >> ~/.bashrc
    """
    echo(script(click.get_current_context().find_root().command, shell), whole=True)


@click.command()
def manual() -> None:
    """Print the page for man.

    lumbayes manual > ~/.local/share/man/man1/lumbayes.1
    """
    root = click.get_current_context().find_root().command
    assert isinstance(root, click.Group)
    echo(manual_page(root), whole=True)


def manual_page(root: click.Group) -> str:
    """Return the manual in the language of man, from what --help says.

    Examples
    --------
    >>> manual_page(click.Group("lumbayes")).splitlines()[0].startswith(".TH LUMBAYES 1")
    True
    """
    from importlib.metadata import version

    group = click.Context(root, info_name="lumbayes")
    lines = [
        f'.TH LUMBAYES 1 "" "lumbayes {version("lumbayes")}" "User Commands"',
        ".SH NAME",
        "lumbayes \\- a Bayesian network for low back pain and its alternatives",
        ".SH SYNOPSIS",
        ".B lumbayes",
        "COMMAND [OPTIONS] [CASE]...",
        ".SH DESCRIPTION",
        *_paragraphs(root.help or ""),
        ".PP",
        "CASE is a JSON file, a FHIR QuestionnaireResponse, \\- for standard input, findings as"
        " NAME=VALUE, or a file and findings. lumbayes variables lists the names.",
        ".SH COMMANDS",
    ]
    for name in root.list_commands(group):
        command = root.get_command(group, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=group)
        usage = " ".join(command.collect_usage_pieces(context))
        lines += [f".SS lumbayes {_roff(name)} {_roff(usage)}", *_paragraphs(command.help or "")]
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context)
            if record is not None and record[1]:
                lines += [".TP", f".B {_roff(record[0])}", _roff(record[1])]
    lines += [
        ".SH EXIT STATUS",
        "0 answered; 1 some rows could not be used; 2 input that cannot be used; 130 stopped.",
        ".SH NOTE",
        "Not a diagnosis and not a medical device.",
    ]
    return "\n".join(lines)


def _paragraphs(text: str) -> list[str]:
    made: list[str] = []
    for paragraph in text.split("\n\n"):
        made += [".PP", _roff(" ".join(paragraph.split()))]
    return made


def _roff(text: str) -> str:
    """Escape what man would read as a command."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    escaped = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in escaped)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
