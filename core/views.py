"""Saved views: what a user keeps of a list, under a name; the nameless one is how the list opens for him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.database import KEY, Connection, Database, Dialect
from core.errors import NotFound, Refused, Unauthenticated
from core.ids import born, now
from core.parse import clean
from core.policies import present
from core.registry import ModelSpec, Registry
from core.rows import delete, insert, update
from core.settings import View

LONGEST_NAME = 120
LONGEST_QUERY = 4_000
MOST_VIEWS = 100
MOST_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view: the address of its filters and order (`stage=won&_sort=-amount`), and its columns."""

    id: UUID
    name: str
    query: str
    columns: tuple[str, ...]


class Views:
    """The views of all users; everybody reaches his own."""

    def __init__(self, registry: Registry, database: Database) -> None:
        self._spec = registry.spec(View)
        self._database = database

    async def of(self, caller: Caller, model: ModelSpec) -> list[SavedView]:
        """The caller's views of a model, by name."""
        rows = await self._database.read(KEY, self._sql(), self._mine(caller, model))
        return sorted((_view(row) for row in rows), key=lambda one: one.name.casefold())

    async def save(
        self, caller: Caller, model: ModelSpec, name: str, query: str = "", columns: tuple[str, ...] = ()
    ) -> SavedView:
        """Keep a view; one of the same name is replaced."""
        _check(name, query, columns)
        content = {"query": query, "columns": list(columns)}
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            known = [_view(row) for row in await connection.rows(KEY, self._sql(), self._mine(caller, model))]
            same = next((one for one in known if one.name == name), None)
            if same is None and len(known) >= MOST_VIEWS:
                raise Refused("Remove a view first: there may be %(most)s", most=MOST_VIEWS)
            kept = same.id if same else await self._add(connection, caller, model, name)
            await update(connection, self._spec, kept, {"content": content, "updated_at": now()})
        return SavedView(kept, name, query, columns)

    async def remove(self, caller: Caller, model: ModelSpec, view: UUID) -> None:
        """Forget a view; `NotFound` for one that is not the caller's."""
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            known = [_view(row) for row in await connection.rows(KEY, self._sql(), self._mine(caller, model))]
            if view not in {one.id for one in known}:
                raise NotFound
            await delete(connection, self._spec, view)

    async def _add(self, connection: Connection, caller: Caller, model: ModelSpec, name: str) -> UUID:
        row = born(now(), caller.user_id)
        values: dict[str, object] = {"user": caller.user_id, "model": model.label, "name": name, "content": {}}
        await insert(connection, self._spec, row | values)
        return UUID(str(row["id"]))

    def _sql(self) -> str:
        dialect = self._database.dialect
        cast = "::uuid" if dialect is Dialect.POSTGRES else ""
        return (
            f"SELECT id, name, content FROM {self._spec.table}"
            f" WHERE user_id = {dialect.place(1)}{cast} AND model = {dialect.place(2)}"
        )

    def _mine(self, caller: Caller, model: ModelSpec) -> list[object]:
        if caller.user_id is None:
            raise Unauthenticated
        mine = caller.user_id if self._database.dialect is Dialect.POSTGRES else str(caller.user_id)
        return [mine, model.label]


def _check(name: str, query: str, columns: tuple[str, ...]) -> None:
    for one in (name, query, *columns):
        clean(one)
    if len(name) > LONGEST_NAME:
        raise Refused("Shorten this to %(length)s characters", field="name", code="too_long", length=LONGEST_NAME)
    if len(query) > LONGEST_QUERY or len(columns) > MOST_COLUMNS:
        raise Refused("This view is too large to be kept", code="too_long")


def _view(row: tuple[Any, ...]) -> SavedView:
    content = orjson.loads(row[2]) if isinstance(row[2], str | bytes) else row[2] or {}
    return SavedView(
        UUID(str(row[0])), row[1], str(content.get("query", "")), tuple(map(str, content.get("columns", ())))
    )
