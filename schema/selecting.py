"""Selections of GraphQL as selections of the query tree: fragments, aliases, directives, nested lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
)
from graphql.execution.values import VariableValues

from core.access import SYSTEM
from core.errors import BadQuery
from core.fields import Kind, Position
from core.money import Money
from core.query import (
    Archived,
    Compound,
    Computed,
    Constant,
    Edges,
    Leaf,
    Listing,
    Many,
    Nodes,
    One,
    PageInfo,
    Part,
    Select,
    Selection,
    Total,
)
from core.records import selection_of
from core.registry import ComputedField, FieldSpec
from schema.asking import Asking
from schema.catalogue import Catalogue, Surface
from schema.words import PAGE_INFO

TYPENAME = "__typename"
MARK = "#"
COMPOUNDS = {Money: "Money", Position: "Position"}
COMPOUND = {Kind.MONEY: "Money", Kind.POSITION: "Position"}
FieldNodes: TypeAlias = Sequence[FieldNode]


@dataclass(frozen=True)
class Operation:
    """What an operation is read with: the schema, its fragments, and its variables, marked."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def fields(self, type_name: str, nodes: FieldNodes | SelectionSetNode) -> dict[str, list[FieldNode]]:
        """The fields selected of a type below some nodes, by response key, in order."""
        sets = [nodes] if isinstance(nodes, SelectionSetNode) else [node.selection_set for node in nodes]
        found: dict[str, list[FieldNode]] = {}
        for selection_set in sets:
            if selection_set is not None:
                for node in self._flat(type_name, selection_set.selections):
                    found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return found

    def _flat(self, type_name: str, selections: Sequence[SelectionNode]) -> Iterator[FieldNode]:
        for node in selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            if isinstance(node, FragmentSpreadNode):
                fragment: FragmentDefinitionNode | InlineFragmentNode = self.fragments[node.name.value]
            elif isinstance(node, InlineFragmentNode):
                fragment = node
            else:
                raise TypeError(f"unknown selection {node.kind}")
            condition = fragment.type_condition
            if (
                condition is None
                or condition.name.value == type_name
                or self._implements(type_name, condition.name.value)
            ):
                yield from self._flat(type_name, fragment.selection_set.selections)

    def _implements(self, type_name: str, interface: str) -> bool:
        found = self.schema.get_type(type_name)
        return isinstance(found, GraphQLObjectType) and any(one.name == interface for one in found.interfaces)

    def _included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        if skip is not None and skip["if"] is True:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return include is None or include["if"] is True

    def arguments(self, type_name: str, node: FieldNode) -> dict[str, Any]:
        """The arguments of a field, coerced; values of variables are bound."""
        parent = self.schema.get_type(type_name)
        if not isinstance(parent, GraphQLObjectType):
            raise TypeError(f"{type_name} is no object type")
        return get_argument_values(parent.fields[node.name.value], node, self.variables)


class Selecting:
    """Compiles what is selected of records; adds up how many records that may be."""

    def __init__(self, catalogue: Catalogue, operation: Operation, asking: Asking, most: int) -> None:
        self.catalogue = catalogue
        self.operation = operation
        self.asking = asking
        self.most = most
        self.cost = 0
        self.emptied = False
        self._times = 1

    def spend(self, records: int) -> None:
        """Count records that may be read; `BadQuery` when they are too many in all."""
        self.cost += self._times * records
        if self.cost > self.most:
            raise BadQuery(f"This asks for up to {self.cost} records, more than {self.most}; ask for smaller pages")

    def record(self, surface: Surface, nodes: FieldNodes) -> Selection:
        """What is selected of a record."""
        groups = self.operation.fields(surface.name, nodes)
        return tuple(self._select(surface, key, group) for key, group in groups.items())

    def records(self, surface: Surface, nodes: FieldNodes, size: int) -> Selection:
        """What is selected of each of so many records."""
        self.spend(size)
        outer, self._times = self._times, self._times * size
        found = self.record(surface, nodes)
        self._times = outer
        return found

    def _select(self, surface: Surface, key: str, nodes: FieldNodes) -> Select:
        name = nodes[0].name.value
        if name == TYPENAME:
            return Constant(key, surface.name)
        if name in surface.backs:
            back = surface.backs[name]
            source = self.catalogue.surfaces[back.source]
            arguments = self.operation.arguments(surface.name, nodes[0])
            return Many(key, back.name, self.listing(source, nodes, arguments))
        if name in surface.computed:
            return self._computed(surface, key, surface.computed[name], nodes)
        return self._field(surface.fields[name], key, nodes)

    def _computed(self, surface: Surface, key: str, one: ComputedField, nodes: FieldNodes) -> Computed:
        reads = selection_of(self.catalogue.registry, surface.spec, one.reads, SYSTEM)
        self.spend(len(one.reads))
        compound = next((name for cls, name in COMPOUNDS.items() if cls in (one.result, *get_args(one.result))), "")
        return Computed(key, one.name, reads, self._parts(compound, one.name, nodes) if compound else ())

    def _field(self, one: FieldSpec, key: str, nodes: FieldNodes) -> Select:
        if one.kind is Kind.LINK:
            self.spend(1)
            return One(key, one.name, self.record(self.catalogue.surfaces[str(one.target)], nodes))
        if one.kind in COMPOUND:
            return Compound(key, one.name, self._parts(COMPOUND[one.kind], one.name, nodes))
        return Leaf(key, one.name, "name" if one.kind is Kind.CHOICE else "")

    def _parts(self, type_name: str, field: str, nodes: FieldNodes) -> tuple[Leaf | Constant, ...]:
        groups = self.operation.fields(type_name, nodes)
        names = {key: group[0].name.value for key, group in groups.items()}
        return tuple(
            Constant(key, type_name) if name == TYPENAME else Leaf(key, field, name) for key, name in names.items()
        )

    def listing(self, surface: Surface, nodes: FieldNodes, arguments: Mapping[str, Any]) -> Listing:
        """A connection, at the root or as a back link."""
        order = self.asking.order(surface, arguments.get("order"))
        page = self.asking.page(surface, order, arguments)
        where = self.asking.condition(surface, arguments.get("filter"))
        size = page.last if page.last is not None else page.first
        self.spend(size or 1)
        outer, self._times = self._times, self._times * max(size or 0, 1)
        groups = self.operation.fields(f"{surface.name}Connection", nodes)
        parts = tuple(self._part(surface, key, group) for key, group in groups.items())
        self._times = outer
        if not parts:  # all was skipped; without parts it would be an array
            self.emptied, parts = True, (Constant(MARK, ""),)
        return Listing(
            surface.spec.label,
            where=where,
            order=order,
            page=page,
            parts=parts,
            archived=Archived(arguments["archived"].value),
        )

    def _part(self, surface: Surface, key: str, nodes: FieldNodes) -> Part:
        match nodes[0].name.value:
            case "nodes":
                return Nodes(key, self.record(surface, nodes))
            case "edges":
                return self._edges(surface, key, nodes)
            case "pageInfo":
                return self._page_info(key, nodes)
            case "totalCount":
                return Total(key)
            case _:
                return Constant(key, f"{surface.name}Connection")

    def _edges(self, surface: Surface, key: str, nodes: FieldNodes) -> Edges:
        groups = self.operation.fields(f"{surface.name}Edge", nodes)
        names = {one: group[0].name.value for one, group in groups.items()}
        return Edges(
            key,
            cursors=tuple(one for one, name in names.items() if name == "cursor"),
            nodes=tuple((one, self.record(surface, groups[one])) for one, name in names.items() if name == "node"),
            typenames=tuple(one for one, name in names.items() if name == TYPENAME),
        )

    def _page_info(self, key: str, nodes: FieldNodes) -> PageInfo:
        groups = self.operation.fields("PageInfo", nodes)
        names = {one: group[0].name.value for one, group in groups.items()}
        return PageInfo(
            key,
            parts=tuple((one, PAGE_INFO[name]) for one, name in names.items() if name != TYPENAME),
            typenames=tuple(one for one, name in names.items() if name == TYPENAME),
        )
