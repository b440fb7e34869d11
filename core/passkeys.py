"""Passkeys: a device that knows its user by a finger, a face or a number, beside the password or in its place."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from core.access import Caller, Origin
from core.codec import plain
from core.credentials import as_id, as_moment, digest, new_secret
from core.database import KEY, Connection, Database, Dialect
from core.errors import NotFound, Refused
from core.fields import Kind, integer, moment, secret, text
from core.ids import born, now
from core.links import link
from core.model import Meta, Model
from core.parse import clean
from core.policies import present
from core.registry import Registry
from core.rows import insert, insert_missing
from core.second_step import SecondStep
from core.sign_in import SignIn
from core.users import User

if TYPE_CHECKING:
    from core.ceremonies import Expected

CEREMONY = timedelta(minutes=10)
MOST = 20
TRIED, MINUTES = 30, 15
LARGEST = 16_384
COUNTED = 2**31 - 1


class Passkey(Model):
    """A device by which a user signs in; of its key the public half is kept."""

    meta = Meta(title="name", internal=True, together=(("credential",),), indexes=(("user",),))

    user = link(User, required=True)
    name = text(120, required=True)
    credential = secret(1400)
    public_key = secret(4000)
    sign_count = integer(required=True)
    seen_at = moment()


class Ceremony(Model):
    """A challenge that was answered: it is not answered again."""

    meta = Meta(title="digest", internal=True, together=(("digest",),))

    digest = text(64, required=True)
    expires_at = moment(required=True)


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey as its user sees it in the list."""

    id: UUID
    name: str
    created_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are good: a name on the net, and the address that browsers must have come from."""

    name: str
    origin: str

    @classmethod
    def of(cls, public_url: str) -> Place | None:
        """From the address that people reach us by; a number is no place, nor is one without TLS unless it is here."""
        parts = urlsplit(public_url)
        host = parts.hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            safe = parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
            return cls(host, f"{parts.scheme}://{parts.netloc}") if host and safe else None
        return None


@dataclass(frozen=True, slots=True)
class Given:
    """What a browser answered, the nonce of its cookie, and what the challenge was bound to."""

    answer: str
    nonce: str
    bound: str


def fresh_nonce(clock: Callable[[], datetime] = now) -> str:
    """What a browser's challenges are made of: random, with the moment that it was made in it."""
    return f"{int(clock().timestamp())}.{new_secret()}"


def challenge(nonce: str, bound: str) -> bytes:
    """The challenge for a browser and what it is about to do: neither can be altered without it."""
    return sha256(f"{nonce} {bound}".encode()).digest()


class Passkeys:
    """Makes, lists and removes passkeys, and signs in by them."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        sign_in: SignIn,
        second_step: SecondStep,
        *,
        place: Place | None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._registry = registry
        self._database = database
        self._sign_in = sign_in
        self._second_step = second_step
        self.place = place
        self._clock = clock

    # What browsers are asked

    async def offer(self, caller: Caller, company: str, nonce: str) -> str:
        """What a browser needs to make a passkey, as JSON."""
        from core.ceremonies import making

        known = [one for one, *_ in await self._of(caller.himself)]
        asked = self._asked(challenge(nonce, f"new {caller.credential}"))
        return making(asked, company, _handle(caller.himself), caller.policy.login, known)

    async def question(self, nonce: str, user_id: UUID | None = None) -> str:
        """What a browser needs to sign in, as JSON: with any passkey, or with one of a user who is half signed in."""
        from core.ceremonies import asking

        known = [one for one, *_ in await self._of(user_id)] if user_id else []
        return asking(self._asked(challenge(nonce, f"second {user_id}" if user_id else "first")), known)

    # What they answered

    async def add(self, caller: Caller, name: str, answer: str, nonce: str, password: str) -> list[str]:
        """Keep a passkey that was made; recovery codes, if there were none."""
        from core.ceremonies import made

        await self._second_step.require(caller, password)
        title, user = clean(name.strip()) or "Passkey", caller.himself
        if len(title) > 120:
            raise Refused("A name of at most 120 characters tells later which device it is", field="name")
        given = Given(answer, nonce, f"new {caller.credential}")
        found = made(answer[:LARGEST], self._expected(given))
        if found is None:
            raise _unfit()
        values = {
            "user": user,
            "name": title,
            "credential": found.credential,
            "public_key": found.public_key,
            "sign_count": min(found.sign_count, COUNTED),
        }
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            await self._answered(connection, given)
            if len(await self._of(user)) >= MOST:
                raise Refused("You have many passkeys already; remove one first", code="too_many")
            await insert(connection, self._registry.spec(Passkey), born(self._clock(), user) | values)
            return await self._second_step.added(connection, caller, title)

    async def enter(self, answer: str, nonce: str, origin: Origin, previous: str = "") -> tuple[str, Caller]:
        """A new session for whom a passkey alone knows."""
        await self._sign_in.attempts.count("passkey", origin.address, TRIED, MINUTES)
        user_id = await self._verified(Given(answer, nonce, "first"), None)
        return await self._sign_in.let_in(user_id, origin, previous, "passkey")

    async def second(self, halfway: str, answer: str, nonce: str, origin: Origin, previous: str) -> tuple[str, Caller]:
        """A new session for whoever is half signed in and has one of his passkeys with him."""
        comer = await self._second_step.comer(halfway)
        await self._sign_in.attempts.admit_second(str(comer.id))
        try:
            await self._verified(Given(answer, nonce, f"second {comer.id}"), comer.id)
        except Refused:
            await self._second_step.failed(comer, origin)
            raise
        return await self._second_step.passed(comer, origin, previous, "passkey")

    async def _verified(self, given: Given, user_id: UUID | None) -> UUID:
        """Whose passkey answered a challenge of ours, which it does once."""
        from core.ceremonies import used

        async with self._database.begin(KEY) as connection:
            known = await self._known(connection, _credential_of(given.answer))
            if known is None or user_id not in (None, known[1]):
                raise _unfit()
            one, owner, key, count = known
            seen = used(given.answer, self._expected(given), key, count)
            if seen is None:
                raise _unfit()
            await self._answered(connection, given)
            place, dialect = connection.dialect.place, connection.dialect
            values = [plain(dialect, Kind.ID, 0, one), min(seen, COUNTED)]
            values.append(plain(dialect, Kind.MOMENT, 0, self._clock()))
            sql = f"UPDATE core_passkey SET sign_count = {place(2)}, seen_at = {place(3)} WHERE id = {place(1)}"
            await connection.run(KEY, sql, values)
        return owner

    def _expected(self, given: Given) -> Expected:
        """What an answer must be about; refused where the challenge is too old."""
        made, _, _ = given.nonce.partition(".")
        age = self._clock().timestamp() - (int(made) if made.isascii() and made.isdigit() and len(made) < 12 else 0)
        if not 0 <= age + 1 <= CEREMONY.total_seconds() + 1:
            raise _unfit()
        return self._asked(challenge(given.nonce, given.bound))

    def _asked(self, asked: bytes) -> Expected:
        from core.ceremonies import Expected

        place = self._place()
        return Expected(asked, place.name, place.origin)

    async def _answered(self, connection: Connection, given: Given) -> None:
        """Note that a challenge was answered; the second answer is refused."""
        at, dialect = self._clock(), connection.dialect
        old = [plain(dialect, Kind.MOMENT, 0, at)]
        await connection.run(KEY, f"DELETE FROM core_ceremony WHERE expires_at < {dialect.place(1)}", old)
        used = digest(challenge(given.nonce, given.bound).hex())
        values = {"digest": used, "expires_at": at + CEREMONY + CEREMONY}
        if not await insert_missing(connection, self._registry.spec(Ceremony), born(at) | values):
            raise _unfit()

    async def _known(self, connection: Connection, credential: str) -> tuple[UUID, UUID, str, int] | None:
        lock = " FOR UPDATE OF p" if connection.dialect is Dialect.POSTGRES else ""
        sql = (
            "SELECT p.id, p.user_id, p.public_key, p.sign_count FROM core_passkey p"
            " JOIN core_user u ON u.id = p.user_id AND u.enabled AND u.archived_at IS NULL"
            f" WHERE p.credential = {connection.dialect.place(1)}{lock}"
        )
        rows = await connection.rows(KEY, sql, [credential])
        return (as_id(rows[0][0]), as_id(rows[0][1]), rows[0][2], rows[0][3]) if rows else None

    # One's own

    async def of(self, caller: Caller) -> list[PasskeyView]:
        """The caller's passkeys, the oldest first."""
        await present(self._database, caller)
        return [
            PasskeyView(as_id(one), name, as_moment(made), as_moment(seen) if seen else None)
            for _, one, name, made, seen in await self._of(caller.himself)
        ]

    async def remove(self, caller: Caller, passkey: UUID, password: str) -> None:
        """Do without one of the caller's passkeys; `NotFound` when he has no such."""
        await self._second_step.require(caller, password)
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            place, dialect = connection.dialect.place, connection.dialect
            values = [plain(dialect, Kind.ID, 0, one) for one in (passkey, caller.himself)]
            sql = f"DELETE FROM core_passkey WHERE id = {place(1)} AND user_id = {place(2)}"
            if await connection.run(KEY, sql, values) != 1:
                raise NotFound
            await self._second_step.removed(connection, caller, "passkey")

    async def _of(self, user_id: UUID | None) -> Sequence[Sequence[Any]]:
        sql = "SELECT credential, id, name, created_at, seen_at FROM core_passkey WHERE user_id = "
        values = [plain(self._database.dialect, Kind.ID, 0, user_id)]
        return await self._database.read(KEY, f"{sql}{self._database.dialect.place(1)} ORDER BY id", values)

    def _place(self) -> Place:
        if self.place is None:
            raise Refused("Passkeys need TRADEPOST_PUBLIC_URL, an address with a name and HTTPS", code="no_place")
        return self.place


def _credential_of(answer: str) -> str:
    try:
        found = orjson.loads(answer) if len(answer) <= LARGEST else None
    except ValueError:
        found = None
    one = found.get("id") if isinstance(found, dict) else None
    return one if isinstance(one, str) else ""


def _handle(user_id: UUID) -> bytes:
    """How a device knows its user: nothing that tells who he is."""
    return sha256(b"passkey " + user_id.bytes).digest()


def _unfit() -> Refused:
    return Refused("This passkey was not accepted; try again, or sign in another way", code="wrong_passkey")
