"""The pages of visits: the day, a visit on site, calendar, map, plan against fact, statistics; for whom they are."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import orjson
import pytest

from core.access import Origin
from core.departments import Department
from core.jobs import Worker
from core.plugin import Plugin
from core.users import User
from schema.execute import Request
from schema.routes import graphql
from tests.ui.conftest import SYSTEM
from tradepost import sales, visits
from tradepost.sales import Customer
from tradepost.visits import (
    Answer,
    FormQuestion,
    Site,
    Traveller,
    Visit,
    VisitForm,
    VisitPlan,
    VisitState,
)

TODAY = datetime.now(UTC).date()
TOMORROW = TODAY + timedelta(days=1)
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PLACES = ("52.520000, 13.430000", "52.520000, 13.450000", "52.520000, 13.470000")


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, visits.plugin)


@pytest.fixture
async def field(firm):
    """Ann and her lead, a plan with a form and three shops, tomorrow planned."""
    lead = await firm.user("lead", "Visit supervisor")
    ann = await firm.user("ann", "Field representative")
    team = await firm.make(Department, name="Berlin")
    await firm.kernel.operations.update(SYSTEM, User, lead, {"department": team.id})
    await firm.kernel.operations.update(SYSTEM, User, ann, {"superior": lead, "department": team.id})
    form = await firm.make(VisitForm, name="Shop")
    asked = (
        ("Pumps on the shelf", "number", (), True),
        ("Where?", "choice", ("Front", "Back"), False),
        ("Shelf", "photo", (), False),
        ("Others", "note", (), False),
    )
    for place, (question, kind, options, required) in enumerate(asked):
        values = {"question": question, "kind": kind, "options": options, "required": required, "place": place}
        await firm.make(FormQuestion, form=form.id, **values)
    plan = await firm.make(VisitPlan, name="Berlin", form=form.id)
    await firm.make(Traveller, plan=plan.id, user=ann, days=EVERY_DAY, start="52.52, 13.405")
    for number, where in enumerate(PLACES, 1):
        customer = await firm.make(Customer, name=f"Shop {number} Ltd", phones=["+49 30 1234567"], owner=ann)
        await firm.make(Site, name=f"Shop {number}", customer=customer.id, plan=plan.id, position=where)
    await firm.kernel.options.change(SYSTEM, {"visits.seconds": 1})
    await firm.kernel.operations.act(SYSTEM, VisitPlan, [plan.id], "generate", {"until": TOMORROW})
    await routed(firm, plan)
    return plan


async def routed(firm, plan, day=TOMORROW):
    await firm.kernel.operations.act(SYSTEM, VisitPlan, [plan.id], "route", {"day": day})
    await Worker(firm.kernel.database, firm.kernel.outbox).drain()


def drawn_on(page: str) -> list[dict[str, Any]]:
    """The routes of the map."""
    found: list[dict[str, Any]] = json.loads(unescape(page.partition('data-routes="')[2].partition('"')[0]))
    return found


async def planned(firm):
    return await firm.all(Visit, order=("place",))


@pytest.mark.requirement("VI-4")
async def test_the_day_lists_the_visits_in_their_order_and_draws_them(firm, field):
    stops = await planned(firm)
    assert [one.state for one in stops] == [VisitState.PLANNED] * 3
    page = (await (await firm.signed_in("ann")).get(f"/visits/day?day={TOMORROW}")).text
    order = [page.index(f">{one.subject}</a>") for one in stops]
    assert order == sorted(order)
    assert page.count('class="visit-stop planned next"') == 1
    assert 'href="geo:52.520000,13.' in page
    (route,) = drawn_on(page)
    assert [stop["mark"] for stop in route["stops"]] == ["1", "2", "3"]
    assert len(route["line"]) == 5
    assert route["line"][0] == route["line"][-1] == [52.52, 13.405]
    empty = (await (await firm.signed_in("ann")).get(f"/visits/day?day={TODAY}&user=nonsense")).text
    assert "No visit is planned" in empty
    nobody = await firm.user("nobody")
    assert (await (await firm.signed_in("nobody")).get("/visits/day")).status_code == 403
    assert nobody


async def test_the_lead_sees_the_days_of_the_people_and_a_page_waits_for_routes(firm, field, admin):
    ann = (await firm.all(User, where=User.login.eq("ann")))[0].id
    lead = await firm.signed_in("lead")
    assert f'href="/visits/day?day={TOMORROW}&amp;user={ann}"' in (await lead.get(f"/visits/day?day={TOMORROW}")).text
    theirs = f"/visits/day?day={TOMORROW}&user={ann}"
    assert "Shop 1" in (await lead.get(theirs)).text
    await firm.kernel.operations.act(SYSTEM, VisitPlan, [field.id], "route", {"day": TOMORROW})
    waiting = await admin.part(theirs)
    assert 'hx-trigger="every 1s"' in waiting.text
    assert "<html" not in waiting.text
    await Worker(firm.kernel.database, firm.kernel.outbox).drain()
    assert 'hx-trigger="every 1s"' not in (await admin.part(theirs)).text


@pytest.mark.requirement("VI-1", "VI-6", "VI-7", "VI-10")
async def test_a_visit_on_site_from_check_in_to_check_out(firm, field):
    first = (await planned(firm))[0]
    ann = await firm.signed_in("ann")
    address = f"/visits/stop/{first.id}"
    page = (await ann.get(address)).text
    assert "tel:+49 30 1234567" in page
    assert 'value="check_in"' in page
    assert "Pumps on the shelf" not in page
    arrived = await ann.post(address, {"do": "check_in", "latitude": "52.521", "longitude": "13.43"})
    assert arrived.status_code == 303
    visit = (await planned(firm))[0]
    assert (visit.state, visit.day) == (VisitState.ONGOING, TODAY)
    assert (await firm.all(Visit, where=Visit.id.eq(first.id)))[0].arrived_metres > 0
    early = await ann.post(address, {"do": "check_out"})
    assert early.status_code == 422
    assert "Enter this first: Pumps on the shelf" in early.text
    questions = {one.question: f"q{one.id}" for one in await firm.all(FormQuestion)}
    wrong = await ann.post(
        address, {"do": "answers", questions["Pumps on the shelf"]: "many", questions["Where?"]: "Up"}
    )
    assert wrong.status_code == 422
    assert "Write a number" in wrong.text
    assert "Choose one of Front, Back" in wrong.text
    assert 'value="many"' in wrong.text
    assert await firm.all(Answer) == []
    given = {
        "do": "answers",
        questions["Pumps on the shelf"]: "12.5",
        questions["Where?"]: "Back",
        questions["Others"]: "",
    }
    photo = {questions["Shelf"]: ("shelf.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    assert (await ann.post(address, given, files=photo)).status_code == 303
    kept = {one.question: one for one in await firm.all(Answer)}
    assert {name: (str(one.number) if one.number else None, one.chosen, one.photo) for name, one in kept.items()} == {
        "Pumps on the shelf": ("12.5000", None, None),
        "Where?": (None, "Back", None),
        "Shelf": (None, None, "shelf.png"),
    }
    assert [one.name for one in await firm.kernel.files.of(SYSTEM, Visit, first.id)] == ["shelf.png"]
    assert 'value="12.5"' in (await ann.get(address)).text
    left = await ann.post(address, {"do": "check_out", "remark": "More next week", "latitude": "999", "longitude": "x"})
    assert left.status_code == 303
    (done,) = await firm.all(Visit, where=Visit.id.eq(first.id))
    assert (done.state, done.remark, done.left_position, done.doubtful) == (
        VisitState.DONE,
        "More next week",
        None,
        True,
    )
    again = await ann.post(address, {"do": "check_in"})
    assert (again.status_code, "This visit is under way or over" in again.text) == (422, True)


async def test_a_visit_of_somebody_else_is_not_found(firm, field):
    first = (await planned(firm))[0]
    await firm.user("bob", "Field representative")
    bob = await firm.signed_in("bob")
    for asked in (bob.get(f"/visits/stop/{first.id}"), bob.post(f"/visits/stop/{first.id}", {"do": "check_in"})):
        assert (await asked).status_code == 404
    assert (await bob.get("/visits/stop/nonsense")).status_code == 404
    (after,) = await firm.all(Visit, where=Visit.id.eq(first.id))
    assert after.version == first.version


@pytest.mark.requirement("VI-4")
async def test_calendar_and_map_show_what_is_planned(firm, field):
    ann = await firm.signed_in("ann")
    week = (await ann.get(f"/visits/week?day={TOMORROW}")).text
    assert [week.count(f"Shop {number} ") for number in (1, 2, 3)] == [1, 1, 1]
    drawn = (await (await firm.signed_in("lead")).get(f"/visits/map?day={TOMORROW}")).text
    assert [len(one["stops"]) for one in drawn_on(drawn)] == [3]
    assert "Ann" in drawn
    assert "Shop 2" in drawn


async def happened(firm, field):
    """Two done, one of them without a plan, one called off, one missed, and one still to come."""
    ann = (await firm.all(User, where=User.login.eq("ann")))[0].id
    sites = {one.name: one.id for one in await firm.all(Site)}
    yesterday = TODAY - timedelta(days=1)
    at = datetime(yesterday.year, yesterday.month, yesterday.day, 10, tzinfo=UTC)

    async def body(work):
        common = {"owner": ann, "plan": field.id, "day": yesterday}
        done: dict[str, Any] = {"state": VisitState.DONE, "arrived_at": at, "left_at": at, "minutes": 30, "way": 4000}
        first = await work.create(Visit, site=sites["Shop 1"], planned_at=at, late_minutes=10, **done, **common)
        await work.create(Visit, site=sites["Shop 2"], doubtful=True, **done, **common)
        state = VisitState.CALLED_OFF
        await work.create(Visit, site=sites["Shop 3"], planned_at=at, state=state, excuse="absent", **common)
        await work.create(Visit, site=sites["Shop 3"], planned_at=at, state=VisitState.PLANNED, **common)
        for question in await work.find(FormQuestion):
            values: Any = {"number": {"number": 8}, "choice": {"chosen": "Front"}}.get(question.kind.value)
            if values:
                await work.create(Answer, visit=first, field=question, question=question.question, **values)

    await firm.kernel.operations.run(SYSTEM, body)
    return ann


@pytest.mark.requirement("VI-5", "VI-11")
async def test_plan_against_fact_counts_and_leads_to_the_visits(firm, field):
    ann = await happened(firm, field)
    lead = await firm.signed_in("lead")
    page = (await lead.get("/visits/supervision?days=7")).text
    row = page[page.index(f"/visits/week?user={ann}") :]
    numbers = re.findall(r'<td class="number"[^>]*>(?:<a [^>]*>)?([^<]*)', row[: row.index("</tr>")])
    assert numbers == ["3", "2", "1", "1", "1", "1", "33 %", "30", "10", "8"]
    led = re.findall(r'href="(/visits/visits\?[^"]*)">([^<]*)', row[: row.index("</tr>")])
    assert len(led) == 6
    for address, number in led:
        drilled = (await lead.get(unescape(address))).text
        assert drilled.count('data-row="/visits/visits/') == int(number), address
    await firm.user("bob", "Field representative")
    assert (
        "No visit was planned in this period" in (await (await firm.signed_in("bob")).get("/visits/supervision")).text
    )


async def asked(firm, pages, query: str, **values: object) -> Any:
    cookie = pages.client.cookies[firm.kernel.settings.session_cookie("http")]
    caller = await firm.kernel.sign_in.caller_of_session(cookie, Origin())
    return orjson.loads((await graphql(firm.kernel).answer(caller, Request(query, values))).body)


async def test_plan_against_fact_is_asked_over_graphql_as_the_caller_may_see_it(firm, field):
    ann = await happened(firm, field)
    query = """query Q($since: Date!, $until: Date!) { visitsFulfilment(since: $since, until: $until) {
        person planned done calledOff missed unplanned doubtful minutes late metres } }"""
    days = {"since": (TODAY - timedelta(days=7)).isoformat(), "until": TODAY.isoformat()}
    answer = await asked(firm, await firm.signed_in("lead"), query, **days)
    assert answer["data"]["visitsFulfilment"] == [
        {
            "person": str(ann),
            "planned": 3,
            "done": 2,
            "calledOff": 1,
            "missed": 1,
            "unplanned": 1,
            "doubtful": 1,
            "minutes": 30,
            "late": 10,
            "metres": 8_000,
        }
    ]
    await firm.user("bob", "Field representative")
    assert await asked(firm, await firm.signed_in("bob"), query, **days) == {"data": {"visitsFulfilment": []}}
    await firm.user("nobody")
    refused = await asked(firm, await firm.signed_in("nobody"), query, **days)
    assert refused["errors"][0]["extensions"]["code"] == "forbidden"


async def test_a_visit_is_checked_in_and_out_over_graphql(firm, field):
    first = (await planned(firm))[0]
    ann = await firm.signed_in("ann")
    check_in = """mutation M($id: ID!, $at: PositionInput) { visitsVisitCheckIn(id: $id, at: $at) {
        record { state arrivedMetres doubtful } errors { code } } }"""
    values = {"id": str(first.id), "at": {"latitude": 52.52, "longitude": 13.405}}
    (_, done) = [(await asked(firm, ann, check_in, **values))["data"]["visitsVisitCheckIn"] for _ in range(2)]
    assert [one["code"] for one in done["errors"]] == ["state"]
    (visit,) = await firm.all(Visit, where=Visit.id.eq(first.id))
    assert (visit.state, visit.arrived_metres > 1_000, visit.doubtful) == (VisitState.ONGOING, True, True)


@pytest.mark.requirement("VI-5", "VI-8", "VI-9")
async def test_statistics_sum_what_was_done_and_found(firm, field):
    await happened(firm, field)
    page = (await (await firm.signed_in("lead")).get("/visits/statistics?days=30")).text
    tiles = re.findall(r'<span class="label">([^<]*)</span><span class="value">([^<]*)', page)
    assert tiles == [
        ("Visits done", "2"),
        ("Minutes on site, median", "30"),
        ("Minutes late, median", "10"),
        ("Kilometres of the routes", "8"),
    ]
    assert "Pumps on the shelf" in page
    assert "<dt>Sum</dt><dd>8</dd>" in page
    assert "Front" in page
    assert (await (await firm.signed_in("lead")).get("/visits/statistics?days=nonsense")).status_code == 200


async def test_a_customer_shows_its_visits_and_they_stand_on_its_timeline(firm, field):
    await happened(firm, field)
    (customer,) = await firm.all(Customer, where=Customer.name.eq("Shop 1 Ltd"))
    page = (await (await firm.signed_in("ann")).get(f"/sales/customers/{customer.id}")).text
    card = page[page.index('aria-label="Visits, last and next"') :]
    assert "Next visit" in card[: card.index("</section>")]
    assert "Last visit" in card[: card.index("</section>")]
    timeline = page[page.index('aria-label="Timeline"') :]
    assert "Shop 1" in timeline[: timeline.index("</section>")]


async def test_visits_are_read_in_chinese_and_korean(firm, field):
    ann = (await firm.all(User, where=User.login.eq("ann")))[0].id
    pages = await firm.signed_in("ann")
    for language, words in (("zh_Hans", ("今日拜访", "第 1 站", "计划")), ("ko", ("오늘의 방문", "1번째", "예정"))):
        caller = await firm.kernel.sign_in.caller_of_session(
            pages.client.cookies[firm.kernel.settings.session_cookie("http")], Origin()
        )
        await firm.kernel.accounts.set_preferences(caller, language=language, zone="UTC")
        await firm.kernel.policies.fresh(ann)
        page = (await pages.get(f"/visits/day?day={TOMORROW}")).text
        assert [one in page for one in words] == [True, True, True]
