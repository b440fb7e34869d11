"""Rights in the index: the tokens that a document carries, and those that a caller's policy finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from core.access import Policy, Scope
from core.finder import NOTHING_IN_SCOPE, SearchScope
from core.registry import ModelSpec, Registry
from search.specs import IndexPlan

ALL = "all"
WHOSE = ("created_by", "updated_by")


def document_tokens(
    owner: UUID | None, department: UUID | None, above: Mapping[UUID, UUID | None], shared: Iterable[UUID]
) -> frozenset[str]:
    """Who may find a document: everybody's, its owner's, its department's, those of the departments above, the shares'.

    `above` is the department over each department; `shared` are the users, departments and roles that it is opened to.
    """
    found = {ALL, *(f"s_{one}" for one in shared)}
    if owner:
        found.add(f"o_{owner}")
    if department:
        found.add(f"d_{department}")
        found.update(f"t_{one}" for one in _upwards(department, above))
    return frozenset(found)


def _upwards(department: UUID, above: Mapping[UUID, UUID | None]) -> Iterator[UUID]:
    seen: set[UUID] = set()
    here: UUID | None = department
    while here and here not in seen:
        seen.add(here)
        yield here
        here = above.get(here)


def search_scope(policy: Policy, registry: Registry, spec: ModelSpec) -> SearchScope:
    """What a policy finds of a model: the tokens of all that its grants reach. Hits are read again through the door."""
    reach = policy.reach(f"{registry.root(spec).label}.read")
    if Scope.ALL in reach.scopes:
        return SearchScope(frozenset({ALL}))
    if not reach.scopes:
        return NOTHING_IN_SCOPE
    found = {f"s_{one}" for one in (policy.user_id, policy.department, *policy.roles) if one}
    for scope in reach.scopes:
        match scope:
            case Scope.OWN:
                found |= {f"o_{policy.user_id}"} if policy.user_id else set()
            case Scope.REPORTS:
                found.update(f"o_{one}" for one in policy.reports)
            case Scope.DEPARTMENT:
                found |= {f"d_{policy.department}"} if policy.department else set()
            case Scope.TREE:
                found.update(f"t_{one}" for one in (policy.department,) if one)
            case Scope.CHOSEN:
                found.update(f"d_{one}" for one in reach.chosen)
            case Scope.ALL:
                found.add(ALL)
    return SearchScope(frozenset(found))


def readable_paths(policy: Policy, registry: Registry, plan: IndexPlan) -> tuple[str, ...]:
    """The searched paths of which the caller may read every step; the others are not searched for him."""
    return tuple(path for path in plan.index.searchable if _readable(policy, registry, plan.spec, path))


def facet_fields(policy: Policy, registry: Registry, plan: IndexPlan) -> tuple[str, ...]:
    """The choices and links of a model of which the caller may read what they hold; nobody counts by the others."""
    fields = (name for name in plan.index.filterable if name not in WHOSE)
    return tuple(name for name in fields if _readable(policy, registry, plan.spec, name))


def _readable(policy: Policy, registry: Registry, spec: ModelSpec, path: str) -> bool:
    head, _, rest = path.partition(".")
    found = spec.fields[head]
    if f"{spec.label}.{head}" in policy.hidden:
        return False
    if not found.target:
        return True
    target = registry.models[found.target]
    if not policy.allows(f"{registry.root(target).label}.read"):
        return False
    return _readable(policy, registry, target, rest or target.title)


def must_prove(policy: Policy, registry: Registry, plan: IndexPlan) -> bool:
    """Whether a hit may rest on a linked record that is out of the caller's reach, so that it must be matched again."""
    reaches = (policy.reach(f"{registry.root(spec).label}.read") for spec in plan.searched.values())
    return any(Scope.ALL not in reach.scopes for reach in reaches)
