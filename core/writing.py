"""The unit of work: all writes of one transaction, each checked against its caller, told once and kept together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from core.access import By, Caller
from core.audit import record as append_entries
from core.changes import changes_between, record_from, title_of
from core.database import KEY, Busy, Connection
from core.entering import Writer, entered
from core.errors import Forbidden, NotFound, Problem, Refused, Stale, Unauthenticated
from core.events import Outbox
from core.ids import now
from core.inside import packed
from core.journal import Journal, Told
from core.known import Known
from core.model import Model
from core.predicates import Predicates
from core.reaching import Reaching
from core.reactions import rights_changed
from core.reading import Reader
from core.registry import FieldSpec, ModelSpec, Registry
from core.resource import Resource
from core.rows import load, update_many
from core.sql import stamp

Row: TypeAlias = dict[str, Any]
Identity: TypeAlias = tuple[str, UUID]
DEEPEST = 20


class Overtaken(Busy):
    """A record was changed between its reading and its writing; the whole unit of work is done again."""


class TakenBack(Exception):  # it carries an outcome, not a fault
    """Takes back a unit of work that is not to be written."""

    def __init__(self, report: Any) -> None:
        super().__init__()
        self.report = report


class Unit:
    """One transaction's writes. Rows that it locked or wrote are remembered: nobody else can change them meanwhile."""

    def __init__(
        self,
        registry: Registry,
        connection: Connection,
        reader: Reader,
        outbox: Outbox,
        work: Callable[[Unit, Caller], Any],
    ) -> None:
        self.registry = registry
        self.connection = connection
        self.reader = reader.inside(connection)
        self.outbox = outbox
        self.work = work
        self.reaching = Reaching(registry, connection, self.reader)
        self.journal = Journal()
        self.touched: dict[str, list[UUID]] = {}
        self.now: datetime = now()
        self._granted: set[Identity] = set()
        self._rows: dict[Identity, Row] = {}
        self._owners: dict[UUID, Row] = {}
        self.known = Known()
        self._depth = 0
        self._news = False
        self.importing = False
        self.entries = 0

    # Beginning and end

    async def admit(self, caller: Caller) -> None:
        """Compare the caller's rights with the database: `Stale` if they changed, `Unauthenticated` if they ended."""
        if caller.by is By.SYSTEM:
            return
        if caller.by is By.ANONYMOUS:
            raise Unauthenticated
        predicates = Predicates(self.registry, self.connection.dialect, caller.policy)
        columns = ", ".join(stamp(predicates))
        values = [bind(caller, ()) for bind in predicates.parameters]
        rights, number, valid = (await self.connection.rows(KEY, f"SELECT {columns}", values))[0]
        if number is None or (caller.by is not By.JOB and not valid):
            raise Unauthenticated
        if (int(rights or 0), number) != (caller.policy.rights, caller.policy.number):
            raise Stale

    async def close(self, caller: Caller) -> bool:
        """Write the events, then the audit, which stays locked until the commit. True: a worker has something to do."""
        await self.flush(caller)
        return self._news

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """A part of the unit that may fail alone: then it was not done, and was not told."""
        outer, granted = self.journal, self._granted
        self.journal, self._granted, self._rows = Journal(), set(granted), {}
        try:
            async with self.connection.part(KEY):
                yield
            outer.told += self.journal.told
        except BaseException:  # what was read in it may never have been
            self.known, self._owners = Known(), {}
            self.reaching = Reaching(self.registry, self.connection, self.reader)
            raise
        finally:
            self.journal, self._granted, self._rows = outer, granted, {}

    async def flush(self, caller: Caller) -> None:
        """Write what was told so far, for units too long to be remembered; the audit is locked from here to the end."""
        journal, self.journal = self.journal, Journal()
        journal.touch(self.touched)
        for piece in journal.pieces():
            if await self.outbox.write(self.connection, self.now, caller.user_id, piece.news()):
                self._news = True
        for piece in journal.pieces():
            await append_entries(self.connection, self.registry, caller, self.now, piece.notes())
        self.entries += len(journal.told)

    # Rows

    async def locked(self, spec: ModelSpec, ids: Sequence[UUID]) -> list[Row]:
        """Rows by id, locked in the order of their ids; `NotFound` when one is missing."""
        missing = sorted({one for one in ids if (spec.label, one) not in self._rows})
        if missing:
            for row in await load(self.connection, spec, missing):
                self.keep(spec, row)
        try:
            return [self._rows[spec.label, one] for one in ids]
        except KeyError:
            raise NotFound from None

    async def targets(self, caller: Caller, spec: ModelSpec, ids: Sequence[UUID], permission: str) -> list[Row]:
        """Locked rows inside the caller's reach for a permission. Out of sight is `NotFound`, like a random id."""
        if spec.meta.internal:
            raise NotFound
        caller.require(permission)
        rows = await self.locked(spec, ids)
        if not await self.reaching.within(caller, spec, permission, rows):
            seen = f"{self.registry.root(spec).label}.read"
            if caller.allows(seen) and await self.reaching.within(caller, spec, seen, rows):
                raise Forbidden(permission)
            raise NotFound
        return rows

    def keep(self, spec: ModelSpec, row: Row) -> None:
        """Remember a row as this transaction has it."""
        self._rows[spec.label, row["id"]] = row
        self.known.forget(spec.label)
        if spec.label == "core.user":
            self._owners.clear()

    def forget(self, spec: ModelSpec, record: UUID) -> None:
        """A row was changed or removed beside this memory."""
        self._rows.pop((spec.label, record), None)
        self.known.forget(spec.label)

    def grant(self, spec: ModelSpec, record: UUID) -> None:
        """From now on the code of this unit may write every field of a record, and its parts."""
        self._granted.add((spec.label, record))

    def granted(self, label: str | None, record: UUID | None) -> bool:
        """Whether the code of this unit may write every field of a record: an action is on it, or the unit wrote it."""
        return (label, record) in self._granted

    def free(self, spec: ModelSpec, row: Mapping[str, Any]) -> bool:
        """Whether a row was granted, or what it is a part of."""
        return self.granted(spec.label, row["id"]) or self.granted(spec.parent, row.get(str(spec.meta.part_of)))

    # Links

    async def check_links(self, writer: Writer, spec: ModelSpec, links: Mapping[str, UUID | None]) -> None:
        """The caller must see each record that is linked to; code that was granted the fields answers for itself."""
        asked: list[tuple[FieldSpec, UUID]] = []
        for name, record in links.items():
            one = spec.fields[name]
            trusted = writer.free or self.granted(one.target, record)
            if record is not None and not (trusted and one.traits.where is None):
                asked.append((one, record))
        caller = writer.caller.elevated("") if writer.free else writer.caller
        wrong = await self.reaching.unlinkable(caller, asked)
        if wrong:
            raise Refused(problems=[Problem("Choose a record", name, "unknown_record") for name in wrong])

    async def owner(self, user: UUID) -> Row:
        """Owner and department of what somebody is to own; `Refused` unless he is an enabled user."""
        if user in self._owners:
            return self._owners[user]
        rows = await load(self.connection, self.registry.spec("core.user"), [user], lock=False)
        if not rows or not rows[0]["enabled"] or rows[0]["archived_at"] is not None:
            raise Refused("Choose a user who may sign in", field="owner", code="unknown_record")
        self._owners[user] = {"owner": user, "department": rows[0]["department"]}
        return self._owners[user]

    # Afterwards

    def seen(self, spec: ModelSpec, row: Row) -> Model:
        """A row as a record for a plugin's code."""
        return record_from(self.registry, spec, row)

    @contextmanager
    def deeper(self, spec: ModelSpec) -> Iterator[None]:
        """One plugin's reaction within another's; `RecursionError` when they call each other in a circle."""
        if self._depth >= DEEPEST:
            raise RecursionError(f"{type(spec.resource).__name__}.changed changes records in a circle")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1


@dataclass(frozen=True, slots=True)
class Step:
    """A write: in which unit of work, by whom, to which model."""

    unit: Unit
    caller: Caller
    spec: ModelSpec

    def permission(self, verb: str) -> str:
        """The permission that a verb needs; of a part, that of its whole."""
        return self.unit.registry.permission(self.spec, verb)

    async def targets(self, ids: Sequence[UUID], verb: str) -> list[Row]:
        """Locked rows that the caller may do this to."""
        return await self.unit.targets(self.caller, self.spec, ids, self.permission(verb))

    async def store(self, before: Row, changed: Row) -> Row:
        """Write what changed, under a new version."""
        return (await self.store_all([(before, changed)]))[0]

    async def store_all(self, changes: Sequence[tuple[Row, Row]]) -> list[Row]:
        """Write what changed in several rows, each under a new version."""
        unit, spec = self.unit, self.spec
        stamp = {"updated_at": unit.now, "updated_by": self.caller.user_id}
        for before, changed in changes:
            if not spec.inside.keys().isdisjoint(changed):
                changed["custom"] = packed(spec, before["custom"], changed)
            changed.update(stamp, version=before["version"] + 1)
        if not await update_many(unit.connection, spec, changes):
            raise Overtaken(f"A record of {spec.label} was changed meanwhile")
        afters = [before | changed for before, changed in changes]
        for after in afters:
            unit.keep(spec, after)
            unit.grant(spec, after["id"])
        return afters

    def tell(self, verb: str, row: Row, changes: Mapping[str, Any] | None = None) -> None:
        """Remember for the audit and the outbox what was done to a row."""
        title = title_of(self.spec, row)
        told = Told(verb, self.spec.label, row["id"], title, self.caller.reason, dict(changes or {}))
        told.by, told.imported = self.caller.user_id, self.unit.importing
        self.unit.journal.tell(told)

    def tell_change(self, verb: str, before: Row, after: Row) -> None:
        """Remember what changed in a row."""
        self.tell(verb, after, changes_between(self.spec, before, after))

    async def complete(self, before: Row | None, after: Row) -> Row:
        """What the plugin adds to a row before it is written."""
        if not overrides(self.spec, "complete"):
            return {}
        unit, spec = self.unit, self.spec
        seen = unit.seen(spec, before) if before else None
        given = await spec.resource.complete(unit.work(unit, self.caller), seen, unit.seen(spec, after))
        found = entered(unit.registry, Writer(self.caller, code=True, free=True), spec, given)
        return {name: value for name, value in found.items() if after[name] != value}

    async def check(self, before: Row | None, after: Row) -> None:
        """Let the plugin refuse a state that must not be."""
        unit, spec = self.unit, self.spec
        own = (spec.resource.check,) if overrides(spec, "check") else ()
        for check in (*own, *spec.checks):
            seen = unit.seen(spec, before) if before else None
            await check(unit.work(unit, self.caller), seen, unit.seen(spec, after))

    async def settle(self, before: Row | None, after: Row) -> None:
        """What follows from a write: rights that were compiled from it, and what the plugin does."""
        await self.settle_all([(before, after)])

    async def settle_all(self, changes: Sequence[tuple[Row | None, Row]]) -> None:
        """What follows from several writes of one model."""
        unit, spec = self.unit, self.spec
        for before, after in changes if spec.plugin == "core" else ():
            await rights_changed(unit.connection, spec, before, after)
        if not reacts(spec):
            return
        seen = [(unit.seen(spec, old) if old else None, unit.seen(spec, new)) for old, new in changes]
        with unit.deeper(spec):
            work = unit.work(unit, self.caller)
            await spec.resource.changed_together(work, seen)
            for reaction in spec.reactions:
                for was, became in seen:
                    await reaction(work, was, became)


def reacts(spec: ModelSpec) -> bool:
    """Whether a plugin does something after a change of a model."""
    return bool(spec.reactions) or overrides(spec, "changed") or overrides(spec, "changed_together")


def checked(spec: ModelSpec) -> bool:
    """Whether a plugin refuses states of a model."""
    return bool(spec.checks) or overrides(spec, "check")


def overrides(spec: ModelSpec, hook: str) -> bool:
    """Whether a resource says something of its own at a hook."""
    return getattr(type(spec.resource), hook) is not getattr(Resource, hook)
