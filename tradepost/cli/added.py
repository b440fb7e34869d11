"""The commands of plugins, below the name of each: looked for when they are asked for, since plugins load slowly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from core.boot import boot
from core.settings import load_settings
from tradepost.cli.console import out
from tradepost.cli.plugins import title
from tradepost.discovery import load_plugins


def added() -> dict[str, TyperGroup]:
    """A group of commands for each plugin that has some; `BootError` where plugins do not fit together."""
    registry = boot(load_plugins(load_settings()))
    titles = {plugin.name: title(plugin) for plugin in registry.plugins}
    rooms: dict[str, typer.Typer] = {}
    for name, command in registry.declared("tradepost_commands"):
        room = rooms.setdefault(name, typer.Typer(help=titles[name], no_args_is_help=True, rich_markup_mode=None))
        room.callback()(_nothing)
        room.command(command.name)(_printing(command.run))
    return {name.replace("_", "-"): get_group(room) for name, room in rooms.items()}


def _nothing() -> None: ...


def _printing(run: Callable[..., Iterable[str]]) -> Callable[..., None]:
    @wraps(run)
    def printed(*args: Any, **kwargs: Any) -> None:
        for line in run(*args, **kwargs):
            out.print(line)

    return printed
