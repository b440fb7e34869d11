"""Taking changes back: what the audit tells of them is undone through the doors that they came by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.access import Caller, system
from core.audit import Entry
from core.changes import json_form
from core.changing import change, transfer
from core.conditions import Compare, Condition, Op
from core.entering import KERNELS, PLACEMENT
from core.errors import Conflict, NotFound, Refused
from core.fields import Kind
from core.lifecycle import archive, restore
from core.registry import ModelSpec
from core.writing import Row, Step, Unit

MOST = 4_000
RECENT = 20_000
"""So many entries of the audit are looked through for what a request did; later it is undone record by record."""
CHANGES = frozenset({"update", "transfer"})
REVERSED = CHANGES | {"archive", "restore", "create"}
FIELDS = ("number", "verb", "model", "record", "reason", "changes")
REASON = "undo"


@dataclass
class Trace:
    """What was done to a record: the verbs in their order, and both values of each field that came to be other."""

    spec: ModelSpec
    record: UUID
    verbs: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: records of which model."""

    model: str
    ids: tuple[UUID, ...]


def revertible(spec: ModelSpec, verb: str, changes: Mapping[str, Sequence[Any]]) -> bool:
    """Whether an entry of the history tells of something that a form could put back."""
    return verb in CHANGES and any(_enterable(spec, name) for name in changes)


async def did(unit: Unit, caller: Caller, request: str, most: int = 1) -> list[Entry]:
    """What the caller did in a request of late, by its id."""
    newest = await _entries(unit, Compare("user", Op.EQ, caller.user_id), 1)
    since = newest[0].number - RECENT if newest else 0
    recent = Compare("number", Op.GT, since) & Compare("request", Op.EQ, request)
    return await _entries(unit, recent & Compare("user", Op.EQ, caller.user_id), most)


async def undo(unit: Unit, caller: Caller, request: str) -> Undone:
    """Take back all that the caller did in one request, or nothing of it."""
    found = await did(unit, caller, request, MOST)
    # What plugins do beside a change, with a reason, follows from its undoing; an import has a way back of its own.
    own = [one for one in found if one.model and one.record and one.reason in (None, "", REASON)]
    traces = _traces(unit, own)
    if not found:
        raise NotFound
    if not traces:
        raise Refused("This cannot be taken back", code="not_undoable")
    for one in traces:
        try:
            await _take_back(Step(unit, caller, one.spec), one)
        except Conflict as conflict:
            raise Refused("Someone changed this since. Nothing was taken back", code="changed") from conflict
    first = traces[0].spec.label
    return Undone(first, tuple(one.record for one in traces if one.spec.label == first))


async def revert(step: Step, record: UUID, number: int) -> Row:
    """Put back what one entry of a record's history changed."""
    await step.targets([record], "read")
    of_it = Compare("model", Op.EQ, step.spec.label) & Compare("record", Op.EQ, str(record))
    found = await _entries(step.unit, of_it & Compare("number", Op.EQ, number), 1)
    if not found:
        raise NotFound
    (entry,) = found
    if entry.verb not in CHANGES:
        raise Refused("This cannot be taken back", code="not_undoable")
    (trace,) = _traces(step.unit, found)
    hidden = step.caller.policy.hidden
    trace.before = {name: one for name, one in trace.before.items() if f"{step.spec.label}.{name}" not in hidden}
    await _take_back(step, trace)
    return (await step.unit.locked(step.spec, [record]))[0]


async def _entries(unit: Unit, where: Condition, limit: int) -> list[Entry]:
    return await unit.reader.records(system("undo"), Entry, where=where, order=("-number",), limit=limit, fields=FIELDS)


def _traces(unit: Unit, entries: Sequence[Entry]) -> list[Trace]:
    """What entries tell of each record that people may change, in the order in which it was done."""
    found: dict[tuple[str, UUID], Trace] = {}
    for one in reversed(entries):
        spec = unit.registry.models[str(one.model)]
        if spec.meta.internal or spec.meta.append_only:
            continue  # what plugins note of a change they note of its undoing, too
        if one.verb not in REVERSED:
            raise Refused("This cannot be taken back", code="not_undoable")
        record = UUID(one.record)
        trace = found.setdefault((spec.label, record), Trace(spec, record))
        trace.verbs.append(one.verb)
        for name, both in one.changes.items() if one.verb in CHANGES else ():
            if _enterable(spec, name):
                trace.before.setdefault(name, both[0])
                trace.after[name] = both[1]
    return list(found.values())


def _enterable(spec: ModelSpec, name: str) -> bool:
    """Whether a form could have the field; what plugins work out themselves follows from the rest."""
    one = spec.fields.get(name)
    odd = (Kind.SECRET, Kind.DATA)
    if one is None or name in KERNELS or one.kind in odd:
        return False
    return name in PLACEMENT or not one.traits.readonly


async def _take_back(step: Step, trace: Trace) -> None:
    first, last = trace.verbs[0], trace.verbs[-1]
    if first == "create":
        await archive(step, trace.record)
        return
    if last in ("archive", "restore"):
        await (restore if last == "archive" else archive)(step, trace.record)
    if not trace.before:
        return
    (row,) = await step.targets([trace.record], "transfer" if first == "transfer" else "update")
    theirs = {name: row[name] for name in trace.before if json_form(row[name]) != trace.after[name]}
    if theirs:
        raise Conflict(theirs, {name: trace.before[name] for name in theirs})
    owner = trace.before.get("owner")
    if first == "transfer" and owner is not None:
        await transfer(step, [trace.record], UUID(owner))
        return
    wanted = dict(trace.before)
    if owner is not None:
        wanted.pop("department", None)  # it follows the owner
    await change(step, trace.record, wanted)
