"""The two databases: Tortoise's clients with their doors shut, and the lines that the kernel itself speaks over.

Every public way of a client to run a statement refuses, always: a client that opened by a context variable would be
open for all code that runs inside an action, and for the tasks that it leaves behind.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast, final
from zoneinfo import ZoneInfo

import aiosqlite
import asyncpg
from asyncpg.pool import PoolConnectionProxy
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.sqlite.client import SqliteClient

from core.errors import DoorShut, TradepostError

PATIENCE = 10
"""Seconds to wait for somebody else's lock before `Busy`."""

READERS = 4
"""Connections that read a SQLite file at the same time."""

Row = tuple[Any, ...]


class Dialect(Enum):
    """The database that a statement is written for."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"

    def place(self, number: int) -> str:
        """The placeholder of the nth value, counted from 1."""
        return f"?{number}" if self is Dialect.SQLITE else f"${number}"

    @property
    def now(self) -> str:
        """The present moment, in the form that moments are stored in."""
        return "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')" if self is Dialect.SQLITE else "now()"


@final
class Key:
    """What opens the door to the database; only the kernel hands it on."""

    __slots__ = ()


KEY = Key()


def unlock(key: Key) -> None:
    """Refuse whoever comes without the key."""
    if key is not KEY:
        raise DoorShut("Read through queries and write through operations; the database itself is closed")


class DatabaseFault(TradepostError):
    """The database refused a statement, or could not be reached."""

    code = "database"


class UniqueViolation(DatabaseFault):
    """A row with these values is there already."""

    code = "taken"

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        super().__init__(f"{table} has a row with the same {', '.join(columns)}")
        self.table = table
        self.columns = tuple(columns)


class LinkViolation(DatabaseFault):
    """A link points at no row, or a row that is still linked to was to be removed."""

    code = "linked"


class Busy(DatabaseFault):
    """Somebody else holds the lock for too long; the whole unit of work may be tried again."""

    code = "busy"


class Line(Protocol):
    """A connection of its own to one of the databases."""

    async def rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        """What a statement returns."""

    async def records(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """What a statement returns, by the names of its columns."""

    async def run(self, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed."""

    async def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """One statement for each set of values."""


class Shut:
    """The public face of a Tortoise client: every door refuses."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise DoorShut("Read through queries and write through operations; the database itself is closed")

    async def _refuse_later(self, *_: object, **__: object) -> NoReturn:
        self._refuse()

    execute_query = _refuse_later
    execute_query_dict = _refuse_later
    execute_query_dict_with_affected = _refuse_later
    execute_insert = _refuse_later
    execute_many = _refuse_later
    execute_script = _refuse_later
    db_create = _refuse_later
    db_delete = _refuse_later
    acquire_connection = _refuse
    _in_transaction = _refuse


# SQLite -------------------------------------------------------------------------------------------------------------


class SqliteLine:
    """A connection to a SQLite file."""

    def __init__(self, raw: aiosqlite.Connection) -> None:
        self.raw = raw

    async def rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        """What a statement returns."""
        with _sqlite_faults():
            return cast("list[Row]", await self.raw.execute_fetchall(sql, values))

    async def records(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """What a statement returns, by the names of its columns."""
        with _sqlite_faults():
            async with self.raw.execute(sql, values) as cursor:
                names = [one[0] for one in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]

    async def run(self, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed."""
        with _sqlite_faults():
            async with self.raw.execute(sql, values) as cursor:
                return cursor.rowcount

    async def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """One statement for each set of values."""
        with _sqlite_faults():
            async with self.raw.executemany(sql, values):
                return


class SqliteEngine(Shut, SqliteClient):
    """One writer and a few read-only connections, so that no read waits behind a write."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), connection_name="tradepost", busy_timeout=PATIENCE * 1000, synchronous="FULL")
        self._path = path
        self._writer = asyncio.Lock()
        self._idle: list[SqliteLine] = []
        self._reading = asyncio.Semaphore(READERS)

    async def start(self, key: Key) -> None:
        """Open the file; made if it is not there."""
        unlock(key)
        await self.create_connection(with_db=True)

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002  # Tortoise's signature
        """Open the writer."""
        self._connection = await _opened(str(self._path))
        with _sqlite_faults():
            for name, value in self.pragmas.items():
                await self._connection.execute_fetchall(f"PRAGMA {name}={value}")
        await self._post_connect()

    @property
    def _raw(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise DatabaseFault("The database is closed")
        return self._connection

    async def read(self, key: Key, sql: str, values: Sequence[object]) -> list[Row]:
        """Rows from a read-only connection, as of now."""
        unlock(key)
        async with self._reading:
            line = self._idle.pop() if self._idle else await self._reader()
            try:
                return await line.rows(sql, values)
            except asyncio.CancelledError:
                await line.raw.interrupt()
                raise
            finally:
                if self._connection is None:
                    await line.raw.close()
                else:
                    self._idle.append(line)

    async def _reader(self) -> SqliteLine:
        if self._connection is None:
            raise DatabaseFault("The database is closed")
        return SqliteLine(await _opened(f"{self._path.absolute().as_uri()}?mode=ro"))

    @asynccontextmanager
    async def hold(self, key: Key, *, alter: bool = False) -> AsyncIterator[SqliteLine]:
        """The writer, in a transaction that began immediately; `alter` defers the check of foreign keys to its end."""
        unlock(key)
        async with self._writer:
            line = SqliteLine(self._raw)
            try:
                if alter:
                    await line.run("PRAGMA foreign_keys=OFF", ())
                await line.run("BEGIN IMMEDIATE", ())
                yield line
                if alter:
                    await _check_links(line)
                await line.run("COMMIT", ())
            except BaseException:
                await self._raw.rollback()
                raise
            finally:
                if alter:
                    await line.run("PRAGMA foreign_keys=ON", ())

    async def close(self) -> None:
        """Close every connection."""
        while self._idle:
            await self._idle.pop().raw.close()
        await super().close()


def local_date(moment: str | None, zone: str) -> str | None:
    """The calendar day of a stored moment in a time zone, which SQLite does not know itself."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date().isoformat() if moment else None


async def _opened(address: str) -> aiosqlite.Connection:
    """A connection with our functions, whose thread does not keep a process alive that forgot to close it."""
    connection = aiosqlite.connect(address, uri=address.startswith("file:"), isolation_level=None, timeout=PATIENCE)
    connection._thread.daemon = True  # noqa: SLF001  # aiosqlite leaves no other way
    with _sqlite_faults():
        connection = await connection
        await connection.create_function("local_date", 2, local_date, deterministic=True)
    return connection


async def _check_links(line: SqliteLine) -> None:
    broken = await line.rows("PRAGMA foreign_key_check", ())
    if broken:
        table, _, parent, _ = broken[0]
        raise LinkViolation(f"{len(broken)} rows would link to rows that are not there: {table} to {parent}")


@contextmanager
def _sqlite_faults() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as fault:
        unique = re.fullmatch(r"UNIQUE constraint failed: (.+)", str(fault))
        if unique:
            names = [one.partition(".") for one in unique[1].split(", ")]
            raise UniqueViolation(names[0][0], [column for _, _, column in names]) from fault
        if "FOREIGN KEY" in str(fault):
            raise LinkViolation("The record is still linked to, or links to one that is not there") from fault
        raise DatabaseFault(str(fault)) from fault
    except sqlite3.Error as fault:
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise Busy("The database is busy; try again") from fault
        raise DatabaseFault(str(fault)) from fault


# PostgreSQL ---------------------------------------------------------------------------------------------------------


class PostgresLine:
    """A connection to a PostgreSQL server."""

    def __init__(self, raw: PoolConnectionProxy[asyncpg.Record]) -> None:
        self.raw = raw

    async def rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        """What a statement returns."""
        with _postgres_faults():
            return [tuple(row) for row in await self.raw.fetch(sql, *values)]

    async def records(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """What a statement returns, by the names of its columns."""
        with _postgres_faults():
            return [dict(row) for row in await self.raw.fetch(sql, *values)]

    async def run(self, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed."""
        with _postgres_faults():
            count = (await self.raw.execute(sql, *values)).rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """One statement for each set of values."""
        with _postgres_faults():
            await self.raw.executemany(sql, values)


if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection


class _Kept(_Connection):
    """A connection that goes back to its pool without a round trip: nothing was set on it that must be undone."""

    async def reset(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  # asyncpg's signature
        if self.is_in_transaction():
            await super().reset(timeout=timeout)


class PostgresEngine(Shut, AsyncpgDBClient):
    """A pool of connections to a PostgreSQL server, or to a PgBouncer before it."""

    def __init__(self, address: str, *, pool_size: int = 10, statement_cache_size: int = 100) -> None:
        super().__init__(connection_name="tradepost")
        self._address = address
        self._pool_size = pool_size
        self._statement_cache_size = statement_cache_size

    async def start(self, key: Key) -> None:
        """Connect to the server."""
        unlock(key)
        with _postgres_faults():
            await self.create_connection(with_db=True)

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002  # Tortoise's signature
        """Make the pool."""
        self._pool = await asyncpg.create_pool(
            self._address,
            min_size=1,
            max_size=self._pool_size,
            statement_cache_size=self._statement_cache_size,
            connection_class=_Kept,
            server_settings={"application_name": "tradepost", "TimeZone": "UTC"},
        )
        await self._post_connect()

    @property
    def _open(self) -> asyncpg.Pool[asyncpg.Record]:
        if self._pool is None:
            raise DatabaseFault("The database is closed")
        return self._pool

    async def read(self, key: Key, sql: str, values: Sequence[object]) -> list[Row]:
        """Rows as of now, outside any transaction."""
        unlock(key)
        with _postgres_faults():
            return [tuple(row) for row in await self._open.fetch(sql, *values)]

    @asynccontextmanager
    async def hold(self, key: Key, *, alter: bool = False) -> AsyncIterator[PostgresLine]:
        """A connection in a transaction that waits for locks with patience; `alter` waits for other migrations, too."""
        unlock(key)
        with _postgres_faults():
            raw = await self._open.acquire()
        line = PostgresLine(raw)
        try:
            await line.run(f"BEGIN; SET LOCAL lock_timeout = '{PATIENCE}s'", ())
            if alter:
                await line.run("SET LOCAL lock_timeout = 0", ())
                await line.run("SELECT pg_advisory_xact_lock(hashtext('tradepost migrations'))", ())
            yield line
            await line.run("COMMIT", ())
        finally:
            # What is still open then is rolled back by the pool, which also outlives a cancelled task.
            await self._open.release(raw)


@contextmanager
def _postgres_faults() -> Iterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as fault:
        columns = re.search(r"\((.+?)\)=\(", fault.detail or "")
        names = [one.strip(' "') for one in columns[1].split(",")] if columns else [str(fault.constraint_name)]
        raise UniqueViolation(str(fault.table_name), names) from fault
    except asyncpg.ForeignKeyViolationError as fault:
        raise LinkViolation("The record is still linked to, or links to one that is not there") from fault
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as fault:
        raise Busy("The database is busy; try again") from fault
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as fault:
        raise DatabaseFault(str(fault)) from fault
