"""From what people and programs send (forms, JSON, cells of a table) to the values that fields hold, or a refusal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from core.contacts import parse_email, parse_emails, parse_phones, parse_tags, parse_url
from core.errors import Problem, Refused
from core.fields import LISTS, Kind, Traits
from core.figures import empty_figure, parse_decimal, parse_integer, parse_money, parse_position
from core.model import Model

LARGEST_DATA = 1_000_000
YES = frozenset({"true", "yes", "y", "on", "1"})
NO = frozenset({"false", "no", "n", "off", "0"})
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Assume:
    """What an incomplete value is taken to mean: the currency of a plain amount, the zone of a time without one.

    `formats` are further ways to write a day or a time, beside ISO 8601: `("%d.%m.%Y",)`.
    """

    currency: str = ""
    zone: str = ""
    formats: tuple[str, ...] = ()


NOTHING = Assume()
EARLIEST, LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""What can be told in every time zone; the days beyond stand for infinity in PostgreSQL's driver."""


def parse(name: str, traits: Traits, raw: object, assume: Assume = NOTHING) -> object:
    """The Python value of a field; `Refused` names the field and says what to do.

    Empty is `None`, of a list `()`, of a field that is never empty its default.
    """
    try:
        value = READERS[traits.kind](traits, _spare(raw), assume)
    except Refused as refusal:
        raise _named(name, refusal) from None
    if value is None or value == ():
        return _empty(name, traits)
    if traits.minimum is not None:
        _check_minimum(name, traits, value)
    return value


def _spare(raw: object) -> object:
    if isinstance(raw, str):
        return raw.strip() or None
    return raw


def _named(name: str, refusal: Refused) -> Refused:
    return Refused(problems=[Problem(one.message, name, one.code, one.values) for one in refusal.problems])


def _empty(name: str, traits: Traits) -> object:
    if traits.required and traits.kind is not Kind.BOOLEAN:
        raise Refused("Fill this in", field=name, code="required")
    if traits.kind in LISTS:
        return ()
    return bool(traits.default) if traits.kind is Kind.BOOLEAN else traits.default


def _check_minimum(name: str, traits: Traits, value: object) -> None:
    figure = getattr(value, "amount", value)
    if isinstance(figure, int | Decimal) and traits.minimum is not None and figure < traits.minimum:
        raise Refused("Write %(minimum)s or more", field=name, code="too_small", minimum=traits.minimum)


def clean(raw: str, *, lines: bool = False) -> str:
    """Text in composed form (NFC) without control characters; `Refused` where it has some."""
    if raw.isascii() and raw.isprintable():
        return raw
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n") if lines else raw)
    for one in text:
        if unicodedata.category(one) in ("Cc", "Cs") and not (lines and one in "\n\t"):
            message = "Write this on one line" if one in "\n\r\t" else "Remove the control character %(name)s"
            raise Refused(message, code="control_character", name=f"U+{ord(one):04X}")
    return text


def _words(raw: object) -> str:
    """What was sent as text; a cell of a table may hold the number that someone typed as text."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return str(raw)
    raise Refused("Write text")


def _text(traits: Traits, raw: object, _: Assume) -> str | None:
    if raw is None:
        return None
    text = clean(_words(raw), lines=traits.kind is Kind.NOTE)
    if traits.max_length and len(text) > traits.max_length:
        raise Refused("Shorten this to %(length)s characters", code="too_long", length=traits.max_length)
    return text


def _boolean(_: Traits, raw: object, __: Assume) -> bool | None:
    if raw is None or isinstance(raw, bool):
        return raw
    word = _words(raw).casefold()
    if word in YES or word in NO:
        return word in YES
    raise Refused("Write yes or no")


def _choice(traits: Traits, raw: object, _: Assume) -> Enum | None:
    choices = traits.choices
    if choices is None:
        raise TypeError("a choice without choices")
    if raw is None or isinstance(raw, choices):
        return raw
    word = "_".join(_words(raw.value if isinstance(raw, Enum) else raw).lower().split())
    for one in choices:
        if one.value == word:
            return one
    raise Refused(
        "Choose one of: %(choices)s", code="unknown_choice", choices=", ".join(str(one.value) for one in choices)
    )


def _by_format(text: str, assume: Assume) -> datetime | None:
    for pattern in assume.formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is settled by the caller
        except ValueError:
            continue
    return None


def _date(_: Traits, raw: object, assume: Assume) -> date | None:
    found = None if raw is None else _day_of(raw, assume)
    if found is not None and not EARLIEST.date() <= found <= LATEST.date():
        raise Refused("This day is out of range")
    return found


def _day_of(raw: object, assume: Assume) -> date:
    if isinstance(raw, datetime):
        if raw.time() != datetime.min.time():
            raise Refused("Write a day without a time, like 2026-11-22")
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = unicodedata.normalize("NFKC", _words(raw))
    found = _by_format(text, assume)
    if found is not None:
        return found.date()
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Refused("Write a day like 2026-11-22")


def _moment(_: Traits, raw: object, assume: Assume) -> datetime | None:
    if raw is None:
        return None
    if isinstance(raw, date):  # a day begins at midnight, in whatever form it was given
        raw = raw if isinstance(raw, datetime) else datetime.combine(raw, time())
    found = raw if isinstance(raw, datetime) else _time_of(unicodedata.normalize("NFKC", _words(raw)), assume)
    if found.tzinfo is None:
        found = _settled(found, assume)
    try:
        told = found.astimezone(UTC)
    except OverflowError:
        told = None
    if told is None or not EARLIEST <= told <= LATEST:
        raise Refused("This time is out of range")
    return told


def _time_of(text: str, assume: Assume) -> datetime:
    found = _by_format(text, assume)
    if found is not None:
        return found
    try:
        if DAY.match(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise Refused("Write a time like 2026-11-22 14:30")


def _settled(naive: datetime, assume: Assume) -> datetime:
    """A wall clock time in the assumed zone; refused where the clock was put forward past it."""
    if not assume.zone:
        raise Refused("Add the time zone, like 2026-11-22T14:30+08:00")
    zone = ZoneInfo(assume.zone)
    found = naive.replace(tzinfo=zone)
    try:
        back = found.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise Refused("This time is out of range") from None
    if back != naive:
        raise Refused("This time does not exist in %(zone)s: the clocks go forward", zone=assume.zone)
    return found


def _data(_: Traits, raw: object, __: Assume) -> object:
    if raw is None:
        return None
    try:
        text = orjson.dumps(raw, default=list)
    except TypeError:
        raise Refused("This is no JSON") from None
    if b"\\u0000" in text:
        raise Refused("Remove the control character U+0000", code="control_character")
    if len(text) > LARGEST_DATA:
        raise Refused("Shorten this to %(length)s bytes", code="too_long", length=LARGEST_DATA)
    return raw


def _id(_: Traits, raw: object, __: Assume) -> UUID | None:
    if raw is None or isinstance(raw, UUID):
        return raw
    if isinstance(raw, Model):
        found: UUID = raw.value("id")
        return found
    try:
        return UUID(raw if isinstance(raw, str) else "")
    except ValueError:
        raise Refused("Choose a record", code="unknown_record") from None


Reader: TypeAlias = Callable[[Traits, object, Assume], object]
READERS: dict[Kind, Reader] = {
    **dict.fromkeys((Kind.TEXT, Kind.NOTE, Kind.SECRET), _text),
    Kind.EMAIL: lambda _, raw, __: None if raw is None else parse_email(raw),
    Kind.URL: lambda _, raw, __: None if raw is None else parse_url(raw),
    Kind.INTEGER: lambda _, raw, __: None if raw is None else parse_integer(raw),
    Kind.DECIMAL: lambda traits, raw, _: None if raw is None else parse_decimal(raw, traits.scale),
    Kind.MONEY: lambda _, raw, assume: None if empty_figure(raw) else parse_money(raw, assume.currency),
    Kind.POSITION: lambda _, raw, __: None if empty_figure(raw) else parse_position(raw),
    Kind.PHONES: lambda traits, raw, _: parse_phones(raw, traits.max_length),
    Kind.EMAILS: lambda _, raw, __: parse_emails(raw),
    Kind.TAGS: lambda traits, raw, _: parse_tags(raw, traits.max_length),
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.CHOICE: _choice,
    Kind.DATA: _data,
    Kind.ID: _id,
    Kind.LINK: _id,
}
