"""Values as the plain path compares, orders, groups and adds them up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.fields import Kind
from core.money import Money


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def folded(text: str) -> str:
    twice = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(twice.split())


def digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())


def figure(function: str, values: list[Decimal], scale: int) -> Decimal:
    made = {
        "SUM": lambda: sum(values, Decimal()),
        "MIN": lambda: min(values),
        "MAX": lambda: max(values),
        "AVERAGE": lambda: sum(values, Decimal()) / len(values),
        "MEDIAN": lambda: sorted(values)[ceil(len(values) / 2) - 1],
        "P90": lambda: sorted(values)[ceil(len(values) * 9 / 10) - 1],
    }[function]()
    return Decimal(made).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)


def bucket(value: date | datetime, width: str, zone: str) -> date:
    day = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    return {
        "DAY": lambda: day,
        "WEEK": lambda: day - timedelta(days=day.weekday()),
        "MONTH": lambda: day.replace(day=1),
        "QUARTER": lambda: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "YEAR": lambda: day.replace(month=1, day=1),
    }[width]()


def sortable(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind in (Kind.TEXT, Kind.NOTE, Kind.EMAIL, Kind.URL):
        return folded(value)
    if kind is Kind.MONEY:
        return value.minor
    return value.value if kind is Kind.CHOICE else value


def operand(kind: Kind, raw: Any) -> Any:
    convert: dict[Kind, Callable[[Any], Any]] = {
        Kind.ID: UUID,
        Kind.DECIMAL: lambda one: Decimal(str(one)),
        Kind.DATE: date.fromisoformat,
        Kind.MOMENT: lambda one: datetime.fromisoformat(one).astimezone(UTC),
    }
    if kind is Kind.MONEY:
        places = {"JPY": 0, "KWD": 3}.get(raw["currency"], 2)
        return Money(int(Decimal(str(raw["amount"])).scaleb(places)), raw["currency"])
    return convert.get(kind, lambda one: one)(raw)


def test(kind: Kind, value: Any, operator: str, raw: Any) -> Any:
    if operator == "isEmpty":
        return (value is None or value == ()) is raw
    if value is None:
        return False
    if operator == "has":
        if kind is Kind.PHONES:
            return digits(raw) in [digits(one) for one in value]
        return folded(raw).replace("|", " ") in [folded(one).replace("|", " ") for one in value]
    if operator == "in":
        return any(test(kind, value, "eq", one) for one in raw)
    if kind is Kind.CHOICE:
        return bool(value.name == raw)
    if kind in (Kind.TEXT, Kind.NOTE, Kind.EMAIL, Kind.URL):
        mine, theirs = folded(value), folded(raw)
        return {"eq": mine == theirs, "contains": theirs in mine, "startsWith": mine.startswith(theirs)}[operator]
    wanted = operand(kind, raw)
    if isinstance(value, Money):
        if value.currency != wanted.currency:
            return False
        value, wanted = value.minor, wanted.minor
    if operator == "eq":
        return bool(value == wanted)
    return {"lt": value < wanted, "lte": value <= wanted, "gt": value > wanted, "gte": value >= wanted}[operator]
