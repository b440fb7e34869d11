"""Saved views: what a user keeps of a list, under a name; the nameless one is how the list opens for him.

A view that its owner shares is found by everybody who may see the list. It holds an address, never records: who opens
it asks the question himself, with his own rights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import orjson

from core.access import Caller
from core.database import KEY, Connection, Database, Dialect
from core.errors import NotFound, Refused, Unauthenticated
from core.fields import Kind
from core.ids import born, now
from core.parse import clean
from core.policies import present
from core.reading import Source
from core.registry import ModelSpec, Registry
from core.rows import delete, insert, update
from core.settings import View
from core.users import User

LONGEST_NAME = 120
LONGEST_QUERY = 4_000
MOST_VIEWS = 100
MOST_COLUMNS = 40
UNASKED = frozenset({Kind.DATA, Kind.SECRET, Kind.ID})


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view: the address of its filters and order (`stage=won&_sort=-amount`), and its columns.

    `by` is the name of the colleague whose it is, empty for one's own. `lost` are the fields it is about that the
    reader may not see, or that are gone: then it has no query, since that holds values of theirs.
    """

    id: UUID
    name: str
    query: str
    columns: tuple[str, ...]
    shared: bool = False
    by: str = ""
    lost: tuple[str, ...] = ()


class Views:
    """The views of all users; everybody reaches his own, and those that others share."""

    def __init__(self, registry: Registry, database: Database) -> None:
        self._registry = registry
        self._spec = registry.spec(View)
        self._database = database

    async def of(self, caller: Caller, model: ModelSpec) -> list[SavedView]:
        """The caller's views of a model by name, then those that are shared with him."""
        return await views_of(self._registry, self._database, caller, model)

    async def save(
        self,
        caller: Caller,
        model: ModelSpec,
        name: str,
        query: str = "",
        columns: tuple[str, ...] = (),
        *,
        shared: bool | None = None,
    ) -> SavedView:
        """Keep a view; one of the same name is replaced. `shared`: of none, as it was."""
        _check(name, query, columns)
        async with self._database.begin(KEY) as connection:
            known = await self._known(connection, caller, model)
            same = next((one for one in known if not one.by and one.name == name), None)
            if same is None and sum(not one.by for one in known) >= MOST_VIEWS:
                raise Refused("Remove a view first: there may be %(most)s", most=MOST_VIEWS)
            kept = same.id if same else await self._add(connection, caller, model, name)
            before = SavedView(kept, name, query, columns, same.shared if same else False)
            made = before if shared is None else replace(before, shared=shared)
            await self._write(connection, known, before, made)
        return made

    async def share(self, caller: Caller, model: ModelSpec, view: UUID, *, shared: bool) -> None:
        """Let everybody who may see the list find one of the caller's views, or nobody any more.

        Who may do everything can also end what others share.
        """
        async with self._database.begin(KEY) as connection:
            known = await self._known(connection, caller, model)
            one = _one(known, view, others=caller.policy.everything and not shared)
            await self._write(connection, known, one, replace(one, shared=shared))

    async def copy(self, caller: Caller, model: ModelSpec, view: UUID) -> SavedView:
        """Make a view that is shared by another the caller's own, under a name that is free."""
        async with self._database.begin(KEY) as connection:
            known = await self._known(connection, caller, model)
        taken = {one.name for one in known if not one.by}
        other = _seen(self._registry, caller, model, _one(known, view, others=True))
        if other.lost:
            raise NotFound
        names = chain((other.name,), (f"{other.name[: LONGEST_NAME - 4]} {number}" for number in count(2)))
        free = next(name for name in names if name not in taken)
        return await self.save(caller, model, free, other.query, other.columns)

    async def remove(self, caller: Caller, model: ModelSpec, view: UUID) -> None:
        """Forget a view; `NotFound` for one that is not the caller's, unless he may do everything."""
        async with self._database.begin(KEY) as connection:
            known = await self._known(connection, caller, model)
            await delete(connection, self._spec, _one(known, view, others=caller.policy.everything).id)

    async def _known(self, connection: Connection, caller: Caller, model: ModelSpec) -> list[SavedView]:
        caller = await present(connection, caller)
        return _views(await connection.rows(KEY, *_asked(self._registry, connection.dialect, caller, model)), caller)

    async def _write(
        self, connection: Connection, known: Sequence[SavedView], before: SavedView, view: SavedView
    ) -> None:
        others = sum(one.shared for one in known if one.id != view.id)
        if view.shared and not before.shared and others >= MOST_VIEWS:
            raise Refused("End sharing a view first: there may be %(most)s", most=MOST_VIEWS)
        content = {"query": view.query, "columns": list(view.columns), "shared": view.shared}
        await update(connection, self._spec, view.id, {"content": content, "updated_at": now()})

    async def _add(self, connection: Connection, caller: Caller, model: ModelSpec, name: str) -> UUID:
        row = born(now(), caller.user_id)
        values: dict[str, object] = {"user": caller.user_id, "model": model.label, "name": name, "content": {}}
        await insert(connection, self._spec, row | values)
        return UUID(str(row["id"]))


async def views_of(registry: Registry, source: Source, caller: Caller, model: ModelSpec) -> list[SavedView]:
    """The views that a caller finds above a list: his own by name, then those that are shared with him."""
    permission = registry.permission(model, "read")
    if not caller.allows(permission):  # perhaps he was given it since
        caller = await present(source, caller)
    found = _views(await source.read(KEY, *_asked(registry, source.dialect, caller, model)), caller)
    if any(one.by for one in found):  # what others wrote is told by the rights of this moment
        caller = await present(source, caller)
        caller.require(permission)
    return [_seen(registry, caller, model, one) for one in found]


def _asked(registry: Registry, dialect: Dialect, caller: Caller, model: ModelSpec) -> tuple[str, list[object]]:
    """The statement for the views that a caller finds; `Forbidden` where he may not see the list."""
    if caller.user_id is None:
        raise Unauthenticated
    caller.require(registry.permission(model, "read"))
    postgres = dialect is Dialect.POSTGRES
    shared = "v.content ->> 'shared' = 'true'" if postgres else "json_extract(v.content, '$.shared') = 1"
    mine = f"v.user_id = {dialect.place(1)}{'::uuid' if postgres else ''}"
    sql = (
        "SELECT v.id, v.name, v.content, v.user_id, COALESCE(NULLIF(u.name, ''), u.login)"
        f" FROM {registry.spec(View).table} v JOIN {registry.spec(User).table} u ON u.id = v.user_id"
        f" WHERE ({mine} OR {shared}) AND v.model = {dialect.place(2)}"
    )
    return sql, [caller.user_id if postgres else str(caller.user_id), model.label]


def _seen(registry: Registry, caller: Caller, model: ModelSpec, view: SavedView) -> SavedView:
    """A view as the caller may see it."""
    lost = tuple(path for path in _paths(view.query) if not _readable(registry, caller, model, path))
    return replace(view, lost=lost, query="") if lost else view


def _readable(registry: Registry, caller: Caller, model: ModelSpec, path: str) -> bool:
    head, _, rest = path.partition(".")
    found = model.fields.get(head)
    if found is None or found.kind in UNASKED or f"{model.label}.{head}" in caller.policy.hidden:
        return False
    if not rest:
        return True
    return found.target is not None and _readable(registry, caller, registry.models[found.target], rest)


def _check(name: str, query: str, columns: tuple[str, ...]) -> None:
    for one in (name, query, *columns):
        clean(one)
    if len(name) > LONGEST_NAME:
        raise Refused("Shorten this to %(length)s characters", field="name", code="too_long", length=LONGEST_NAME)
    if len(query) > LONGEST_QUERY or len(columns) > MOST_COLUMNS:
        raise Refused("This view is too large to be kept", code="too_long")


def _paths(query: str) -> Sequence[str]:
    """The fields that an address is about: what it filters and sorts by."""
    pairs = parse_qsl(query)
    named = [name.partition("-")[0] for name, _ in pairs if not name.startswith("_")]
    sorted_by = [value.removeprefix("-") for name, value in pairs if name == "_sort"]
    return tuple(dict.fromkeys((*named, *sorted_by)))


def _one(known: Sequence[SavedView], view: UUID, *, others: bool) -> SavedView:
    found = next((one for one in known if one.id == view and (others or not one.by)), None)
    if found is None:
        raise NotFound
    return found


def _views(rows: Sequence[tuple[Any, ...]], caller: Caller) -> list[SavedView]:
    found = [_view(row, caller) for row in rows]
    return sorted((one for one in found if one.name or not one.by), key=lambda one: (bool(one.by), one.name.casefold()))


def _view(row: tuple[Any, ...], caller: Caller) -> SavedView:
    content = orjson.loads(row[2]) if isinstance(row[2], str | bytes) else row[2] or {}
    return SavedView(
        UUID(str(row[0])),
        row[1],
        str(content.get("query", "")),
        tuple(map(str, content.get("columns", ()))),
        content.get("shared") is True,
        "" if UUID(str(row[3])) == caller.user_id else str(row[4]),
    )
