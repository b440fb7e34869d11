"""The worker: hands out what waits in the outbox, at least once, from any number of processes."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from time import perf_counter
from typing import Any
from uuid import UUID

from core.codec import plain, stored
from core.database import KEY, Connection, Database, DatabaseFault, Dialect
from core.events import Event, Handler, Happening, Outbox
from core.fields import Kind

LEASE = timedelta(seconds=60)
POLL = 2.0
CLAIMED = 200
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=6)
KEPT = timedelta(days=30)
FIELDS = ("id", "name", "handler", "model", "record", "payload", "user", "due_at", "attempts")

log = logging.getLogger("tradepost.worker")


@dataclass(frozen=True, slots=True)
class HandedOut:
    """Jobs of a handler that were `done`, have `failed` and come again, or were `given_up`."""

    handler: str
    outcome: str
    jobs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs of a handler are due, for how long the oldest has been, and how many were given up."""

    due: int = 0
    seconds: float = 0.0
    given_up: int = 0


async def waiting(database: Database, outbox: Outbox) -> dict[str, Waiting]:
    """What waits at this moment, for each handler."""
    now = database.dialect.now
    due = f"FILTER (WHERE done_at IS NULL AND due_at <= {now})"
    since = {
        Dialect.SQLITE: f"(julianday('now') - julianday(min(due_at) {due})) * 86400",
        Dialect.POSTGRES: f"extract(epoch FROM now() - min(due_at) {due})::float8",
    }
    sql = f"""
        SELECT handler, count(*) {due}, coalesce({since[database.dialect]}, 0), count(done_at)
        FROM core_event GROUP BY handler"""
    found = {handler: Waiting(*rest) for handler, *rest in await database.read(KEY, sql)}
    return {handler: found.get(handler, Waiting()) for handler in outbox.handlers}


class Worker:
    """Claims due events under a lease, calls their handlers, and renews the lease while they work.

    Each handler has a lane of its own, where one event comes after the other: a slow one holds up nobody else's.
    A worker that dies leaves its lease to run out; the events are then handed out again. `renewed` is told, before
    anything is handed out, the number of the definitions of custom fields that stands beside the events.
    """

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        *,
        lease: timedelta = LEASE,
        poll: float = POLL,
        told: Callable[[HandedOut], None] | None = None,
        renewed: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        self._told = told
        self.database = database
        self.outbox = outbox
        self.lease = lease
        self.poll = poll
        self.name = f"{socket.gethostname()[:24]}:{os.getpid()}:{random.randrange(1 << 32):08x}"  # noqa: S311 - no secret
        self._spec = outbox.registry.spec(Event)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._renewed = renewed
        self._definitions = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; what is in hand then is finished first."""
        async with self.database.begin(KEY) as connection:
            await self.outbox.plant(connection, datetime.now(UTC))
        await self.prune()
        try:
            while not stop.is_set():
                self.outbox.woken.clear()
                try:
                    begun = await self._begin()
                except DatabaseFault as fault:
                    _away(fault)
                    begun = 0
                if not begun:
                    await self._rest(stop)
        finally:
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _rest(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(one.wait()) for one in (self.outbox.woken, stop)]
        try:
            await asyncio.wait(waits, timeout=self.poll, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def drain(self) -> int:
        """Hand out everything that is due now; how many events that were."""
        total = 0
        while done := await self.round():
            total += done
        return total

    async def round(self) -> int:
        """Claim what is due, once, and hand it out; how many events that were."""
        begun = await self._begin()
        await asyncio.gather(*self._lanes.values())
        return begun

    async def _begin(self) -> int:
        """Claim what is due for those who have nothing to do, and begin to hand it out; how many events that are."""
        claimed = await self.claim(self._lanes)
        if claimed and self._renewed:
            await self._renewed(self._definitions)
        for key, group in groupby(sorted(claimed, key=lambda one: one[0]), key=lambda one: one[0]):
            lane = self._lane(key, [one for _, one in group])
            self._lanes[key] = asyncio.create_task(lane)
            self._lanes[key].add_done_callback(partial(self._ended, key))
        return len(claimed)

    async def _lane(self, key: str, group: Sequence[Happening]) -> None:
        handler = self.outbox.handlers[key]
        async with self._renewing([one.id for one in group]):
            for batch in _batches(handler, group):
                begun = perf_counter()
                outcome = await self._hand_out(handler, batch)
                if self._told:
                    self._told(HandedOut(key, outcome, len(batch), perf_counter() - begun))

    def _ended(self, key: str, lane: asyncio.Task[None]) -> None:
        """A lane is free again: there may be more for it."""
        del self._lanes[key]
        self.outbox.wake()
        fault = None if lane.cancelled() else lane.exception()
        if isinstance(fault, DatabaseFault):
            _away(fault)
        elif fault:
            log.error("%s ended", key, exc_info=fault)

    async def claim(self, busy: Collection[str] = ()) -> list[tuple[str, Happening]]:
        """Take a lease on due events that nobody else holds; with the name of the handler that each is for.

        Nothing for handlers that are `busy`.
        """
        known = [one for one in self.outbox.handlers if one not in busy]
        if not known:
            return []
        dialect = self.database.dialect
        one = dialect.place
        columns = ", ".join(self._spec.fields[name].column for name in FIELDS)
        skip = "FOR UPDATE SKIP LOCKED" if dialect is Dialect.POSTGRES else ""
        handlers = ", ".join(one(number) for number in range(3, len(known) + 3))
        sql = f"""
            UPDATE core_event SET leased_until = {self._from_now(one(1))}, worker = {one(2)}, worker_folded = {one(2)},
                attempts = attempts + 1
            WHERE id IN (
                SELECT id FROM core_event WHERE handler IN ({handlers}) AND due_at <= {dialect.now}
                    AND done_at IS NULL AND (leased_until IS NULL OR leased_until < {dialect.now})
                ORDER BY due_at, id LIMIT {CLAIMED} {skip})
            RETURNING {columns}, (SELECT CAST(content AS TEXT) FROM core_setting WHERE name = 'fields')"""
        async with self.database.begin(KEY) as connection:
            rows = await connection.rows(KEY, sql, [self.lease.total_seconds(), self.name, *known])
        self._definitions = max([self._definitions, *(int(row[-1] or 0) for row in rows)])
        return sorted((self._read(row[:-1]) for row in rows), key=lambda found: (found[1].due_at, found[1].id))

    def _from_now(self, seconds: str) -> str:
        """A moment some seconds from now, by the clock of the database, which all workers share."""
        if self.database.dialect is Dialect.POSTGRES:
            return f"now() + make_interval(secs => {seconds})"
        return f"strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', {seconds} || ' seconds')"

    def _read(self, row: Sequence[Any]) -> tuple[str, Happening]:
        fields = [self._spec.fields[name] for name in FIELDS]
        raw = {one.column: value for one, value in zip(fields, row, strict=True)}
        found = {one.name: stored(one, raw) for one in fields}
        return found["handler"], Happening(
            id=found["id"],
            name=found["name"],
            model=found["model"] or "",
            record=UUID(found["record"]) if found["record"] else None,
            payload=found["payload"] or {},
            user_id=found["user"],
            due_at=found["due_at"],
            attempt=found["attempts"],
        )

    @asynccontextmanager
    async def _renewing(self, ids: Sequence[UUID]) -> AsyncIterator[None]:
        """Renew the lease of what is in hand, so that slow handlers keep it."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(self.lease.total_seconds() / 3)
                with suppress(DatabaseFault):
                    await self._renew(ids)

        beating = asyncio.create_task(renew())
        try:
            yield
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating

    async def _renew(self, ids: Sequence[UUID]) -> None:
        place = self.database.dialect.place
        sql = f"UPDATE core_event SET leased_until = {self._from_now(place(1))} WHERE worker = {place(2)} AND id IN "
        async with self.database.begin(KEY) as connection:
            values = [self.lease.total_seconds(), self.name, *self._ids(ids)]
            await connection.run(KEY, f"{sql}({self._places(3, len(ids))})", values)

    async def _hand_out(self, handler: Handler, batch: Sequence[Happening]) -> str:
        """Have a batch done, all of which was tried as often; how it ended."""
        begun = perf_counter()
        try:
            await handler.deliver(batch)
        except Exception as fault:  # whatever a handler raises is kept with its event
            log.warning("%s failed, attempt %s", batch[0].name, batch[0].attempt, exc_info=fault)
            over = handler.every is None and batch[0].attempt >= handler.attempts
            await self._failed(batch, f"{type(fault).__name__}: {fault}"[:2_000], over=over)
            return "given_up" if over else "failed"
        else:
            await self._done(handler, batch)
            told = {"jobs": len(batch), "milliseconds": round((perf_counter() - begun) * 1_000, 1)}
            log.info("%s: %s done in %s ms", batch[0].name, *told.values(), extra={"told": told})
            return "done"

    async def _done(self, handler: Handler, batch: Sequence[Happening]) -> None:
        async with self.database.begin(KEY) as connection:
            if handler.every is not None:
                for one in batch:
                    await self._again(connection, one, _next(one.due_at, handler.every), attempts=0)
                return
            place = self.database.dialect.place
            sql = f"DELETE FROM core_event WHERE worker = {place(1)} AND id IN ({self._places(2, len(batch))})"
            await connection.run(KEY, sql, [self.name, *self._ids(one.id for one in batch)])

    async def _failed(self, batch: Sequence[Happening], failure: str, *, over: bool) -> None:
        """Set another time, or give up; a periodic job is never given up."""
        async with self.database.begin(KEY) as connection:
            for one in batch:
                due_at = datetime.now(UTC) + backoff(one.attempt)
                await self._again(connection, one, due_at, attempts=one.attempt, failure=failure, over=over)

    async def _again(
        self,
        connection: Connection,
        one: Happening,
        due_at: datetime,
        *,
        attempts: int,
        failure: str | None = None,
        over: bool = False,
    ) -> None:
        place = connection.dialect.place
        done = connection.dialect.now if over else "NULL"
        sql = f"""
            UPDATE core_event SET due_at = {place(1)}, attempts = {place(2)}, failure = {place(3)},
                failure_folded = {place(3)}, leased_until = NULL, done_at = {done}
            WHERE worker = {place(4)} AND id = {place(5)}"""
        due = plain(connection.dialect, Kind.MOMENT, 0, due_at)
        await connection.run(KEY, sql, [due, attempts, failure, self.name, *self._ids([one.id])])

    async def prune(self) -> int:
        """Remove what was given up long ago; how many events that were."""
        limit = plain(self.database.dialect, Kind.MOMENT, 0, datetime.now(UTC) - KEPT)
        async with self.database.begin(KEY) as connection:
            return await connection.run(
                KEY, f"DELETE FROM core_event WHERE done_at < {connection.dialect.place(1)}", [limit]
            )

    def _ids(self, ids: Iterable[UUID]) -> list[object]:
        return [plain(self.database.dialect, Kind.ID, 0, one) for one in ids]

    def _places(self, first: int, count: int) -> str:
        return ", ".join(self.database.dialect.place(number) for number in range(first, first + count))


def _away(fault: DatabaseFault) -> None:
    """It is away or busy; what is leased comes again."""
    log.warning("The database does not answer: %s", fault)


def _batches(handler: Handler, group: Sequence[Happening]) -> Iterable[Sequence[Happening]]:
    """What failed before comes alone, so that it does not hold up the rest."""
    fresh = [one for one in group if one.attempt == 1]
    yield from ([one] for one in group if one.attempt > 1)
    for start in range(0, len(fresh), handler.batch):
        yield fresh[start : start + handler.batch]


def _next(due_at: datetime, every: timedelta) -> datetime:
    """The next time of a periodic job; times that were slept through are not made up for."""
    missed = max(0, int((datetime.now(UTC) - due_at) / every))
    return due_at + every * (missed + 1)


def backoff(attempt: int) -> timedelta:
    """How long to wait after a failed attempt: twice as long each time, with some chance in it."""
    wait = min(FIRST_RETRY.total_seconds() * 2 ** min(attempt - 1, 30), LONGEST_RETRY.total_seconds())
    return timedelta(seconds=wait * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
