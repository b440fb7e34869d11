"""Order and keyset paging: sort keys, cursors, and the condition *after this record*."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from core.codec import moment_text
from core.database import Dialect
from core.errors import BadQuery
from core.expressions import quoted, scalar
from core.fields import LISTS, TEXTUAL, Kind
from core.inside import column
from core.predicates import Predicates
from core.query import Order
from core.registry import FieldSpec, ModelSpec


@dataclass(frozen=True, slots=True)
class SortKey:
    """A sort key as SQL; `nullable` when it may be empty, which sorts last either way."""

    expression: str
    descending: bool
    nullable: bool
    kind: Kind


def default_order(spec: ModelSpec) -> tuple[Order, ...]:
    """The order of a model's lists unless another is asked for."""
    return tuple(Order(name.removeprefix("-"), name.startswith("-")) for name in spec.meta.order)


def check_order(predicates: Predicates, spec: ModelSpec, order: Sequence[Order]) -> None:
    """Refuse an order by what the caller may not read, where nothing is sorted by it."""
    for one in order:
        head, _, rest = one.path.partition(".")
        if rest:
            check_order(predicates, predicates.link(spec, head)[1], (Order(rest),))
        else:
            predicates.field(spec, head)


def sort_keys(predicates: Predicates, spec: ModelSpec, alias: str, order: Sequence[Order]) -> list[SortKey]:
    """The keys of an order (by default the model's), ended by the id so that no two records are equal."""
    keys = [_key(predicates, spec, alias, one) for one in order or default_order(spec)]
    keys.append(SortKey(f"{alias}.id", keys[-1].descending if keys else False, nullable=False, kind=Kind.ID))
    return keys


def _key(predicates: Predicates, spec: ModelSpec, alias: str, order: Order) -> SortKey:
    head, _, rest = order.path.partition(".")
    if rest:
        link, target = predicates.link(spec, head)
        inner = predicates.alias()
        key = _key(predicates, target, inner, Order(rest, order.descending))
        where = f"{inner}.id = {column(predicates.dialect, alias, link)} AND {predicates.scope(target, inner)}"
        expression = f"(SELECT {key.expression} FROM {target.table} {inner} WHERE {where})"
        return SortKey(expression, order.descending, nullable=True, kind=key.kind)
    found = predicates.field(spec, head)
    if found.kind is Kind.LINK:
        target = predicates.registry.models[str(found.target)]
        return _key(predicates, spec, alias, Order(f"{head}.{target.title}", order.descending))
    expression = column(predicates.dialect, alias, found, _sorted_column(found))
    empty = found.kind is not Kind.BOOLEAN if found.inside else not found.traits.required
    return SortKey(expression, order.descending, empty, found.kind)


def _sorted_column(found: FieldSpec) -> str:
    if found.kind in TEXTUAL:
        return str(found.folded)
    if found.kind in LISTS or found.kind in (Kind.DATA, Kind.POSITION):
        raise BadQuery(f"{found.name} has no order")
    return found.column


def ordered(keys: Sequence[SortKey], *, backward: bool = False) -> str:
    """The ORDER BY of some keys, or of their exact reverse."""
    parts = []
    for key in keys:
        word = " DESC" if key.descending is not backward else ""
        nulls = (" NULLS FIRST" if backward else " NULLS LAST") if key.nullable else ""
        parts.append(f"{key.expression}{word}{nulls}")
    return ", ".join(parts)


def cursor(dialect: Dialect, signature: str, keys: Sequence[SortKey]) -> str:
    """The cursor of a row: hexadecimal of a JSON array of the order's signature, the keys' values and the id."""
    if dialect is Dialect.POSTGRES:
        values = ", ".join((f"{quoted(signature)}::text", *(scalar(dialect, key.expression, key.kind) for key in keys)))
        return f"encode(convert_to(json_build_array({values})::text, 'UTF8'), 'hex')"
    values = ", ".join((quoted(signature), *(key.expression for key in keys)))
    return f"lower(hex(json_array({values})))"


def past(
    predicates: Predicates, spec: ModelSpec, keys: Sequence[SortKey], edge: Sequence[object], *, backward: bool
) -> str:
    """The condition that a row comes after (or with `backward` before) the one whose key values are given."""
    if len(edge) != len(keys):
        raise BadQuery(f"The cursor does not belong to this list of {spec.label}")
    places = [None if one is None else _bound(predicates, key, one) for key, one in zip(keys, edge, strict=True)]
    down = {key.descending is not backward for key in keys}
    if len(down) == 1 and not any(key.nullable for key in keys):
        left = ", ".join(key.expression for key in keys)
        return f"({left}) {'<' if down.pop() else '>'} ({', '.join(str(place) for place in places)})"
    alternatives = []
    for number, key in enumerate(keys):
        equal = [_equal(one, place) for one, place in zip(keys[:number], places[:number], strict=True)]
        beyond = _beyond(key, places[number], backward=backward)
        if beyond:
            alternatives.append(" AND ".join((*equal, beyond)))
    return "(" + " OR ".join(f"({one})" for one in alternatives) + ")" if alternatives else "FALSE"


def _equal(key: SortKey, place: str | None) -> str:
    return f"{key.expression} IS NULL" if place is None else f"{key.expression} = {place}"


def _beyond(key: SortKey, place: str | None, *, backward: bool) -> str:
    if place is None:
        return f"{key.expression} IS NOT NULL" if backward else ""
    compared = f"{key.expression} {'<' if key.descending is not backward else '>'} {place}"
    return f"({compared} OR {key.expression} IS NULL)" if key.nullable and not backward else compared


def _bound(predicates: Predicates, key: SortKey, one: object) -> str:
    convert = _from_cursor(predicates.dialect, key.kind)
    cast = "::uuid" if predicates.dialect is Dialect.POSTGRES and key.kind is Kind.ID else ""
    return predicates.bound(one, convert) + cast


def _from_cursor(dialect: Dialect, kind: Kind) -> Callable[[Any], object]:
    """How a value of a cursor, which anybody may have made up, becomes one that the column can be compared with."""

    def convert(value: Any) -> object:
        try:
            return _compared(dialect, kind, value)
        except (ValueError, TypeError, OverflowError):
            raise BadQuery("The cursor does not belong to this list") from None

    return convert


def _compared(dialect: Dialect, kind: Kind, value: Any) -> object:
    if kind is Kind.BOOLEAN:
        return bool(value) if dialect is Dialect.POSTGRES else int(bool(value))
    if kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY):
        if type(value) is not int or abs(value) >= (2**31 if kind is Kind.INTEGER else 2**63):
            raise ValueError(value)
        return value
    if not isinstance(value, str) or "\0" in value:
        raise TypeError(value)
    if kind in (Kind.ID, Kind.LINK):
        return UUID(value) if dialect is Dialect.POSTGRES else str(UUID(value))
    if kind is Kind.MOMENT:
        moment = datetime.fromisoformat(value).astimezone(UTC)  # the clock's own zone where it names none
        return moment if dialect is Dialect.POSTGRES else moment_text(moment)
    return date.fromisoformat(value) if dialect is Dialect.POSTGRES and kind is Kind.DATE else value
