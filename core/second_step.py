"""The second step of signing in, and what a user sets for it: his app and his recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from core.access import ANONYMOUS, By, Caller, Origin
from core.audit import Note, record
from core.codec import plain
from core.credentials import SECRET_LENGTH, as_id, digest
from core.database import KEY, Connection, Database
from core.errors import Forbidden, Refused, Unauthenticated
from core.factors import Factors, Standing, standing_of
from core.fields import Kind
from core.ids import now
from core.policies import present
from core.reading import Inside
from core.registry import Registry
from core.sign_in import SignIn

MOST_FAILED = 5
RECENT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Comer:
    """Whoever is half signed in."""

    id: UUID
    halfway: UUID
    login: str
    name: str
    standing: Standing


class SecondStep:
    """Takes the second factor, and lets users set theirs."""

    def __init__(
        self, registry: Registry, database: Database, sign_in: SignIn, clock: Callable[[], datetime] = now
    ) -> None:
        self._registry = registry
        self._database = database
        self._sign_in = sign_in
        self._clock = clock

    # Signing in

    async def comer(self, halfway: str) -> Comer:
        """Who is half signed in with this secret; `Unauthenticated` when nobody is."""
        place, known = self._database.dialect.place, halfway if len(halfway) == SECRET_LENGTH else ""
        sql = (
            "SELECT u.id, h.id, u.login, u.name FROM core_halfway h JOIN core_user u ON u.id = h.user_id AND u.enabled"
            f" WHERE h.digest = {place(1)} AND h.expires_at > {place(2)} AND h.failed < {MOST_FAILED}"
        )
        moment = plain(self._database.dialect, Kind.MOMENT, 0, self._clock())
        for user, one, login, name in await self._database.read(KEY, sql, [digest(known), moment]):
            user_id = as_id(user)
            return Comer(user_id, as_id(one), login, name, await standing_of(self._database, user_id))
        raise Unauthenticated

    async def by_code(self, halfway: str, code: str, origin: Origin, previous: str = "") -> tuple[str, Caller]:
        """A new session for whoever is half signed in and knows a code of his app, or a recovery code."""
        comer = await self.comer(halfway)
        await self._sign_in.attempts.admit_second(str(comer.id))
        given = "".join(code.split())
        async with self._database.begin(KEY) as connection:
            factors = Factors(self._registry, connection, self._clock())
            how = ""
            if comer.standing.app and len(given) == 6:
                how = "app" if await factors.fits(comer.id, given) else ""
            elif given:
                how = "recovery code" if await factors.recovers(comer.id, given) else ""
        if not how:
            await self.failed(comer, origin)
            raise _wrong()
        return await self.passed(comer, origin, previous, how)

    async def passed(self, comer: Comer, origin: Origin, previous: str, how: str) -> tuple[str, Caller]:
        """A new session for whoever was half signed in and has shown his second factor."""
        async with self._database.begin(KEY) as connection:
            await self._leave(connection, comer)
        await self._sign_in.attempts.succeeded_second(str(comer.id))
        return await self._sign_in.let_in(comer.id, origin, previous, how)

    async def _leave(self, connection: Connection, comer: Comer) -> None:
        """He is half signed in no more; another who came with the same secret finds nothing."""
        one = plain(connection.dialect, Kind.ID, 0, comer.halfway)
        sql = f"DELETE FROM core_halfway WHERE id = {connection.dialect.place(1)}"
        if await connection.run(KEY, sql, [one]) != 1:
            raise Unauthenticated

    async def failed(self, comer: Comer, origin: Origin) -> None:
        """Note that a second factor was wrong; five of these are enough."""
        one = plain(self._database.dialect, Kind.ID, 0, comer.halfway)
        async with self._database.begin(KEY) as connection:
            sql = f"UPDATE core_halfway SET failed = failed + 1 WHERE id = {connection.dialect.place(1)}"
            await connection.run(KEY, sql, [one])
            await self._note(connection, replace(ANONYMOUS, origin=origin), "second_factor_refused", comer.id)

    # Setting up before the first session, where it is required

    async def propose_to(self, halfway: str) -> tuple[Comer, str]:
        """The key of a new app for whoever must have a second factor and has none; `Forbidden` for others."""
        comer = await self.comer(halfway)
        if comer.standing.has:
            raise Forbidden("core.user.factors")
        async with self._database.begin(KEY) as connection:
            factors = Factors(self._registry, connection, self._clock())
            return comer, await factors.proposed(comer.id) or await factors.propose(comer.id)

    async def set_up(self, halfway: str, code: str, origin: Origin, previous: str = "") -> tuple[str, list[str]]:
        """Take over the app whose first code this is: a new session's secret, and recovery codes."""
        comer = await self.comer(halfway)
        if comer.standing.has:
            raise Forbidden("core.user.factors")
        await self._sign_in.attempts.admit_second(str(comer.id))
        caller = replace(ANONYMOUS, origin=origin)
        codes = await self._confirm(caller, comer.id, code, comer)
        secret, _ = await self._sign_in.let_in(comer.id, origin, previous, "app")
        return secret, codes

    # One's own, in a session

    async def standing(self, caller: Caller) -> Standing:
        """What the caller has."""
        await present(self._database, caller)
        return await standing_of(self._database, caller.himself)

    async def is_recent(self, caller: Caller) -> bool:
        """Whether the caller signed in a moment ago: what a browser left open must not be enough for."""
        place, dialect = self._database.dialect.place, self._database.dialect
        since = plain(dialect, Kind.MOMENT, 0, self._clock() - RECENT)
        sql = f"SELECT 1 FROM core_session WHERE id = {place(1)} AND created_at > {place(2)}"
        one = plain(dialect, Kind.ID, 0, caller.credential)
        return caller.by is By.SESSION and bool(await self._database.read(KEY, sql, [one, since]))

    async def require(self, caller: Caller, password: str) -> None:
        """Refuse unless the caller signed in a moment ago or knows his password; tokens change no factors."""
        if caller.by is not By.SESSION:
            raise Forbidden("core.user.factors")
        await present(self._database, caller)
        if not await self.is_recent(caller):
            await self._sign_in.confirm(caller, password)

    async def propose(self, caller: Caller, password: str) -> str:
        """The key of a new app, to be confirmed with its first code; the present one holds until then."""
        await self.require(caller, password)
        async with self._database.begin(KEY) as connection:
            return await Factors(self._registry, connection, self._clock()).propose(caller.himself)

    async def proposed(self, caller: Caller) -> str:
        """The key that awaits its first code; none: an empty text."""
        async with self._database.begin(KEY) as connection:
            return await Factors(self._registry, connection, self._clock()).proposed(caller.himself)

    async def confirm(self, caller: Caller, code: str) -> list[str]:
        """Take over the app whose first code this is; recovery codes, if there were none."""
        if caller.by is not By.SESSION:
            raise Forbidden("core.user.factors")
        await self._sign_in.attempts.admit_second(str(caller.himself))
        return await self._confirm(caller, caller.himself, code)

    async def _confirm(self, caller: Caller, user_id: UUID, code: str, comer: Comer | None = None) -> list[str]:
        async with self._database.begin(KEY) as connection:
            if comer is None:
                await present(connection, caller)
            factors = Factors(self._registry, connection, self._clock())
            if not await factors.confirm(user_id, "".join(code.split())):
                raise _wrong()
            if comer is not None:
                await self._leave(connection, comer)
            codes = await self._first_codes(connection, user_id)
            await self._note(connection, caller, "add_factor", user_id, "app")
        await self._sign_in.attempts.succeeded_second(str(user_id))
        return codes

    async def _first_codes(self, connection: Connection, user_id: UUID) -> list[str]:
        """Recovery codes for whoever has none yet."""
        left = (await standing_of(Inside(connection), user_id)).codes
        return [] if left else await Factors(self._registry, connection, self._clock()).renew_codes(user_id)

    async def added(self, connection: Connection, caller: Caller, title: str) -> list[str]:
        """What belongs to a factor that the caller has set up: recovery codes, if there were none, and the audit."""
        codes = await self._first_codes(connection, caller.himself)
        await self._note(connection, caller, "add_factor", caller.himself, title)
        return codes

    async def removed(self, connection: Connection, caller: Caller, title: str) -> None:
        """What belongs to a factor that the caller does without: he keeps one that he must have, and the audit."""
        factors = Factors(self._registry, connection, self._clock())
        await self._settle(connection, factors, caller.himself)
        await self._note(connection, caller, "remove_factor", caller.himself, title)

    async def renew_codes(self, caller: Caller, password: str) -> list[str]:
        """New recovery codes; the ones before hold no more."""
        await self.require(caller, password)
        if not (await self.standing(caller)).has:
            raise Refused("Recovery codes stand in for a second factor; set one up first", code="no_factor")
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            codes = await Factors(self._registry, connection, self._clock()).renew_codes(caller.himself)
            await self._note(connection, caller, "renew_codes", caller.himself)
        return codes

    async def remove_app(self, caller: Caller, password: str) -> None:
        """Do without the app; refused for whoever must have a second factor and would have none."""
        await self.require(caller, password)
        async with self._database.begin(KEY) as connection:
            await present(connection, caller)
            factors = Factors(self._registry, connection, self._clock())
            await factors.remove_app(caller.himself)
            await self.removed(connection, caller, "app")

    async def _settle(self, connection: Connection, factors: Factors, user_id: UUID) -> None:
        """After a factor was removed: codes for nothing go, and who must have one keeps it."""
        standing = await standing_of(Inside(connection), user_id)
        if standing.required and not standing.has:
            raise Refused("Your work needs a second factor; set up another one first", code="required")
        if not standing.has:
            await factors.remove_codes(user_id)

    async def _note(self, connection: Connection, caller: Caller, verb: str, user_id: UUID, title: str = "") -> None:
        note = Note(verb, "core.user", user_id, title)
        await record(connection, self._registry, caller, self._clock(), [note])


def _wrong() -> Refused:
    return Refused("This code is not right; a new one comes every half minute", field="code", code="wrong_code")
