"""Ten thousand mails to a server that refuses, delays and drops some, and the worker is killed in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import pytest

from core.database import KEY, Dialect
from core.engines import Busy
from core.plugin import Plugin
from core.work import Work
from tests.plugins.marketing.conftest import SYSTEM, House
from tradepost.discovery import BUILT_IN
from tradepost.marketing import Mailing, MailingState, Suppression
from tradepost.sales import Customer

PROGRAM = "import sys; from tradepost.cli import main; sys.argv[0] = 'tradepost'; main()"
MAILS = {Dialect.SQLITE: 10_000, Dialect.POSTGRES: 2_000}
STOPPED, AT_ONCE = 50, 1_000
"""Each of so many gets no mail; how many customers are made at once."""
KILLED_AFTER = (6, 2)
PATIENCE = 900


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return BUILT_IN


def answer(command: str, address: str) -> str:
    """What the server does to an address, by its number."""
    number = int(address.partition("@")[0].removeprefix("p") or 0) if address.startswith("p") else 0
    answers = {
        ("RCPT", 1): "550 no such user",
        ("DATA", 2): "554 spam",
        ("DATA", 3): "drop",
        ("DATA", 4): "drop after taking",
        ("RCPT", 5): "drop",
        ("DATA", 6): "wait 0.05",
        ("RCPT", 7): "451 later",
    }
    return answers.get((command, number % 200), "")


def worker(house: House) -> subprocess.Popen[bytes]:
    """A worker as people run it."""
    settings = house.kernel.settings
    told = {
        "TRADEPOST_DATA": str(settings.data),
        "TRADEPOST_DATABASE_URL": settings.database,
        "TRADEPOST_MAIL_URL": house.server.url,
        "TRADEPOST_MAIL_FROM": "News <news@shop.example>",
        "TRADEPOST_PUBLIC_URL": "https://crm.example",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "worker"],
        env=os.environ | told,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def fill(house: House, count: int) -> None:
    """Customers, some of them suppressed; nothing waits for the worker afterwards."""
    for start in range(0, count, AT_ONCE):
        rows: list[dict[str, object]] = [
            {"name": f"P{n}", "email": f"p{n}@x.example"} for n in range(start, start + AT_ONCE)
        ]

        async def body(work: Work, rows: Sequence[dict[str, object]] = rows) -> None:
            await work.create_all(Customer, rows)

        await house.kernel.operations.run(SYSTEM, body)
    for number in range(0, count, STOPPED):
        await house.make(Suppression, address=f"P{number + 10}@x.example")
    await _sql(house, "DELETE FROM core_event WHERE handler LIKE '%search%'")


async def _sql(house: House, sql: str) -> None:
    async with house.kernel.database.begin(KEY) as connection:
        await connection.run(KEY, sql, [])


@pytest.mark.requirement("MK-14")
async def test_nobody_gets_two_mails_though_the_worker_is_killed(house):
    mia = await house.as_("mia")
    count = MAILS[house.kernel.database.dialect]
    await fill(house, count)
    house.server.decide = answer
    mailing = await house.mailing(mia, {"all": []})
    await house.act(mia, mailing, "start")
    process = worker(house)
    try:
        for part in KILLED_AFTER:
            await _until(partial(_taken, house, count // part))
            process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.wait)
            await _sql(house, "UPDATE core_event SET leased_until = NULL")
            process = worker(house)
        await _done(house, mailing)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
    await _compare(house, mailing, count)


def _taken(house: House, count: int) -> bool:
    return len(house.server.taken) >= count


async def _until(test: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not test():
            await asyncio.sleep(0.05)


async def _done(house: House, mailing: Mailing) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await house.now(mailing)).state is not MailingState.DONE:
            await asyncio.sleep(0.5)
            with suppress(Busy):  # the worker changes the same rows
                await house.elapse()


async def _compare(house: House, mailing: Mailing, count: int) -> None:
    """Each person has exactly one mail, or a flag that says why not or that nobody knows."""
    states = await house.states(mailing)
    taken = Counter(house.server.recipients)
    assert len(states) == count
    assert [to for to, times in taken.items() if times > 1] == []
    assert [to for to, state in states.items() if state == "sent" and not taken[to]] == []
    assert {states[to] for to in taken} <= {"sent", "unknown"}
    counted = Counter(states.values())
    assert set(counted) <= {"sent", "refused", "unknown", "suppressed"}
    assert counted["suppressed"] == count // STOPPED
    assert [to for to, state in states.items() if state == "suppressed" and taken[to]] == []
    fated = 2 * count // 200
    assert counted["unknown"] - fated <= len(KILLED_AFTER) * 20, "of those that were under way when the worker died"
