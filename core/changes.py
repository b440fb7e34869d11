"""What changed in a record: field values before and after, as the audit and events tell them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from core.codec import moment_text
from core.fields import LISTS, Kind, Position
from core.model import Model
from core.money import Money
from core.registry import FieldSpec, ModelSpec, Registry

Values: TypeAlias = Mapping[str, Any]
Changes: TypeAlias = dict[str, list[Any]]
SILENT = frozenset({"id", "created_at", "created_by", "updated_at", "updated_by", "version"})
TITLE_LENGTH = 255


def json_form(value: object) -> Any:
    """A value as JSON tells it: text for figures that must stay exact, UTC times, ids of links."""
    if value is None or type(value) is str:  # most are
        return value
    match value:
        case Enum():
            return value.value
        case Money():
            return {"amount": str(value.amount), "currency": value.currency}
        case Decimal():
            return format(value, "f")
        case datetime():
            return moment_text(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Position():
            return {"latitude": float(value.latitude), "longitude": float(value.longitude)}
        case Model():
            return str(value.value("id"))
        case list() | tuple() | set() | frozenset():
            return [json_form(one) for one in value]
        case _:
            return value


def changes_between(spec: ModelSpec, before: Values, after: Values) -> Changes:
    """The fields of `after` whose value differs, with both values; never a secret."""
    found: Changes = {}
    for name, value in after.items():
        old = before.get(name)
        if old is value or name in SILENT or spec.fields[name].kind is Kind.SECRET:
            continue
        if old != value and not (old in (None, ()) and value in (None, ())):
            found[name] = [json_form(old), json_form(value)]
    return found


def title_of(spec: ModelSpec, values: Values) -> str:
    """The name of a record: its title field as text, else its id."""
    found = json_form(values.get(spec.title)) or values.get("id") or ""
    return str(found)[:TITLE_LENGTH]


def empty_of(spec: FieldSpec) -> object:
    """The empty value of a field."""
    return () if spec.kind in LISTS else None


def record_from(registry: Registry, spec: ModelSpec, values: Values) -> Model:
    """A record of plain values; the records at the ends of its links hold their ids alone. Secrets stay out."""
    seen: dict[str, Any] = {}
    for name, value in values.items():
        one = spec.fields[name]
        if one.kind is Kind.SECRET:
            continue
        if one.target is not None and isinstance(value, UUID):
            value = registry.models[one.target].model({"id": value})  # noqa: PLW2901 - the link seen as a record
        seen[name] = value
    return spec.model(seen)
