"""Figures by groups as SQL. Money is never added across currencies: its figures come once for each."""

from __future__ import annotations

from dataclasses import dataclass

from core.database import Dialect
from core.errors import BadQuery
from core.expressions import amount, bucketed, points, row_array, scalar
from core.fields import ORDERED, TEXTUAL, Kind
from core.inside import column
from core.predicates import Predicates, conjunction
from core.query import Function, Group, Measure, Summary
from core.registry import FieldSpec, ModelSpec

PRECISION = 4
RANKS = {Function.MEDIAN: 50, Function.PERCENTILE_90: 90}


@dataclass(frozen=True, slots=True)
class Grouped:
    """A group key: its SQL, and the field whose values it has."""

    key: str
    expression: str
    kind: Kind
    name: bool


def summary(predicates: Predicates, spec: ModelSpec, asked: Summary, rows: tuple[str, list[str]]) -> str:
    """The groups of a summary as a JSON array of objects."""
    if not asked.measures and not asked.groups:
        raise BadQuery("Nothing is measured")
    alias, where = rows
    groups = [_group(predicates, spec, alias, group) for group in asked.groups]
    fields = {one.field: _measured(predicates, spec, one) for one in asked.measures if one.field}
    where.append(predicates.where(spec, alias, asked.where))
    currencies = _currencies(fields)
    inner = _partials(predicates.dialect, alias, groups, fields)
    by = [f"g{number}" for number in range(len(groups))]
    source = f"FROM {spec.table} {alias} WHERE {conjunction(where)}"
    grouped = ", ".join((*by, *(f"c{number}" for number in range(len(currencies)))))
    partial = f"b AS MATERIALIZED (SELECT {', '.join(inner)} {source}{f' GROUP BY {grouped}' if grouped else ''})"
    ranked = {one.field for one in asked.measures if one.function in RANKS}
    ranks = [
        _ranks(number, column(predicates.dialect, alias, found), groups, source)
        for number, (name, found) in enumerate(fields.items())
        if name in ranked
    ]
    return _figures(predicates.dialect, asked, groups, fields, ", ".join((partial, *ranks)))


def _group(predicates: Predicates, spec: ModelSpec, alias: str, group: Group) -> Grouped:
    head, _, rest = group.path.partition(".")
    if rest:
        link, target = predicates.link(spec, head)
        inner = predicates.alias()
        key = _group(predicates, target, inner, Group(group.key, rest, group.bucket))
        where = f"{inner}.id = {column(predicates.dialect, alias, link)} AND {predicates.scope(target, inner)}"
        return Grouped(
            group.key, f"(SELECT {key.expression} FROM {target.table} {inner} WHERE {where})", key.kind, key.name
        )
    found = predicates.field(spec, head)
    expression = column(predicates.dialect, alias, found)
    if found.kind is Kind.LINK and group.bucket is None:
        return Grouped(group.key, _linked(predicates, spec, alias, head), found.kind, name=False)
    if group.bucket is not None:
        if found.kind not in (Kind.DATE, Kind.MOMENT):
            raise BadQuery(f"{found.name} is no date")
        zone = predicates.place(lambda caller, _: caller.zone, "zone") if found.kind is Kind.MOMENT else ""
        return Grouped(
            group.key, bucketed(predicates.dialect, expression, found.kind, group.bucket, zone), Kind.DATE, name=False
        )
    if found.kind not in TEXTUAL and found.kind not in (
        Kind.CHOICE,
        Kind.BOOLEAN,
        Kind.DATE,
        Kind.INTEGER,
        Kind.ID,
    ):
        raise BadQuery(f"{found.name} cannot be grouped by")
    return Grouped(group.key, expression, found.kind, name=found.kind is Kind.CHOICE)


def _linked(predicates: Predicates, spec: ModelSpec, alias: str, name: str) -> str:
    """The id of a linked record; of one out of sight nothing, as if there were none: its id is not told either."""
    link, target = predicates.link(spec, name)
    inner = predicates.alias()
    scope = predicates.scope(target, inner)
    if scope == "TRUE":
        return column(predicates.dialect, alias, link)
    where = f"{inner}.id = {column(predicates.dialect, alias, link)} AND {scope}"
    return f"(SELECT {inner}.id FROM {target.table} {inner} WHERE {where})"


def _measured(predicates: Predicates, spec: ModelSpec, measure: Measure) -> FieldSpec:
    found = predicates.field(spec, measure.field)
    countable = measure.function in (Function.COUNT, Function.MINIMUM, Function.MAXIMUM) and found.kind in ORDERED
    summed = found.kind in (Kind.INTEGER, Kind.DECIMAL) or (found.kind is Kind.MONEY and measure.function not in RANKS)
    if not countable and not summed:
        raise BadQuery(f"{found.name} has no {measure.function.value}")
    return found


def _currencies(fields: dict[str, FieldSpec]) -> dict[str, FieldSpec]:
    """The columns of the currencies in a fixed order, with their fields."""
    found = {str(one.second): one for one in fields.values() if one.kind is Kind.MONEY}
    return dict(sorted(found.items()))


def _partials(dialect: Dialect, alias: str, groups: list[Grouped], fields: dict[str, FieldSpec]) -> list[str]:
    """The inner select: one row for each group and combination of currencies."""
    columns = [f"{group.expression} AS g{number}" for number, group in enumerate(groups)]
    currencies = (column(dialect, alias, one, name) for name, one in _currencies(fields).items())
    columns += [f"{currency} AS c{number}" for number, currency in enumerate(currencies)]
    columns.append("count(*) AS n")
    for number, found in enumerate(fields.values()):
        value = column(dialect, alias, found)
        columns.append(f"count({value}) AS n{number}")
        columns += [f"min({value}) AS l{number}", f"max({value}) AS h{number}"]
        if found.kind not in (Kind.DATE, Kind.MOMENT):
            columns.append(f"sum({value}) AS s{number}")
    return columns


def _ranks(number: int, value: str, groups: list[Grouped], source: str) -> str:
    """All values of a field with their rank within their group, and how many these are."""
    keys = [f"{group.expression} AS g{index}" for index, group in enumerate(groups)]
    by = ", ".join(f"g{index}" for index in range(len(groups)))
    each = f"PARTITION BY {by}" if by else ""
    values = f"SELECT {', '.join((*keys, f'{value} AS v'))} {source} AND {value} IS NOT NULL"
    ranked = f"row_number() OVER ({each} ORDER BY v) AS k, count(*) OVER ({each}) AS n"
    return f"r{number} AS (SELECT {f'{by}, ' if by else ''}v, {ranked} FROM ({values}) w)"


def _figures(dialect: Dialect, asked: Summary, groups: list[Grouped], fields: dict[str, FieldSpec], parts: str) -> str:
    """The outer select: partial rows united by group, money collected by currency."""
    numbers = {name: number for number, name in enumerate(fields)}
    currencies = list(_currencies(fields))
    columns = [f"g{number} AS o{number}" for number in range(len(groups))]
    pairs = [(group.key, _group_value(dialect, group, f"z.o{number}")) for number, group in enumerate(groups)]
    for index, measure in enumerate(asked.measures):
        found, number = fields.get(measure.field), numbers.get(measure.field, 0)
        if found is not None and found.kind is Kind.MONEY and measure.function is not Function.COUNT:
            pairs.append(
                (measure.key, _money(dialect, measure, number, currencies.index(str(found.second)), len(groups)))
            )
        else:
            columns.append(f"{_figure(dialect, measure, number, found, len(groups))} AS m{index}")
            pairs.append((measure.key, _figure_value(dialect, measure, found, f"z.m{index}")))
    united = f"SELECT {', '.join(columns) or '1'} FROM b"
    if groups:
        by = ", ".join(f"g{number}" for number in range(len(groups)))
        order = ", ".join(f"g{number} NULLS LAST" for number in range(len(groups)))
        united += f" GROUP BY {by} ORDER BY {order}"
    elif len(columns) == 0:
        united += " LIMIT 1"
    rows = row_array(dialect, pairs, f"FROM ({united} LIMIT {asked.limit}) z" if groups else f"FROM ({united}) z")
    return f"(WITH {parts} SELECT {rows})"


def _group_value(dialect: Dialect, group: Grouped, column: str) -> str:
    return scalar(dialect, f"upper({column})" if group.name else column, group.kind)


def _figure(dialect: Dialect, measure: Measure, number: int, found: FieldSpec | None, groups: int) -> str:
    match measure.function:
        case Function.COUNT:
            return "coalesce(sum(n), 0)" if found is None else f"coalesce(sum(n{number}), 0)"
        case Function.SUM:
            return f"coalesce(sum(s{number}), 0)"
        case Function.MINIMUM:
            return f"min(l{number})"
        case Function.MAXIMUM:
            return f"max(h{number})"
        case Function.AVERAGE:
            return _average(dialect, f"sum(s{number})", f"sum(n{number})", 10**PRECISION)
        case Function.MEDIAN | Function.PERCENTILE_90:
            same = [_equal(dialect, f"r{number}.g{one}", f"b.g{one}") for one in range(groups)]
            rank = f"r{number}.k = (r{number}.n * {RANKS[measure.function]} + 99) / 100"
            return f"(SELECT r{number}.v FROM r{number} WHERE {conjunction([*same, rank])})"


def _equal(dialect: Dialect, one: str, other: str) -> str:
    """Two group keys are the same, or both empty."""
    return f"{one} {'IS NOT DISTINCT FROM' if dialect is Dialect.POSTGRES else 'IS'} {other}"


def _average(dialect: Dialect, total: str, count: str, unit: int) -> str:
    """A mean in whole `1/unit`, rounded half away from zero, in whole numbers so that both databases agree."""
    doubled = f"2 * {unit} * {total} + CASE WHEN {total} < 0 THEN -{count} ELSE {count} END"
    if dialect is Dialect.POSTGRES:
        return f"CASE WHEN {count} > 0 THEN div(({doubled})::numeric, (2 * {count})::numeric)::bigint END"
    return f"CASE WHEN {count} > 0 THEN ({doubled}) / (2 * {count}) END"


def _figure_value(dialect: Dialect, measure: Measure, found: FieldSpec | None, column: str) -> str:
    if found is None or measure.function is Function.COUNT:
        return scalar(dialect, _whole(dialect, column), Kind.INTEGER)
    scale = found.traits.scale if found.kind is Kind.DECIMAL else 0
    if measure.function is Function.AVERAGE:
        return scalar(dialect, points(dialect, column, PRECISION + scale), Kind.TEXT)
    if found.kind is Kind.DECIMAL:
        return scalar(dialect, points(dialect, _whole(dialect, column), scale), Kind.TEXT)
    return scalar(dialect, _whole(dialect, column) if found.kind is Kind.INTEGER else column, found.kind)


def _whole(dialect: Dialect, column: str) -> str:
    return f"{column}::bigint" if dialect is Dialect.POSTGRES else column


def _money(dialect: Dialect, measure: Measure, number: int, currency: int, groups: int) -> str:
    """The figures of a money field in one group as an array of amounts, in the order of their currencies."""
    same = [_equal(dialect, f"b.g{one}", f"z.o{one}") for one in range(groups)]
    where = conjunction([f"b.c{currency} IS NOT NULL", *same])
    figure = {
        Function.SUM: f"sum(b.s{number})",
        Function.MINIMUM: f"min(b.l{number})",
        Function.MAXIMUM: f"max(b.h{number})",
        Function.AVERAGE: _average(dialect, f"sum(b.s{number})", f"sum(b.n{number})", 1),
    }[measure.function]
    by_currency = f"SELECT b.c{currency} AS c, {figure} AS v FROM b WHERE {where} GROUP BY b.c{currency} ORDER BY 1"
    pairs = [
        ("amount", scalar(dialect, amount(dialect, "y.v", "y.c"), Kind.TEXT)),
        ("currency", scalar(dialect, "y.c", Kind.TEXT)),
    ]
    return row_array(dialect, pairs, f"FROM ({by_currency}) y")
