"""SQL expressions that yield JSON, in the words of each database.

On PostgreSQL an expression has its natural type, and rows become JSON at the end; on SQLite it is JSON text at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.codec import MICRODEGREES
from core.database import Dialect
from core.fields import LISTS, Kind
from core.inside import column as place
from core.money import EXPONENTS
from core.query import Bucket
from core.registry import FieldSpec

ALIAS_BYTES = 63
ROW = '"$row"'
"""The alias of a row that becomes an object: no key can hide it, since no name in a query holds a dollar."""
DIGITS = sorted(set(EXPONENTS.values()))


def quoted(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """A quoted column alias."""
    return '"' + name.replace('"', '""') + '"'


def points(dialect: Dialect, value: str, digits: int) -> str:
    """A scaled integer as decimal text with exactly `digits` digits behind the point."""
    if digits == 0:
        return f"CAST({value} AS TEXT)"
    if dialect is Dialect.POSTGRES:
        return f"(({value})::numeric * {'0.' + '0' * (digits - 1) + '1'})::text"
    unit = 10**digits
    return (
        f"CASE WHEN {value} IS NULL THEN NULL ELSE printf('%s%d.%0{digits}d',"
        f" CASE WHEN {value} < 0 THEN '-' ELSE '' END, abs({value}) / {unit}, abs({value}) % {unit}) END"
    )


def amount(dialect: Dialect, value: str, currency: str) -> str:
    """Minor units as decimal text with the digits of their currency."""
    cases = ""
    for digits in DIGITS:
        names = ", ".join(quoted(name) for name, one in EXPONENTS.items() if one == digits)
        cases += f" WHEN {currency} IN ({names}) THEN {points(dialect, value, digits)}"
    return f"CASE{cases} ELSE {points(dialect, value, 2)} END"


def scalar(dialect: Dialect, expression: str, kind: Kind) -> str:
    """A database value as JSON: on PostgreSQL of a type that becomes the right JSON, on SQLite as JSON text."""
    if dialect is Dialect.POSTGRES:
        if kind is Kind.MOMENT:
            return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        return expression
    if kind is Kind.BOOLEAN:
        return f"CASE {expression} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END"
    if kind is Kind.DATA or kind in LISTS:
        return f"coalesce({expression}, 'null')"
    return f"json_quote({expression})"


def constant(dialect: Dialect, text: str | None) -> str:
    """A fixed text as JSON, or null."""
    if text is None:
        return "'null'" if dialect is Dialect.SQLITE else "NULL"
    return f"{quoted(text)}::text" if dialect is Dialect.POSTGRES else f"json_quote({quoted(text)})"


def value(dialect: Dialect, alias: str, spec: FieldSpec, part: str = "") -> str:
    """A field, or a part of a compound one, as JSON."""
    column = place(dialect, alias, spec)
    match spec.kind, part:
        case Kind.MONEY, "amount":
            return scalar(dialect, amount(dialect, column, place(dialect, alias, spec, spec.second)), Kind.TEXT)
        case Kind.MONEY, "currency":
            return scalar(dialect, place(dialect, alias, spec, spec.second), Kind.TEXT)
        case Kind.MONEY, _:
            pairs = [
                ("amount", value(dialect, alias, spec, "amount")),
                ("currency", value(dialect, alias, spec, "currency")),
            ]
            return unless_empty(dialect, column, pairs)
        case Kind.POSITION, "latitude":
            return _degrees(dialect, column)
        case Kind.POSITION, "longitude":
            return _degrees(dialect, place(dialect, alias, spec, spec.second))
        case Kind.POSITION, _:
            pairs = [
                ("latitude", _degrees(dialect, column)),
                ("longitude", _degrees(dialect, place(dialect, alias, spec, spec.second))),
            ]
            return unless_empty(dialect, column, pairs)
        case Kind.DECIMAL, _:
            return scalar(dialect, points(dialect, column, spec.traits.scale), Kind.TEXT)
        case Kind.CHOICE, "name":
            return scalar(dialect, f"upper({column})", Kind.TEXT)
    return scalar(dialect, column, spec.kind)


def _degrees(dialect: Dialect, column: str) -> str:
    cast = "::float8" if dialect is Dialect.POSTGRES else ""
    return scalar(dialect, f"({column} / {10**MICRODEGREES}.0{cast})", Kind.INTEGER)


def unless_empty(dialect: Dialect, column: str, pairs: Sequence[tuple[str, str]]) -> str:
    """An object, or null where a column is empty."""
    null = "NULL" if dialect is Dialect.POSTGRES else "'null'"
    return f"CASE WHEN {column} IS NULL THEN {null} ELSE {build_object(dialect, pairs)} END"


def build_object(dialect: Dialect, pairs: Sequence[tuple[str, str]]) -> str:
    """A JSON object of a few pairs, whatever the length of their keys."""
    if dialect is Dialect.SQLITE:
        return concatenated(pairs)
    if len(pairs) <= 50:
        return f"json_build_object({', '.join(f'{quoted(key)}, {one}' for key, one in pairs)})"
    texts = [(key, f"coalesce(to_json({one})::text, 'null')") for key, one in pairs]
    return f"({concatenated(texts)})::json"


def concatenated(pairs: Sequence[tuple[str, str]]) -> str:
    """JSON text of an object whose values are JSON text."""
    if not pairs:
        return "'{}'"
    pieces = [
        f"""{quoted(("{" if number == 0 else ",") + _json_key(key))} || {one}"""
        for number, (key, one) in enumerate(pairs)
    ]
    return f"{' || '.join(pieces)} || '}}'"  # no brackets: each level counts on SQLite's parser stack of 100


def _json_key(key: str) -> str:
    return f'"{key}":'


def row_object(dialect: Dialect, pairs: Sequence[tuple[str, str]], tail: str) -> str:
    """A scalar subquery that yields one row of `FROM …` as an object, or null where there is none."""
    if dialect is Dialect.SQLITE:
        return f"(SELECT {concatenated(pairs)} {tail} UNION ALL SELECT 'null' LIMIT 1)" if tail else concatenated(pairs)
    if aliases_fit(pairs):
        return f"(SELECT row_to_json({ROW}) FROM (SELECT {as_columns(pairs)} {tail}) {ROW})"
    return f"(SELECT {build_object(dialect, pairs)} {tail})"


def row_array(dialect: Dialect, pairs: Sequence[tuple[str, str]], tail: str) -> str:
    """A scalar subquery that yields all rows of `FROM … ORDER BY … LIMIT …` as an array of objects."""
    if dialect is Dialect.SQLITE:
        rows = f"SELECT {concatenated(pairs)} AS j {tail}"
        return f"(SELECT '[' || coalesce(group_concat(o.j, ','), '') || ']' FROM ({rows}) o)"
    if aliases_fit(pairs):
        return f"(SELECT coalesce(json_agg({ROW}), '[]'::json) FROM (SELECT {as_columns(pairs)} {tail}) {ROW})"
    return f"(SELECT coalesce(json_agg(o.j), '[]'::json) FROM (SELECT {build_object(dialect, pairs)} AS j {tail}) o)"


def collected(dialect: Dialect, expression: str, where: str = "") -> str:
    """An aggregate that collects JSON values into an array, in the order of the rows."""
    condition = f" FILTER (WHERE {where})" if where else ""
    if dialect is Dialect.SQLITE:
        return f"'[' || coalesce(group_concat({expression}, ','){condition}, '') || ']'"
    return f"coalesce(json_agg({expression}){condition}, '[]'::json)"


def aliases_fit(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether all keys survive as PostgreSQL's aliases, which are cut at 63 bytes."""
    return bool(pairs) and all(len(key.encode()) <= ALIAS_BYTES for key, _ in pairs)


def as_columns(pairs: Sequence[tuple[str, str]]) -> str:
    """A select list whose aliases are the keys."""
    return ", ".join(f"{one} AS {quoted_name(key)}" for key, one in pairs)


def bucketed(dialect: Dialect, column: str, kind: Kind, bucket: Bucket, zone: str) -> str:
    """The first day of the period that a date or moment falls in, as a date; `zone` is the place of the time zone."""
    if dialect is Dialect.POSTGRES:
        local = f"({column} AT TIME ZONE {zone}::text)" if kind is Kind.MOMENT else column
        return f"date_trunc({quoted(bucket.value)}, {local})::date"
    day = f"local_date({column}, {zone})" if kind is Kind.MOMENT else column
    match bucket:
        case Bucket.DAY:
            return f"date({day})"
        case Bucket.WEEK:
            return f"date({day}, '-6 days', 'weekday 1')"
        case Bucket.MONTH:
            return f"date({day}, 'start of month')"
        case Bucket.QUARTER:
            return f"date({day}, 'start of month', '-' || ((strftime('%m', {day}) - 1) % 3) || ' months')"
        case Bucket.YEAR:
            return f"date({day}, 'start of year')"
