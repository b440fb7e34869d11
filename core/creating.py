"""Creating records: rights, values, placement, links, checks, then one insert for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from core.entering import Parsed, Writer, completed, entered
from core.errors import Forbidden, NotFound, Refused
from core.ids import born
from core.inside import packed
from core.reaching import reaches
from core.rows import insert_many
from core.writing import Row, Step, checked

Blanks: TypeAlias = dict[tuple[bool, tuple[str, ...]], Row]


async def create(
    step: Step, raws: Sequence[Mapping[str, object]], *, code: bool = False, record: UUID | None = None
) -> list[Row]:
    """New rows of one model. `code`: a plugin's own, which may fill read-only fields, too; `record`: the id of one."""
    unit, spec = step.unit, step.spec
    rows = await prepare(step, raws, code=code, record=record)
    await insert_many(unit.connection, spec, rows)
    for row in rows:
        unit.keep(spec, row)
        unit.grant(spec, row["id"])
        step.tell_change("create", {}, row)
    await step.settle_all([(None, row) for row in rows])
    return await unit.locked(spec, [row["id"] for row in rows])


async def prepare(
    step: Step, raws: Sequence[Mapping[str, object]], *, code: bool = False, record: UUID | None = None
) -> list[Row]:
    """New rows that may be inserted: entered, complete, placed within the caller's reach, refused by nobody."""
    if step.spec.meta.internal:
        raise NotFound
    blanks: Blanks = {}
    rows = [await _new(step, raw, blanks, code=code, record=record) for raw in raws]
    if checked(step.spec):
        for row in rows:
            await step.check(None, row)
    permission = step.permission("create")
    reach = step.caller.policy.reach(permission)
    if not step.spec.parent and not all(reaches(step.caller.policy, reach, row) for row in rows):
        raise Forbidden(permission)
    return rows


async def _new(step: Step, raw: Mapping[str, object], blanks: Blanks, *, code: bool, record: UUID | None) -> Row:
    unit, caller, spec = step.unit, step.caller, step.spec
    granted = bool(spec.parent) and await _whole_granted(step, raw)
    if not granted:
        caller.require(step.permission("create"))
    writer = Writer(caller, code, free=code and (granted or caller.policy.everything))
    given, whole = _filled(step, writer, raw, blanks)
    row: Row = born(unit.now, caller.user_id, record)
    row |= {"version": 1, "archived_at": None, "custom": given.get("custom")}
    row |= whole
    row |= await _placement(step, given)
    row |= await step.complete(None, row)
    if spec.inside:
        row["custom"] = packed(spec, row["custom"], row)
    linked = spec.links.keys() & given.keys() - {spec.meta.part_of}  # of what it is a part of was asked already
    await unit.check_links(writer, spec, {name: row[name] for name in spec.links if name in linked})
    return row


def _filled(step: Step, writer: Writer, raw: Mapping[str, object], blanks: Blanks) -> tuple[Row, Row]:
    """What was given, and that with all other fields; what may be given, and the rest, is the same for many rows."""
    registry, spec = step.unit.registry, step.spec
    if not isinstance(raw, Parsed):
        given = entered(registry, writer, spec, raw)
        return given, completed(spec, given, code=writer.code)
    shape = (writer.free, tuple(raw))
    if shape not in blanks:
        whole = completed(spec, entered(registry, writer, spec, raw), code=writer.code)
        blanks[shape] = {name: value for name, value in whole.items() if name not in raw}
    return raw, {**raw, **blanks[shape]}


async def _whole_granted(step: Step, raw: Mapping[str, object]) -> bool:
    """Lock the record that a new one is a part of, inside the caller's reach; True if this unit was granted it."""
    unit, name = step.unit, str(step.spec.meta.part_of)
    writer = Writer(step.caller, code=True, free=True)
    whole = entered(unit.registry, writer, step.spec, {name: raw.get(name)})[name]
    parent = unit.registry.models[str(step.spec.parent)]
    if unit.granted(parent.label, whole):
        return True
    try:
        (row,) = await Step(unit, step.caller, parent).targets([whole], "update")
    except NotFound:
        raise Refused("Choose a record", field=name, code="unknown_record") from None
    if row["archived_at"] is not None:
        raise Refused("It is in the recycle bin; restore it first", field=name, code="archived")
    return False


async def _placement(step: Step, given: Mapping[str, Any]) -> Row:
    """Owner and department of a new row: as was chosen, else the caller and his department. Parts have none."""
    if step.spec.parent:
        return {"owner": None, "department": None}
    owner = given.get("owner", step.caller.user_id)
    placed: Row = {"owner": owner, "department": step.caller.policy.department if owner else None}
    if owner is not None and owner != step.caller.user_id:
        placed = await step.unit.owner(owner)
    return placed | {name: given[name] for name in ("department",) if name in given}
