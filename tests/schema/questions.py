"""Random documents over the test plugin: lists, links, filters, orders, pages, fragments, summaries, nodes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from core.fields import LISTS, ORDERED, TEXTUAL, Kind
from core.registry import FieldSpec, ModelSpec, Registry
from schema.catalogue import Catalogue
from tests.schema.world import World, words

CURSOR = "$CURSOR$"


@dataclass
class Questions:
    """Makes documents; every choice comes from `random`, so that Hypothesis can shrink it."""

    registry: Registry
    catalogue: Catalogue
    rows: World
    random: Random
    paged: str = ""

    def document(self) -> str:
        roots = [self.root(f"r{number}") for number in range(self.random.randrange(1, 4))]
        return "{ " + " ".join(roots) + " }"

    def spec(self) -> ModelSpec:
        labels = ("shop.customer", "shop.customer", "shop.contact", "shop.card", "shop.move", "core.user")
        return self.registry.models[self.random.choice(labels)]

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def root(self, key: str) -> str:
        spec = self.spec()
        surface = self.catalogue.surfaces[spec.label]
        kind = self.random.randrange(10)
        record = str(self.random.choice(self.rows[spec.label])["id"])
        if kind == 0:
            return f'{key}: {surface.stem}(id: "{record}") {self.record(spec, 2)}'
        if kind == 1:
            return f'{key}: node(id: "{record}") {{ __typename id ... on {spec.type_name} {self.record(spec, 1)} }}'
        if kind in (2, 3):
            return f"{key}: {surface.plural}Summary({self.summary(spec)}) {SUMMARY}"
        arguments = self.arguments(spec, 2)
        if not self.paged and self.chance(0.4):
            self.paged = f"{{ {surface.plural}({arguments}) {{ edges {{ cursor }} }} }}"
            size, edge = self.random.choice((("first", "after"), ("last", "before")))
            arguments += f' {size}: {self.random.randrange(6)} {edge}: "{CURSOR}"'
        else:
            arguments += self.size()
        return f"{key}: {surface.plural}({arguments}) {self.connection(spec, 2)}"

    def size(self) -> str:
        kind = self.random.randrange(4)
        return "" if kind == 0 else f" {'last' if kind == 1 else 'first'}: {self.random.randrange(12)}"

    def arguments(self, spec: ModelSpec, depth: int) -> str:
        """Filter, order and recycle bin of a list; never nothing, so that it can stand in brackets."""
        parts = [f"archived: {self.random.choice(('WITHOUT', 'WITHOUT', 'WITH', 'ONLY'))}"]
        if self.chance(0.6):
            parts.append(f"filter: {self.filter(spec, depth)}")
        if self.chance(0.6):
            parts.append(f"order: [{', '.join(self.order(spec) for _ in range(self.random.randrange(1, 4)))}]")
        return " ".join(parts)

    def order(self, spec: ModelSpec) -> str:
        member = self.random.choice(sorted(self.catalogue.surfaces[spec.label].orders))
        return f"{{field: {member}, direction: {self.random.choice(('ASC', 'DESC'))}}}"

    # Selections

    def connection(self, spec: ModelSpec, depth: int) -> str:
        parts = ["__typename"] if self.chance(0.2) else []
        if self.chance(0.7):
            parts.append(f"nodes {self.record(spec, depth)}")
        if self.chance(0.4):
            parts.append(f"edges {{ cursor node {self.record(spec, depth - 1)} }}")
        if self.chance(0.4):
            parts.append("pageInfo { hasNextPage hasPreviousPage startCursor endCursor }")
        if self.chance(0.4) or not parts:
            parts.append("totalCount")
        return "{ " + " ".join(parts) + " }"

    def record(self, spec: ModelSpec, depth: int) -> str:
        surface = self.catalogue.surfaces[spec.label]
        parts = []
        names = self.random.sample(sorted(surface.fields), self.random.randrange(1, 6))
        for number, name in enumerate(names):
            one = surface.fields[name]
            key = f"a{number}{'x' * 70}: " if self.chance(0.05) else f"a{number}: " if self.chance(0.2) else ""
            if one.kind is Kind.LINK:
                if depth > 0:
                    parts.append(f"{key}{name} {self.record(self.registry.models[str(one.target)], depth - 1)}")
            elif one.kind is Kind.MONEY:
                parts.append(f"{key}{name} {{ amount c: currency }}")
            elif one.kind is Kind.POSITION:
                parts.append(f"{key}{name} {{ __typename latitude longitude }}")
            else:
                parts.append(f"{key}{name}")
        for name, back in surface.backs.items():
            if depth > 0 and self.chance(0.25) and back.source in self.rows:
                source = self.registry.models[back.source]
                parts.append(f"{name}({self.arguments(source, 1)}{self.size()}) {self.connection(source, depth - 1)}")
        parts += [COMPUTED.get(name, name) for name in surface.computed if self.chance(0.2)]
        body = " ".join(parts) or "id"
        if self.chance(0.2):
            body = f"... on {spec.type_name} {{ {body} }} ... on Node {{ id }} ... @include(if: false) {{ version }}"
        return f"{{ {body} }}"

    def summary(self, spec: ModelSpec) -> str:
        surface = self.catalogue.surfaces[spec.label]
        groups, measures = [], ["{function: COUNT}"]
        for member in self.random.sample(sorted(surface.groups), self.random.randrange(3)):
            kind = spec.fields[surface.groups[member]].kind if "." not in surface.groups[member] else None
            widths = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
            dated = kind is Kind.MOMENT or (kind is Kind.DATE and self.chance(0.7))
            groups.append(f"{{field: {member}{f', bucket: {self.random.choice(widths)}' if dated else ''}}}")
        for member in self.random.sample(sorted(surface.measures), self.random.randrange(3)):
            kind = spec.fields[surface.measures[member]].kind
            numeric = ("SUM", "AVERAGE") if kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY) else ()
            ranked = ("MEDIAN", "P90") if kind in (Kind.INTEGER, Kind.DECIMAL) else ()
            functions = ("COUNT", "MIN", "MAX", *numeric, *ranked)
            measures.append(f"{{function: {self.random.choice(functions)}, field: {member}}}")
        given = f"groupBy: [{', '.join(groups)}] measures: [{', '.join(measures)}]"
        return given + (f" filter: {self.filter(spec, 2)}" if self.chance(0.5) else "")

    # Filters

    def filter(self, spec: ModelSpec, depth: int) -> str:
        return "{" + ", ".join(self.conditions(spec, depth)) + "}"

    def conditions(self, spec: ModelSpec, depth: int) -> list[str]:
        surface = self.catalogue.surfaces[spec.label]
        names = self.random.sample(sorted(surface.fields), self.random.randrange(1, 3))
        parts = [self.condition(spec, name, surface.fields[name], depth) for name in names]
        if depth > 0 and self.chance(0.3):
            inner = ", ".join(self.filter(spec, depth - 1) for _ in range(self.random.randrange(3)))
            parts.append(
                self.random.choice((f"and: [{inner}]", f"or: [{inner}]", f"not: {self.filter(spec, depth - 1)}"))
            )
        backs = [name for name, back in surface.backs.items() if back.source in self.rows]
        if depth > 0 and backs and self.chance(0.3):
            name = self.random.choice(backs)
            source = self.registry.models[surface.backs[name].source]
            parts.append(f"{name}: {{{self.random.choice(('some', 'none'))}: {self.filter(source, depth - 1)}}}")
        return parts

    def condition(self, spec: ModelSpec, name: str, one: FieldSpec, depth: int) -> str:
        if one.kind is Kind.LINK:
            if depth > 0 and self.chance(0.7):
                return f"{name}: {self.filter(self.registry.models[str(one.target)], depth - 1)}"
            return f"{name}IsEmpty: {self.truth()}"
        if one.kind in (Kind.POSITION, Kind.DATA) or (one.kind not in (Kind.BOOLEAN, Kind.ID) and self.chance(0.15)):
            return f"{name}: {{isEmpty: {self.truth()}}}"
        operator = self.random.choice(self.operators(one))
        if operator == "in":
            values = ", ".join(self.literal(spec, one, "eq") for _ in range(self.random.randrange(4)))
            return f"{name}: {{in: [{values}]}}"
        return f"{name}: {{{operator}: {self.literal(spec, one, operator)}}}"

    def truth(self) -> str:
        return "true" if self.chance(0.5) else "false"

    def operators(self, one: FieldSpec) -> tuple[str, ...]:
        if one.kind in TEXTUAL:
            return ("eq", "in", "contains", "startsWith")
        if one.kind in LISTS:
            return ("has",)
        if one.kind in ORDERED:
            return ("eq", "lt", "lte", "gt", "gte", *(("in",) if one.kind is not Kind.MONEY else ()))
        return ("eq",) if one.kind is Kind.BOOLEAN else ("eq", "in")

    def literal(self, spec: ModelSpec, one: FieldSpec, operator: str) -> str:
        """A value that some row has, or a part of it."""
        samples = [row.get(one.name) for row in self.rows[spec.label]]
        samples = [value for value in samples if value is not None and value != ()]
        if not samples and one.traits.choices:
            return next(iter(one.traits.choices)).name
        value = words(self.random.choice(samples)) if samples else SPARE[one.kind]
        if one.kind is Kind.CHOICE:
            return str(value)
        if isinstance(value, dict):
            return f'{{amount: "{value["amount"]}", currency: "{value["currency"]}"}}'
        if isinstance(value, list):
            value = self.random.choice(value)
        if isinstance(value, str) and one.kind in TEXTUAL and operator != "eq":
            start = 0 if operator == "startsWith" else self.random.randrange(len(value))
            value = value[start : start + self.random.randrange(1, 4)]
        if isinstance(value, str) and self.chance(0.2) and one.kind in TEXTUAL:
            value = value.upper()
        return json.dumps(value)


COMPUTED = {"cardsWorth": "cardsWorth { c: currency amount __typename }"}
SPARE = {
    Kind.INTEGER: 1,
    Kind.MOMENT: "2026-01-01T00:00:00Z",
    Kind.LINK: "",
    **dict.fromkeys(TEXTUAL, "none at all"),
}
SUMMARY = "{ groups { field value label } measures { function field value amounts { amount currency } } }"
