"""Doing an action: its rights, its inputs, its records one after the other, all in one unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.actions import Action
from core.conditions import EVERYTHING
from core.entering import entered_inputs
from core.errors import Forbidden, NotFound, Refused, UnknownField
from core.fields import Kind
from core.model import Model
from core.reading import confirmed
from core.writing import Row, Step


async def act(step: Step, ids: Sequence[UUID], name: str, inputs: Mapping[str, object]) -> list[Row]:
    """Do an action on records; the rows as they are afterwards."""
    unit, caller, spec = step.unit, step.caller, step.spec
    action = spec.actions.get(name)
    if action is None:
        raise UnknownField(spec.label, name)
    if len(ids) != 1 and not action.bulk:
        raise Refused("Choose one record", code="one_record")
    permission = f"{unit.registry.root(spec).label}.{action.permission}"
    if caller.read_only:  # whatever word the permission ends with
        raise Forbidden(permission)
    rows = await unit.targets(caller, spec, ids, permission)
    if any(row["archived_at"] is not None for row in rows):
        raise Refused("It is in the recycle bin; restore it first", code="archived")
    await _require_state(step, action, ids)
    values = await _with_records(step, name, entered_inputs(spec, name, caller, inputs))
    method = getattr(spec.resource, name)
    for one in ids:
        (row,) = await unit.locked(spec, [one])
        unit.grant(spec, one)
        step.tell(name, row)
        await method(unit.work(unit, caller), unit.seen(spec, row), **values)
    return await unit.locked(spec, ids)


async def _require_state(step: Step, action: Action, ids: Sequence[UUID]) -> None:
    """Every record is in the state that the action is for, whoever may see what that depends on."""
    if action.when == EVERYTHING:
        return
    unit, spec = step.unit, step.spec
    everywhere = step.caller.elevated("the state of a record is its own")
    permission = unit.registry.permission(spec, "read")
    fit = await unit.reader.within(unit.connection, everywhere, spec, permission, ids, where=action.when)
    if len(fit) != len(set(ids)):
        raise Refused(action.otherwise, code="state")


async def _with_records(step: Step, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, with the records whose ids were given, as far as the caller sees them."""
    found = dict(values)
    for one, traits in step.spec.actions[name].inputs.items():
        if traits.kind is Kind.LINK and isinstance(traits.target, type) and found[one] is not None:
            found[one] = await _record(step, one, traits.target, found[one])
    return found


async def _record(step: Step, name: str, model: type[Model], record: UUID) -> Model:
    try:
        found = await step.unit.reader.get(confirmed(step.caller), model, record)
    except NotFound:
        found = None
    if found is None or found.archived_at is not None:
        raise Refused("Choose a record", field=name, code="unknown_record")
    return found
