"""Making Strawberry types from values: the registry is known only at boot, so no class can be written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from types import GenericAlias
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
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
    return type(name, bases, {})


def fill(
    cls: Any,
    fields: Mapping[str, StrawberryField],
    description: str = "",
    *,
    is_input: bool = False,
    is_interface: bool = False,
) -> Any:
    """The class as a Strawberry type with fields by their names in GraphQL.

    What `strawberry.type` does, without a dataclass: no instance is ever made, and a dataclass takes most of the time.
    """
    for name, one in fields.items():
        one.graphql_name = one.python_name = name
        one.origin = cls
    cls.__strawberry_definition__ = StrawberryObjectDefinition(
        name=cls.__name__,
        is_input=is_input,
        is_interface=is_interface,
        origin=cls,
        description=description or None,
        interfaces=[base.__strawberry_definition__ for base in cls.__bases__ if base is not object],
        extend=False,
        directives=(),
        is_type_of=None,
        resolve_type=None,
        fields=list(fields.values()),
    )
    return cls


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
