"""API tokens: a program's way in, with the rights of the user it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from core.access import By
from core.codec import plain
from core.credentials import Credential, as_id, as_moment, digest, name_of, new_token
from core.database import KEY, Connection, Database
from core.errors import Refused
from core.fields import Kind, boolean, data, moment, secret, text
from core.ids import born
from core.links import link
from core.model import Meta, Model
from core.parse import clean
from core.reading import Source
from core.registry import Registry
from core.rows import insert
from core.users import User

LIFETIME = timedelta(days=365)
LONGEST = timedelta(days=3 * 365)


class Token(Model):
    """A program's key: shown once, kept as a digest."""

    meta = Meta(title="name", internal=True, indexes=(("digest",),))

    user = link(User, required=True)
    name = text(120, required=True)
    digest = secret(64)
    prefix = text(16)
    writes = boolean(default=True)
    scopes = data()
    seen_at = moment()
    expires_at = moment(required=True)
    ended_at = moment()


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as its user sees it in the list of his tokens; the secret is not known any more."""

    id: UUID
    name: str
    prefix: str
    read_only: bool
    scopes: Sequence[str] | None
    created_at: datetime
    seen_at: datetime | None
    expires_at: datetime


class Tokens:
    """The table of tokens."""

    def __init__(self, registry: Registry, database: Database) -> None:
        self._spec = registry.spec(Token)
        self._database = database

    async def create(
        self,
        connection: Connection,
        user_id: UUID,
        name: str,
        at: datetime,
        *,
        read_only: bool,
        expires_at: datetime | None,
        scopes: Sequence[str] | None,
    ) -> tuple[str, UUID]:
        """A new token's text, which is nowhere else, and its id."""
        title = clean(name.strip())
        if not title or len(title) > 120:
            raise Refused("A name of at most 120 characters tells later what the token was for", field="name")
        end = expires_at or at + LIFETIME
        if not at < end <= at + LONGEST:
            raise Refused("A token ends in the future, within three years", field="expires_at")
        made = new_token()
        row = born(at, user_id)
        values = {"user": user_id, "name": title, "digest": digest(made), "prefix": name_of(made)}
        terms = {"writes": not read_only, "expires_at": end, "scopes": None if scopes is None else sorted({*scopes})}
        await insert(connection, self._spec, row | values | terms)
        return made, UUID(str(row["id"]))

    async def find(self, digested: str, at: datetime) -> Credential | None:
        """The token with this digest, if it holds."""
        place = self._database.dialect.place
        sql = (
            "SELECT t.id, t.user_id, t.expires_at, t.seen_at, t.writes, CAST(t.scopes AS TEXT) FROM core_token t"
            f" WHERE t.digest = {place(1)} AND t.ended_at IS NULL AND t.expires_at > {place(2)}"
        )
        for row in await self._database.read(KEY, sql, [digested, self._moment(at)]):
            scopes = _scopes(row[5])
            return Credential(
                as_id(row[0]),
                as_id(row[1]),
                By.TOKEN,
                as_moment(row[2]),
                _seen(row[3]),
                not row[4],
                None if scopes is None else frozenset(scopes),
            )
        return None

    async def seen(self, connection: Connection, token: UUID, at: datetime) -> datetime | None:
        """Note that a token is used: until when it holds. `None`: it has ended."""
        place = connection.dialect.place
        held = f"id = {place(1)} AND ended_at IS NULL AND expires_at > {place(2)}"
        values = [self._id(token), self._moment(at)]
        if await connection.run(KEY, f"UPDATE core_token SET seen_at = {place(2)} WHERE {held}", values) != 1:
            return None
        rows = await connection.rows(KEY, f"SELECT expires_at FROM core_token WHERE id = {place(1)}", values[:1])
        return as_moment(rows[0][0])

    def _moment(self, value: datetime) -> object:
        return plain(self._database.dialect, Kind.MOMENT, 0, value)

    def _id(self, value: UUID) -> object:
        return plain(self._database.dialect, Kind.ID, 0, value)


async def tokens_of(source: Source, user_id: UUID | None, at: datetime) -> list[TokenView]:
    """The tokens of a user that hold, the newest first."""
    place = source.dialect.place
    sql = (
        "SELECT id, name, prefix, writes, CAST(scopes AS TEXT), created_at, seen_at, expires_at FROM core_token"
        f" WHERE user_id = {place(1)} AND ended_at IS NULL AND expires_at > {place(2)} ORDER BY id DESC"
    )
    held = [plain(source.dialect, Kind.ID, 0, user_id), plain(source.dialect, Kind.MOMENT, 0, at)]
    return [
        TokenView(
            as_id(one), name, prefix or "", not writes, _scopes(scopes), as_moment(made), _seen(seen), as_moment(end)
        )
        for one, name, prefix, writes, scopes, made, seen, end in await source.read(KEY, sql, held)
    ]


async def end_tokens(connection: Connection, user_id: UUID, at: datetime, *, only: UUID | None = None) -> int:
    """End a user's tokens: all, or `only` one. How many ended."""
    dialect = connection.dialect
    values = [plain(dialect, Kind.MOMENT, 0, at), plain(dialect, Kind.ID, 0, user_id)]
    sql = f"UPDATE core_token SET ended_at = {dialect.place(1)} WHERE user_id = {dialect.place(2)} AND ended_at IS NULL"
    if only is not None:
        values.append(plain(dialect, Kind.ID, 0, only))
        sql += f" AND id = {dialect.place(3)}"
    return await connection.run(KEY, sql, values)


def _scopes(content: str | None) -> list[str] | None:
    found = orjson.loads(content) if content else None
    return None if found is None else [str(one) for one in found]


def _seen(value: Any) -> datetime | None:
    return None if value is None else as_moment(value)
