"""The database: read-only statements, and transactions, for those who hold the key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from core.engines import (
    KEY,
    Busy,
    DatabaseFault,
    Dialect,
    Engine,
    Key,
    Line,
    LinkViolation,
    Row,
    UniqueViolation,
    unlock,
)
from core.errors import DoorShut, SettingsError
from core.postgres import PostgresEngine, bounced
from core.registry import Registry
from core.settings import Settings
from core.sqlite import SqliteEngine
from core.watching import Watch, WatchedEngine

__all__ = [
    "KEY",
    "Busy",
    "Connection",
    "Database",
    "DatabaseFault",
    "Dialect",
    "Key",
    "LinkViolation",
    "Row",
    "UniqueViolation",
    "connect",
]

Listener = Callable[[str], None]


class Connection:
    """One open transaction; it refuses once the transaction has ended, and serves one statement at a time."""

    def __init__(self, dialect: Dialect, line: Line, listeners: Sequence[Listener]) -> None:
        self.dialect = dialect
        self._line: Line | None = line
        self._listeners = listeners
        self._turn = asyncio.Lock()

    async def rows(self, key: Key, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """What a statement returns."""
        async with self._turn:
            return await self._opened(key, sql).rows(sql, values)

    async def records(self, key: Key, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """What a statement returns, by the names of its columns."""
        async with self._turn:
            return await self._opened(key, sql).records(sql, values)

    async def run(self, key: Key, sql: str, values: Sequence[object] = ()) -> int:
        """How many rows a statement changed."""
        async with self._turn:
            return await self._opened(key, sql).run(sql, values)

    async def run_many(self, key: Key, sql: str, values: Sequence[Sequence[object]]) -> None:
        """One statement for each set of values."""
        async with self._turn:
            await self._opened(key, sql).run_many(sql, values)

    @asynccontextmanager
    async def part(self, key: Key) -> AsyncIterator[None]:
        """A part of the transaction that may fail alone (a savepoint)."""
        await self.run(key, "SAVEPOINT part")
        try:
            yield
        except Exception:
            await self.run(key, "ROLLBACK TO SAVEPOINT part")
            raise
        finally:
            await self.run(key, "RELEASE SAVEPOINT part")

    def end(self) -> None:
        """From now on it refuses."""
        self._line = None

    def _opened(self, key: Key, sql: str) -> Line:
        unlock(key)
        if self._line is None:
            raise DoorShut("The transaction has ended")
        for listener in self._listeners:
            listener(sql)
        return self._line


class Database:
    """A guarded database: whoever comes without the key is refused."""

    def __init__(self, engine: SqliteEngine | PostgresEngine) -> None:
        self.dialect = Dialect.SQLITE if isinstance(engine, SqliteEngine) else Dialect.POSTGRES
        self.engine: Engine = engine
        self.listeners: list[Listener] = []

    def watch(self, watch: Watch) -> None:
        """From now on have something stand around each statement."""
        self.engine = WatchedEngine(self.engine, watch)

    async def read(self, key: Key, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """What a reading statement returns, outside any transaction."""
        unlock(key)
        for listener in self.listeners:
            listener(sql)
        return await self.engine.read(key, sql, values)

    async def once(self, key: Key, sql: str, values: Sequence[object] = ()) -> int:
        """How many rows a changing statement changed, as a transaction of its own."""
        unlock(key)
        for listener in self.listeners:
            listener(sql)
        return await self.engine.once(key, sql, values)

    @asynccontextmanager
    async def begin(self, key: Key, *, alter: bool = False) -> AsyncIterator[Connection]:
        """A transaction: committed at the end, rolled back by an exception. `alter` is for migrations."""
        async with self.engine.hold(key, alter=alter) as line:
            connection = Connection(self.dialect, line, self.listeners)
            try:
                yield connection
            finally:
                connection.end()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.close()


async def connect(url: str, registry: Registry) -> Database:  # noqa: ARG001  # constraints are named by the registry
    """The database at `sqlite:///absolute/path` or `postgresql://user@host/name`.

    Options of the latter besides libpq's: `pool_size` (10 connections that read, and half as many that write) and
    `statement_cache_size` (100; 0 behind PgBouncer).
    """
    engine = _engine(url)
    await engine.start(KEY)
    return Database(engine)


async def require_direct(settings: Settings) -> None:
    """Refuse a PgBouncer: programs of PostgreSQL set what would stay with a connection that others get after them."""
    address, _ = _parted(settings.direct)
    if settings.sqlite is None and await bounced(address):
        raise SettingsError(
            "TRADEPOST_DATABASE_DIRECT_URL: name the same database past PgBouncer, which backups cannot go through"
        )


def _engine(url: str) -> SqliteEngine | PostgresEngine:
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not parts.netloc and parts.path.startswith("/"):
        return SqliteEngine(Path(unquote(parts.path)))
    if parts.scheme in {"postgresql", "postgres"}:
        address, numbers = _parted(url)
        return PostgresEngine(address, **numbers)
    raise SettingsError("TRADEPOST_DATABASE_URL is sqlite:///absolute/path or postgresql://user@host/name")


def _parted(url: str) -> tuple[str, dict[str, int]]:
    """The address of a server as libpq knows it, and our own options."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    own = [name for name in ("pool_size", "statement_cache_size") if name in query]
    numbers: dict[str, int] = {name: int(query.pop(name)) for name in own}
    return parts._replace(query=urlencode(query)).geturl(), numbers
