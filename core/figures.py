"""Reading figures as people type them: numbers, amounts, positions. No float is ever calculated with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from babel.numbers import is_currency

from core.errors import Refused
from core.fields import Position
from core.money import Money, money

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**31), 2**31 - 1
LARGEST_SCALED = 2**63 - 1
MOST_DIGITS = 27
FARTHEST_DIGIT = 1_000  # from the point: beyond, numbers are none that decimal arithmetic could reckon with
EXACT_FLOAT = 10**15
MICRODEGREE = Decimal("0.000001")

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)\Z", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?\Z", re.ASCII)
CURRENCY_FIRST = re.compile(r"([A-Za-z]{3})\s*(.+)\Z")
CURRENCY_LAST = re.compile(r"(.+?)\s*([A-Za-z]{3})\Z")


def _no_number(*, whole: bool) -> Refused:
    # Two calls, so that both messages are found for translation.
    return Refused("Write a number like 1234") if whole else Refused("Write a number like 1234.5")


def _typed(raw: str, *, whole: bool) -> Decimal:
    """A number as typed: full-width digits and thousands separators too, unless they could be a decimal comma."""
    text = unicodedata.normalize("NFKC", raw).strip().replace("\N{MINUS SIGN}", "-")
    if GROUPED.match(text) and (whole or "." in text or text.count(",") > 1):
        text = text.replace(",", "")
    if not PLAIN.match(text) or len(text) > MOST_DIGITS:
        raise _no_number(whole=whole)
    return Decimal(text)


def _figure(raw: object, *, whole: bool = False) -> Decimal:
    if isinstance(raw, str):
        return _typed(raw, whole=whole)
    if isinstance(raw, float) and abs(raw) < EXACT_FLOAT:
        return _typed(format(Decimal(repr(raw)), "f"), whole=whole)
    if isinstance(raw, Decimal) and raw.is_finite() and len(raw.as_tuple().digits) <= MOST_DIGITS:
        if abs(raw.adjusted()) > FARTHEST_DIGIT:
            raise Refused("This number is out of range", code="out_of_range")
        return raw
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) <= LARGEST_SCALED:
        return Decimal(raw)
    raise _no_number(whole=whole)


def parse_integer(raw: object) -> int:
    """A whole number that GraphQL's `Int` can hold."""
    figure = _figure(raw, whole=True)
    if figure != figure.to_integral_value():
        raise Refused("Write a whole number")
    if not SMALLEST_INTEGER <= figure <= LARGEST_INTEGER:
        raise Refused(
            "Write a number between %(least)s and %(most)s",
            code="out_of_range",
            least=SMALLEST_INTEGER,
            most=LARGEST_INTEGER,
        )
    return int(figure)


def parse_decimal(raw: object, scale: int) -> Decimal:
    """A number with exactly `scale` digits behind the point; more are refused, never rounded away."""
    figure = _figure(raw)
    if figure.adjusted() > MOST_DIGITS or abs(figure) * 10**scale > LARGEST_SCALED:
        raise Refused("This number is out of range", code="out_of_range")
    quantized = figure.quantize(Decimal(1).scaleb(-scale)) + 0
    if quantized != figure:
        raise Refused("Write at most %(digits)s digits behind the point", code="too_precise", digits=scale)
    return quantized


def parse_money(raw: object, currency: str = "") -> Money:
    """An amount: `Money`, `{"amount", "currency"}`, `12.00 USD`, `USD 12.00`, or a number of the given currency."""
    if isinstance(raw, Money):
        amount, code = raw.amount, raw.currency
    elif isinstance(raw, Mapping):
        if set(raw) - {"amount", "currency"} or "amount" not in raw:
            raise Refused("Write an amount and a currency, like 12.00 USD")
        amount, code = _figure(raw["amount"]), str(raw.get("currency") or currency)
    elif isinstance(raw, str):
        first, last = CURRENCY_FIRST.match(raw), CURRENCY_LAST.match(raw)
        figures, code = (first[2], first[1]) if first else (last[1], last[2]) if last else (raw, currency)
        amount = _figure(figures)
    else:
        amount, code = _figure(raw), currency
    if not code:
        raise Refused("Add the currency, like 12.00 USD", code="currency_missing")
    if not _is_currency(code.upper()):
        raise Refused("%(currency)s is not a currency; write three letters, like USD", currency=code)
    return money(amount, code.upper())


@lru_cache(1_024)
def _is_currency(code: str) -> bool:
    return is_currency(code)


def empty_figure(raw: object) -> bool:
    """Whether a form or JSON sent an amount or a place with nothing in it; a currency alone is no amount."""
    if raw is None or isinstance(raw, str) or not isinstance(raw, Mapping):
        return raw is None
    return bool(raw) and all(value in (None, "") for key, value in raw.items() if key != "currency")


def parse_position(raw: object) -> Position:
    """A place: `Position`, `{"latitude", "longitude"}` or `31.2304, 121.4737`, kept to six digits."""
    if isinstance(raw, Position):
        latitude, longitude = raw.latitude, raw.longitude
    elif isinstance(raw, Mapping) and set(raw) == {"latitude", "longitude"}:
        latitude, longitude = _figure(raw["latitude"]), _figure(raw["longitude"])
    elif isinstance(raw, str) and raw.count(",") == 1:
        latitude, longitude = (_figure(part) for part in raw.split(","))
    else:
        raise Refused("Write a latitude and a longitude, like 31.2304, 121.4737")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Refused("A latitude is between -90 and 90, a longitude between -180 and 180", code="out_of_range")
    return Position(latitude.quantize(MICRODEGREE), longitude.quantize(MICRODEGREE))
