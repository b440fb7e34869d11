"""Several processes behind one socket: while they are renewed, and while tables change, every request is answered."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from typing import Any

import httpx
import pytest

from core.database import Dialect, connect
from core.migrator import Step, migrate
from core.registry import Registry
from plugins.sales import plugin as sales
from tests.core.test_migrator import Package, drafted
from tests.tradepost.conftest import Tradepost
from tests.tradepost.test_running import PATIENCE, running

CREATE = "mutation($name: String!) { salesCustomerCreate(input: {name: $name}) { record { id } errors { message } } }"


class Hammer:
    """Clients that ask without a pause, each over a connection that it keeps; what was not answered well is noted."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self.token = token
        self.answered = 0
        self.created = 0
        self.faults: list[str] = []
        self._over = threading.Event()

    def read(self) -> None:
        with httpx.Client(base_url=self.address, timeout=PATIENCE) as client:
            while not self._over.is_set():
                self._judge(client.get, "/healthz")
                self._judge(client.get, "/sign-in")

    def write(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE) as client:
            while not self._over.is_set():
                sent = {"query": CREATE, "variables": {"name": f"Customer {self.created}"}}
                answer = self._judge(client.post, "/graphql", json=sent)
                if answer is not None and '"errors":[]' in answer.text and '"id":"' in answer.text:
                    self.created += 1
                elif answer is not None:
                    self.faults.append(answer.text)

    def _judge(self, ask: Callable[..., httpx.Response], path: str, **sent: object) -> httpx.Response | None:
        try:
            answer = ask(path, **sent)
        except httpx.HTTPError as fault:
            self.faults.append(f"{path}: {fault!r}")
            return None
        if answer.status_code != 200:
            self.faults.append(f"{path}: {answer.status_code} {answer.text}")
        self.answered += 1
        time.sleep(PAUSE)
        return answer

    @contextmanager
    def __call__(self) -> Iterator[Hammer]:
        threads = [threading.Thread(target=one) for one in (self.read, self.write)]
        for one in threads:
            one.start()
        try:
            yield self
        finally:
            self._over.set()
            for one in threads:
                one.join()

    def until(self, more: int) -> None:
        """Wait for some more answers."""
        wanted, latest = self.answered + more, time.monotonic() + PATIENCE
        while self.answered < wanted:
            assert time.monotonic() < latest, self.faults[:3]
            time.sleep(0.05)


PAUSE = 0.01
"""Seconds between two questions of a client: the servers are to be busy, not the machine."""


def children(process: int) -> set[int]:
    return {int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def until(what: Callable[[], bool]) -> None:
    latest = time.monotonic() + 2 * PATIENCE
    while not what():
        assert time.monotonic() < latest
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _terse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line of several processes is their address, not that they had better have a Redis."""
    monkeypatch.setenv("TRADEPOST_LOG_LEVEL", "error")


@pytest.fixture
def token(company: Tradepost) -> str:
    return company("token", "create", "--user", "admin", "--name", "hammer").last


@pytest.fixture
def small(company: Tradepost) -> Tradepost:
    """A company with few plugins, whose processes start quickly."""
    for one in ("visits", "marketing", "service_desk", "distribution"):
        assert company("plugins", "disable", one).code == 0
    return company


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """What is installed once there is a plugin whose table links to customers, with its migration."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    models = "class Card(Model):\n    name = text(20)\n    customer = link(Customer, back='cards')\n"
    plugin = Package(tmp_path, "shop").plugin(
        models, ("sales",), head="from tradepost.sales import Customer as Customer\n"
    )
    return asyncio.run(drafted(plugin, sales))


async def migrated(url: str, registry: Registry) -> list[Step]:
    database = await connect(url, registry)
    try:
        return await migrate(database, registry)
    finally:
        await database.close()


@pytest.mark.parametrize("dialect", [Dialect.POSTGRES], indirect=False)
def test_no_request_fails_while_tables_change_and_all_processes_are_renewed(
    dialect, small, token, database_url, card, record_property
):
    with running("serve", "--port", "0", "--processes", "2", "--no-worker") as (process, said):
        address = said.removeprefix("Tradepost is at ").strip()
        old = children(process.pid)
        assert len(old) == 2
        with Hammer(address, token)() as hammer:
            hammer.until(20)
            assert [one.plugin for one in asyncio.run(migrated(database_url, card))] == ["shop"]
            hammer.until(20)
            process.send_signal(signal.SIGHUP)
            until(lambda: not old & children(process.pid) and len(children(process.pid)) == 2)
            hammer.until(20)
        record_property("answered", hammer.answered)
        assert hammer.faults == []
        assert hammer.created > 5
        process.send_signal(signal.SIGTERM)
        now = children(process.pid)
        assert process.wait(PATIENCE) == 0
        assert [one for one in now if Path(f"/proc/{one}").exists()] == []


LITTLE = """
import os, signal, sys
from socket import socket
listening, say, parent = map(int, sys.argv[-1].split(","))
if os.path.exists("broken"):
    sys.exit(3)
listening = socket(fileno=listening)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.write(say, b"1")
while True:
    caller, _ = listening.accept()
    caller.sendall(str(os.getpid()).encode())
    caller.close()
"""
"""A process that tells each caller who it is."""

KEEPER = f"""
import asyncio, sys
from tradepost.rolling import Herd, bound
listening = bound("127.0.0.1", 0)
herd = Herd(listening, 2, [sys.executable, "-c", {LITTLE!r}])
print(asyncio.run(herd.run(lambda: print(listening.getsockname()[1], flush=True))))
"""


@contextmanager
def keeper(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Two little processes and who keeps them; the port that they share."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", KEEPER]
    piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=folder, env=environment, **piped) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.terminate()


def who(port: int) -> int:
    with create_connection(("127.0.0.1", port), PATIENCE) as caller:
        return int(caller.recv(100))


def test_a_process_that_is_killed_is_replaced_and_all_end_when_told(tmp_path):
    with keeper(tmp_path) as (process, port):
        first, second = children(process.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: first not in (now := children(process.pid)) and len(now) == 2)
        assert second in (now := children(process.pid))
        assert who(port) in now
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert [one for one in now if Path(f"/proc/{one}").exists()] == []


def test_old_processes_go_on_where_new_ones_do_not_start(tmp_path):
    with keeper(tmp_path) as (process, port):
        old = children(process.pid)
        (tmp_path / "broken").touch()
        process.send_signal(signal.SIGHUP)
        assert process.stdout is not None
        while "the old ones go on" not in process.stdout.readline():
            pass
        assert children(process.pid) == old
        assert who(port) in old
        (tmp_path / "broken").unlink()
        process.send_signal(signal.SIGHUP)
        until(lambda: not old & children(process.pid) and len(children(process.pid)) == 2)
        assert who(port) in children(process.pid)


def test_several_that_do_not_start_are_refused(tmp_path):
    (tmp_path / "broken").touch()
    command = [sys.executable, "-c", KEEPER]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("dialect", [Dialect.SQLITE], indirect=False)
def test_none_is_left_where_the_one_that_keeps_them_is_killed(dialect, small):
    with running("serve", "--port", "0", "--processes", "2", "--no-worker") as (process, _):
        old = children(process.pid)
        process.kill()
        until(lambda: [one for one in old if Path(f"/proc/{one}").exists()] == [])
