"""Conditions kept as data: what they mean, what is refused, and that nobody asks for what he may not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.access import By, Caller, Policy, Reach, Scope
from core.app import Kernel
from core.conditions import Compare, Not, Op, Some, Through
from core.criteria import DEEPEST, LARGEST, Criteria
from core.errors import Refused
from core.money import money
from core.plugin import Plugin
from tradepost import sales
from tradepost.sales import Customer, FollowUp, Opportunity

NOW = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin,)


@pytest.fixture
def criteria(kernel: Kernel, administrator: Caller) -> Criteria:
    return Criteria(kernel.registry, replace(administrator, zone="Asia/Shanghai"), NOW)


def one(**test: object) -> dict[str, object]:
    return {"all": [test]}


def whole(criteria: Criteria, test: object) -> object:
    return criteria.condition(Customer, test)


def test_each_kind_of_field_is_compared_as_it_is_written(criteria):
    amount = {"amount": "100", "currency": "CNY"}
    wanted = {
        ("name", "contains", "tea"): Compare("name", Op.CONTAINS, "tea"),
        ("employees", "gte", "5"): Compare("employees", Op.GTE, 5),
        ("tags", "has", "vip"): Compare("tags", Op.HAS, "vip"),
        ("level", "empty", None): Compare("level", Op.EMPTY, value=True),
        ("region", "ne", "north"): Not(Compare("region", Op.EQ, "north")),
        ("parent.region", "eq", "north"): Through("parent", Compare("region", Op.EQ, "north")),
    }
    for (path, how, value), condition in wanted.items():
        assert whole(criteria, {"field": path, "how": how, "value": value}) == condition
    turnover = {"field": "annual_turnover", "how": "gt", "value": amount}
    assert whole(criteria, turnover) == Compare("annual_turnover", Op.GT, money("100", "CNY"))


def test_days_are_counted_from_now_and_a_day_begins_where_the_reader_is(criteria):
    behind = {"none": "follow_ups", "where": {"field": "at", "how": "older_days", "value": 90}}
    assert whole(criteria, behind) == Not(Some("follow_ups", Compare("at", Op.LT, NOW - timedelta(days=90))))
    from_day = {"field": "next_contact", "how": "gte", "value": "2026-11-28"}
    assert whole(criteria, from_day) == Compare("next_contact", Op.GTE, datetime(2026, 11, 27, 16, tzinfo=UTC))
    last = {"field": "closed_on", "how": "older_days", "value": 1}
    closed = criteria.condition(Opportunity, last)
    assert closed == Compare("closed_on", Op.LT, datetime(2026, 11, 27, tzinfo=UTC).date())


@pytest.mark.parametrize(
    ("test", "place"),
    [
        ("nonsense", ""),
        ({"all": [], "more": 1}, ""),
        (one(field="nothing", how="eq", value=1), "0"),
        (one(field="name", how="gt", value=1), "0"),
        (one(field="name", how="eq", value=""), "0"),
        (one(field="employees", how="gt", value="many"), "0"),
        (one(field="industry", how="in", value=["food", "magic"]), "0"),
        (one(field="next_contact", how="last_days", value=-1), "0"),
        (one(field="next_contact", how="last_days", value=10**9), "0"),
        (one(field="name.name", how="eq", value="x"), "0"),
        (one(field="owner.password", how="eq", value="x"), "0"),
        (one(field="custom", how="empty"), "0"),
        (one(some="nothing", where={"all": []}), "0"),
        ({"any": [{"all": []}, {"some": "contacts", "where": one(field="industry", how="empty")}]}, "1.0"),
        ({"all": [{"all": []}] * LARGEST}, str(LARGEST - 1)),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(criteria, test, place):
    with pytest.raises(Refused) as refusal:
        whole(criteria, test)
    assert refusal.value.problems[0].field == place


def test_conditions_are_not_nested_without_end(criteria):
    test: dict[str, object] = {"all": []}
    for _ in range(DEEPEST + 2):
        test = {"all": [test]}
    with pytest.raises(Refused, match="within each other"):
        whole(criteria, test)


def test_nobody_asks_for_what_he_may_not_see(kernel, criteria):
    reads = {"sales.customer.read": Reach(frozenset({Scope.ALL}))}
    policy = Policy(user_id=None, reaches=reads, hidden=frozenset({"sales.customer.annual_turnover"}))
    his = Criteria(kernel.registry, Caller(policy, By.JOB), NOW)
    paths = {found.path for found in his.of(Customer)}
    assert {"name", "parent.name"} <= paths
    assert not {"annual_turnover", "parent.annual_turnover"} & paths
    assert dict(his.behind(Customer)) == {"subsidiaries": Customer}
    assert FollowUp in dict(criteria.behind(Customer)).values()
    for test in (
        {"field": "annual_turnover", "how": "empty"},
        {"field": "parent.annual_turnover", "how": "empty"},
        {"field": "owner.name", "how": "empty"},
        {"none": "follow_ups", "where": {"all": []}},
    ):
        with pytest.raises(Refused, match="There is no"):
            whole(his, test)
