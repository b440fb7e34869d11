"""What sessions and tokens have in common: a secret whose digest alone is stored, and what is known of it."""

from __future__ import annotations

import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from core.access import By, Origin

LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_LENGTH = 43
CHECK_LENGTH = 6
NAME_LENGTH = 8
TOKEN_PREFIX = "tp_"
SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when a session or token was used last: each notice is a write."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A session or token as the process knows it; each read's stamp says whether it still holds."""

    id: UUID
    user_id: UUID
    by: By
    expires_at: datetime
    seen_at: datetime | None
    read_only: bool = False
    scopes: frozenset[str] | None = None


def new_secret() -> str:
    """A secret of 256 bits that may stand in a cookie or a header."""
    return _letters(SECRET_LENGTH)


def digest(secret: str) -> str:
    """What is stored of a secret. It has too many bits to be guessed, so a quick hash does."""
    return sha256(secret.encode()).hexdigest()


def new_token() -> str:
    """A token's text: `tp_`, a name, 256 bits, and a check by which tools that look for leaked secrets know it.

    The name is no secret: it stands in the list of tokens, so that whoever finds a token knows which one to end.
    """
    named = f"{_letters(NAME_LENGTH)}_{new_secret()}"
    return f"{TOKEN_PREFIX}{named}{_check(named)}"


def name_of(token: str) -> str:
    """The part of a token that may be shown: `tp_aB3dE6gH`."""
    return token[: len(TOKEN_PREFIX) + NAME_LENGTH]


def well_formed(token: str) -> bool:
    """Whether a text can be a token at all; others need not be looked for. The first ones had no name."""
    named = token.removeprefix(TOKEN_PREFIX)[:-CHECK_LENGTH]
    name, _, secret = named.rpartition("_")
    return (
        token.isascii()
        and token == f"{TOKEN_PREFIX}{named}{_check(named)}"
        and (len(name), len(secret)) in ((NAME_LENGTH, SECRET_LENGTH), (0, SECRET_LENGTH))
    )


def _letters(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _check(secret: str) -> str:
    number, letters = zlib.crc32(secret.encode()), ""
    for _ in range(CHECK_LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters = LETTERS[place] + letters
    return letters


def as_id(value: Any) -> UUID:
    """An id as a row holds it."""
    return UUID(str(value))


def as_moment(value: Any) -> datetime:
    """A moment as a row holds it."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def cut(origin: Origin) -> dict[str, object]:
    """The address and program of an origin, as long as their columns."""
    return {"address": origin.address[:64] or None, "program": origin.program[:255] or None}
