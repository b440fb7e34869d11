"""Searching: kinds of records with counts of what is in sight, why a record was found, actions, what was done last."""

from __future__ import annotations

import re
from html import unescape

from tradepost.app import indexing
from tradepost.sales import Contact, Customer, Lead

from .conftest import Firm, Pages


async def filled(firm: Firm) -> None:
    for number in range(3):
        await firm.make(Lead, company=f"Harbour {number}")
    customer = await firm.make(Customer, name="Harbour <b> Trading")
    await firm.make(Contact, name="Ann Wang", customer=customer)
    await firm.make(Customer, name="北京云图")
    await firm.make(Customer, name="한빛은행")
    await indexing(firm.kernel).prepare()


def facets(html: str) -> dict[str, str]:
    """Each facet's text with its address; the chosen one with a star before it."""
    block = html.partition('<nav class="tabs" aria-label="Kinds">')[2].partition("</nav>")[0]
    found = re.findall(r'<a href="([^"]+)"( aria-current="page")?>(.*?)</a>', block)
    return {("*" if here else "") + re.sub("<[^>]+>", "", text): unescape(href) for href, here, text in found}


async def test_kinds_are_counted_and_each_is_an_address(firm: Firm, admin: Pages) -> None:
    await filled(firm)
    found = facets((await admin.get("/search?q=harbour")).text)
    assert found["*All"] == "/search?q=harbour"
    assert found["Leads 3"] == "/search?q=harbour&in=sales.lead"
    assert found["Customers 1"] == "/search?q=harbour&in=sales.customer"
    narrowed = (await admin.get(found["Leads 3"])).text
    assert "*Leads 3" in facets(narrowed)
    assert narrowed.count('<a href="/sales/leads/') == 3
    assert "/sales/customers/" not in narrowed
    assert facets((await admin.get("/search?q=harbour&in=no.such")).text) == found


async def test_no_count_tells_of_what_is_out_of_sight(firm: Firm) -> None:
    await filled(firm)
    owner = await firm.user("ann", "Salesperson")
    ann = await firm.signed_in("ann")
    for address in ("/search?q=harbour", "/search?q=harbour&in=sales.lead", "/search?q=harbour&in=sales.customer"):
        html = (await ann.get(address)).text
        assert facets(html) == {}
        assert "Nothing found" in html
    await firm.make(Lead, company="Harbour mine", owner=owner)
    await indexing(firm.kernel).reindex()
    html = (await ann.get("/search?q=harbour")).text
    assert facets(html) == {}, "one kind is in sight, the others are not named"
    assert html.count('<a href="/sales/leads/') == 1
    assert "/sales/customers/" not in html


async def test_what_was_found_says_why(firm: Firm, admin: Pages) -> None:
    await filled(firm)
    html = (await admin.part("/search?q=harb")).text
    assert "<mark>Harb</mark>our &lt;b&gt; Trading" in html
    assert "<mark>北京</mark>云图" in (await admin.part("/search?q=bj")).text
    assert "<mark>北京云图</mark>" in (await admin.get("/search?q=beijingyuntu")).text
    assert "<mark>한빛</mark>은행" in (await admin.part("/search?q=ㅎㅂ")).text


async def test_actions_are_found_by_whoever_may_begin_them(firm: Firm, admin: Pages) -> None:
    html = (await admin.part("/search?q=new lead")).text
    assert re.search(r'<h2>Actions</h2><a href="/sales/leads/new">', html)
    assert 'href="/sales/customers/new"' not in html
    await firm.user("bob")
    bob = await firm.signed_in("bob")
    assert "/sales/leads" not in (await bob.part("/search?q=new lead")).text


async def test_without_words_stand_what_the_visitor_did_last_and_the_places(firm: Firm, admin: Pages) -> None:
    await admin.post("/sales/leads/new", {"company": "Just made"})
    html = (await admin.part("/search?q=")).text
    assert html.index("Just made") < html.index('href="/sales/leads"')
    await firm.user("ann", "Salesperson")
    assert "Just made" not in (await (await firm.signed_in("ann")).part("/search?q=")).text
