"""Creating a record in one statement, where nothing has to be asked in between: rights, row, events and audit together.

On PostgreSQL a unit of work is six round trips; this is one. It does what `creating` does, or nothing at all, and then
the unit of work does it, or says why not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn, cast
from uuid import UUID

from core.access import By, Caller
from core.audit import HEAD, Entry, appending, canonical, entry_row
from core.creating import prepare
from core.database import KEY, Connection, Database, Dialect, LinkViolation, UniqueViolation
from core.events import Event
from core.predicates import Predicates, conjunction
from core.registry import ModelSpec, Registry
from core.rows import Places, column_names, row_values
from core.sql import stamp
from core.writing import Row, Step, Unit, reacts

BEGUN = f"EXISTS (SELECT 1 FROM core_setting WHERE name = '{HEAD}')"
"""Whether the audit has a head to be moved; the first unit of work gives it one."""


class NotAtOnce(BaseException):
    """Something has to be asked first. No plugin's `except Exception` may mistake it for an answer."""


class Unopened:
    """Stands where a transaction would be; whoever asks it anything learns that there is none yet."""

    dialect = Dialect.POSTGRES

    def _ask(self, *_: object, **__: object) -> NoReturn:
        raise NotAtOnce

    rows = run = run_many = part = _ask


class AtOnce:
    """Creates records by one statement each, whose text is made once for each shape."""

    def __init__(self, registry: Registry, database: Database) -> None:
        self._registry = registry
        self._database = database
        self._texts: dict[tuple[object, ...], str] = {}
        self._outbox, self._audit = registry.spec(Event), registry.spec(Entry)

    def transaction(self, caller: Caller, spec: ModelSpec) -> Connection | None:
        """What stands in place of a transaction; `None` where a record of this model needs a real one."""
        if self._database.dialect is not Dialect.POSTGRES or caller.by is By.ANONYMOUS or caller.read_only:
            return None
        if reacts(spec) or spec.plugin == "core" or spec.parent:
            return None
        return cast("Connection", Unopened())

    async def create(self, step: Step, raw: Mapping[str, object], record: UUID | None = None) -> Row | None:
        """The new row, or `None` where it takes a unit of work; then nothing has happened."""
        try:
            (row,) = await prepare(step, [raw], record=record)
            step.tell_change("create", {}, row)
            done = await self._database.once(KEY, *self._statement(step, row))
        except (NotAtOnce, UniqueViolation, LinkViolation):
            return None
        return row if done == 1 else None

    def _statement(self, step: Step, row: Row) -> tuple[str, list[object]]:
        unit, caller = step.unit, step.caller
        events = unit.outbox.rows(unit.now, caller.user_id, unit.journal.news())
        (note,) = unit.journal.notes()
        entry = entry_row(caller, unit.now, note)
        values, rights = _rights(unit, caller)
        names = (tuple(row), tuple(events[0]) if events else (), tuple(entry))
        shape = (step.spec.label, rights, len(events), names)
        if shape not in self._texts:
            self._texts[shape] = self._text(step.spec, rights, len(values), len(events), names)
        values += row_values(step.spec, row)
        for event in events:
            values += row_values(self._outbox, event)
        return self._texts[shape], [*values, canonical(entry), *row_values(self._audit, entry)]

    def _text(self, spec: ModelSpec, rights: str, taken: int, events: int, names: Sequence[Sequence[str]]) -> str:
        """Where the rights hold the row, after it the events and the audit's head, then the audit's entry."""
        places, (own, event, entry) = Places(taken), names
        row = places.row(spec, own)
        parts = [f"made AS (INSERT INTO {spec.table} ({column_names(spec, own)}) SELECT {row} {rights} RETURNING 1)"]
        if events:
            columns = column_names(self._outbox, event)
            lines = ", ".join(f"({places.row(self._outbox, event)})" for _ in range(events))
            parts.append(f"told AS (INSERT INTO core_event ({columns}) SELECT v.* FROM made, (VALUES {lines}) v)")
        head, last = appending(self._audit, entry, places, after="made")
        return f"WITH {', '.join(parts)}, head AS ({head}) {last}"


def _rights(unit: Unit, caller: Caller) -> tuple[list[object], str]:
    """The values of the condition that the caller's rights are still those of his policy, and its text."""
    if caller.by is By.SYSTEM:
        return [], f"WHERE {BEGUN}"
    predicates = Predicates(unit.registry, Dialect.POSTGRES, caller.policy)
    rights, number, valid = stamp(predicates)
    same = predicates.bound(str(caller.policy.rights), str), predicates.bound(caller.policy.number, int)
    conditions = [BEGUN, f"coalesce({rights}, '0') = {same[0]}", f"{number} = {same[1]}"]
    # A job has no credential. The test stands there all the same: PostgreSQL wants a type for each parameter.
    conditions.append(f"({valid} OR TRUE)" if caller.by is By.JOB else valid)
    return [bind(caller, ()) for bind in predicates.parameters], f"WHERE {conjunction(conditions)}"
