"""Second factors: an authenticator app, and recovery codes for whoever has lost it."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp

from core.codec import plain
from core.credentials import as_id, digest
from core.database import KEY, Connection, Dialect
from core.fields import Kind, integer, moment, secret, text
from core.ids import born
from core.links import link
from core.model import Meta, Model
from core.reading import Source
from core.registry import Registry
from core.rows import insert, insert_many
from core.users import User

STEP = 30
NEARBY = (0, -1, 1)
CODES = 10
CODE_LENGTH = 16
"""Of 32 letters, which are 80 bits: too many to be guessed, few enough to be written down."""


class Authenticator(Model):
    """An app that shows a new code every half minute; each is good for one sign-in."""

    meta = Meta(title="user", internal=True, indexes=(("user",),))

    user = link(User, required=True)
    secret = secret(64)
    step = integer(required=True)
    confirmed_at = moment()


class RecoveryCode(Model):
    """A code that stands in for a lost factor, once; kept as a digest."""

    meta = Meta(title="user", internal=True, indexes=(("user",),))

    user = link(User, required=True)
    digest = secret(64)
    used_at = moment()


class Halfway(Model):
    """Somebody whose password was right and whose second factor is awaited; nothing else is answered to him."""

    meta = Meta(title="program", internal=True, indexes=(("digest",),))

    user = link(User, required=True)
    digest = secret(64)
    address = text(64)
    program = text(255)
    failed = integer(required=True)
    expires_at = moment(required=True)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user has beside his password, and whether he must have something."""

    app: bool
    passkeys: int
    codes: int
    required: bool

    @property
    def has(self) -> bool:
        """Whether he is asked for a second factor."""
        return self.app or self.passkeys > 0

    @property
    def asked(self) -> bool:
        """Whether his password alone lets him in no further."""
        return self.has or self.required


async def standing_of(source: Source, user_id: UUID) -> Standing:
    """How a user stands at this moment; roles and the company say whether he must have a second factor."""
    user = source.dialect.place(1) + ("::uuid" if source.dialect is Dialect.POSTGRES else "")
    sql = f"""
        SELECT
        (SELECT count(*) FROM core_authenticator WHERE user_id = {user} AND confirmed_at IS NOT NULL),
        (SELECT count(*) FROM core_passkey WHERE user_id = {user}),
        (SELECT count(*) FROM core_recovery_code WHERE user_id = {user} AND used_at IS NULL),
        EXISTS (SELECT 1 FROM core_setting WHERE name = 'core.second_factor' AND CAST(content AS TEXT) = 'true')
        OR EXISTS (
            SELECT 1 FROM core_assignment a JOIN core_role r ON r.id = a.role_id
            WHERE a.user_id = {user} AND a.archived_at IS NULL AND r.archived_at IS NULL AND r.second_factor)"""
    ((apps, passkeys, codes, required),) = await source.read(KEY, sql, [str(user_id)])
    return Standing(bool(apps), passkeys, codes, bool(required))


def step_of(key: str, code: str, at: datetime) -> int | None:
    """The half minute that a code is of, if it is one of the present, the last or the next."""
    app, now = pyotp.TOTP(key), int(at.timestamp()) // STEP
    given = code.encode()
    fitting = [now + one for one in NEARBY if hmac.compare_digest(app.at((now + one) * STEP).encode(), given)]
    return fitting[0] if fitting else None


class Factors:
    """The tables of second factors, in an open transaction."""

    def __init__(self, registry: Registry, connection: Connection, at: datetime) -> None:
        self._registry = registry
        self._connection = connection
        self._at = at

    async def propose(self, user_id: UUID) -> str:
        """The key of an app that is not confirmed yet, in the place of one that never was."""
        await self._run("DELETE FROM core_authenticator WHERE user_id = {0} AND confirmed_at IS NULL", user_id)
        key = pyotp.random_base32()
        values = {"user": user_id, "secret": key, "step": 0}
        await insert(self._connection, self._registry.spec(Authenticator), born(self._at, user_id) | values)
        return key

    async def proposed(self, user_id: UUID) -> str:
        """The key that awaits its first code; none: an empty text."""
        rows = await self._rows("user_id = {0} AND confirmed_at IS NULL", user_id)
        return rows[0][1] if rows else ""

    async def confirm(self, user_id: UUID, code: str) -> bool:
        """Take the app over whose first code this is, in the place of the one before."""
        for one, key, _ in await self._rows("user_id = {0} AND confirmed_at IS NULL", user_id):
            step = step_of(key, code, self._at)
            if step is not None:
                await self._run(
                    "DELETE FROM core_authenticator WHERE user_id = {0} AND confirmed_at IS NOT NULL", user_id
                )
                values: list[object] = [as_id(one), self._at, step]
                sql = "UPDATE core_authenticator SET confirmed_at = {1}, step = {2} WHERE id = {0}"
                return await self._run(sql, *values) == 1
        return False

    async def fits(self, user_id: UUID, code: str) -> bool:
        """Whether a code is the app's and was not used before; from now on it was."""
        for one, key, last in await self._rows("user_id = {0} AND confirmed_at IS NOT NULL", user_id):
            step = step_of(key, code, self._at)
            if step is not None and step > last:
                sql = "UPDATE core_authenticator SET step = {1} WHERE id = {0} AND step < {1}"
                return await self._run(sql, as_id(one), step) == 1
        return False

    async def recovers(self, user_id: UUID, code: str) -> bool:
        """Whether a code is one of the user's recovery codes; it was, from now on."""
        sql = "UPDATE core_recovery_code SET used_at = {1} WHERE user_id = {0} AND used_at IS NULL AND digest = {2}"
        return await self._run(sql, user_id, self._at, _code_digest(user_id, code)) == 1

    async def renew_codes(self, user_id: UUID) -> list[str]:
        """New recovery codes, to be shown this once; the ones before hold no more."""
        await self._run("DELETE FROM core_recovery_code WHERE user_id = {0}", user_id)
        codes = [_new_code() for _ in range(CODES)]
        rows = [born(self._at, user_id) | {"user": user_id, "digest": _code_digest(user_id, one)} for one in codes]
        await insert_many(self._connection, self._registry.spec(RecoveryCode), rows)
        return codes

    async def remove_app(self, user_id: UUID) -> bool:
        """Forget the app; whether there was one."""
        return await self._run("DELETE FROM core_authenticator WHERE user_id = {0}", user_id) > 0

    async def remove_passkeys(self, user_id: UUID) -> None:
        """Forget all passkeys."""
        await self._run("DELETE FROM core_passkey WHERE user_id = {0}", user_id)

    async def remove_codes(self, user_id: UUID) -> None:
        """Forget the recovery codes: without a factor they stand in for nothing."""
        await self._run("DELETE FROM core_recovery_code WHERE user_id = {0}", user_id)

    async def _rows(self, where: str, *values: object) -> list[Sequence[Any]]:
        sql, bound = self._bound(f"SELECT id, secret, step FROM core_authenticator WHERE {where}", values)
        return list(await self._connection.rows(KEY, sql, bound))

    async def _run(self, sql: str, *values: object) -> int:
        return await self._connection.run(KEY, *self._bound(sql, values))

    def _bound(self, sql: str, values: Sequence[object]) -> tuple[str, list[object]]:
        dialect = self._connection.dialect
        kinds = {UUID: Kind.ID, datetime: Kind.MOMENT}
        bound = [plain(dialect, kinds[type(one)], 0, one) if type(one) in kinds else one for one in values]
        return sql.format(*(dialect.place(number) for number in range(1, len(values) + 1))), bound


def _new_code() -> str:
    letters = pyotp.random_base32(32)[:CODE_LENGTH]
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def _code_digest(user_id: UUID, code: str) -> str:
    return digest(f"{user_id} {''.join(one for one in code.upper() if one.isalnum())}")
