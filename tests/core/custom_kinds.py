"""Custom fields of every kind on customers, each with its options and two values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from core.access import Caller, system
from core.app import Kernel
from core.custom_fields import CustomField
from core.fields import Position
from tradepost import money

SYSTEM = system("a test")
OBJECT = "sales.customer"
MOMENT = dt.datetime(2026, 11, 28, 6, 30, 0, 123456, tzinfo=dt.UTC)

KINDS: dict[str, dict[str, Any]] = {
    "text": {"length": 40, "search": True},
    "long_text": {},
    "whole_number": {},
    "decimal_number": {"scale": 6},
    "amount": {},
    "yes_or_no": {},
    "date": {},
    "date_and_time": {},
    "choice": {"choices": "north = North region | ko: 북부\nsouth = South"},
    "mail_address": {},
    "phone_numbers": {},
    "web_address": {},
    "tags": {},
    "link": {"target": "core.user"},
    "position": {},
}
"""Every kind with its options; the field is called after its kind."""

VALUES: dict[str, tuple[Any, Any]] = {
    "x_text": ("Straße", "Zebra"),
    "x_long_text": ("one\nline", "two\nlines"),
    "x_whole_number": (-5, 2_147_483_647),
    "x_decimal_number": (Decimal("0.100000"), Decimal("999999999999.999999")),
    "x_amount": (money("1234567890123.45", "EUR"), money("2", "EUR")),
    "x_yes_or_no": (False, True),
    "x_date": (dt.date(1969, 12, 31), dt.date(2026, 11, 28)),
    "x_date_and_time": (MOMENT - dt.timedelta(microseconds=1), MOMENT),
    "x_choice": ("north", "south"),
    "x_mail_address": ("ann@example.com", "Bob@example.com"),
    "x_phone_numbers": (("+49 30 1234567",), ("010-1234-5678", "02-345-6789")),
    "x_web_address": ("https://example.com/a", "https://example.com/b"),
    "x_tags": (("big", "old"), ("new",)),
    "x_position": (
        Position(Decimal("-33.865143"), Decimal("151.209900")),
        Position(Decimal("37.566535"), Decimal("126.977969")),
    ),
}
"""Two values of each kind, the smaller one first."""
UNORDERED = ("x_phone_numbers", "x_tags", "x_position")


async def define(kernel: Kernel, kind: str, caller: Caller = SYSTEM, **values: Any) -> CustomField:
    """Add a field, by default one that is called after its kind."""
    given = {"object": OBJECT, "label": kind.replace("_", " ").capitalize(), "kind": kind, **values}
    return await kernel.operations.create(caller, CustomField, given)


async def all_kinds(kernel: Kernel) -> Kernel:
    """The kernel of the moment, with a field of every kind on customers."""
    for kind, options in KINDS.items():
        await define(kernel, kind, **options)
    return await kernel.renewal.current()
