"""The outermost layer: a request that is too large, ambiguous or meant for another host is refused before it is read.

It stands before anything that parses a cookie: on Python 3.11 a quoted 60 kB cookie holds the process for seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from core.errors import TooLarge

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from core.settings import Settings

HEADER_BYTES = 16 * 1024
COOKIE_BYTES = 8 * 1024
HEADER_COUNT = 100
URL_BYTES = 8 * 1024
FORM_BYTES = 64 * 1024
"""What a form may hold around the file that it uploads."""

SINGLE = (b"host", b"content-length", b"transfer-encoding", b"content-type", b"authorization")
"""Headers whose repetition lets two readers of one request understand two things."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not read."""

    status: int
    message: str


class Guard:
    """Refuses what no honest client sends, then hands the request on with its body counted."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self._allows = lru_cache(64)(self._allowed)  # clients name the same few hosts again and again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        refusal = self._judge(scope, headers)
        if refusal is None and b"content-length" in headers and b"transfer-encoding" not in headers:
            await self.app(scope, receive, send)  # the server reads no more than was announced
        elif refusal is None:
            await self._counted(self._limit(headers), scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.message})
        else:
            await _refuse(refusal, scope, receive, send)

    def _judge(self, scope: Scope, known: dict[bytes, bytes]) -> Refusal | None:
        """What is wrong with a request's line and headers, if anything."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > URL_BYTES:
            return Refusal(414, f"The address is longer than {URL_BYTES} bytes")
        if len(headers) > HEADER_COUNT or sum(map(len, chain.from_iterable(headers))) > HEADER_BYTES:
            return Refusal(431, f"The headers are more than {HEADER_COUNT} or larger than {HEADER_BYTES} bytes")
        if b"cookie" in known and sum(len(value) for name, value in headers if name == b"cookie") > COOKIE_BYTES:
            return Refusal(431, f"The cookies are larger than {COOKIE_BYTES} bytes")
        if len(known) < len(headers) and _twice(headers):
            return Refusal(400, "A header that may stand once stands twice")
        if not self._allows(known.get(b"host", b"")):
            return Refusal(400, "This server does not answer to that name: see TRADEPOST_ALLOWED_HOSTS")
        return self._length(known)

    def _allowed(self, host: bytes) -> bool:
        return self.settings.allows_host(host_name(host.decode("latin-1")))

    def _length(self, headers: dict[bytes, bytes]) -> Refusal | None:
        length = headers.get(b"content-length")
        if length is None:
            return None
        if not length.isdigit():
            return Refusal(400, "Content-Length is no number")
        limit = self._limit(headers)
        return _too_large(limit) if int(length) > limit else None

    def _limit(self, headers: dict[bytes, bytes]) -> int:
        if headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data"):
            return self.settings.upload_limit + FORM_BYTES
        return self.settings.body_limit

    async def _counted(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        begun = refused = False

        async def counted() -> Message:
            nonlocal seen, refused
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit and not refused:
                refused = True
                if not begun:
                    await _refuse(_too_large(limit), scope, receive, send)
            if refused:
                raise TooLarge(_too_large(limit).message)
            return message

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            if not refused:
                await send(message)

        try:
            await self.app(scope, counted, told)
        except TooLarge:
            if not refused:
                raise


def _twice(headers: list[tuple[bytes, bytes]]) -> bool:
    names = [name for name, _ in headers]
    return any(names.count(one) > 1 for one in SINGLE)


def host_name(header: str) -> str:
    """The host of a `Host` header without its port."""
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.partition(":")[0]


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"The request is larger than {limit} bytes")


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    response = PlainTextResponse(refusal.message + "\n", refusal.status, {"Connection": "close"})
    await response(scope, receive, send)
