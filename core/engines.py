"""What both databases have in common: their dialects, their faults, and the door that is shut in both.

Every public way of a client to run a statement refuses, always: a client that opened by a context variable would be
open for all code that runs inside an action, and for the tasks that it leaves behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, NoReturn, Protocol, final

from core.errors import DoorShut, TradepostError

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
