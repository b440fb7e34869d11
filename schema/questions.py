"""Questions of plugins: their types, their plan, and their answers in the shape that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from graphql import FieldNode
from strawberry.types.field import StrawberryField

from core.codec import moment_text
from core.desk import Desk
from core.fields import Kind
from core.model import Model
from core.money import Money
from core.parse import Assume, parse
from core.questions import VALUES, AnswerShape, Question
from core.registry import camel, pascal
from schema import words
from schema.declare import argument, field, output_type, several
from schema.finishing import Setting
from schema.selecting import TYPENAME, Operation
from schema.types import Types

PLAIN: Mapping[type, Any] = {UUID: strawberry.ID, Money: words.Money}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an answer: each response key with the field it shows, and what is asked below."""

    name: str
    below: Mapping[str, Asked]


def type_name(plugin: str, shape: AnswerShape) -> str:
    """The name of a dataclass in GraphQL."""
    return pascal(plugin) + shape.type.__name__


class QuestionTypes:
    """The types of all questions; a dataclass becomes one type, however often it is answered with."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._made: dict[type, Any] = {}

    def field(self, plugin: str, question: Question) -> StrawberryField:
        """The root field."""
        arguments = []
        for name, traits in question.arguments.items():
            wanted = self._types.input_of(traits)
            arguments.append(argument(camel(name), wanted if traits.required else wanted | None, traits.help))
        return field(self._annotation(plugin, question.result), question.help, arguments)

    def _annotation(self, plugin: str, shape: AnswerShape) -> Any:
        one = self._type(plugin, shape)
        found = several(one) if shape.several else one
        return found | None if shape.optional else found

    def _type(self, plugin: str, shape: AnswerShape) -> Any:
        if shape.type in PLAIN:
            return PLAIN[shape.type]
        if issubclass(shape.type, Enum):
            return self._types.choices[shape.type]
        if shape.type in VALUES:
            return shape.type
        if shape.type not in self._made:
            fields = {camel(name): field(self._annotation(plugin, one)) for name, one in shape.parts.items()}
            told = (shape.type.__doc__ or "").strip().partition("\n")[0]
            self._made[shape.type] = output_type(type_name(plugin, shape), fields, told)
        return self._made[shape.type]


def asked_of(operation: Operation, plugin: str, shape: AnswerShape, nodes: Sequence[FieldNode]) -> dict[str, Asked]:
    """What a document selects of an answer."""
    name = "Money" if shape.type is Money else type_name(plugin, shape)
    parts = {camel(one): (one, below) for one, below in shape.parts.items()}
    found: dict[str, Asked] = {}
    for key, group in operation.fields(name, nodes).items():
        named = group[0].name.value
        if named == TYPENAME or shape.type is Money:
            found[key] = Asked(named, {})
        else:
            part, below = parts[named]
            found[key] = Asked(part, asked_of(operation, plugin, below, group))
    return found


@dataclass(frozen=True, slots=True)
class QuestionFinish:
    """The answer of a question; `slots` are the places of its arguments among the plan's values."""

    plugin: str
    question: Question
    slots: Mapping[str, int]
    asked: Mapping[str, Asked]

    async def value(self, setting: Setting, _: Mapping[str, Any], __: str) -> Any:
        """Ask it as the caller, and shape what it says."""
        if self.question.permission:
            setting.caller.require(self.question.permission)
        desk = setting.desk
        given = {name: setting.values[slot] for name, slot in self.slots.items()}
        arguments = {name: await _argument(desk, self.question, name, raw) for name, raw in given.items()}
        answer = await self.question.ask(desk, **arguments)
        return _shown(self.plugin, self.question.result, self.asked, answer)


async def _argument(desk: Desk, question: Question, name: str, raw: Any) -> Any:
    traits = question.arguments[name]
    given = raw.value if isinstance(raw, Enum) else raw
    found = parse(name, traits, given, Assume(zone=desk.caller.zone))
    if traits.kind is Kind.LINK and isinstance(traits.target, type) and isinstance(found, UUID):
        target: type[Model] = traits.target
        return await desk.get(target, found)
    return found


def _shown(plugin: str, shape: AnswerShape, asked: Mapping[str, Asked], value: Any) -> Any:
    if value is None:
        return None
    if shape.several:
        one = AnswerShape(shape.type)
        return [_shown(plugin, one, asked, each) for each in value]
    if shape.type is Money:
        words_of = {"amount": str(value.amount), "currency": value.currency, TYPENAME: "Money"}
        return {key: words_of[one.name] for key, one in asked.items()}
    if not shape.parts:
        return _plain(value)
    parts = shape.parts
    return {
        key: type_name(plugin, shape)
        if one.name == TYPENAME
        else _shown(plugin, parts[one.name], one.below, getattr(value, one.name))
        for key, one in asked.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value
