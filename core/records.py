"""Records for Python: paths to a selection, and JSON rows back to instances of their models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.access import Policy
from core.codec import decode
from core.errors import UnknownField
from core.fields import Kind
from core.inside import CUSTOM
from core.model import Model
from core.query import MAX_ROWS, Leaf, Listing, Many, One, Page, Select, Selection
from core.registry import ModelSpec, Registry


def selection_of(registry: Registry, spec: ModelSpec, paths: Iterable[str], policy: Policy) -> Selection:
    """The selection of some paths: `name`, `customer.name`, `cards.tier`; `*` is every field that the policy shows.

    A record always holds its id; a link without further path holds id and title of the record behind it.
    """
    tree: dict[str, Any] = {"id": {}}
    for path in paths:
        if path == "*":
            tree |= {name: {} for name in _shown(spec, policy) if name not in tree}
            continue
        level = tree
        for part in path.split("."):
            level = level.setdefault(part, {})
    return tuple(_select(registry, spec, name, below, policy) for name, below in tree.items())


def _shown(spec: ModelSpec, policy: Policy) -> list[str]:
    return [
        name
        for name, one in spec.fields.items()
        if one.kind is not Kind.SECRET
        and f"{spec.label}.{name}" not in policy.hidden
        and not (name == CUSTOM and spec.inside)
    ]


def _select(registry: Registry, spec: ModelSpec, name: str, below: Mapping[str, Any], policy: Policy) -> Select:
    if name in spec.backs:
        source = registry.models[spec.backs[name].source]
        inner = selection_of(registry, source, _paths(below) or ("*",), policy)
        return Many(name, name, Listing(source.label, inner, page=Page(MAX_ROWS)))
    found = spec.fields.get(name)
    if found is None:
        raise UnknownField(spec.label, name)
    if found.target is None:
        return Leaf(name, name)
    target = registry.models[found.target]
    return One(name, name, selection_of(registry, target, _paths(below) or (target.title,), policy))


def _paths(tree: Mapping[str, Any]) -> Sequence[str]:
    paths: list[str] = []
    for name, below in tree.items():
        inner = _paths(below)
        paths += [f"{name}.{path}" for path in inner] if inner else [name]
    return paths


def record_of(registry: Registry, spec: ModelSpec, row: Mapping[str, Any]) -> Model:
    """A JSON row as an instance of its model."""
    return spec.model({name: _value(registry, spec, name, value) for name, value in row.items()})


def _value(registry: Registry, spec: ModelSpec, name: str, value: Any) -> Any:
    if name in spec.backs:
        source = registry.models[spec.backs[name].source]
        return tuple(record_of(registry, source, one) for one in value)
    found = spec.fields[name]
    if isinstance(value, Mapping) and found.target is not None:
        return record_of(registry, registry.models[found.target], value)
    return decode(found, value)
