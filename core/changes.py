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
EXACT = frozenset({str, int, bool, type(None)})
"""What JSON holds as it is."""

EMPTY = (None, ())


def json_form(value: object) -> Any:
    """A value as JSON tells it: text for figures that must stay exact, UTC times, ids of links."""
    if type(value) in EXACT:  # most are
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
        if not before and (value is None or value == ()):  # most fields of a new record
            continue
        old = before.get(name)
        if old is value or name in SILENT or spec.fields[name].kind is Kind.SECRET:
            continue
        if name == "custom" and spec.inside:  # its fields tell
            continue
        if old != value and not (old in EMPTY and value in EMPTY):
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
    seen = dict(values)
    for name in spec.secrets:
        seen.pop(name, None)
    for name, one in spec.links.items():
        value = seen.get(name)
        if isinstance(value, UUID):
            seen[name] = registry.models[str(one.target)].model({"id": value})
    return spec.model(seen)
