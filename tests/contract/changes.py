"""What a write changed: all rows before and after, compared."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from core.database import KEY, Dialect
from core.registry import ModelSpec
from tests.contract.visits import Visit

Rows: TypeAlias = dict[tuple[str, str], str]
"""By label and id: the label's columns and their values, as JSON."""
Change: TypeAlias = tuple[str, str, frozenset[str]]
NEW, GONE = frozenset({"a new row"}), frozenset({"a row less"})
BESIDE = ("core.share", "core.file")
"""Rows that belong to a record by its id; a new one is named by that record."""

BESIDES = frozenset({"rights_number", "updated_at", "updated_by"})
"""What follows from a write: how often a user's rights changed, and who wrote last; the version tells of a write."""


async def rows_of(visit: Visit) -> Rows:
    """All rows of the models of the matrix, and what belongs to them, by one statement: this is done very often."""
    labels = (*(one.label for one in visit.surfaced), *BESIDE)
    array = "json_build_array" if visit.kernel.database.dialect is Dialect.POSTGRES else "json_array"
    parts = []
    for spec in (visit.kernel.registry.models[label] for label in labels):
        values = ", ".join(column for _, column in named(spec))
        parts.append(f"SELECT '{spec.label}', CAST(id AS TEXT), CAST({array}({values}) AS TEXT) FROM {spec.table}")
    found = await visit.kernel.database.read(KEY, " UNION ALL ".join(parts))
    return {(label, record): text for label, record, text in found}


def named(spec: ModelSpec) -> list[tuple[str, str]]:
    """The columns that are compared, each with the name of its field."""
    return [(name, column) for name, one in spec.fields.items() for column in one.columns if name not in BESIDES]


def values_of(spec: ModelSpec, row: str) -> dict[str, list[Any]]:
    """The values of a row by field; some have several columns."""
    found: dict[str, list[Any]] = {}
    for (name, _), value in zip(named(spec), json.loads(row), strict=True):
        found.setdefault(name, []).append(value)
    return found


def changes(visit: Visit, before: Rows, after: Rows) -> set[Change]:
    """The rows that are new, gone or other than they were, with the names of their fields that changed."""
    found: set[Change] = set()
    for key in {one for one, _ in before.items() ^ after.items()}:
        label, record = key
        spec = visit.kernel.registry.models[label]
        old, new = (values_of(spec, rows[key]) if key in rows else None for rows in (before, after))
        if old is None or new is None:
            name = (new or old or {})["record"][0] if label in BESIDE else record
            found.add((label, name, NEW if old is None else GONE))
        else:
            found.add((*key, frozenset(name for name in old if old[name] != new[name])))
    return found
