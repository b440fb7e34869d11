"""Policies: what a user's roles, department and reports amount to, compiled by one statement and kept in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from core.access import NOBODY, SYSTEM, By, Caller, Policy, Reach, Scope
from core.codec import plain
from core.database import KEY, Connection, Database, DatabaseFault, Dialect
from core.errors import Unauthenticated
from core.fields import Kind
from core.kept import Kept
from core.looks import Look
from core.reading import Source

KEPT = 2_000

READING = ("read", "export")


def policy_sql(dialect: Dialect) -> str:
    """All that a policy is made of, as rows of a kind and six texts; the only parameter is the user's id.

    One statement, so that it is one moment's truth. `UNION` drops what was met before: a circle ends where it began.
    """
    cast = "::uuid" if dialect is Dialect.POSTGRES else ""
    return f"""
        WITH RECURSIVE
        me AS (SELECT * FROM core_user WHERE id = {dialect.place(1)}{cast} AND enabled),
        tree(id) AS (
            SELECT department_id FROM me WHERE department_id IS NOT NULL
            UNION SELECT d.id FROM core_department d JOIN tree ON d.parent_id = tree.id),
        below(id) AS (
            SELECT id FROM me UNION SELECT u.id FROM core_user u JOIN below ON u.superior_id = below.id),
        mine AS (
            SELECT r.id FROM core_assignment a JOIN me ON me.id = a.user_id JOIN core_role r ON r.id = a.role_id
            WHERE a.archived_at IS NULL AND r.archived_at IS NULL)
        SELECT 'me', login, CAST(department_id AS TEXT), CASE WHEN administrator THEN 'yes' ELSE '' END,
            CAST(rights_number AS TEXT), language, zone,
            CAST(look AS TEXT) FROM me
        UNION ALL SELECT 'rights', CAST(content AS TEXT), NULL, NULL, NULL, NULL, NULL, NULL
            FROM core_setting WHERE name = 'rights'
        UNION ALL SELECT 'fields', CAST(content AS TEXT), NULL, NULL, NULL, NULL, NULL, NULL
            FROM core_setting WHERE name = 'fields'
        UNION ALL SELECT 'department', CAST(id AS TEXT), NULL, NULL, NULL, NULL, NULL, NULL FROM tree
        UNION ALL SELECT 'report', CAST(id AS TEXT), NULL, NULL, NULL, NULL, NULL, NULL FROM below
        UNION ALL SELECT 'role', CAST(id AS TEXT), NULL, NULL, NULL, NULL, NULL, NULL FROM mine
        UNION ALL SELECT 'grant', g.permission, g.scope, CAST(g.departments AS TEXT), CAST(g.hidden AS TEXT), NULL,
            NULL, NULL FROM core_grant g JOIN mine ON mine.id = g.role_id WHERE g.archived_at IS NULL
    """


def compile_policy(user_id: UUID, rows: Iterable[Sequence[Any]]) -> Policy:
    """The policy of a user from the rows of `policy_sql`; `NOBODY` when he is unknown or disabled."""
    by_kind: dict[str, list[Sequence[Any]]] = {}
    for kind, *texts in rows:
        by_kind.setdefault(kind, []).append(texts)
    if "me" not in by_kind:
        return NOBODY
    login, department, administrator, number, language, zone, look = by_kind["me"][0]
    grants = by_kind.get("grant", ())
    hidden = _hidden(grants, reading=True)
    return Policy(
        user_id=user_id,
        login=login,
        everything=bool(administrator),
        department=UUID(department) if department else None,
        departments=_ids(by_kind.get("department", ())),
        reports=_ids(by_kind.get("report", ())),
        roles=_ids(by_kind.get("role", ())),
        reaches=_reaches(grants),
        hidden=frozenset() if administrator else hidden,
        locked=frozenset() if administrator else hidden | _hidden(grants, reading=False),
        language=language,
        zone=zone,
        look=Look.of(_listed(look)) if look else None,
        rights=int(by_kind["rights"][0][0]) if "rights" in by_kind else 0,
        number=int(number),
    )


def _ids(rows: Iterable[Sequence[Any]]) -> tuple[UUID, ...]:
    return tuple(UUID(one) for one in sorted({row[0] for row in rows}))


def _listed(text: str | None) -> list[str]:
    found = orjson.loads(text) if text else None
    return [str(one) for one in found] if isinstance(found, list) else []


def _reaches(grants: Iterable[Sequence[Any]]) -> Mapping[str, Reach]:
    scopes: dict[str, set[Scope]] = {}
    chosen: dict[str, set[UUID]] = {}
    for permission, scope, departments, *_ in grants:
        scopes.setdefault(permission, set()).add(Scope(scope))
        if scope == Scope.CHOSEN.value:
            chosen.setdefault(permission, set()).update(UUID(one) for one in _listed(departments))
    return {one: Reach(frozenset(found), tuple(sorted(chosen.get(one, ())))) for one, found in scopes.items()}


def _hidden(grants: Iterable[Sequence[Any]], *, reading: bool) -> frozenset[str]:
    # A field that one grant hides is hidden, whatever the others say. A name without a model is of the permission's.
    found = set()
    for permission, _, _, hidden, *_ in grants:
        label, _, verb = permission.rpartition(".")
        if (verb in READING) is reading:
            found |= {one if "." in one else f"{label}.{one}" for one in _listed(hidden)}
    return frozenset(found)


class Policies:
    """The policies of the users who asked lately. The stamp of each read tells when one is out of date.

    `definitions` is the highest number of the definitions of custom fields that came with a policy.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = policy_sql(database.dialect)
        self._kept: Kept[UUID, Policy] = Kept(KEPT)
        self.definitions = 0

    async def of(self, user_id: UUID) -> Policy:
        """The policy of a user, perhaps one that a read will find out of date; `NOBODY` when unknown or disabled."""
        return self._kept.get(user_id) or await self.fresh(user_id)

    async def fresh(self, user_id: UUID) -> Policy:
        """The policy of a user, compiled now; `NOBODY` when he is unknown or disabled."""
        rows = await self._database.read(KEY, self._sql, [str(user_id)])
        policy = compile_policy(user_id, rows)
        self.definitions = max([self.definitions, *(int(row[1]) for row in rows if row[0] == "fields")])
        kept = self._kept.get(user_id)
        if policy.user_id is None:
            self._kept.pop(user_id, None)
        elif kept is None or (kept.rights, kept.number) <= (policy.rights, policy.number):
            self._kept[user_id] = policy
        return policy


async def on_behalf(policies: Policies, user_id: UUID, reason: str) -> Caller:
    """A job's caller with the rights of a user; `Unauthenticated` when he is unknown or disabled."""
    policy = await policies.fresh(user_id)
    if policy.user_id is None:
        raise Unauthenticated
    return Caller(policy, By.JOB, language=policy.language, zone=policy.zone, reason=reason)


async def bump_rights(connection: Connection) -> None:
    """Make every policy out of date: roles, grants, departments or superiors change in this transaction.

    It also holds a lock until the transaction ends, so that two such changes are one after the other.
    """
    if not await count_on(connection, "rights"):
        raise DatabaseFault("The database has no rights number; run tradepost migrate")


async def count_on(connection: Connection, name: str) -> bool:
    """Count a number of the kernel's on in this transaction. False: there is none of this name."""
    added = "CAST(CAST(content AS INTEGER) + 1 AS TEXT)"
    if connection.dialect is Dialect.POSTGRES:
        added = "to_jsonb(CAST(CAST(content AS TEXT) AS BIGINT) + 1)"
    return await connection.run(KEY, f"UPDATE core_setting SET content = {added} WHERE name = '{name}'") == 1


async def hold_rights(connection: Connection) -> None:
    """Wait until nobody else changes rights, and keep others waiting: for checks that look at several users."""
    if connection.dialect is Dialect.POSTGRES:  # a transaction on SQLite is alone anyway
        await connection.rows(KEY, "SELECT 1 FROM core_setting WHERE name = 'rights' FOR UPDATE")


async def bump_user(connection: Connection, user_id: UUID) -> None:
    """Make the policy of one user out of date: his assignments, shares or preferences change in this transaction."""
    cast = "::uuid" if connection.dialect is Dialect.POSTGRES else ""
    sql = f"UPDATE core_user SET rights_number = rights_number + 1 WHERE id = {connection.dialect.place(1)}{cast}"
    await connection.run(KEY, sql, [str(user_id)])


async def present(source: Connection | Source, caller: Caller) -> Caller:
    """The caller as his rights are at this moment: in a transaction, as of that; `Unauthenticated` when he is out.

    For what is done without a planned read, whose own stamp would tell. The system and elevated work are always there.
    """
    if caller.user_id is None or caller.policy == replace(SYSTEM, user_id=caller.user_id, login=caller.policy.login):
        return caller
    ask = source.rows if isinstance(source, Connection) else source.read
    dialect, user = source.dialect, plain(source.dialect, Kind.ID, 0, caller.user_id)
    credential = plain(dialect, Kind.ID, 0, caller.credential)
    rows = await ask(KEY, _stamp_sql(dialect), [user, credential])
    if not rows or not (rows[0][2] or caller.by is By.JOB):
        raise Unauthenticated
    if (int(rows[0][0]), rows[0][1]) == (caller.policy.rights, caller.policy.number):
        return caller
    policy = compile_policy(caller.user_id, await ask(KEY, policy_sql(dialect), [str(caller.user_id)]))
    if policy.user_id is None:
        raise Unauthenticated
    return caller.having(policy)


def _stamp_sql(dialect: Dialect) -> str:
    user, credential, cast = dialect.place(1), dialect.place(2), "::uuid" if dialect is Dialect.POSTGRES else ""
    held = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} c WHERE c.id = {credential}{cast} AND c.user_id = u.id"
        f" AND c.ended_at IS NULL AND c.expires_at > {dialect.now})"
        for table in ("core_session", "core_token")
    )
    rights = "(SELECT CAST(s.content AS TEXT) FROM core_setting s WHERE s.name = 'rights')"
    return f"SELECT {rights}, u.rights_number, {held} FROM core_user u WHERE u.id = {user}{cast} AND u.enabled"
