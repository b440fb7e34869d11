"""Payloads of mutations, shaped as they were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from graphql import FieldNode, GraphQLResolveInfo

from core.conditions import Slot
from core.errors import Problem
from core.query import Read, Root, Selection, Single
from core.registry import camel
from schema.catalogue import Surface
from schema.context import Context
from schema.plan import Planner
from schema.selecting import MARK
from schema.variables import Recipe

NESTED = {"errors": "Problem", "examples": "EditExample", "kept": "EditRefusal"}
"""The fields of payloads that have fields of their own, and the type of these."""
EMPTY: Mapping[str, object] = {
    "written": False,
    "changed": 0,
    "same": 0,
    "refused": 0,
    "mark": None,
    "done": False,
    "token": None,
}
"""What a payload says where nothing was looked at."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A value that is sent as it is: the executor does not look inside."""

    value: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did: the records that it was about, or what stood in its way."""

    ids: tuple[UUID, ...]
    problems: Sequence[Problem] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What is asked of a payload: its fields by response key, those of nested values, the selections of its records."""

    surface: Surface
    type_name: str
    parts: Mapping[str, str]
    nested: Mapping[str, Mapping[str, str]]
    selects: Mapping[str, Selection]
    recipes: tuple[Recipe, ...]
    one: Read

    def read(self, records: int) -> Read:
        """The read of some records; their ids are the values behind those of the recipes."""
        return self.one if records == 1 else read_of(self.surface, self.selects, records, len(self.recipes))


def read_of(surface: Surface, selects: Mapping[str, Selection], records: int, start: int) -> Read:
    """The read of some records whose ids are the values from `start` on; one may create what one may not read."""
    roots: list[tuple[str, Root]] = [
        (f"{number}{MARK}{key}", Single(surface.spec.label, Slot(start + number), select, lenient=True))
        for key, select in selects.items()
        for number in range(records)
    ]
    return Read(tuple(roots))


def asked_of(planner: Planner, surface: Surface, type_name: str, nodes: Sequence[FieldNode]) -> Asked:
    """What a mutation's field asks of its payload."""
    groups = planner.operation.fields(type_name, nodes)
    parts = {key: group[0].name.value for key, group in groups.items()}
    nested = {
        key: {one: inner[0].name.value for one, inner in planner.operation.fields(NESTED[name], groups[key]).items()}
        for key, name in parts.items()
        if name in NESTED
    }
    records = [key for key, name in parts.items() if name in ("record", "records")]
    selects = {key: planner.selecting.record(surface, groups[key]) for key in records}
    recipes = tuple(planner.slots.recipes)
    return Asked(surface, type_name, parts, nested, selects, recipes, read_of(surface, selects, 1, len(recipes)))


@dataclass(frozen=True)
class Payload:
    """The payload of one mutation in the making."""

    context: Context
    asked: Asked

    async def finished(self, outcome: Outcome) -> Finished:
        """The payload; its records are read again, as the caller may now see them."""
        rows = await self._rows(outcome.ids)
        return Finished({key: self._part(key, name, rows, outcome) for key, name in self.asked.parts.items()})

    def _part(self, key: str, name: str, rows: Mapping[str, Sequence[Any]], outcome: Outcome) -> object:
        match name:
            case "record":
                return rows[key][0] if rows[key] else None
            case "records":
                return [row for row in rows[key] if row is not None]
            case "ids":
                return [str(one) for one in outcome.ids]
            case "id":
                return str(outcome.ids[0]) if outcome.ids else None
            case "errors":
                return [
                    {one: self._problem(each, inner) for one, inner in self.asked.nested[key].items()}
                    for each in outcome.problems
                ]
            case "examples" | "kept":
                names = self.asked.nested[key]
                told = {"__typename": NESTED[name]}
                return [
                    {one: (told | each)[inner] for one, inner in names.items()} for each in outcome.facts.get(name, ())
                ]
            case _ if name in outcome.facts:
                return outcome.facts[name]
            case _ if name in EMPTY:
                return EMPTY[name]
        return self.asked.type_name

    async def _rows(self, ids: Sequence[UUID]) -> dict[str, list[Any]]:
        rows: dict[str, list[Any]] = {key: [] for key in self.asked.selects}
        if not ids or not rows:
            return rows
        values = [*(recipe(self.context.variables) for recipe in self.asked.recipes), *ids]
        read = self.asked.read(len(ids))
        answer = orjson.loads(await self.context.doors.reader.answer(self.context.caller, read, values))
        for name, row in answer.items():
            rows[name.partition(MARK)[2]].append(row)
        return rows

    def _problem(self, problem: Problem, name: str) -> str | None:
        match name:
            case "field":
                return camel(problem.field) if problem.field else None
            case "code":
                return problem.code
            case "message":
                return self.context.message(problem)
        return "Problem"


def prepare(context: Context, surface: Surface, type_name: str, info: GraphQLResolveInfo[Any]) -> Payload:
    """The payload of a mutation, before its work: what may not be selected is refused while nothing has changed."""
    key = str(info.path.key)
    asked = context.kept(key, lambda: asked_of(context.planner(), surface, type_name, info.field_nodes))
    if asked.selects:
        context.doors.reader.plan(context.caller, asked.one)
    return Payload(context, asked)
