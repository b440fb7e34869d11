"""How the command line speaks: what it prints, what its exit codes mean, and how a fault becomes a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from enum import IntEnum
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.engines import DatabaseFault
from core.errors import BootError, SettingsError, TradepostError
from core.migrator import MigrationError

T = TypeVar("T")

out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


class Exit(IntEnum):
    """What a command ended with; 2 is a command line that nobody understands."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    SETTINGS = 3
    DATABASE = 4
    STOPPED = 130


EXIT_CODES = """
Exit codes: 0 done; 1 refused, or something was found that needs a person; 2 wrong usage; 3 settings or plugins
do not fit; 4 the database does not answer or is not migrated; 130 stopped.
"""


def wait(work: Coroutine[Any, Any, T]) -> T:
    """The result of work that waits."""
    return asyncio.run(work)


def exit_code(fault: TradepostError) -> Exit:
    """The code to leave with after a fault."""
    if isinstance(fault, BootError | SettingsError):
        return Exit.SETTINGS
    return Exit.DATABASE if isinstance(fault, DatabaseFault | MigrationError) else Exit.REFUSED


def explain(fault: TradepostError) -> Exit:
    """Print what happened; the code to leave with."""
    err.print(str(fault))
    return exit_code(fault)


def explain_file(fault: OSError) -> Exit:
    """Print which file or folder could not be opened or written, and why; the code to leave with."""
    err.print(f"{fault.filename}: {fault.strerror}")
    return Exit.REFUSED


def progress_bar() -> Progress:
    """A bar that tells how many of how many, on the error output."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err)
