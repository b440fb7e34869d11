"""Migrations: Tortoise's, per plugin, run through the guarded engines under a lock.

A rename is declared, never guessed: `drafts.make` writes a removal and an addition, and whoever means a rename replaces
them by `ops.RenameField` before the file is applied. Nor does it tighten a column that may be empty: a field that is
required later is required of people at once, and of the database when its author fills the old rows and writes the
`ops.AlterField` himself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from time import monotonic
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.loader import MigrationLoader
from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel, Operation, SQLOperation
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from core.database import KEY, Busy, Connection, Database, Dialect
from core.editors import PostgresEditor, SqliteEditor
from core.errors import TradepostError
from core.plugin import Plugin
from core.postgres import PostgresEngine
from core.registry import Registry
from core.sqlite import SqliteEngine

APPLIED = "tradepost_migration"
ADDITIONS = (CreateModel, AddIndex, AddConstraint, AddField)
"""Operations that never look at the state before them, so that it need not be copied."""

PAUSE = 1.0
LONGEST_WAIT = 600.0
"""Seconds for which a migration tries again while somebody uses the tables that it changes."""
IN_USE = (
    "The tables that the migration changes were in use for %d minutes without a break. End what holds them"
    " (a report, a backup, a forgotten session: pg_stat_activity tells), then run `tradepost migrate` again"
)

log = logging.getLogger(__name__)


class MigrationError(TradepostError):
    """The migrations on disk cannot be run; the message says which and why."""

    code = "migration"


@dataclass(frozen=True, order=True, slots=True)
class Step:
    """One migration of a plugin: `core 0001_initial`."""

    plugin: str
    name: str

    def __str__(self) -> str:
        return f"{self.plugin} {self.name}"


def package(plugin: Plugin) -> str | None:
    """The package of a plugin's migrations, if it has one."""
    if not plugin.package:  # it declares nothing but hooks
        return None
    if not plugin.package:  # it declares nothing
        return None
    name = f"{plugin.package}.migrations"
    try:
        found = find_spec(name)
    except ModuleNotFoundError:  # its declarations are a single module
        return None
    return name if found and found.submodule_search_locations is not None else None


def on_disk(registry: Registry) -> Iterator[Step]:
    """Every migration there is."""
    for plugin in registry.plugins:
        name = package(plugin)
        if name:
            for one in iter_modules(import_module(name).__path__):
                if not one.name.startswith("_"):
                    yield Step(plugin.name, one.name)


async def applied(database: Database) -> set[Step]:
    """The migrations that this database has been through."""
    there = {
        Dialect.SQLITE: f"SELECT 1 FROM sqlite_master WHERE name = '{APPLIED}'",
        Dialect.POSTGRES: f"SELECT 1 WHERE to_regclass('{APPLIED}') IS NOT NULL",
    }
    if not await database.read(KEY, there[database.dialect]):
        return set()
    return {Step(*row) for row in await database.read(KEY, f"SELECT plugin, name FROM {APPLIED}")}


async def pending(database: Database, registry: Registry) -> list[Step]:
    """The migrations that this database has yet to go through, in order."""
    done = await applied(database)
    if all(step in done for step in on_disk(registry)):
        return []
    return [step for step, _ in await plan(registry) if step not in done]


async def migrate(database: Database, registry: Registry) -> list[Step]:
    """Run what is pending, each migration in a transaction of its own; several processes may try at once.

    One that finds its table in use gives way, lest all others wait behind it, and tries again.
    """
    _require_migrations(registry)
    ran: list[Step] = []
    if not await pending(database, registry):
        return ran
    end = monotonic() + LONGEST_WAIT
    while True:
        try:
            await _run(database, registry, ran)
        except Busy as fault:
            if monotonic() > end:
                raise MigrationError(IN_USE % (LONGEST_WAIT / 60)) from fault
            log.warning("The tables are in use; the migration tries again")
            await asyncio.sleep(PAUSE)
        else:
            return ran


async def _run(database: Database, registry: Registry, ran: list[Step]) -> None:
    """All that is pending; those that were done are remembered in `ran`, whatever comes of the next."""
    state = State(models={}, apps=StateApps())
    for step, migration in await plan(registry):
        async with database.begin(KEY, alter=True) as connection:
            fresh = step not in await recorded(connection)
            await advance(migration.operations, step.plugin, state, editor(connection) if fresh else None)
            if fresh:
                await record(connection, step)
        if fresh:
            ran.append(step)


def _require_migrations(registry: Registry) -> None:
    known = {step.plugin for step in on_disk(registry)}
    for plugin in registry.plugins:
        if plugin.models and plugin.name not in known:
            raise MigrationError(f"{plugin.name} has models but no migrations: write them with makemigrations first")


async def plan(registry: Registry) -> list[tuple[Step, Migration]]:
    """All migrations in an order that respects their dependencies."""
    packages = {plugin.name: package(plugin) for plugin in registry.plugins}
    loader = MigrationLoader({name: {"migrations": one} for name, one in packages.items() if one}, _Nothing())
    await loader.build_graph()
    keys: dict[MigrationKey, None] = {}
    for leaf in loader.graph.leaf_nodes():
        keys.update(dict.fromkeys(loader.graph.forwards_plan(leaf)))
    steps = []
    for key in keys:
        migration = loader.graph.nodes[key]
        if migration is None:
            raise MigrationError(f"A migration needs {key}, which is not there; install the plugin that has it")
        steps.append((Step(key.app_label, key.name), migration))
    return steps


async def advance(operations: Sequence[Operation], plugin: str, state: State, to: BaseSchemaEditor | None) -> None:
    """Bring the state, and through an editor the database, behind some operations."""
    for operation in operations:
        if isinstance(operation, SQLOperation):
            await operation.run(plugin, state, dry_run=to is None, state_editor=to)
            continue
        before = state if to is None or isinstance(operation, ADDITIONS) else state.clone()
        operation.state_forward(plugin, state)
        if to is not None:
            await operation.database_forward(plugin, before, state, to)
    state.validate_relations_initialized()


def editor(connection: Connection) -> BaseSchemaEditor:
    """What turns operations into statements of an open transaction."""
    made = SqliteEditor if connection.dialect is Dialect.SQLITE else PostgresEditor
    return made(Door(connection))


class Door(BaseDBAsyncClient):
    """What an editor, or the Python code of a migration, runs its statements through."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection_name="migrations")
        engine = SqliteEngine if connection.dialect is Dialect.SQLITE else PostgresEngine
        self.capabilities = engine.capabilities
        self._opened = connection

    async def execute_script(self, query: str) -> None:
        """Run statements without values."""
        await self._opened.run(KEY, query)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[Any, Any]]]:
        """Run one statement."""
        rows = await self._opened.records(KEY, query, values or ())
        return len(rows), rows

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run one statement and return its rows."""
        return await self._opened.records(KEY, query, values or ())


class _Nothing(MigrationRecorder):
    """In the place of Tortoise's recorder, which writes outside the migration's transaction."""

    def __init__(self) -> None:
        super().__init__(connection=None)

    async def applied_migrations(self) -> list[MigrationKey]:
        return []


async def recorded(connection: Connection) -> set[Step]:
    """The migrations that were run, as the transaction sees them."""
    await connection.run(
        KEY,
        f"CREATE TABLE IF NOT EXISTS {APPLIED} (plugin varchar(40) NOT NULL, name varchar(255) NOT NULL,"
        " applied_at varchar(32) NOT NULL, PRIMARY KEY (plugin, name))",
    )
    return {Step(*row) for row in await connection.rows(KEY, f"SELECT plugin, name FROM {APPLIED}")}


async def record(connection: Connection, step: Step) -> None:
    """Remember that a migration was run."""
    place = connection.dialect.place
    await connection.run(
        KEY,
        f"INSERT INTO {APPLIED} (plugin, name, applied_at) VALUES ({place(1)}, {place(2)}, {place(3)})",
        (step.plugin, step.name, datetime.now(UTC).isoformat(timespec="seconds")),
    )
