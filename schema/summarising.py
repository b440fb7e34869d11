"""Summaries: groups and measures of GraphQL as a summary of the query tree, and its rows back in the form asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import FieldNode

from core.conditions import Condition
from core.errors import BadQuery
from core.fields import Kind
from core.query import Archived, Bucket, Function, Group, Measure, Summary
from core.registry import FieldSpec, camel
from schema.catalogue import Catalogue, Surface
from schema.finishing import Figure, SummaryFinish
from schema.selecting import Operation
from schema.words import FUNCTIONS

MOST = 8


def summary_of(
    catalogue: Catalogue,
    operation: Operation,
    surface: Surface,
    nodes: Sequence[FieldNode],
    arguments: Mapping[str, Any],
    *,
    rows: tuple[Condition, Archived],
) -> tuple[Summary, SummaryFinish]:
    """The summary that a root field asks for, and how its rows are shaped."""
    shape = _names(operation, "SummaryRow", nodes)
    by_key = operation.fields("SummaryRow", nodes)
    inner = {"groups": "SummaryGroup", "measures": "SummaryMeasure"}
    parts = {key: _names(operation, inner[name], by_key[key]) for key, name in shape.items() if name in inner}
    money = {key: _amounts(operation, by_key[key]) for key, name in shape.items() if name == "measures"}
    asked_groups, asked_measures = arguments.get("groupBy") or [], arguments["measures"]
    if len(asked_groups) > MOST or len(asked_measures) > MOST:
        raise BadQuery(f"A summary has at most {MOST} groups and {MOST} measures")
    labelled = any("label" in names.values() for key, names in parts.items() if shape[key] == "groups")
    groups, heads = _groups(catalogue, surface, asked_groups, labelled=labelled)
    measures, figures = _measures(surface, asked_measures)
    summary = Summary(surface.spec.label, tuple(groups), tuple(measures), rows[0], rows[1])
    return summary, SummaryFinish(shape, parts, money, tuple(heads), tuple(figures))


def _amounts(operation: Operation, nodes: Sequence[FieldNode]) -> dict[str, dict[str, str]]:
    """What is selected of the amounts of measures, by the response key of each field of a measure."""
    groups = operation.fields("SummaryMeasure", nodes)
    return {key: _names(operation, "Money", group) for key, group in groups.items()}


def _names(operation: Operation, type_name: str, nodes: Sequence[FieldNode]) -> dict[str, str]:
    return {key: group[0].name.value for key, group in operation.fields(type_name, nodes).items()}


def _groups(
    catalogue: Catalogue, surface: Surface, asked: Sequence[Mapping[str, Any]], *, labelled: bool
) -> tuple[list[Group], list[Figure]]:
    groups: list[Group] = []
    heads: list[Figure] = []
    for number, one in enumerate(asked):
        path = str(one["field"].value)
        bucket = Bucket(one["bucket"].value) if one.get("bucket") is not None else None
        found, target = _end(catalogue, surface, path)
        dated = found.kind in (Kind.DATE, Kind.MOMENT)
        if bucket is not None and not dated:
            raise BadQuery(f"{camel(path)} is no date and has no bucket")
        if found.kind is Kind.MOMENT and bucket is None:
            raise BadQuery(f"{camel(path)} is a point in time; choose a bucket")
        label = ""
        if labelled and target:
            label = f"l{number}"  # before the id, so that rows come in the order of the titles
            groups.append(Group(label, f"{path}.{target}"))
        groups.append(Group(f"g{number}", path, bucket))
        heads.append(Figure(f"g{number}", path, label=label))
    return groups, heads


def _end(catalogue: Catalogue, surface: Surface, path: str) -> tuple[FieldSpec, str]:
    """The field at the end of a path, and of a link the title field of its record."""
    specs = {one.name: one for one in surface.fields.values()}
    head, _, rest = path.partition(".")
    found = specs[head]
    if rest and found.traits.kind is Kind.LINK:
        return catalogue.surfaces[str(found.target)].spec.fields[rest], ""
    return found, catalogue.surfaces[str(found.target)].spec.title if found.kind is Kind.LINK else ""


def _measures(surface: Surface, asked: Sequence[Mapping[str, Any]]) -> tuple[list[Measure], list[Figure]]:
    kinds = {one.name: one.kind for one in surface.fields.values()}
    measures: list[Measure] = []
    figures: list[Figure] = []
    for number, one in enumerate(asked):
        function = FUNCTIONS[one["function"].value]
        field = str(one["field"].value) if one.get("field") is not None else ""
        if not field and function is not Function.COUNT:
            raise BadQuery(f"{function.name} needs a field")
        amounts = bool(field) and kinds[field] is Kind.MONEY and function is not Function.COUNT
        measures.append(Measure(f"m{number}", function, field))
        figures.append(Figure(f"m{number}", field, function=one["function"].name, amounts=amounts))
    return measures, figures
