"""The address of a list: what it says is what it asks, and it can be written back."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest

from core.access import SYSTEM as EVERYTHING
from core.access import By, Caller
from core.conditions import And, Compare, Not, Op, Or, Slot, Through, bound
from core.errors import BadQuery, Refused, UnknownField
from core.registry import Registry
from tradepost.sales import Opportunity
from ui.filters import ListState, Narrowing, orders, read_state
from ui.periods import period

CALLER = Caller(EVERYTHING, By.SYSTEM, zone="Asia/Shanghai")
TODAY = date(2026, 11, 22)


def state(query: str) -> ListState:
    return read_state(parse_qsl(query))


def where(registry: Registry, query: str) -> tuple[object, list[object]]:
    narrowing = Narrowing(registry, CALLER, "USD")
    return narrowing.where(registry.spec(Opportunity), state(query)), narrowing.values


@pytest.mark.parametrize(
    "query",
    [
        "",
        "_view=1&_q=tea&_sort=-amount&source=web&source=event&amount-gte=5&_columns=name,amount&_after=ff",
        "name-contains=a+b&stage.kind=won",
    ],
)
def test_a_state_can_be_written_back(query: str):
    assert state(query).query == query


def test_empty_values_say_nothing():
    assert state("source=&amount-gte=+&_q=") == ListState()


def test_one_value_is_equal_several_are_one_of_and_all_hold_together(registry: Registry):
    condition, values = where(registry, "name=Tea&source=website&source=event&name-contains=x")
    assert condition == And(
        (
            Compare("name", Op.EQ, Slot(0)),
            Compare("source", Op.IN, (Slot(1), Slot(2))),
            Compare("name", Op.CONTAINS, Slot(3)),
        )
    )
    assert [getattr(one, "value", one) for one in values] == ["Tea", "website", "event", "x"]


def test_links_are_followed_and_not_turns_around(registry: Registry):
    assert where(registry, "customer.region-not=North") == (
        Not(Through("customer", Compare("region", Op.EQ, Slot(0)))),
        ["North"],
    )


def test_a_day_of_a_moment_is_the_readers_day(registry: Registry):
    condition, values = where(registry, "created_at-lte=2026-11-22")
    assert condition == Compare("created_at", Op.LT, Slot(0))
    assert [one.isoformat() for one in values] == ["2026-11-22T16:00:00+00:00"]  # type: ignore[attr-defined]


def test_slots_can_be_filled_in(registry: Registry):
    condition, values = where(registry, "name=Tea&customer.region=North")
    assert bound(condition, values) == And(  # type: ignore[arg-type]
        (Compare("name", Op.EQ, "Tea"), Through("customer", Compare("region", Op.EQ, "North")))
    )


def test_words_are_sought_in_every_searched_field(registry: Registry):
    condition, values = where(registry, "_q=big+tea")
    assert isinstance(condition, And)
    assert [isinstance(one, Or) for one in condition.parts] == [True, True]
    assert values == ["big", "tea"]


def test_what_does_not_exist_is_refused_by_name(registry: Registry):
    with pytest.raises(UnknownField, match=r"sales\.opportunity has no field nosuch"):
        where(registry, "nosuch=1")
    with pytest.raises(UnknownField, match="customer"):
        where(registry, "customer.nosuch=1")
    with pytest.raises(BadQuery, match="no such way to filter"):
        state("name-like=x")
    with pytest.raises(BadQuery, match="no such period"):
        where(registry, "closed_on-within=someday")
    with pytest.raises(Refused, match="Agreed amount: Write a number"):
        where(registry, "amount-gte=many")
    with pytest.raises(UnknownField):
        orders(registry, registry.spec(Opportunity), state("_sort=nosuch"), CALLER)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("this_month", (date(2026, 11, 1), date(2026, 11, 30))),
        ("last_month", (date(2026, 10, 1), date(2026, 10, 31))),
        ("this_week", (date(2026, 11, 16), date(2026, 11, 22))),
        ("next_week", (date(2026, 11, 23), date(2026, 11, 29))),
        ("last_quarter", (date(2026, 7, 1), date(2026, 9, 30))),
        ("this_year", (date(2026, 1, 1), date(2026, 12, 31))),
        ("due", (None, TODAY)),
        ("overdue", (None, date(2026, 11, 21))),
    ],
)
def test_periods(name: str, bounds: tuple[date | None, date | None]):
    assert period(name, TODAY) == bounds
