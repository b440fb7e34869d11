"""Accounts: what a user sets for himself, and passwords that an administrator sets for others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

from core.access import By, Caller
from core.audit import Note, record
from core.codec import plain
from core.database import KEY, Connection, Database
from core.errors import Forbidden, NotFound, Problem, Refused, Unauthenticated
from core.fields import Kind
from core.ids import now
from core.languages import LANGUAGES
from core.looks import Look
from core.passwords import require_strength
from core.policies import bump_user, present
from core.registry import Registry
from core.rows import update
from core.sessions import end_sessions
from core.sign_in import SignIn
from core.users import User


@dataclass(frozen=True, slots=True)
class Preferences:
    """Who the caller is, and how he wants to be answered."""

    login: str
    name: str
    language: str
    zone: str
    look: Look


class Accounts:
    """Passwords and preferences, which are no fields of a form: nobody reads a password, and each sets his language."""

    def __init__(
        self, registry: Registry, database: Database, sign_in: SignIn, clock: Callable[[], datetime] = now
    ) -> None:
        self._registry = registry
        self._database = database
        self._sign_in = sign_in
        self._clock = clock

    async def change_password(self, caller: Caller, current: str, new: str) -> None:
        """Change the caller's own password; all his other sessions end."""
        if caller.by is not By.SESSION or caller.user_id is None:
            raise Forbidden("core.user.set_password")
        await self._sign_in.confirm(caller, current)
        await self._store(caller, caller.user_id, new, but=caller.credential)

    async def set_password(self, caller: Caller, user_id: UUID, new: str) -> None:
        """Set a user's password, as an administrator; all sessions of that user end."""
        caller = await present(self._database, caller)
        if not caller.policy.everything or caller.by not in (By.SESSION, By.SYSTEM):
            raise Forbidden("core.user.set_password")
        await self._store(caller, user_id, new, but=None)

    async def set_preferences(
        self, caller: Caller, *, language: str | None = None, zone: str | None = None, look: Look | None = None
    ) -> None:
        """Set how the caller wants to be answered: the pages' language and look, and his time zone."""
        if caller.user_id is None:
            raise Unauthenticated
        problems = []
        if language is not None and language not in LANGUAGES:
            problems.append(Problem("There is no such language", "language"))
        if zone is not None and zone not in available_timezones():
            problems.append(Problem("There is no such time zone", "zone"))
        if problems:
            raise Refused(problems=problems)
        given = {"language": language, "zone": zone, "look": list(look.words) if look else None}
        values = {name: value for name, value in given.items() if value is not None}
        if values:
            await self._write(caller, caller.user_id, "set_preferences", values)

    async def preferences(self, caller: Caller) -> Preferences:
        """The caller's own name and preferences, whatever he may see of users."""
        place = self._database.dialect.place(1)
        sql = f"SELECT login, name, language, zone FROM core_user WHERE id = {place}"
        rows = await self._database.read(KEY, sql, [plain(self._database.dialect, Kind.ID, 0, caller.user_id)])
        if not rows:
            raise Unauthenticated
        login, name, language, zone = rows[0]
        return Preferences(login, name, language, zone, caller.policy.look or Look())

    async def _store(self, caller: Caller, user_id: UUID, new: str, *, but: UUID | None) -> None:
        require_strength(new, await self._names(user_id))
        hashed = await self._sign_in.passwords.hash(new)
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            await end_sessions(connection, user_id, self._clock(), but=but)
            await self._change(connection, caller, user_id, "set_password", {"password": hashed})
        self._sign_in.told_ended(user_id)

    async def _write(self, caller: Caller, user_id: UUID, verb: str, values: Mapping[str, object]) -> None:
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            await self._change(connection, caller, user_id, verb, values)

    async def _change(
        self, connection: Connection, caller: Caller, user_id: UUID, verb: str, values: Mapping[str, object]
    ) -> None:
        spec, at = self._registry.spec(User), self._clock()
        if not await update(connection, spec, user_id, dict(values)):
            raise NotFound
        await bump_user(connection, user_id)
        await record(connection, self._registry, caller, at, [Note(verb, spec.label, user_id)])

    async def _names(self, user_id: UUID) -> list[str]:
        place = self._database.dialect.place(1)
        sql = f"SELECT login, name, email, mobile FROM core_user WHERE id = {place}"
        rows = await self._database.read(KEY, sql, [plain(self._database.dialect, Kind.ID, 0, user_id)])
        if not rows:
            raise NotFound
        return [one for one in rows[0] if one]
