"""What a write changed: all rows before and after, compared."""

from __future__ import annotations

from typing import Any, TypeAlias

from core.database import KEY
from tests.contract.visits import Visit

Rows: TypeAlias = dict[tuple[str, str], dict[str, Any]]
Change: TypeAlias = tuple[str, str, frozenset[str]]
NEW, GONE = frozenset({"a new row"}), frozenset({"a row less"})
BESIDE = ("core.share", "core.file")
"""Rows that belong to a record by its id; a new one is named by that record."""

BESIDES = frozenset({"rights_number", "updated_at", "updated_by"})
"""What follows from a write: how often a user's rights changed, and who wrote last; the version tells of a write."""


async def rows_of(visit: Visit) -> Rows:
    """All rows of the models of the matrix, and what belongs to them."""
    found: Rows = {}
    labels = (*(one.label for one in visit.surfaced), *BESIDE)
    for spec in (visit.kernel.registry.models[label] for label in labels):
        names = [(name, column) for name, one in spec.fields.items() for column in one.columns if name not in BESIDES]
        columns = ", ".join(column for _, column in names)
        for row in await visit.kernel.database.read(KEY, f"SELECT {columns} FROM {spec.table}"):
            values: dict[str, Any] = {}
            for (name, _), value in zip(names, row, strict=True):
                values[name] = (*values.get(name, ()), str(value))
            found[spec.label, str(row[[name for name, _ in names].index("id")])] = values
    return found


def changes(before: Rows, after: Rows) -> set[Change]:
    """The rows that are new, gone or other than they were, with the names of their fields that changed."""
    found: set[Change] = set()
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            label, record = key
            named = (new or old or {})["record"][0] if label in BESIDE else record
            found.add((label, named, NEW if old is None else GONE))
        elif old != new:
            found.add((*key, frozenset(name for name in old if old[name] != new[name])))
    return found
