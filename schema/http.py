"""GraphQL over HTTP: who asks, what he sent, and the answer in the media type that he takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import orjson
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from core.access import Caller, Origin
from core.ids import request_id
from core.settings import Settings
from core.sign_in import SignIn
from schema.execute import Answer, Request, refused

JSON = b"application/json"
GRAPHQL = b"application/graphql-response+json"
STATUSES = {"unauthenticated": 401, "internal": 500, "timeout": 503}
BEARER = b"bearer "
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Accept, Accept-Encoding, Cookie, Authorization"),
)


class BadRequest(Exception):
    """The HTTP request is no GraphQL request; `status` and the message say why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Reply(NamedTuple):
    """The response to an HTTP request, apart from the headers that are always the same."""

    answer: Answer
    status: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Answering(Protocol):
    """What answers GraphQL requests."""

    async def answer(self, caller: Caller, request: Request, *, changes: bool = True) -> Answer:
        """The response to a request; with `changes` false a mutation is refused."""


class Endpoint:
    """The address `/graphql` as an ASGI application. It reads what it needs of a request, and nothing else."""

    def __init__(self, graphql: Answering, sign_in: SignIn, settings: Settings) -> None:
        self.graphql = graphql
        self.sign_in = sign_in
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            reply = await self._reply(scope, headers, receive)
        except BadRequest as fault:
            error = {"message": str(fault), "extensions": {"code": "bad_request"}}
            allowed = ((b"allow", b"GET, POST"),) if fault.status == 405 else ()
            reply = Reply(refused([error], "bad_request"), fault.status, allowed)
        await told(reply, accepted(headers.get(b"accept", b"")), send)

    async def _reply(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Reply:
        if scope["method"] not in ("GET", "POST"):
            raise BadRequest(405, "Use POST, or GET for queries")
        caller = await self._caller(scope, headers)
        if caller is None:
            error = {"message": "Please sign in", "extensions": {"code": "unauthenticated"}}
            return Reply(refused([error], "unauthenticated"), 401, ((b"www-authenticate", b"Bearer"),))
        posted = scope["method"] == "POST"
        sent = read_body(headers, await self._body(receive)) if posted else read_query(HttpRequest(scope).query_params)
        answer = await self.graphql.answer(caller, sent, changes=posted)
        if answer.code == "get_changes":
            raise BadRequest(405, "A GET request changes nothing; use POST")
        return Reply(answer)

    async def _caller(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Caller | None:
        """The caller of a token, or of a session whose cookie came from one of our own pages."""
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


def same_site(request: HttpRequest) -> bool:
    """Whether a request with a cookie comes from our own pages. Plain http sends no `Sec-Fetch-Site`, only `Origin`."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    if request.method == "GET":
        return True
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


@lru_cache(256)
def accepted(accept: bytes) -> bytes:
    """The media type of the answer: GraphQL's own where it is asked for, else plain JSON."""
    for one in accept.lower().split(b","):
        kind, _, weight = one.strip().partition(b";")
        if kind.strip() == GRAPHQL and weight.replace(b" ", b"") not in (b"q=0", b"q=0.0"):
            return GRAPHQL
    return JSON


@lru_cache(256)
def is_json(content_type: bytes) -> bool:
    """Whether a body is JSON in UTF-8."""
    kind, _, parameters = content_type.lower().partition(b";")
    charset = parameters.replace(b" ", b"").removeprefix(b"charset=").strip(b'"')
    return kind.strip() == JSON and charset in (b"", b"utf-8", b"utf8")


def read_body(headers: Mapping[bytes, bytes], body: bytes) -> Request:
    """The GraphQL request in a body; `BadRequest` unless it is one object of JSON."""
    if not is_json(headers.get(b"content-type", b"")):
        raise BadRequest(415, f"Send {JSON.decode()} in UTF-8")
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise BadRequest(400, f"The body is no JSON: {fault}") from None
    if not isinstance(sent, dict):
        raise BadRequest(400, "The body is one object with a query; there is no batching")
    return read_parameters(sent)


def read_query(parameters: Mapping[str, str]) -> Request:
    """The GraphQL request in a query string."""
    sent: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if sent.get(name):
            try:
                sent[name] = orjson.loads(sent[name])
            except orjson.JSONDecodeError as fault:
                raise BadRequest(400, f"{name} is no JSON: {fault}") from None
        else:
            sent.pop(name, None)
    return read_parameters(sent)


def read_parameters(sent: Mapping[str, Any]) -> Request:
    """The parameters of a GraphQL request; `BadRequest` for one of a wrong type."""
    query, operation = sent.get("query"), sent.get("operationName")
    if not isinstance(query, str) or not query:
        raise BadRequest(400, "query is a text and must be given")
    if operation is not None and not isinstance(operation, str):
        raise BadRequest(400, "operationName is a text")
    for name in ("variables", "extensions"):
        if sent.get(name) is not None and not isinstance(sent[name], dict):
            raise BadRequest(400, f"{name} is an object")
    return Request(query, sent.get("variables") or {}, operation or None)


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
