"""The database under watch: each statement is told to whoever measures or traces. Unwatched, none of this is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from core.engines import Engine, Key, Line, Row

Watch = Callable[[str], AbstractContextManager[None]]
"""What stands around a statement, whose values it never sees."""


class WatchedEngine:
    """An engine whose statements somebody watches; the wait for a connection is part of a read."""

    def __init__(self, engine: Engine, watch: Watch) -> None:
        self._engine = engine
        self._watch = watch

    async def read(self, key: Key, sql: str, values: Sequence[object]) -> list[Row]:
        """Rows as of now, outside any transaction."""
        with self._watch(sql):
            return await self._engine.read(key, sql, values)

    async def once(self, key: Key, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed, without a transaction around it."""
        with self._watch(sql):
            return await self._engine.once(key, sql, values)

    @asynccontextmanager
    async def hold(self, key: Key, *, alter: bool = False) -> AsyncIterator[Line]:
        """A connection in a transaction."""
        async with self._engine.hold(key, alter=alter) as line:
            yield _WatchedLine(line, self._watch)

    def connections(self) -> dict[str, int]:
        """How many connections there are, by what they are for and whether somebody has them."""
        return self._engine.connections()

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.close()


class _WatchedLine:
    def __init__(self, line: Line, watch: Watch) -> None:
        self._line = line
        self._watch = watch

    @property
    def usable(self) -> bool:
        """Whether it is still open."""
        return self._line.usable

    async def rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        """What a statement returns."""
        with self._watch(sql):
            return await self._line.rows(sql, values)

    async def records(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """What a statement returns, by the names of its columns."""
        with self._watch(sql):
            return await self._line.records(sql, values)

    async def run(self, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed."""
        with self._watch(sql):
            return await self._line.run(sql, values)

    async def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """One statement for each set of values."""
        with self._watch(sql):
            await self._line.run_many(sql, values)
