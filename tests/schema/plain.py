"""The plain path: graphql-core's own executor over rows in memory, with scope, filter, order and page written anew.

It shares nothing with the compiler: the schema is built from its printed text, rows are the world's Python values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any
from uuid import UUID

import orjson
from graphql import GraphQLResolveInfo, build_schema, execute, parse
from graphql.type import GraphQLSchema

from core.access import Caller, Scope
from core.fields import Kind
from core.money import Money
from core.registry import ModelSpec, Registry
from tests.schema.plain_values import bucket, figure, snake, sortable, test
from tests.schema.world import NOW, Row, World, words

CAP = 10_000


class Plain:
    """Answers documents from rows in memory."""

    def __init__(self, registry: Registry, sdl: str, rows: World) -> None:
        self.registry = registry
        self.schema: GraphQLSchema = build_schema(sdl)
        self.rows = rows
        self.by_id = {label: {one["id"]: one for one in ones} for label, ones in rows.items()}
        self.by_type = {spec.type_name: spec for spec in registry.surfaced()}
        self.shared = {
            (one["model"], one["record"]): one
            for one in rows["core.share"]
            if one["expires_at"] is None or one["expires_at"] > NOW
        }

    def answer(self, caller: Caller, text: str) -> dict[str, Any]:
        def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
            return self.resolve(caller, source, info, arguments)

        result = execute(
            self.schema, parse(text), root_value={}, field_resolver=resolve, type_resolver=lambda one, *_: one["#type"]
        )
        assert result.errors is None, result.errors  # type: ignore[union-attr]
        data: dict[str, Any] = result.data  # type: ignore[union-attr,assignment]
        return data

    # Scope

    def visible(self, caller: Caller, spec: ModelSpec, row: Row | None) -> bool:
        if row is None:
            return False
        if spec.parent:
            parent = self.registry.models[spec.parent]
            return self.visible(caller, parent, self.by_id[spec.parent].get(row[str(spec.meta.part_of)]))
        policy = caller.policy
        reach = policy.reach(f"{spec.label}.read")
        owner, department = row["owner"], row["department"]
        hits = {
            Scope.ALL: True,
            Scope.OWN: owner is not None and owner == policy.user_id,
            Scope.REPORTS: owner in policy.reports,
            Scope.DEPARTMENT: department is not None and department == policy.department,
            Scope.TREE: department in policy.departments,
            Scope.CHOSEN: department in reach.chosen,
        }
        return any(hits[one] for one in reach.scopes) or self.opened(caller, spec, row)

    def opened(self, caller: Caller, spec: ModelSpec, row: Row) -> bool:
        if not caller.policy.reach(f"{spec.label}.read").scopes:
            return False
        return any(
            one["model"] == spec.label
            and one["record"] == str(row["id"])
            and (one["expires_at"] is None or one["expires_at"] > NOW)
            and (
                one["user"] == caller.policy.user_id
                or (one["to_department"] is not None and one["to_department"] == caller.policy.department)
                or one["role"] in caller.policy.roles
            )
            for one in self.rows["core.share"]
        )

    def follow(self, caller: Caller, spec: ModelSpec, row: Row, link: str) -> Row | None:
        target = self.registry.models[str(spec.fields[link].target)]
        found = self.by_id[target.label].get(row[link])
        return found if self.visible(caller, target, found) else None

    def at(self, caller: Caller, spec: ModelSpec, row: Row | None, path: str) -> tuple[Any, Kind]:
        head, _, rest = path.partition(".")
        if not rest:
            return (row[head] if row is not None else None), spec.fields[head].kind
        target = self.registry.models[str(spec.fields[head].target)]
        return self.at(caller, target, self.follow(caller, spec, row, head) if row is not None else None, rest)

    # Fields

    def resolve(self, caller: Caller, source: Any, info: GraphQLResolveInfo, arguments: dict[str, Any]) -> Any:
        type_name, name = info.parent_type.name, info.field_name
        if type_name == "Query":
            return self.root(caller, name, arguments)
        spec = self.by_type.get(type_name)
        if spec is None:
            return source[name]
        field = snake(name)
        if field in spec.backs:
            back = spec.backs[field]
            listed = self.registry.models[back.source]
            joined = [one for one in self.rows[listed.label] if one[back.link] == source["id"]]
            return self.page(caller, listed, joined, arguments)
        if field not in spec.fields:
            return self.computed(field, self.cards(caller, source))
        if spec.fields[field].kind is Kind.LINK:
            return self.follow(caller, spec, source, field)
        return words(source[field])

    def computed(self, field: str, cards: list[Row]) -> Any:
        points = sum(one["points"] for one in cards)
        if field == "cards_worth":
            return words(Money(points, "USD")) if points else None
        best = max((one["tier"].name for one in cards), default=None)
        return {"is_gold": best == "GOLD", "best": best, "all_points": str(points)}[field]

    def cards(self, caller: Caller, customer: Row) -> list[Row]:
        spec = self.registry.models["shop.card"]
        rows = [one for one in self.rows["shop.card"] if one["customer"] == customer["id"] and not one["archived_at"]]
        return [one for one in rows if self.visible(caller, spec, one)]

    def root(self, caller: Caller, name: str, arguments: dict[str, Any]) -> Any:
        if name == "node":
            for spec in self.by_type.values():
                found = self.one(caller, spec, arguments["id"])
                if found is not None:
                    return found | {"#type": spec.type_name}
            return None
        for spec in self.by_type.values():
            stem = spec.type_name[0].lower() + spec.type_name[1:]
            plural = spec.plugin + "".join(part.capitalize() for part in spec.plural.split("_"))
            if name == stem:
                return self.one(caller, spec, arguments["id"])
            if name == plural:
                return self.page(caller, spec, self.rows[spec.label], arguments)
            if name == f"{plural}Summary":
                return self.summary(caller, spec, arguments)
        raise AssertionError(name)

    def one(self, caller: Caller, spec: ModelSpec, record: str) -> Row | None:
        found = self.by_id.get(spec.label, {}).get(UUID(record))
        return found if self.visible(caller, spec, found) else None

    # Lists

    def chosen(self, caller: Caller, spec: ModelSpec, rows: Sequence[Row], arguments: dict[str, Any]) -> list[Row]:
        wanted = {"WITHOUT": (False,), "ONLY": (True,), "WITH": (False, True)}[arguments["archived"]]
        return [
            row
            for row in rows
            if (row["archived_at"] is not None) in wanted
            and self.visible(caller, spec, row)
            and self.fits(caller, spec, row, arguments.get("filter") or {})
        ]

    def page(self, caller: Caller, spec: ModelSpec, rows: Sequence[Row], arguments: dict[str, Any]) -> dict[str, Any]:
        rows = self.ordered(caller, spec, self.chosen(caller, spec, rows, arguments), arguments.get("order") or [])
        first, last, total = arguments.get("first"), arguments.get("last"), min(len(rows), CAP + 1)
        after, before = arguments.get("after"), arguments.get("before")
        if after:
            rows = rows[self.place(rows, after) + 1 :]
        if before:
            rows = rows[: self.place(rows, before)]
        if last is not None or before is not None:
            size = 50 if last is None else last
            page, more = rows[max(len(rows) - size, 0) :], len(rows) > size
            ends: dict[str, Any] = {"hasNextPage": before is not None, "hasPreviousPage": more}
        else:
            size = 50 if first is None else first
            page, more = rows[:size], len(rows) > size
            ends = {"hasNextPage": more, "hasPreviousPage": after is not None}
        cursors = [str(one["id"]) for one in page]
        ends |= {"startCursor": cursors[0] if page else None, "endCursor": cursors[-1] if page else None}
        edges = [{"cursor": cursor, "node": one} for cursor, one in zip(cursors, page, strict=True)]
        return {"nodes": page, "edges": edges, "pageInfo": ends, "totalCount": total}

    def place(self, rows: Sequence[Row], cursor: str) -> int:
        record = UUID(orjson.loads(bytes.fromhex(cursor))[-1])
        return [one["id"] for one in rows].index(record)

    def ordered(self, caller: Caller, spec: ModelSpec, rows: Sequence[Row], order: list[dict[str, str]]) -> list[Row]:
        asked = [(self.path(spec, one["field"]), one["direction"] == "DESC") for one in order]
        keys = [one for number, one in enumerate(asked) if one[0] not in [path for path, _ in asked[:number]]]
        keys = keys or [(one.removeprefix("-"), one.startswith("-")) for one in spec.meta.order]

        def compare(left: Row, right: Row) -> int:
            for path, descending in keys:
                one, two = (sortable(*self.at(caller, spec, row, path)) for row in (left, right))
                if one == two:
                    continue
                if one is None or two is None:
                    return 1 if one is None else -1
                return (1 if one > two else -1) * (-1 if descending else 1)
            return (1 if str(left["id"]) > str(right["id"]) else -1) * (-1 if keys and keys[-1][1] else 1)

        return sorted(rows, key=cmp_to_key(compare))

    def path(self, spec: ModelSpec, member: str) -> str:
        name = member.lower()
        if name in spec.fields:
            return name
        for link, one in spec.links.items():
            if name.startswith(f"{link}_"):
                rest = name.removeprefix(f"{link}_")
                if rest in self.registry.models[str(one.target)].fields:
                    return f"{link}.{rest}"
        raise AssertionError(member)

    # Filters

    def fits(self, caller: Caller, spec: ModelSpec, row: Row, given: dict[str, Any]) -> bool:
        return all(self.part(caller, spec, row, key, value) for key, value in given.items())

    def part(self, caller: Caller, spec: ModelSpec, row: Row, key: str, value: Any) -> bool:
        if key == "not":
            return not self.fits(caller, spec, row, value)
        if key in ("and", "or"):
            parts = [self.fits(caller, spec, row, one) for one in value]
            return all(parts) if key == "and" else any(parts)
        name = snake(key)
        if name in spec.backs:
            return self.back(caller, spec, row, name, value)
        if name not in spec.fields:
            return (row[name.removesuffix("_is_empty")] is None) is value
        if spec.fields[name].kind is Kind.LINK:
            found = self.follow(caller, spec, row, name)
            target = self.registry.models[str(spec.fields[name].target)]
            return found is not None and self.fits(caller, target, found, value)
        return all(test(spec.fields[name].kind, row[name], operator, one) for operator, one in value.items())

    def back(self, caller: Caller, spec: ModelSpec, row: Row, name: str, value: dict[str, Any]) -> bool:
        back = spec.backs[name]
        source = self.registry.models[back.source]
        rows = [one for one in self.rows[back.source] if one[back.link] == row["id"] and one["archived_at"] is None]
        rows = [one for one in rows if self.visible(caller, source, one)]
        found = {word: any(self.fits(caller, source, one, inner) for one in rows) for word, inner in value.items()}
        return found.get("some", True) and not found.get("none", False)

    # Summaries

    def summary(self, caller: Caller, spec: ModelSpec, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self.chosen(caller, spec, self.rows[spec.label], arguments)
        groups = arguments.get("groupBy") or []
        found: dict[tuple[Any, ...], list[Row]] = {} if groups else {(): []}
        heads: dict[tuple[Any, ...], list[dict[str, Any]]] = {(): []}
        for row in rows:
            parts = [self.group(caller, spec, row, one) for one in groups]
            key = tuple(one for part in parts for one in part[0])
            heads[key] = [part[1] for part in parts]
            found.setdefault(key, []).append(row)

        def compare(left: tuple[Any, ...], right: tuple[Any, ...]) -> int:
            for one, two in zip(left, right, strict=True):
                if one != two:
                    return (1 if one is None else -1) if one is None or two is None else (1 if one > two else -1)
            return 0

        return [
            {"groups": heads[key], "measures": [self.measure(spec, found[key], one) for one in arguments["measures"]]}
            for key in sorted(found, key=cmp_to_key(compare))
        ]

    def group(
        self, caller: Caller, spec: ModelSpec, row: Row, asked: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        path = self.path(spec, asked["field"])
        value, kind = self.at(caller, spec, row, path)
        label, keys = None, []
        if kind is Kind.LINK:
            head = path.partition(".")[0]
            assert head == path
            target = self.registry.models[str(spec.fields[head].target)]
            label = self.at(caller, spec, row, f"{head}.{target.title}")[0]
            value = value if self.follow(caller, spec, row, head) else None
            keys.append(label)
        if asked.get("bucket") and value is not None:
            value = bucket(value, asked["bucket"], caller.zone)
        shown = words(value)
        keys.append(shown.lower() if kind is Kind.CHOICE and isinstance(shown, str) else shown)
        name = ".".join(re.sub(r"_(.)", lambda one: one[1].upper(), part) for part in path.split("."))
        return keys, {"field": name, "value": shown, "label": label}

    def measure(self, spec: ModelSpec, rows: list[Row], asked: dict[str, Any]) -> dict[str, Any]:
        function, member = asked["function"], asked.get("field")
        shown: dict[str, Any] = {"function": function, "field": None, "value": None, "amounts": []}
        if member is None:
            return shown | {"value": len(rows)}
        field = spec.fields[member.lower()]
        shown["field"] = re.sub(r"_(.)", lambda one: one[1].upper(), field.name)
        values = [row[field.name] for row in rows if row[field.name] is not None]
        if function == "COUNT":
            return shown | {"value": len(values)}
        if field.kind is Kind.MONEY:
            by: dict[str, list[int]] = {}
            for value in values:
                by.setdefault(value.currency, []).append(value.minor)
            shown["amounts"] = [
                words(Money(int(figure(function, [Decimal(one) for one in by[name]], 0)), name)) for name in sorted(by)
            ]
            return shown
        if field.kind in (Kind.INTEGER, Kind.DECIMAL):
            if not values and function != "SUM":
                return shown
            scale = field.traits.scale if field.kind is Kind.DECIMAL else 0
            found = figure(function, [Decimal(one) for one in values], scale + (4 if function == "AVERAGE" else 0))
            whole = field.kind is Kind.INTEGER and function != "AVERAGE"
            return shown | {"value": int(found) if whole else format(found, "f")}
        return shown | {"value": words((min if function == "MIN" else max)(values)) if values else None}
