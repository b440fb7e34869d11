"""Variables: what of their values is structure, on which a plan depends, and what is bound when it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

import orjson

from core.conditions import Slot

Values: TypeAlias = Mapping[str, Any]
Recipe: TypeAlias = Callable[[Values], object]


@dataclass(frozen=True, slots=True)
class Bound:
    """A value that came with a variable; `path` is where it is found in the variables of each request."""

    path: tuple[str | int, ...]
    value: object

    def read(self, values: Values) -> object:
        """The value in the variables of a request."""
        found: Any = values
        for step in self.path:
            found = found[step]
        return found


def mark(value: object, path: tuple[str | int, ...]) -> object:
    """A coerced value with its leaves bound; nulls, enums and booleans are structure, as are keys and lengths."""
    if isinstance(value, dict):
        return {key: mark(one, (*path, key)) for key, one in value.items()}
    if isinstance(value, list):
        return [mark(one, (*path, number)) for number, one in enumerate(value)]
    return value if value is None or isinstance(value, bool | Enum) else Bound(path, value)


def shape(value: object) -> object:
    """What of a coerced value is structure, as a key."""
    if isinstance(value, dict):
        return tuple((key, shape(one)) for key, one in value.items())
    if isinstance(value, list):
        return (len(value), *(shape(one) for one in value))
    return value if value is None or isinstance(value, bool | Enum) else "…"


def cursor_shape(value: object) -> object:
    """What of a cursor is structure: which of its values are empty. A malformed one is refused when it is planned."""
    if not isinstance(value, str):
        return None
    try:
        found = orjson.loads(bytes.fromhex(value))
    except ValueError:
        return value
    return tuple(one is None for one in found) if isinstance(found, list) else value


class Slots:
    """The slots of a plan in the making, each with the recipe that fills it from the variables of a request."""

    def __init__(self) -> None:
        self.recipes: list[Recipe] = []

    def add(self, recipe: Recipe) -> Slot:
        """A new slot."""
        self.recipes.append(recipe)
        return Slot(len(self.recipes) - 1)

    def place(self, value: object, convert: Callable[[Any], object]) -> object:
        """A literal converted now, or a slot whose value is converted in each request."""
        if isinstance(value, Bound):
            return self.add(lambda values: convert(value.read(values)))
        if isinstance(value, dict) and any(isinstance(one, Bound) for one in value.values()):
            return self.add(lambda values: convert({key: _now(one, values) for key, one in value.items()}))
        return convert(value)


def settled(value: object, values: Values) -> object:
    """A value with all that is bound in it read from the variables of a request, however deep."""
    if isinstance(value, dict):
        return {key: settled(one, values) for key, one in value.items()}
    if isinstance(value, list):
        return [settled(one, values) for one in value]
    return _now(value, values)


def _now(value: object, values: Values) -> object:
    return value.read(values) if isinstance(value, Bound) else value
