"""PostgreSQL: Tortoise's client with its door shut, over a pool of connections."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from tortoise.backends.asyncpg.client import AsyncpgDBClient

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
    unlock,
)

ALTERING = "500ms"
"""How long a migration waits for a table: all who want the table wait behind it. Less than PostgreSQL takes to look for
deadlocks, so that it is the migration that gives way and never a request."""

LONGEST_PREPARED = 128 * 1024
"""Bytes of a statement that a connection keeps prepared: what asks all models for an id has 35,000 in five plugins."""


class PostgresLine:
    """A connection to a PostgreSQL server."""

    def __init__(self, raw: asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]) -> None:
        self.raw = raw

    @property
    def usable(self) -> bool:
        """Whether it is still open."""
        return not self.raw.is_closed()

    async def rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        """What a statement returns."""
        with _FAULTS:
            return [tuple(row) for row in await self.raw.fetch(sql, *values)]

    async def records(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """What a statement returns, by the names of its columns."""
        with _FAULTS:
            return [dict(row) for row in await self.raw.fetch(sql, *values)]

    async def run(self, sql: str, values: Sequence[object], patience: float | None = None) -> int:
        """How many rows a statement changed."""
        with _FAULTS:
            count = (await self.raw.execute(sql, *values, timeout=patience)).rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """One statement for each set of values."""
        with _FAULTS:
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
    """Connections to a server, or to a PgBouncer before it: `pool_size` that read, half as many that write."""

    def __init__(self, address: str, *, pool_size: int = 10, statement_cache_size: int = 100) -> None:
        super().__init__(connection_name="tradepost")
        self._address = address
        self._writers = max(1, pool_size // 2)
        self._readers = Readers(self._reader, pool_size)
        self._options: dict[str, Any] = {
            "statement_cache_size": statement_cache_size,
            "max_cacheable_statement_size": LONGEST_PREPARED,
            "server_settings": {"application_name": "tradepost", "TimeZone": "UTC"},
        }

    async def start(self, key: Key) -> None:
        """Connect to the server."""
        unlock(key)
        with _FAULTS:
            await self.create_connection(with_db=True)

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002  # Tortoise's signature
        """Make the pool of those that write."""
        self._pool = await asyncpg.create_pool(
            self._address, min_size=1, max_size=self._writers, connection_class=_Kept, **self._options
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
        line = await self._readers.take()
        try:
            return await line.rows(sql, values)
        finally:
            self._readers.give(line)  # a cancelled statement is cancelled on the server, too, before the next one runs

    async def once(self, key: Key, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed, without a transaction around it."""
        unlock(key)
        with _FAULTS:
            raw = await self._open.acquire(timeout=PATIENCE)
        try:
            return await PostgresLine(raw).run(sql, values, PATIENCE)
        finally:
            await self._open.release(raw)

    def connections(self) -> dict[str, int]:
        """How many connections there are, by what they are for and whether somebody has them."""
        size, idle = self._open.get_size(), self._open.get_idle_size()
        return {**self._readers.connections(), "write_busy": size - idle, "write_idle": idle}

    async def _reader(self) -> PostgresLine:
        if self._pool is None:
            raise DatabaseFault("The database is closed")
        with _FAULTS:
            return PostgresLine(await asyncpg.connect(self._address, **self._options))

    async def close(self) -> None:
        """Close every connection."""
        for line in self._readers.clear():
            await line.raw.close()
        await super().close()

    @asynccontextmanager
    async def hold(self, key: Key, *, alter: bool = False) -> AsyncIterator[PostgresLine]:
        """A connection in a transaction that waits for locks with patience.

        `alter` waits for other migrations to end, but hardly for a table that somebody uses.
        """
        unlock(key)
        with _FAULTS:
            raw = await self._open.acquire(timeout=PATIENCE)
        line = PostgresLine(raw)
        try:
            await line.run(f"BEGIN; SET LOCAL lock_timeout = '{PATIENCE}s'", ())
            if alter:
                await line.run("SET LOCAL lock_timeout = 0", ())
                await line.run("SELECT pg_advisory_xact_lock(hashtext('tradepost migrations'))", ())
                await line.run(f"SET LOCAL lock_timeout = '{ALTERING}'", ())
            yield line
            await line.run("COMMIT", ())
        except BaseException:
            if raw.is_in_transaction():
                await line.run("ROLLBACK", ())
            raise
        finally:
            await self._open.release(raw)


PROBE = "tradepost.probe"
"""A setting of nobody's, which a server keeps for the session and PgBouncer refuses or loses."""


async def bounced(address: str) -> bool:
    """Whether something is before the server: PgBouncer hands on no settings that it does not know."""
    with _FAULTS:
        try:
            raw = await asyncpg.connect(address, statement_cache_size=0, server_settings={PROBE: "1"})
        except asyncpg.ProtocolViolationError as fault:
            if PROBE in str(fault):
                return True
            raise
        try:
            return bool(await raw.fetchval(f"SELECT current_setting('{PROBE}', true) IS DISTINCT FROM '1'"))
        finally:
            await raw.close()


class _Faults:
    """What the driver raises, in the kernel's words; a class, since every statement passes here."""

    def __enter__(self) -> None:
        """Nothing is to be prepared."""

    def __exit__(self, _: object, fault: BaseException | None, __: object) -> None:
        """Raise the kernel's word for a fault."""
        match fault:
            case None:
                return
            case asyncpg.UniqueViolationError():
                columns = re.search(r"\((.+?)\)=\(", fault.detail or "")
                names = [one.strip(' "') for one in columns[1].split(",")] if columns else [str(fault.constraint_name)]
                raise UniqueViolation(str(fault.table_name), names) from fault
            case asyncpg.ForeignKeyViolationError():
                raise LinkViolation("The record is still linked to, or links to one that is not there") from fault
            case (
                asyncpg.LockNotAvailableError()
                | asyncpg.DeadlockDetectedError()
                | asyncpg.SerializationError()
                | asyncpg.InvalidCachedStatementError()  # a migration changed the tables under it
                | TimeoutError()
            ):
                raise Busy("The database is busy; try again") from fault
            case asyncpg.StatementTooComplexError() | asyncpg.TooManyArgumentsError() | asyncpg.TooManyColumnsError():
                raise TooMuch from fault
            case asyncpg.InterfaceError() if "query arguments cannot exceed" in str(fault):
                raise TooMuch from fault
            case asyncpg.PostgresError() | asyncpg.InterfaceError() | OSError():
                raise DatabaseFault(str(fault)) from fault


_FAULTS = _Faults()
