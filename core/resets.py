"""Passwords that are set by mail: forgotten ones, and the first one of somebody who was invited."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.access import ANONYMOUS, Origin
from core.audit import Note, record
from core.codec import plain
from core.company import Companies
from core.credentials import SECRET_LENGTH, as_id, digest, new_secret
from core.database import KEY, Connection, Database
from core.errors import Problem, Refused
from core.events import Handler, Happening, Outbox
from core.fields import Kind, moment, secret, text
from core.ids import born, now
from core.languages import Languages
from core.links import link
from core.mail import Fate, Mail, Mailer, MailFault
from core.model import Meta, Model
from core.passwords import require_strength
from core.policies import bump_user
from core.registry import Registry
from core.rows import insert, update
from core.sessions import end_sessions
from core.sign_in import SignIn, find_named
from core.users import User

RESET, INVITATION = "core.reset", "core.invite"
PAGE = "/sign-in/new-password/"
LIFETIMES = {RESET: timedelta(minutes=30), INVITATION: timedelta(days=3)}
OFTEN, WHILE = 3, timedelta(minutes=15)
ASKED, MINUTES = 10, 15
KEPT = timedelta(days=7)
SUBJECTS = {RESET: Problem("A new password for %(company)s"), INVITATION: Problem("Your account at %(company)s")}
BODIES = {
    RESET: Problem(
        "%(name)s, somebody asked for a new password for your account. Set it here within 30 minutes:\n\n"
        "%(link)s\n\nIf it was not you, do nothing: your password stays as it is.\n"
    ),
    INVITATION: Problem(
        "%(name)s, an account was made for you. You sign in as %(login)s. Choose a password here within three days:\n\n"
        "%(link)s\n"
    ),
}
FIELDS = "id, name, login, email, mobile, language, password"

log = logging.getLogger(__name__)


class Ticket(Model):
    """A link by which a user sets his password once: sent by mail, kept as a digest."""

    meta = Meta(title="purpose", internal=True, indexes=(("digest",), ("user",)))

    user = link(User, required=True)
    purpose = text(32, required=True)
    digest = secret(64)
    bound = secret(64)
    expires_at = moment(required=True)
    used_at = moment()


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose password a link sets."""

    id: UUID
    name: str
    login: str
    email: str
    mobile: str
    language: str
    password: str

    @property
    def bound(self) -> str:
        """What a link is bound to: it ends when the password or the mail address is another."""
        return digest(f"{self.id} {self.password} {self.email}")


class Resets:
    """Asks for links, sends them, and sets passwords by them."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        sign_in: SignIn,
        outbox: Outbox,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._registry = registry
        self._database = database
        self._sign_in = sign_in
        self._outbox = outbox
        self._clock = clock

    async def ask(self, login: str, origin: Origin) -> None:
        """Have a link sent to whoever has this login; neither words nor time tell whether there is somebody.

        `Refused` where one address asks too often.
        """
        if RESET not in self._outbox.handlers:
            raise Refused("Mail is not set up here; ask an administrator for a new password", code="mail")
        await self._sign_in.attempts.count("reset", origin.address, ASKED, MINUTES)
        payload = {"login": login[:256], "origin": [origin.address, origin.program, origin.request]}
        async with self._database.begin(KEY) as connection:
            await self._outbox.later(connection, RESET, payload, self._clock())
        self._outbox.wake()

    async def holder(self, given: str) -> Holder:
        """Whose password a link sets; `Refused` where it does not hold."""
        rows = await self._database.read(KEY, self._held_sql(), self._held(given))
        found = await self._user(self._database.read, as_id(rows[0][0])) if rows else None
        if found is None or found.bound != rows[0][1]:
            raise _gone()
        return found

    async def redeem(self, given: str, password: str, origin: Origin) -> None:
        """Set the password by a link, which ends with it, as do all sessions of the user."""
        holder = await self.holder(given)
        names = (holder.login, holder.name, holder.email, holder.mobile)
        require_strength(password, [one for one in names if one])
        hashed = await self._sign_in.passwords.hash(password)
        async with self._database.begin(KEY) as connection:
            await self._use(connection, given, holder)
            await end_sessions(connection, holder.id, self._clock())
            await update(connection, self._registry.spec(User), holder.id, {"password": hashed})
            await bump_user(connection, holder.id)
            await self._note(connection, origin, "reset_password", holder.id)
        self._sign_in.told_ended(holder.id)

    async def _use(self, connection: Connection, given: str, holder: Holder) -> None:
        """Take the link, which only one can; what it is bound to is looked at again, and cannot change meanwhile."""
        place = connection.dialect.place
        sql = f"UPDATE core_ticket SET used_at = {place(2)} WHERE digest = {place(1)} AND used_at IS NULL"
        taken = await connection.run(KEY, f"{sql} AND expires_at > {place(2)}", self._held(given))
        await bump_user(connection, holder.id)  # which also holds the user's row
        if taken != 1 or await self._user(connection.rows, holder.id) != holder:
            raise _gone()

    # What the worker does

    def handlers(self, mailer: Mailer, languages: Languages) -> dict[str, Handler]:
        """What is done about a link that was asked for; nothing where no mail can be sent."""
        if mailer.missing:
            return {}

        async def reset(some: Sequence[Happening]) -> None:
            for one in some:
                user_id, _ = await find_named(self._database, str(one.payload["login"]))
                if user_id is not None:
                    await self._send(RESET, user_id, one, mailer, languages)

        async def invite(some: Sequence[Happening]) -> None:
            for one in some:
                await self._send(INVITATION, UUID(one.payload["user"]), one, mailer, languages)

        return {RESET: Handler(reset), INVITATION: Handler(invite)}

    async def _send(self, purpose: str, user_id: UUID, asked: Happening, mailer: Mailer, languages: Languages) -> None:
        holder = await self._user(self._database.read, user_id)
        if holder is None or not holder.email or (purpose == INVITATION and holder.password):
            return
        given = new_secret()
        if not await self._made(purpose, holder, given, asked):
            return
        company = (await Companies(self._registry, self._database).get()).name or "Tradepost"
        told = {"name": holder.name, "login": holder.login, "company": company, "link": mailer.address(PAGE + given)}
        subject, body = (
            languages.translate(holder.language, one[purpose].message, domain="core", **told)
            for one in (SUBJECTS, BODIES)
        )
        async with mailer.line() as line:
            delivery = await line.send(Mail(holder.email, subject, body, f"{asked.id.hex}-{asked.attempt}"))
        if delivery.fate is Fate.DEFERRED:
            raise MailFault(delivery.said)
        if delivery.fate is not Fate.SENT:
            log.warning("The mail with a link for user %s was %s: %s", user_id, delivery.fate.value, delivery.said)

    async def _made(self, purpose: str, holder: Holder, given: str, asked: Happening) -> bool:
        """Write the link down. False: there were enough for a while; one whose mail was deferred comes again."""
        at, dialect = self._clock(), self._database.dialect
        user = plain(dialect, Kind.ID, 0, holder.id)
        since, old = (plain(dialect, Kind.MOMENT, 0, at - one) for one in (WHILE, KEPT))
        of_user = f"user_id = {dialect.place(1)} AND created_at > {dialect.place(2)}"
        values = {"user": holder.id, "purpose": purpose, "digest": digest(given), "bound": holder.bound}
        ends = {"expires_at": at + LIFETIMES[purpose]}
        async with self._database.begin(KEY) as connection:
            if asked.attempt == 1 and await self._often(connection, of_user, [user, since]):
                return False
            await connection.run(KEY, f"DELETE FROM core_ticket WHERE expires_at < {dialect.place(1)}", [old])
            await insert(connection, self._registry.spec(Ticket), born(at, holder.id) | values | ends)
            origin = Origin(*asked.payload.get("origin", ()))
            await self._note(connection, origin, "ask_reset" if purpose == RESET else "send_invitation", holder.id)
        return True

    async def _often(self, connection: Connection, of_user: str, values: list[object]) -> bool:
        rows = await connection.rows(KEY, f"SELECT count(*) FROM core_ticket WHERE {of_user}", values)
        return bool(rows[0][0] >= OFTEN)

    def _held_sql(self) -> str:
        place = self._database.dialect.place
        return (
            f"SELECT user_id, bound FROM core_ticket WHERE digest = {place(1)}"
            f" AND used_at IS NULL AND expires_at > {place(2)}"
        )

    def _held(self, given: str) -> list[object]:
        known = given if len(given) == SECRET_LENGTH else ""
        return [digest(known), plain(self._database.dialect, Kind.MOMENT, 0, self._clock())]

    async def _user(self, ask: Callable[..., Any], user_id: UUID) -> Holder | None:
        dialect = self._database.dialect
        sql = f"SELECT {FIELDS} FROM core_user WHERE id = {dialect.place(1)} AND enabled AND archived_at IS NULL"
        rows = await ask(KEY, sql, [plain(dialect, Kind.ID, 0, user_id)])
        return Holder(as_id(rows[0][0]), *(one or "" for one in rows[0][1:])) if rows else None

    async def _note(self, connection: Connection, origin: Origin, verb: str, user_id: UUID) -> None:
        caller = replace(ANONYMOUS, origin=origin)
        await record(connection, self._registry, caller, self._clock(), [Note(verb, "core.user", user_id)])


def _gone() -> Refused:
    return Refused("This link does not hold any more; ask for another", code="gone")
