"""The cycle of a visit: due, planned, done on site, and due again; and what does not fit or falls out."""

from __future__ import annotations

import asyncio
import time
from datetime import date, datetime
from itertools import pairwise

import pytest

from core.errors import Forbidden, NotFound, Refused
from core.office import Offices
from plugins.visits.planning import Horizon, plan_routes
from plugins.visits.routing import Why
from plugins.visits.solver import solve
from tests.plugins.visits.conftest import MONDAY, NIGHT, SYSTEM, at
from tradepost.sales import Customer
from tradepost.visits import Excuse, Site, Visit, VisitState

TUESDAY = date(2026, 11, 24)
NEAR, FAR = ("52.530000", "13.410000"), ("52.600000", "13.600000")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
async def day(firm, classes):
    """Ann's Monday with four sites in a row to the east, planned."""
    plan = await firm.plan("ann")
    for number in range(1, 5):
        await firm.site(
            f"S{number}", "52.520000", f"13.{405 + 30 * number}000", plan=plan.id, site_class=classes["A"].id
        )
    await firm.act(plan, "generate", until=MONDAY)
    return plan, await firm.routed(plan)


@pytest.mark.requirement("VI-2", "VI-3")
async def test_visits_are_made_for_the_sites_that_are_due_and_once_only(firm, classes):
    plan = await firm.plan("ann")
    first = await firm.site("First", *NEAR, plan=plan.id, site_class=classes["A"].id)
    second = await firm.site("Second", *NEAR, plan=plan.id, site_class=classes["B"].id)
    await firm.site("Third", *NEAR)
    assert (first.next_due, second.next_due) == (date(2026, 11, 22), date(2026, 11, 22))
    for _ in range(2):
        await firm.act(plan, "generate", until=MONDAY)
    made = await firm.all(Visit, order=("subject",))
    assert [(one.subject, one.state, one.due, one.owner.id) for one in made] == [
        ("First", VisitState.DUE, date(2026, 11, 22), firm.people["ann"]),
        ("Second", VisitState.DUE, date(2026, 11, 22), firm.people["ann"]),
    ]
    assert [one.customer.id for one in made] == [first.customer.id, second.customer.id]


@pytest.mark.requirement("VI-1", "VI-2", "VI-10")
async def test_from_due_to_done_and_due_again(firm, day):
    _, planned = day
    ann = await firm.as_("ann")
    assert {(one.subject, one.state) for one in planned} == {(f"S{n}", VisitState.PLANNED) for n in range(1, 5)}
    assert [one.place for one in planned] == [1, 2, 3, 4]
    first = planned[0]
    assert first.planned_at >= moment("2026-11-23T09:00+01:00")
    assert [b.planned_at >= a.planned_until for a, b in pairwise(planned)] == [True] * 3
    arrived = firm.at("2026-11-23T09:45+01:00")
    place = (await firm.all(Customer, where=Customer.name.eq(f"{first.subject} Ltd")))[0].position
    first = await firm.act(first, "check_in", ann, at=place)
    late = int((arrived - first.planned_at).total_seconds() // 60)
    assert (first.state, first.arrived_at, first.day, first.late_minutes) == (VisitState.ONGOING, arrived, MONDAY, late)
    assert (first.arrived_metres, first.doubtful) == (0, False)
    firm.at("2026-11-23T10:20+01:00")
    first = await firm.act(first, "check_out", ann, remark="They want more shelf space")
    assert (first.state, first.minutes, first.left_metres) == (VisitState.DONE, 35, None)
    assert (first.doubtful, first.remark) == (True, "They want more shelf space")
    await firm.work()
    site = await firm.now(Site({"id": first.site.id}))
    assert (site.last_visit, site.next_due) == (MONDAY, date(2026, 11, 30))


async def test_a_check_in_tells_how_far_it_is_and_whether_that_is_doubtful(firm, classes):
    site = await firm.site("Near", "52.520000", "13.405000", site_class=classes["A"].id)
    ann = await firm.as_("ann")
    found = []
    for here in (at("52.522000", "13.405000"), at("52.530000", "13.405000"), None):
        visit = await firm.make(Visit, ann, site=site.id)
        visit = await firm.act(visit, "check_in", ann, at=here)
        found.append((visit.arrived_metres, visit.doubtful, visit.late_minutes))
    assert found == [(222, False, None), (1112, True, None), (None, True, None)]


async def test_what_has_begun_is_not_begun_again_nor_moved(firm, day):
    _, (first, *_rest) = day
    ann = await firm.as_("ann")
    with pytest.raises(Refused, match="Check in first"):
        await firm.act(first, "check_out", ann)
    first = await firm.act(first, "check_in", ann)
    for change in ({"day": TUESDAY}, {"site": _rest[0].site.id}):
        with pytest.raises(Refused, match="under way or over"):
            await firm.change(first, ann, **change)
    for action, inputs in (("check_in", {}), ("call_off", {"excuse": Excuse.CLOSED}), ("promise", {})):
        with pytest.raises(Refused):
            await firm.act(first, action, ann, **inputs)
    assert (await firm.now(first)).version == first.version


@pytest.mark.requirement("VI-4")
async def test_when_a_visit_falls_out_the_rest_is_planned_again_and_what_was_promised_stays(firm, day):
    _, planned = day
    ann = await firm.as_("ann")
    promised = await firm.act(planned[2], "promise", ann)
    called = await firm.act(planned[0], "call_off", ann, excuse=Excuse.CLOSED)
    assert (called.state, called.excuse) == (VisitState.CALLED_OFF, Excuse.CLOSED)
    await firm.work()
    now = {one.subject: one for one in await firm.all(Visit)}
    stays = now[promised.subject]
    assert (stays.planned_at, stays.locked) == (promised.planned_at, True)
    assert now[planned[1].subject].planned_at < planned[1].planned_at
    assert sorted(one.place for one in now.values() if one.state is VisitState.PLANNED) == [1, 2, 3]
    with pytest.raises(Refused, match="under way or over"):
        await firm.act(planned[0], "check_in", ann)


async def test_a_day_under_way_goes_on_from_where_one_is(firm, day):
    plan, planned = day
    ann = await firm.as_("ann")
    firm.at("2026-11-23T11:00+01:00")
    await firm.act(planned[0], "check_in", ann)
    again = {one.subject: one for one in await firm.routed(plan)}
    earliest = moment("2026-11-23T11:45+01:00")  # the first takes 45 minutes
    for one in planned[1:]:
        assert again[one.subject].planned_at >= earliest
    assert again[planned[0].subject].planned_at == planned[0].planned_at


@pytest.mark.requirement("VI-4")
async def test_what_does_not_fit_is_named_with_the_reason(firm, classes):
    plan = await firm.plan("ann")
    common = {"plan": plan.id, "site_class": classes["A"].id}
    await firm.site("Fits", *NEAR, **common)
    await firm.site("Closed", *NEAR, closed_days=("mon",), **common)
    await firm.site("Evening", *NEAR, opens="19:00", closes="21:00", **common)
    await firm.site("Tokyo", "35.680000", "139.690000", **common)
    await firm.site("Bobs", *NEAR, user=firm.people["bob"], **common)
    await firm.site("Long", *NEAR, minutes=600, **common)
    nowhere = await firm.make(Customer, name="Nowhere Ltd")
    await firm.make(Site, name="Nowhere", customer=nowhere.id, **common)
    await firm.act(plan, "generate", until=MONDAY)
    found = {one.subject: (one.state, one.unfit) for one in await firm.routed(plan)}
    due = VisitState.DUE
    assert found == {
        "Fits": (VisitState.PLANNED, None),
        "Closed": (due, Why.CLOSED),
        "Evening": (due, Why.CLOSED),
        "Tokyo": (due, Why.TOO_FAR),
        "Bobs": (due, Why.CLOSED),
        "Long": (due, Why.TOO_FAR),
        "Nowhere": (due, Why.NO_POSITION),
    }
    now = await firm.now(plan)
    assert (now.routed_visits, now.routed_left, now.fault) == (1, 6, None)
    assert now.routed_metres > 2_000


async def test_several_people_and_days_share_the_visits(firm, classes):
    plan = await firm.plan("ann", "bob")
    for number in range(20):
        east = "13.3" if number % 2 else "13.5"
        await firm.site(f"S{number:02}", "52.520000", f"{east}{number:02}000", plan=plan.id, minutes=90)
    await firm.act(plan, "generate", until=TUESDAY)
    found = await firm.routed(plan, days=2)
    assert {one.state for one in found} == {VisitState.PLANNED}
    assert {(one.owner.id, one.day) for one in found} == {
        (who, day) for who in (firm.people["ann"], firm.people["bob"]) for day in (MONDAY, TUESDAY)
    }


async def test_a_plan_without_anybody_says_so_and_changes_no_visit(firm, classes):
    plan = await firm.plan()
    await firm.site("S", *NEAR, plan=plan.id)
    await firm.act(plan, "generate", until=MONDAY)
    (visit,) = await firm.routed(plan)
    assert (await firm.now(plan)).fault == "Nobody travels for this plan from a place that is known"
    assert (visit.state, visit.version) == (VisitState.DUE, 1)


async def test_bad_input_is_refused_beside_its_field_and_changes_nothing(firm, day):
    plan, planned = day
    before = await firm.now(plan)
    for action, inputs, name in (
        ("route", {"day": MONDAY, "days": 0}, "days"),
        ("route", {"day": MONDAY, "days": 15}, "days"),
        ("generate", {"until": date(2030, 1, 1)}, "until"),
    ):
        with pytest.raises(Refused) as refusal:
            await firm.act(plan, action, **inputs)
        assert [one.field for one in refusal.value.problems] == [name]
    site = await firm.now(Site({"id": planned[0].site.id}))
    for values, name in (
        ({"opens": "25:00", "closes": "26:00"}, "opens"),
        ({"opens": "18:00", "closes": "09:00"}, "closes"),
        ({"opens": "09:00"}, "closes"),
        ({"closed_days": ("someday",)}, "closed_days"),
    ):
        with pytest.raises(Refused) as refusal:
            await firm.change(site, **values)
        assert refusal.value.problems[0].field == name
    assert ((await firm.now(plan)).version, (await firm.now(site)).version) == (before.version, site.version)


async def test_a_representative_reaches_the_own_visits_and_plans_no_routes(firm, day):
    plan, planned = day
    bob = await firm.as_("bob")
    assert await firm.all(Visit, bob) == []
    with pytest.raises(NotFound):
        await firm.act(planned[0], "check_in", bob)
    with pytest.raises(Forbidden, match=r"visits\.visit_plan\.route"):
        await firm.act(plan, "route", bob, day=MONDAY)
    assert (await firm.now(planned[0])).version == planned[0].version
    assert len(await firm.all(Visit, await firm.as_("lead"))) == 4
    with pytest.raises(Forbidden):
        await firm.all(Visit, await firm.person("nobody"))


async def test_routes_are_not_written_over_what_happened_meanwhile(firm, day):
    plan, planned = day
    kernel, loop = firm.kernel, asyncio.get_running_loop()
    office = Offices(kernel.operations, kernel.files, kernel.options, kernel.policies, kernel.mailer).of("test")

    def interrupted(task, *, seconds, seed=1):
        asyncio.run_coroutine_threadsafe(firm.act(planned[0], "check_in"), loop).result()
        return solve(task, seconds=seconds, seed=seed)

    await plan_routes(office, Horizon(plan.id, MONDAY, 1, moment(NIGHT)), interrupted)
    assert (await firm.now(plan)).fault == "Visits were changed while their routes were planned; plan again"
    assert [(await firm.now(one)).version for one in planned[1:]] == [one.version for one in planned[1:]]


@pytest.mark.requirement("VI-4")
async def test_a_hundred_visits_with_the_morning_promised_are_planned_again_in_under_three_seconds(firm):
    people = ("ann", "bob", *(f"person{number}" for number in range(3)))
    for login in people[2:]:
        await firm.person(login, "Field representative")
    plan = await firm.plan(*people)
    for number in range(100):
        latitude, longitude = 52.45 + 0.0137 * (number % 10), 13.3 + 0.0211 * (number // 10)
        await firm.site(f"S{number}", f"{latitude:.6f}", f"{longitude:.6f}", plan=plan.id, minutes=10)
    await firm.act(plan, "generate", until=MONDAY)
    first = await firm.routed(plan)
    assert {one.state for one in first} == {VisitState.PLANNED}
    noon = moment("2026-11-23T12:00+01:00")
    morning = {one.id: one for one in first if one.planned_until <= noon}
    assert len(morning) > 10
    await firm.kernel.operations.act(SYSTEM, Visit, list(morning)[:99], "promise", {})
    fallen = next(one for one in first if one.id not in morning)
    await firm.act(fallen, "call_off", excuse=Excuse.CLOSED)
    begun = time.monotonic()
    await firm.work()
    assert time.monotonic() - begun < 3
    after = {one.id: one for one in await firm.all(Visit)}
    assert [after[one].planned_at for one in morning] == [one.planned_at for one in morning.values()]
    assert [after[one].owner for one in morning] == [one.owner for one in morning.values()]
    assert [one.state for one in after.values()].count(VisitState.PLANNED) == 99
