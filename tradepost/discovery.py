"""Which plugins there are: the built-in ones, those installed beside us, and those that are switched off."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from core.boot import boot
from core.errors import BootError, Refused
from core.plugin import Plugin
from core.settings import Settings
from tradepost.sales import plugin as sales

GROUP = "tradepost"
BUILT_IN: tuple[Plugin, ...] = (sales,)


def available() -> tuple[Plugin, ...]:
    """The built-in plugins, then those of installed packages that have an entry point `tradepost`, by name."""
    faults: list[str] = []
    found = [_loaded(one, faults) for one in sorted(entry_points(group=GROUP), key=lambda one: one.name)]
    if faults:
        raise BootError(faults)
    return (*BUILT_IN, *(one for one in found if one is not None))


def _loaded(entry: EntryPoint, faults: list[str]) -> Plugin | None:
    source = f"{entry.name} ({entry.dist.name if entry.dist else 'unknown package'})"
    try:
        plugin = entry.load()
    except Exception as fault:  # noqa: BLE001 - whatever a package raises at import, it is named with the others
        faults.append(f"{source}: cannot be imported: {type(fault).__name__}: {fault}; repair or uninstall it")
        return None
    if not isinstance(plugin, Plugin):
        faults.append(f"{source}: {entry.value} is no Plugin; let the entry point name one")
        return None
    return plugin


def switched_off(settings: Settings) -> frozenset[str]:
    """The names of the plugins that `tradepost plugins disable` switched off."""
    path = _file(settings)
    return frozenset(path.read_text(encoding="utf-8").split()) if path.is_file() else frozenset()


def load_plugins(settings: Settings) -> tuple[Plugin, ...]:
    """The plugins that an app of these settings boots with."""
    off = switched_off(settings)
    return tuple(one for one in available() if one.name not in off)


def switch(settings: Settings, name: str, *, on: bool) -> None:
    """Switch a plugin on or off from the next start; its data stay. `BootError` when the others then do not fit."""
    plugins = {one.name: one for one in available()}
    if name not in plugins:
        raise Refused(f"There is no plugin {name}; there are {', '.join(plugins)}")
    off = set(switched_off(settings))
    names = off - {name} if on else off | {name}
    boot([one for one in plugins.values() if one.name not in names])
    path = _file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{one}\n" for one in sorted(names)), encoding="utf-8")


def _file(settings: Settings) -> Path:
    return settings.data / "plugins-off.txt"
