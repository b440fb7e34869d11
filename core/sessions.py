"""Sessions on the server: the cookie holds a random secret, the table its digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.access import By, Origin
from core.codec import plain
from core.credentials import Credential, as_id, as_moment, cut, digest, new_secret
from core.database import KEY, Connection, Database
from core.fields import Kind, moment, secret, text
from core.ids import born
from core.links import link
from core.model import Meta, Model
from core.reading import Source
from core.registry import Registry
from core.rows import insert
from core.users import User


class Session(Model):
    """A browser in which somebody is signed in."""

    meta = Meta(title="program", internal=True, indexes=(("digest",),))

    user = link(User, required=True)
    digest = secret(64)
    address = text(64)
    program = text(255)
    seen_at = moment(required=True)
    expires_at = moment(required=True)
    ended_at = moment()


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as its user sees it in the list of his sessions."""

    id: UUID
    address: str
    program: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class Sessions:
    """The table of sessions. One ends when it is told to, after a while of rest, and in any case after its lifetime."""

    def __init__(self, registry: Registry, database: Database, idle: timedelta, lifetime: timedelta) -> None:
        self._spec = registry.spec(Session)
        self._database = database
        self._idle = idle
        self._lifetime = lifetime

    async def begin(
        self, connection: Connection, user_id: UUID, origin: Origin, at: datetime
    ) -> tuple[str, Credential]:
        """A new session and its secret, which is nowhere else."""
        made = new_secret()
        row = born(at, user_id)
        expires_at = at + min(self._idle, self._lifetime)
        values = {"user": user_id, "digest": digest(made), "seen_at": at, "expires_at": expires_at}
        await insert(connection, self._spec, row | values | cut(origin))
        return made, Credential(UUID(str(row["id"])), user_id, By.SESSION, expires_at, at)

    async def find(self, digested: str, at: datetime) -> Credential | None:
        """The session with this digest, if it holds."""
        place = self._database.dialect.place
        sql = (
            "SELECT s.id, s.user_id, s.expires_at, s.seen_at FROM core_session s"
            f" WHERE s.digest = {place(1)} AND s.ended_at IS NULL AND s.expires_at > {place(2)}"
        )
        for row in await self._database.read(KEY, sql, [digested, self._moment(at)]):
            return Credential(as_id(row[0]), as_id(row[1]), By.SESSION, as_moment(row[2]), as_moment(row[3]))
        return None

    async def seen(self, connection: Connection, session: UUID, at: datetime) -> datetime | None:
        """Note that a session is used, which prolongs it within its lifetime: until when. `None`: it has ended."""
        place = connection.dialect.place
        held = f"id = {place(1)} AND ended_at IS NULL AND expires_at > {place(2)}"
        values = [self._id(session), self._moment(at)]
        rows = await connection.rows(KEY, f"SELECT created_at FROM core_session WHERE {held}", values)
        if not rows:
            return None
        expires_at = min(at + self._idle, as_moment(rows[0][0]) + self._lifetime)
        sql = f"UPDATE core_session SET seen_at = {place(2)}, expires_at = {place(3)} WHERE {held}"
        await connection.run(KEY, sql, [*values, self._moment(expires_at)])
        return expires_at

    def _moment(self, value: datetime) -> object:
        return plain(self._database.dialect, Kind.MOMENT, 0, value)

    def _id(self, value: UUID) -> object:
        return plain(self._database.dialect, Kind.ID, 0, value)


async def sessions_of(source: Source, user_id: UUID | None, at: datetime) -> list[SessionView]:
    """The sessions of a user that hold, the one used last first."""
    place = source.dialect.place
    sql = (
        "SELECT id, address, program, created_at, seen_at, expires_at FROM core_session"
        f" WHERE user_id = {place(1)} AND ended_at IS NULL AND expires_at > {place(2)} ORDER BY seen_at DESC, id"
    )
    held = [plain(source.dialect, Kind.ID, 0, user_id), plain(source.dialect, Kind.MOMENT, 0, at)]
    rows = await source.read(KEY, sql, held)
    return [SessionView(as_id(row[0]), row[1] or "", row[2] or "", *map(as_moment, row[3:])) for row in rows]


async def end_sessions(
    connection: Connection, user_id: UUID, at: datetime, *, only: UUID | None = None, but: UUID | None = None
) -> int:
    """End a user's sessions: all, `only` one, or all `but` one. How many ended.

    With all of them end the sign-ins that await a second factor.
    """
    dialect = connection.dialect
    if only is None:
        mine = [plain(dialect, Kind.ID, 0, user_id)]
        await connection.run(KEY, f"DELETE FROM core_halfway WHERE user_id = {dialect.place(1)}", mine)
    values = [plain(dialect, Kind.MOMENT, 0, at), plain(dialect, Kind.ID, 0, user_id)]
    sql = (
        f"UPDATE core_session SET ended_at = {dialect.place(1)} WHERE user_id = {dialect.place(2)} AND ended_at IS NULL"
    )
    for one, sign in ((only, "="), (but, "<>")):
        if one is not None:
            values.append(plain(dialect, Kind.ID, 0, one))
            sql += f" AND id {sign} {dialect.place(len(values))}"
    return await connection.run(KEY, sql, values)
