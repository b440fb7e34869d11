"""`Plugin`: all that a plugin declares, as one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from core.model import Model
from core.resource import Resource


@dataclass(frozen=True, eq=False)
class Plugin:
    """A plugin: its name and what it declares. What is not listed here does not exist.

    - `name`: lower case, the first word of its labels, tables and addresses; never changed later.
    - `models`, `resources`, `extends`: its own objects, how they are shown, what it adds to others'.
    - `hooks`: modules with hook implementations.
    - `needs`: plugins that must be there, with a least version if it matters: `"sales>=1.2"`.
    - `version`: its own version, for the `needs` of others.
    """

    name: str
    models: Sequence[type[Model]] = ()
    resources: Sequence[type[Resource[Any]]] = ()
    extends: Sequence[type] = ()
    hooks: Sequence[ModuleType | object] = ()
    needs: Sequence[str] = ()
    version: str = "1.0"

    @property
    def needed(self) -> dict[str, str]:
        """The names of the plugins that it needs, each with the least version, or nothing."""
        parted = (one.partition(">=") for one in self.needs)
        return {name.strip(): least.strip() for name, _, least in parted}

    @property
    def package(self) -> str:
        """The package of the plugin's declarations; its templates, languages and migrations stand beside them."""
        modules = [one.__module__ for one in (*self.models, *self.resources, *self.extends)]
        modules += [one.__name__ for one in self.hooks if isinstance(one, ModuleType)]
        packages = {name.rpartition(".")[0] or name for name in modules}
        return min(packages, default="", key=len)
