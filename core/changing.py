"""Changing records: only what differs, guarded by the version, and never out of one's own reach; handing them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.entering import PLACEMENT, Writer, entered
from core.errors import Conflict, Refused
from core.writing import Overtaken, Row, Step


async def change(step: Step, record: UUID, raw: Mapping[str, object], version: int | None = None) -> Row:
    """What a caller entered into a form. `Conflict` shows both values when the record was changed since `version`."""
    (before,) = await step.targets([record], "update")
    writer = Writer(step.caller)
    changed = _differences(step, writer, before, raw)
    if changed and version is not None and version != before["version"]:
        hidden = step.caller.policy.hidden
        shown = [name for name in changed if f"{step.spec.label}.{name}" not in hidden]
        raise Conflict({name: before[name] for name in shown}, {name: changed[name] for name in shown})
    return await _write(step, writer, before, changed)


async def change_all(step: Step, raws: Mapping[UUID, Mapping[str, object]]) -> list[Row]:
    """What was entered for several records at once; those that change.

    All are written before they are checked, so that none is checked against what another is not any more.
    """
    unit, spec, writer = step.unit, step.spec, Writer(step.caller)
    changes: list[tuple[Row, Row]] = []
    for before in await step.targets(sorted(raws), "update"):
        changed = _differences(step, writer, before, raws[before["id"]])
        if changed:
            changes.append((before, await _completed(step, writer, before, changed)))
    if not changes:
        return []
    placed = [bool((PLACEMENT | {spec.meta.part_of}) & changed.keys()) for _, changed in changes]
    afters = await step.store_all(changes)
    pairs = [(before, after) for (before, _), after in zip(changes, afters, strict=True)]
    for before, after in pairs:
        await step.check(before, after)
        step.tell_change("update", before, after)
    moved = [after for after, one in zip(afters, placed, strict=True) if one]
    if moved:
        await _stay_inside(step, moved)
    await step.settle_all(pairs)
    return await unit.locked(spec, [after["id"] for after in afters])


async def change_by_code(step: Step, record: UUID, raw: Mapping[str, object], version: int | None = None) -> Row:
    """What a plugin's code changes: of a record that it was granted any field, of another what its caller might."""
    unit, spec = step.unit, step.spec
    (before,) = await unit.locked(spec, [record])
    granted = unit.free(spec, before)
    if not granted:
        await step.targets([record], "update")
    writer = Writer(step.caller, code=True, free=granted or step.caller.policy.everything)
    changed = _differences(step, writer, before, raw)
    if changed and version is not None and version != before["version"] and not unit.granted(spec.label, record):
        raise Overtaken(f"{spec.label} {record} was changed since it was read")
    return await _write(step, writer, before, changed)


def _differences(step: Step, writer: Writer, before: Row, raw: Mapping[str, object]) -> Row:
    if step.spec.meta.append_only:
        raise Refused("This is never changed", code="append_only")
    if before["archived_at"] is not None:
        raise Refused("It is in the recycle bin; restore it first", code="archived")
    given = entered(step.unit.registry, writer, step.spec, raw)
    return {name: value for name, value in given.items() if before[name] != value}


async def _write(step: Step, writer: Writer, before: Row, changed: Row) -> Row:
    if not changed:
        return before
    unit, spec = step.unit, step.spec
    changed = await _completed(step, writer, before, changed)
    await step.check(before, before | changed)
    after = await step.store(before, changed)
    if (PLACEMENT | {spec.meta.part_of}) & changed.keys() and not writer.free:
        await _stay_inside(step, [after])
    step.tell_change("update", before, after)
    await step.settle(before, after)
    return (await unit.locked(spec, [after["id"]]))[0]


async def _completed(step: Step, writer: Writer, before: Row, changed: Row) -> Row:
    """What changes, its links seen by the writer, with what the plugin adds and the department of a new owner."""
    unit, spec = step.unit, step.spec
    await unit.check_links(writer, spec, {name: changed[name] for name in spec.links if name in changed})
    changed = changed | await step.complete(before, before | changed)
    if changed.get("owner") is not None:
        changed = await unit.owner(changed["owner"]) | changed
    return changed


async def _stay_inside(step: Step, rows: Sequence[Row]) -> None:
    if not await step.unit.reaching.within(step.caller, step.spec, step.permission("update"), rows):
        raise Refused("You could not change it afterwards; transfer it instead", code="out_of_scope")


async def transfer(step: Step, ids: Sequence[UUID], owner: UUID) -> list[Row]:
    """Give records to another owner; the department follows his. They may leave the caller's reach: that is meant."""
    unit, spec = step.unit, step.spec
    if spec.parent:
        raise Refused("It belongs to what it is a part of; transfer that instead", code="part")
    if spec.meta.append_only:
        raise Refused("This is never changed", code="append_only")
    rows = await step.targets(ids, "transfer")
    placed = await unit.owner(owner)
    await unit.check_links(Writer(step.caller), spec, {"owner": owner})
    for before in rows:
        if before["archived_at"] is not None:
            raise Refused("It is in the recycle bin; restore it first", code="archived")
        changed = {name: value for name, value in placed.items() if before[name] != value}
        if changed:
            after = await step.store(before, changed)
            step.tell_change("transfer", before, after)
            await step.settle(before, after)
    return await unit.locked(spec, ids)
