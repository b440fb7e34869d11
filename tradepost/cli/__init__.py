"""The command line: everything that is done to a Tradepost from outside."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_group

from core.errors import BootError, TradepostError
from tradepost.cli.added import added
from tradepost.cli.console import EXIT_CODES, Exit, err, explain, explain_file
from tradepost.cli.data import app as data
from tradepost.cli.imports import app as imports
from tradepost.cli.people import app as people
from tradepost.cli.plugins import app as plugins
from tradepost.cli.running import app as running
from tradepost.cli.upkeep import app as upkeep

app = typer.Typer(
    name="tradepost",
    help="A CRM that a company runs itself.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for room in (running, upkeep, people, data, imports):
    app.registered_commands += room.registered_commands
    app.registered_groups += room.registered_groups
app.add_typer(plugins, name="plugins")


@app.command()
def batch(
    file: Annotated[
        typer.FileText,
        typer.Argument(
            metavar="FILE",
            help="Commands as they are typed, without `tradepost`, one a line; - for the standard input.",
        ),
    ],
) -> None:
    """Carry out the commands of a file, which load the program once; the first that fails ends it, with its code."""
    for number, words in _lines(file):
        err.print(f"{number}: {shlex.join(words)}")
        if code := run(words):
            err.print(f"{file.name}, line {number}: this failed; no line after it was carried out")
            raise typer.Exit(code)


def _lines(file: typer.FileText) -> list[tuple[int, list[str]]]:
    """The command lines of a file with their numbers, all of them read before the first is carried out."""
    found = []
    for number, line in enumerate(file, 1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as fault:
            raise typer.BadParameter(f"line {number}: {fault}") from fault
        if words:
            found.append((number, words))
    return found


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line; the code to leave with."""
    try:
        _group(sys.argv[1:] if arguments is None else arguments).main(arguments, prog_name="tradepost")
    except TradepostError as fault:
        return explain(fault)
    except OSError as fault:
        if fault.filename is None:
            raise
        return explain_file(fault)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else Exit.DONE
    return Exit.DONE


def _group(arguments: Sequence[str]) -> TyperGroup:
    """Our own commands; those of plugins, which load slowly, where somebody asks for one or for help."""
    group = get_group(app)
    asked = next(iter(arguments), "--help")
    if asked in group.commands:
        return group
    try:
        group.commands = {**added(), **group.commands}
    except BootError:
        if asked != "--help":  # help is what somebody needs whose plugins do not fit; `check` tells what is wrong
            raise
    return group


def main() -> None:
    """The console script."""
    sys.exit(run())
