"""What is measured and traced adds up, tells nobody's data, and is not there at all unless it is asked for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import generate_latest

from core.database import KEY, Dialect
from core.errors import SettingsError
from core.settings import load_settings
from core.watching import WatchedEngine
from tests.tradepost.test_running import PATIENCE, running
from tradepost.metrics import SHARED, ended, shared
from tradepost.telemetry import telemetry
from tradepost.traces import LITERAL

CANARY = "canary-ann-lee"
SECRET = "canary-of-a-password"


class Collector:
    """Takes traces over HTTP, as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        found = (ExportTraceServiceRequest.FromString(one) for one in self.taken)
        return [
            span for one in found for whole in one.resource_spans for part in whole.scope_spans for span in part.spans
        ]

    @contextmanager
    def __call__(self) -> Iterator[str]:
        taken = self.taken

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/v1/traces":
                    taken.append(body)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def visit(address: str, token: str) -> None:
    """What somebody does whose name and password are not to be told."""
    name = f'{{ name: {{ contains: "{CANARY}" }} }}'
    query = f"query {CANARY.replace('-', '_')} {{ salesCustomers(filter: {name}) {{ nodes {{ name }} }} }}"
    create = "mutation($name: String!) { salesCustomerCreate(input: {name: $name}) { record { id } } }"
    headers = {"Authorization": f"Bearer {token}", "User-Agent": CANARY}
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=PATIENCE) as client:
        assert client.get(f"/sign-in?next=/{CANARY}").status_code == 200
        assert client.post("/sign-in", data={"login": CANARY, "password": SECRET}).status_code == 422
        sent = {"query": create, "variables": {"name": CANARY}}
        assert "id" in client.post("/graphql", json=sent, headers=headers).text
        assert CANARY in client.post("/graphql", json={"query": query}, headers=headers).text
        assert "errors" in client.post("/graphql", json={"query": f"{{ {CANARY} }}"}, headers=headers).json()
        assert client.get(f"/sales/customers/{CANARY}").status_code == 303
        assert client.request("PROPFIND", f"/{CANARY}").status_code in (404, 405)


@pytest.mark.parametrize("dialect", [Dialect.POSTGRES], indirect=False)
def test_requests_statements_and_jobs_are_counted_and_traced_without_anybody_s_data(
    dialect, company, free_tcp_port, monkeypatch
):
    token = company("token", "create", "--user", "admin", "--name", "hers").last
    collector = Collector()
    with collector() as there:
        monkeypatch.setenv("TRADEPOST_TRACES_URL", there)
        figures = f"127.0.0.1:{free_tcp_port}"
        with running("serve", "--port", "0", "--metrics", figures) as (process, said):
            visit(said.removeprefix("Tradepost is at ").strip(), token)
            text = httpx.get(f"http://{figures}/metrics").text
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
    for line in (
        'tradepost_requests_total{method="POST",route="/graphql",status="200"} 3.0',
        'tradepost_requests_total{method="GET",route="/sign-in",status="200"} 1.0',
        'tradepost_request_seconds_count{method="POST",route="/graphql"} 3.0',
    ):
        assert line in text
    for pattern in (
        r'tradepost_statement_seconds_count\{kind="INSERT"\} [1-9]',
        r'tradepost_connections\{kind="read_idle"\} [0-9]',
        r'tradepost_jobs_waiting\{handler="core.files.clean"\} [01].0',
    ):
        assert re.search(pattern, text)
    spans = {one.span_id: one for one in collector.spans}
    (created,) = [one for one in spans.values() if one.name == "WITH sales_customer"]
    operation = spans[created.parent_span_id]
    request = spans[operation.parent_span_id]
    assert (operation.name, request.name, request.parent_span_id) == ("graphql", "POST /graphql", b"")
    assert (
        "INSERT INTO sales_customer" in {one.key: one.value.string_value for one in created.attributes}["db.query.text"]
    )
    assert {one.name for one in spans.values()} > {"GET /sign-in", "POST /sign-in"}
    for secret in (CANARY, CANARY.replace("-", "_"), SECRET, token):
        assert secret not in text
        assert [one for one in collector.taken if secret.encode() in one] == []


COUNTING = """
from tradepost.metrics import Metrics
from tradepost.observing import Answered
metrics = Metrics()
for _ in range(3):
    metrics.request(Answered("GET", "/sales/leads", 200, 0.02))
metrics.connections({"read_idle": 2})
print("counted", flush=True)
input()
"""


def test_the_figures_of_several_processes_meet_and_outlive_them(tmp_path):
    environment = os.environ | {SHARED: str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", COUNTING]
    processes = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)
    ]
    for one in processes:
        assert one.stdout is not None
        assert one.stdout.readline() == b"counted\n"
    counted = b'tradepost_requests_total{method="GET",route="/sales/leads",status="200"} 6.0'
    told = generate_latest(shared(str(tmp_path)))
    assert counted in told
    assert b'tradepost_connections{kind="read_idle"} 4.0' in told
    first, second = processes
    first.communicate(b"\n")
    ended(str(tmp_path), first.pid)
    told = generate_latest(shared(str(tmp_path)))
    assert counted in told
    assert b'tradepost_connections{kind="read_idle"} 2.0' in told
    second.communicate(b"\n")


async def test_a_watched_database_tells_each_statement_and_never_a_value(database):
    told = []

    @contextmanager
    def watch(sql: str) -> Iterator[None]:
        told.append(sql)
        yield

    assert not isinstance(database.engine, WatchedEngine)
    database.watch(watch)
    place = database.dialect.place(1)
    await database.read(KEY, f"SELECT id FROM core_user WHERE login = {place}", [CANARY])
    async with database.begin(KEY) as connection:
        await connection.rows(KEY, f"SELECT id FROM core_role WHERE name = {place}", [CANARY])
        await connection.run(KEY, f"DELETE FROM core_role WHERE name = {place}", [CANARY])
    assert [one.split()[3 if one.startswith("S") else 2] for one in told] == ["core_user", "core_role", "core_role"]
    assert CANARY not in "".join(told)
    assert database.engine.connections()["read_idle"] == 1


def test_what_stands_in_a_statement_as_a_value_is_not_traced():
    sql = """SELECT "t1".name FROM core_user t1 WHERE id = $1 AND name = 'Ann''s' AND size > 12.5 LIMIT 50"""
    assert LITERAL.sub("?", sql) == 'SELECT "t1".name FROM core_user t1 WHERE id = $1 AND name = ? AND size > ? LIMIT ?'


def test_a_port_for_figures_that_is_taken_is_named(tmp_path: Path):
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SettingsError, match=f"TRADEPOST_METRICS: {place} cannot be listened on: Address already"):
            telemetry(load_settings(data=tmp_path, metrics=place)).__enter__()
    for value in ("9464", "127.0.0.1:many", ":9464"):
        with pytest.raises(SettingsError, match=r"TRADEPOST_METRICS: must be like 127\.0\.0\.1:9464"):
            load_settings(data=tmp_path, metrics=value)


def test_nothing_is_loaded_that_nobody_asked_for(tmp_path: Path):
    program = (
        "import sys; unwanted = ('prometheus_client', 'opentelemetry.sdk.trace', 'opentelemetry.exporter', 'obstore')\n"
        "from tradepost.cli.running import telemetry; from core.settings import load_settings\n"
        "with telemetry(load_settings()) as none: print(none.requests, none.jobs, none.app(print) is print)\n"
        "print([one for one in sys.modules if one.startswith(unwanted)])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TRADEPOST_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "() None True\n[]\n"
