"""Payloads of mutations, shaped as they were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from graphql import FieldNode

from core.conditions import Slot
from core.errors import Problem
from core.query import Read, Root, Selection, Single
from core.registry import camel
from schema.catalogue import Surface
from schema.context import Context
from schema.plan import Planner
from schema.selecting import MARK


@dataclass(frozen=True, slots=True)
class Finished:
    """A value that is sent as it is: the executor does not look inside."""

    value: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did: the records that it was about, or what stood in its way."""

    ids: tuple[UUID, ...]
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class Payload:
    """What was asked of a payload, by response key; `selects` are the selections of its records."""

    context: Context
    planner: Planner
    surface: Surface
    type_name: str
    groups: Mapping[str, Sequence[FieldNode]]
    selects: Mapping[str, Selection]

    async def finished(self, outcome: Outcome) -> Finished:
        """The payload; its records are read again, as the caller may now see them."""
        rows = await self._rows(outcome.ids)
        return Finished({key: self._part(key, nodes, rows, outcome) for key, nodes in self.groups.items()})

    def _part(
        self, key: str, nodes: Sequence[FieldNode], rows: Mapping[str, Sequence[Any]], outcome: Outcome
    ) -> object:
        match nodes[0].name.value:
            case "record":
                return rows[key][0] if rows[key] else None
            case "records":
                return [row for row in rows[key] if row is not None]
            case "ids":
                return [str(one) for one in outcome.ids]
            case "id":
                return str(outcome.ids[0]) if outcome.ids else None
            case "errors":
                return self._problems(nodes, outcome.problems)
        return self.type_name

    async def _rows(self, ids: Sequence[UUID]) -> dict[str, list[Any]]:
        rows: dict[str, list[Any]] = {key: [] for key in self.selects}
        if not ids or not self.selects:
            return rows
        values = [recipe(self.context.variables) for recipe in self.planner.slots.recipes]
        read = self.read(len(ids), len(values))
        answer = orjson.loads(await self.context.doors.reader.answer(self.context.caller, read, [*values, *ids]))
        for name, row in answer.items():
            rows[name.partition(MARK)[2]].append(row)
        return rows

    def read(self, records: int, start: int) -> Read:
        """The read of some records whose ids are the values from `start` on; one may create what one may not read."""
        label = self.surface.spec.label
        roots: list[tuple[str, Root]] = [
            (f"{number}{MARK}{key}", Single(label, Slot(start + number), select, lenient=True))
            for key, select in self.selects.items()
            for number in range(records)
        ]
        return Read(tuple(roots))

    def _problems(self, nodes: Sequence[FieldNode], found: Sequence[Problem]) -> list[dict[str, Any]]:
        groups = self.planner.operation.fields("Problem", nodes)
        names = {key: group[0].name.value for key, group in groups.items()}
        return [{key: self._problem(one, name) for key, name in names.items()} for one in found]

    def _problem(self, problem: Problem, name: str) -> str | None:
        match name:
            case "field":
                return camel(problem.field) if problem.field else None
            case "code":
                return problem.code
            case "message":
                return self.context.message(problem)
        return "Problem"


def prepare(context: Context, surface: Surface, type_name: str, nodes: Sequence[FieldNode]) -> Payload:
    """The payload of a mutation, before its work: what may not be selected is refused while nothing has changed."""
    planner = context.planner()
    groups = planner.operation.fields(type_name, nodes)
    selects = {
        key: planner.selecting.record(surface, group)
        for key, group in groups.items()
        if group[0].name.value in ("record", "records")
    }
    made = Payload(context, planner, surface, type_name, groups, selects)
    if selects:
        context.doors.reader.plan(context.caller, made.read(1, len(planner.slots.recipes)))
    return made
