"""What the outermost layer refuses, over a real server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from core.settings import Settings, load_settings
from tradepost.guard import Guard, host_name


async def _length(request: Request) -> PlainTextResponse:
    read = len(await request.body())
    return PlainTextResponse(f"{read} {len(request.cookies)}")


@contextlib.asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[int]:
    app = Guard(Starlette(routes=[Route("/", _length, methods=["GET", "POST"])]), settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with _served(load_settings(allowed_hosts=("crm.example",), body_limit=2_000, upload_limit=5_000)) as it:
        yield it


async def _ask(port: int, lines: list[str], body: bytes = b"", first: str = "GET / HTTP/1.1") -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([first, *lines, "Connection: close", "", ""]).encode() + body)
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    head, _, rest = answer.partition("\r\n\r\n")
    return int(head.split()[1]), rest


HOST = "Host: crm.example"


async def test_an_ordinary_request_passes(port):
    assert await _ask(port, [HOST, "Cookie: a=b; c=d"]) == (200, "0 2")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([HOST, "Cookie: a=" + "x" * 8_191], 431),
        ([HOST, *(f"X-{number}: y" for number in range(100))], 431),
        ([HOST, *(f"X-{number}: {'y' * 4_000}" for number in range(5))], 431),
        ([HOST, HOST], 400),
        (["Host: elsewhere.example"], 400),
        ([], 400),
        ([HOST, "Authorization: a", "Authorization: b"], 400),
    ],
    ids=["cookie", "many headers", "large headers", "two hosts", "another host", "no host", "two authorizations"],
)
async def test_headers_that_no_honest_client_sends_are_refused(port, lines, status):
    assert (await _ask(port, lines))[0] == status


async def test_a_quoted_cookie_costs_no_time(port):
    started = asyncio.get_running_loop().time()
    status, _ = await _ask(port, [HOST, 'Cookie: a="' + '\\"' * 30_000 + '"'])
    assert status == 431
    assert asyncio.get_running_loop().time() - started < 0.5


async def test_an_address_of_more_than_eight_kilobytes_is_refused(port):
    assert (await _ask(port, [HOST], first=f"GET /?{'q' * 8_192} HTTP/1.1"))[0] == 414


@pytest.mark.parametrize("host", ["crm.example:80", "CRM.example", "127.0.0.1:8000", "[::1]:8000", "localhost"])
async def test_listed_names_and_numbers_are_answered(port, host):
    assert (await _ask(port, [f"Host: {host}"]))[0] == 200


async def test_a_body_may_be_as_large_as_its_limit(port):
    post = "POST / HTTP/1.1"
    assert await _ask(port, [HOST, "Content-Length: 2000"], b"x" * 2_000, post) == (200, "2000 0")
    status, message = await _ask(port, [HOST, "Content-Length: 2001"], b"x" * 2_001, post)
    assert (status, message) == (413, "The request is larger than 2000 bytes\n")


async def test_an_upload_has_a_limit_of_its_own(port):
    lines = [HOST, "Content-Type: multipart/form-data; boundary=x", "Content-Length: 5000"]
    assert await _ask(port, lines, b"x" * 5_000, "POST / HTTP/1.1") == (200, "5000 0")
    lines[-1] = f"Content-Length: {5_000 + 64 * 1024 + 1}"
    assert (await _ask(port, lines, first="POST / HTTP/1.1"))[0] == 413


async def test_a_body_without_a_length_is_counted_as_it_comes(port):
    chunked = b"".join(b"3e8\r\n" + b"x" * 1_000 + b"\r\n" for _ in range(3)) + b"0\r\n\r\n"
    status, message = await _ask(port, [HOST, "Transfer-Encoding: chunked"], chunked, "POST / HTTP/1.1")
    assert (status, message) == (413, "The request is larger than 2000 bytes\n")


async def test_a_number_in_brackets_is_a_host():
    assert [host_name(one) for one in ("[::1]:80", "a.example:80", "a.example")] == ["[::1]", "a.example", "a.example"]
