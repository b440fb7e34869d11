"""The outbox: what happened, kept in the transaction that made it happen, and handed out at least once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from core.database import Connection
from core.fields import data, integer, moment, text
from core.ids import born
from core.links import link
from core.live import Hub
from core.model import Meta, Model
from core.registry import Registry
from core.rows import delete, insert_many, insert_missing
from core.users import User


class Event(Model):
    """Something that happened to a record (`sales.customer.update`), waiting for one handler.

    A row is removed when it was handed out; one that was given up keeps its failure, and `done_at` says since when.
    """

    meta = Meta(title="name", internal=True, indexes=(("handler", "due_at"),))

    name = text(160, required=True)
    handler = text(160, required=True)
    model = text(120)
    record = text(36)
    payload = data()
    user = link(User)
    due_at = moment(required=True)
    attempts = integer(default=0)
    leased_until = moment()
    worker = text(64)
    done_at = moment()
    failure = text(2_000)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event on its way to one handler; handed out again, it has the same `id`, so that nothing is done twice."""

    id: UUID
    name: str
    model: str
    record: UUID | None
    payload: Mapping[str, Any]
    user_id: UUID | None
    due_at: datetime
    attempt: int


Deliver = Callable[[Sequence[Happening]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """What is done about events whose name fits one of some patterns (`sales.*.update`).

    - `deliver` gets up to `batch` events at once; when it raises, all of them come again, later and one by one.
    - `together`: of how many records one event may tell, where the same happened to all of them in one unit of work;
      such an event has no `record`, but the ids as `records` in its payload.
    - `every` makes it a job that comes round at that interval instead.
    - `attempts`: how often it is tried before the event is given up and its failure kept.
    """

    deliver: Deliver
    patterns: tuple[str, ...] = ()
    batch: int = 1
    together: int = 1
    every: timedelta | None = None
    attempts: int = 12


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened, under all names that it is known by, the most telling first."""

    names: tuple[str, ...]
    model: str = ""
    record: UUID | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


class Outbox:
    """Writes events for the handlers there are, and wakes the worker of this process. `handlers` may still grow.

    `hub` tells those who look on, once it is committed.
    """

    def __init__(self, registry: Registry, handlers: Mapping[str, Handler], hub: Hub | None = None) -> None:
        self.registry = registry
        self.handlers = handlers
        self.hub = hub or Hub()
        self.woken = asyncio.Event()

    def readers(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """The handlers that want to know, each with the first of the names that it asked for."""
        found: list[tuple[str, str]] = []
        for key, handler in self.handlers.items():
            fitting = (name for name in names if any(fnmatchcase(name, one) for one in handler.patterns))
            name = next(fitting, None)
            if name is not None:
                found.append((key, name))
        return found

    async def write(self, connection: Connection, at: datetime, user: UUID | None, news: Sequence[News]) -> bool:
        """A row for each piece of news and each handler that wants it. False: there was none."""
        rows = self.rows(at, user, news)
        await insert_many(connection, self.registry.spec(Event), rows)
        return bool(rows)

    def rows(self, at: datetime, user: UUID | None, news: Sequence[News]) -> list[dict[str, Any]]:
        """What `write` writes."""
        readers = {names: self.readers(names) for names in dict.fromkeys(one.names for one in news)}
        told: list[tuple[str, str, News]] = []
        same: dict[tuple[str, str, str], list[News]] = defaultdict(list)
        for one in news:
            for key, name in readers[one.names]:
                if self.handlers[key].together > 1 and one.record:
                    same[key, name, one.model].append(one)
                else:
                    told.append((key, name, one))
        for (key, name, _), some in same.items():
            told += [(key, name, one) for one in _together(some, self.handlers[key].together)]
        return [_row(at, user, name, key, one) for key, name, one in told]

    async def later(
        self,
        connection: Connection,
        handler: str,
        payload: Mapping[str, Any],
        due_at: datetime,
        user: UUID | None = None,
    ) -> UUID:
        """Have a handler called at a time, whatever its patterns; the id of the event."""
        if handler not in self.handlers:
            raise KeyError(f"There is no handler {handler}")
        row = _row(due_at, user, handler, handler, News((handler,), payload=payload))
        await insert_many(connection, self.registry.spec(Event), [row])
        return UUID(str(row["id"]))

    async def take(self, connection: Connection, event: UUID) -> bool:
        """Take an event out of the outbox for good, in the transaction that does what it asks. False: it was taken."""
        return await delete(connection, self.registry.spec(Event), event)

    async def plant(self, connection: Connection, at: datetime) -> None:
        """One event for each periodic job that has none yet; several processes may try at once."""
        spec = self.registry.spec(Event)
        for key, handler in self.handlers.items():
            if handler.every is None:
                continue
            row = _row(at, None, key, key, News((key,))) | {"id": periodic_id(key)}
            await insert_missing(connection, spec, row)

    def wake(self) -> None:
        """Tell the worker of this process that there is work; others find it when they look."""
        self.woken.set()


def _together(news: Sequence[News], most: int) -> Iterator[News]:
    """The same news of several records as news of them all, with the fields that changed in any."""
    for start in range(0, len(news), most):
        some = news[start : start + most]
        if len(some) == 1:
            yield some[0]
            continue
        payload: dict[str, Any] = {"records": [str(one.record) for one in some]}
        if all("fields" in one.payload for one in some):
            payload["fields"] = sorted({field for one in some for field in one.payload["fields"]})
        yield News(some[0].names, some[0].model, None, payload)


def periodic_id(handler: str) -> UUID:
    """The id of the one event that a periodic job has."""
    return uuid5(NAMESPACE_OID, f"tradepost job {handler}")


def _row(due_at: datetime, user: UUID | None, name: str, handler: str, news: News) -> dict[str, Any]:
    return born(due_at, user) | {
        "name": name,
        "handler": handler,
        "model": news.model or None,
        "record": str(news.record) if news.record else None,
        "payload": dict(news.payload),
        "user": user,
        "due_at": due_at,
    }
