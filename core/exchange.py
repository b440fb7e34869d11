"""Import and export: files in and out, as their caller may read and write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.errors import Problem, Refused
from core.exporting import Export, Exporter, Format, csv_blocks, xlsx_blocks
from core.findings import Report
from core.ids import new_id
from core.import_plan import ImportPlan, plan_import
from core.import_rows import Draft
from core.import_runs import KeptRun, find_run, keep_run, take_turn
from core.import_undo import Undo, UndoReport, undo
from core.importing import Importer, seldom_collected
from core.journal import Told
from core.mapping import ImportMap, guessed
from core.operations import Operations
from core.reading import Reader, confirmed
from core.refusals import Refusals, Words, in_english
from core.registry import ModelSpec
from core.tables import Table, open_table
from core.workbooks import LARGEST_SHEET, too_many
from core.writing import Step, TakenBack, Unit


@dataclass(frozen=True)
class Import:
    """A file to be imported.

    - `mapping`: which column goes where; without one, columns are called as their fields are.
    - `dry_run`: find out what would happen, and change nothing.
    - `good_rows`: import the rows that can be, though others cannot; else a file is imported wholly or not at all.
    - `errors`: where to put the rows that were refused, with their problems: CSV files or workbooks by their names.
    - `words`: how a problem is told there.
    - `progress`: is told how many rows are done, of about how many.
    - `run`: the id by which it is known afterwards, and undone.
    """

    model: str
    path: Path
    name: str = ""
    mapping: ImportMap | None = None
    dry_run: bool = False
    good_rows: bool = False
    errors: Sequence[Path] = ()
    words: Words = in_english
    progress: Callable[[int, int], None] | None = None
    run: UUID = field(default_factory=new_id)

    @property
    def called(self) -> str:
        """The name of the file for people."""
        return self.name or self.path.name


class Exchange:
    """Imports and exports of one app."""

    def __init__(self, reader: Reader, operations: Operations) -> None:
        self.reader = reader
        self.operations = operations
        self.registry = reader.registry
        self._turn = asyncio.Lock()

    # Import

    async def plan(self, caller: Caller, job: Import) -> tuple[Table, ImportPlan]:
        """The opened file and what would be done with its rows; `Refused` names what does not fit."""
        spec = self.registry.spec(job.model)
        caller.require(self.registry.permission(spec, "import"))
        options = job.mapping or ImportMap(fields={})
        table = await asyncio.to_thread(
            open_table, job.path, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet
        )
        mapping = job.mapping or self._guessed(spec, table.columns)
        return table, plan_import(self.registry, caller, spec, mapping, table.columns)

    def _guessed(self, spec: ModelSpec, columns: Sequence[str]) -> ImportMap:
        mapping, unknown = guessed(self.registry, spec, columns)
        if unknown:
            message = "No field is called %(column)s; map the column, or leave it out"
            raise Refused(problems=[Problem(message, one, "unknown_column", (("column", one),)) for one in unknown])
        return mapping

    async def run(self, caller: Caller, job: Import) -> Report:
        """Import a file. Unless the report says `written`, nothing was changed."""
        named = replace(caller, reason=f"import of {job.called}")
        report: Report
        try:
            async with self._turn:
                with seldom_collected():
                    report = await self.operations.unit(named, lambda unit, who: self._body(unit, who, job))
        except TakenBack as taken:
            report = taken.report
            return report
        report.written = bool(report.created or report.updated)
        return report

    async def _body(self, unit: Unit, caller: Caller, job: Import) -> Report:
        await take_turn(unit.connection)
        table, plan = await self.plan(caller, job)
        with Refusals(job.errors, table.columns, job.words) as refusals:

            def tell(done: int, refused: Sequence[Draft]) -> None:
                refusals.write(refused)
                if job.progress:
                    job.progress(done, max(table.lines, done))

            report = await Importer(unit, caller, plan).run(table, tell)
        if job.dry_run or (report.refused and not job.good_rows):
            raise TakenBack(report)
        if report.created or report.updated:
            kept = KeptRun(job.run, job.called, table.columns, job.mapping)
            await keep_run(Step(unit, caller, plan.spec), kept, report)
        return report

    async def undo(self, caller: Caller, job: Undo) -> UndoReport:
        """Take an import back. Unless the report says `written`, nothing was changed."""
        run = await find_run(self.reader, caller, job.run)
        named = replace(caller, reason=f"undo of the import of {run.file}")
        report: UndoReport
        try:
            async with self._turn:
                with seldom_collected():
                    report = await self.operations.unit(named, lambda unit, who: self._undo(unit, who, job))
        except TakenBack as taken:
            report = taken.report
            return report
        report.written = True
        return report

    async def _undo(self, unit: Unit, caller: Caller, job: Undo) -> UndoReport:
        await take_turn(unit.connection)
        report = await undo(unit, caller, job)
        if job.dry_run or (report.kept and not job.leave):
            raise TakenBack(report)
        return report

    # Export

    async def export(self, caller: Caller, export: Export, form: Format = Format.CSV) -> AsyncIterator[bytes]:
        """A file of the records that the caller may export, in blocks; that it was asked for stands in the audit."""
        spec = self.registry.spec(export.model)
        caller.require(self.registry.permission(spec, "export"))
        exporter = Exporter(self.reader, caller, export)
        await self.operations.unit(caller, lambda unit, who: self._remember(unit, who, exporter, form))
        return csv_blocks(exporter) if form is Format.CSV else xlsx_blocks(exporter)

    async def count(self, caller: Caller, export: Export) -> int:
        """How many records an export would hold."""
        caller.require(self.registry.permission(self.registry.spec(export.model), "export"))
        answer = orjson.loads(await self.reader.answer(caller, Exporter(self.reader, caller, export).count()))
        return int(answer["rows"][0]["n"])

    async def _remember(self, unit: Unit, caller: Caller, exporter: Exporter, form: Format) -> None:
        counted = orjson.loads(await unit.reader.answer(confirmed(caller), exporter.count()))
        records = counted["rows"][0]["n"]
        if form is Format.XLSX and records > LARGEST_SHEET:
            raise too_many()
        told: Mapping[str, Any] = {
            "format": form.value,
            "records": records,
            "columns": [column.name for column in exporter.columns],
            "filter": str(exporter.export.where),
        }
        changes = {name: [None, value] for name, value in told.items()}
        unit.journal.tell(Told("export", exporter.spec.label, reason=caller.reason, changes=changes, news=False))
