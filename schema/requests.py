"""What a client sent, read from a body, a query string or a message, and whether it came from our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest

from schema.execute import Request

JSON = b"application/json"


class BadRequest(Exception):
    """The HTTP request is no GraphQL request; `status` and the message say why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def same_site(request: HttpRequest) -> bool:
    """Whether a request with a cookie comes from our own pages. Plain http sends no `Sec-Fetch-Site`, only `Origin`."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    if request.method == "GET":
        return True
    return own_page(request)


def own_page(connection: HTTPConnection) -> bool:
    """Whether a WebSocket was opened by one of our own pages: browsers name its origin, and let any page open one."""
    origin = connection.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()


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
