"""What the audit tells about a record, to somebody who may see the record; and about everything, to administrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.audit import Entry
from core.database import KEY, Database, Dialect
from core.errors import Forbidden
from core.policies import present
from core.reading import Reader
from core.registry import ModelSpec, Registry

PERMISSION = "core.entry.read"
MOST = 200


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the audit for people: who did what, when, from where, and both values of each changed field."""

    number: int
    at: datetime
    user: str
    by: str
    verb: str
    model: str
    record: str
    title: str
    reason: str
    address: str
    program: str
    changes: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries are asked for; what is empty does not narrow. `before` is the number of an entry."""

    model: str = ""
    record: str = ""
    verb: str = ""
    user: UUID | None = None
    before: int = 0


class History:
    """Reads the audit for people."""

    def __init__(self, registry: Registry, database: Database, reader: Reader) -> None:
        self._registry = registry
        self._database = database
        self._reader = reader

    async def of(self, caller: Caller, spec: ModelSpec, record: UUID, limit: int = 50) -> list[Event]:
        """The history of a record, the newest first; `NotFound` where the caller does not see the record.

        Changes of fields that he may not read are left out.
        """
        caller = await self._reader.seen(caller, spec.model, record)
        found = await self._entries(Sought(spec.label, str(record)), limit)
        return [_shown(one, spec, caller) for one in found]

    async def everything(self, caller: Caller, sought: Sought, limit: int = 50) -> list[Event]:
        """Entries of the whole audit, the newest first; only for super administrators."""
        if not (await present(self._database, caller)).policy.everything:
            raise Forbidden(PERMISSION)
        return await self._entries(sought, limit)

    async def mine(self, caller: Caller, limit: int = 50) -> list[Event]:
        """What the caller himself did last, the newest first."""
        return await self._entries(Sought(user=caller.user_id), limit) if caller.user_id else []

    async def _entries(self, sought: Sought, limit: int) -> list[Event]:
        dialect = self._database.dialect
        values: list[object] = []
        parts: list[str] = []
        for column, operator, value, cast in _tests(sought, dialect):
            values.append(value)
            parts.append(f"e.{column} {operator} {dialect.place(len(values))}{cast}")
        where = f" WHERE {' AND '.join(parts)}" if parts else ""
        table, users = self._registry.spec(Entry).table, "core_user"
        sql = (
            "SELECT e.number, e.at, coalesce(u.name, ''), e.\"by\", e.verb, e.model, e.record, e.title, e.reason,"
            f" e.address, e.program, e.changes FROM {table} e LEFT JOIN {users} u ON u.id = e.user_id{where}"
            f" ORDER BY e.number DESC LIMIT {min(limit, MOST)}"
        )
        return [_event(row) for row in await self._database.read(KEY, sql, values)]


def _tests(sought: Sought, dialect: Dialect) -> list[tuple[str, str, object, str]]:
    user: object = sought.user if dialect is Dialect.POSTGRES or sought.user is None else str(sought.user)
    cast = "::uuid" if dialect is Dialect.POSTGRES else ""
    tests: list[tuple[str, str, object, str]] = [
        ("model", "=", sought.model, ""),
        ("record", "=", sought.record, ""),
        ("verb", "=", sought.verb, ""),
        ("user_id", "=", user, cast),
        ("number", "<", sought.before, ""),
    ]
    return [(name, operator, _clean(value), cast) for name, operator, value, cast in tests if value]


def _clean(value: object) -> object:
    """A value that a database takes; what it does not take, no entry has."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _event(row: tuple[Any, ...]) -> Event:
    number, at, *texts, changes = row
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    found = orjson.loads(changes) if isinstance(changes, str | bytes) else changes
    user, by, verb, model, record, title, reason, address, program = (str(one or "") for one in texts)
    return Event(number, moment, user, by, verb, model, record, title, reason, address, program, found or {})


def _shown(event: Event, spec: ModelSpec, caller: Caller) -> Event:
    hidden = caller.policy.hidden
    changes = {name: both for name, both in event.changes.items() if f"{spec.label}.{name}" not in hidden}
    return replace(event, changes=changes)
