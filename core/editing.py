"""One change to many records: seen before it is made, done whole or refused whole, or without what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.changes import changes_between, json_form, title_of
from core.changing import change
from core.conditions import Condition
from core.database import UniqueViolation
from core.entering import Parsed, Writer, entered
from core.errors import Forbidden, Problem, Refused
from core.model import Model
from core.reading import confirmed
from core.registry import ModelSpec
from core.writing import Row, Step, TakenBack, Unit

MOST = 2_000
BATCH = 100
SHOWN = 20
EXAMPLES = 5

BEYOND = Problem("You may not change it", code="forbidden")
TAKEN = Problem("There is one like this already", code="taken")


@dataclass(frozen=True)
class Edit:
    """New values for some fields of many records: those that are named, or all that a condition finds.

    - `leave`: change what can be changed, and leave the rest; else it is all or nothing.
    - `preview`: find out what would happen, and change nothing.
    - `seen`: the mark of the preview that was looked at; what differs from it by now is refused.
    """

    model: type[Model]
    values: Mapping[str, object]
    ids: Sequence[UUID] = ()
    where: Condition | None = None
    leave: bool = False
    preview: bool = False
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A record that changes, and both values of its fields."""

    record: UUID
    title: str
    changes: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that stays as it is, and why."""

    record: UUID
    title: str
    problems: Sequence[Problem]


@dataclass
class Edited:
    """What became of many records, or would. Unless `written`, nothing was changed; `mark` names what was found."""

    changed: int = 0
    same: int = 0
    refused: int = 0
    written: bool = False
    mark: str = ""
    ids: list[UUID] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


async def edit(unit: Unit, caller: Caller, job: Edit) -> Edited:
    """Change many records; raises `TakenBack` where nothing is to be written."""
    spec = unit.registry.spec(job.model)
    step = Step(unit, caller, spec)
    caller.require(step.permission("update"))
    values = Parsed(entered(unit.registry, Writer(caller), spec, job.values))
    if not values:
        raise Refused("Choose at least one field", code="required")
    editor = _Editor(step, values)
    ids = sorted({*job.ids}) if job.where is None else await _found(unit, caller, spec, job.where)
    if len(ids) > MOST:
        raise Refused("At most %(most)s records at once; narrow the filter", code="too_many", most=MOST)
    for start in range(0, len(ids), BATCH):
        await editor.take(ids[start : start + BATCH])
    report = editor.finished()
    if job.seen and job.seen != report.mark:
        raise Refused("Some of these records were changed since you looked; look again", code="changed")
    report.written = bool(report.changed) and not job.preview and (job.leave or not report.refused)
    if not report.written:
        raise TakenBack(report)
    return report


async def _found(unit: Unit, caller: Caller, spec: ModelSpec, where: Condition) -> list[UUID]:
    rows = await unit.reader.records(confirmed(caller), spec.model, where=where, fields=("version",), limit=MOST + 1)
    return sorted(one.value("id") for one in rows)


class _Editor:
    """Goes through the records, batch by batch."""

    def __init__(self, step: Step, values: Parsed) -> None:
        self.step = step
        self.values = values
        self.report = Edited()
        self._mark = sha256()

    async def take(self, ids: Sequence[UUID]) -> None:
        """Change a batch; where that is refused, one by one, so that each tells its own reason."""
        unit, spec = self.step.unit, self.step.spec
        for row in await unit.locked(spec, ids):
            former = [json_form(row[name]) for name in sorted(self.values)]
            self._mark.update(orjson.dumps([str(row["id"]), former]))
        try:
            async with unit.part():
                await self.step.targets(ids, "update")
                pairs = [await self._one(one) for one in ids]
        except (Refused, Forbidden, UniqueViolation):
            for one in ids:
                await self._alone(one)
        else:
            for before, after in pairs:
                self._count(before, after)

    async def _alone(self, record: UUID) -> None:
        unit = self.step.unit
        try:
            async with unit.part():
                before, after = await self._one(record)
        except (Refused, Forbidden, UniqueViolation) as refusal:
            self.report.refused += 1
            if len(self.report.kept) < SHOWN:
                (row,) = await unit.locked(self.step.spec, [record])
                self.report.kept.append(Kept(record, self._title(row), _reasons(refusal)))
        else:
            self._count(before, after)

    async def _one(self, record: UUID) -> tuple[Row, Row]:
        (before,) = await self.step.targets([record], "update")
        return before, await change(self.step, record, self.values)

    def _count(self, before: Row, after: Row) -> None:
        if after["version"] == before["version"]:
            self.report.same += 1
            return
        self.report.changed += 1
        self.report.ids.append(before["id"])
        if len(self.report.examples) < EXAMPLES:
            spec, hidden = self.step.spec, self.step.caller.policy.hidden
            changes = changes_between(spec, before, after)
            shown = {name: both for name, both in changes.items() if f"{spec.label}.{name}" not in hidden}
            self.report.examples.append(Example(before["id"], self._title(before), shown))

    def _title(self, row: Row) -> str:
        spec = self.step.spec
        hidden = f"{spec.label}.{spec.title}" in self.step.caller.policy.hidden
        return str(row["id"]) if hidden else title_of(spec, row)

    def finished(self) -> Edited:
        """What became of them all."""
        self.report.mark = self._mark.hexdigest()[:32]
        return self.report


def _reasons(refusal: Exception) -> Sequence[Problem]:
    if isinstance(refusal, Refused):
        return refusal.problems
    return (TAKEN,) if isinstance(refusal, UniqueViolation) else (BEYOND,)
