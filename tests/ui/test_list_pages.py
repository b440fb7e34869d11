"""The list: what it shows, how its address changes it, what is done with several records at once."""

from __future__ import annotations

import re

import pytest

from core.money import Money
from core.roles import Role
from core.users import User
from tests.ui.conftest import Firm, Pages
from tradepost.sales import Customer, Lead, Opportunity, Pipeline, Stage

ROW = re.compile(r'<tr data-row="/[\w/-]+/([0-9a-f-]{36})">')
LINK = re.compile(r'<td class="first" data-label="[^"]*"><a href="[^"]*">([^<]*)</a>')


def names(html: str) -> list[str]:
    return LINK.findall(html)


@pytest.fixture
async def leads(firm: Firm) -> list[Lead]:
    made = []
    for number, company in enumerate(("Acme", "Blue & Co", "北京云图")):
        made.append(
            await firm.make(Lead, company=company, person=f"Person {number}", level=("key", "minor", None)[number])
        )
    return made


@pytest.mark.requirement("L-14", "CU-20", "CT-9", "PR-8")
async def test_filters_words_and_order_come_from_the_address(leads: list[Lead], admin: Pages):
    assert names((await admin.get("/sales/leads?_sort=company")).text) == ["Acme", "Blue &amp; Co", "北京云图"]
    assert names((await admin.get("/sales/leads?_sort=-company")).text) == ["北京云图", "Blue &amp; Co", "Acme"]
    assert names((await admin.get("/sales/leads?level=key&level=minor&_sort=company")).text) == [
        "Acme",
        "Blue &amp; Co",
    ]
    assert names((await admin.get("/sales/leads?level-empty=yes")).text) == ["北京云图"]
    assert names((await admin.get("/sales/leads?_q=person+0")).text) == ["Acme"]
    assert "Nothing fits these filters" in (await admin.get("/sales/leads?company-contains=zzz")).text


async def test_a_fragment_is_the_list_alone_and_every_address_is_a_page(leads: list[Lead], admin: Pages):
    whole, part = await admin.get("/sales/leads"), await admin.part("/sales/leads")
    assert whole.text.startswith("<!doctype html>")
    assert part.text.lstrip().startswith('<div id="listing"')
    assert part.text.strip() in whole.text
    assert "HX-Request-Type" in whole.headers["vary"]


async def test_pages_are_turned_by_cursors_both_ways(firm: Firm, admin: Pages):
    for number in range(60):
        await firm.make(Lead, company=f"Company {number:02}")
    first = (await admin.get("/sales/leads?_sort=company")).text
    assert (len(names(first)), names(first)[0]) == (50, "Company 00")
    assert "60 records" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = (await admin.get(following[1].replace("&amp;", "&"))).text
    assert names(second) == [f"Company {number}" for number in range(50, 60)]
    back = re.search(r'rel="prev" href="([^"]+)"', second)
    assert back
    assert names((await admin.get(back[1].replace("&amp;", "&"))).text) == names(first)
    elsewhere = await admin.get("/sales/customers?_after=" + following[1].rpartition("=")[2])
    assert (elsewhere.status_code, "The cursor does not belong to this list" in elsewhere.text) == (400, True)


@pytest.mark.requirement("OP-2")
async def test_totals_are_told_per_currency(firm: Firm, admin: Pages):
    pipeline = await firm.make(Pipeline, name="Direct")
    stage = await firm.make(Stage, pipeline=pipeline, name="Open")
    for name, amount in (
        ("A", Money(100_000, "USD")),
        ("B", Money(50_050, "USD")),
        ("C", Money(900, "JPY")),
        ("D", None),
    ):
        await firm.make(Opportunity, name=name, pipeline=pipeline, stage=stage, amount=amount)
    text = (await admin.get("/sales/opportunities")).text
    assert "<strong><span>¥900 +</span> <span>$1,500.50</span></strong>" in text
    assert "<strong><span>$1,000.00</span></strong>" in (await admin.get("/sales/opportunities?name=A")).text


@pytest.mark.requirement("OB-16", "L-3", "CU-6", "CT-2", "PR-3")
async def test_columns_are_chosen_and_ordered_by_each_user(firm: Firm, leads: list[Lead], admin: Pages):
    places = {"place.person": "1", "place.company": "2", "place.created_at": "3"}
    answer = await admin.post("/sales/leads/columns", {"column": ["company", "person"], "back": "level=key", **places})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sales/leads?level=key")
    labels = re.findall(r'<td class="[^"]*" data-label="([^"]+)"', (await admin.get("/sales/leads?level=key")).text)
    assert labels == ["Person", "Company"]
    alike = {"place.company": "1", "place.person": "2", "place.level": "1"}
    await admin.post("/sales/leads/columns", {"column": ["company", "person", "level"], **alike})
    labels = re.findall(r'<td class="[^"]*" data-label="([^"]+)"', (await admin.get("/sales/leads?company=Acme")).text)
    assert labels == ["Level", "Company", "Person"]
    await firm.user("ann", "Auditor")
    ann = await firm.signed_in("ann")
    assert 'data-label="Status"' in (await ann.get("/sales/leads")).text
    refused = await admin.post("/sales/leads/columns", {})
    assert (refused.status_code, "Choose at least one column" in refused.text) == (422, True)


@pytest.mark.requirement("CU-21", "CT-9")
async def test_a_view_keeps_filters_under_a_name_for_its_user_alone(firm: Firm, leads: list[Lead], admin: Pages):
    kept = await admin.post("/sales/leads/views", {"name": "Key <ones>", "query": "level=key&_sort=company"})
    address = kept.headers["location"]
    text = (await admin.get(address)).text
    assert names(text) == ["Acme"]
    assert "Key &lt;ones&gt;</a>" in text
    await firm.user("ann", "Auditor")
    ann = await firm.signed_in("ann")
    assert "Key &lt;ones&gt;" not in (await ann.get("/sales/leads")).text
    remove = re.search(r'action="(/sales/leads/views/[^"]+/remove)"', text)
    assert remove
    assert (await ann.post(remove[1])).status_code == 404
    assert "Key &lt;ones&gt;" in (await admin.get("/sales/leads")).text
    assert (await admin.post(remove[1])).status_code == 303
    assert "Key &lt;ones&gt;</a>" not in (await admin.get("/sales/leads", cookie="")).text


async def test_several_records_are_archived_and_the_message_takes_it_back(firm: Firm, leads: list[Lead], admin: Pages):
    ids = [str(one.value("id")) for one in leads[:2]]
    done = await admin.post("/sales/leads/bulk", {"verb": "archive", "id": ids, "back": "_sort=company"})
    assert done.headers["location"] == "/sales/leads?_sort=company"
    text = (await admin.get("/sales/leads")).text
    assert "2 records are in the recycle bin" in text
    assert names(text) == ["北京云图"]
    assert sorted(names((await admin.get("/bin?model=sales.lead")).text)) == ["Acme", "Blue &amp; Co"]
    undo = re.search(r'<form method="post" action="(/sales/leads/restore)">', text)
    assert undo
    await admin.post(undo[1], {"id": ids})
    assert len(await firm.all(Lead)) == 3


async def test_what_is_done_to_several_is_done_to_all_or_none(firm: Firm, leads: list[Lead], admin: Pages):
    strange = "01a205eb-0000-7000-8000-000000000000"
    refused = await admin.post("/sales/leads/bulk", {"verb": "archive", "id": [str(leads[0].value("id")), strange]})
    assert refused.status_code == 404
    assert len(await firm.all(Lead)) == 3
    assert (
        await admin.post("/sales/leads/bulk", {"verb": "nosuch", "id": str(leads[0].value("id"))})
    ).status_code == 404


@pytest.mark.requirement("L-10", "CT-8", "OP-14")
async def test_several_records_are_handed_over_after_asking_for_the_new_owner(
    firm: Firm, leads: list[Lead], admin: Pages
):
    await firm.user("ann", "Salesperson")
    ids = [str(one.value("id")) for one in leads]
    asked = await admin.post("/sales/leads/bulk", {"verb": "transfer", "id": ids})
    assert (asked.status_code, "Acme" in asked.text, 'name="owner.text"' in asked.text) == (200, True, True)
    form = {"verb": "transfer", "id": ids, "ready": "yes"}
    empty = await admin.post("/sales/leads/bulk", form)
    assert (empty.status_code, "Fill this in" in empty.text) == (422, True)
    unknown = await admin.post("/sales/leads/bulk", form | {"owner.text": "nobody"})
    assert (unknown.status_code, "Nothing with this name is found" in unknown.text) == (422, True)
    done = await admin.post("/sales/leads/bulk", form | {"owner.text": "ann"})
    assert done.status_code == 303
    (ann,) = await firm.all(User, where=User.login.eq("ann"))
    assert {one.owner for one in await firm.all(Lead)} == {ann}


async def test_the_board_has_a_lane_for_each_value_and_moves_cards(firm: Firm, leads: list[Lead], admin: Pages):
    text = (await admin.get("/sales/leads/board")).text
    lead = leads[0].value("id")
    assert text.count('<section class="lane"') == len(re.findall(r'data-value="\w+"', text))
    heads = re.findall(r'<small id="head-\d+">(\d+)</small>', text)
    assert heads == [str(len(leads)), "0", "0", "0", "0"]
    moved = await admin.post(
        f"/sales/leads/{lead}/move", {"to": "contacted", "version": "1"}, headers={"accept": "application/json"}
    )
    assert (moved.status_code, moved.json()) == (200, {"version": 2})
    stale = await admin.post(
        f"/sales/leads/{lead}/move", {"to": "new", "version": "1"}, headers={"accept": "application/json"}
    )
    assert (stale.status_code, stale.json()) == (409, {"message": "someone else changed it"})
    plain = await admin.post(f"/sales/leads/{lead}/move", {"to": "new"})
    assert plain.headers["location"] == "/sales/leads/board"
    wrong = await admin.post(f"/sales/leads/{lead}/move", {"to": "nosuch"})
    assert wrong.status_code == 422
    assert {one.status.value for one in await firm.all(Lead)} == {"new"}


@pytest.mark.requirement("PM-10", "PM-21")
async def test_the_menu_shows_what_may_be_read(firm: Firm):
    await firm.user("ann", "Salesperson")
    text = (await (await firm.signed_in("ann")).get("/")).text
    assert 'href="/sales/leads"' in text
    assert 'href="/core/roles"' not in text
    assert 'href="/admin/audit"' not in text
    assert await firm.all(Role)


async def test_twenty_rows_take_as_many_statements_as_one(firm: Firm, admin: Pages, statements: list[str]):
    await firm.make(Customer, name="Only one", level="key")
    await admin.get("/sales/customers?level=key")
    statements.clear()
    await admin.get("/sales/customers?level=key")
    one = len(statements)
    for number in range(20):
        await firm.make(Customer, name=f"Customer {number}", level="key")
    await admin.get("/sales/customers?level=key")
    statements.clear()
    page = await admin.get("/sales/customers?level=key")
    assert len(names(page.text)) == 21
    assert (one, len(statements)) == (2, 2)  # the list with its totals and count; the user's views


async def test_the_selected_records_are_summed_as_far_as_one_sees_them(firm: Firm, admin: Pages):
    pipeline = await firm.make(Pipeline, name="Direct")
    stage = await firm.make(Stage, pipeline=pipeline, name="Open")
    await firm.user("ann", "Salesperson")
    ids = []
    for name, amount in (("A", Money(100_000, "USD")), ("B", Money(50_050, "USD")), ("C", Money(900, "JPY"))):
        made = await firm.make(Opportunity, name=name, pipeline=pipeline, stage=stage, amount=amount)
        ids.append(f"id={made.value('id')}")
    totals = "/sales/opportunities/totals"
    assert f'data-totals="{totals}"' in (await admin.get("/sales/opportunities")).text
    assert (await admin.part(f"{totals}?{'&'.join(ids[:2])}")).text == "Total: $1,500.50"
    assert (await admin.part(f"{totals}?{ids[1]}&{ids[2]}")).text == "Total: ¥900 + $500.50"
    assert "<p>Total: $1,000.00</p>" in (await admin.get(f"{totals}?{ids[0]}")).text
    ann = await firm.signed_in("ann")
    for pages, address in ((ann, f"{totals}?{ids[0]}"), (admin, totals), (admin, f"/sales/leads/totals?{ids[0]}")):
        assert (await pages.part(address)).text == ""
    assert (await admin.part(f"{totals}?id=nonsense")).status_code == 404
