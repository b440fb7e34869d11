"""Imports: a table's rows become records, or are found to be there already, all in one unit of work."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from core.access import Caller
from core.changes import changes_between, title_of
from core.changing import change_all
from core.creating import create
from core.database import UniqueViolation
from core.entering import Parsed
from core.errors import Problem, Refused
from core.findings import Report
from core.import_links import ImportLinks
from core.import_plan import ImportPlan, Place
from core.import_rows import Draft, Drafter, Key, key_of, same
from core.lookups import Lookups
from core.query import Archived
from core.registry import Back
from core.rows import load
from core.tables import Row, Table
from core.writing import Step, Unit

BATCH = 500
JOURNAL = 50_000
PARTS = 8
SELDOM = 50_000

T = TypeVar("T")
Tell: TypeAlias = Callable[[int, Sequence[Draft]], None]


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows by the batch."""
    while batch := list(islice(rows, BATCH)):
        yield batch


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Python looks for garbage less often: what an import holds is none, and looking takes a quarter of its time."""
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def parted(several: Sequence[T]) -> Iterator[Sequence[T]]:
    """Several in a few parts: one that is refused among many is soon alone."""
    size = -(-len(several) // PARTS)
    for start in range(0, len(several), size):
        yield several[start : start + size]


class Importer:
    """One import on its way through a unit of work, batch by batch."""

    def __init__(self, unit: Unit, caller: Caller, plan: ImportPlan) -> None:
        self.unit = unit
        self.unit.importing = True
        self.caller = caller
        self.plan = plan
        self.report = Report(notes=plan.notes)
        self.lookups = Lookups(unit.reader, caller)
        self.links = ImportLinks(unit, caller, plan, self.lookups)
        self._drafter = Drafter(plan)
        self._refused: list[Draft] = []

    async def run(self, table: Table, tell: Tell) -> Report:
        """Import all rows; `tell` hears after each batch how many rows are done, and which were refused."""
        waiting: list[Draft] = []
        for rows in batches(table.rows):
            self.report.rows += len(rows)
            waiting += await self._batch(rows, patient=True)
            if len(self.unit.journal.told) > JOURNAL:
                await self.unit.flush(self.caller)
            tell(self.report.rows, self._drain())
        while waiting:  # their links lead to rows of this very table
            left = await self._batch([one.row for one in waiting], patient=True)
            waiting = left if len(left) < len(waiting) else await self._batch([one.row for one in left], patient=False)
        tell(self.report.rows, self._drain())
        self.report.groups.sort(key=lambda group: -group.count)
        return self.report

    def _drain(self) -> list[Draft]:
        drained, self._refused = self._refused, []
        return drained

    async def _batch(self, rows: Sequence[Row], *, patient: bool) -> list[Draft]:
        """Import some rows; returns those whose links may yet be made by a later row."""
        drafts = [self._drafter.draft(row) for row in rows]
        waiting = await self.links.resolve(self.plan, drafts, patient=patient)
        held = {id(draft) for draft in waiting}
        ready = [draft for draft in drafts if id(draft) not in held]
        while ready:
            ready, later = first_of_each(ready, self.plan.key)
            await self._recognise(ready)
            await self._write([draft for draft in ready if draft.sound])
            for draft in ready:
                if not draft.sound:
                    self._refused.append(draft)
                    self.report.refuse(draft.all_findings(), self.links.likely)
            ready = later
        return waiting

    # What is there already

    async def _recognise(self, drafts: Sequence[Draft]) -> None:
        """Find the records that drafts are about, by their natural keys."""
        keyed = {key: draft for draft in drafts if draft.sound and (key := key_of(draft, self.plan.key)) is not None}
        found = await self.lookups.find(self.plan.spec, self.plan.key, keyed, archived=Archived.WITH) if keyed else {}
        for key, ids in found.items():
            if len(ids) > 1:
                values = (("count", str(len(ids))),)
                problem = Problem("%(count)s records have this natural key", code="ambiguous", values=values)
                keyed[key].fault(self._place(self.plan.key[0]), problem)
            else:
                keyed[key].id = ids[0]
        if self.plan.key == ("id",):
            for key in keyed.keys() - found.keys():
                keyed[key].fault(self._place("id"), Problem("There is no such record", code="unknown_record"))
        known = {draft.id: draft for draft in drafts if draft.id is not None}
        for row in await load(self.unit.connection, self.plan.spec, sorted(known), lock=False) if known else []:
            self._compare(known[row["id"]], row)

    def _compare(self, draft: Draft, row: Mapping[str, Any]) -> None:
        draft.before = row
        if row["archived_at"] is not None:
            draft.fault(self._place(self.plan.key[0]), Problem("The record is in the recycle bin", code="archived"))
        elif row["updated_at"] == self.unit.now and self._changes(draft):
            problem = Problem("An earlier row says otherwise about this record", code="contradiction")
            draft.fault(self._place(self.plan.key[0]), problem)

    def _changes(self, draft: Draft) -> dict[str, Any]:
        before, fields = draft.before or {}, self.plan.spec.fields
        return {
            name: value
            for name, value in draft.values.items()
            if name != "id" and not same(fields[name], before[name], value)
        }

    def _place(self, name: str, part: ImportPlan | None = None) -> Place:
        """The place that a field comes from; the key's, where a problem is of no field of the row."""
        plan = part or self.plan
        for value in plan.values:
            if value.field.name == name:
                return next(iter(value.places.values()))
        for link in plan.links:
            if link.field.name == name:
                return link.places[-1]
        return Place.nowhere(name)

    # Writing

    async def _write(self, drafts: Sequence[Draft]) -> None:
        """Write drafts together; where one is refused, in smaller parts, until it tells its own reason."""
        changed = [draft for draft in drafts if draft.before is None or draft.parts or self._changes(draft)]
        self.report.unchanged += len(drafts) - len(changed)
        for draft in drafts if len(changed) < len(drafts) and self.report.shows("unchanged") else ():
            if draft not in changed:
                self._show("unchanged", draft)
        if not changed:
            return
        try:
            async with self.unit.part():
                await self._write_all(changed)
        except (Refused, UniqueViolation) as refusal:
            if len(changed) == 1:
                self._explain(changed[0], refusal)
                return
            for some in parted(changed):
                await self._write(some)

    async def _write_all(self, drafts: Sequence[Draft]) -> None:
        made = [draft for draft in drafts if draft.before is None]
        outcome = {"created": len(made), "updated": 0, "unchanged": 0}
        touched: set[int] = set()
        for draft, row in zip(made, await self._create(self.plan, made), strict=True):
            draft.id = row
        known = [draft for draft in drafts if draft.before is not None and self.plan.update]
        changes = {draft.id: Parsed(changed) for draft in known if draft.id and (changed := self._changes(draft))}
        if changes:
            await change_all(Step(self.unit, self.caller, self.plan.spec), changes)
            touched |= {id(draft) for draft in known if draft.id in changes}
        for back, plan in self.plan.parts:
            touched |= await self._write_parts(back, plan, drafts)
        for draft in drafts:
            if draft.before is not None:
                outcome["updated" if id(draft) in touched else "unchanged"] += 1
            if draft.before is None or id(draft) in touched:
                self._show("update" if draft.before else "create", draft)
        self.report.created += outcome["created"]
        self.report.updated += outcome["updated"]
        self.report.unchanged += outcome["unchanged"]

    def _show(self, verb: str, draft: Draft) -> None:
        """Keep a draft as an example of what the file does."""
        if self.report.shows(verb):
            spec, before = self.plan.spec, draft.before or {}
            changes = changes_between(spec, before, self._changes(draft)) if draft.before else {}
            self.report.show(verb, draft.row.number, title_of(spec, {**before, **draft.values}), changes)

    async def _create(self, plan: ImportPlan, drafts: Sequence[Draft]) -> list[UUID]:
        if not drafts:
            return []
        rows = await create(Step(self.unit, self.caller, plan.spec), [Parsed(draft.values) for draft in drafts])
        return [row["id"] for row in rows]

    async def _write_parts(self, back: Back, plan: ImportPlan, drafts: Sequence[Draft]) -> set[int]:
        """Write the parts that rows describe; returns the drafts whose record had others, or none."""
        owned = [(draft, part) for draft in drafts for where, part in draft.parts if where is back]
        for draft, part in owned:
            part.values[back.link] = draft.id
        known = await self._known_parts(back, plan, [part for draft, part in owned if draft.before is not None])
        fresh: list[Draft] = []
        changed: dict[UUID, Parsed] = {}
        touched: set[int] = set()
        for draft, part in owned:
            row = known.get(_part_key(back, plan, part))
            if row is None:
                if draft.before is None or (plan.key and self.plan.update):
                    fresh.append(part)
                    touched.add(id(draft))
                continue
            changes = {
                name: value for name, value in part.values.items() if not same(plan.spec.fields[name], row[name], value)
            }
            if changes and self.plan.update:
                changed[row["id"]] = Parsed(changes)
                touched.add(id(draft))
        if changed:
            await change_all(Step(self.unit, self.caller, plan.spec), changed)
        await self._create(plan, fresh)
        return touched

    async def _known_parts(self, back: Back, plan: ImportPlan, parts: Sequence[Draft]) -> dict[Key, Mapping[str, Any]]:
        if not parts or not plan.key:
            return {}
        wanted = [_part_key(back, plan, part) for part in parts]
        found = await self.lookups.find(plan.spec, (back.link, *plan.key), wanted)
        ids = {ids[0]: key for key, ids in found.items()}
        rows = await load(self.unit.connection, plan.spec, sorted(ids), lock=False) if ids else []
        return {ids[row["id"]]: row for row in rows}

    def _explain(self, draft: Draft, refusal: Refused | UniqueViolation) -> None:
        """Turn the refusal of a row into findings at the columns that its fields came from."""
        draft.id = None
        if isinstance(refusal, UniqueViolation):
            spec = self.plan.spec
            names = [name for name, one in spec.fields.items() if {*one.columns} & {*refusal.columns}]
            place = self._place(names[-1] if names else "")
            draft.fault(place, Problem("There is one like this already", code="taken"))
            return
        for problem in refusal.problems:
            draft.fault(self._place(problem.field or ""), problem)


def first_of_each(drafts: Sequence[Draft], key: Sequence[str]) -> tuple[list[Draft], list[Draft]]:
    """The first draft about each record, and the others, which follow when that is written."""
    first: dict[Key, Draft] = {}
    ready: list[Draft] = []
    later: list[Draft] = []
    for draft in drafts:
        found = key_of(draft, key) if draft.sound else None
        if found is None or found not in first:
            ready.append(draft)
            if found is not None:
                first[found] = draft
        else:
            later.append(draft)
    return ready, later


def _part_key(back: Back, plan: ImportPlan, part: Draft) -> Key:
    return key_of(part, (back.link, *plan.key)) or ()
