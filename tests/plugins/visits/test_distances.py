"""How far it is: along lines, or as a service says that really answers; and what is done when it does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from plugins.visits.distances import UNREACHABLE, NoTable, lines, metres, table
from tests.plugins.visits.conftest import MONDAY, SYSTEM, at
from tradepost.egress import Egress
from tradepost.visits import VisitState

BERLIN, POTSDAM, SEOUL = at("52.520000", "13.405000"), at("52.400000", "13.070000"), at("37.566500", "126.978000")

LOCAL = Egress(["127.0.0.1"])


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service may be asked, though it is inside."""
    monkeypatch.setenv("TRADEPOST_EGRESS_ALLOW", "127.0.0.1")


class Service(ThreadingHTTPServer):
    """A service of distances on this machine: what it is told to say, and what it was asked."""

    status = 200
    body = b""
    asked: list[str]


class Answering(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        places = self.path.partition("?")[0].rpartition("/")[2].count(";") + 1
        table = [[abs(row - column) * 1_000.4 for column in range(places)] for row in range(places)]
        said = self.server.body or json.dumps({"code": "Ok", "distances": table, "durations": table}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service(("127.0.0.1", 0), Answering)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(service: Service) -> str:
    return f"http://127.0.0.1:{service.server_port}/table/v1/driving"


def test_distances_are_great_circles_times_a_factor():
    assert metres(BERLIN, BERLIN) == 0
    assert metres(BERLIN, POTSDAM) == metres(POTSDAM, BERLIN) == pytest.approx(26_300, rel=0.01)
    assert metres(BERLIN, SEOUL) == pytest.approx(8_130_000, rel=0.01)
    drawn = lines([BERLIN, POTSDAM], 1.3, 40)
    assert drawn.metres[0] == [0, round(metres(BERLIN, POTSDAM) * 1.3)]
    assert drawn.seconds[1][0] == pytest.approx(drawn.metres[1][0] * 3.6 / 40, abs=1)


async def test_a_service_is_asked_in_its_own_order_of_coordinates(service):
    found = await table([BERLIN, POTSDAM], address(service) + "/", LOCAL)
    assert found.metres == found.seconds == [[0, 1_001], [1_001, 0]]
    assert service.asked == [
        "/table/v1/driving/13.405000,52.520000;13.070000,52.400000?annotations=duration%2Cdistance"
    ]


async def test_where_the_service_knows_no_way_there_is_none(service):
    service.body = json.dumps(
        {"code": "Ok", "distances": [[0, None], [5, 0]], "durations": [[0, None], [5, 0]]}
    ).encode()
    assert (await table([BERLIN, SEOUL], address(service), LOCAL)).metres == [[0, UNREACHABLE], [5, 0]]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, b'{"code": "TooBig", "message": "Too many table coordinates"}', "HTTP 400 Too many table coordinates"),
        (200, b'{"code": "NoSegment"}', "HTTP 200"),
        (502, b"<html>", "JSONDecodeError"),
        (200, b"[]", "HTTP 200"),
        (200, b'{"code": "Ok"}', "The answer is no table of numbers"),
        (200, b'{"code": "Ok", "distances": [[0]], "durations": [[0]]}', "no table of the places"),
        (200, b'{"code": "Ok", "distances": [[0,"a"],[1,0]], "durations": [[0,1],[1,0]]}', "no table of numbers"),
        (200, b'{"code": "Ok", "distances": [[0,-1],[1,0]], "durations": [[0,1],[1,0]]}', "no table of the places"),
    ],
)
async def test_what_is_no_table_is_said_clearly(service, status, body, told):
    service.status, service.body = status, body
    with pytest.raises(NoTable, match=told):
        await table([BERLIN, POTSDAM], address(service), LOCAL)


@pytest.mark.requirement("VI-4")
async def test_routes_go_by_the_service_and_without_it_by_lines_which_the_plan_says(firm, classes, service):
    await firm.kernel.options.change(SYSTEM, {"visits.table": address(service)})
    plan = await firm.plan("ann")
    for number in range(2):
        await firm.site(f"S{number}", "52.530000", f"13.4{number}0000", plan=plan.id, site_class=classes["A"].id)
    await firm.act(plan, "generate", until=MONDAY)
    await firm.routed(plan)
    now = await firm.now(plan)
    assert (now.routed_metres, now.fault) == (1_001 + 1_001 + 2_001, None)
    service.status = 503
    again = await firm.routed(plan)
    assert [one.state for one in again] == [VisitState.PLANNED] * 2
    now = await firm.now(plan)
    assert (now.routed_metres < 4_003, now.fault.startswith("HTTP 503")) == (True, True)


async def test_nobody_at_the_other_end_is_said_too():
    with pytest.raises(NoTable, match="ConnectError"):
        await table([BERLIN, POTSDAM], "http://127.0.0.1:9/table/v1/driving", LOCAL)
    with pytest.raises(NoTable):
        await table([BERLIN, POTSDAM], "nonsense", LOCAL)


async def test_a_service_inside_is_asked_where_an_administrator_has_named_it_alone(service):
    with pytest.raises(NoTable, match=r"127\.0\.0\.1 is not asked; allow the host to ask it"):
        await table([BERLIN, POTSDAM], address(service), Egress())
    assert service.asked == []
