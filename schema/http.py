"""GraphQL over HTTP: who asks, what he sent, and the answer in the media type that he takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.access import Caller, Origin
from core.ids import new_id
from core.settings import Settings
from core.sign_in import SignIn
from schema.execute import Answer, GraphQL, Request, refused

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
STATUSES = {"unauthenticated": 401, "internal": 500, "timeout": 503}
BEARER = "bearer "


class BadRequest(Exception):
    """The HTTP request is no GraphQL request; `status` and the message say why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Endpoint:
    """The address `/graphql` as an ASGI application."""

    def __init__(self, graphql: GraphQL, sign_in: SignIn, settings: Settings) -> None:
        self.graphql = graphql
        self.sign_in = sign_in
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = HttpRequest(scope, receive)
        media = accepted(request.headers.get("accept", ""))
        try:
            response = await self._respond(request, media)
        except BadRequest as fault:
            error = {"message": str(fault), "extensions": {"code": "bad_request"}}
            response = told(refused([error], "bad_request"), media, fault.status)
            if fault.status == 405:
                response.headers["Allow"] = "GET, POST"
        await response(scope, receive, send)

    async def _respond(self, request: HttpRequest, media: str) -> Response:
        if request.method not in ("GET", "POST"):
            raise BadRequest(405, "Use POST, or GET for queries")
        caller = await self._caller(request)
        if caller is None:
            error = {"message": "Please sign in", "extensions": {"code": "unauthenticated"}}
            response = told(refused([error], "unauthenticated"), media)
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        posted = request.method == "POST"
        sent = read_body(request, await self._body(request)) if posted else read_query(request.query_params)
        answer = await self.graphql.answer(caller, sent, changes=posted)
        if answer.code == "get_changes":
            raise BadRequest(405, "A GET request changes nothing; use POST")
        return told(answer, media)

    async def _caller(self, request: HttpRequest) -> Caller | None:
        """The caller of a token, or of a session whose cookie came from one of our own pages."""
        origin = Origin(
            address=request.client.host if request.client else "",
            program=request.headers.get("user-agent", "")[:255],
            request=str(new_id()),
        )
        authorization = request.headers.get("authorization", "")
        if authorization:
            secret = authorization[len(BEARER) :].strip() if authorization.lower().startswith(BEARER) else ""
            return await self.sign_in.caller_of_token(secret, origin)
        secret = request.cookies.get(self.settings.session_cookie(request.scope["scheme"]), "")
        if not secret:
            return None
        if not same_site(request):
            raise BadRequest(403, "The request came from another site")
        return await self.sign_in.caller_of_session(secret, origin)

    async def _body(self, request: HttpRequest) -> bytes:
        """The whole body, counted while it comes."""
        parts = bytearray()
        async for part in request.stream():
            parts += part
            if len(parts) > self.settings.body_limit:
                raise BadRequest(413, f"A request has at most {self.settings.body_limit} bytes")
        return bytes(parts)


def same_site(request: HttpRequest) -> bool:
    """Whether a request with a cookie comes from our own pages. Plain http sends no `Sec-Fetch-Site`, only `Origin`."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    if request.method == "GET":
        return True
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def accepted(accept: str) -> str:
    """The media type of the answer: GraphQL's own where it is asked for, else plain JSON."""
    for one in accept.lower().split(","):
        kind, _, weight = one.strip().partition(";")
        if kind.strip() == GRAPHQL and weight.replace(" ", "") not in ("q=0", "q=0.0"):
            return GRAPHQL
    return JSON


def read_body(request: HttpRequest, body: bytes) -> Request:
    """The GraphQL request in a body; `BadRequest` unless it is one object of JSON."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.replace(" ", "").lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != JSON or charset not in ("", "utf-8", "utf8"):
        raise BadRequest(415, f"Send {JSON} in UTF-8")
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


def told(answer: Answer, media: str, status: int = 0) -> Response:
    """The response. Plain JSON keeps 200 for what GraphQL itself refuses; its own media type says 400."""
    if not status:
        status = STATUSES.get(answer.code, 200 if answer.executed or media == JSON else 400)
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept, Cookie, Authorization",
    }
    return Response(answer.body, status, headers, media_type=f"{media}; charset=utf-8")
