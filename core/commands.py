"""Commands that plugins add to the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command below its plugin's name: `tradepost visits solve FILE`.

    The signature of `run` says what it takes, its docstring what it is for. The lines that it returns are printed as
    they come; what it raises of ours is told in a sentence, and the command line ends with the exit code for it.
    """

    name: str
    run: Callable[..., Iterable[str]]
