"""GraphQL over HTTP: who asks, what he sent, and the answer in the media type that he takes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import lru_cache
from typing import NamedTuple, Protocol

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from core.access import Caller, Origin
from core.app import Kernel
from core.ids import request_id
from schema.execute import Answer, GraphQL, Request, refused
from schema.renewing import Renewed
from schema.requests import JSON, BadRequest, read_body, read_query, same_site
from schema.sockets import Sockets
from schema.subscribing import Ending, Subscriptions

GRAPHQL = b"application/graphql-response+json"
EVENTS = b"text/event-stream"
STATUSES = {"unauthenticated": 401, "internal": 500, "timeout": 503}
BEARER = b"bearer "
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Accept, Accept-Encoding, Cookie, Authorization"),
)


class Reply(NamedTuple):
    """The response to an HTTP request, apart from the headers that are always the same."""

    answer: Answer
    status: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Answering(Protocol):
    """What answers GraphQL requests."""

    async def answer(self, caller: Caller, request: Request, *, changes: bool = True) -> Answer:
        """The response to a request; with `changes` false a mutation is refused."""


NOBODY = Reply(
    refused([{"message": "Please sign in", "extensions": {"code": "unauthenticated"}}], "unauthenticated"),
    401,
    ((b"www-authenticate", b"Bearer"),),
)


class Endpoint:
    """The address `/graphql` as an ASGI application. It reads what it needs of a request, and nothing else."""

    def __init__(self, kernel: Kernel, make: Callable[[Kernel], GraphQL]) -> None:
        renewed = Renewed(kernel, make)
        self.graphql: Answering = renewed
        self.subscriptions = Subscriptions(renewed)
        self.sockets = Sockets(self.subscriptions, kernel.sign_in, kernel.settings)
        self.sign_in = kernel.sign_in
        self.settings = kernel.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "websocket":
            await self.sockets(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        media = accepted(headers.get(b"accept", b""))
        try:
            if media is EVENTS:
                await self._streamed(scope, headers, receive, send)
                return
            reply = await self._reply(scope, headers, receive)
        except BadRequest as fault:
            error = {"message": str(fault), "extensions": {"code": "bad_request"}}
            allowed = ((b"allow", b"GET, POST"),) if fault.status == 405 else ()
            reply = Reply(refused([error], "bad_request"), fault.status, allowed)
        await told(reply, JSON if media is EVENTS else media, send)

    async def _reply(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Reply:
        caller = await self._caller(scope, headers)
        if caller is None:
            return NOBODY
        sent = await self._sent(scope, headers, receive)
        answer = await self.graphql.answer(caller, sent, changes=scope["method"] == "POST")
        if answer.code == "get_changes":
            raise BadRequest(405, "A GET request changes nothing; use POST")
        return Reply(answer)

    async def _streamed(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, send: Send) -> None:
        """The answers as server-sent events, each request a stream of its own: GraphQL-SSE's distinct connections."""
        caller = await self._caller(scope, headers)
        if caller is None:
            await told(NOBODY, JSON, send)
            return
        sent = await self._sent(scope, headers, receive)
        answers = self.subscriptions.stream(caller, sent, changes=scope["method"] == "POST")
        stream = {"cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}
        await StreamingResponse(events(answers), 200, stream, EVENTS.decode())(scope, receive, send)

    async def _sent(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Request:
        if scope["method"] == "POST":
            return read_body(headers, await self._body(receive))
        return read_query(HttpRequest(scope).query_params)

    async def _caller(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Caller | None:
        """The caller of a token, or of a session whose cookie came from one of our own pages."""
        if scope["method"] not in ("GET", "POST"):
            raise BadRequest(405, "Use POST, or GET for queries")
        client, program = scope.get("client"), headers.get(b"user-agent", b"").decode("latin-1")[:255]
        origin = Origin(client[0] if client else "", program, request_id())
        authorization = headers.get(b"authorization", b"")
        if authorization:
            bears = authorization[: len(BEARER)].lower() == BEARER
            secret = authorization[len(BEARER) :].strip().decode("latin-1") if bears else ""
            return await self.sign_in.caller_of_token(secret, origin)
        request = HttpRequest(scope)
        secret = request.cookies.get(self.settings.session_cookie(scope["scheme"]), "")
        if not secret:
            return None
        if not same_site(request):
            raise BadRequest(403, "The request came from another site")
        return await self.sign_in.caller_of_session(secret, origin)

    async def _body(self, receive: Receive) -> bytes:
        """The whole body, counted while it comes."""
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.settings.body_limit:
                raise BadRequest(413, f"A request has at most {self.settings.body_limit} bytes")
        return bytes(body)


@lru_cache(256)
def accepted(accept: bytes) -> bytes:
    """The media type of the answer: a stream or GraphQL's own where it is asked for, else plain JSON."""
    for one in accept.lower().split(b","):
        kind, _, weight = one.strip().partition(b";")
        wanted = next((each for each in (EVENTS, GRAPHQL) if each == kind.strip()), None)
        if wanted and weight.replace(b" ", b"") not in (b"q=0", b"q=0.0"):
            return wanted
    return JSON


async def events(answers: AsyncGenerator[Answer | None, None]) -> AsyncGenerator[bytes, None]:
    """Answers as events. A stream that ends without `complete` was cut off: the client comes back."""
    async with aclosing(answers):
        try:
            async for one in answers:
                body = b"" if one is None else one.body.replace(b"\n", b"\ndata: ")
                yield b"event: next\ndata: %s\n\n" % body if body else b":\n\n"
            yield b"event: complete\ndata:\n\n"
        except Ending:
            return


async def told(reply: Reply, media: bytes, send: Send) -> None:
    """Send the response. Plain JSON keeps 200 for what GraphQL itself refuses; its own media type says 400."""
    answer = reply.answer
    status = reply.status or STATUSES.get(answer.code, 200 if answer.executed or media is JSON else 400)
    headers = [
        *HEADERS,
        *reply.headers,
        (b"content-type", media + b"; charset=utf-8"),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
