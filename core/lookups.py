"""Records found by their values, for many rows at once: as the caller may see them, in the open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.codec import decode
from core.conditions import EVERYTHING, Compare, Condition, Op, Or, Slot, Through, all_of
from core.import_rows import Key, comparable
from core.query import MAX_ROWS, Archived, Listing, Page, Read
from core.reading import Reader, confirmed
from core.records import selection_of
from core.registry import ModelSpec

STEPS = (1, 8, 64, 512)
AT_ONCE = STEPS[-1]


class Lookups:
    """Asks for records by the values of some paths; `reader` is that of a unit of work."""

    def __init__(self, reader: Reader, caller: Caller) -> None:
        self.reader = reader
        self.registry = reader.registry
        self.caller = confirmed(caller)

    async def find(
        self,
        spec: ModelSpec,
        paths: Sequence[str],
        keys: Iterable[Key],
        *,
        where: Condition = EVERYTHING,
        archived: Archived = Archived.WITHOUT,
    ) -> dict[Key, list[UUID]]:
        """The ids of the records that have some values, by these values; a key that nothing has is left out."""
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, list[UUID]] = {}
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            values: list[object] = []
            tests = [
                _one_of(path, dict.fromkeys(key[place] for key in some), values) for place, path in enumerate(paths)
            ]
            select = selection_of(self.registry, spec, paths, self.caller.policy)
            listing = Listing(spec.label, select, all_of((*tests, where)), page=Page(MAX_ROWS), archived=archived)
            asked = set(some)
            for row in await self.rows(listing, values):
                key = comparable([self._value(spec, path, row) for path in paths])
                if key in asked:
                    found.setdefault(key, []).append(UUID(row["id"]))
        return found

    async def rows(self, listing: Listing, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The rows of a listing, with what the transaction has written so far; `values` are those of its slots."""
        answer = await self.reader.answer(self.caller, Read((("rows", listing),)), values)
        rows: list[dict[str, Any]] = orjson.loads(answer)["rows"]
        return rows

    def _value(self, spec: ModelSpec, path: str, row: Mapping[str, Any]) -> object:
        head, _, rest = path.partition(".")
        field, value = spec.fields[head], row[head]
        if field.target is None:
            return decode(field, value)
        if value is None:
            return None
        return self._value(self.registry.models[field.target], rest, value) if rest else UUID(value["id"])


def _one_of(path: str, values: Iterable[object], slots: list[object]) -> Condition:
    """A path's value is one of some; they go into slots, so that the statement is made only once."""
    head, _, rest = path.partition(".")
    if rest:
        return Through(head, _one_of(rest, values, slots))
    found = list(values)
    given = [one for one in found if one is not None]
    tests: list[Condition] = [Compare(head, Op.EMPTY, value=True)] if len(given) < len(found) else []
    if given:
        size = next(step for step in STEPS if step >= len(given))
        tests.append(Compare(head, Op.IN, tuple(Slot(len(slots) + one) for one in range(size))))
        slots += [*given, *([given[-1]] * (size - len(given)))]
    return tests[0] if len(tests) == 1 else Or(tuple(tests))
