"""Into the recycle bin, out of it, and away for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from core.access import Caller
from core.changes import title_of
from core.codec import plain
from core.conditions import Compare, Op
from core.database import KEY
from core.errors import Forbidden, Refused, UnknownField
from core.fields import Kind
from core.inside import column
from core.query import Archived
from core.reading import confirmed
from core.registry import FieldSpec, ModelSpec
from core.rows import delete
from core.writing import Row, Step, Unit

NAMED = 5
KEPT_BESIDE = ("core_file", "core_share")
"""Tables whose rows belong to a record by its id."""


async def archive(step: Step, record: UUID) -> Row:
    """Put a record and its parts into the recycle bin; what is there already stays as it is."""
    return (await archive_all(step, [record]))[0]


async def archive_all(step: Step, records: Sequence[UUID]) -> list[Row]:
    """Put records and their parts into the recycle bin together."""
    unit, spec = step.unit, step.spec
    present = [row for row in await _targets(step, records, "archive") if row["archived_at"] is None]
    if present:
        afters = await step.store_all([(row, {"archived_at": unit.now}) for row in present])
        pairs = list(zip(present, afters, strict=True))
        for before, after in pairs:
            step.tell_change("archive", before, after)
        await _move_parts(step, [row["id"] for row in afters], None, unit.now)
        await step.settle_all(pairs)
    return await unit.locked(spec, records)


async def restore(step: Step, record: UUID) -> Row:
    """Take a record out of the recycle bin, with the parts that went there with it."""
    unit, spec = step.unit, step.spec
    before = await _target(step, record, "archive")
    if before["archived_at"] is None:
        return before
    if spec.parent:
        (whole,) = await unit.locked(unit.registry.models[spec.parent], [before[str(spec.meta.part_of)]])
        if whole["archived_at"] is not None:
            raise Refused("Restore what it is a part of first", code="archived")
    after = await step.store(before, {"archived_at": None})
    step.tell_change("restore", before, after)
    await _move_parts(step, [record], before["archived_at"], None)
    await step.settle(before, after)
    return after


async def purge(step: Step, record: UUID) -> None:
    """Delete an archived record and its parts for good; `Refused` names what still links to them."""
    unit, spec = step.unit, step.spec
    row = await _target(step, record, "purge")
    if row["archived_at"] is None:
        raise Refused("Archive it first", code="not_archived")
    doomed = await _with_parts(unit, spec, [record])
    await _refuse_linked(unit, step.caller, doomed)
    for one, ids in doomed:
        for gone in await unit.locked(one, ids):
            Step(unit, step.caller, one).tell("purge", gone)
    for one, ids in reversed(doomed):
        for table in KEPT_BESIDE:
            await _delete_beside(unit, table, one, ids)
        for part in ids:
            await delete(unit.connection, one, part)
            unit.forget(one, part)


async def _target(step: Step, record: UUID, verb: str) -> Row:
    return (await _targets(step, [record], verb))[0]


async def _targets(step: Step, records: Sequence[UUID], verb: str) -> list[Row]:
    rows = await step.targets(records, verb)
    if step.spec.meta.append_only:
        raise Refused("This is never changed", code="append_only")
    return rows


# Parts --------------------------------------------------------------------------------------------------------------


def parts_of(unit: Unit, spec: ModelSpec) -> Iterator[tuple[ModelSpec, FieldSpec]]:
    """The models whose records are parts of this one's, with their links to it."""
    for one in unit.registry.models.values():
        if one.parent == spec.label:
            yield one, one.fields[str(one.meta.part_of)]


async def _move_parts(step: Step, wholes: Sequence[UUID], before: datetime | None, after: datetime | None) -> None:
    """Parts go with their whole; at a restoration those alone that went with it. Each is told, as any change is."""
    unit, dialect = step.unit, step.unit.connection.dialect
    for part, link in parts_of(unit, step.spec):
        values: list[object] = [plain(dialect, Kind.MOMENT, 0, after)]
        was = "IS NULL"
        if before is not None:
            values.append(plain(dialect, Kind.MOMENT, 0, before))
            was = f"= {dialect.place(2)}"
        first = len(values) + 1
        values += [plain(dialect, Kind.ID, 0, one) for one in wholes]
        places = ", ".join(dialect.place(number) for number in range(first, len(values) + 1))
        sql = (
            f"UPDATE {part.table} SET archived_at = {dialect.place(1)}, version = version + 1"
            f" WHERE {link.column} IN ({places}) AND archived_at {was} RETURNING id"
        )
        moved = [UUID(str(row[0])) for row in await unit.connection.rows(KEY, sql, values)]
        for one in moved:
            unit.forget(part, one)
        if moved:
            below = Step(unit, step.caller, part)
            for row in await unit.locked(part, sorted(moved)):
                below.tell_change("archive" if after else "restore", row | {"archived_at": before}, row)
            await _move_parts(below, moved, before, after)


async def _with_parts(unit: Unit, spec: ModelSpec, ids: Sequence[UUID]) -> list[tuple[ModelSpec, Sequence[UUID]]]:
    """Records and, behind them, their parts."""
    found: list[tuple[ModelSpec, Sequence[UUID]]] = [(spec, ids)]
    for part, link in parts_of(unit, spec):
        below = await _pointing(unit, part, link, ids)
        found += await _with_parts(unit, part, below) if below else []
    return found


# Links --------------------------------------------------------------------------------------------------------------


async def _pointing(unit: Unit, spec: ModelSpec, link: FieldSpec, ids: Sequence[UUID]) -> list[UUID]:
    """The records whose link points at some others."""
    dialect = unit.connection.dialect
    places = ", ".join(dialect.place(number) for number in range(1, len(ids) + 1))
    values = [plain(dialect, Kind.ID, 0, one) for one in ids]
    sql = f"SELECT id FROM {spec.table} WHERE {column(dialect, spec.table, link)} IN ({places}) ORDER BY id"
    return [UUID(str(row[0])) for row in await unit.connection.rows(KEY, sql, values)]


async def _refuse_linked(unit: Unit, caller: Caller, doomed: Sequence[tuple[ModelSpec, Sequence[UUID]]]) -> None:
    gone = {one.label: set(ids) for one, ids in doomed}
    names: list[str] = []
    hidden = False
    for target, ids in doomed:
        for source in unit.registry.models.values():
            for link in source.links.values():
                if link.target == target.label:
                    left = set(await _pointing(unit, source, link, ids)) - gone.get(source.label, set())
                    seen = await _names(unit, caller, source, left) if left else []
                    names += seen
                    hidden = hidden or len(seen) < len(left)
    if names or hidden:
        shown = [*dict.fromkeys(names)][:NAMED]
        if hidden or len(names) > NAMED:
            shown.append("…")
        raise Refused("Still linked from %(names)s", code="linked", names=", ".join(shown))


async def _names(unit: Unit, caller: Caller, source: ModelSpec, ids: set[UUID]) -> list[str]:
    """The records among some that the caller may see, by title and kind."""
    if source.meta.internal:
        return []
    where = Compare("id", Op.IN, tuple(sorted(ids)))
    try:
        found = await unit.reader.records(
            confirmed(caller), source.model, where=where, fields=(source.title,), limit=NAMED, archived=Archived.WITH
        )
    except (Forbidden, UnknownField):
        return []
    return [f"{title_of(source, {name: one.value(name) for name in one.loaded()})} ({source.human})" for one in found]


async def _delete_beside(unit: Unit, table: str, spec: ModelSpec, ids: Sequence[UUID]) -> None:
    dialect = unit.connection.dialect
    places = ", ".join(dialect.place(number) for number in range(2, len(ids) + 2))
    sql = f"DELETE FROM {table} WHERE model = {dialect.place(1)} AND record IN ({places})"
    await unit.connection.run(KEY, sql, [spec.label, *(str(one) for one in ids)])
