"""The one way to write: each operation is a unit of work that is done wholly, audited and told, or not at all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol, TypeAlias, TypeVar, cast
from uuid import UUID

from core.access import Caller, Policy, system
from core.acting import act
from core.at_once import AtOnce
from core.audit import Note
from core.audit import record as append_entries
from core.changing import change, transfer
from core.creating import create
from core.database import KEY, Busy, Database, LinkViolation, UniqueViolation
from core.editing import Edit, Edited, edit
from core.errors import Forbidden, NotFound, Problem, Refused, Stale, Unauthenticated, UnknownField
from core.events import Handler, Happening, Outbox
from core.ids import now
from core.lifecycle import archive, purge, restore
from core.model import Model
from core.reading import Reader
from core.registry import ModelSpec, Registry
from core.sharing import share, unshare
from core.undoing import REASON, Undone, did, revert, undo
from core.work import Work
from core.writing import Row, Step, TakenBack, Unit

__all__ = ["Operations", "React", "Work"]

M = TypeVar("M", bound=Model)
T = TypeVar("T")
Rows: TypeAlias = Callable[[Step], Awaitable[Sequence[Row]]]
ATTEMPTS = 8
PAUSE = 0.02


class React(Protocol):
    """What a plugin does about an event, in a unit of work."""

    async def __call__(self, work: Work, happening: Happening) -> None:
        """Do it; called again with the same event when it fails, or when nobody could tell whether it was done."""


class Policies(Protocol):
    """Where policies come from: `core.policies` keeps them."""

    async def fresh(self, user_id: UUID) -> Policy:
        """The policy of a user, compiled now; `NOBODY` when he is unknown or disabled."""


class Operations:
    """Creates, changes and removes records as their caller may. What is refused has changed nothing."""

    def __init__(
        self, registry: Registry, database: Database, reader: Reader, policies: Policies, outbox: Outbox
    ) -> None:
        self.registry = registry
        self.database = database
        self.reader = reader
        self.policies = policies
        self.outbox = outbox
        self.at_once = AtOnce(registry, database)

    async def create(
        self, caller: Caller, model: type[M], values: Mapping[str, object], record: UUID | None = None
    ) -> M:
        """A new record, owned by the caller; `Refused` lists what is wrong by field.

        What has the id `record`, made by `core.ids.made_of`, is made once, however often it is asked for.
        """
        made = await self._at_once(caller, model, values, record)
        if made is None:
            (made,) = await self._seen(caller, model, lambda step: create(step, [values], record=record))
        return made

    async def update(
        self, caller: Caller, model: type[M], record: UUID, values: Mapping[str, object], version: int | None = None
    ) -> M:
        """Change some fields; with the version that was read, `Conflict` when somebody else was quicker."""
        (changed,) = await self._seen(caller, model, _alone(lambda step: change(step, record, values, version)))
        return changed

    async def update_many(self, caller: Caller, job: Edit) -> Edited:
        """Change some fields of many records, whole or not at all. Unless the report says `written`, nothing was."""
        try:
            return await self.unit(caller, lambda unit, who: edit(unit, who, job))
        except TakenBack as taken:
            report: Edited = taken.report
            return report

    async def did(self, caller: Caller, request: str) -> bool:
        """Whether a request of the caller was done already, by its id."""
        return bool(await self.unit(caller, lambda unit, who: did(unit, who, request)))

    async def undo(self, caller: Caller, request: str) -> Undone:
        """Take back what the caller did in a request, by its id; `Conflict` where somebody changed it since."""
        named = replace(caller, reason=REASON)
        return await self.unit(named, lambda unit, who: undo(unit, who, request))

    async def revert(self, caller: Caller, model: type[M], record: UUID, number: int) -> M:
        """Put back what one entry of a record's history changed; `Conflict` where it was changed since."""
        named = replace(caller, reason=REASON)
        (changed,) = await self._seen(named, model, _alone(lambda step: revert(step, record, number)))
        return changed

    async def archive(self, caller: Caller, model: type[M], record: UUID) -> M:
        """Put a record into the recycle bin; `restore` with its id undoes it."""
        (archived,) = await self._seen(caller, model, _alone(lambda step: archive(step, record)))
        return archived

    async def restore(self, caller: Caller, model: type[M], record: UUID) -> M:
        """Take a record out of the recycle bin."""
        (restored,) = await self._seen(caller, model, _alone(lambda step: restore(step, record)))
        return restored

    async def purge(self, caller: Caller, model: type[Model], record: UUID) -> None:
        """Delete an archived record for good; `Refused` names what still links to it."""
        spec = self.registry.spec(model)
        await self.unit(caller, lambda unit, who: purge(Step(unit, who, spec), record))

    async def transfer(self, caller: Caller, model: type[M], ids: Sequence[UUID], owner: UUID) -> list[M]:
        """Give records to another owner, all or none; their department follows his."""
        return await self._seen(caller, model, lambda step: transfer(step, ids, owner))

    async def act(
        self, caller: Caller, model: type[M], ids: Sequence[UUID], name: str, inputs: Mapping[str, object]
    ) -> list[M]:
        """Do an action on records, on all or on none."""
        return await self._seen(caller, model, lambda step: act(step, ids, name, inputs))

    async def share(
        self,
        caller: Caller,
        model: type[Model],
        record: UUID,
        *,
        user: object = None,
        department: object = None,
        role: object = None,
        writes: bool = False,
        reason: str | None = None,
        expires_at: datetime | str | None = None,
    ) -> UUID:
        """Open a record to a user, a department or a role; the id of the share, by which `unshare` ends it."""
        spec = self.registry.spec(model)
        given = {"user": user, "to_department": department, "role": role}
        given |= {"writes": writes, "reason": reason, "expires_at": expires_at}
        made = await self.unit(caller, lambda unit, who: share(Step(unit, who, spec), record, given))
        return cast("UUID", made["id"])

    async def unshare(self, caller: Caller, share_id: UUID) -> None:
        """Close a record again to whom it was opened."""
        await self.unit(caller, lambda unit, who: unshare(unit, who, share_id))

    async def run(self, caller: Caller, body: Callable[[Work], Awaitable[T]]) -> T:
        """A plugin's code as one unit of work. `body` may be called again, when the database was busy."""
        return await self.unit(caller, lambda unit, who: body(Work(unit, who)))

    def handler(self, react: React, patterns: Sequence[str]) -> Handler:
        """A handler that reacts to each event in a unit of work of its own, as Tradepost itself, and once only.

        The event is gone with what is done about it: handed out again after a crash, it finds nothing to do.
        """

        async def once(unit: Unit, who: Caller, one: Happening) -> None:
            if await self.outbox.take(unit.connection, one.id):
                await react(Work(unit, who), one)

        async def deliver(happenings: Sequence[Happening]) -> None:
            for one in happenings:
                await self.unit(system(f"event {one.name}"), partial(once, one=one))

        return Handler(deliver, tuple(patterns))

    # The unit of work

    async def unit(self, caller: Caller, body: Callable[[Unit, Caller], Awaitable[T]]) -> T:
        """Kernel code as one unit of work: begun again when rights changed meanwhile or a lock was not to be had."""
        for attempt in range(ATTEMPTS):
            try:
                return await self._attempt(caller, body)
            except Stale:
                caller = await self._renewed(caller)
            except Busy:
                if attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(PAUSE * 2**attempt * random.random())  # noqa: S311 - no secret
            except Forbidden as refusal:
                await self._remember(caller, refusal)
                raise
            except UniqueViolation as violation:
                raise self._taken(violation) from violation
            except LinkViolation as violation:
                raise Refused("A record that this is about is not there any more", code="linked") from violation
        raise Stale("The rights change faster than anything can be written")

    async def _at_once(
        self, caller: Caller, model: type[M], values: Mapping[str, object], record: UUID | None
    ) -> M | None:
        """A new record by one statement, if that will do. What is refused here is refused again, in a unit of work."""
        spec = self.registry.spec(model)
        transaction = self.at_once.transaction(caller, spec)
        if transaction is None:
            return None
        unit = Unit(self.registry, transaction, self.reader, self.outbox, Work)
        try:
            row = await self.at_once.create(Step(unit, caller, spec), values, record)
        except (Refused, Forbidden, NotFound, UnknownField):  # perhaps by rights that are out of date
            return None
        if row is None:
            return None
        self.outbox.wake()
        unit.journal.touch(unit.touched)
        self.outbox.hub.publish(unit.touched)
        return cast("M", unit.seen(spec, _shown(caller, spec, row)))

    async def _attempt(self, caller: Caller, body: Callable[[Unit, Caller], Awaitable[T]]) -> T:
        async with self.database.begin(KEY) as connection:
            unit = Unit(self.registry, connection, self.reader, self.outbox, Work)
            await unit.admit(caller)
            result = await body(unit, caller)
            news = await unit.close(caller)
        if news:
            self.outbox.wake()
        self.outbox.hub.publish(unit.touched)
        return result

    async def _renewed(self, caller: Caller) -> Caller:
        policy = await self.policies.fresh(caller.user_id) if caller.user_id else None
        if policy is None or policy.user_id is None:
            raise Unauthenticated
        return caller.having(policy)

    async def _remember(self, caller: Caller, refusal: Forbidden) -> None:
        """An attempt beyond one's rights stands in the audit."""
        async with self.database.begin(KEY) as connection:
            model, _, verb = refusal.permission.rpartition(".")
            await append_entries(connection, self.registry, caller, now(), [Note(f"refused {verb}", model)])

    def _taken(self, violation: UniqueViolation) -> Refused:
        """Which field has a value that must be unique; nothing about the record that has it."""
        spec = next((one for one in self.registry.models.values() if one.table == violation.table), None)
        fields = [one for one in spec.fields.values() if {*one.columns} & {*violation.columns}] if spec else []
        if not fields:
            return Refused("There is one like this already", code="taken")
        names = ", ".join(one.traits.label.lower() for one in fields)
        return Refused(
            problems=[Problem("This %(names)s is taken already", fields[-1].name, "taken", (("names", names),))]
        )

    async def _seen(self, caller: Caller, model: type[M], body: Rows) -> list[M]:
        """The records of a unit of work, as far as the caller may read their fields."""
        spec = self.registry.spec(model)

        async def seen(unit: Unit, who: Caller) -> list[M]:
            rows = await body(Step(unit, who, spec))
            return [cast("M", unit.seen(spec, _shown(who, spec, row))) for row in rows]

        return await self.unit(caller, seen)


def _alone(body: Callable[[Step], Awaitable[Row]]) -> Rows:
    async def rows(step: Step) -> list[Row]:
        return [await body(step)]

    return rows


def _shown(caller: Caller, spec: ModelSpec, row: Row) -> Row:
    shown = {name: value for name, value in row.items() if f"{spec.label}.{name}" not in caller.policy.hidden}
    if spec.inside:
        shown.pop("custom", None)
    return shown
