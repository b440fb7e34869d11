"""A user's notifications, as he may still see them; what he has read, and what he does not want to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.codec import plain, stored
from core.database import KEY, Connection, Database
from core.fields import Kind
from core.ids import born, now
from core.live import Hub
from core.notices import Muting, Notification, kinds
from core.policies import present
from core.query import Leaf, Read, Single
from core.reading import Reader
from core.registry import ModelSpec, Registry
from core.rows import insert_missing

MOST = 50
ID = (Leaf("id", "id"),)
FIELDS = ("id", "kind", "model", "record", "by", "created_at", "read_at")


@dataclass(frozen=True, slots=True)
class Notified:
    """A notification: its kind, the record it is about, who did it (nobody: it came by itself), when, and if read."""

    id: UUID
    kind: str
    model: str
    record: UUID
    by: UUID | None
    at: datetime
    read: bool


class Notifications:
    """The notifications of all users; everybody reaches his own, of records that he sees at this moment."""

    def __init__(self, registry: Registry, database: Database, reader: Reader, hub: Hub) -> None:
        self._registry = registry
        self._database = database
        self._reader = reader
        self._hub = hub

    async def of(self, caller: Caller, *, unread: bool = False) -> list[Notified]:
        """The caller's newest notifications, at most 50, the newest first; `unread`: those that he has not read."""
        return await notified(self._reader, caller, unread=unread)

    async def unread(self, caller: Caller) -> int:
        """How many of the caller's newest 50 notifications he has not read."""
        return len(await self.of(caller, unread=True))

    async def read(self, caller: Caller, ids: Sequence[UUID] | None = None) -> None:
        """Note that the caller has read some of his notifications, or all of them. Others' ids are passed over."""
        dialect, user = self._database.dialect, caller.himself
        values: list[object] = [self._plain(Kind.MOMENT, now()), self._plain(Kind.ID, user)]
        table = self._registry.spec(Notification).table
        unread = f"user_id = {dialect.place(2)} AND read_at IS NULL"
        sql = f"UPDATE {table} SET read_at = {dialect.place(1)} WHERE {unread}"
        if ids is not None:
            places = ", ".join(dialect.place(number) for number in range(3, len(ids) + 3))
            sql += f" AND id IN ({places})" if ids else " AND 1 = 0"
            values += [self._plain(Kind.ID, one) for one in ids]
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            await connection.run(KEY, sql, values)
        self._hub.ring(user)

    async def muted(self, caller: Caller) -> set[str]:
        """The kinds that the caller does not want to be told of."""
        sql = f"SELECT kind FROM {self._registry.spec(Muting).table} WHERE user_id = {self._database.dialect.place(1)}"
        return {str(row[0]) for row in await self._database.read(KEY, sql, [self._plain(Kind.ID, caller.himself)])}

    async def mute(self, caller: Caller, names: Sequence[str]) -> None:
        """Set the kinds that the caller does not want to be told of, and no others; unknown ones are passed over."""
        user = caller.himself
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            await self._clear(connection, user)
            for name in sorted({*names} & {*kinds(self._registry)}):
                row = born(now(), user) | {"user": user, "kind": name}
                await insert_missing(connection, self._registry.spec(Muting), row)

    async def _clear(self, connection: Connection, user: UUID) -> None:
        sql = f"DELETE FROM {self._registry.spec(Muting).table} WHERE user_id = {self._database.dialect.place(1)}"
        await connection.run(KEY, sql, [self._plain(Kind.ID, user)])

    def _plain(self, kind: Kind, value: object) -> object:
        return plain(self._database.dialect, kind, 0, value)


async def notified(reader: Reader, caller: Caller, *, unread: bool = False) -> list[Notified]:
    """A caller's newest notifications, at most 50, of records that he sees at this moment, the newest first."""
    spec, dialect = reader.registry.spec(Notification), reader.database.dialect
    columns = ", ".join(spec.fields[name].column for name in FIELDS)
    sql = (
        f"SELECT {columns} FROM {spec.table} WHERE user_id = {dialect.place(1)}"
        f"{' AND read_at IS NULL' if unread else ''} ORDER BY created_at DESC, id LIMIT {MOST}"
    )
    rows = await reader.database.read(KEY, sql, [plain(dialect, Kind.ID, 0, caller.himself)])
    found = [one for one in (_notified(spec, row) for row in rows) if one.model in reader.registry.models]
    seen = tuple((f"n{place}", Single(one.model, one.record, ID, lenient=True)) for place, one in enumerate(found))
    answer = orjson.loads(await reader.answer(caller, Read(seen)))
    return [one for place, one in enumerate(found) if answer[f"n{place}"] is not None]


def _notified(spec: ModelSpec, row: Sequence[Any]) -> Notified:
    fields = [spec.fields[name] for name in FIELDS]
    raw = {one.column: value for one, value in zip(fields, row, strict=True)}
    found = {one.name: stored(one, raw) for one in fields}
    at, read = found.pop("created_at"), found.pop("read_at")
    return Notified(**found | {"record": UUID(found["record"])}, at=at, read=read is not None)
