"""Events are handed out at least once, whoever dies in between; jobs come when they are due."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from core.database import KEY
from core.events import Handler, News, Outbox
from core.jobs import HandedOut, Waiting, Worker, backoff
from core.jobs import waiting as queue

ROOT = Path(__file__).parents[2]
LEASE = timedelta(seconds=1)


class Kept:
    """A handler that remembers what it was given, and fails as often as it is told."""

    def __init__(self, failures=0):
        self.given = []
        self.failures = failures

    async def __call__(self, happenings):
        self.given.append(tuple(one.name for one in happenings))
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the mail server is away")

    @property
    def names(self):
        return [name for names in self.given for name in names]


async def happen(database, outbox, *names, at=None):
    async with database.begin(KEY) as connection:
        news = [News((name,), "sales.deal", uuid4(), {"n": 1}) for name in names]
        await outbox.write(connection, at or datetime.now(UTC), None, news)


async def waiting(database):
    rows = await database.read(KEY, "SELECT name, attempts, failure, done_at IS NULL FROM core_event ORDER BY name")
    return [(name, attempts, failure, bool(open_)) for name, attempts, failure, open_ in rows]


async def due_now(database):
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_event SET due_at = '2020-01-01T00:00:00.000000Z', leased_until = NULL")


async def test_an_event_goes_to_each_handler_that_wants_it_once(database, registry):
    index, mail, other = Kept(), Kept(), Kept()
    handlers = {
        "index": Handler(index, ("*",)),
        "mail": Handler(mail, ("sales.deal.won", "sales.*.update")),
        "other": Handler(other, ("service.*",)),
    }
    outbox = Outbox(registry, handlers)
    await happen(database, outbox, "sales.deal.update", "sales.deal.create")
    assert await Worker(database, outbox).drain() == 3
    assert await Worker(database, outbox).drain() == 0
    assert sorted(index.names) == ["sales.deal.create", "sales.deal.update"]
    assert mail.names == ["sales.deal.update"]
    assert other.names == []
    assert await waiting(database) == []


def test_an_event_of_several_names_comes_under_the_first_that_fits(registry):
    outbox = Outbox(registry, {"a": Handler(Kept(), ("*.update",)), "b": Handler(Kept(), ("*",))})
    assert outbox.readers(("sales.deal.win", "sales.deal.update")) == [
        ("a", "sales.deal.update"),
        ("b", "sales.deal.win"),
    ]


async def test_no_handler_no_statement(database, registry, statements):
    await happen(database, Outbox(registry, {}), "sales.deal.update")
    assert statements == []


async def test_a_failure_is_kept_and_tried_again_until_given_up(database, registry):
    kept = Kept(failures=3)
    outbox = Outbox(registry, {"mail": Handler(kept, ("*",), attempts=2)})
    worker = Worker(database, outbox)
    await happen(database, outbox, "a")
    assert await worker.round() == 1
    assert await worker.round() == 0, "not before its time"
    assert await waiting(database) == [("a", 1, "RuntimeError: the mail server is away", True)]
    await due_now(database)
    assert await worker.round() == 1
    assert await waiting(database) == [("a", 2, "RuntimeError: the mail server is away", False)]
    await due_now(database)
    assert await worker.round() == 0
    assert await worker.prune() == 0
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_event SET done_at = '2020-01-01T00:00:00.000000Z'")
    assert await worker.prune() == 1


async def test_one_event_may_tell_of_many_records(database, registry):
    given = []

    async def index(happenings):
        given.extend(happenings)

    one = Kept()
    handlers = {"index": Handler(index, ("*",), batch=10, together=3), "mail": Handler(one, ("sales.deal.*",))}
    outbox = Outbox(registry, handlers)
    ids = [uuid4() for _ in range(5)]
    verbs = ("create", "create", "update", "create", "create")
    news = [
        News((f"sales.deal.{verb}",), "sales.deal", record, {"fields": fields})
        for verb, record, fields in zip(verbs, ids, (["b"], ["a"], ["c"], ["a"], ["d"]), strict=True)
    ]
    async with database.begin(KEY) as connection:
        await outbox.write(connection, datetime.now(UTC), None, news)
    await Worker(database, outbox).drain()
    assert one.names == [f"sales.deal.{verb}" for verb in verbs]  # who does not ask for it hears of each, in order
    told = [(one.name, one.record, one.payload.get("records"), one.payload["fields"]) for one in given]
    assert sorted(told, key=lambda one: (one[3], one[0])) == [
        ("sales.deal.create", None, [str(ids[0]), str(ids[1]), str(ids[3])], ["a", "b"]),
        ("sales.deal.update", ids[2], None, ["c"]),
        ("sales.deal.create", ids[4], None, ["d"]),
    ]


async def test_a_failed_batch_comes_again_one_by_one(database, registry):
    kept = Kept(failures=1)
    outbox = Outbox(registry, {"index": Handler(kept, ("*",), batch=10)})
    worker = Worker(database, outbox)
    await happen(database, outbox, "a", "b", "c")
    await worker.round()
    await due_now(database)
    await worker.round()
    assert [len(one) for one in kept.given] == [3, 1, 1, 1]
    assert await waiting(database) == []


async def test_two_workers_share_without_overlap(database, registry):
    kept = Kept()
    outbox = Outbox(registry, {"index": Handler(kept, ("*",), batch=7)})
    await happen(database, outbox, *[f"e{one}" for one in range(500)])
    await asyncio.gather(*(Worker(database, outbox).drain() for _ in range(4)))
    assert sorted(kept.names) == sorted(f"e{one}" for one in range(500))
    assert await waiting(database) == []


async def test_a_slow_handler_keeps_its_lease(database, registry):
    given = []

    async def slow(happenings):
        given.append(len(happenings))
        await asyncio.sleep(2.2)

    outbox = Outbox(registry, {"slow": Handler(slow, ("*",))})
    await happen(database, outbox, "a")

    async def late():
        await asyncio.sleep(1.6)
        return await Worker(database, outbox, lease=LEASE).round()

    rounds = await asyncio.gather(Worker(database, outbox, lease=LEASE).round(), late())
    assert list(rounds) == [1, 0]
    assert given == [1]


async def test_a_job_waits_for_its_time(database, registry):
    kept = Kept()
    outbox = Outbox(registry, {"remind": Handler(kept)})
    async with database.begin(KEY) as connection:
        await outbox.later(connection, "remind", {"to": "li"}, datetime.now(UTC) + timedelta(hours=1))
    worker = Worker(database, outbox)
    assert await worker.round() == 0
    await due_now(database)
    assert await worker.round() == 1
    with pytest.raises(KeyError, match="There is no handler remin"):
        await outbox.later(connection, "remin", {}, datetime.now(UTC))


async def test_a_periodic_job_comes_round_and_is_planted_once(database, registry):
    kept = Kept(failures=1)
    outbox = Outbox(registry, {"nightly": Handler(kept, every=timedelta(hours=24))})
    for _ in range(2):
        async with database.begin(KEY) as connection:
            await outbox.plant(connection, datetime.now(UTC) - timedelta(days=3, hours=1))
    worker = Worker(database, outbox)
    assert await worker.drain() == 1
    assert await waiting(database) == [("nightly", 1, "RuntimeError: the mail server is away", True)]
    await due_now(database)
    assert await worker.drain() == 1
    assert await waiting(database) == [("nightly", 0, None, True)]
    due = str((await database.read(KEY, "SELECT due_at FROM core_event"))[0][0])
    next_time = datetime.fromisoformat(due)
    assert timedelta(0) < next_time - datetime.now(UTC) <= timedelta(hours=24)


async def test_the_worker_wakes_at_once_and_stops_when_told(database, registry):
    kept = Kept()
    outbox = Outbox(registry, {"index": Handler(kept, ("*",))})
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(database, outbox, poll=60).run(stop))
    await asyncio.sleep(0.3)
    await happen(database, outbox, "a")
    outbox.wake()
    async with asyncio.timeout(5):
        while kept.names != ["a"]:
            await asyncio.sleep(0.01)
        stop.set()
        await running


async def test_a_slow_handler_holds_up_its_own_events_alone(database, registry):
    going_on, stop, kept = asyncio.Event(), asyncio.Event(), Kept()
    slow: list[str] = []

    async def mail(happenings):
        slow.extend(one.name for one in happenings)
        await going_on.wait()

    outbox = Outbox(registry, {"mail": Handler(mail, ("mail.*",)), "index": Handler(kept, ("*",))})
    await happen(database, outbox, "mail.first")
    running = asyncio.create_task(Worker(database, outbox, poll=60).run(stop))
    while not slow:
        await asyncio.sleep(0.01)
    await happen(database, outbox, "mail.second", "sales.deal.update")
    outbox.wake()
    while len(kept.names) < 3:
        await asyncio.sleep(0.01)
    assert slow == ["mail.first"]
    going_on.set()
    while len(slow) < 2:
        await asyncio.sleep(0.01)
    stop.set()
    await running
    assert (slow, await waiting(database)) == (["mail.first", "mail.second"], [])


def test_waiting_grows_and_ends_growing():
    assert timedelta(seconds=4) <= backoff(1) <= timedelta(seconds=6)
    assert backoff(1000) <= timedelta(hours=7.2)


CHILD = """
import asyncio, os, signal, sys
from datetime import UTC, datetime, timedelta
from core.boot import boot
from core.database import KEY, connect
from core.events import Handler, News, Outbox
from core.jobs import Worker

async def die(happenings):
    os.kill(os.getpid(), signal.SIGKILL)

async def main(url, when):
    registry = boot([])
    database = await connect(url, registry)
    outbox = Outbox(registry, {"mail": Handler(die, ("*",))})
    async with database.begin(KEY) as connection:
        for number in range(3):
            await outbox.write(connection, datetime.now(UTC), None, [News((f"e{number}",))])
        if when == "before commit":
            os.kill(os.getpid(), signal.SIGKILL)
    if when == "after commit":
        os.kill(os.getpid(), signal.SIGKILL)
    await Worker(database, outbox).drain()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("when", "expected"),
    [("before commit", []), ("after commit", ["e0", "e1", "e2"]), ("delivering", ["e0", "e1", "e2"])],
)
async def test_kill_9_loses_no_event_that_was_committed(database, database_url, registry, when, expected):
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", CHILD, database_url, when], cwd=ROOT, env=os.environ, check=False
    )
    assert done.returncode == -signal.SIGKILL
    kept = Kept()
    worker = Worker(database, Outbox(registry, {"mail": Handler(kept, ("*",))}))
    if when == "delivering":
        assert await worker.round() == 0, "the lease of the dead still runs"
        await due_now(database)
    await worker.drain()
    assert kept.names == expected
    assert await waiting(database) == []


async def test_how_jobs_ended_and_what_waits_is_told(database, registry):
    outbox = Outbox(
        registry,
        {
            "mail": Handler(Kept(failures=9), ("sales.*",), batch=10, attempts=2),
            "index": Handler(Kept(), ("sales.*",), batch=10),
        },
    )
    told: list[HandedOut] = []
    worker = Worker(database, outbox, told=told.append)
    await happen(database, outbox, "sales.deal.won", "sales.deal.lost", at=datetime.now(UTC) - timedelta(minutes=5))
    found = await queue(database, outbox)
    assert {name: (one.due, one.given_up) for name, one in found.items()} == {"mail": (2, 0), "index": (2, 0)}
    assert all(299 < one.seconds < 600 for one in found.values())
    await worker.drain()
    await due_now(database)
    await worker.drain()
    assert sorted((one.handler, one.outcome, one.jobs) for one in told) == [
        ("index", "done", 2),
        ("mail", "failed", 2),
        ("mail", "given_up", 1),
        ("mail", "given_up", 1),
    ]
    assert all(one.seconds > 0 for one in told)
    assert await queue(database, outbox) == {"mail": Waiting(0, 0, 2), "index": Waiting()}
