"""Taking an import back: what it made goes into the recycle bin, what it changed becomes what it was before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from core.access import Caller, system
from core.audit import Entry
from core.changing import change_all
from core.conditions import Compare, Op
from core.database import UniqueViolation
from core.errors import Forbidden, NotFound, Problem, Refused
from core.fields import Kind
from core.import_runs import ImportRun
from core.importing import parted
from core.journal import Told
from core.lifecycle import archive_all
from core.mapping import given
from core.query import Archived
from core.registry import ModelSpec
from core.rows import load, update
from core.storage import CREATORS
from core.writing import Row, Step, Unit

BATCH = 500
JOURNAL = 50_000
SHOWN = 500

GONE = Problem("It was removed for good", code="gone")
BINNED = Problem("It was put into the recycle bin since", code="archived")
CHANGED = Problem("It was changed since", code="changed")
LINKED = Problem("Something that was written since belongs to it", code="linked")
BEYOND = Problem("You may not change it", code="forbidden")
TAKEN = Problem("There is one like this already", code="taken")


@dataclass(frozen=True)
class Undo:
    """An import to be taken back.

    - `leave`: take back what can be, and leave the rest; else it is all or nothing.
    - `dry_run`: find out what would happen, and change nothing.
    - `progress`: is told how many entries are done, of how many.
    """

    run: UUID
    leave: bool = False
    dry_run: bool = False
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A record that stays as it is, and why; it is called as the import called it."""

    model: str
    record: UUID
    title: str
    problem: Problem


@dataclass
class UndoReport:
    """What became of an import that was to be taken back. Unless `written`, nothing was changed.

    `archived` are records that it had made, `restored` such as it had changed, `kept` those that stay.
    """

    archived: int = 0
    restored: int = 0
    kept: int = 0
    written: bool = False
    left: list[Left] = field(default_factory=list)

    def leave(self, one: Left) -> None:
        """A record stays as it is."""
        self.kept += 1
        if len(self.left) < SHOWN:
            self.left.append(one)


@dataclass
class Trace:
    """What an import did to a record: made it, or changed some fields, here with the values that they had before."""

    record: UUID
    title: str
    made: bool = False
    before: dict[str, Any] = field(default_factory=dict)


async def undo(unit: Unit, caller: Caller, job: Undo) -> UndoReport:
    """Take back what an import wrote, as far as nobody has touched it since."""
    runs = unit.registry.spec(ImportRun)
    (row,) = await load(unit.connection, runs, [job.run])
    spec = unit.registry.spec(row["model"])
    caller.require(unit.registry.permission(spec, "import"))
    if row["undone_at"] is not None:
        raise Refused("This import was undone already", code="undone")
    report = await Undoer(unit, caller, spec, row).run(job.progress)
    await update(unit.connection, runs, job.run, {"undone_at": unit.now, "updated_by": caller.user_id})
    told = {"archived": report.archived, "restored": report.restored, "left": report.kept}
    changes = {name: [None, value] for name, value in told.items()}
    unit.journal.tell(Told("undo_import", spec.label, None, row["file"], caller.reason, changes, news=False))
    return report


class Undoer:
    """Goes back through the entries of an import, the last one first, batch by batch."""

    def __init__(self, unit: Unit, caller: Caller, spec: ModelSpec, run: Row) -> None:
        self.unit = unit
        self.unit.importing = True  # what is put back is taken as it was
        self.caller = caller
        self.spec = spec
        self.at: datetime = run["created_at"]
        self.first: int = run["first_entry"]
        self.last: int = run["last_entry"]
        self.report = UndoReport()

    async def run(self, tell: Callable[[int, int], None] | None) -> UndoReport:
        """Take everything back; the report lists what stays."""
        before = self.last + 1
        while entries := await self._entries(before):
            before = entries[-1].number
            for label, traces in _by_model(entries).items():
                await self._take_back(self.unit.registry.models[label], list(traces.values()))
            if len(self.unit.journal.told) > JOURNAL:
                await self.unit.flush(self.caller)
            if tell:
                tell(self.last + 1 - before, self.last + 1 - self.first)
        return self.report

    async def _entries(self, before: int) -> Sequence[Entry]:
        numbers = (Compare("number", Op.GTE, self.first), Compare("number", Op.LT, before))
        return await self.unit.reader.records(
            system("undo"),
            Entry,
            where=numbers[0] & numbers[1],
            order=("-number",),
            limit=BATCH,
            fields=("number", "verb", "model", "record", "title", "changes"),
        )

    async def _take_back(self, spec: ModelSpec, traces: Sequence[Trace]) -> None:
        """Take back what was done to records of one model."""
        traces = [one for one in traces if self._concerns(spec, one)]
        rows = {row["id"]: row for row in await load(self.unit.connection, spec, sorted(one.record for one in traces))}
        wholes = await self._made_wholes(spec, rows.values())
        sound: list[Trace] = []
        for one in traces:
            row = rows.get(one.record)
            if row is not None and row.get(str(spec.meta.part_of)) in wholes:
                continue  # it goes, or stays, with what it is a part of
            if one.made and (row is None or row["archived_at"] is not None):
                continue  # it is gone already
            fault = self._touched(row)
            if fault:
                self._leave(spec, one, fault)
            else:
                sound.append(one)
        linked = await self._linked(spec, [one.record for one in sound if one.made])
        for one in sound:
            if one.record in linked:
                self._leave(spec, one, LINKED)
        await self._write(spec, [one for one in sound if one.record not in linked])

    def _concerns(self, spec: ModelSpec, one: Trace) -> bool:
        """Whether it is to be taken back: what plugins counted or noted themselves follows from the rest."""
        if spec.meta.internal or spec.meta.append_only:
            return False
        if one.made:
            return True
        own = self.spec.label in (spec.label, spec.parent)
        odd = (Kind.SECRET, Kind.DATA)
        one.before = {
            name: value
            for name, value in one.before.items()
            if own and name in spec.fields and given(spec, name) and spec.fields[name].kind not in odd
        }
        return bool(one.before)

    def _touched(self, row: Mapping[str, Any] | None) -> Problem | None:
        """What happened to a record since: all that the import wrote bears its moment."""
        if row is None:
            return GONE
        if row["archived_at"] is not None:
            return BINNED
        return CHANGED if row["updated_at"] != self.at else None

    async def _made_wholes(self, spec: ModelSpec, rows: Iterable[Row]) -> set[UUID]:
        """Of what rows are parts of, that which the import made as well."""
        if spec.parent is None:
            return set()
        ids = sorted({row[str(spec.meta.part_of)] for row in rows})
        wholes = await load(self.unit.connection, self.unit.registry.models[spec.parent], ids, lock=False)
        return {row["id"] for row in wholes if row["created_at"] == self.at}

    async def _linked(self, spec: ModelSpec, ids: Sequence[UUID]) -> set[UUID]:
        """The records that something links to which was written after the import."""
        found: set[UUID] = set()
        for source in self.unit.registry.surfaced() if ids else ():
            for link in source.links.values():
                if link.target != spec.label or link.name in CREATORS:
                    continue
                where = Compare(link.name, Op.IN, tuple(ids)) & Compare("updated_at", Op.GT, self.at)
                later = await self.unit.reader.records(
                    system("undo"), source.model, where=where, fields=(link.name,), archived=Archived.WITHOUT
                )
                found |= {one.value(link.name).value("id") for one in later}
        return found

    async def _write(self, spec: ModelSpec, traces: Sequence[Trace]) -> None:
        """Take back together; where that is refused, in smaller parts, until one tells its own reason."""
        if not traces:
            return
        try:
            async with self.unit.part():
                await self._write_all(Step(self.unit, self.caller, spec), traces)
        except (Refused, Forbidden, NotFound, UniqueViolation) as refusal:
            if len(traces) == 1:
                self._leave(spec, traces[0], _reason(refusal))
                return
            for some in parted(traces):
                await self._write(spec, some)
            return
        made = sum(one.made for one in traces)
        self.report.archived += made
        self.report.restored += len(traces) - made

    async def _write_all(self, step: Step, traces: Sequence[Trace]) -> None:
        made = [one.record for one in traces if one.made]
        if made:
            await archive_all(step, made)
        before = {one.record: one.before for one in traces if not one.made}
        if before:
            await change_all(step, before)

    def _leave(self, spec: ModelSpec, one: Trace, problem: Problem) -> None:
        self.report.leave(Left(spec.label, one.record, one.title, problem))


def _by_model(entries: Sequence[Entry]) -> dict[str, dict[UUID, Trace]]:
    """What entries, the last one first, tell of the records of each model."""
    found: dict[str, dict[UUID, Trace]] = {}
    for entry in entries:
        if entry.verb not in ("create", "update"):
            continue
        record = UUID(entry.record)
        trace = found.setdefault(str(entry.model), {}).setdefault(record, Trace(record, str(entry.title or "")))
        if entry.verb == "create":
            trace.made = True
        else:
            trace.before |= {name: both[0] for name, both in entry.changes.items()}
    return found


def _reason(refusal: Exception) -> Problem:
    """Why a record stays, as one problem."""
    if isinstance(refusal, Refused):
        return refusal.problems[0]
    return TAKEN if isinstance(refusal, UniqueViolation) else BEYOND
