"""Roles and who has them: nobody grants what he may not do himself, and nothing is granted that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from core.access import Policy, Scope
from core.actions import action
from core.database import KEY
from core.departments import Department
from core.errors import Refused
from core.query import Archived
from core.registry import Registry
from core.resource import Resource
from core.roles import Assignment, Grant, Role
from core.users import User
from core.work import Work


class Roles(Resource[Role]):
    """Sets of permissions for people with the same work."""

    columns = ("name", "description")
    related = ("grants", "assignments")
    icon = "shield-check"
    menu = 92

    @action(permission="assign", label="Give to a user")
    async def assign(self, work: Work, role: Role, user: User) -> Role:
        """Give the role to a user."""
        where = Assignment.role.eq(role) & Assignment.user.eq(user)
        found = await work.elevated("A role is given").find(Assignment, where=where, archived=Archived.WITH)
        if not found:
            await work.create(Assignment, role=role.id, user=user.id)
        elif found[0].archived_at is not None:
            await work.restore(found[0])
        return role

    @action(permission="assign", label="Take from a user", danger=True)
    async def withdraw(self, work: Work, role: Role, user: User) -> Role:
        """Take the role from a user."""
        where = Assignment.role.eq(role) & Assignment.user.eq(user)
        for found in await work.find(Assignment, where=where):
            await work.archive(found)
        return role


class Grants(Resource[Grant]):
    """The permissions of roles."""

    columns = ("permission", "scope")
    menu = None

    async def check(self, work: Work, before: Grant | None, after: Grant) -> None:  # noqa: ARG002 - the hook's signature
        """A grant is of a permission that exists, of departments that exist, and of what the caller may do himself."""
        registry = work.unit(KEY).registry
        if after.permission not in {one.name for one in registry.permissions()}:
            raise Refused("There is no such permission", field="permission", code="unknown")
        if not work.caller.policy.allows(after.permission):
            raise Refused("You can grant only what you may do yourself", field="permission", code="beyond")
        await _check_departments(work, after)
        _check_width(work.caller.policy, after)
        label = after.permission.rpartition(".")[0]
        for name in _texts(after.hidden, "hidden"):
            if not _field_exists(registry, label, name):
                raise Refused("There is no field %(name)s", field="hidden", code="unknown", name=name)


class Assignments(Resource[Assignment]):
    """Who has which role."""

    columns = ("role", "user")
    menu = None

    async def check(self, work: Work, before: Assignment | None, after: Assignment) -> None:  # noqa: ARG002 - the hook's signature
        """Nobody gives a role to himself, or one that may do what he may not."""
        policy = work.caller.policy
        if policy.everything:
            return
        if after.user.id == work.caller.user_id:
            raise Refused("Somebody else must give you a role", field="user", code="himself")
        beyond = work.elevated("What the role may do is compared with what its giver may do")
        for grant in await beyond.find(Grant, where=Grant.role.eq(after.role)):
            if not no_wider(policy, grant):
                raise Refused("You can give only roles that do no more than you may", field="role", code="beyond")


WIDTH = {Scope.OWN: 0, Scope.REPORTS: 1, Scope.DEPARTMENT: 1, Scope.TREE: 2, Scope.CHOSEN: 2, Scope.ALL: 3}
"""How far a scope goes, to be compared: own records mean others to whoever is given it, but never more of them."""


def no_wider(policy: Policy, grant: Grant) -> bool:
    """Whether a grant does no more than somebody may do himself: the permission, and no wider a scope."""
    reach = policy.reach(grant.permission)
    if Scope.ALL in reach.scopes:
        return True
    if grant.scope is Scope.CHOSEN:
        own = policy.departments if Scope.TREE in reach.scopes else ()
        return bool(reach.scopes) and {*_ids(_texts(grant.departments, "departments"))} <= {*reach.chosen, *own}
    return WIDTH[grant.scope] <= max((WIDTH[one] for one in reach.scopes), default=-1)


def _check_width(policy: Policy, grant: Grant) -> None:
    if not no_wider(policy, grant):
        raise Refused("You can grant no wider a scope than you have yourself", field="scope", code="beyond")


async def _check_departments(work: Work, grant: Grant) -> None:
    chosen = list(_ids(_texts(grant.departments, "departments")))
    if grant.scope is Scope.CHOSEN and not chosen:
        raise Refused("Choose at least one department", field="departments", code="required")
    if chosen:
        beyond = work.elevated("The departments of a grant are looked up")
        found = await beyond.find(Department, where=Department.id.is_in(chosen), fields=("id",), archived=Archived.WITH)
        if len(found) != len(set(chosen)):
            raise Refused("There is no such department", field="departments", code="unknown_record")


def _texts(value: Any, field: str) -> list[str]:
    if value in (None, ""):
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise Refused("This is a list of texts", field=field)
    return list(value)


def _ids(texts: Iterable[str]) -> Iterable[UUID]:
    for one in texts:
        try:
            yield UUID(one)
        except ValueError:
            raise Refused("There is no such department", field="departments", code="unknown_record") from None


def _field_exists(registry: Registry, label: str, name: str) -> bool:
    """A field of the granted model, or in full (`sales.line.price`) of one of its parts."""
    model, _, field = name.rpartition(".") if "." in name else (label, "", name)
    spec = registry.models.get(model)
    return spec is not None and registry.root(spec).label == label and field in spec.fields
