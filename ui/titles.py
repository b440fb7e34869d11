"""The titles of records of several kinds, as far as a visitor sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from core.query import Read, Single
from core.records import selection_of
from ui.visitor import Visitor

Named: TypeAlias = tuple[str, UUID]


async def titles_of(visitor: Visitor, records: Sequence[Named]) -> dict[Named, str]:
    """The titles of records by model and id, by one statement; what is out of the visitor's sight has none."""
    if not records:
        return {}
    answer = await visitor.ask(Read(tuple((f"r{place}", _single(visitor, *one)) for place, one in enumerate(records))))
    found: dict[Named, str] = {}
    for place, (label, record) in enumerate(records):
        row, spec = answer[f"r{place}"], visitor.site.spec(label)
        if row is not None:
            found[label, record] = visitor.shower(spec).title(spec, row)
    return found


def _single(visitor: Visitor, label: str, record: UUID) -> Single:
    spec = visitor.site.spec(label)
    select = selection_of(visitor.site.registry, spec, (spec.title,), visitor.caller.policy)
    return Single(label, record, select, lenient=True)
