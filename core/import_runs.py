"""Imports that were written: who imported which file, what became of its rows, and what the audit tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from core.access import Caller, system
from core.conditions import EVERYTHING, Condition
from core.database import KEY, Connection, Dialect
from core.engines import PATIENCE
from core.errors import NotFound
from core.fields import data, integer, moment, text
from core.findings import Report
from core.ids import born
from core.mapping import ImportMap
from core.model import Meta, Model
from core.reading import Reader
from core.registry import ModelSpec
from core.rows import insert
from core.writing import Step

SHOWN = 20
FIGURES = ("rows", "created", "updated", "unchanged", "refused")


class ImportRun(Model):
    """A file that was imported. Everything that it wrote bears its moment, and stands in its entries of the audit."""

    meta = Meta(title="file", internal=True, indexes=(("model", "created_at"),))

    model = text(120, required=True)
    file = text(255, required=True)
    rows = integer(required=True)
    created = integer(required=True)
    updated = integer(required=True)
    unchanged = integer(required=True)
    refused = integer(required=True)
    first_entry = integer(required=True)
    last_entry = integer(required=True)
    undone_at = moment()
    headings = text(64)
    mapping = data()


@dataclass(frozen=True, slots=True)
class KeptRun:
    """What is kept of an import beside its figures: its id, the file's name and headings, the mapping."""

    run: UUID
    file: str
    columns: Sequence[str]
    mapping: ImportMap | None


async def take_turn(connection: Connection) -> None:
    """Wait, however long, until no other import is under way: two at once would both make what neither finds.

    On SQLite whoever writes is alone anyway.
    """
    if connection.dialect is Dialect.POSTGRES:
        await connection.run(KEY, "SET LOCAL lock_timeout = 0")
        await connection.rows(KEY, "SELECT pg_advisory_xact_lock(hashtext('tradepost imports'))")
        await connection.run(KEY, f"SET LOCAL lock_timeout = '{PATIENCE}s'")


async def keep_run(step: Step, told: KeptRun, report: Report) -> None:
    """Keep an import with what it wrote: until its end nobody else appends to the audit, so its entries are a range."""
    unit, caller = step.unit, step.caller
    await unit.flush(caller)
    ((last,),) = await unit.connection.rows(KEY, "SELECT max(number) FROM core_entry")
    row = born(unit.now, caller.user_id) | {"id": told.run, "model": step.spec.label, "file": told.file[:255]}
    mapping = told.mapping.model_dump(mode="json") if told.mapping else None
    row |= {"undone_at": None, "headings": headings_of(told.columns), "mapping": mapping}
    row |= {name: getattr(report, name) for name in FIGURES}
    row |= {"first_entry": last - unit.entries + 1, "last_entry": last}
    await insert(unit.connection, unit.registry.spec(ImportRun), row)


async def latest_runs(reader: Reader, caller: Caller, spec: ModelSpec | None = None) -> list[ImportRun]:
    """The caller's own imports, of one model or of all, the newest first; administrators see everybody's."""
    where = _visible(caller)
    if spec is not None:
        where &= ImportRun.model.eq(spec.label)
    return await _found(reader, where)


async def find_run(reader: Reader, caller: Caller, run: UUID) -> ImportRun:
    """An import that was written; `NotFound` where it is neither the caller's own nor he an administrator."""
    found = await _found(reader, _visible(caller) & ImportRun.id.eq(run))
    if not found:
        raise NotFound
    return found[0]


async def remembered(reader: Reader, caller: Caller, spec: ModelSpec, columns: Sequence[str]) -> ImportMap | None:
    """The mapping with which the caller imported a file with these headings last; `None` where he did not."""
    mine = ImportRun.created_by.eq(caller.user_id) & ImportRun.model.eq(spec.label)
    found = await _found(reader, mine & ImportRun.headings.eq(headings_of(columns)))
    mapping = found[0].mapping if found else None
    return ImportMap.model_validate(mapping) if mapping else None


def headings_of(columns: Sequence[str]) -> str:
    """The headings of a file, as files of one kind are recognised by: whatever their order is."""
    return sha256("\n".join(sorted(columns)).encode()).hexdigest()


def _visible(caller: Caller) -> Condition:
    return EVERYTHING if caller.policy.everything else ImportRun.created_by.eq(caller.user_id)


async def _found(reader: Reader, where: Condition) -> list[ImportRun]:
    order = ("-created_at",)
    return await reader.records(system("imports"), ImportRun, where=where, order=order, limit=SHOWN)
