"""Documents: parsed, validated and held to their limits once, then kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    VariableNode,
    coerce_input_value,
    get_nullable_type,
    get_variable_values,
    is_leaf_type,
    is_object_type,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

from core.errors import BadQuery
from core.registry import camel
from schema.variables import cursor_shape, mark, shape

SIZES = frozenset({"first", "last"})
CURSORS = frozenset({"after", "before"})
INTROSPECTION = frozenset({"__schema", "__type"})
MOST_FIELDS = 10_000
SENSITIVE = frozenset({"corePasswordChange", "coreTokenCreate"})
"""Mutations that try a password or make a credential: a document has at most one, however it is named."""
UNKNOWN_PART = re.compile(
    r"Expected value of type '(?P<filter>\w+)Filter' not to include unknown field '(?P<field>\w+)'"
    r"|Value '(?P<member>\w+)' does not exist in '(?P<enum>\w+?)(?:Order|Group|Measure)Field' enum"
)
RULES = (*specified_rules, MaxIntrospectionDepthRule)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may ask for."""

    depth: int = 12
    tokens: int = 2_000
    aliases: int = 30
    roots: int = 10
    page: int = 200
    cost: int = 20_000
    seconds: int = 30


class Invalid(BadQuery):
    """A document or its variables do not fit the schema; `errors` say where."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Document:
    """A valid operation. `sizes` and `cursors` are the variables that size pages and that hold cursors.

    `scalars` are the variables if all are single values without a default, as they are for most; else there are none.
    """

    node: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    sizes: frozenset[str]
    cursors: frozenset[str]
    scalars: Mapping[str, GraphQLVariableSignature]
    introspects: bool
    only_introspects: bool

    @property
    def changes(self) -> bool:
        """Whether it is a mutation."""
        return self.operation.operation is OperationType.MUTATION

    @property
    def follows(self) -> bool:
        """Whether it is a subscription."""
        return self.operation.operation is OperationType.SUBSCRIPTION

    def coerced(self, schema: GraphQLSchema, given: Mapping[str, Any]) -> VariableValues:
        """The variables of a request, checked against their types; `Invalid` says what does not fit."""
        if not self.operation.variable_definitions:
            return VariableValues({}, {})
        quickly = self._quickly(given)
        if quickly is not None:
            return quickly
        found = get_variable_values(
            schema, self.operation.variable_definitions, dict(given), max_errors=20, hide_suggestions=True
        )
        if isinstance(found, list):
            raise Invalid(alike(schema, found))
        return found

    def _quickly(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The variables where all are single values and were given; else the types have to be asked in full."""
        if not self.scalars:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for name, signature in self.scalars.items():
            value = given.get(name)
            coerced[name] = coerce_input_value(value, signature.type)
            if value is None or coerced[name] is Undefined:
                return None
            sources[name] = VariableValueSource(signature, value)
        return VariableValues(sources, coerced)

    def shape(self, values: Mapping[str, Any]) -> tuple[object, ...]:
        """All of the variables that a plan depends on."""
        return tuple((name, self._shape(name, value)) for name, value in values.items())

    def _shape(self, name: str, value: object) -> object:
        if name in self.sizes:
            return value
        return cursor_shape(value) if name in self.cursors else shape(value)

    def marked(self, variables: VariableValues) -> VariableValues:
        """The variables with what is not structure bound to its place."""
        marked = {
            name: value if name in self.sizes else mark(value, (name,)) for name, value in variables.coerced.items()
        }
        return VariableValues(variables.sources, marked)


def document(schema: GraphQLSchema, text: str, name: str | None, limits: Limits) -> Document:
    """A document made ready; `Invalid` or `BadQuery` when it is not valid or exceeds a limit."""
    try:
        node = parse(text, no_location=False, max_tokens=limits.tokens)
    except GraphQLError as error:
        raise Invalid([error]) from None
    operation = _chosen(node, name)
    errors = validate(schema, node, RULES, max_errors=20, hide_suggestions=True)
    if errors:
        raise Invalid(alike(schema, errors))
    fragments = {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
    fields = list(islice(_fields(operation.selection_set, fragments, 1), MOST_FIELDS + 1))
    _check(fields, limits)
    return Document(
        node,
        operation,
        fragments,
        sizes=_used(fields, SIZES),
        cursors=_used(fields, CURSORS),
        scalars=_scalars(schema, operation),
        introspects=any(one.name.value in INTROSPECTION for one, depth in fields if depth == 1),
        only_introspects=all(one.name.value in INTROSPECTION for one, depth in fields if depth == 1),
    )


def _scalars(schema: GraphQLSchema, operation: OperationDefinitionNode) -> dict[str, GraphQLVariableSignature]:
    found: dict[str, GraphQLVariableSignature] = {}
    for node in operation.variable_definitions or ():
        signature = get_variable_signature(schema, node)
        if isinstance(signature, GraphQLError) or signature.default:
            return {}
        if not is_leaf_type(get_nullable_type(signature.type)):
            return {}
        found[signature.name] = signature
    return found


def alike(schema: GraphQLSchema, errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """Errors, in which a field that is not there is told in the same words wherever it is named.

    A field that may not be read is told in these words, too: in a selection, a filter, an order or a summary.
    """
    named = [(one, unknown_field(schema, one)) for one in errors]
    return [
        GraphQLError(f"Cannot query field '{found[1]}' on type '{found[0]}'.", one.nodes) if found else one
        for one, found in named
    ]


def unknown_field(schema: GraphQLSchema, error: GraphQLError) -> tuple[str, str] | None:
    """The type, and the field of it that an error says a filter, an order or a summary names in vain."""
    found = UNKNOWN_PART.search(error.message)
    if found is None:
        return None
    model, field = (
        (found["filter"], found["field"]) if found["field"] else (found["enum"], camel(found["member"].lower()))
    )
    return (model, field) if is_object_type(schema.get_type(model)) else None  # else it is an operator of a filter


def _chosen(node: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [one for one in node.definitions if isinstance(one, OperationDefinitionNode)]
    if name:
        operations = [one for one in operations if one.name and one.name.value == name]
    if not operations:
        raise BadQuery(f"There is no operation named {name}" if name else "There is no operation")
    if len(operations) > 1:
        raise BadQuery("The document has several operations; name one as operationName")
    return operations[0]


def _fields(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], depth: int
) -> Iterator[tuple[FieldNode, int]]:
    """All fields with their depths, fragments spread out; introspection's inner fields have a rule of their own."""
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            yield node, depth
            if node.selection_set and node.name.value not in INTROSPECTION:
                yield from _fields(node.selection_set, fragments, depth + 1)
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(fragments[node.name.value].selection_set, fragments, depth)
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments, depth)


def _check(fields: Sequence[tuple[FieldNode, int]], limits: Limits) -> None:
    if len(fields) > MOST_FIELDS:
        raise BadQuery(f"The document has more than {MOST_FIELDS} fields when its fragments are spread out")
    aliases = roots = 0
    if sum(depth == 1 and node.name.value in SENSITIVE for node, depth in fields) > 1:
        raise BadQuery("The document has more than one mutation that tries a password or makes a credential")
    for node, depth in fields:
        aliases += node.alias is not None
        roots += depth == 1
        if depth > limits.depth:
            raise BadQuery(f"The document is nested deeper than {limits.depth} levels")
    if aliases > limits.aliases:
        raise BadQuery(f"The document has more than {limits.aliases} aliases")
    if roots > limits.roots:
        raise BadQuery(f"The document has more than {limits.roots} fields at its root")


def _used(fields: Sequence[tuple[FieldNode, int]], names: frozenset[str]) -> frozenset[str]:
    return frozenset(
        argument.value.name.value
        for node, _ in fields
        for argument in node.arguments or ()
        if argument.name.value in names and isinstance(argument.value, VariableNode)
    )
