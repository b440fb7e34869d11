"""What both databases have in common: their dialects, their faults, and the door that is shut in both.

Every public way of a client to run a statement refuses, always: a client that opened by a context variable would be
open for all code that runs inside an action, and for the tasks that it leaves behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Any, Generic, NoReturn, Protocol, TypeVar, final

from core.errors import BadQuery, DoorShut, TradepostError

PATIENCE = 10
"""Seconds to wait for somebody else's lock before `Busy`."""

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


class TooMuch(BadQuery):
    """A question that is well-formed, but has more parts than the database takes in one statement."""

    def __init__(self) -> None:
        super().__init__("This asks for more lists, conditions or values at once than the database takes; ask in steps")


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

    @property
    def usable(self) -> bool:
        """Whether it is still open."""

    async def rows(self, sql: str, values: Sequence[object]) -> list[Row]:
        """What a statement returns."""

    async def records(self, sql: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """What a statement returns, by the names of its columns."""

    async def run(self, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed."""

    async def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """One statement for each set of values."""


class Engine(Protocol):
    """One of the databases, for those who hold the key."""

    async def read(self, key: Key, sql: str, values: Sequence[object]) -> list[Row]:
        """Rows as of now, outside any transaction."""

    async def once(self, key: Key, sql: str, values: Sequence[object]) -> int:
        """How many rows a statement changed, without a transaction around it."""

    def hold(self, key: Key, *, alter: bool = False) -> AbstractAsyncContextManager[Line]:
        """A connection in a transaction."""

    def connections(self) -> dict[str, int]:
        """How many connections there are, by what they are for and whether somebody has them."""

    async def close(self) -> None:
        """Close every connection."""


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


L = TypeVar("L", bound=Line)


class Readers(Generic[L]):
    """Connections that only read, kept open, the latest used first; whoever finds all in use waits with patience.

    They are apart from those that write: a unit of work that reads would else wait for a connection that another unit
    holds, which waits for the same.
    """

    def __init__(self, opened: Callable[[], Awaitable[L]], size: int) -> None:
        self._opened = opened
        self._size = size
        self._free = asyncio.Semaphore(size)
        self._idle: list[L] = []

    async def take(self) -> L:
        """A connection for oneself, until it is given back."""
        await turn(self._free)
        while self._idle:
            line = self._idle.pop()
            if line.usable:
                return line
        try:
            return await self._opened()
        except BaseException:
            self._free.release()
            raise

    def give(self, line: L) -> None:
        """Back it goes."""
        self._idle.append(line)
        self._free.release()

    def connections(self) -> dict[str, int]:
        """How many somebody has, nobody has, and are waited for."""
        free, waiters = self._free._value, self._free._waiters  # noqa: SLF001 - asyncio tells it nowhere else
        return {"read_busy": self._size - free, "read_idle": len(self._idle), "read_waiting": len(waiters or ())}

    def clear(self) -> list[L]:
        """Those that nobody uses, to be closed."""
        idle, self._idle = self._idle, []
        return idle


async def turn(one: asyncio.Lock | asyncio.Semaphore) -> None:
    """Acquire it, or be told that the database is busy."""
    if not one.locked():
        await one.acquire()
        return
    try:
        async with asyncio.timeout(PATIENCE):
            await one.acquire()
    except TimeoutError:
        raise Busy("The database is busy; try again") from None
