"""What is told of each request: its id in the answer and in the log, its route, how it ended, how long it took."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import uuid_utils

from core.ids import REQUEST

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNKNOWN = "(none)"
"""The route of what was refused before its address was looked at, or has no page."""

log = logging.getLogger("tradepost.request")


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered. Its address is not told, which may hold a secret or a name, only its route."""

    method: str
    route: str
    status: int
    seconds: float


Watcher = Callable[[Answered], None]


class Observed:
    """The layer around everything: it gives each request an id and tells the watchers of the answer.

    `end` is to be called when the server begins to end: what would last for ever ends then.
    """

    def __init__(self, app: ASGIApp, watchers: Sequence[Watcher] = (), end: Callable[[], None] = lambda: None) -> None:
        self.app = app
        self.end = end
        self.watchers = (tell_log, *watchers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, begun, status = str(uuid_utils.uuid7()), perf_counter(), 500
        before = REQUEST.set(number)

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", number.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, told)
        finally:
            answered = Answered(method_of(scope), route_of(scope), status, perf_counter() - begun)
            for watcher in self.watchers:
                watcher(answered)
            REQUEST.reset(before)


def tell_log(one: Answered) -> None:
    """A line for each request, where the log's level wants it."""
    if log.isEnabledFor(logging.INFO):
        milliseconds = round(one.seconds * 1_000, 1)
        told = {"method": one.method, "route": one.route, "status": one.status, "milliseconds": milliseconds}
        text = "%s %s %s in %s ms"
        log.info(text, one.method, one.route, one.status, milliseconds, extra={"told": told})


def method_of(scope: Scope) -> str:
    """Anybody may make up a method; metrics and logs know those that we answer."""
    return str(scope["method"]) if scope["method"] in ("GET", "HEAD", "POST") else "OTHER"


def route_of(scope: Scope) -> str:
    """The template of the address that a request was for."""
    page = scope.get("page") or scope.get("route")
    return str(getattr(page, "path", scope.get("known_route", UNKNOWN)))
