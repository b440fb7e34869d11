"""Hours and days of the week as people write them, and the moments that they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from tradepost import Problem, Refused

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock(text: str | None) -> time | None:
    """A time of day; `None` where nothing or nonsense was written."""
    try:
        return time.fromisoformat(text or "")
    except ValueError:
        return None


def weekdays(words: Sequence[str]) -> frozenset[str]:
    """Days of the week as they were written (`Mon`, `monday`)."""
    return frozenset(one.strip().lower()[:3] for one in words)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a time of day in a zone."""
    return datetime.combine(day, at.replace(tzinfo=None), zone).astimezone(UTC)


def check_hours(values: dict[str, str | None], days: tuple[str, Sequence[str]]) -> None:
    """Refuse hours that are none, an end that is not after its beginning, and days that nobody knows.

    `values` are two fields with what is written in them: the beginning and the end.
    """
    problems = [
        Problem("Write hours and minutes: 09:00", name, "time")
        for name, text in values.items()
        if text and clock(text) is None
    ]
    (_, first), (last, second) = values.items()
    begins, ends = clock(first), clock(second)
    if not problems and (begins is None) != (ends is None):
        problems.append(Problem("Write both, or neither", last, "time"))
    if begins and ends and ends <= begins:
        problems.append(Problem("It must be later than the beginning", last, "time"))
    name, words = days
    if not weekdays(words) <= {*DAYS}:
        problems.append(Problem("Write days of the week: mon, tue, wed, thu, fri, sat, sun", name, "weekday"))
    if problems:
        raise Refused(problems=problems)
