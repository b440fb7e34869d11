"""Going from record to record, and from words to places."""

from __future__ import annotations

import re

import pytest

from tests.ui.conftest import Firm, Pages
from tradepost.app import indexing
from tradepost.sales import Contact, Customer, Lead

NEIGHBOUR = re.compile(r'rel="(prev|next)" data-key="[][]" href="([^"]+)" title="([^"]+)"')


def neighbours(html: str) -> dict[str, tuple[str, str]]:
    return {rel: (title, href.replace("&amp;", "&")) for rel, href, title in NEIGHBOUR.findall(html)}


@pytest.fixture
async def leads(firm: Firm) -> dict[str, str]:
    named = (("Amber", "key"), ("Birch", "minor"), ("Cedar", "key"), ("Delta", "key"))
    made = [await firm.make(Lead, company=company, level=level) for company, level in named]
    return {one.company: str(one.value("id")) for one in made}


async def test_a_record_leads_on_in_the_list_that_it_was_opened_from(leads: dict[str, str], admin: Pages):
    text = (await admin.get("/sales/leads?level=key&_sort=company")).text
    opened = re.search(r'data-row="([^"]+)"', text)
    assert opened
    first = (await admin.get(opened[1].replace("&amp;", "&"))).text
    query = "?_sort=company&level=key"
    assert neighbours(first) == {"next": ("Cedar", f"/sales/leads/{leads['Cedar']}{query}")}
    assert 'href="/sales/leads?_sort=company&amp;level=key">Leads</a>' in first
    middle = (await admin.get(neighbours(first)["next"][1])).text
    assert {rel: title for rel, (title, _) in neighbours(middle).items()} == {"prev": "Amber", "next": "Delta"}
    last = (await admin.get(neighbours(middle)["next"][1])).text
    assert {rel: title for rel, (title, _) in neighbours(last).items()} == {"prev": "Cedar"}


async def test_without_a_list_in_the_address_it_is_the_whole_list(leads: dict[str, str], admin: Pages):
    order = re.findall(r'<tr data-row="/sales/leads/([^"]+)"', (await admin.get("/sales/leads")).text)
    found = neighbours((await admin.get(f"/sales/leads/{order[1]}")).text)
    assert found["prev"][1] == f"/sales/leads/{order[0]}"
    assert found["next"][1] == f"/sales/leads/{order[2]}"


async def test_a_record_that_left_the_list_still_knows_where_it_stood(leads: dict[str, str], admin: Pages):
    await admin.post(f"/sales/leads/{leads['Cedar']}/edit", {"level": "minor", "version": "1"})
    text = (await admin.get(f"/sales/leads/{leads['Cedar']}?_sort=company&level=key")).text
    assert {rel: title for rel, (title, _) in neighbours(text).items()} == {"prev": "Amber", "next": "Delta"}


async def test_a_change_leads_back_to_where_the_record_was_opened(leads: dict[str, str], admin: Pages):
    query = "?_sort=company&level=key"
    record = f"/sales/leads/{leads['Cedar']}"
    page = (await admin.get(record + query)).text.replace("&amp;", "&")
    assert f'href="{record}/edit{query}"' in page
    assert f'href="{record}/do/convert{query}"' in page
    form = (await admin.get(f"{record}/edit{query}")).text.replace("&amp;", "&")
    assert f'action="{record}/edit{query}"' in form
    saved = await admin.post(f"{record}/edit{query}", {"person": "Ann", "version": "1"})
    assert saved.headers["location"] == record + query
    asked = (await admin.get(f"{record}/do/convert{query}")).text.replace("&amp;", "&")
    assert f'action="{record}/do/convert{query}"' in asked
    done = await admin.post(f"{record}/do/convert{query}", {"ready": "yes"})
    assert done.headers["location"] == record + query


async def test_nobody_is_led_to_what_he_may_not_see(firm: Firm, leads: dict[str, str]):
    await firm.user("ann", "Salesperson")
    ann = await firm.signed_in("ann")
    await ann.post("/sales/leads/new", {"company": "Birds"})
    (own,) = await firm.all(Lead, where=Lead.company.eq("Birds"))
    assert neighbours((await ann.get(f"/sales/leads/{own.value('id')}?_sort=company")).text) == {}


async def test_an_archived_record_stands_in_no_list(leads: dict[str, str], admin: Pages):
    await admin.post(f"/sales/leads/{leads['Cedar']}/archive")
    assert neighbours((await admin.get(f"/sales/leads/{leads['Cedar']}?_sort=company")).text) == {}


def found(html: str) -> list[str]:
    block = html.partition('<div class="card"><div class="found">')[2] or html
    return re.findall(r'<a href="([^"]+)">', block.partition("</main>")[0])


@pytest.mark.parametrize(
    ("words", "place"),
    [("leads", "/sales/leads"), ("Lead", "/sales/leads"), ("my settings", "/settings"), ("audit log", "/admin/audit")],
)
async def test_a_place_that_is_called_by_its_name_comes_first(firm: Firm, admin: Pages, words: str, place: str):
    customer = await firm.make(Customer, name="Leads and more, Leeds")
    await firm.make(Contact, name="Ann Leads", customer=customer)
    await indexing(firm.kernel).prepare()
    assert found((await admin.get(f"/search?q={words}")).text)[0] == place
    assert found((await admin.part(f"/search?q={words}")).text)[0] == place


async def test_the_address_of_a_list_says_which_record_stands_open_beside_it(leads: dict[str, str], admin: Pages):
    query = "_sort=company&level=key"
    text = (await admin.get(f"/sales/leads?{query}&_open={leads['Cedar']}")).text.replace("&amp;", "&")
    opened = re.search(r'<aside [^>]*data-open="([^"]+)"', text)
    assert opened
    assert opened[1] == f"/sales/leads/{leads['Cedar']}?{query}"
    assert f'href="{opened[1]}">' in text
    part = (await admin.part(opened[1])).text
    assert part.lstrip().startswith("<nav")
    assert "<h1>Cedar</h1>" in part
    assert "_open" not in part
    for address in ("/sales/leads", "/sales/leads?_open=nonsense"):
        assert "data-open" not in (await admin.get(address)).text
