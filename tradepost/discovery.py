"""Which plugins there are: the built-in ones, those installed beside us, and those that are switched off."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from core.boot import boot
from core.errors import BootError, Refused
from core.plugin import Plugin
from core.settings import Settings
from tradepost.distribution import plugin as distribution
from tradepost.marketing import plugin as marketing
from tradepost.sales import plugin as sales
from tradepost.service_desk import plugin as service_desk
from tradepost.visits import plugin as visits

GROUP = "tradepost"
BUILT_IN: tuple[Plugin, ...] = (sales, marketing, service_desk, distribution, visits)


def available(off: frozenset[str] = frozenset()) -> tuple[tuple[Plugin, ...], tuple[str, ...]]:
    """The built-in plugins, then those of installed packages by name, and the faults of those that cannot be loaded.

    A package has an entry point `tradepost`; what is `off` is not imported, since a broken plugin can be switched off.
    """
    faults: list[str] = []
    entries = sorted((one for one in entry_points(group=GROUP) if one.name not in off), key=lambda one: one.name)
    loaded = [_loaded(one, faults) for one in entries]
    found = (*BUILT_IN, *(one for one in loaded if one is not None))
    return tuple(one for one in found if one.name not in off), tuple(faults)


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
    """The plugins that an app of these settings boots with; `BootError` names the packages that cannot be loaded."""
    found, faults = available(switched_off(settings))
    if faults:
        raise BootError(faults)
    return found


def switch(settings: Settings, name: str, *, on: bool) -> None:
    """Switch a plugin on or off from the next start; its data stay. `BootError` when something then does not fit.

    Faults that were there before do not hinder: of several broken plugins, one after the other can be switched off.
    """
    off = switched_off(settings)
    names = off - {name} if on else off | {name}
    known = _names()
    if name not in known:
        raise Refused(f"There is no plugin {name}; there are {', '.join(known)}")
    before = _faults(off)
    new = [one for one in _faults(names) if one not in before]
    if new:
        raise BootError(new)
    path = _file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{one}\n" for one in sorted(names)), encoding="utf-8")


def _names() -> list[str]:
    """What plugins are called, and the entry points of those that cannot be asked."""
    return list(
        dict.fromkeys([*(one.name for one in available()[0]), *(one.name for one in entry_points(group=GROUP))])
    )


def _faults(off: frozenset[str]) -> tuple[str, ...]:
    """What is wrong with the plugins that are not off."""
    found, faults = available(off)
    try:
        boot(found)
    except BootError as refusal:
        return (*faults, *refusal.faults)
    return faults


def _file(settings: Settings) -> Path:
    return settings.data / "plugins-off.txt"
