"""The pages of the service desk: the queue, a ticket, the report, suggestions; for those who may see them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from core.access import Origin
from core.plugin import Plugin
from tests.ui.conftest import SYSTEM
from tradepost import sales, service_desk
from tradepost.sales import Customer, Product
from tradepost.service_desk import Agreement, Article, Replacement, ServiceLevel, Skill, Speciality, Ticket, TicketState

CHARTS = ("Tickets by kind", "Tickets opened", "Hours to the solution", "Faulty products")
TAGS = ("<path", "<polyline", "<rect", "<rect")


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, service_desk.plugin)


@pytest.mark.requirement("SV-13")
async def test_the_queue_shows_what_fits_ones_skills_and_a_click_picks_it_up(firm):
    user = await firm.user("ann", "Service agent")
    await firm.user("seller", "Salesperson")
    hydraulics, welding = [await firm.make(Skill, name=name) for name in ("Hydraulics", "Welding")]
    await firm.make(Speciality, skill=hydraulics.id, user=user)
    wanted = await firm.make(Ticket, subject="Pump leaks", skill=hydraulics.id)
    await firm.make(Ticket, subject="Seam cracked", skill=welding.id)
    ann = await firm.signed_in("ann")
    page = await ann.get("/service-desk/queue")
    assert "Pump leaks" in page.text
    assert "Seam cracked" not in page.text
    assert 'href="/service-desk/queue" aria-current="page"' in page.text
    picked = await ann.post(f"/service-desk/tickets/{wanted.id}/do/pick")
    assert picked.status_code == 303
    assert "Nothing waits" in (await ann.get("/service-desk/queue")).text
    (found,) = await firm.all(Ticket, where=Ticket.id.eq(wanted.id))
    assert (found.state, found.owner.id) == (TicketState.ASSIGNED, user)
    second = await (await firm.signed_in("admin")).post(f"/service-desk/tickets/{wanted.id}/do/pick")
    assert second.status_code == 422
    assert "Somebody else has picked this ticket up already" in second.text


@pytest.mark.requirement("SV-8")
async def test_a_ticket_shows_whom_one_talks_to_and_the_customer_shows_its_tickets(firm, admin):
    customer = await firm.make(Customer, name="Harbour Trading", phones=["+86 138 0013 8000"], level="key")
    ticket = await firm.make(Ticket, subject="Pump leaks", customer=customer.id)
    page = (await admin.get(f"/service-desk/tickets/{ticket.id}")).text
    card = page[page.index('aria-label="The customer"') :]
    assert "tel:+86 138 0013 8000" in card
    assert "1 open of 1" in card
    theirs = (await admin.get(f"/sales/customers/{customer.id}")).text
    assert f'data-row="/service-desk/tickets/{ticket.id}' in theirs
    assert "Pump leaks" in theirs[theirs.index('aria-label="Timeline"') :]
    await firm.user("nobody")
    assert (await (await firm.signed_in("nobody")).get(f"/service-desk/tickets/{ticket.id}")).status_code in (403, 404)


async def test_articles_are_suggested_while_a_ticket_is_typed_and_beside_it(firm, admin):
    article = await firm.make(Article, question="How is a pump sealed?", answer="With a ring <of> rubber")
    form = (await admin.get("/service-desk/tickets/new")).text
    assert 'hx-get="/service-desk/suggestions"' in form
    part = await admin.part("/service-desk/suggestions?subject=the+pump+leaks")
    assert "How is a pump sealed?" in part.text
    assert "With a ring &lt;of&gt; rubber" in part.text
    assert "<html" not in part.text
    ticket = await firm.make(Ticket, subject="A pump leaks")
    page = (await admin.get(f"/service-desk/tickets/{ticket.id}")).text
    assert f'href="/service-desk/articles/{article.id}"' in page
    await firm.user("nobody")
    assert (await (await firm.signed_in("nobody")).get("/service-desk/suggestions?subject=pump")).status_code == 403


@pytest.mark.requirement("SV-14")
async def test_the_report_tells_times_by_kind_and_leads_to_the_tickets(firm, admin):
    await firm.make(
        ServiceLevel, name="Normal", priority="normal", response_minutes=60, resolution_minutes=480, warning_minutes=5
    )
    ticket = await firm.make(Ticket, subject="Pump leaks", kind="complaint")
    await firm.make(Ticket, subject="Wants a manual")
    await firm.kernel.operations.act(SYSTEM, Ticket, [ticket.id], "reply", {"text": "Hello"})
    page = (await admin.get("/service-desk/report")).text
    assert page.count('aria-current="page"') == 2, "the menu's line and the period"
    (address, *_) = re.findall(r'href="(/service-desk/tickets[?][^"]*kind=complaint)"', page)
    address = address.replace("&amp;", "&")
    drilled = (await admin.get(address)).text
    assert "Pump leaks" in drilled
    assert "Wants a manual" not in drilled
    wrong = (await admin.get("/service-desk/report?since=yesterday")).text
    assert 'id="f-since-error"' in wrong
    assert "No ticket was opened in this period" in (await admin.get("/service-desk/report?until=2020-01-31")).text
    await firm.user("nobody")
    assert (await (await firm.signed_in("nobody")).get("/service-desk/report")).status_code == 403


@pytest.mark.requirement("SV-14", "SV-16", "SV-17")
async def test_the_report_draws_what_was_asked_what_was_faulty_and_which_parts_were_replaced(firm, admin):
    pump = await firm.make(Product, name="Pump", code="P-1")
    seal = await firm.make(Product, name="Seal ring", code="S-1", unit="ring")
    leaks = await firm.make(Ticket, subject="Pump leaks", kind="complaint", product=pump.id, faulty=True)
    await firm.make(Ticket, subject="Wants a manual")
    await firm.make(Replacement, ticket=leaks.id, part=seal.id, quantity="2")
    await firm.kernel.operations.act(SYSTEM, Ticket, [leaks.id], "solve", {"solution": "New seals"})
    await firm.kernel.operations.act(SYSTEM, Ticket, [leaks.id], "close", {"satisfaction": "very_good"})
    page = (await admin.get("/service-desk/report")).text
    charts = {title: page[page.index(f'aria-label="{title}"') :] for title in CHARTS}
    assert [tag in svg[: svg.index("</svg>")] for tag, svg in zip(TAGS, charts.values(), strict=True)] == [True] * 4
    assert "Pump: 1" in charts["Faulty products"]
    assert "Very good: 1" in page[page.index('aria-label="What customers say"') :]
    parts = page[page.index('aria-label="Parts replaced"') :]
    assert [one in parts for one in ("Seal ring", "2 ring")] == [True, True]
    complaints = (await admin.get("/service-desk/report?kind=complaint")).text
    assert "Request" not in complaints[complaints.index("By kind") :]
    assert "Seal ring" in complaints
    assert "Seal ring" not in (await admin.get("/service-desk/report?kind=request")).text


@pytest.mark.requirement("SV-1", "SV-9", "SV-10", "SV-11")
async def test_what_is_owed_to_a_customer_stands_beside_his_tickets_and_complaints(firm, admin):
    customer = await firm.make(Customer, name="Harbour Trading")
    other = await firm.make(Customer, name="Tea House")
    running = {"customer": customer.id, "starts_on": "2020-01-01"}
    served = await firm.make(Agreement, name="Yearly inspection", number="A-7", **running)
    await firm.make(Agreement, name="Long over", ends_on="2020-12-31", **running)
    ticket = await firm.make(Ticket, subject="Pump leaks", kind="complaint", customer=customer.id, agreement=served.id)
    page = (await admin.get(f"/service-desk/tickets/{ticket.id}")).text
    card = page[page.index('aria-label="The customer"') :]
    card = card[: card.index("</section>")]
    assert ("Yearly inspection" in card, "Long over" in card) == (True, False)
    theirs = (await admin.get(f"/sales/customers/{customer.id}")).text
    assert [one in theirs for one in ("Pump leaks", "Yearly inspection", "Long over")] == [True, True, True]
    found = (await admin.get(f"/service-desk/agreements?customer={customer.id}&ends_on-gte=2021-01-01")).text
    assert "Long over" not in found
    values = {"subject": "Not theirs", "customer": str(other.id), "agreement": str(served.id)}
    refused = await admin.post("/service-desk/tickets/new", values)
    assert (refused.status_code, "This agreement is with another customer" in refused.text) == (422, True)
    backwards = {"name": "Odd", "customer": str(other.id), "starts_on": "2026-02-01", "ends_on": "2026-01-01"}
    refused = await admin.post("/service-desk/agreements/new", backwards)
    assert (refused.status_code, "It ends before it starts" in refused.text) == (422, True)
    assert (len(await firm.all(Ticket)), len(await firm.all(Agreement))) == (1, 2)


async def test_the_service_desk_is_read_in_chinese_and_korean(firm):
    user = await firm.user("ann", "Service agent")
    pages = await firm.signed_in("ann")
    for language, words in (("zh_Hans", ("待领队列", "服务报表")), ("ko", ("대기열", "서비스 보고서"))):
        caller = await firm.kernel.sign_in.caller_of_session(
            pages.client.cookies[firm.kernel.settings.session_cookie("http")], Origin()
        )
        await firm.kernel.accounts.set_preferences(caller, language=language, zone="UTC")
        await firm.kernel.policies.fresh(user)
        page = (await pages.get("/service-desk/queue")).text
        assert [one in page for one in words] == [True, True]
