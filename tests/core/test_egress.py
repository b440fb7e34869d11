"""The way out: what is never reached, and what comes back of what is."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from core import egress as guarding
from core.egress import Egress, EgressFault, Target, public

INSIDE = (
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::a00:1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "3fff::1"),
)
OUTSIDE = ("93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101")


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_public_is_inside(address):
    assert not public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_public_is_outside(address):
    assert public(ipaddress.ip_address(address))


@asynccontextmanager
async def answering(answer: bytes, *, at_all: bool = True) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on this machine: its port, and what it was asked."""
    asked: list[bytes] = []
    serving: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(cast("asyncio.Task[None]", asyncio.current_task()))
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if at_all:
            writer.write(answer)
        else:
            await reader.read()  # until who asked has gone
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked
        await asyncio.gather(*serving)


def said(body: bytes, status: int = 200, more: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


async def test_what_is_inside_is_not_asked_unless_it_was_named():
    async with answering(said(b"secret")) as (port, asked):
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1"):
            with pytest.raises(EgressFault):
                await Egress().fetch(f"http://{host}:{port}/")
        assert asked == []
        for allowed in (["localhost"], ["127.0.0.0/8", "::1"]):
            assert (await Egress(allowed).fetch(f"http://localhost:{port}/a?b=c")).body == b"secret"
        assert asked[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
        assert f"Host: localhost:{port}\r\n".encode() in asked[0]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com", "",
        "http://", "http://user:secret@example.com/", "http://exa mple.com/", "http://example.com:99999/",
        "http://example.com/\r\nX: y", "http://\0/",
    ],
)  # fmt: skip
async def test_only_plain_addresses_of_the_web_are_asked(url):
    with pytest.raises(EgressFault):
        await Egress(["example.com"]).fetch(url)


async def test_a_name_is_looked_up_once_and_all_its_addresses_are_looked_at(monkeypatch):
    looked: list[str] = []

    async def addresses(host: str, port: int):
        looked.append(host)
        return [ipaddress.ip_address("1.1.1.1"), ipaddress.ip_address("10.0.0.1")]

    monkeypatch.setattr(guarding, "_addresses", addresses)
    with pytest.raises(EgressFault, match=r"rebinding\.example is not on the public net"):
        await Egress().fetch("http://rebinding.example/")
    assert looked == ["rebinding.example"]


async def test_it_connects_to_the_address_that_was_looked_at(monkeypatch):
    async with answering(said(b"here")) as (port, asked):
        answers = iter([[ipaddress.ip_address("127.0.0.1")], [ipaddress.ip_address("10.0.0.1")]])

        async def addresses(host: str, port: int):
            return next(answers)

        monkeypatch.setattr(guarding, "_addresses", addresses)
        answer = await Egress(["nowhere.invalid"]).fetch(f"http://nowhere.invalid:{port}/")  # nobody else resolves it
        assert answer.body == b"here"
        assert f"Host: nowhere.invalid:{port}".encode() in asked[0]


async def test_an_address_that_nobody_answers_at_is_passed_over(monkeypatch):
    async def addresses(host: str, port: int):
        return [ipaddress.ip_address("::1"), ipaddress.ip_address("127.0.0.1")]

    monkeypatch.setattr(guarding, "_addresses", addresses)
    async with answering(said(b"here")) as (port, _):
        assert (await Egress(["localhost"]).fetch(f"http://localhost:{port}/")).body == b"here"


async def test_ports_are_those_of_the_web():
    with pytest.raises(EgressFault, match=r"Port 25 of 1\.1\.1\.1 is not asked"):
        await Egress().fetch("http://1.1.1.1:25/")


async def test_no_redirect_is_followed():
    async with answering(said(b"", 302, "Location: http://169.254.169.254/\r\n")) as (port, asked):
        answer = await Egress(["localhost"]).fetch(f"http://localhost:{port}/")
        assert (answer.status, answer.headers["location"], len(asked)) == (302, "http://169.254.169.254/", 1)


async def test_no_proxy_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with answering(said(b"here")) as (port, _):
        assert (await Egress(["localhost"]).fetch(f"http://localhost:{port}/")).body == b"here"


async def test_an_answer_has_a_size_and_a_time():
    async with answering(said(b"x" * 2_000)) as (port, _):
        with pytest.raises(EgressFault, match="more than 1000 bytes"):
            await Egress(["localhost"], largest=1_000).fetch(f"http://localhost:{port}/")
    async with answering(b"", at_all=False) as (port, _):
        with pytest.raises(EgressFault, match=r"did not answer within 0\.2 seconds"):
            await Egress(["localhost"], seconds=0.2).fetch(f"http://localhost:{port}/")


async def test_what_nobody_answers_is_a_fault_without_what_was_said(unused_tcp_port):
    with pytest.raises(EgressFault, match="localhost cannot be asked: ConnectError"):
        await Egress(["localhost"]).fetch(f"http://localhost:{unused_tcp_port}/")
    async with answering(b"secret nonsense\r\n\r\n") as (port, _):
        with pytest.raises(EgressFault) as fault:
            await Egress(["localhost"]).fetch(f"http://localhost:{port}/")
        assert "secret" not in str(fault.value)


def test_a_target_keeps_its_name_and_takes_an_address():
    target = Target.of("https://bücher.example/a?b=c#d")
    assert (target.host, target.netloc) == ("xn--bcher-kva.example", "xn--bcher-kva.example")
    assert target.at(ipaddress.ip_address("2606:4700::1111")) == "https://[2606:4700::1111]:443/a?b=c"
