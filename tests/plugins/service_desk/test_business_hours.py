"""Business hours against cases that were computed by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.service_desk.hours import BusinessHours

BERLIN = BusinessHours("Europe/Berlin", time(9), time(18), country="DE")
NIGHT = BusinessHours("Europe/Berlin", time(0), time(6), frozenset({"sat", "sun"}))
SHANGHAI = BusinessHours("Asia/Shanghai", time(9), time(18), country="CN")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "end"),
    [
        (BERLIN, "2026-11-27T10:00+01:00", 60, "2026-11-27T11:00+01:00"),  # a Friday
        (BERLIN, "2026-11-27T17:30+01:00", 60, "2026-11-30T09:30+01:00"),  # over the weekend
        (BERLIN, "2026-11-28T12:00+01:00", 1, "2026-11-30T09:01+01:00"),  # begun on a Saturday
        (BERLIN, "2026-12-24T17:00+01:00", 120, "2026-12-28T10:00+01:00"),  # Christmas on a Friday, then a weekend
        (BERLIN, "2026-11-27T07:00+01:00", 540, "2026-11-27T18:00+01:00"),  # a whole day, to its end
        (BERLIN, "2026-11-27T07:00+01:00", 541, "2026-11-30T09:01+01:00"),
        (BERLIN, "2026-03-27T17:30+01:00", 60, "2026-03-30T09:30+02:00"),  # clocks go forward in between
        (NIGHT, "2026-03-29T00:00+01:00", 300, "2026-03-29T06:00+02:00"),  # that night has five hours
        (NIGHT, "2026-10-25T00:00+02:00", 420, "2026-10-25T06:00+01:00"),  # and this one seven
        (SHANGHAI, "2026-09-30T17:30+08:00", 60, "2026-10-08T09:30+08:00"),  # the week of the national day
    ],
)
def test_a_term_ends_when_so_many_business_minutes_have_passed(hours, start, minutes, end):
    assert hours.after(at(start), minutes) == at(end)
    assert hours.minutes(at(start), at(end)) == minutes


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-28T10:00+01:00", "2026-11-29T20:00+01:00", 0),
        ("2026-11-27T12:00+01:00", "2026-11-27T11:00+01:00", 0),
        ("2026-11-27T08:00+01:00", "2026-11-30T20:00+01:00", 1080),
        ("2026-11-27T10:00:30+01:00", "2026-11-27T10:02:00+01:00", 1),
    ],
)
def test_nights_weekends_and_started_minutes_do_not_count(start, end, minutes):
    assert BERLIN.minutes(at(start), at(end)) == minutes


def test_a_desk_that_is_never_open_is_told_so():
    with pytest.raises(ValueError, match="hardly ever open"):
        BusinessHours(days=frozenset()).after(at("2026-11-27T10:00+01:00"), 1)


@given(
    start=st.integers(0, 1_051_200).map(lambda one: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=one)),
    minutes=st.integers(0, 20_000),
    more=st.integers(0, 5_000),
)
def test_minutes_add_up(start, minutes, more):
    end = BERLIN.after(start, minutes)
    assert BERLIN.minutes(start, end) == minutes
    assert BERLIN.after(end, more) <= BERLIN.after(start, minutes + more)
    assert BERLIN.minutes(start, BERLIN.after(end, more)) == minutes + more
