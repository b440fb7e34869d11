"""Filters given as JSON outside of a GraphQL document: the same words, the same refusals."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError
from graphql.utilities import coerce_input_value, validate_input_value

from core.conditions import Condition
from core.errors import BadQuery, UnknownField
from schema.asking import Asking
from schema.assemble import Schema
from schema.documents import unknown_field
from schema.variables import Slots


def filter_condition(schema: Schema, label: str, given: object) -> Condition:
    """The condition of a model's filter, as its list takes it in GraphQL; `BadQuery` names what is wrong."""
    surface = schema.catalogue.surfaces[label]
    expected: Any = schema.core.get_type(f"{surface.name}Filter")

    def refuse(error: GraphQLError, path: list[str | int]) -> None:
        unknown = unknown_field(schema.core, error)
        if unknown:
            raise UnknownField(schema.catalogue.types[unknown[0]].spec.label, unknown[1])
        raise BadQuery(f"The filter is wrong at {'.'.join(map(str, path)) or 'its top'}: {error.message}")

    validate_input_value(given, expected, refuse, hide_suggestions=True)
    return Asking(schema.catalogue, Slots(), 0).condition(surface, coerce_input_value(given, expected))
