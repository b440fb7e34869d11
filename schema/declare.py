"""Making Strawberry types from values: the registry is known only at boot, so no class can be written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from types import GenericAlias
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField


def argument(
    name: str, annotation: object, description: str = "", default: object = strawberry.UNSET
) -> StrawberryArgument:
    """An argument of a field."""
    return StrawberryArgument(
        name, name, StrawberryAnnotation(annotation), description=description or None, default=default
    )


def field(annotation: object, description: str = "", arguments: Iterable[StrawberryArgument] = ()) -> StrawberryField:
    """A field of an object type, without a resolver: planned values are final, root fields get theirs at the end."""
    made = StrawberryField(type_annotation=StrawberryAnnotation(annotation), description=description or None)
    made.arguments = list(arguments)
    return made


def given(annotation: object, description: str = "", default: object = strawberry.UNSET) -> StrawberryField:
    """A field of an input type."""
    made = StrawberryField(
        type_annotation=StrawberryAnnotation(annotation), description=description or None, default=default
    )
    made.arguments = []
    return made


def several(annotation: object) -> Any:
    """A list type whose elements are never null."""
    return GenericAlias(list, (annotation,))


def blank(name: str, *bases: type) -> type:
    """A class that other types can already name; `fill` makes a type of it."""
    return type(name, bases, {"__annotations__": {}})


def fill(cls: Any, fields: Mapping[str, StrawberryField], description: str = "", **options: Any) -> Any:
    """The class as a Strawberry type (with `is_input` or `is_interface`) with fields by their names in GraphQL."""
    annotations: dict[str, object] = {}
    for number, (name, one) in enumerate(fields.items()):
        attribute = f"f{number}_{name}"  # `in`, `and` and `not` are names in GraphQL, but words of Python
        one.graphql_name = name
        annotations[attribute] = one.type_annotation.annotation if one.type_annotation else None
        setattr(cls, attribute, one)
    cls.__annotations__ = annotations
    return strawberry.type(cls, name=cls.__name__, description=description or None, **options)


def input_type(name: str, fields: Mapping[str, StrawberryField], description: str = "") -> Any:
    """An input type."""
    return fill(blank(name), fields, description, is_input=True)


def output_type(name: str, fields: Mapping[str, StrawberryField], description: str = "") -> Any:
    """An object type."""
    return fill(blank(name), fields, description)


def enum_type(name: str, members: Mapping[str, str], description: str = "") -> Any:
    """An enum whose members stand for texts: a path, or the value of a choice."""
    make: Any = Enum  # called with values, which mypy allows only literals to be
    made = make(name, dict(members))
    return strawberry.enum(made, name=name, description=description or None)
