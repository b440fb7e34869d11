"""Mutations of the caller's own account: his password, his sessions, his tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from strawberry.types.arguments import StrawberryArgument

from schema import words
from schema.asking import identity
from schema.context import Context
from schema.declare import argument, field, several
from schema.mutations import ID, Mutation
from schema.payloads import Outcome
from schema.types import Types

Facts: TypeAlias = Callable[[Context, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


def account_changes(types: Types) -> dict[str, Mutation]:
    """What everybody changes of his own account, by the names of the mutations."""
    surface = types.catalogue.surfaces["core.user"]

    def make(payload: str, told: str, work: Facts, arguments: Sequence[StrawberryArgument] = ()) -> Mutation:
        async def worked(context: Context, given: Mapping[str, Any]) -> Outcome:
            return Outcome((), facts=await work(context, given))

        answered: Any = getattr(words, payload)
        return Mutation(surface, payload, field(answered | None, told, arguments), worked)

    current = argument("current", str, "The present password; a wrong one counts as an attempt to sign in")
    new = argument("new", str, "The new password")
    told = "Change the caller's own password; all his other sessions end. At most one in a document"
    return {
        "corePasswordChange": make("AccountPayload", told, _change_password, [current, new]),
        "coreSessionEnd": make("AccountPayload", "End one of the caller's sessions", _end_session, [ID]),
        "coreOtherSessionsEnd": make("AccountPayload", "End all sessions of the caller but this one", _end_others),
        "coreTokenCreate": make("TokenPayload", TOLD, _create_token, TOKEN),
        "coreTokenEnd": make("AccountPayload", "End one of the caller's API tokens", _end_token, [ID]),
    }


TOLD = "Make an API token, in a session of one's own; tokens make no tokens. At most one in a document"
TOKEN = [
    argument("name", str, "What it is for"),
    argument("readOnly", bool, "Whether it may only read and export", default=True),
    argument("expiresAt", datetime | None, "When it ends, within three years; by default in a year"),
    argument("scopes", several(str) | None, "The permissions it is for, of those that its user has; by default all"),
]


async def _change_password(context: Context, given: Mapping[str, Any]) -> Mapping[str, Any]:
    await context.accounts.change_password(context.caller, given["current"], given["new"])
    return {"done": True}


async def _end_session(context: Context, given: Mapping[str, Any]) -> Mapping[str, Any]:
    await context.sign_in.end_session(context.caller, identity(given["id"]))
    return {"done": True}


async def _end_others(context: Context, _: Mapping[str, Any]) -> Mapping[str, Any]:
    await context.sign_in.end_others(context.caller)
    return {"done": True}


async def _create_token(context: Context, given: Mapping[str, Any]) -> Mapping[str, Any]:
    text = await context.sign_in.create_token(
        context.caller,
        given["name"],
        read_only=given["readOnly"],
        expires_at=given.get("expiresAt"),
        scopes=given.get("scopes"),
    )
    return {"token": text}


async def _end_token(context: Context, given: Mapping[str, Any]) -> Mapping[str, Any]:
    await context.sign_in.end_token(context.caller, identity(given["id"]))
    return {"done": True}
