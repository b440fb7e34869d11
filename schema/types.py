"""The types of one registry: objects, connections, filters, orders, inputs and payloads of every model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

import strawberry
from strawberry.scalars import JSON
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from core.fields import LISTS, Kind, Traits
from core.fields import Position as PositionValue
from core.money import Money
from core.registry import FieldSpec, choice_labels
from schema import words
from schema.catalogue import Catalogue, Surface, derived_types
from schema.declare import argument, blank, enum_type, field, fill, given, several

OUTPUTS: dict[Kind, Any] = {
    Kind.ID: strawberry.ID,
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.MONEY: words.Money,
    Kind.BOOLEAN: bool,
    Kind.DATE: date,
    Kind.MOMENT: datetime,
    Kind.POSITION: words.Position,
    Kind.DATA: JSON,
    **dict.fromkeys(LISTS, list[str]),
}
INPUTS: dict[Kind, Any] = {
    **OUTPUTS,
    Kind.MONEY: words.MoneyInput,
    Kind.POSITION: words.PositionInput,
    Kind.LINK: strawberry.ID,
}
FILTERS: dict[Kind, Any] = {
    Kind.ID: words.IdFilter,
    Kind.INTEGER: words.IntFilter,
    Kind.DECIMAL: words.DecimalFilter,
    Kind.MONEY: words.MoneyFilter,
    Kind.BOOLEAN: words.BooleanFilter,
    Kind.DATE: words.DateFilter,
    Kind.MOMENT: words.DateTimeFilter,
    Kind.POSITION: words.EmptyFilter,
    Kind.DATA: words.EmptyFilter,
    **dict.fromkeys(LISTS, words.ListFilter),
}
PLAIN: dict[Any, Any] = {Money: words.Money, PositionValue: words.Position}


@dataclass(frozen=True)
class Types:
    """The Strawberry types of a catalogue, by their names in GraphQL and by choice."""

    catalogue: Catalogue
    named: Mapping[str, Any]
    choices: Mapping[type[Enum], Any]

    def input_of(self, traits: Traits) -> Any:
        """The type of a field in an input."""
        return self.choices[traits.choices] if traits.choices else INPUTS.get(traits.kind, str)

    def list_arguments(self, surface: Surface) -> list[StrawberryArgument]:
        """The arguments of a list, at the root and as a back link."""
        name = surface.name
        return [
            argument("filter", self.named[f"{name}Filter"] | None, "Which records"),
            argument("order", several(self.named[f"{name}Order"]) | None, "By what, the weightiest first"),
            argument("first", int | None, "How many, from the beginning or `after`; 50 unless told"),
            argument("after", str | None, "The cursor of the record before the page"),
            argument("last", int | None, "How many, from the end or `before`"),
            argument("before", str | None, "The cursor of the record behind the page"),
            argument("archived", words.ArchivedEnum, "Whether the recycle bin is meant", words.ArchivedEnum.WITHOUT),
        ]


def build_types(catalogue: Catalogue) -> Types:
    """All types of a catalogue. Each name is a class before any is filled, since records link to each other."""
    named = {name: blank(name) for surface in catalogue.surfaces.values() for name in derived_types(surface)}
    named |= {one.name: blank(one.name, words.Node) for one in catalogue.surfaces.values()}
    choices = {one: _choice(name, one) for one, name in catalogue.enums.items()}
    filters = {one: words.choice_filter(f"{name}Filter", choices[one]) for one, name in catalogue.enums.items()}
    for surface in catalogue.surfaces.values():
        _enums(named, surface)
    types = Types(catalogue, named, choices)
    for surface in catalogue.surfaces.values():
        _fill_object(types, surface)
        _fill_filter(types, surface, filters)
        _fill_choosers(types, surface)
        _fill_inputs(types, surface)
        _fill_likeness(types, surface)
    return types


def _choice(name: str, choices: type[Enum]) -> Any:
    description = (choices.__doc__ or "").partition("\n")[0]
    made = enum_type(name, {one.name.upper(): str(one.value) for one in choices}, description)
    labels = choice_labels(choices)
    for one in made.__strawberry_definition__.values:
        one.description = labels[one.value]
    return made


def _enums(named: dict[str, Any], surface: Surface) -> None:
    for ending, members in (
        ("OrderField", surface.orders),
        ("GroupField", surface.groups),
        ("MeasureField", surface.measures),
    ):
        named[surface.name + ending] = enum_type(surface.name + ending, members)


def _output(types: Types, one: FieldSpec) -> Any:
    if one.kind is Kind.LINK:
        return (
            types.named[types.catalogue.surfaces[str(one.target)].name] | None
        )  # null where the caller may not see it
    found = types.choices[one.traits.choices] if one.traits.choices else OUTPUTS.get(one.kind, str)
    required = one.traits.required and (not one.inside or one.kind is Kind.BOOLEAN)  # records from before may lack it
    filled = required or one.kind in LISTS or one.name == "version"
    return found if filled else found | None


def _describe(traits: Traits) -> str:
    return f"{traits.label}: {traits.help}" if traits.help else traits.label


def _fill_object(types: Types, surface: Surface) -> None:
    name, named = surface.name, types.named
    fields: dict[str, StrawberryField] = {
        key: field(_output(types, one), _describe(one.traits)) for key, one in surface.fields.items()
    }
    for key, back in surface.backs.items():
        source = types.catalogue.surfaces[back.source]
        connection = named[f"{source.name}Connection"]
        fields[key] = field(connection, source.spec.help, types.list_arguments(source))
    for key, one in surface.computed.items():
        fields[key] = field(_computed(one.result, types.choices), one.help)
    fill(named[name], fields, surface.spec.help)
    edge = {"cursor": field(str, "For `after` and `before`"), "node": field(named[name])}
    fill(named[f"{name}Edge"], edge, "A record and its place in the list")
    connection_fields = {
        "nodes": field(several(named[name]), "The records of the page"),
        "edges": field(several(named[f"{name}Edge"]), "The records of the page with their cursors"),
        "pageInfo": field(words.PageInfo),
        "totalCount": field(int, words.TOTAL),
    }
    fill(named[f"{name}Connection"], connection_fields, f"A page of records: {surface.spec.humans.lower()}")
    payload = {
        "record": field(named[name] | None, "The record as it now is; null after a refusal or out of sight"),
        "records": field(several(named[name]), "The records as they now are"),
        "errors": field(several(words.Problem), "What to mend; empty on success"),
    }
    fill(named[f"{name}Payload"], payload, "What a change did")


def _computed(result: Any, choices: Mapping[type[Enum], Any]) -> Any:
    """The type of an extension's field from the annotation of its method."""
    if get_origin(result) in (Union, UnionType):
        inner = [one for one in get_args(result) if one is not type(None)]
        return _computed(inner[0], choices) | None if len(inner) == 1 else JSON | None
    if result in choices:
        return choices[result]
    if get_origin(result) in (list, tuple):
        return several(_computed(get_args(result)[0], choices))
    if result in (str, int, float, bool, Decimal, date, datetime):
        return result
    return PLAIN.get(result, JSON)


def _fill_filter(types: Types, surface: Surface, filters: Mapping[type[Enum], Any]) -> None:
    name, named = surface.name, types.named
    fields: dict[str, StrawberryField] = {}
    for key, one in surface.fields.items():
        if one.kind is Kind.LINK:
            target = types.catalogue.surfaces[str(one.target)]
            fields[key] = given(
                named[f"{target.name}Filter"] | None, f"The record at the link {one.traits.label}, in sight"
            )
            fields[f"{key}IsEmpty"] = given(bool | None, f"Whether there is no {one.traits.label}")
        else:
            found = filters[one.traits.choices] if one.traits.choices else FILTERS.get(one.kind, words.TextFilter)
            fields[key] = given(found | None, one.traits.label)
    for key, back in surface.backs.items():
        source = types.catalogue.surfaces[back.source]
        fields[key] = given(named[f"{source.name}BackFilter"] | None, f"Its {source.spec.humans.lower()}")
    filters_of = several(named[f"{name}Filter"]) | None
    fields["and"] = given(filters_of, "All hold")
    fields["or"] = given(filters_of, "Any holds; of none: nothing")
    fields["not"] = given(named[f"{name}Filter"] | None, "Does not hold")
    fill(named[f"{name}Filter"], fields, "All of the given conditions hold", is_input=True)
    back_fields = {
        "some": given(named[f"{name}Filter"] | None, "At least one visible record fulfils it"),
        "none": given(named[f"{name}Filter"] | None, "No visible record fulfils it"),
    }
    fill(named[f"{name}BackFilter"], back_fields, "Conditions on a list of records", is_input=True)


def _fill_choosers(types: Types, surface: Surface) -> None:
    name, named = surface.name, types.named
    order = {
        "field": given(named[f"{name}OrderField"]),
        "direction": given(words.Direction, default=words.Direction.ASC),
    }
    fill(named[f"{name}Order"], order, "A sort key", is_input=True)
    group = {
        "field": given(named[f"{name}GroupField"]),
        "bucket": given(words.BucketEnum | None, "The period, where the field is a date"),
    }
    fill(named[f"{name}GroupBy"], group, "What rows are grouped by", is_input=True)
    measure = {
        "function": given(words.FunctionEnum),
        "field": given(named[f"{name}MeasureField"] | None, "Of which field; not needed to count"),
    }
    fill(named[f"{name}Measure"], measure, "A figure of each group", is_input=True)


def writable(surface: Surface) -> dict[str, FieldSpec]:
    """The fields that a create or an update may set, by their names in GraphQL."""
    return {key: one for key, one in surface.fields.items() if not one.traits.readonly and not one.system}


def _fill_likeness(types: Types, surface: Surface) -> None:
    if surface.spec.resource.duplicates:
        names = {one.name: key for key, one in surface.fields.items()}
        fields = {
            names[one]: given(
                types.input_of(surface.spec.fields[one].traits) | None, surface.spec.fields[one].traits.label
            )
            for one in surface.spec.resource.duplicates
        }
        told = f"What a new {surface.spec.human.lower()} has in common with those that look like it"
        fill(types.named[f"{surface.name}LookalikesInput"], fields, told, is_input=True)


def _fill_inputs(types: Types, surface: Surface) -> None:
    fields = writable(surface)
    if not fields:
        return
    create, update = {}, {}
    for key, one in fields.items():
        wanted, help_text = types.input_of(one.traits), _describe(one.traits)
        required = one.traits.required and not one.inside  # a program from before is told what to fill in
        needed = required and one.traits.default is None and one.kind is not Kind.BOOLEAN
        create[key] = given(wanted if needed else wanted | None, help_text)
        update[key] = given(wanted | None, help_text)
    human = surface.spec.human.lower()
    fill(types.named[f"{surface.name}CreateInput"], create, f"A new {human}", is_input=True)
    fill(
        types.named[f"{surface.name}UpdateInput"],
        update,
        f"Changes of a {human}; what is left out stays",
        is_input=True,
    )
