"""Ids, and the system's values of a new row."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime
from hashlib import blake2s
from uuid import UUID

import uuid_utils
from uuid_utils.compat import uuid7

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered: log, audit, answer and error page name the same one."""


def new_id() -> UUID:
    """A new id: UUIDv7, so that ids follow the order of creation."""
    return uuid7()


def made_of(sent: UUID, user: UUID) -> UUID:
    """The id of what somebody makes by a form that was given the id `sent`: the same whenever he sends it.

    It is his alone: nobody can send a form that would make what has the id of another record.
    """
    own = bytearray(blake2s(sent.bytes + user.bytes, digest_size=16).digest())
    own[:6] = sent.bytes[:6]
    own[6], own[8] = 0x70 | own[6] & 0x0F, 0x80 | own[8] & 0x3F
    return UUID(bytes=bytes(own))


def request_id() -> str:
    """The id of the request that is being answered, or a new one: a UUIDv7 as text."""
    return REQUEST.get() or str(uuid_utils.uuid7())


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def born(at: datetime, by: UUID | None = None, record: UUID | None = None) -> dict[str, object]:
    """The id, moments and makers of a row that is made now; the other system fields have their defaults."""
    return {"id": record or new_id(), "created_at": at, "created_by": by, "updated_at": at, "updated_by": by}
