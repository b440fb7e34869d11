"""People and departments: what may not be, and what administrators do with accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from core.actions import action
from core.changing import transfer
from core.codec import plain
from core.database import KEY, Connection, Dialect
from core.departments import Department
from core.errors import Forbidden, Refused
from core.factors import Factors
from core.fields import Kind
from core.policies import hold_rights
from core.query import MAX_ROWS
from core.resets import INVITATION
from core.resource import Resource
from core.sessions import end_sessions
from core.tokens import end_tokens
from core.users import User
from core.work import Work
from core.writing import Step


class Departments(Resource[Department]):
    """The parts of the company."""

    columns = ("name", "parent")
    icon = "network"
    menu = 91

    async def check(self, work: Work, before: Department | None, after: Department) -> None:
        """No department is below itself."""
        if before is not None and after.parent is not None and before.parent != after.parent:
            connection = work.unit(KEY).connection
            if await _circle(connection, "core_department", "parent_id", after.id, after.parent.id):
                raise Refused("A department cannot be below itself", field="parent", code="circle")

    async def changed(self, work: Work, before: Department | None, after: Department) -> None:
        """What still has people or departments in it is not deleted."""
        if not _archived(before, after):
            return
        connection = work.unit(KEY).connection
        await hold_rights(connection)
        if await _count(connection, "core_department", "parent_id", after.id, also="archived_at IS NULL"):
            raise Refused("Other departments are below this one; move or delete them first", code="linked")
        if people := await _count(connection, "core_user", "department_id", after.id):
            raise Refused("%(people)s users belong to this department; move them first", code="linked", people=people)


class Users(Resource[User]):
    """The people who sign in."""

    columns = ("name", "login", "department", "job_title", "superior", "mobile", "enabled")
    filters = ("department", "superior", "enabled", "administrator")
    form: ClassVar = {
        "User": ("login", "name", "department", "job_title", "superior"),
        "Person": ("mobile", "email", "sex"),
    }
    icon = "users"
    menu = 90

    async def check(self, work: Work, before: User | None, after: User) -> None:
        """Administrators are changed by administrators, one remains, and nobody reports to himself."""
        _protect(work, before)
        if before is None:
            return
        connection = work.unit(KEY).connection
        if _rules(before) and not _rules(after):
            await hold_rights(connection)
            if not await _count(connection, "core_user", "administrator", True, also="enabled", but=after.id):
                raise Refused("Nobody would be left to administer; appoint another administrator first", code="last")
        moved = after.superior is not None and before.superior != after.superior
        if moved and await _circle(connection, "core_user", "superior_id", after.id, after.superior.id):
            raise Refused("Nobody reports to himself, nor by way of others", field="superior", code="circle")

    async def changed(self, work: Work, before: User | None, after: User) -> None:
        """Users are not deleted; who is disabled is signed out everywhere."""
        if _archived(before, after):
            raise Refused("Users are not deleted; disable the account, or hand it over", code="kept")
        if before is not None and before.enabled and not after.enabled:
            connection = work.unit(KEY).connection
            await end_sessions(connection, after.id, work.now)
            await end_tokens(connection, after.id, work.now)

    @action(permission="enable")
    async def enable(self, work: Work, user: User) -> User:
        """Let the user sign in again."""
        return await work.change(user, enabled=True)

    @action(permission="enable", danger=True)
    async def disable(self, work: Work, user: User) -> User:
        """Keep the user out: sessions and tokens end, and nothing of the records changes."""
        if user.id == work.caller.user_id:
            raise Refused("You would lock yourself out", code="himself")
        return await work.change(user, enabled=False)

    @action(permission="enable", label="Sign out everywhere", danger=True)
    async def sign_out(self, work: Work, user: User) -> User:
        """End all sessions and tokens of the user, who can sign in again: for a lost phone, or a doubt."""
        _protect(work, user)
        _require_another(work, user)
        connection = work.unit(KEY).connection
        await end_sessions(connection, user.id, work.now)
        await end_tokens(connection, user.id, work.now)
        return user

    @action(permission="take_factors", label="Take second factors away", danger=True)
    async def take_factors(self, work: Work, user: User) -> User:
        """For a lost phone: the user signs in by his password alone, until he sets a factor up; his sessions end."""
        _protect(work, user)
        _require_another(work, user)
        unit = work.unit(KEY)
        factors = Factors(unit.registry, unit.connection, work.now)
        await factors.remove_app(user.id)
        await factors.remove_passkeys(user.id)
        await factors.remove_codes(user.id)
        await end_sessions(unit.connection, user.id, work.now)
        return user

    @action(permission="invite", label="Invite by mail")
    async def invite(self, work: Work, user: User) -> User:
        """Send the user a link by which he chooses his first password; it holds for three days."""
        _protect(work, user)
        unit = work.unit(KEY)
        if INVITATION not in unit.outbox.handlers:
            raise Refused("Mail is not set up; tell the user a password instead", code="mail")
        if not user.email or not user.enabled:
            raise Refused("Only who may sign in and has a mail address is invited", code="unreachable")
        if await _count(unit.connection, "core_user", "id", user.id, also="password IS NOT NULL"):
            raise Refused("He has chosen a password already; he can ask for another where he signs in", code="chosen")
        origin = work.caller.origin
        told = {"user": str(user.id), "origin": [origin.address, origin.program, origin.request]}
        await work.later(INVITATION, work.now, told)
        return user

    @action(permission="appoint", label="Appoint administrator")
    async def appoint(self, work: Work, user: User) -> User:
        """Make the user an administrator, who holds every permission; administrators alone can do this."""
        _require_administrator(work, "core.user.appoint")
        if not user.enabled:
            raise Refused("Enable the account first", code="disabled")
        return await work.change(user, administrator=True)

    @action(permission="appoint", label="Dismiss administrator", danger=True)
    async def dismiss(self, work: Work, user: User) -> User:
        """Leave the user the permissions of his roles alone; administrators alone can do this."""
        _require_administrator(work, "core.user.appoint")
        return await work.change(user, administrator=False)

    @action(permission="hand_over", label="Hand over account", bulk=False, danger=True)
    async def hand_over(self, work: Work, user: User, successor: User) -> User:
        """Give all records and reports of a user to a successor, and disable the account."""
        _protect(work, user)
        if successor.id == user.id or not successor.enabled:
            raise Refused("Choose another user who may sign in", field="successor", code="unknown_record")
        if user.id == work.caller.user_id:
            raise Refused("You would lock yourself out", code="himself")
        beyond = work.elevated(f"The account of {user.name} is handed over")
        for spec in work.unit(KEY).registry.surfaced():
            if spec.plugin != "core" and not spec.parent:
                while owned := await beyond.find(spec.model, where=spec.model.owner.eq(user.id), fields=("id",)):
                    await transfer(Step(work.unit(KEY), beyond.caller, spec), [one.id for one in owned], successor.id)
        await _hand_over_reports(beyond, user, successor)
        return await work.change(user, enabled=False)


async def _hand_over_reports(beyond: Work, user: User, successor: User) -> None:
    reports = await beyond.find(User, where=User.superior.eq(user.id), fields=("id",), limit=MAX_ROWS)
    if successor.id in {one.id for one in reports}:  # he moves up, before others come to stand below him
        await beyond.change(successor, superior=user.superior)
    for one in reports:
        if one.id != successor.id:
            await beyond.change(one, superior=successor)


def _rules(user: User) -> bool:
    return user.administrator and user.enabled


def _archived(before: Department | User | None, after: Department | User) -> bool:
    return before is not None and before.archived_at is None and after.archived_at is not None


def _protect(work: Work, user: User | None) -> None:
    if user is not None and user.administrator:
        _require_administrator(work, "core.user.update")


def _require_another(work: Work, user: User) -> None:
    """What is asked of oneself in one's own settings, with the password, is not had without it from here."""
    if user.id == work.caller.user_id:
        raise Refused("Do this for yourself in your own settings", code="himself")


def _require_administrator(work: Work, permission: str) -> None:
    if not work.caller.policy.everything:
        raise Forbidden(permission)


async def _circle(connection: Connection, table: str, link: str, record: UUID, upper: UUID) -> bool:
    """Whether a record would be above itself, if `upper` were the next above it."""
    await hold_rights(connection)
    one, two, cast = connection.dialect.place(1), connection.dialect.place(2), _cast(connection.dialect)
    sql = (
        f"WITH RECURSIVE up(id) AS (SELECT {one}{cast}"
        f" UNION SELECT t.{link} FROM {table} t JOIN up ON t.id = up.id WHERE t.{link} IS NOT NULL)"
        f" SELECT 1 FROM up WHERE id = {two}{cast}"
    )
    values = [plain(connection.dialect, Kind.ID, 0, found) for found in (upper, record)]
    return bool(await connection.rows(KEY, sql, values))


async def _count(
    connection: Connection, table: str, column: str, value: object, *, also: str = "TRUE", but: UUID | None = None
) -> int:
    """How many rows have a value in a column."""
    dialect = connection.dialect
    kind = Kind.BOOLEAN if isinstance(value, bool) else Kind.ID
    values: list[object] = [plain(dialect, kind, 0, value)]
    sql = f"SELECT count(*) FROM {table} WHERE {column} = {dialect.place(1)} AND {also}"
    if but is not None:
        values.append(plain(dialect, Kind.ID, 0, but))
        sql += f" AND id <> {dialect.place(2)}"
    rows: Sequence[Sequence[int]] = await connection.rows(KEY, sql, values)
    return rows[0][0]


def _cast(dialect: Dialect) -> str:
    return "::uuid" if dialect is Dialect.POSTGRES else ""
