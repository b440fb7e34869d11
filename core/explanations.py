"""Why a record is visible: the grants, shares and links that open it to a user, for administrators and for himself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller, Policy, Scope
from core.codec import plain
from core.credentials import as_id, as_moment
from core.database import KEY, Database, Dialect
from core.errors import Forbidden, NotFound
from core.fields import Kind
from core.model import Model
from core.policies import Policies
from core.registry import ModelSpec, Registry


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason why a user sees a record: he is an administrator, a role's grant reaches it, or it is shared.

    `role` and `role_name` are those of the grant or of the share's addressee; `writes` says whether a share lets him
    change it, too.
    """

    permission: str
    scope: Scope | None = None
    role: UUID | None = None
    role_name: str = ""
    share: UUID | None = None
    writes: bool = False
    reason: str = ""
    expires_at: datetime | None = None


class Explanations:
    """Explains why records are visible."""

    def __init__(self, registry: Registry, database: Database, policies: Policies) -> None:
        self._registry = registry
        self._database = database
        self._policies = policies

    async def explain(
        self, caller: Caller, model: type[Model] | str, record: UUID, user_id: UUID | None = None
    ) -> tuple[Ground, ...]:
        """Every ground on which a user (by default the caller himself) sees a record; of none, he does not see it.

        About others only administrators ask. A record that the caller may not see is not found.
        """
        if user_id not in (None, caller.user_id) and not caller.policy.everything:
            raise Forbidden("core.user.explain")
        spec, subject = self._registry.spec(model), user_id or caller.user_id
        place = await _place(self._registry, self._database, spec, record)
        grounds: tuple[Ground, ...] = ()
        if place is not None and subject is not None:
            policy = await self._policies.fresh(subject)
            grounds = await _grounds(self._database, self._registry.root(spec), policy, place)
        if place is None or not (grounds or caller.policy.everything):
            raise NotFound
        return grounds


@dataclass(frozen=True, slots=True)
class _Place:
    """What rights look at: the record (of a part: the whole), its owner and its department."""

    record: UUID
    owner: UUID | None
    department: UUID | None


async def _place(registry: Registry, database: Database, spec: ModelSpec, record: UUID) -> _Place | None:
    tables, alias = f"{spec.table} t0", "t0"
    while spec.parent:
        parent, upper = registry.models[spec.parent], f"t{int(alias[1:]) + 1}"
        tables += f" JOIN {parent.table} {upper} ON {upper}.id = {alias}.{spec.fields[str(spec.meta.part_of)].column}"
        spec, alias = parent, upper
    sql = f"SELECT {alias}.id, {alias}.owner_id, {alias}.department_id FROM {tables} WHERE t0.id = "
    values = [plain(database.dialect, Kind.ID, 0, record)]
    for found, owner, department in await database.read(KEY, sql + database.dialect.place(1), values):
        return _Place(as_id(found), as_id(owner) if owner else None, as_id(department) if department else None)
    return None


async def _grounds(database: Database, root: ModelSpec, policy: Policy, place: _Place) -> tuple[Ground, ...]:
    permission = f"{root.label}.read"
    if policy.everything:
        return (Ground(permission, Scope.ALL),)
    if policy.user_id is None or not policy.allows(permission):
        return ()
    grants = await database.read(KEY, _grant_sql(database.dialect), [permission, str(policy.user_id)])
    shares = await database.read(KEY, _share_sql(database.dialect), [root.label, str(place.record)])
    return (*_reaching(permission, policy, place, grants), *_shared(permission, policy, shares))


def _grant_sql(dialect: Dialect) -> str:
    cast = "::uuid" if dialect is Dialect.POSTGRES else ""
    return (
        "SELECT r.id, r.name, g.scope, CAST(g.departments AS TEXT) FROM core_grant g"
        " JOIN core_role r ON r.id = g.role_id"
        f" JOIN core_assignment a ON a.role_id = r.id WHERE g.permission = {dialect.place(1)}"
        f" AND a.user_id = {dialect.place(2)}{cast}"
        " AND g.archived_at IS NULL AND r.archived_at IS NULL AND a.archived_at IS NULL ORDER BY r.name, r.id"
    )


def _share_sql(dialect: Dialect) -> str:
    return (
        "SELECT s.id, s.user_id, s.to_department_id, s.role_id, r.name, s.writes, s.reason, s.expires_at"
        " FROM core_share s LEFT JOIN core_role r ON r.id = s.role_id"
        f" WHERE s.model = {dialect.place(1)} AND s.record = {dialect.place(2)}"
        f" AND (s.expires_at IS NULL OR s.expires_at > {dialect.now}) ORDER BY s.id"
    )


def _reaching(permission: str, policy: Policy, place: _Place, grants: Iterable[Sequence[Any]]) -> Iterable[Ground]:
    for role, name, scope, departments in grants:
        chosen = [UUID(one) for one in orjson.loads(departments) or ()] if departments else []
        if _reaches(Scope(scope), policy, place, chosen):
            yield Ground(permission, Scope(scope), as_id(role), name)


def _reaches(scope: Scope, policy: Policy, place: _Place, chosen: Sequence[UUID]) -> bool:
    match scope:
        case Scope.OWN:
            return place.owner is not None and place.owner == policy.user_id
        case Scope.REPORTS:
            return place.owner in policy.reports
        case Scope.DEPARTMENT:
            return place.department is not None and place.department == policy.department
        case Scope.TREE:
            return place.department in policy.departments
        case Scope.CHOSEN:
            return place.department in chosen
        case Scope.ALL:
            return True


def _shared(permission: str, policy: Policy, shares: Iterable[Sequence[Any]]) -> Iterable[Ground]:
    for share, user, department, role, name, writes, reason, expires_at in shares:
        to_him = user is not None and as_id(user) == policy.user_id
        to_his = department is not None and as_id(department) == policy.department
        to_role = role is not None and as_id(role) in policy.roles
        if to_him or to_his or to_role:
            yield Ground(
                permission,
                role=as_id(role) if role else None,
                role_name=name or "",
                share=as_id(share),
                writes=bool(writes),
                reason=reason or "",
                expires_at=as_moment(expires_at) if expires_at else None,
            )
