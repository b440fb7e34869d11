"""Which records a caller may write to or link to, as the open transaction sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from core.access import SYSTEM, Caller, Policy, Reach, Scope
from core.codec import plain
from core.conditions import EVERYTHING
from core.database import KEY, Connection
from core.fields import Kind
from core.predicates import Predicates, conjunction
from core.reading import Reader
from core.registry import FieldSpec, ModelSpec, Registry

Values = Mapping[str, Any]


class Reaching:
    """Asks the policy where that suffices, and the database where it does not: shares, parts of other records."""

    def __init__(self, registry: Registry, connection: Connection, reader: Reader) -> None:
        self.registry = registry
        self.connection = connection
        self.reader = reader
        self._linkable: set[tuple[object, ...]] = set()

    async def within(self, caller: Caller, spec: ModelSpec, permission: str, rows: Sequence[Values]) -> bool:
        """Whether all of some locked rows are inside the caller's reach for a permission."""
        policy = caller.policy
        reach = policy.reach(permission)
        if Scope.ALL in reach.scopes:
            return True
        if not reach.scopes:
            return False
        inside = not spec.parent
        doubtful = {row["id"] for row in rows if not (inside and reaches(policy, reach, row))}
        return doubtful <= await self.reader.within(self.connection, caller, spec, permission, sorted(doubtful))

    async def unlinkable(self, caller: Caller, links: Iterable[tuple[FieldSpec, UUID]]) -> list[str]:
        """The links whose record the caller may not see, or that is archived, or that `where` leaves out."""
        asked = [(one, record) for one, record in links if not self._known(caller, one, record)]
        if not asked:
            return []
        found = await self._found(caller, asked)
        self._linkable.update(self._key(caller, *one) for place, one in enumerate(asked) if place in found)
        return [one.name for place, (one, _) in enumerate(asked) if place not in found]

    def _known(self, caller: Caller, link: FieldSpec, record: UUID) -> bool:
        return self._key(caller, link, record) in self._linkable

    def _key(self, caller: Caller, link: FieldSpec, record: UUID) -> tuple[object, ...]:
        # Within one unit of work there is one caller, with his own policy and the elevated one.
        return (caller.policy.everything, link.target, repr(link.traits.where), record)

    async def _found(self, caller: Caller, links: Sequence[tuple[FieldSpec, UUID]]) -> set[int]:
        predicates = Predicates(self.registry, self.connection.dialect, caller.policy)
        parts = [self._link(predicates, caller, place, *one) for place, one in enumerate(links)]
        values = [bind(caller, ()) for bind in predicates.parameters]
        return {row[0] for row in await self.connection.rows(KEY, " UNION ALL ".join(parts), values)}

    def _link(self, predicates: Predicates, caller: Caller, place: int, link: FieldSpec, record: UUID) -> str:
        target = self.registry.models[str(link.target)]
        alias = predicates.alias()
        by_id = predicates.bound(record, lambda one: plain(self.connection.dialect, Kind.ID, 0, one))
        himself = target.label == "core.user" and record == caller.user_id
        where = [
            f"{alias}.id = {by_id}",
            f"{alias}.archived_at IS NULL",
            "TRUE" if himself else predicates.scope(target, alias),
            self._wanted(predicates, target, alias, link),
        ]
        return f"SELECT {place} FROM {target.table} {alias} WHERE {conjunction(where)}"

    def _wanted(self, predicates: Predicates, target: ModelSpec, alias: str, link: FieldSpec) -> str:
        """The condition that the plugin puts on a link; it may ask what the caller may not read."""
        own, predicates.policy = predicates.policy, SYSTEM
        try:
            return predicates.where(target, alias, link.traits.where or EVERYTHING)
        finally:
            predicates.policy = own


def reaches(policy: Policy, reach: Reach, row: Values) -> bool:
    """Whether a row's owner or department puts it inside a reach; shares are not asked here."""
    owner, department = row.get("owner"), row.get("department")
    for scope in reach.scopes:
        match scope:
            case Scope.ALL:
                return True
            case Scope.OWN if owner is not None and owner == policy.user_id:
                return True
            case Scope.REPORTS if owner in policy.reports:
                return True
            case Scope.DEPARTMENT if department is not None and department == policy.department:
                return True
            case Scope.TREE if department in policy.departments:
                return True
            case Scope.CHOSEN if department in reach.chosen:
                return True
            case _:
                continue
    return False
