"""Tickets: their clocks, the race for them, and what stays among colleagues."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil

import pytest

from core.access import ANONYMOUS
from core.desk import Desk as Reading
from core.errors import Forbidden, Refused
from plugins.service_desk.knowledge import suggestions
from search.specs import index_plans
from tests.plugins.service_desk.conftest import SYSTEM
from tradepost.figures import Function, Measure
from tradepost.sales import Contact, Customer
from tradepost.service_desk import (
    Article,
    InternalNote,
    Priority,
    Reply,
    Skill,
    TermWarning,
    Ticket,
    TicketKind,
    TicketState,
)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> Sequence[str]:
    return [one.code for one in refusal.value.problems]


@pytest.mark.requirement("SV-6", "SV-12")
async def test_a_ticket_gets_a_number_and_its_terms_in_business_hours(desk):
    await desk.kernel.options.change(SYSTEM, {"service_desk.zone": "Europe/Berlin", "service_desk.country": "DE"})
    desk.at("2026-12-24T16:30+01:00")
    first = await desk.make(Ticket, await desk.as_("ann"), subject="Pump leaks", kind="complaint")
    second = await desk.make(Ticket, subject="Price list", priority="urgent")
    assert (first.number, second.number) == ("T000001", "T000002")
    assert first.response_due == moment("2026-12-24T17:30+01:00")
    assert first.resolution_due == moment("2026-12-28T15:30+01:00")  # Christmas, then a weekend
    assert second.resolution_due == moment("2026-12-28T09:30+01:00")


async def test_the_clocks_stop_with_the_first_reply_and_pause_while_the_customer_is_waited_for(desk):
    ann = await desk.as_("ann")
    ticket = await desk.make(Ticket, ann, subject="Pump leaks")
    desk.at("2026-11-23T09:40+00:00")
    ticket = await desk.act(ann, ticket, "reply", text="Which pump is it?", wait=True)
    assert (ticket.state, ticket.response_minutes) == (TicketState.WAITING, 40)
    desk.at("2026-11-24T10:00+00:00")
    ticket = await desk.act(ann, ticket, "resume", text="The green one")
    assert (ticket.waited_minutes, ticket.resolution_due) == (560, moment("2026-11-24T17:20+00:00"))
    desk.at("2026-11-24T11:00+00:00")
    ticket = await desk.act(ann, ticket, "solve", solution="A new seal")
    assert (ticket.state, ticket.resolution_minutes, ticket.breached) == (TicketState.SOLVED, 100, False)
    said = await desk.all(Reply, order=("created_at",))
    assert [(one.text, one.from_customer) for one in said] == [("Which pump is it?", False), ("The green one", True)]
    desk.at("2026-11-24T12:00+00:00")
    assert (await desk.act(ann, ticket, "close", satisfaction="good")).state is TicketState.CLOSED
    assert (await desk.act(ann, ticket, "reopen")).solved_at is None


async def test_a_higher_priority_moves_the_terms(desk):
    ann = await desk.as_("ann")
    ticket = await desk.make(Ticket, ann, subject="Pump leaks")
    assert ticket.resolution_due == moment("2026-11-23T17:00+00:00")
    changed = await desk.kernel.operations.update(ann, Ticket, ticket.id, {"priority": "urgent"})
    assert (changed.response_due, changed.resolution_due) == (
        moment("2026-11-23T09:15+00:00"),
        moment("2026-11-23T11:00+00:00"),
    )
    low = await desk.kernel.operations.update(ann, Ticket, ticket.id, {"priority": "low"})
    assert (low.response_due, low.resolution_due) == (None, None)


@pytest.mark.requirement("SV-13")
async def test_a_warning_comes_before_a_term_ends_and_a_note_says_so(desk):
    desk.at("2026-11-23T09:00+00:00")
    ticket = await desk.make(Ticket, subject="Pump leaks")
    desk.at("2026-11-23T09:31+00:00")
    await desk.work()
    found = await desk.now(ticket)
    assert (found.warned_at, found.breached) == (moment("2026-11-23T09:31+00:00"), False)
    await asyncio.sleep(0.01)
    await desk.work()
    assert {one.warning for one in await desk.all(InternalNote)} == {
        TermWarning.RESPONSE_DUE_SOON,
        TermWarning.RESOLUTION_DUE_SOON,
    }


async def test_a_term_that_was_missed_is_told_once(desk):
    ticket = await desk.make(Ticket, subject="Pump leaks")
    desk.at("2026-11-25T09:31+00:00")
    for _ in range(3):
        await desk.work()
        await asyncio.sleep(0.01)
    assert (await desk.now(ticket)).breached is True
    assert sorted(one.warning.value for one in await desk.all(InternalNote)) == [
        "resolution_overdue",
        "response_overdue",
    ]
    assert await desk.waiting() == 0


async def test_terms_that_were_kept_moved_or_paused_are_not_told_of(desk):
    ann = await desk.as_("ann")
    kept = await desk.make(Ticket, ann, subject="Kept")
    paused = await desk.make(Ticket, ann, subject="Paused")
    moved = await desk.make(Ticket, ann, subject="Moved")
    desk.at("2026-11-23T09:10+00:00")
    await desk.act(ann, kept, "solve", solution="Done")
    await desk.act(ann, paused, "wait")
    await desk.kernel.operations.update(ann, Ticket, moved.id, {"priority": "low"})
    desk.at("2026-11-25T09:31+00:00")
    await desk.work()
    assert [(await desk.now(one)).breached for one in (kept, paused, moved)] == [False, False, False]
    assert await desk.all(InternalNote) == []


@pytest.mark.requirement("SV-13")
async def test_of_fifty_who_pick_the_same_ticket_one_has_it_and_the_others_are_told_kindly(desk):
    ticket = await desk.make(Ticket, subject="Pump leaks")
    people = [await desk.person(f"agent{number}", "Service agent") for number in range(50)]
    done = await asyncio.gather(*(desk.act(one, ticket, "pick") for one in people), return_exceptions=True)
    won = [one for one in done if isinstance(one, Ticket)]
    lost = [str(one) for one in done if isinstance(one, Refused)]
    assert (len(won), lost) == (1, ["Somebody else has picked this ticket up already"] * 49)
    found = await desk.now(ticket)
    assert (found.state, found.owner) == (TicketState.ASSIGNED, won[0].owner)
    assert found.version == ticket.version + 1


@pytest.mark.requirement("SV-13")
async def test_a_ticket_is_picked_by_those_who_have_its_skill(desk):
    (skill,) = await desk.all(Skill)
    ticket = await desk.make(Ticket, subject="Pump leaks", skill=skill.id)
    with pytest.raises(Refused) as refusal:
        await desk.act(await desk.as_("ann"), ticket, "pick")
    assert (codes(refusal), str(refusal.value)) == (["skill"], "It needs the skill Hydraulics, which you do not have")
    assert (await desk.now(ticket)).version == ticket.version
    assert (await desk.act(await desk.as_("bob"), ticket, "pick")).owner.id == desk.people["bob"]


@pytest.mark.requirement("SV-7")
async def test_any_agent_sees_all_complaints_and_may_ask_for_his_own(desk):
    for login in ("ann", "bob"):
        await desk.make(Ticket, await desk.as_(login), subject=f"of {login}", kind="complaint")
    ann = await desk.as_("ann")
    complaints = Ticket.kind.eq(TicketKind.COMPLAINT)
    assert len(await desk.all(Ticket, ann, where=complaints)) == 2
    mine = await desk.all(Ticket, ann, where=complaints & Ticket.owner.eq(desk.people["ann"]))
    assert [one.subject for one in mine] == ["of ann"]


async def test_an_action_of_another_state_changes_nothing(desk):
    ann = await desk.as_("ann")
    ticket = await desk.make(Ticket, ann, subject="Pump leaks")
    for name in ("resume", "close", "reopen"):
        with pytest.raises(Refused) as refusal:
            await desk.act(ann, ticket, name)
        assert codes(refusal) == ["state"]
    assert (await desk.now(ticket)).version == ticket.version


async def test_what_was_said_is_written_by_actions_alone(desk):
    ticket = await desk.make(Ticket, await desk.as_("ann"), subject="Pump leaks")
    for model in (Reply, InternalNote):
        with pytest.raises(Refused):
            await desk.make(model, await desk.as_("ann"), ticket=ticket.id, text="forged")
        assert await desk.all(model) == []


async def test_an_internal_note_reaches_nobody_outside(desk):
    ann = await desk.as_("ann")
    ticket = await desk.make(Ticket, ann, subject="Pump leaks")
    await desk.act(ann, ticket, "remark", text="CANARY the customer never pays")
    stranger = await desk.person("stranger")
    with pytest.raises(Forbidden):
        await desk.all(InternalNote, stranger)
    assert ANONYMOUS.policy.reaches == {}
    assert [one.text for one in await desk.all(Reply)] == []
    plans = index_plans(desk.kernel.registry)
    searched = {spec.label for plan in plans.values() for spec in (plan.spec, *plan.searched.values())}
    assert "service_desk.ticket" in searched
    assert "service_desk.internal_note" not in searched


async def test_a_contact_is_of_the_tickets_customer(desk):
    (customer,) = await desk.all(Customer)
    other = await desk.make(Customer, name="Other")
    contact = await desk.make(Contact, name="Mei", customer=other.id)
    with pytest.raises(Refused, match="This contact is of another customer"):
        await desk.make(Ticket, subject="x", customer=customer.id, contact=contact.id)


@pytest.mark.requirement("SV-2", "SV-4", "SV-5", "SV-23")
async def test_an_enquiry_and_its_answer_become_an_article_that_is_suggested(desk):
    ann = await desk.as_("ann")
    ticket = await desk.make(Ticket, ann, subject="How is the seal of a pump changed?", kind="question")
    with pytest.raises(Refused, match="Write the solution first"):
        await desk.act(ann, ticket, "promote")
    ticket = await desk.act(ann, ticket, "solve", solution="Loosen four screws")
    await desk.act(ann, ticket, "promote")
    await desk.make(Article, ann, question="北京云图的发票抬头", answer="请联系财务")
    reading = Reading(ann, desk.kernel.reader, desk.kernel.options)
    assert [one.question for one in await suggestions(reading, "pump leaks at the SEAL")] == [ticket.subject]
    assert [one.answer for one in await suggestions(reading, "怎么开发票")] == ["请联系财务"]
    assert await suggestions(reading, "ab") == []


async def test_percentiles_of_response_times_equal_a_recomputation(desk):
    ann = await desk.as_("ann")
    taken = {"normal": [5, 17, 17, 80, 200, 33, 61], "urgent": [3, 9]}
    for priority, minutes in taken.items():
        for one in minutes:
            desk.at("2026-11-23T09:00+00:00")
            ticket = await desk.make(Ticket, ann, subject=f"{priority} {one}", priority=priority)
            desk.at(f"2026-11-23T{9 + one // 60:02}:{one % 60:02}+00:00")
            await desk.act(ann, ticket, "reply", text="Hello")
    reading = Reading(ann, desk.kernel.reader, desk.kernel.options)
    rows = await reading.figures(
        Ticket,
        Measure("half", Function.MEDIAN, "response_minutes"),
        Measure("most", Function.PERCENTILE_90, "response_minutes"),
        by=("priority",),
    )

    def rank(values: list[int], share: float) -> int:
        return sorted(values)[ceil(len(values) * share) - 1]

    assert {row["priority"]: (row["half"], row["most"]) for row in rows} == {
        name.upper(): (rank(minutes, 0.5), rank(minutes, 0.9)) for name, minutes in taken.items()
    }
    assert {one.priority: one.breached for one in await desk.all(Ticket) if one.response_minutes in (200, 9)} == {
        Priority.NORMAL: True,
        Priority.URGENT: False,
    }


async def test_opening_hours_that_make_no_sense_are_refused_where_they_matter(desk):
    await desk.kernel.options.change(SYSTEM, {"service_desk.opens": "19:00"})
    with pytest.raises(Refused, match="The opening hours of the service desk make no sense"):
        await desk.make(Ticket, subject="Pump leaks")
    assert await desk.all(Ticket) == []
