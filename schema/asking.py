"""Filters, orders and pages of GraphQL as conditions, orders and pages of the query tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from core.conditions import And, Compare, Condition, Not, Op, Or, Some, Through, all_of
from core.cursors import decode_cursor
from core.errors import BadQuery, Refused
from core.fields import Kind
from core.figures import parse_decimal, parse_money
from core.query import Order, Page
from core.registry import FieldSpec, camel
from schema.catalogue import Catalogue, Surface
from schema.variables import Bound, Slots

NOBODY = UUID(int=0)
MOST_VALUES = 1_000
MOST_TESTS = 5_000
LONGEST_TEXT = 1_000
MOST_KEYS = 8
DEFAULT_PAGE = 50
OPERATORS = {one.value: one for one in Op}
IS_EMPTY = "IsEmpty"


def identity(value: object) -> UUID:
    """An id, or one that no record has: what is no id names nothing, like any other unknown one."""
    try:
        return UUID(str(value))
    except ValueError:
        return NOBODY


def converter(one: FieldSpec) -> Callable[[Any], object]:
    """How a value of a filter on a field is read; `BadQuery` for one that the field cannot have."""

    def convert(value: Any) -> object:
        try:
            return _convert(one, value)
        except Refused as refusal:
            raise BadQuery(f"{camel(one.name)}: {refusal}") from None

    return convert


def _convert(one: FieldSpec, value: Any) -> object:
    match one.kind:
        case Kind.ID:
            return identity(value)
        case Kind.DECIMAL:
            return parse_decimal(value, one.traits.scale)
        case Kind.MONEY:
            return parse_money(value)
        case Kind.MOMENT if isinstance(value, datetime):
            return _moment(one, value)
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise BadQuery(f"{camel(one.name)}: a text to look for has at most {LONGEST_TEXT} characters")
    return value.value if isinstance(value, Enum) else value


def _moment(one: FieldSpec, value: datetime) -> datetime:
    if value.tzinfo is None:
        raise BadQuery(f"{camel(one.name)}: add the time zone, like 2026-11-22T14:30:00Z")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise BadQuery(f"{camel(one.name)}: this time is out of range") from None


class Asking:
    """Translates the arguments of lists; values of variables become slots."""

    def __init__(self, catalogue: Catalogue, slots: Slots, largest: int) -> None:
        self.catalogue = catalogue
        self.slots = slots
        self.largest = largest
        self.tests = 0

    def _count(self, tests: int) -> None:
        """Count what filters test; `BadQuery` when it is too much: SQLite takes a time that grows by its square."""
        self.tests += tests
        if self.tests > MOST_TESTS:
            raise BadQuery(f"The filters of a query have at most {MOST_TESTS} conditions and values; ask in steps")

    def condition(self, surface: Surface, given: Mapping[str, Any] | None) -> Condition:
        """A filter as a condition; of no filter: everything."""
        if given is None:
            return And()
        self._count(1)
        return all_of([self._part(surface, key, value) for key, value in given.items()])

    def _part(self, surface: Surface, key: str, value: Any) -> Condition:
        if value is None:
            raise BadQuery(f"The filter {key} is null; leave it out, or ask isEmpty")
        if key == "not":
            return Not(self.condition(surface, value))
        if key in ("and", "or"):
            parts = tuple(self.condition(surface, self._present(key, one)) for one in value)
            return And(parts) if key == "and" else Or(parts)
        if key in surface.backs:
            return self._back(surface, key, value)
        if key not in surface.fields:
            return Compare(surface.fields[key.removesuffix(IS_EMPTY)].name, Op.EMPTY, value)
        one = surface.fields[key]
        if one.kind is Kind.LINK:
            return Through(one.name, self.condition(self.catalogue.surfaces[str(one.target)], value))
        return all_of([self._test(one, operator, operand) for operator, operand in value.items()])

    def _present(self, key: str, value: Any) -> Any:
        if value is None:
            raise BadQuery(f"The filter {key} is null; leave it out, or ask isEmpty")
        return value

    def _back(self, surface: Surface, key: str, value: Mapping[str, Any]) -> Condition:
        back = surface.backs[key]
        source = self.catalogue.surfaces[back.source]
        parts: list[Condition] = []
        for word, inner in value.items():
            condition = Some(back.name, self.condition(source, self._present(f"{key}.{word}", inner)))
            parts.append(condition if word == "some" else Not(condition))
        return all_of(parts)

    def _test(self, one: FieldSpec, operator: str, operand: Any) -> Condition:
        op = OPERATORS[operator]
        self._present(f"{camel(one.name)}.{operator}", operand)
        if op is Op.EMPTY:
            return Compare(one.name, op, operand)
        convert = converter(one)
        if op is not Op.IN:
            return Compare(one.name, op, self.slots.place(operand, convert))
        if len(operand) > MOST_VALUES:
            raise BadQuery(f"{camel(one.name)}: a list holds at most {MOST_VALUES} values")
        self._count(len(operand))
        return Compare(one.name, op, tuple(self.slots.place(value, convert) for value in operand))

    def order(self, surface: Surface, given: Sequence[Mapping[str, Any]] | None) -> tuple[Order, ...]:
        """The order of a list: what is asked for, or the model's own."""
        if given is None or not given:
            return tuple(Order(one.removeprefix("-"), one.startswith("-")) for one in surface.spec.meta.order)
        if len(given) > MOST_KEYS:
            raise BadQuery(f"A list is ordered by at most {MOST_KEYS} fields")
        keys: dict[str, Order] = {}
        for one in given:
            path = str(one["field"].value)
            keys.setdefault(path, Order(path, descending=one["direction"].value == "desc"))
        return tuple(keys.values())

    def page(self, surface: Surface, order: tuple[Order, ...], given: Mapping[str, Any]) -> Page:
        """The slice of a list; `BadQuery` for a size out of range or a cursor from elsewhere."""
        first, last, after, before = (given.get(name) for name in ("first", "last", "after", "before"))
        if (first is not None and last is not None) or (after is not None and before is not None):
            raise BadQuery("A page is either first with after, or last with before")
        if (last is not None and after is not None) or (first is not None and before is not None):
            raise BadQuery("A page is either first with after, or last with before")
        for name, size in (("first", first), ("last", last)):
            if size is not None and not 0 <= size <= self.largest:
                raise BadQuery(f"{name} is between 0 and {self.largest}")
        if last is not None or before is not None:
            size = last if last is not None else min(DEFAULT_PAGE, self.largest)
            return Page(None, None, size, self._edge("before", surface, order, before))
        size = first if first is not None else min(DEFAULT_PAGE, self.largest)
        return Page(size, self._edge("after", surface, order, after))

    def _edge(self, name: str, surface: Surface, order: tuple[Order, ...], cursor: object) -> tuple[object, ...] | None:
        if cursor is None:
            return None

        def decoded(text: object) -> tuple[object, ...]:
            try:
                return decode_cursor(str(text), surface.spec.label, order)
            except BadQuery as refusal:
                raise BadQuery(f"{surface.plural}.{name}: {refusal}") from None

        if not isinstance(cursor, Bound):
            return decoded(cursor)
        values = decoded(cursor.value)

        def slot(number: int) -> object:
            return self.slots.add(lambda variables: decoded(cursor.read(variables))[number])

        return tuple(None if value is None else slot(number) for number, value in enumerate(values))
