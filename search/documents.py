"""Documents: records as the index holds them, read through the door as the system."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any
from uuid import UUID

from core.access import system
from core.conditions import EVERYTHING, And, Compare, Condition, Op
from core.departments import Department
from core.finder import Document
from core.model import Model
from core.query import Archived
from core.reading import Reader
from core.registry import ModelSpec, Registry
from core.roles import Share
from search.rights import document_tokens
from search.specs import IndexPlan, Way

BATCH = 500
CALLER = system("search index")


class Documents:
    """Makes documents of records as they are now."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._registry = reader.registry

    async def ids(self, plan: IndexPlan, where: Condition = EVERYTHING) -> AsyncIterator[list[UUID]]:
        """The ids of all records that have a document, or of those that fulfil a condition, in batches."""
        last: UUID | None = None
        while True:
            further = And((where, Compare("id", Op.GT, last))) if last else where
            records = await self._reader.records(
                CALLER, plan.spec.model, where=further, order=("id",), limit=BATCH, fields=("id",)
            )
            if records:
                last = records[-1].id
                yield [one.id for one in records]
            if len(records) < BATCH:
                return

    async def count(self, plan: IndexPlan) -> int:
        """How many documents there are to make."""
        return await self._reader.count(CALLER, plan.spec.model)

    async def of(self, plan: IndexPlan, ids: Sequence[UUID]) -> list[Document]:
        """The documents of some records as they are now; archived ones and those that are gone have none."""
        if not ids:
            return []
        records = await self._reader.records(
            CALLER, plan.spec.model, where=Compare("id", Op.IN, tuple(ids)), order=("id",), fields=plan.paths
        )
        roots = {record: _at(record, plan.root) for record in records}
        shared = await self._shared(self._registry.root(plan.spec), [one.id for one in roots.values()])
        above = await self._above() if records else {}
        return [
            Document(
                id=str(record.id),
                texts={path: tuple(_texts(self._registry, plan.spec, record, path)) for path in plan.index.searchable},
                acl=document_tokens(_id(root.owner), _id(root.department), above, shared.get(root.id, ())),
                keys={name: tuple(_keys(record.value(name))) for name in plan.index.filterable},
            )
            for record, root in roots.items()
        ]

    async def _above(self) -> Mapping[UUID, UUID | None]:
        departments = await self._reader.records(CALLER, Department, fields=("parent",), archived=Archived.WITH)
        return {one.id: _id(one.parent) for one in departments}

    async def _shared(self, root: ModelSpec, ids: Sequence[UUID]) -> Mapping[UUID, list[UUID]]:
        if not ids:
            return {}
        where = And((Share.model.eq(root.label), Share.record.is_in([str(one) for one in ids])))
        shares = await self._reader.records(
            CALLER, Share, where=where, fields=("record", "user", "to_department", "role")
        )
        found: dict[UUID, list[UUID]] = {}
        for one in shares:
            to = (one.user, one.to_department, one.role)
            found.setdefault(UUID(one.record), []).extend(target.id for target in to if target)
        return found


def _at(record: Model, way: Way) -> Model:
    for link in way:
        record = record.value(link)
    return record


def _id(record: Model | None) -> UUID | None:
    return record.id if record else None


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Model):
        yield str(value.id)
    elif isinstance(value, Enum):
        yield str(value.value)


def _texts(registry: Registry, spec: ModelSpec, record: Model | None, path: str) -> Iterator[str]:
    head, _, rest = path.partition(".")
    target = spec.fields[head].target
    value = record.value(head) if record else None
    if target:
        linked = registry.models[target]
        yield from _texts(registry, linked, value, rest or linked.title)
    elif value is not None:
        yield from map(_text, value if isinstance(value, tuple) else (value,))


def _text(value: object) -> str:
    return value.name.replace("_", " ") if isinstance(value, Enum) else str(value)
