"""The plan of a query: one read for all its root fields, the slots of its variables, and what is left to Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import FieldNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import VariableValues

from core.conditions import Compare, Op, Slot, all_of
from core.duplicates import SHOWN, compared
from core.errors import BadQuery
from core.query import Archived, Constant, Listing, Page, Read, Root, Selection, Single
from core.registry import camel
from schema.asking import Asking, identity
from schema.catalogue import Catalogue, RootField, Surface, Verb
from schema.finishing import (
    ExplainFinish,
    Finish,
    LookalikesFinish,
    MeFinish,
    NodeFinish,
    StripFinish,
    TextFinish,
)
from schema.questions import QuestionFinish, asked_of
from schema.searching import HitShape, ResultFinish, SearchFinish
from schema.selecting import MARK, TYPENAME, Operation, Selecting
from schema.summarising import summary_of
from schema.variables import Recipe, Slots, settled

Planned: TypeAlias = tuple[dict[str, Root], Finish | None]
CHANGED = "#changed"


@dataclass(frozen=True)
class Plan:
    """What a query asks for; `finishes` names the root fields whose answers Python still has to shape."""

    read: Read
    recipes: tuple[Recipe, ...]
    keys: tuple[str, ...]
    finishes: Mapping[str, Finish]
    cost: int

    def values(self, variables: Mapping[str, Any]) -> list[object]:
        """The values of the slots for the variables of a request."""
        return [recipe(variables) for recipe in self.recipes]


@dataclass(frozen=True, slots=True)
class Topic:
    """What a subscription is told of: of no `label`, the caller's notifications; `only`, which one record.

    The ids of the records that changed are the variable `CHANGED`, as many as it was planned for.
    """

    plan: Plan
    label: str = ""
    only: Recipe | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The largest page, and the most records of a whole query."""

    page: int = 200
    cost: int = 20_000


class Planner:
    """Plans one operation."""

    def __init__(
        self,
        catalogue: Catalogue,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        bounds: Bounds,
    ) -> None:
        self.catalogue = catalogue
        self.slots = Slots()
        self.operation = Operation(schema, fragments, variables)
        self.asking = Asking(catalogue, self.slots, bounds.page)
        self.selecting = Selecting(catalogue, self.operation, self.asking, bounds.cost)

    def query(self, operation: OperationDefinitionNode) -> Plan:
        """The plan of a query; introspection is left to the executor."""
        roots: dict[str, Root] = {}
        finishes: dict[str, Finish] = {}
        keys: list[str] = []
        for key, nodes in self.operation.fields("Query", operation.selection_set).items():
            name = nodes[0].name.value
            if name in ("__schema", "__type"):
                continue
            keys.append(key)
            if name == TYPENAME:
                finishes[key] = TextFinish("Query")
                continue
            found, finish = self._root(key, self.catalogue.roots[name], nodes)
            roots |= found
            if finish is not None or self.selecting.emptied:
                finishes[key] = finish or StripFinish()
        return self._plan(roots, keys, finishes)

    def topic(self, operation: OperationDefinitionNode, size: int) -> Topic:
        """What a subscription asks for, of so many records at once."""
        groups = self.operation.fields("Subscription", operation.selection_set)
        if len(groups) != 1:
            raise BadQuery("A subscription has one field")
        ((key, nodes),) = groups.items()
        root = self.catalogue.topics[nodes[0].name.value]
        arguments = self.operation.arguments("Subscription", nodes[0])
        if root.question is not None:
            found, finish = self._question(root, nodes, arguments)
            return Topic(self._plan(found, [key], {key: finish} if finish else {}))
        surface = self.catalogue.surfaces[root.label]
        parts = [self.asking.condition(surface, arguments.get("filter"))]
        only = None
        if arguments.get("id") is not None:
            slot = self._identity(arguments["id"])
            only = self.slots.recipes[slot.index]
            parts.append(Compare("id", Op.EQ, slot))
        parts.append(Compare("id", Op.IN, tuple(self._changed(number) for number in range(size))))
        select = self.selecting.records(surface, nodes, size)
        listing = Listing(root.label, select, all_of(parts), page=Page(size), archived=Archived.WITH)
        finishes = {key: StripFinish()} if self.selecting.emptied else {}
        return Topic(self._plan({key: listing}, [key], finishes), root.label, only)

    def _changed(self, number: int) -> Slot:
        return self.slots.add(lambda variables: variables[CHANGED][number])

    def _plan(self, roots: Mapping[str, Root], keys: Sequence[str], finishes: Mapping[str, Finish]) -> Plan:
        read = Read(tuple(roots.items()))
        return Plan(read, tuple(self.slots.recipes), tuple(keys), dict(finishes), self.selecting.cost)

    def _root(self, key: str, root: RootField, nodes: Sequence[FieldNode]) -> Planned:
        arguments = self.operation.arguments("Query", nodes[0])
        match root.verb:
            case Verb.ONE:
                surface = self.catalogue.surfaces[root.label]
                return {key: self._single(surface, arguments["id"], nodes)}, None
            case Verb.LIST:
                surface = self.catalogue.surfaces[root.label]
                return {key: self.selecting.listing(surface, nodes, arguments)}, None
            case Verb.SUMMARY:
                return self._summary(key, self.catalogue.surfaces[root.label], nodes, arguments)
            case Verb.NODE:
                return self._node(key, arguments["id"], nodes)
            case Verb.ME:
                return self._me(key, nodes)
            case Verb.SEARCH:
                return self._search(arguments, nodes)
            case Verb.RESULT:
                return self._result(arguments, nodes)
            case Verb.LOOKALIKES:
                return self._lookalikes(self.catalogue.surfaces[root.label], nodes, arguments)
            case Verb.EXPLAIN:
                return self._explain(key, nodes, arguments)
            case Verb.QUESTION | Verb.CHANGED:
                return self._question(root, nodes, arguments)

    def _single(self, surface: Surface, id: object, nodes: Sequence[FieldNode]) -> Single:
        self.selecting.spend(1)
        return Single(surface.spec.label, self.slots.place(id, identity), self.selecting.record(surface, nodes))

    def _summary(self, key: str, surface: Surface, nodes: Sequence[FieldNode], arguments: Mapping[str, Any]) -> Planned:
        self.selecting.spend(1)
        where = self.asking.condition(surface, arguments.get("filter"))
        archived = Archived(arguments["archived"].value)
        root, finish = summary_of(self.catalogue, self.operation, surface, nodes, arguments, rows=(where, archived))
        return {key: root}, finish

    def _node(self, key: str, id: object, nodes: Sequence[FieldNode]) -> Planned:
        """One read of each model; at most one finds something."""
        self.selecting.spend(1)
        found = self.slots.place(id, identity)
        roots: dict[str, Root] = {}
        for label, surface in self.catalogue.surfaces.items():
            select = (Constant(MARK, surface.name), *self.selecting.record(surface, nodes))
            roots[f"{key}{MARK}{label}"] = Single(label, found, select, lenient=True)
        return roots, NodeFinish(key)

    def _me(self, key: str, nodes: Sequence[FieldNode]) -> Planned:
        groups = self.operation.fields("Me", nodes)
        roots: dict[str, Root] = {}
        parts: dict[str, str] = {}
        permissions: dict[str, dict[str, str]] = {}
        user = self.catalogue.surfaces["core.user"]
        for one, group in groups.items():
            name = parts[one] = group[0].name.value
            if name == "user":
                self.selecting.spend(1)
                select = self.selecting.record(user, group)
                roots[f"{key}{MARK}{one}"] = Single("core.user", self._caller_slot(), select, lenient=True)
            if name == "permissions":
                below = self.operation.fields("Permission", group)
                permissions[one] = {each: names[0].name.value for each, names in below.items()}
        return roots, MeFinish(key, parts, permissions)

    def _caller_slot(self) -> Slot:
        return self.slots.add(lambda variables: variables["#caller"])

    def _search(self, arguments: Mapping[str, Any], nodes: Sequence[FieldNode]) -> Planned:
        first = self._first(arguments)
        hits = HitShape(*self._records("SearchHit", nodes, self.catalogue.surfaces.values()))
        return {}, SearchFinish(self._settled(arguments["text"]).index, first, hits)

    def _first(self, arguments: Mapping[str, Any]) -> int:
        first = arguments["first"]
        if not isinstance(first, int) or not 1 <= first <= 100:
            raise BadQuery("first is between 1 and 100")
        self.selecting.spend(first)
        return first

    def _result(self, arguments: Mapping[str, Any], nodes: Sequence[FieldNode]) -> Planned:
        first = self._first(arguments)
        groups = self.operation.fields("SearchResult", nodes)
        shape = {one: group[0].name.value for one, group in groups.items()}
        surfaces = self.catalogue.surfaces.values()
        hits = {
            one: HitShape(*self._records("SearchHit", groups[one], surfaces)) for one in shape if shape[one] == "hits"
        }
        below = {
            one: self.operation.fields("SearchKind" if name == "kinds" else "SearchFacet", groups[one])
            for one, name in shape.items()
            if name in ("kinds", "facets")
        }
        parts = {one: _names(found) for one, found in below.items()}
        values = {
            one: {
                key: _names(self.operation.fields("SearchFacetValue", group))
                for key, group in found.items()
                if group[0].name.value == "values"
            }
            for one, found in below.items()
        }
        text, model, where = (self._settled(arguments.get(name)).index for name in ("text", "model", "where"))
        return {}, ResultFinish(text, model, where, first, shape, hits, parts, values)

    def _records(
        self, type_name: str, nodes: Sequence[FieldNode], surfaces: Iterable[Surface]
    ) -> tuple[dict[str, str], dict[str, dict[str, Selection]]]:
        """The fields that are asked of what was found, and what is selected of its record by its model."""
        groups = self.operation.fields(type_name, nodes)
        parts = {one: group[0].name.value for one, group in groups.items()}
        asked = {one: group for one, group in groups.items() if parts[one] == "record"}
        records: dict[str, dict[str, Selection]] = {}
        for surface in surfaces:
            records[surface.spec.label] = {
                one: (Constant(MARK, surface.name), *self.selecting.record(surface, group))
                for one, group in asked.items()
            }
        return parts, records

    def _lookalikes(self, surface: Surface, nodes: Sequence[FieldNode], arguments: Mapping[str, Any]) -> Planned:
        given, names = arguments["input"], surface.spec.resource.duplicates
        slot = self.slots.add(lambda variables: settled(given, variables))
        groups = self.operation.fields("Lookalikes", nodes)
        shape = {one: group[0].name.value for one, group in groups.items()}
        others = [self.catalogue.surfaces[one.label] for one in compared(self.catalogue.registry)]
        self.selecting.spend(SHOWN * len(others))
        parts: dict[str, dict[str, str]] = {}
        records: dict[str, dict[str, Selection]] = {one.spec.label: {} for one in others}
        for one in (one for one, name in shape.items() if name == "nodes"):
            parts[one], found = self._records("Lookalike", groups[one], others)
            for label, selects in found.items():
                records[label] |= selects
        fields = {key: one for key, one in surface.fields.items() if one.name in names}
        return {}, LookalikesFinish(surface.spec.label, slot.index, fields, shape, parts, records)

    def _explain(self, key: str, nodes: Sequence[FieldNode], arguments: Mapping[str, Any]) -> Planned:
        """One read of each model tells of which the record is; its grounds are asked for afterwards."""
        self.selecting.spend(1)
        record, user = self._identity(arguments["id"]), arguments.get("user")
        whose = self.slots.add(lambda _: None) if user is None else self._identity(user)
        groups = self.operation.fields("Ground", nodes)
        roots: dict[str, Root] = {
            f"{key}{MARK}{label}": Single(label, record, (Constant(MARK, label),), lenient=True)
            for label in self.catalogue.surfaces
        }
        parts = {one: group[0].name.value for one, group in groups.items()}
        return roots, ExplainFinish(record.index, whose.index, parts)

    def _question(self, root: RootField, nodes: Sequence[FieldNode], arguments: Mapping[str, Any]) -> Planned:
        if root.question is None:
            raise TypeError(f"{root.label} asks nothing")
        self.selecting.spend(1)
        slots = {name: self._settled(arguments.get(camel(name))).index for name in root.question.arguments}
        asked = asked_of(self.operation, root.label, root.question.result, nodes)
        return {}, QuestionFinish(root.label, root.question, slots, asked)

    def _settled(self, given: object) -> Slot:
        """The slot of an argument, whether it came with a variable or not."""
        return self.slots.add(lambda variables: settled(given, variables))

    def _identity(self, given: object) -> Slot:
        """The slot of an id, whether it came with a variable or not."""
        return self.slots.add(lambda variables: identity(settled(given, variables)))


def _names(groups: Mapping[str, Sequence[FieldNode]]) -> dict[str, str]:
    """The fields of some groups, by response key."""
    return {key: group[0].name.value for key, group in groups.items()}
