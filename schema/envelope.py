"""Errors as GraphQL tells them: a message, where, and a code for programs; nothing of what is inside."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from core.database import Busy
from core.errors import (
    BadQuery,
    Conflict,
    Forbidden,
    NotFound,
    Refused,
    SearchUnavailable,
    TooLarge,
    TradepostError,
    Unauthenticated,
    UnknownField,
)
from core.registry import camel, pascal

TIMEOUT: dict[str, Any] = {"message": "This took too long and was given up", "extensions": {"code": "timeout"}}
UNKNOWN = "Cannot query field"
UNKNOWN_INPUT = "not to include unknown field"


TOLD = (
    Refused, Conflict, NotFound, Forbidden, Unauthenticated, UnknownField, BadQuery, SearchUnavailable, TooLarge, Busy
)  # fmt: skip


def internal(error: BaseException | None) -> bool:
    """Whether an error is ours to mend, and none of the caller's business."""
    return error is not None and not isinstance(error, TOLD)


def fault(request: str) -> dict[str, Any]:
    """A fault of ours: the id of the request, by which it is found in the log, and nothing else."""
    return {
        "message": "Something went wrong; it has been noted",
        "extensions": {"code": "internal", "request": request},
    }


def shown(error: GraphQLError | TradepostError, request: str) -> dict[str, Any]:
    """An error as the response to a request holds it."""
    if isinstance(error, TradepostError):
        if internal(error):
            return fault(request)
        return {"message": _message(error), "extensions": {"code": error.code}}
    told = _told(error, request)
    if error.locations:
        told["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    if error.path:
        told["path"] = list(error.path)
    return told


def _told(error: GraphQLError, request: str) -> dict[str, Any]:
    cause = error.original_error
    if isinstance(cause, TradepostError):
        return shown(cause, request)
    if internal(cause) and error.path:  # raised by a resolver that is ours
        return fault(request)
    unknown = error.message.startswith(UNKNOWN) or UNKNOWN_INPUT in error.message
    code = "unknown_field" if unknown else "bad_query"
    return {"message": error.message, "extensions": {"code": code}}


def _message(error: TradepostError) -> str:
    """An unreadable field is told in the same words as one that does not exist."""
    if isinstance(error, UnknownField):
        plugin, _, name = error.model.partition(".")
        return f"{UNKNOWN} '{camel(error.field)}' on type '{pascal(plugin)}{pascal(name)}'."
    return str(error)
