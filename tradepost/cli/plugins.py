"""Which plugins there are, and switching them off and on."""

from __future__ import annotations

import inspect
import sys

import typer

from core.plugin import Plugin
from core.settings import load_settings
from tradepost import discovery
from tradepost.cli.console import out

app = typer.Typer(help="Show the plugins, switch them off and on.", invoke_without_command=True)


@app.callback()
def default(context: typer.Context) -> None:
    """Show the plugins, switch them off and on."""
    if context.invoked_subcommand is None:
        show()


@app.command("list")
def show() -> None:
    """Show every plugin: built in or installed, on or off."""
    off = discovery.switched_off(load_settings())
    plugins, faults = discovery.available()
    width = max(len(one.name) for one in plugins)
    for one in plugins:
        state = "off" if one.name in off else "on"
        needs = f" (needs {', '.join(one.needs)})" if one.needs else ""
        out.print(f"{one.name:<{width}}  {one.version:<8} {state:<4} {title(one)}{needs}")
    for fault in faults:
        out.print(fault)


@app.command()
def disable(name: str) -> None:
    """Switch a plugin off from the next start; its tables and data stay."""
    discovery.switch(load_settings(), name, on=False)
    out.print(f"{name} is off from the next start")


@app.command()
def enable(name: str) -> None:
    """Switch a plugin on from the next start."""
    discovery.switch(load_settings(), name, on=True)
    out.print(f"{name} is on from the next start; run `tradepost migrate` before that")


def title(plugin: Plugin) -> str:
    """The first line that a plugin says about itself."""
    return (inspect.getdoc(sys.modules.get(plugin.package)) or "").partition("\n")[0]
