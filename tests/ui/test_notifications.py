"""Notifications: who is told of what, where he reads it, and what a stream tells of it at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

import core.noticing
from core.access import Caller
from core.departments import Department
from core.events import Happening
from core.ids import now
from core.jobs import Worker
from core.noticing import LOOKING
from core.roles import Assignment, Role
from core.users import User
from schema.execute import Request
from schema.routes import graphql
from tests.ui.conftest import SYSTEM, Firm, Pages, caller_of
from tradepost.sales import Customer, Lead, Opportunity, Pipeline, Stage


async def told(firm: Firm) -> None:
    await Worker(firm.kernel.database, firm.kernel.outbox).drain()


async def kinds_of(firm: Firm, login: str) -> list[str]:
    await told(firm)
    return [one.kind for one in await firm.kernel.notifications.of(await caller_of(firm, login))]


async def due(firm: Firm) -> None:
    """The clock is looked at."""
    await firm.kernel.outbox.handlers[LOOKING].deliver([Happening(uuid4(), LOOKING, "", None, {}, None, now(), 1)])


async def given(pages: Pages, lead: Lead, to: str) -> None:
    form = {"owner": to, "ready": "yes"}
    assert (await pages.post(f"/sales/leads/{lead.id}/do/transfer", form)).status_code == 303


@pytest.mark.requirement("OF-8", "OF-9")
async def test_who_is_given_a_record_is_told_and_opens_it(firm: Firm, admin: Pages):
    ann = await firm.user("ann", "Salesperson")
    lead = await firm.make(Lead, company="Harbour Trading")
    await given(admin, lead, str(ann))
    await told(firm)
    pages = await firm.signed_in("ann")
    page = (await pages.get("/notifications")).text
    assert [one in page for one in ("Harbour Trading", "Given to you", "Administrator", "Lead")] == [True] * 4
    (address,) = re.findall(r'action="(/notifications/[0-9a-f-]{36})"', page)
    assert (await admin.post(address)).status_code == 404
    assert await firm.kernel.notifications.unread(await caller_of(firm, "ann")) == 1
    answer = await pages.post(address)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sales/leads/{lead.id}")
    assert "You have read everything" in (await pages.get("/notifications?show=unread")).text
    assert "Harbour Trading" in (await pages.get("/notifications")).text
    assert "Nothing yet" in (await admin.get("/notifications")).text


@pytest.mark.requirement("OF-9")
async def test_nobody_is_told_of_what_he_did_himself_or_may_not_see(firm: Firm):
    ann, bob = await firm.user("ann", "Salesperson"), await firm.user("bob")
    by_ann = await caller_of(firm, "ann")
    lead = await firm.kernel.operations.create(by_ann, Lead, {"company": "Harbour", "remark": "@ann @bob look"})
    assert (lead.owner.id, await kinds_of(firm, "ann"), await kinds_of(firm, "bob")) == (ann, [], [])
    assert bob != ann


@pytest.mark.requirement("OF-9")
async def test_what_one_sees_no_longer_is_not_told_any_more(firm: Firm, admin: Pages):
    ann = await firm.user("ann", "Salesperson")
    lead = await firm.make(Lead, company="Harbour Trading")
    await given(admin, lead, str(ann))
    assert await kinds_of(firm, "ann") == ["core.assigned"]
    (me,) = await firm.all(User, where=User.login.eq("admin"))
    await given(admin, lead, str(me.id))
    assert await kinds_of(firm, "ann") == []
    pages = await firm.signed_in("ann")
    assert "Harbour Trading" not in (await pages.get("/notifications")).text


async def test_a_share_and_a_name_in_a_text_are_told(firm: Firm, admin: Pages):
    ann = await firm.user("ann", "Salesperson")
    lead = await firm.make(Lead, company="Harbour Trading")
    await admin.post(f"/sales/leads/{lead.id}/share", {"user": str(ann)})
    assert await kinds_of(firm, "ann") == ["core.shared"]
    values = {"company": "Harbour Trading", "remark": "Ask @ann, mail sales@ann.example", "version": "1"}
    assert (await admin.post(f"/sales/leads/{lead.id}/edit", values)).status_code == 303
    assert await kinds_of(firm, "ann") == ["core.mentioned", "core.shared"]
    values |= {"remark": "Ask @ann, mail sales@ann.example. Done.", "version": "2"}
    assert (await admin.post(f"/sales/leads/{lead.id}/edit", values)).status_code == 303
    assert await kinds_of(firm, "ann") == ["core.mentioned", "core.shared"], "she was named before"


@pytest.mark.requirement("OF-9")
async def test_a_share_with_a_department_or_a_role_tells_its_people(firm: Firm, admin: Pages, monkeypatch):
    ann, bob = await firm.user("ann", "Salesperson"), await firm.user("bob", "Salesperson")
    for login in ("eve", "off"):
        await firm.user(login)  # she has the department, and sees no leads; he may not sign in
    east = await firm.make(Department, name="East")
    for user in (ann, (await firm.all(User, where=User.login.eq("eve")))[0].value("id")):
        await firm.kernel.operations.update(SYSTEM, User, user, {"department": east.value("id")})
    lead = await firm.make(Lead, company="Harbour Trading")
    share = firm.kernel.operations.share
    admins = await caller_of(firm, "admin")
    await share(admins, Lead, lead.id, department=east.value("id"))
    assert [await kinds_of(firm, one) for one in ("ann", "bob", "eve")] == [["core.shared"], [], []]
    (role,) = await firm.all(Role, where=Role.name.eq("Salesperson"))
    (left,) = await firm.all(User, where=User.login.eq("off"))
    await firm.make(Assignment, role=role.value("id"), user=left.id)
    await firm.kernel.operations.act(SYSTEM, User, [left.id], "disable", {})
    other = await firm.make(Lead, company="Lighthouse")
    await share(admins, Lead, other.id, role=role.value("id"))
    assert [await kinds_of(firm, one) for one in ("ann", "bob", "eve")] == [["core.shared"] * 2, ["core.shared"], []]
    monkeypatch.setattr(core.noticing, "MOST_PEOPLE", 1)
    third = await firm.make(Lead, company="Pier")
    await share(admins, Lead, third.id, role=role.value("id"))
    assert await kinds_of(firm, "bob") == ["core.shared"], "an announcement tells nobody by name"
    assert bob != ann


@pytest.mark.requirement("OF-8", "OP-23")
async def test_a_new_opportunity_its_stage_and_its_end_are_told_to_whom_they_concern(firm: Firm, admin: Pages):
    ann, lea = await firm.user("ann", "Salesperson"), await firm.user("lea", "Sales director")
    pipeline = await firm.make(Pipeline, name="Direct")
    stages = [
        await firm.make(Stage, pipeline=pipeline, name=name, kind=kind, place=place)
        for place, (name, kind) in enumerate((("First", "open"), ("Second", "open"), ("Won", "won")))
    ]
    office = await firm.make(Department, name="Office")
    await firm.kernel.operations.update(SYSTEM, User, ann, {"superior": lea, "department": office.id})
    await firm.kernel.operations.update(SYSTEM, User, lea, {"department": office.id})
    customer = await firm.make(Customer, name="Harbour", owner=ann)
    by_ann = await caller_of(firm, "ann")
    values = {"name": "Pumps", "customer": customer.id, "pipeline": pipeline.id, "stage": stages[0].id}
    made = await firm.kernel.operations.create(by_ann, Opportunity, values)
    assert (await kinds_of(firm, "lea"), await kinds_of(firm, "ann")) == (["sales.opportunity_new"], [])
    await admin.post(f"/sales/opportunities/{made.id}/do/advance", {"stage": str(stages[1].id), "ready": "yes"})
    assert (await kinds_of(firm, "lea"))[0] == "sales.opportunity_stage"
    await admin.post(f"/sales/opportunities/{made.id}/do/win", {"ready": "yes"})
    assert await kinds_of(firm, "ann") == ["sales.opportunity_closed", "sales.opportunity_stage"]
    await firm.kernel.operations.act(by_ann, Customer, [customer.id], "grade", {"level": "key"})
    assert (await kinds_of(firm, "lea"))[0] == "sales.customer_level"


async def test_what_is_due_is_told_once_and_again_when_it_is_overdue(firm: Firm):
    ann = await firm.user("ann", "Salesperson")
    await firm.make(Lead, company="Now", owner=ann, next_contact=now() - timedelta(minutes=1))
    await firm.make(Lead, company="Yesterday", owner=ann, next_contact=now() - timedelta(hours=30))
    await firm.make(Lead, company="Tomorrow", owner=ann, next_contact=now() + timedelta(days=1))
    for _ in range(2):
        await due(firm)
    assert sorted(await kinds_of(firm, "ann")) == ["core.due", "core.overdue"]


async def test_a_kind_that_is_switched_off_is_not_told(firm: Firm, admin: Pages):
    ann = await firm.user("ann", "Salesperson")
    pages = await firm.signed_in("ann")
    form = (await pages.get("/settings")).text
    names = re.findall(r'name="kind" value="([a-z_.]+)" checked', form)
    assert {"core.assigned", "core.shared", "sales.opportunity_stage"} <= {*names}
    kept = [one for one in names if one != "core.assigned"]
    assert (await pages.post("/settings/notifications", {"kind": kept})).status_code == 303
    assert 'value="core.assigned" checked' not in (await pages.get("/settings")).text
    lead = await firm.make(Lead, company="Harbour Trading")
    await given(admin, lead, str(ann))
    assert await kinds_of(firm, "ann") == []


async def test_notifications_are_asked_for_and_read_over_graphql(firm: Firm, admin: Pages):
    ann = await firm.user("ann", "Salesperson")
    leads = [await firm.make(Lead, company=name) for name in ("One", "Two")]
    for lead in leads:
        await given(admin, lead, str(ann))
    await told(firm)
    by_ann = await caller_of(firm, "ann")
    asked = "{ coreNotifications { id kind model record by read } }"

    async def answer(caller: Caller, query: str) -> Any:
        return orjson.loads((await graphql(firm.kernel).answer(caller, Request(query))).body)

    found = (await answer(by_ann, asked))["data"]["coreNotifications"]
    assert [(one["kind"], one["model"], one["read"]) for one in found] == [("core.assigned", "sales.lead", False)] * 2
    assert {one["record"] for one in found} == {str(one.id) for one in leads}
    mark = f'mutation {{ coreReadNotifications(ids: ["{found[0]["id"]}"]) {{ ids errors {{ code }} }} }}'
    await answer(await caller_of(firm, "admin"), mark)
    assert await firm.kernel.notifications.unread(by_ann) == 2, "others' notifications are passed over"
    assert (await answer(by_ann, mark))["data"]["coreReadNotifications"]["errors"] == []
    left = (await answer(by_ann, "{ coreNotifications(unread: true) { id } }"))["data"]["coreNotifications"]
    assert [one["id"] for one in left] == [found[1]["id"]]
