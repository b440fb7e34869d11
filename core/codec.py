"""How values pass into the two databases, and back out of the JSON that statements return."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from core.database import Dialect
from core.fields import LISTS, TEXTUAL, Kind, Position
from core.model import Model
from core.money import Money, exponent
from core.registry import FieldSpec

MICRODEGREES = 6
WORDS = TEXTUAL | {Kind.CHOICE}
NO_DIGIT = re.compile(r"\D")


def fold(text: str) -> str:
    """Text as it is compared and ordered: compatibility-composed (NFKC), without case, single spaces."""
    if text.isascii():  # most of what a table holds, and nothing in it to compose
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def fold_item(kind: Kind, item: str) -> str:
    """An element of a list as it is compared: of a phone number only the digits."""
    if kind is Kind.PHONES:
        if item.isascii():
            return NO_DIGIT.sub("", item)
        return "".join(one for one in unicodedata.normalize("NFKC", item) if one.isdigit())
    return fold(item).replace("|", " ")


def fold_list(kind: Kind, items: Iterable[str]) -> str:
    """A list as one text with bars around each element, so that an element is found by `|element|`."""
    folded = [fold_item(kind, item) for item in items]
    return f"|{'|'.join(folded)}|" if folded else ""


@lru_cache(1_024)
def moment_text(moment: datetime) -> str:
    """A moment as fixed-width UTC text with six digits, in the order of time."""
    # `strftime` writes the year 1 as it is, and not as 0001.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def scaled(value: Decimal, digits: int) -> int:
    """A decimal as a whole number of its last digit; `ValueError` when it has more digits."""
    shifted = value.scaleb(digits)
    if shifted != shifted.to_integral_value():
        raise ValueError(f"{value} has more than {digits} digits behind the point")
    return int(shifted)


def plain(dialect: Dialect, kind: Kind, scale: int, value: object) -> object:
    """The database value of the main column of a field."""
    if type(value) is UUID and kind is not Kind.DATA:  # what every statement is bound to
        return value if dialect is Dialect.POSTGRES else str(value)
    if value is None or (type(value) is str and kind is not Kind.DATA):
        return value
    if isinstance(value, Enum):
        return value.value
    if kind is Kind.DECIMAL and isinstance(value, Decimal | int):
        return scaled(Decimal(value), scale)
    if isinstance(value, Money):
        return value.minor
    if isinstance(value, Position):
        return scaled(value.latitude, MICRODEGREES)
    if kind is Kind.DATA or kind in LISTS:
        return orjson.dumps(value, default=list).decode()
    return _native(dialect, value) if dialect is Dialect.POSTGRES else _text(value)


def _native(_: Dialect, value: object) -> object:
    return value.id if isinstance(value, Model) else value


def _text(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    return str(value.id) if isinstance(value, Model) else value


def columns(dialect: Dialect, spec: FieldSpec, value: Any) -> tuple[object, ...]:
    """The database values of all columns of a field, in the order of `spec.columns`."""
    kind = spec.kind
    if type(value) is str and kind in WORDS:  # what most columns hold
        return (value,) if spec.folded is None else (value, fold(value))
    first = plain(dialect, kind, spec.traits.scale, value)
    if len(spec.columns) == 1:
        return (first,)
    if kind in LISTS:
        return first, fold_list(kind, value)
    if value is None:
        return None, None
    if kind is Kind.MONEY:
        return first, value.currency
    return first, scaled(value.longitude, MICRODEGREES) if kind is Kind.POSITION else fold(value)


def decode(spec: FieldSpec, value: Any) -> Any:
    """The Python value of a field from the JSON of a statement."""
    if value is None:
        return () if spec.kind in LISTS else None
    match spec.kind:
        case Kind.DECIMAL:
            return Decimal(value)
        case Kind.MONEY:
            return Money(int(Decimal(value["amount"]).scaleb(exponent(value["currency"]))), value["currency"])
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.MOMENT:
            return datetime.fromisoformat(value)
        case Kind.CHOICE if spec.traits.choices:
            return spec.traits.choices(value)
        case Kind.POSITION:
            return Position(_degrees(value["latitude"]), _degrees(value["longitude"]))
        case Kind.ID | Kind.LINK:
            return UUID(value)
        case kind if kind in LISTS:
            return tuple(value)
        case _:
            return value


def _degrees(value: float) -> Decimal:
    return round(Decimal(str(value)), MICRODEGREES)


def stored(spec: FieldSpec, row: Mapping[str, Any]) -> Any:
    """The Python value of a field from raw columns, as a row lock reads them."""
    value = row[spec.column]
    if value is None:
        return () if spec.kind in LISTS else None
    return from_columns(spec, value, row[spec.second] if spec.second else None)


def from_columns(spec: FieldSpec, value: Any, second: Any) -> Any:
    """The Python value of a field that is not empty, from its column and the second one, where it has that."""
    match spec.kind:
        case Kind.TEXT | Kind.INTEGER:
            return value
        case Kind.DECIMAL:
            return Decimal(value).scaleb(-spec.traits.scale)
        case Kind.MONEY:
            return Money(value, second)
        case Kind.POSITION:
            return Position(Decimal(value).scaleb(-MICRODEGREES), Decimal(second).scaleb(-MICRODEGREES))
        case Kind.BOOLEAN:
            return bool(value)
        case Kind.DATA:
            return orjson.loads(value)
        case kind if kind in LISTS:
            return tuple(orjson.loads(value))
        case Kind.ID | Kind.LINK:
            return UUID(str(value))
        case Kind.CHOICE if spec.traits.choices:
            return spec.traits.choices(value)
        case Kind.DATE:
            return value if isinstance(value, date) else date.fromisoformat(value)
        case Kind.MOMENT:
            return value if isinstance(value, datetime) else datetime.fromisoformat(value)
        case _:
            return value
