"""What a change of people, departments or roles means for the rights that were compiled from them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from core.database import Connection
from core.policies import bump_rights, bump_user
from core.registry import ModelSpec

Row: TypeAlias = Mapping[str, Any]
Reaction: TypeAlias = Callable[[Connection, Row, Row], Awaitable[None]]

FOR_ALL: Mapping[str, frozenset[str]] = {
    "core.department": frozenset({"parent", "archived_at"}),
    "core.role": frozenset({"archived_at"}),
    "core.grant": frozenset({"role", "permission", "scope", "departments", "hidden", "archived_at"}),
    "core.user": frozenset({"superior", "archived_at"}),
}
"""Fields that the policies of more than one user are made of."""

FOR_ONE = frozenset({"login", "department", "enabled", "administrator", "language", "zone"})
"""Fields of a user that his own policy is made of."""


async def rights_changed(connection: Connection, spec: ModelSpec, before: Row | None, after: Row | None) -> None:
    """Make policies out of date, in the transaction of a change that they were compiled from."""
    old, new = before or {}, after or {}
    if any(old.get(name) != new.get(name) for name in FOR_ALL.get(spec.label, ())):
        await bump_rights(connection)
    elif spec.label == "core.user" and before and any(old.get(name) != new.get(name) for name in FOR_ONE):
        await bump_user(connection, before["id"])
    elif spec.label == "core.assignment":
        for user in dict.fromkeys(one["user"] for one in (old, new) if one):
            await bump_user(connection, user)
