"""The one way out: requests to other hosts, which reach nothing inside that an administrator did not name."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias
from urllib.parse import urlsplit, urlunsplit

from httpx2 import AsyncClient, ConnectError, HTTPError, InvalidURL

from core.errors import TradepostError

Address: TypeAlias = IPv4Address | IPv6Address
PORTS = {"https": 443, "http": 80}
OPEN_PORTS = frozenset({80, 443, 8080, 8443})
SECONDS = 10.0
LARGEST = 1_048_576
CLOSED = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"),
            *("100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "64:ff9b:1::/48", "fec0::/10"),
        ),
    )
)
"""What Python's `is_global` is not sure about in every version."""
SIX_TO_FOUR, TEREDO, NAT64 = map(ipaddress.IPv6Network, ("2002::/16", "2001::/32", "64:ff9b::/96"))


class EgressFault(TradepostError):
    """A request that was not sent, or that nobody answered; the text says why, and nothing of what was answered."""

    code = "egress"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Egress:
    """Sends requests. `allowed` are the hosts and networks inside that may be asked, at any port and by plain HTTP.

    A name is looked up once, every address it has is looked at, and the one that was looked at is connected to; TLS and
    the `Host` header keep the name. No redirect is followed and no proxy of the environment is used.
    """

    allowed: Sequence[str] = ()
    seconds: float = SECONDS
    largest: int = LARGEST

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes | str = b"",
    ) -> Answered:
        """Ask another host; `EgressFault` where that may not be, or where nobody answers in time and size."""
        target = Target.of(url)
        inside = self._named(target.host)
        try:
            async with asyncio.timeout(self.seconds):
                *former, last = await self._checked(target, inside=inside)
                told = {**(headers or {}), "Host": target.netloc}
                for address in former:
                    with suppress(ConnectError):  # nothing was sent yet
                        return await self._sent(target, address, method, told, content)
                return await self._sent(target, last, method, told, content)
        except TimeoutError as fault:
            raise EgressFault(f"{target.host} did not answer within {self.seconds:g} seconds") from fault
        except (HTTPError, InvalidURL, OSError) as fault:
            raise EgressFault(f"{target.host} cannot be asked: {type(fault).__name__}") from fault

    async def _checked(self, target: Target, *, inside: bool) -> list[Address]:
        """The addresses to connect to; all that the name has must be good."""
        found = await _addresses(target.host, target.port)
        for one in found:
            if inside or self._in_network(one):
                continue
            if target.port not in OPEN_PORTS:
                raise EgressFault(f"Port {target.port} of {target.host} is not asked; allow the host to ask it")
            if not public(one):
                raise EgressFault(f"{target.host} is not on the public net; allow it to ask it")
        return found

    async def _sent(
        self, target: Target, address: Address, method: str, headers: Mapping[str, str], content: bytes | str
    ) -> Answered:
        """The answer of the host at an address; SNI and the certificate are of its name."""
        body = bytearray()
        async with (
            AsyncClient(trust_env=False, follow_redirects=False, timeout=self.seconds) as client,
            client.stream(
                method,
                target.at(address),
                headers=dict(headers),
                content=content or None,
                extensions={"sni_hostname": target.host},
            ) as answer,
        ):
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > self.largest:
                    raise EgressFault(f"{target.host} answered with more than {self.largest} bytes")
            return Answered(
                answer.status_code, bytes(body), {name.lower(): one for name, one in answer.headers.items()}
            )

    def _named(self, host: str) -> bool:
        return host.lower().rstrip(".") in {one.lower() for one in self.allowed}

    def _in_network(self, address: Address) -> bool:
        return any(address in one for one in map(_network, self.allowed) if one and one.version == address.version)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @classmethod
    def of(cls, url: str) -> Target:
        """From an address; `EgressFault` for what is none, or has a name and password in it."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").encode("idna").decode()
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as fault:  # UnicodeError is one
            raise EgressFault("This is no address to ask") from fault
        if parts.scheme not in PORTS or not host or parts.username is not None or not url.isprintable():
            raise EgressFault("Only addresses like https://host/path are asked")
        return cls(parts.scheme, host, port, parts.path or "/", parts.query)

    @property
    def netloc(self) -> str:
        """The host as the `Host` header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: Address) -> str:
        """The same with an address in the place of the name."""
        host = f"[{address}]" if address.version == 6 else str(address)
        return urlunsplit((self.scheme, f"{host}:{self.port}", self.path, self.query, ""))


async def _addresses(host: str, port: int) -> list[Address]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def public(address: Address) -> bool:
    """Whether an address is on the public net, and so is the one that it may stand for."""
    inner = _inner(address)
    if inner is not None:
        return public(inner)
    if any(address in one for one in CLOSED if one.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _inner(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one carries."""
    if not isinstance(address, IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in SIX_TO_FOUR:
        return address.sixtofour
    if address in TEREDO and address.teredo is not None:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
