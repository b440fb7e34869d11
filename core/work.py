"""`Work`: a unit of work, as a plugin's code meets it. All that it does is done together, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from core.access import Caller
from core.acting import act
from core.changing import change_by_code, transfer
from core.conditions import EVERYTHING, Condition
from core.counters import next_number
from core.creating import create
from core.criteria import Criteria
from core.engines import Key, unlock
from core.files import copy_files
from core.journal import Told
from core.lifecycle import archive, restore
from core.model import Model
from core.options import Source, read
from core.query import MAX_ROWS, Archived
from core.reading import confirmed
from core.users import User
from core.writing import Row, Step, Unit

M = TypeVar("M", bound=Model)


class Work:
    """Finds, makes and changes records as its caller; of the record that an action is about, any field."""

    def __init__(self, unit: Unit, caller: Caller) -> None:
        self._unit = unit
        self.caller = caller

    @property
    def now(self) -> datetime:
        """The moment of this unit of work, in UTC."""
        return self._unit.now

    @property
    def importing(self) -> bool:
        """Whether it is an import: what happened elsewhere is taken as it was."""
        return self._unit.importing

    # Reading

    async def find(
        self,
        model: type[M],
        *,
        where: Condition = EVERYTHING,
        order: Sequence[str] = (),
        limit: int = MAX_ROWS,
        fields: Sequence[str] = ("*",),
        archived: Archived = Archived.WITHOUT,
    ) -> list[M]:
        """Records that the caller may see, with what this unit of work has changed so far."""
        caller = confirmed(self.caller)
        return await self._unit.reader.records(
            caller, model, where=where, order=order, limit=limit, fields=fields, archived=archived
        )

    async def get(self, model: type[M], record: UUID, fields: Sequence[str] = ("*",)) -> M:
        """One record, archived or not; `NotFound` where there is none that the caller may see."""
        if tuple(fields) == ("*",):
            spec = self._unit.registry.spec(model)
            return cast("M", await self._unit.known.get(self._unit.reader, self.caller, spec, record))
        return await self._unit.reader.get(confirmed(self.caller), model, record, fields)

    async def locked(self, model: type[M], ids: Sequence[UUID]) -> list[M]:
        """Records as they are now, which nobody else changes until the end of this unit; `NotFound` as for `get`.

        They are locked in the order of their ids, so that two units never wait for each other.
        """
        spec = self._unit.registry.spec(model)
        rows = await self._unit.targets(self.caller, spec, ids, self._unit.registry.permission(spec, "read"))
        return [self._seen(model, row) for row in rows]

    async def number(self, name: str) -> int:
        """The next number of a counter (`service_desk.ticket`), from 1; who asks next waits for this unit's end."""
        unit = self._unit
        return await next_number(unit.connection, unit.registry, name, unit.now)

    @property
    def criteria(self) -> Criteria:
        """Conditions kept as data, as the caller may use them at this moment."""
        return Criteria(self._unit.registry, self.caller, self._unit.now)

    async def option(self, name: str) -> Any:
        """What an administrator chose for an option (`service_desk.holidays`), else its default."""
        return (await read(self._unit.registry, Source(self._unit.connection), [name]))[name]

    # Writing

    async def create(self, model: type[M], **values: object) -> M:
        """A new record of the caller's; read-only fields may be given, too."""
        (row,) = await create(self._step(model), [values], code=True)
        return self._seen(model, row)

    async def create_all(self, model: type[M], rows: Sequence[Mapping[str, object]]) -> list[M]:
        """New records of the caller's, inserted together; all rows give values for the same fields."""
        spec = self._unit.registry.spec(model)
        made = await create(Step(self._unit, self.caller, spec), rows, code=True)
        return [cast("M", self._unit.seen(spec, row)) for row in made]

    async def change(self, record: M, **values: object) -> M:
        """Change some fields; the record as it is afterwards."""
        version = record.version if "version" in record.loaded() else None
        return self._seen(type(record), await change_by_code(self._step(type(record)), record.id, values, version))

    async def archive(self, record: M) -> M:
        """Put a record into the recycle bin."""
        return self._seen(type(record), await archive(self._step(type(record)), record.id))

    async def restore(self, record: M) -> M:
        """Take a record out of the recycle bin."""
        return self._seen(type(record), await restore(self._step(type(record)), record.id))

    async def transfer(self, record: M, owner: User) -> M:
        """Give a record to another owner; its department follows his."""
        (row,) = await transfer(self._step(type(record)), [record.id], owner.id)
        return self._seen(type(record), row)

    async def act(self, record: M, action: str, **inputs: object) -> M:
        """Do an action of another record, with its own permission."""
        (row,) = await act(self._step(type(record)), [record.id], action, inputs)
        return self._seen(type(record), row)

    def _step(self, model: type[Model]) -> Step:
        return Step(self._unit, self.caller, self._unit.registry.spec(model))

    def _seen(self, model: type[M], row: Row) -> M:
        return cast("M", self._unit.seen(self._unit.registry.spec(model), row))

    async def copy_files(self, source: Model, target: Model) -> int:
        """Attach the files of one record to another, too; how many there were. The caller must see the first."""
        unit, step = self._unit, self._step(type(target))
        (row,) = await unit.locked(step.spec, [target.id])
        if not unit.free(step.spec, row):
            await step.targets([target.id], "update")
        await unit.reader.get(confirmed(self.caller), type(source), source.id, ("id",))
        origin = unit.registry.spec(type(source)).label, source.id
        return await copy_files(step, origin, target.id)

    # Beyond

    async def later(self, handler: str, due_at: datetime, payload: Mapping[str, Any]) -> UUID:
        """Have a job called at a time, on behalf of the caller; the id of the event that it will get."""
        unit = self._unit
        return await unit.outbox.later(unit.connection, handler, payload, due_at, self.caller.user_id)

    def emit(self, record: Model, name: str, payload: Mapping[str, Any] | None = None) -> None:
        """Tell the handlers of an event (`shipped` of a `stock.order` is `stock.order.shipped`) that it happened."""
        spec = self._unit.registry.spec(type(record))
        told = Told(name, spec.label, record.id, reason=self.caller.reason, payload=payload or {})
        self._unit.journal.tell(told)

    def unit(self, key: Key) -> Unit:
        """The transaction itself, for the kernel's own resources: who has the key answers for what he does with it."""
        unlock(key)
        return self._unit

    def elevated(self, reason: str) -> Work:
        """The same unit of work past the caller's own rights; the reason stands in the audit with what is done so."""
        if not reason:
            raise ValueError("Say why the caller's own rights do not suffice")
        return Work(self._unit, self.caller.elevated(reason))
