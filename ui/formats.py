"""How values are written for a reader: numbers, amounts, days and times in his language and time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

KEPT = 8_192
NUMBER = "#,##0.####"
WHOLE_CURRENCY = "¤#,##0"
UNGROUPED = 10_000
TIMES = {"ko": "aaaa h:mm"}  # 오후 1:00, as it is written; the short form of CLDR has English letters


@lru_cache(KEPT)
def _number(value: Decimal | int, language: str) -> str:
    return format_decimal(value, NUMBER, locale=language)


@lru_cache(KEPT)
def _money(amount: str, currency: str, language: str) -> str:
    return format_currency(Decimal(amount), currency, locale=language)


@lru_cache(KEPT)
def _compact(amount: str, currency: str, language: str) -> str:
    value = Decimal(amount)
    if abs(value) < 10_000:
        return format_currency(value.quantize(Decimal(1)), currency, WHOLE_CURRENCY, language, currency_digits=False)
    return format_compact_currency(value, currency, locale=language, fraction_digits=1)


@lru_cache(KEPT)
def _day(value: date, language: str) -> str:
    return format_date(value, "medium", locale=language)


@lru_cache(KEPT)
def _moment(value: datetime, language: str, zone: str) -> str:
    local = value.astimezone(ZoneInfo(zone))
    joint = str(get_datetime_format("medium", locale=language)).replace("'", "")
    return joint.format(format_time(local, TIMES.get(language, "short"), locale=language), _day(local.date(), language))


@dataclass(frozen=True, slots=True)
class Formats:
    """The writing habits of one reader: `language` as Babel names it (`en`, `zh_Hans`, `ko`), and his time zone."""

    language: str = "en"
    zone: str = "UTC"

    @property
    def locale(self) -> Locale:
        """Babel's locale."""
        return Locale.parse(self.language)

    @property
    def tag(self) -> str:
        """The language for HTML's `lang` (`zh-Hans`)."""
        return self.language.replace("_", "-")

    def number(self, value: Decimal | int | str) -> str:
        """A number with groups, up to four digits behind the point."""
        return _number(Decimal(value) if isinstance(value, str) else value, self.language)

    def whole(self, value: int) -> str:
        """A whole number; up to four digits without groups, since it may be a year."""
        return str(value) if abs(value) < UNGROUPED else self.number(value)

    def compact(self, value: int) -> str:
        """A count in few characters: `12K`, `1.2万`."""
        return (
            format_compact_decimal(value, locale=self.language, fraction_digits=1)
            if abs(value) >= 10_000
            else self.number(value)
        )

    def percent(self, value: float) -> str:
        """A share of one as a percentage without digits behind the point."""
        return format_percent(value, "#,##0%", locale=self.language)

    def money(self, amount: str, currency: str) -> str:
        """An amount with its currency."""
        return _money(amount, currency, self.language)

    def short_money(self, amount: str, currency: str) -> str:
        """An amount in few characters: `$1.2M`, `¥1.5亿`."""
        return _compact(amount, currency, self.language)

    def day(self, value: date) -> str:
        """A day of the calendar."""
        return _day(value, self.language)

    def long_day(self, value: date) -> str:
        """A day with its weekday."""
        return format_date(value, "full", locale=self.language)

    def moment(self, value: datetime) -> str:
        """A point in time, to the minute, in the reader's time zone."""
        return _moment(value, self.language, self.zone)

    def ago(self, value: datetime, now: datetime | None = None) -> str:
        """How long ago, or how soon: `2 hours ago`, `in 3 days`."""
        return format_timedelta(
            value - (now or datetime.now(UTC)), add_direction=True, threshold=0.95, locale=self.language
        )

    def local(self, value: datetime) -> datetime:
        """The point in time on the reader's clock."""
        return value.astimezone(ZoneInfo(self.zone))

    def today(self) -> date:
        """The reader's day."""
        return datetime.now(ZoneInfo(self.zone)).date()


def moment_of(text: str) -> datetime:
    """A point in time from its JSON form."""
    return datetime.fromisoformat(text)
