"""Custom fields in the row of their record: keys of its JSON, read as if they were columns, written together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.codec import columns, stored
from core.database import Dialect
from core.fields import LISTS, Kind
from core.registry import FieldSpec, ModelSpec

CUSTOM = "custom"
TYPES = {
    Kind.INTEGER: "int",
    Kind.DECIMAL: "bigint",
    Kind.MONEY: "bigint",
    Kind.POSITION: "bigint",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.MOMENT: "timestamptz",
    Kind.LINK: "uuid",
}
"""What PostgreSQL takes a value of the JSON for; anything else is text, ordered as a column of text is."""


def column(dialect: Dialect, alias: str, spec: FieldSpec, name: str | None = None) -> str:
    """A column of a field on the row of an alias, the value's unless it is named; of a custom field a path in JSON."""
    name = name or spec.column
    if not spec.inside:
        return f"{alias}.{name}"
    if spec.kind in LISTS and name == spec.column:
        return _list(dialect, alias, name)
    if dialect is Dialect.SQLITE:
        found = f"json_extract({alias}.{CUSTOM}, '$.{name}')"
        return f"coalesce({found}, 0)" if spec.kind is Kind.BOOLEAN else found
    found = f"({alias}.{CUSTOM}->>'{name}')"
    kind = TYPES.get(spec.kind) if name == spec.column or spec.kind is Kind.POSITION else None
    if kind is None:
        return f'({found} COLLATE "C")'
    return f"coalesce({found}::boolean, FALSE)" if spec.kind is Kind.BOOLEAN else f"{found}::{kind}"


def _list(dialect: Dialect, alias: str, name: str) -> str:
    if dialect is Dialect.SQLITE:
        return f"coalesce(json_extract({alias}.{CUSTOM}, '$.{name}'), '[]')"
    return f"coalesce({alias}.{CUSTOM}->'{name}', '[]'::jsonb)"


def unpacked(spec: ModelSpec, custom: Mapping[str, Any] | None) -> dict[str, Any]:
    """The values of all custom fields from the JSON of a row."""
    return {name: _value(one, custom or {}) for name, one in spec.inside.items()}


def _value(one: FieldSpec, custom: Mapping[str, Any]) -> Any:
    value = custom.get(one.column)
    if one.kind is Kind.BOOLEAN:
        return bool(value)
    if one.kind in LISTS:
        return tuple(value or ())
    return stored(one, {name: custom.get(name) for name in one.columns})


def packed(spec: ModelSpec, custom: Mapping[str, Any] | None, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The JSON of a row with some values of custom fields; what is empty has no key, what is not known stays."""
    whole = dict(custom or {})
    for name, one in spec.inside.items():
        if name in values:
            whole.update(zip(one.columns, _keys(one, values[name]), strict=True))
    kept = {key: value for key, value in whole.items() if value is not None}
    return kept or None


def _keys(one: FieldSpec, value: Any) -> tuple[object, ...]:
    """The values of a field's keys: as the columns of SQLite hold them, which JSON tells, too."""
    if value is None or value == ():
        return (None,) * len(one.columns)
    first, *rest = columns(Dialect.SQLITE, one, value)
    if one.kind is Kind.BOOLEAN:
        first = bool(value)
    elif one.kind in LISTS:
        first = list(value)
    return first, *rest
