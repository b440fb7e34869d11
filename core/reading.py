"""Reading: the one door out. Every statement carries the caller's scope and returns the stamp of his rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

import orjson

from core.access import By, Caller, Policy
from core.conditions import EVERYTHING, Condition, Slot, slotted
from core.database import KEY, Connection, Dialect, Key, Row
from core.errors import Forbidden, NotFound, Stale, TradepostError, Unauthenticated, UnknownField
from core.finishing import computes, finish
from core.kept import Kept
from core.model import Model
from core.predicates import Predicates, conjunction
from core.query import MAX_ROWS, Archived, Leaf, Listing, Measure, Order, Page, Read, Selection, Single, Summary
from core.query import Function as Figure
from core.records import record_of, selection_of
from core.registry import ModelSpec, Registry
from core.sql import Statement, compile_read

M = TypeVar("M", bound=Model)
ATTEMPTS = 4
KEPT = 2_000
MOST_KEPT_VALUES = 500


class Policies(Protocol):
    """Where policies come from: `core.policies` keeps them."""

    async def fresh(self, user_id: UUID) -> Policy:
        """The policy of a user, compiled now; `NOBODY` when he is unknown or disabled."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The statement of a read for a shape of policy, and its keys as JSON; made once, asked often."""

    statement: Statement
    keys: tuple[str, ...]
    computes: bool


class Source(Protocol):
    """Where statements are read from: the database, or an open transaction."""

    dialect: Dialect

    async def read(self, key: Key, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """What a reading statement returns."""


class Inside:
    """An open transaction as a source."""

    def __init__(self, connection: Connection) -> None:
        self.dialect = connection.dialect
        self._connection = connection

    async def read(self, key: Key, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """What a reading statement returns."""
        return await self._connection.rows(key, sql, values)


def confirmed(caller: Caller) -> Caller:
    """A caller whose rights the open transaction has confirmed: his reads need no stamp."""
    return replace(caller, by=By.SYSTEM)


class Reader:
    """Answers query trees as their caller may see the records."""

    def __init__(self, registry: Registry, database: Source, policies: Policies) -> None:
        self.registry = registry
        self.database = database
        self.policies = policies
        self._plans: Kept[object, Plan] = Kept(KEPT)
        self._selections: Kept[object, Selection] = Kept(KEPT)

    def inside(self, connection: Connection) -> Reader:
        """This reader as an open transaction sees the records, its own writes among them; made plans are shared.

        A unit of work has confirmed the caller's rights when it began: read with `confirmed(caller)`.
        """
        reader = copy(self)
        reader.database = Inside(connection)
        return reader

    def plan(self, caller: Caller, read: Read) -> Plan:
        """The statement of a read for a caller's policy, from the cache where it was made before."""
        stamped = caller.by in (By.SESSION, By.TOKEN, By.JOB)
        key = (read, caller.policy.shape, stamped)
        kept = self._plans.get(key)
        if kept is None:
            predicates = Predicates(self.registry, self.database.dialect, caller.policy)
            statement = compile_read(predicates, read, stamped=stamped)
            keys = tuple(orjson.dumps(name).decode() for name, _ in read.roots)
            kept = Plan(statement, keys, computes(read))
            if len(statement.parameters) <= MOST_KEPT_VALUES:  # else a few large questions would fill the memory
                self._plans[key] = kept
        return kept

    async def answer(self, caller: Caller, read: Read, values: Sequence[object] = ()) -> bytes:
        """The JSON object of a read, by one statement; `values` are those of its slots.

        `Forbidden` where a model may not be read at all, `UnknownField` where a field may not, `Unauthenticated` when
        the session or token has ended.
        """
        return (await self.answer_now(caller, read, values))[0]

    async def answer_now(self, caller: Caller, read: Read, values: Sequence[object] = ()) -> tuple[bytes, Caller]:
        """The JSON object of a read, perhaps of nothing, and the caller with the rights that he turned out to have."""
        caller, plan, columns = await self._columns(caller, read, values)
        pairs = ",".join([f"{key}:{one or 'null'}" for key, one in zip(plan.keys, columns, strict=True)])
        whole = f"{{{pairs}}}".encode()
        return finish(self.registry, read, whole) if plan.computes else whole, caller

    async def _columns(
        self, caller: Caller, read: Read, values: Sequence[object]
    ) -> tuple[Caller, Plan, Sequence[Any]]:
        for _ in range(ATTEMPTS):
            try:
                plan = self.plan(caller, read)
            except (Forbidden, UnknownField) as refusal:
                caller = await self._allowed_since(caller, refusal)
                continue
            statement = plan.statement
            parameters = [bind(caller, values) for bind in statement.parameters]
            row = (await self.database.read(KEY, statement.sql, parameters))[0]
            if not statement.stamped:
                return caller, plan, row[: len(plan.keys)]
            *columns, rights, number, valid = row
            if caller.by is not By.JOB and not valid:
                raise Unauthenticated
            if number is None:
                raise Unauthenticated
            if (int(rights or 0), number) == (caller.policy.rights, caller.policy.number):
                return caller, plan, columns
            caller = await self._renewed(caller)
        raise Stale("The rights change faster than they can be read")

    async def _allowed_since(self, caller: Caller, refusal: TradepostError) -> Caller:
        # No statement was sent, so no stamp came back: the refusal may be of a policy from before a new grant.
        renewed = caller if caller.user_id is None or caller.policy.everything else await self._renewed(caller)
        if (renewed.policy.rights, renewed.policy.number) == (caller.policy.rights, caller.policy.number):
            raise refusal
        return renewed

    async def _renewed(self, caller: Caller) -> Caller:
        if caller.user_id is None:
            raise Unauthenticated
        policy = await self.policies.fresh(caller.user_id)
        if policy.user_id is None:
            raise Unauthenticated
        return caller.having(policy)

    async def records(
        self,
        caller: Caller,
        model: type[M],
        *,
        where: Condition = EVERYTHING,
        order: Sequence[str] = (),
        limit: int = MAX_ROWS,
        fields: Sequence[str] = ("*",),
        archived: Archived = Archived.WITHOUT,
    ) -> list[M]:
        """Records that the caller may see. `order` takes paths, `-` for descending; `fields` too, `*` for all."""
        spec = self.registry.spec(model)
        values: list[object] = []
        by = tuple(Order(one.removeprefix("-"), one.startswith("-")) for one in order)
        select, asked = self._selection(caller, spec, fields), slotted(where, values)
        listing = Listing(spec.label, select, asked, by, Page(limit), archived=archived)
        answer = orjson.loads(await self.answer(caller, Read((("rows", listing),)), values))
        return [record_of(self.registry, spec, row) for row in answer["rows"]]  # type: ignore[misc]  # of the spec's model

    def _selection(self, caller: Caller, spec: ModelSpec, fields: Sequence[str]) -> Selection:
        key = (spec.label, tuple(fields), caller.policy.shape)
        if key not in self._selections:
            self._selections[key] = selection_of(self.registry, spec, fields, caller.policy)
        return self._selections[key]

    async def get(self, caller: Caller, model: type[M], record: UUID, fields: Sequence[str] = ("*",)) -> M:
        """One record, archived or not; `NotFound` where there is none that the caller may see."""
        spec = self.registry.spec(model)
        single = Single(spec.label, Slot(0), self._selection(caller, spec, fields))
        answer = orjson.loads(await self.answer(caller, Read((("row", single),)), (record,)))
        if answer["row"] is None:
            raise NotFound
        return record_of(self.registry, spec, answer["row"])  # type: ignore[return-value]  # of the spec's model

    async def seen(self, caller: Caller, model: type[Model], record: UUID) -> Caller:
        """The caller with the rights that he turned out to have; `NotFound` unless they let him see a record."""
        single = Single(self.registry.spec(model).label, Slot(0), (Leaf("id", "id"),))
        answer, renewed = await self.answer_now(caller, Read((("row", single),)), (record,))
        if orjson.loads(answer)["row"] is None:
            raise NotFound
        return renewed

    async def count(self, caller: Caller, model: type[Model], where: Condition = EVERYTHING) -> int:
        """How many records the caller may see, exactly."""
        values: list[object] = []
        counted = Summary(self.registry.spec(model).label, (), (Measure("n", Figure.COUNT),), slotted(where, values))
        answer: Mapping[str, Any] = orjson.loads(await self.answer(caller, Read((("rows", counted),)), values))
        return int(answer["rows"][0]["n"])

    async def within(
        self,
        connection: Connection,
        caller: Caller,
        spec: ModelSpec,
        permission: str,
        ids: Sequence[UUID],
        *,
        where: Condition = EVERYTHING,
    ) -> set[UUID]:
        """Which of some records are inside the caller's reach for a permission, as the open transaction sees them."""
        if not ids:
            return set()
        predicates = Predicates(self.registry, connection.dialect, caller.policy)
        alias = predicates.alias()
        chosen = f"{alias}.id {predicates.ids(lambda _: ids, 'ids')}"
        parts = [chosen, predicates.scope(spec, alias, permission), predicates.where(spec, alias, where)]
        sql = f"SELECT {alias}.id FROM {spec.table} {alias} WHERE {conjunction(parts)}"
        rows = await connection.rows(KEY, sql, [bind(caller, ()) for bind in predicates.parameters])
        return {UUID(str(row[0])) for row in rows}
