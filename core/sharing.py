"""Opening one record to a user, a department or a role, and closing it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.access import Caller
from core.changes import json_form
from core.entering import Writer
from core.errors import NotFound, Refused
from core.ids import born
from core.parse import Assume, parse
from core.policies import bump_user
from core.roles import Share
from core.rows import delete, insert, load
from core.writing import Row, Step, Unit

TO = ("user", "to_department", "role")


async def share(step: Step, record: UUID, given: Mapping[str, Any]) -> Row:
    """Open a record; nobody can open more than he has himself."""
    unit, caller, spec = step.unit, step.caller, step.spec
    if spec.parent:
        raise Refused("It belongs to what it is a part of; share that instead", code="part")
    (row,) = await step.targets([record], "share")
    if given.get("writes"):
        await step.targets([record], "update")
    shares = unit.registry.spec(Share)
    assume = Assume(zone=caller.zone)
    values: dict[str, Any] = {name: parse(name, shares.fields[name].traits, raw, assume) for name, raw in given.items()}
    if sum(values.get(name) is not None for name in TO) != 1:
        raise Refused("Choose a user, a department or a role", field="user", code="required")
    if values.get("expires_at") is not None and values["expires_at"] <= unit.now:
        raise Refused("Choose a time to come", field="expires_at", code="past")
    await unit.check_links(Writer(caller), shares, {name: values.get(name) for name in TO})
    made = born(unit.now, caller.user_id) | {"model": spec.label, "record": str(record)} | values
    await insert(unit.connection, shares, made)
    await _told(step, row, "share", values)
    return made


async def unshare(unit: Unit, caller: Caller, share_id: UUID) -> None:
    """Close a record again to whom it was opened."""
    shares = unit.registry.spec(Share)
    rows = await load(unit.connection, shares, [share_id])
    if not rows:
        raise NotFound
    step = Step(unit, caller, unit.registry.spec(str(rows[0]["model"])))
    (row,) = await step.targets([UUID(rows[0]["record"])], "share")
    await delete(unit.connection, shares, share_id)
    await _told(step, row, "unshare", {name: rows[0][name] for name in (*TO, "writes")})


async def _told(step: Step, row: Row, verb: str, values: Mapping[str, Any]) -> None:
    """The audit names whom it was opened to; his next request meets his new rights."""
    if values.get("user") is not None:
        await bump_user(step.unit.connection, values["user"])
    told = {name: json_form(value) for name, value in values.items() if value is not None}
    step.tell(verb, row, {"shared": [None, told] if verb == "share" else [told, None]})
