"""Business hours: minutes between two moments, and the moment some minutes later, without nights and holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = 3_660
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class BusinessHours:
    """When the desk is open: days of the week, from and to on the wall clock of a zone, closed on public holidays.

    `country` is an ISO 3166 code (`CN`); without one there are no holidays. A day on which clocks are changed has the
    minutes that pass between opening and closing, as any other.
    """

    zone: str = "UTC"
    opens: time = time(9)
    closes: time = time(18)
    days: frozenset[str] = frozenset(DAYS[:5])
    country: str = ""

    @cached_property
    def _holidays(self) -> HolidayBase | None:
        return country_holidays(self.country) if self.country else None

    def open_on(self, day: date) -> bool:
        """Whether the desk is open on a day."""
        return DAYS[day.weekday()] in self.days and (self._holidays is None or day not in self._holidays)

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of opening from a moment on, in UTC."""
        zone = ZoneInfo(self.zone)
        first = start.astimezone(zone).date()
        for number in range(LONGEST):
            day = first + timedelta(days=number)
            if self.open_on(day):
                begin = datetime.combine(day, self.opens, zone).astimezone(UTC)
                end = datetime.combine(day, self.closes, zone).astimezone(UTC)
                if end > start:
                    yield max(begin, start), end

    def minutes(self, start: datetime, end: datetime) -> int:
        """The whole business minutes from one moment to another; 0 when the second is not later."""
        passed = timedelta()
        for begin, close in self._spans(start):
            if begin >= end:
                break
            passed += min(close, end) - begin
        return passed // MINUTE

    def after(self, start: datetime, minutes: int) -> datetime:
        """The moment when so many business minutes have passed; `ValueError` when there is none in ten years."""
        left = minutes * MINUTE
        for begin, close in self._spans(start):
            if close - begin >= left:
                return begin + left
            left -= close - begin
        raise ValueError("The desk is hardly ever open")
