"""Signing in and out, and who it is that comes with a session's or a token's secret."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from core.access import ANONYMOUS, By, Caller, Origin, Policy
from core.attempts import Attempts
from core.audit import Note, record
from core.codec import fold, plain
from core.credentials import SECRET_LENGTH, SEEN_EVERY, Credential, as_id, cut, digest, new_secret, well_formed
from core.database import KEY, Connection, Database, DatabaseFault, Dialect
from core.errors import Forbidden, NotFound, Refused, SecondFactorNeeded, Unauthenticated
from core.factors import Halfway, standing_of
from core.fields import Kind
from core.ids import born, now
from core.kept import Kept
from core.live import Hub
from core.passwords import MAXIMUM, Passwords
from core.policies import Policies, present
from core.registry import Registry
from core.rows import insert, update
from core.sessions import Sessions, SessionView, end_sessions, sessions_of
from core.settings import Settings
from core.tokens import Tokens, TokenView, end_tokens, tokens_of
from core.users import User

KEPT = 10_000
HALFWAY = timedelta(minutes=10)

log = logging.getLogger(__name__)


class SignIn:
    """Signing in and out, sessions and tokens. One per process; `close` it at the end."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        policies: Policies,
        settings: Settings,
        clock: Callable[[], datetime] = now,
        *,
        hub: Hub | None = None,
    ) -> None:
        idle, lifetime = (timedelta(minutes=one) for one in (settings.session_idle, settings.session_lifetime))
        self.passwords = Passwords()
        self._registry = registry
        self._database = database
        self._policies = policies
        self._clock = clock
        self._hub = hub or Hub()
        self._sessions = Sessions(registry, database, idle, lifetime)
        self._tokens = Tokens(registry, database)
        self.attempts = Attempts(settings.redis_url)
        self._kept: Kept[str, Credential] = Kept(KEPT)
        self._noticing: set[asyncio.Task[None]] = set()

    # Signing in and out

    async def sign_in(self, login: str, password: str, origin: Origin, previous: str = "") -> tuple[str, Caller]:
        """A new session's secret and its caller; `Refused` tells nobody whether the login exists.

        `SecondFactorNeeded` for whom his password alone does not let in.
        `previous` is the secret that the browser came with: that session ends, so none is ever carried into another's.
        """
        user_id, stored = await find_named(self._database, login)
        account = str(user_id or login)  # however its user is named, it is one account
        await self.attempts.admit(account, origin.address)
        known = stored if len(password) <= MAXIMUM else None
        if not await self.passwords.verify(known, password) or user_id is None:
            await self.attempts.failed(account, origin.address)
            await self._remember(replace(ANONYMOUS, origin=origin), "sign_in_refused", user_id)
            raise Refused("The login or the password is wrong", code="wrong_credentials")
        rehashed = await self.passwords.hash(password) if self.passwords.outdated(str(stored)) else None
        await self.attempts.succeeded(account, origin.address)
        if rehashed is not None:
            async with self._database.begin(KEY) as connection:
                await update(connection, self._registry.spec(User), user_id, {"password": rehashed})
        return await self.first_step(user_id, origin, previous, "password")

    async def first_step(self, user_id: UUID, origin: Origin, previous: str, how: str) -> tuple[str, Caller]:
        """A new session for who has shown one thing; `SecondFactorNeeded` where that is not enough."""
        if (await standing_of(self._database, user_id)).asked:
            raise SecondFactorNeeded(await self._halt(user_id, origin, how))
        return await self.let_in(user_id, origin, previous, how)

    async def let_in(self, user_id: UUID, origin: Origin, previous: str, how: str) -> tuple[str, Caller]:
        """A new session's secret and its caller, for a user who has shown all that is asked of him."""
        secret, credential = await self._begin(user_id, origin, previous, how)
        await self._policies.fresh(user_id)
        caller = await self._caller(credential, origin)
        if caller is None:
            raise Unauthenticated
        return secret, caller

    async def confirm(self, caller: Caller, password: str) -> None:
        """Refuse unless this is the caller's own password: what a browser left open must not be enough for."""
        account, address = str(caller.himself), caller.origin.address
        await self.attempts.admit(account, address)
        user_id, stored = await find_named(self._database, caller.policy.login)
        known = stored if len(password) <= MAXIMUM and user_id == caller.user_id else None
        if not await self.passwords.verify(known, password):
            await self.attempts.failed(account, address)
            raise Refused("This is not your present password", field="current", code="wrong_credentials")
        await self.attempts.succeeded(account, address)

    async def end(self, secret: str, origin: Origin) -> None:
        """Sign out: the session with this secret ends, if there is one."""
        at = self._clock()
        known = self._kept.pop(digest(secret), None) or await self._sessions.find(digest(secret), at)
        if known is not None and known.by is By.SESSION:
            caller = Caller(Policy(known.user_id), By.SESSION, known.id, origin=origin)
            async with self._database.begin(KEY) as connection:
                await end_sessions(connection, known.user_id, at, only=known.id)
                await self._note(connection, caller, "sign_out", known.user_id)
            self.told_ended(known.user_id)

    async def end_session(self, caller: Caller, session: UUID) -> None:
        """End one session of the caller's own; `NotFound` when he has no such."""
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            if not await end_sessions(connection, caller.himself, self._clock(), only=session):
                raise NotFound
            await self._note(connection, caller, "end_session", caller.user_id)
        self.told_ended(caller.himself)

    async def end_others(self, caller: Caller) -> int:
        """End all sessions of the caller but this one; how many ended."""
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            ended = await end_sessions(connection, caller.himself, self._clock(), but=caller.credential)
            await self._note(connection, caller, "end_other_sessions", caller.user_id)
        self.told_ended(caller.himself)
        return ended

    async def sessions_of(self, caller: Caller) -> list[SessionView]:
        """The caller's sessions, the one used last first."""
        await present(self._database, caller)
        return await sessions_of(self._database, caller.himself, self._clock())

    def told_ended(self, user_id: UUID) -> None:
        """Some of a user's sessions or tokens have ended: his open streams are to look at once whether theirs did."""
        self._hub.ring(user_id)

    # Tokens

    async def create_token(
        self,
        caller: Caller,
        name: str,
        *,
        user_id: UUID | None = None,
        read_only: bool = False,
        expires_at: datetime | None = None,
        scopes: Sequence[str] | None = None,
    ) -> str:
        """A new token of the caller's own; its text is shown this once. The system makes one for any user.

        It ends in a year unless it is told when. Of `scopes`, which are permissions, it has those that its user has at
        that moment; without, all of his. Tokens make no tokens: one that leaked must not outlive its end.
        """
        owner = user_id or caller.himself
        if caller.by not in (By.SESSION, By.SYSTEM) or (caller.by is By.SESSION and owner != caller.user_id):
            raise Forbidden("core.token.create")
        async with self._database.begin(KEY) as connection:
            self._require_known(await present(connection, caller), scopes)
            text, _ = await self._tokens.create(
                connection, owner, name, self._clock(), read_only=read_only, expires_at=expires_at, scopes=scopes
            )
            await self._note(connection, caller, "create_token", owner, name)
        return text

    def _require_known(self, caller: Caller, scopes: Sequence[str] | None) -> None:
        if scopes is None:
            return
        if not scopes:
            raise Refused("Choose what the token may do", field="scopes", code="required")
        if {*scopes} - {one.name for one in self._registry.permissions()}:
            raise Refused("There is no such permission", field="scopes", code="unknown")
        if not all(map(caller.policy.allows, scopes)):
            raise Refused("You can grant only what you may do yourself", field="scopes", code="beyond")

    async def end_token(self, caller: Caller, token: UUID) -> None:
        """End one token of the caller's own; `NotFound` when he has no such."""
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            if not await end_tokens(connection, caller.himself, self._clock(), only=token):
                raise NotFound
            await self._note(connection, caller, "end_token", caller.user_id)
        self.told_ended(caller.himself)

    async def tokens_of(self, caller: Caller) -> list[TokenView]:
        """The caller's tokens, the newest first."""
        await present(self._database, caller)
        return await tokens_of(self._database, caller.himself, self._clock())

    # Who it is

    async def caller_of_session(self, secret: str, origin: Origin) -> Caller | None:
        """Who comes with a session's secret. From memory where it is known: the stamp of what he reads confirms it."""
        if len(secret) != SECRET_LENGTH or not secret.isascii():
            return None
        return await self._caller_of(secret, origin, self._sessions)

    async def caller_of_token(self, secret: str, origin: Origin) -> Caller | None:
        """Who comes with a token's text. From memory where it is known: the stamp of what he reads confirms it."""
        return await self._caller_of(secret, origin, self._tokens)

    async def settle(self) -> None:
        """Wait until all use of sessions and tokens so far is noted."""
        await asyncio.gather(*self._noticing)

    async def close(self) -> None:
        """Finish what is under way."""
        await self.settle()
        await self.attempts.close()
        self.passwords.close()

    async def _caller_of(self, secret: str, origin: Origin, source: Sessions | Tokens) -> Caller | None:
        at, digested = self._clock(), digest(secret)
        known = self._kept.get(digested)
        if known is None or known.expires_at <= at:
            if source is self._tokens and not well_formed(secret):
                return None
            known = await source.find(digested, at)
            if known is None:
                self._kept.pop(digested, None)
                return None
            self._kept[digested] = known
        if known.seen_at is None or at - known.seen_at >= SEEN_EVERY:
            self._kept[digested] = replace(known, seen_at=at)
            task = asyncio.create_task(self._notice(digested, known, source, at))
            self._noticing.add(task)
            task.add_done_callback(self._noticing.discard)
        return await self._caller(known, origin)

    async def _notice(self, digested: str, known: Credential, source: Sessions | Tokens, at: datetime) -> None:
        # Beside the request, which need not wait for a write; when that cannot be done now, the next minute does it.
        try:
            async with self._database.begin(KEY) as connection:
                expires_at = await source.seen(connection, known.id, at)
        except DatabaseFault as fault:
            log.warning("The use of a %s could not be noted: %s", known.by.value, fault)
            return
        if expires_at is None:
            self._kept.pop(digested, None)
        else:
            self._kept[digested] = replace(known, seen_at=at, expires_at=expires_at)

    async def _caller(self, known: Credential, origin: Origin) -> Caller | None:
        policy = await self._policies.of(known.user_id)
        if policy.user_id is None:
            return None
        caller = Caller(policy, known.by, known.id, known.read_only, policy.language, policy.zone, origin)
        return caller if known.scopes is None else replace(caller, scopes=known.scopes).having(policy)

    async def _halt(self, user_id: UUID, origin: Origin, how: str) -> str:
        """The secret of somebody who is half signed in."""
        at, secret = self._clock(), new_secret()
        old = [plain(self._database.dialect, Kind.MOMENT, 0, at)]
        values = {"user": user_id, "digest": digest(secret), "failed": 0, "expires_at": at + HALFWAY}
        async with self._database.begin(KEY) as connection:
            await connection.run(KEY, f"DELETE FROM core_halfway WHERE expires_at < {connection.dialect.place(1)}", old)
            row = born(at, user_id) | values | cut(origin)
            await insert(connection, self._registry.spec(Halfway), row)
            await self._note(connection, replace(ANONYMOUS, origin=origin), "first_step", user_id, how)
        return secret

    async def _begin(self, user_id: UUID, origin: Origin, previous: str, how: str) -> tuple[str, Credential]:
        at = self._clock()
        carried = await self._sessions.find(digest(previous), at) if previous else None
        async with self._database.begin(KEY) as connection:
            if carried is not None:
                await end_sessions(connection, carried.user_id, at, only=carried.id)
                self._kept.pop(digest(previous), None)
            secret, credential = await self._sessions.begin(connection, user_id, origin, at)
            caller = Caller(Policy(user_id), By.SESSION, credential.id, origin=origin)
            await self._note(connection, caller, "sign_in", user_id, how)
        self._kept[digest(secret)] = credential
        return secret, credential

    async def _remember(self, caller: Caller, verb: str, user_id: UUID | None) -> None:
        async with self._database.begin(KEY) as connection:
            await self._note(connection, caller, verb, user_id)

    async def _note(
        self, connection: Connection, caller: Caller, verb: str, user_id: UUID | None, title: str = ""
    ) -> None:
        note = Note(verb, "core.user", user_id, title)
        await record(connection, self._registry, caller, self._clock(), [note])


async def find_named(database: Database, login: str) -> tuple[UUID | None, str | None]:
    """Who may sign in by a login, a mail address or a mobile number, and what is stored of his password."""
    typed = fold(login[:256].replace("\0", "\ufffd"))
    rows = await database.read(KEY, _named_sql(database.dialect), [typed, _digits(typed)])
    named = [row for row in rows if row[2]] or rows  # a login is one user's; what several have is nobody's
    return (as_id(named[0][0]), named[0][1]) if len(named) == 1 else (None, None)


def _named_sql(dialect: Dialect) -> str:
    """Who may sign in under a name: by his login, his mail address, or his mobile number however it is spaced."""
    name, digits = dialect.place(1), dialect.place(2)
    mobile = "replace(replace(mobile_folded, ' ', ''), '-', '')"
    return (
        f"SELECT id, password, login_folded = {name} FROM core_user WHERE enabled AND password IS NOT NULL"
        f" AND archived_at IS NULL AND (login_folded = {name} OR email_folded = {name} OR {mobile} = {digits})"
    )


def _digits(typed: str) -> str:
    return typed.replace(" ", "").replace("-", "")
