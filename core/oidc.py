"""Signing in elsewhere (OpenID Connect): another service says who somebody is, by the code flow with PKCE."""

from __future__ import annotations

import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import orjson

from core.access import By, Caller, Origin
from core.audit import Note, record
from core.codec import plain
from core.credentials import as_id, new_secret
from core.database import KEY, Database
from core.egress import Egress, EgressFault
from core.errors import NotFound, Refused
from core.fields import Kind, moment, secret, text
from core.ids import born, now
from core.links import link
from core.model import Meta, Model
from core.policies import present
from core.registry import Registry
from core.rows import insert_missing
from core.second_step import SecondStep
from core.sign_in import SignIn
from core.users import User

BACK = "/sign-in/elsewhere/back"
KEPT = timedelta(hours=1)
LATE = timedelta(minutes=10)
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class Identity(Model):
    """Who a user is for another service: its issuer and what it calls him there, never his mail address."""

    meta = Meta(title="issuer", internal=True, together=(("issuer", "subject"),), indexes=(("user",),))

    user = link(User, required=True)
    issuer = text(255, required=True)
    subject = secret(255)
    seen_at = moment()


@dataclass(frozen=True, slots=True)
class Client:
    """How we are known at the other service, and how people are told of it."""

    issuer: str
    id: str
    secret: str
    name: str
    back: str

    @property
    def missing(self) -> bool:
        """Whether nothing is set up."""
        return not (self.issuer and self.id and self.back.startswith("http"))


@dataclass(frozen=True, slots=True)
class Trip:
    """One way there and back, bound to a browser by a cookie: what is sent along follows from it, so nothing is kept.

    `purpose` is `in`, or the session that is to be connected; `target` the page that comes after.
    """

    nonce: str
    purpose: str
    target: str

    @classmethod
    def begin(cls, purpose: str, target: str, at: datetime) -> Trip:
        """A new one."""
        return cls(f"{int(at.timestamp())}.{new_secret()}", purpose, target)

    @classmethod
    def of(cls, cookie: str, at: datetime) -> Trip | None:
        """The one that a browser is on; none: it is on none, or began it too long ago."""
        nonce, _, rest = cookie.partition("|")
        purpose, _, target = rest.partition("|")
        made, _, secret = nonce.partition(".")
        if not (made.isascii() and made.isdigit() and len(made) < 12 and secret and purpose):
            return None
        young = -1 <= at.timestamp() - int(made) <= LATE.total_seconds()
        return cls(nonce, purpose, target) if young else None

    @property
    def cookie(self) -> str:
        """What the browser keeps."""
        return f"{self.nonce}|{self.purpose}|{self.target}"

    def derived(self, what: str) -> str:
        """The state, the nonce or the verifier of this trip."""
        made = sha256(f"{what} {self.nonce} {self.purpose}".encode()).digest()
        return urlsafe_b64encode(made).rstrip(b"=").decode()


class Elsewhere:
    """Sends people to the other service and believes what it says of them, after every check."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        sign_in: SignIn,
        second_step: SecondStep,
        *,
        client: Client,
        egress: Egress,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._registry = registry
        self._database = database
        self._sign_in = sign_in
        self._second_step = second_step
        self.client = client
        self._egress = egress
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Mapping[str, Any]]] = {}

    # There

    async def begin(self, target: str, caller: Caller | None = None) -> tuple[str, Trip]:
        """Where the browser goes, and the trip that it is on; of a `caller`, to be connected in his session."""
        from core.statements import address

        if caller is not None and not await self._second_step.is_recent(caller):
            raise Refused("Sign in again first; then connect your account within 15 minutes", code="not_recent")
        trip = Trip.begin(str(caller.credential) if caller else "in", target, self._clock())
        service = await self._service()
        state, nonce, verifier = map(trip.derived, ("state", "nonce", "verifier"))
        where = service["authorization_endpoint"]
        there = address(where, self.client.id, self.client.back, state=state, nonce=nonce, verifier=verifier)
        return there, trip

    # And back

    async def enter(self, trip: Trip, said: Mapping[str, str], origin: Origin, previous: str) -> tuple[str, Caller]:
        """A new session for whom the other service names; a second factor is asked for as after a password."""
        if trip.purpose != "in":
            raise _unbelieved()
        subject = await self._subject(trip, said)
        place, at = self._database.dialect.place, plain(self._database.dialect, Kind.MOMENT, 0, self._clock())
        sql = (
            "SELECT i.user_id FROM core_identity i JOIN core_user u ON u.id = i.user_id AND u.enabled"
            f" AND u.archived_at IS NULL WHERE i.issuer = {place(1)} AND i.subject = {place(2)}"
        )
        rows = await self._database.read(KEY, sql, [self.client.issuer, subject])
        if not rows:
            raise Refused(
                "No account is connected with you there; sign in with your password, and connect it in your settings",
                code="unconnected",
            )
        async with self._database.begin(KEY) as connection:
            seen = f"UPDATE core_identity SET seen_at = {place(1)} WHERE issuer = {place(2)} AND subject = {place(3)}"
            await connection.run(KEY, seen, [at, self.client.issuer, subject])
        return await self._sign_in.first_step(as_id(rows[0][0]), origin, previous, "elsewhere")

    async def connect(self, caller: Caller, trip: Trip, said: Mapping[str, str]) -> None:
        """Connect the caller's account, in the session in which he began."""
        if caller.by is not By.SESSION or trip.purpose != str(caller.credential):
            raise _unbelieved()
        subject, user = await self._subject(trip, said), caller.himself
        row = born(self._clock(), user) | {"user": user, "issuer": self.client.issuer, "subject": subject}
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            if not await insert_missing(connection, self._registry.spec(Identity), row):
                raise Refused("This account there is connected with somebody already", code="connected")
            note = Note("connect", "core.user", user, self.client.issuer)
            await record(connection, self._registry, caller, self._clock(), [note])

    async def connected(self, caller: Caller) -> list[UUID]:
        """The connections of the caller."""
        await present(self._database, caller)
        user = plain(self._database.dialect, Kind.ID, 0, caller.himself)
        sql = f"SELECT id FROM core_identity WHERE user_id = {self._database.dialect.place(1)} ORDER BY id"
        return [as_id(row[0]) for row in await self._database.read(KEY, sql, [user])]

    async def disconnect(self, caller: Caller, identity: UUID, password: str) -> None:
        """Forget one of the caller's connections; `NotFound` when he has no such."""
        await self._second_step.require(caller, password)
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            place, dialect = connection.dialect.place, connection.dialect
            values = [plain(dialect, Kind.ID, 0, one) for one in (identity, caller.himself)]
            sql = f"DELETE FROM core_identity WHERE id = {place(1)} AND user_id = {place(2)}"
            if await connection.run(KEY, sql, values) != 1:
                raise NotFound
            note = Note("disconnect", "core.user", caller.user_id, self.client.issuer)
            await record(connection, self._registry, caller, self._clock(), [note])

    # What is believed

    async def _subject(self, trip: Trip, said: Mapping[str, str]) -> str:
        """What the other service calls whoever came back from it."""
        if not hmac.compare_digest(said.get("state", "").encode(), trip.derived("state").encode()):
            raise _unbelieved()
        if said.get("iss", self.client.issuer) != self.client.issuer or not said.get("code"):
            raise _unbelieved()
        service = await self._service()
        token = await self._token(service, said["code"], trip)
        try:
            return await self._believed(service, token, trip)
        except ValueError as fault:
            raise _unbelieved() from fault

    async def _token(self, service: Mapping[str, Any], code: str, trip: Trip) -> str:
        """The signed statement that a code stands for."""
        from core.statements import request

        body = request(code, self.client.back)
        body += "&" + urlencode({"code_verifier": trip.derived("verifier")})
        headers = FORM
        if "client_secret_basic" in service.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            known = f"{quote(self.client.id, safe='')}:{quote(self.client.secret, safe='')}"
            headers = FORM | {"Authorization": f"Basic {b64encode(known.encode()).decode()}"}
        else:
            body += "&" + urlencode({"client_id": self.client.id, "client_secret": self.client.secret})
        try:
            answer = await self._egress.fetch(service["token_endpoint"], method="POST", headers=headers, content=body)
            found = orjson.loads(answer.body)
        except (EgressFault, ValueError) as fault:
            raise _away() from fault
        token = found.get("id_token") if isinstance(found, dict) and answer.status == 200 else None
        if not isinstance(token, str):
            raise _unbelieved()
        return token

    async def _believed(self, service: Mapping[str, Any], token: str, trip: Trip) -> str:
        from core.statements import BadSignature, subject

        keys, at = service["jwks_uri"], int(self._clock().timestamp())
        nonce, us = trip.derived("nonce"), self.client
        try:
            return subject(token, await self._fetched(keys), issuer=us.issuer, client=us.id, nonce=nonce, at=at)
        except BadSignature:  # perhaps signed with a key that is new
            self._kept.pop(keys, None)
            return subject(token, await self._fetched(keys), issuer=us.issuer, client=us.id, nonce=nonce, at=at)

    async def _service(self) -> Mapping[str, Any]:
        """What the other service says of itself."""
        if self.client.missing:
            raise NotFound
        found = await self._fetched(f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer") != self.client.issuer or not all(isinstance(found.get(one), str) for one in names):
            raise _away()
        return found

    async def _fetched(self, address: str) -> Mapping[str, Any]:
        at, kept = self._clock(), self._kept.get(address)
        if kept is not None and at - kept[0] < KEPT:
            return kept[1]
        try:
            answer = await self._egress.fetch(address, headers={"Accept": "application/json"})
            found = orjson.loads(answer.body)
        except (EgressFault, ValueError) as fault:
            raise _away() from fault
        if answer.status != 200 or not isinstance(found, dict):
            raise _away()
        self._kept[address] = at, found
        return found


def _unbelieved() -> Refused:
    return Refused("The other service's answer was not accepted; begin again", code="unbelieved")


def _away() -> Refused:
    return Refused("The other service does not answer; try again, or sign in with your password", code="away")
