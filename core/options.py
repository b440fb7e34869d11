"""Settings of plugins for the whole company: declared by them, chosen by an administrator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.audit import Note, record
from core.company import PERMISSION
from core.database import KEY, Connection, Database, Dialect, Key, Row
from core.errors import Forbidden, Problem, Refused
from core.fields import Field, Kind, Traits
from core.ids import born, now
from core.parse import parse
from core.registry import Registry
from core.rows import insert, update
from core.settings import Setting

KINDS = frozenset({Kind.TEXT, Kind.NOTE, Kind.EMAIL, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.CHOICE, Kind.TAGS})


@dataclass(frozen=True, slots=True)
class Option:
    """A setting of a plugin for the whole company, shown in the company's settings.

    `Option("holidays", text(2, default="CN", label="Country of public holidays"))` is asked for as
    `await work.option("service_desk.holidays")`. Kinds: text, note, e-mail, integer, decimal, boolean, choice, tags.
    """

    name: str
    field: Field[Any]

    @property
    def traits(self) -> Traits:
        """What it holds, with its label."""
        traits = self.field.traits
        return replace(traits, label=traits.label or self.name.replace("_", " ").capitalize())


class Source:
    """Where options are read: the database, or an open transaction."""

    def __init__(self, source: Database | Connection) -> None:
        self._ask = source.rows if isinstance(source, Connection) else source.read
        self.dialect: Dialect = source.dialect

    async def rows(self, key: Key, sql: str, values: Sequence[object]) -> list[Row]:
        """What a reading statement returns."""
        return await self._ask(key, sql, values)


def declared(registry: Registry) -> dict[str, Traits]:
    """All options by their full names (`service_desk.holidays`), in the order of their plugins."""
    return {f"{plugin}.{one.name}": one.traits for plugin, one in registry.declared("tradepost_settings")}


async def read(registry: Registry, source: Source, names: Sequence[str]) -> dict[str, Any]:
    """The values of some options, each as it was chosen, else its default; `KeyError` for one nobody declared."""
    if not names:
        return {}
    known = declared(registry)
    places = ", ".join(source.dialect.place(number) for number in range(1, len(names) + 1))
    table = registry.spec(Setting).table
    sql = f"SELECT name, CAST(content AS TEXT) FROM {table} WHERE name IN ({places})"
    kept = {name: orjson.loads(content) for name, content in await source.rows(KEY, sql, list(names))}
    return {name: parse(name, known[name], kept[name]) if name in kept else known[name].default for name in names}


class Options:
    """Reads and sets the options."""

    def __init__(self, registry: Registry, database: Database) -> None:
        self._registry = registry
        self._database = database
        self.declared = declared(registry)

    async def all(self) -> dict[str, Any]:
        """Every option's value."""
        return await read(self._registry, Source(self._database), list(self.declared))

    async def get(self, name: str) -> Any:
        """One option's value; `KeyError` for one nobody declared."""
        return (await read(self._registry, Source(self._database), [name]))[name]

    async def change(self, caller: Caller, given: Mapping[str, object]) -> None:
        """Set options, all or none; only a super administrator may. `Refused` as of `check`."""
        if not caller.policy.everything or caller.read_only:
            raise Forbidden(PERMISSION)
        values = self.check(given)
        async with self._database.begin(KEY) as connection:
            before = await read(self._registry, Source(connection), list(values))
            changed = {name: value for name, value in values.items() if before[name] != value}
            for name, value in changed.items():
                await self._keep(connection, caller, name, _plain(value))
            if changed:
                changes = {name: (_plain(before[name]), _plain(value)) for name, value in changed.items()}
                note = Note("update", self._registry.spec(Setting).label, title="options", changes=changes)
                await record(connection, self._registry, caller, now(), [note])

    def check(self, given: Mapping[str, object]) -> dict[str, Any]:
        """The values of options as they were written; `Refused` lists what is wrong by name."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, raw in given.items():
            try:
                values[name] = parse(name, self.declared[name], raw)
            except Refused as refusal:
                problems += refusal.problems
        if problems:
            raise Refused(problems=problems)
        return values

    async def _keep(self, connection: Connection, caller: Caller, name: str, content: object) -> None:
        spec = self._registry.spec(Setting)
        sql = f"SELECT id FROM {spec.table} WHERE name = {connection.dialect.place(1)}"
        rows = await connection.rows(KEY, sql, [name])
        if rows:
            await update(connection, spec, UUID(str(rows[0][0])), {"content": content, "updated_at": now()})
        else:
            await insert(connection, spec, born(now(), caller.user_id) | {"name": name, "content": content})


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    inner = getattr(value, "value", value)
    return inner if isinstance(inner, str | int | bool | None) else str(inner)
