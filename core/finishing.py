"""Computed fields: what plugins add in Python is filled into an answer, a whole batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson

from core.codec import moment_text
from core.fields import Position
from core.money import Money
from core.query import (
    Computed,
    Constant,
    Edges,
    Leaf,
    Listing,
    Many,
    Nodes,
    One,
    Read,
    Root,
    Selection,
    Single,
    Summary,
)
from core.records import record_of
from core.registry import ModelSpec, Registry

Row = dict[str, Any]
Batches = dict[tuple[str, str], list[tuple[Row, Computed]]]


def computes(read: Read) -> bool:
    """Whether any computed field is asked for."""
    return any(_in_root(root) for _, root in read.roots)


def _in_root(root: Root | Listing) -> bool:
    return any(_in_selection(select) for select in _selections(root))


def _in_selection(selection: Selection) -> bool:
    for one in selection:
        if isinstance(one, Computed):
            return True
        if isinstance(one, One) and _in_selection(one.select):
            return True
        if isinstance(one, Many) and _in_root(one.listing):
            return True
    return False


def _selections(root: Root | Listing) -> Iterator[Selection]:
    match root:
        case Summary():
            return
        case Single():
            yield root.select
        case Listing() if not root.parts:
            yield root.select
        case Listing():
            for part in root.parts:
                if isinstance(part, Nodes):
                    yield part.select
                elif isinstance(part, Edges):
                    yield from (select for _, select in part.nodes)


def finish(registry: Registry, read: Read, answer: bytes) -> bytes:
    """The answer with its computed fields in place."""
    whole: Row = orjson.loads(answer)
    batches: Batches = {}
    for key, root in read.roots:
        _collect_root(registry, root, whole[key], batches)
    for (label, name), places in batches.items():
        spec = registry.models[label]
        computed = spec.computed[name]
        records = [record_of(registry, spec, row[one.key]) for row, one in places]
        values = computed.compute(records)
        if len(values) != len(records):
            raise ValueError(
                f"{computed.plugin}: {name} of {label} returned {len(values)} values for {len(records)} records"
            )
        for (row, one), value in zip(places, values, strict=True):
            row[one.key] = told(value, one.parts)
    return orjson.dumps(whole)


def told(value: Any, parts: Sequence[Leaf | Constant] = ()) -> Any:
    """A Python value in the JSON that statements give: choices by name, decimals and amounts as text."""
    match value:
        case Money():
            return _parts({"amount": format(value.amount, "f"), "currency": value.currency}, parts)
        case Position():
            return _parts({"latitude": float(value.latitude), "longitude": float(value.longitude)}, parts)
        case Enum():
            return str(value.value).upper()
        case Decimal():
            return format(value, "f")
        case datetime():
            return moment_text(value)
        case UUID() | date():
            return str(value)
        case tuple() | list():
            return [told(one, parts) for one in value]
    return value


def _parts(whole: Row, parts: Sequence[Leaf | Constant]) -> Row:
    if not parts:
        return whole
    return {one.key: one.text if isinstance(one, Constant) else whole[one.part] for one in parts}


def _collect_root(registry: Registry, root: Root | Listing, value: Any, batches: Batches) -> None:
    if value is None or isinstance(root, Summary):
        return
    spec = registry.spec(root.model)
    if isinstance(root, Single):
        _collect(registry, spec, root.select, value, batches)
    elif not root.parts:
        for row in value:
            _collect(registry, spec, root.select, row, batches)
    else:
        _collect_parts(registry, spec, root, value, batches)


def _collect_parts(
    registry: Registry, spec: ModelSpec, root: Listing, value: Mapping[str, Any], batches: Batches
) -> None:
    for part in root.parts:
        if isinstance(part, Nodes):
            for row in value[part.key]:
                _collect(registry, spec, part.select, row, batches)
        elif isinstance(part, Edges):
            for edge in value[part.key]:
                for key, select in part.nodes:
                    _collect(registry, spec, select, edge[key], batches)


def _collect(registry: Registry, spec: ModelSpec, selection: Selection, row: Row, batches: Batches) -> None:
    for one in selection:
        if isinstance(one, Computed):
            batches.setdefault((spec.label, one.name), []).append((row, one))
        elif isinstance(one, One) and row[one.key] is not None:
            target = registry.models[str(spec.fields[one.link].target)]
            _collect(registry, target, one.select, row[one.key], batches)
        elif isinstance(one, Many):
            _collect_root(registry, one.listing, row[one.key], batches)
