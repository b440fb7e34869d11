"""SQLite: Tortoise's client with its door shut; one connection that writes, a few that only read."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import aiosqlite
from tortoise.backends.sqlite.client import SqliteClient

from core.engines import (
    PATIENCE,
    Busy,
    DatabaseFault,
    Key,
    LinkViolation,
    Readers,
    Row,
    Shut,
    TooMuch,
    UniqueViolation,
    turn,
    unlock,
)
from core.errors import BadQuery

LIMITS = ("parser stack overflow", "Expression tree is too large", "too many SQL variables", "LIKE or GLOB pattern")
"""How SQLite begins to say that a statement exceeds one of its limits."""

READERS = 4
"""Connections that read a file at the same time."""

MAPPED = 1 << 30
"""Bytes of the file that readers look at in the system's own memory, which they share, and do not copy page by page."""

CACHE = {"cache_size": -64_000}
"""Kilobytes that the writer may keep in memory: imports into large tables touch many pages of many indexes."""


class SqliteLine:
    """A connection to a SQLite file."""

    def __init__(self, raw: aiosqlite.Connection) -> None:
        self.raw = raw

    @property
    def usable(self) -> bool:
        """Whether it is still open."""
        return True

    async def rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        """What a statement returns."""
        with _FAULTS:
            return cast("list[Row]", await self.raw.execute_fetchall(sql, values))

    async def records(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """What a statement returns, by the names of its columns."""
        with _FAULTS:
            async with self.raw.execute(sql, values) as cursor:
                names = [one[0] for one in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]

    async def run(self, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed."""
        with _FAULTS:
            async with self.raw.execute(sql, values) as cursor:
                return cursor.rowcount

    async def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """One statement for each set of values."""
        with _FAULTS:
            async with self.raw.executemany(sql, values):
                return


class SqliteEngine(Shut, SqliteClient):
    """One writer and a few read-only connections, so that no read waits behind a write."""

    def __init__(self, path: Path) -> None:
        wait = PATIENCE * 1000
        super().__init__(str(path), connection_name="tradepost", busy_timeout=wait, synchronous="FULL", **CACHE)
        self._path = path
        self._writer = asyncio.Lock()
        self._readers = Readers(self._reader, READERS)

    async def start(self, key: Key) -> None:
        """Open the file; made if it is not there."""
        unlock(key)
        await self.create_connection(with_db=True)

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002  # Tortoise's signature
        """Open the writer."""
        _require_file(self._path)
        self._connection = await _opened(str(self._path))
        for name, value in self.pragmas.items():
            await _set(self._connection, f"PRAGMA {name}={value}")
        await self._post_connect()

    @property
    def _raw(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise DatabaseFault("The database is closed")
        return self._connection

    async def read(self, key: Key, sql: str, values: Sequence[object]) -> list[Row]:
        """Rows from a read-only connection, as of now."""
        unlock(key)
        line = await self._readers.take()
        try:
            return await line.rows(sql, values)
        except asyncio.CancelledError:
            await line.raw.interrupt()
            raise
        finally:
            self._readers.give(line)

    async def once(self, key: Key, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed, in a transaction of its own."""
        async with self.hold(key) as line:
            return await line.run(sql, values)

    def connections(self) -> dict[str, int]:
        """How many connections there are, by what they are for and whether somebody has them."""
        busy = int(self._writer.locked())
        return {**self._readers.connections(), "write_busy": busy, "write_idle": 1 - busy}

    async def _reader(self) -> SqliteLine:
        if self._connection is None:
            raise DatabaseFault("The database is closed")
        line = SqliteLine(await _opened(f"{self._path.absolute().as_uri()}?mode=ro"))
        await line.rows(f"PRAGMA mmap_size={MAPPED}", ())
        return line

    @asynccontextmanager
    async def hold(self, key: Key, *, alter: bool = False) -> AsyncIterator[SqliteLine]:
        """The writer, in a transaction that began immediately; `alter` defers the check of foreign keys to its end."""
        unlock(key)
        await turn(self._writer)
        try:
            line = SqliteLine(self._raw)
            if alter:
                await line.run("PRAGMA foreign_keys=OFF", ())
            await line.run("BEGIN IMMEDIATE", ())
            yield line
            if alter:
                await _check_links(line)
            await line.run("COMMIT", ())
        except BaseException:
            await self._raw.interrupt()  # what a cancelled task still runs; without that nothing happens
            await self._raw.rollback()
            raise
        finally:
            if alter:
                await self._raw.execute_fetchall("PRAGMA foreign_keys=ON")
            self._writer.release()

    async def close(self) -> None:
        """Close every connection."""
        for line in self._readers.clear():
            await line.raw.close()
        await super().close()


def local_date(moment: str | None, zone: str) -> str | None:
    """The calendar day of a stored moment in a time zone, which SQLite does not know itself."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date().isoformat() if moment else None


def _require_file(path: Path) -> None:
    """Make the file where there is none, readable by its owner alone: it holds the hashes of passwords."""
    if path.exists():
        return
    try:
        path.touch(mode=0o600)
    except OSError as fault:
        raise DatabaseFault(f"{path}: {fault.strerror}") from fault


def unused(path: Path) -> bool:
    """Whether nobody has the file open: removed under a server, it would live on unseen, and take what is written."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            # Only the last one who has the file open may leave its write-ahead log.
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True  # it is no database yet
    return True


async def _opened(address: str) -> aiosqlite.Connection:
    """A connection with our functions, whose thread does not keep a process alive that forgot to close it."""
    connection = aiosqlite.connect(address, uri=address.startswith("file:"), isolation_level=None, timeout=PATIENCE)
    connection._thread.daemon = True  # noqa: SLF001  # aiosqlite leaves no other way
    with _FAULTS:
        connection = await connection
        await connection.create_function("local_date", 2, local_date, deterministic=True)
    return connection


async def _set(connection: aiosqlite.Connection, pragma: str) -> None:
    """Run it again while the file is locked: who makes its log refuses others without waiting."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while True:
        try:
            with _FAULTS:
                await connection.execute_fetchall(pragma)
        except Busy:
            if loop.time() > end:
                raise
            await asyncio.sleep(0.01)
        else:
            return


async def _check_links(line: SqliteLine) -> None:
    broken = await line.rows("PRAGMA foreign_key_check", ())
    if broken:
        table, _, parent, _ = broken[0]
        raise LinkViolation(f"{len(broken)} rows would link to rows that are not there: {table} to {parent}")


class _Faults:
    """What the driver raises, in the kernel's words; a class, since every statement passes here."""

    def __enter__(self) -> None:
        """Nothing is to be prepared."""

    def __exit__(self, _: object, fault: BaseException | None, __: object) -> None:
        """Raise the kernel's word for a fault."""
        if isinstance(fault, sqlite3.Error):
            raise _told(fault) from fault


_FAULTS = _Faults()


def _told(fault: sqlite3.Error) -> Exception:
    text = str(fault)
    if isinstance(fault, sqlite3.IntegrityError):
        unique = re.fullmatch(r"UNIQUE constraint failed: (.+)", text)
        if unique:
            names = [one.partition(".") for one in unique[1].split(", ")]
            return UniqueViolation(names[0][0], [column for _, _, column in names])
        if "FOREIGN KEY" in text:
            return LinkViolation("The record is still linked to, or links to one that is not there")
    if getattr(fault, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Busy("The database is busy; try again")
    if text.startswith(LIMITS):
        return TooMuch()
    if text == "integer overflow":
        return BadQuery("The figures are too large to be added up")
    return DatabaseFault(text)
