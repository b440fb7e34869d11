"""Tradepost as processes: the server, a worker of its own, the demo."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from socket import socket

import httpx
import pytest

from core.access import Origin
from core.errors import Refused
from core.settings import load_settings
from tradepost import demo
from tradepost.app import open_kernel
from tradepost.demo import ACCOUNTS, PASSWORD, make_room, prepare, records
from tradepost.distribution import Document, Fulfilment
from tradepost.marketing import Mailing
from tradepost.sales import Customer, Opportunity, Stage
from tradepost.service_desk import Ticket
from tradepost.visits import Visit

PROGRAM = "import sys; from tradepost.cli import main; sys.argv[0] = 'tradepost'; main()"
PATIENCE = 60


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process, and the first line that it says; it is ended by its id."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def test_the_server_serves_and_ends_when_told(company, free_tcp_port):
    with running("serve", "--port", str(free_tcp_port)) as (process, said):
        assert said == f"Tradepost is at http://127.0.0.1:{free_tcp_port}\n"
        address = f"http://127.0.0.1:{free_tcp_port}"
        answer = _asked(f"{address}/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert "server" not in answer.headers
        assert httpx.get(f"{address}/sign-in").status_code == 200
        assert httpx.get(address, follow_redirects=False).headers["location"].startswith("/sign-in")
        assert httpx.post(f"{address}/graphql", json={"query": "{ me { id } }"}).status_code == 401
        assert httpx.get(f"{address}/healthz", headers={"Host": "elsewhere.example"}).status_code == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in (0, -signal.SIGTERM)


def test_an_address_that_is_taken_is_not_told(company):
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running("serve", "--port", str(port)) as (process, said):
            assert "address already in use" in said
            assert process.stdout is not None
            assert "Tradepost is at" not in process.stdout.read()
            assert process.wait(PATIENCE) == 3


def test_a_port_that_the_system_chose_is_told(company):
    with running("serve", "--port", "0") as (_, said):
        assert _asked(f"{said.removeprefix('Tradepost is at ').strip()}/healthz").text == "ok\n"


def _asked(url: str) -> httpx.Response:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(url)
        except httpx.ConnectError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_a_worker_runs_apart_and_ends_when_told(company):
    with running("worker") as (process, said):
        assert said == "The worker runs; Ctrl-C ends it\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(records, "CUSTOMERS", 120)


def quiet(what: str, done: int, total: int) -> None:
    assert done <= total


DAILY = {"agent": Ticket, "marketer": Mailing, "warehouse": Document, "dispatcher": Fulfilment, "visitor": Visit}
"""What those do all day who do not sell."""


async def test_the_demo_is_a_company_that_each_of_its_accounts_sees_differently(company, small):
    settings = load_settings()
    await prepare(settings, quiet)
    seen = {}
    async with open_kernel(settings) as kernel:
        for account in ACCOUNTS:
            _, caller = await kernel.sign_in.sign_in(account.login, PASSWORD, Origin())
            models = (Customer, DAILY.get(account.login, Opportunity))
            seen[account.login] = [await kernel.reader.count(caller, model) for model in models]
        _, admin = await kernel.sign_in.sign_in("admin", PASSWORD, Origin())
        names = "".join(one.name for one in await kernel.reader.records(admin, Customer, limit=200))
        stages = await kernel.reader.records(admin, Stage, fields=("opportunities.id",))
        found = await kernel.finder.find(admin, "电子")
    assert seen["admin"][0] == seen["director"][0] == seen["auditor"][0] == 120
    assert seen["admin"][1] == seen["director"][1] > seen["lead"][1] > seen["sales"][1] > 0
    assert seen["agent"] == [120, 60]
    assert all(seen[login][1] > 0 for login in DAILY)
    assert 0 < seen["lead"][0] == seen["sales"][0] < 120
    assert re.search(r"[\u4e00-\u9fff]", names)
    assert re.search(r"[\uac00-\ud7af]", names)
    assert all(one.opportunities for one in stages)
    assert found


def test_the_demo_never_touches_a_company_of_somebody(tradepost):
    tradepost("migrate")
    settings = load_settings()
    assert settings.sqlite
    before = settings.sqlite.read_bytes()
    for reset in (False, True):
        with pytest.raises(Refused, match="is not the demo's; set TRADEPOST_DATA to another folder"):
            make_room(settings, reset=reset)
    assert settings.sqlite.read_bytes() == before


def test_the_demo_is_not_removed_under_one_that_runs(tradepost):
    settings = load_settings()
    assert make_room(settings, reset=False)
    tradepost("migrate")
    assert settings.sqlite
    with closing(sqlite3.connect(settings.sqlite)) as other:
        other.execute("SELECT count(*) FROM core_user").fetchone()
        with pytest.raises(Refused, match="is in use; stop the demo that runs"):
            make_room(settings, reset=True)
    assert settings.sqlite.exists()
    assert make_room(settings, reset=True)
    assert not settings.sqlite.exists()


def test_the_demo_is_kept_until_it_is_reset(folder):
    settings = load_settings()
    assert settings.sqlite
    assert make_room(settings, reset=False)
    settings.sqlite.write_text("half filled")
    assert make_room(settings, reset=False)
    assert not settings.sqlite.exists()
    settings.sqlite.write_text("filled")
    demo.marker(settings).write_text("done")
    assert not make_room(settings, reset=False)
    assert settings.sqlite.read_text() == "filled"
    assert make_room(settings, reset=True)
    assert not settings.sqlite.exists()
