"""Completion in bash, zsh and fish: commands, options, variables and their states."""

from __future__ import annotations

import os
from types import MappingProxyType

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

from lumbayes.errors import unknown_name
from lumbayes.knowledge.definition import UNSURE

VARIABLE = "_LUMBAYES_COMPLETE"

# Bash cuts words at "=": the whole line is sent, and what stands before "=" is taken off again.
BASH = """\
%(complete_func)s() {
    local line="${COMP_LINE:0:COMP_POINT}" item kind value
    local word="${line##* }"
    COMPREPLY=()
    while IFS=',' read -r kind value; do
        if [[ $kind == dir || $kind == file ]]; then
            compopt -o default 2>/dev/null
        elif [[ $kind == plain ]]; then
            if [[ $word == *=* && $COMP_WORDBREAKS == *=* ]]; then value="${value#*=}"; fi
            COMPREPLY+=("$value")
        fi
    done < <(LUMBAYES_LINE="$line" %(complete_var)s=bash_complete %(prog_name)s)
    if [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o nosort -o bashdefault -o default -F %(complete_func)s %(prog_name)s
"""
ZSH = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local -a open whole response
    local kind value help
    response=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s)}")
    for kind value help in ${response}; do
        if [[ $kind == plain && $value == *= ]]; then
            open+=("$value")
        elif [[ $kind == plain ]]; then
            whole+=("$value")
        elif [[ $kind == dir ]]; then
            _path_files -/
        elif [[ $kind == file ]]; then
            _path_files -f
        fi
    done
    [[ -n $open ]] && compadd -S '' -a open
    [[ -n $whole ]] && compadd -a whole
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef %(complete_func)s %(prog_name)s
fi
"""


class Bash(BashComplete):
    """Completion in bash that knows ``NAME=VALUE``."""

    source_template = BASH

    @staticmethod
    def _check_version() -> None:
        """Ask nothing of the shell: any bash since 4.4 will do."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor, and the one it is in."""
        line = os.environ.get("LUMBAYES_LINE", "")
        words = split_arg_string(line)
        last = "" if not words or line.endswith(" ") else words.pop()
        return words[1:], last


class Zsh(ZshComplete):
    """Completion in zsh that leaves the cursor behind ``NAME=``."""

    source_template = ZSH


SHELLS = MappingProxyType({"bash": Bash, "zsh": Zsh, "fish": FishComplete})
for _name, _class in SHELLS.items():
    add_completion_class(_class, _name)


def script(root: click.Command, shell: str) -> str:
    """Return what a shell must read at its start, to complete a command and all inside it.

    Raises
    ------
    UnknownNameError
        If the shell is not one of three.

    Examples
    --------
    >>> "complete" in script(click.Command("lumbayes"), "bash")
    True
    """
    if shell not in SHELLS:
        raise unknown_name("shell", shell, SHELLS)
    return SHELLS[shell](root, {}, "lumbayes", VARIABLE).source()


def pairs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete ``NAME=VALUE``: first the name of a variable, then its states; or a file.

    Examples
    --------
    >>> [item.value for item in pairs(None, None, "saddle_numbness=y")]
    ['saddle_numbness=yes']
    """
    from lumbayes.knowledge.tables import read_table

    name, equals, start = incomplete.partition("=")
    if not equals:
        found = [f"{n}=" for n in variables() if n.startswith(name)]
        files = [CompletionItem(incomplete, type="file")]
        return [CompletionItem(text) for text in found] + files
    rows = read_table("states.csv", ("variable", "state", "label"))
    states = [row["state"] for row in rows if row["variable"] == name]
    known = [*states, UNSURE] if states else []
    return [CompletionItem(f"{name}={s}") for s in known if s.startswith(start)]


def names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a variable.

    Examples
    --------
    >>> [item.value for item in names(None, None, "saddle_")]
    ['saddle_numbness']
    """
    return [CompletionItem(n) for n in variables() if n.startswith(incomplete)]


def variables() -> list[str]:
    """Return the names of all variables, read without the network."""
    from lumbayes.knowledge.definition import VARIABLE_COLUMNS
    from lumbayes.knowledge.tables import read_table

    return [row["name"] for row in read_table("variables.csv", VARIABLE_COLUMNS)]
