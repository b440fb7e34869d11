"""Periods by name, so that a saved view means this month whenever it is opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from core.errors import BadQuery
from ui.words import N_

Bounds = tuple[date | None, date | None]
WEEK = 7
MONTHS = 12


def _month(day: date, step: int) -> Bounds:
    first = _shift(day.replace(day=1), step)
    return first, _shift(first, 1) - timedelta(days=1)


def _shift(first: date, months: int) -> date:
    index = first.year * MONTHS + first.month - 1 + months
    return date(index // MONTHS, index % MONTHS + 1, 1)


def _week(day: date, step: int) -> Bounds:
    monday = day - timedelta(days=day.weekday()) + timedelta(days=WEEK * step)
    return monday, monday + timedelta(days=WEEK - 1)


def _quarter(day: date, step: int) -> Bounds:
    first = _shift(date(day.year, (day.month - 1) // 3 * 3 + 1, 1), 3 * step)
    return first, _shift(first, 3) - timedelta(days=1)


def _year(day: date, step: int) -> Bounds:
    return date(day.year + step, 1, 1), date(day.year + step, MONTHS, 31)


PERIODS: dict[str, tuple[str, Callable[[date], Bounds]]] = {
    "today": (N_("Today"), lambda day: (day, day)),
    "overdue": (N_("Overdue"), lambda day: (None, day - timedelta(days=1))),
    "due": (N_("Today or overdue"), lambda day: (None, day)),
    "tomorrow": (N_("Tomorrow"), lambda day: (day + timedelta(days=1),) * 2),
    "yesterday": (N_("Yesterday"), lambda day: (day - timedelta(days=1),) * 2),
    "next_7_days": (N_("Next 7 days"), lambda day: (day, day + timedelta(days=WEEK - 1))),
    "last_7_days": (N_("Last 7 days"), lambda day: (day - timedelta(days=WEEK - 1), day)),
    "last_30_days": (N_("Last 30 days"), lambda day: (day - timedelta(days=29), day)),
    "this_week": (N_("This week"), lambda day: _week(day, 0)),
    "last_week": (N_("Last week"), lambda day: _week(day, -1)),
    "next_week": (N_("Next week"), lambda day: _week(day, 1)),
    "this_month": (N_("This month"), lambda day: _month(day, 0)),
    "last_month": (N_("Last month"), lambda day: _month(day, -1)),
    "next_month": (N_("Next month"), lambda day: _month(day, 1)),
    "this_quarter": (N_("This quarter"), lambda day: _quarter(day, 0)),
    "last_quarter": (N_("Last quarter"), lambda day: _quarter(day, -1)),
    "this_year": (N_("This year"), lambda day: _year(day, 0)),
    "last_year": (N_("Last year"), lambda day: _year(day, -1)),
}


def period(name: str, today: date) -> Bounds:
    """The first and last day of a period, seen from a day; an open end is `None`."""
    if name not in PERIODS:
        raise BadQuery(f"{name}: no such period; there are {', '.join(PERIODS)}")
    return PERIODS[name][1](today)
