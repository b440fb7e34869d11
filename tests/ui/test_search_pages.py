"""Searching: kinds of records with counts of what is in sight, why a record was found, actions, what was done last."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import orjson

from schema.execute import Request
from schema.routes import graphql
from tradepost.app import indexing
from tradepost.sales import Contact, Customer, Lead

from .conftest import Firm, Pages, caller_of


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


def sides(html: str) -> dict[str, dict[str, str]]:
    """The values of each choice with their addresses; the chosen one with a star before it."""
    found = {}
    for label, block in re.findall(r'<nav class="filters" aria-label="([^"]+)">(.*?)</nav>', html):
        values = re.findall(r'<a class="chip[^"]*" href="([^"]+)"( aria-current="true")?>(.*?)</a>', block)
        found[label] = {
            ("*" if here else "") + re.sub("<[^>]+>", "", text).strip(): unescape(to) for to, here, text in values
        }
    return found


async def test_a_kind_is_narrowed_by_its_choices(firm: Firm, admin: Pages) -> None:
    for number, status in enumerate(("new", "new", "contacted")):
        await firm.make(Lead, company=f"Harbour {number}", status=status)
    await firm.make(Customer, name="Harbour Trading")
    await indexing(firm.kernel).prepare()
    assert sides((await admin.get("/search?q=harbour")).text) == {}, "of several kinds there is nothing in common"
    found = sides((await admin.get("/search?q=harbour&in=sales.lead")).text)["Status"]
    assert found == {
        "New 2": "/search?q=harbour&in=sales.lead&by.status=new",
        "Contacted 1": "/search?q=harbour&in=sales.lead&by.status=contacted",
    }
    narrowed = (await admin.get(found["Contacted 1"])).text
    assert narrowed.count('<a href="/sales/leads/') == 1
    assert sides(narrowed)["Status"] == {"*Contacted 1": "/search?q=harbour&in=sales.lead"}
    assert (await admin.get("/search?q=harbour&in=sales.lead&by.nonsense=x")).status_code == 400


RESULT = """query ($where: [SearchWhere!], $model: String) {
  found: searchResult(text: "harbour", model: $model, where: $where, first: 2) {
    hits { title record { __typename ... on SalesLead { company } } }
    kinds { model type count more } facets { field values { value label count } } more __typename } }"""


async def test_graphql_counts_kinds_and_facets_as_the_page_does(firm: Firm, admin: Pages) -> None:
    ann = await firm.user("ann", "Salesperson")
    await firm.make(Lead, company="Harbour 1", status="new", owner=ann)
    await firm.make(Lead, company="Harbour 2", status="contacted")
    await firm.make(Lead, company="Harbour 3", status="contacted")
    await firm.make(Customer, name="Harbour Trading")
    await indexing(firm.kernel).prepare()
    api = graphql(firm.kernel)

    async def asked(login: str, **variables: object) -> Any:
        answer = orjson.loads((await api.answer(await caller_of(firm, login), Request(RESULT, variables))).body)
        assert "errors" not in answer, answer
        return answer["data"]["found"]

    everything = await asked("admin")
    assert [len(everything["hits"]), everything["facets"], everything["more"]] == [2, [], False]
    lead = {"model": "sales.lead", "type": "SalesLead", "count": 3, "more": False}
    customer = {"model": "sales.customer", "type": "SalesCustomer", "count": 1, "more": False}
    assert everything["kinds"] == [lead, customer]
    of_leads = await asked("admin", model="sales.lead", where=[{"field": "status", "value": "CONTACTED"}])
    assert {one["record"]["company"] for one in of_leads["hits"]} == {"Harbour 2", "Harbour 3"}
    facets = {one["field"]: one["values"] for one in of_leads["facets"]}
    assert facets["status"] == [{"value": "CONTACTED", "label": "Contacted", "count": 2}]
    assert of_leads["kinds"] == everything["kinds"]
    own = await asked("ann", model="sales.lead")
    assert own["kinds"] == [lead | {"count": 1}]
    facets = {one["field"]: one["values"] for one in own["facets"]}
    assert facets["status"] == [{"value": "NEW", "label": "New", "count": 1}]
    for model, field in (("sales.lead", "company"), ("sales.lead", "nonsense"), ("core.session", "user")):
        where = [{"field": field, "value": "x"}]
        answer = await api.answer(await caller_of(firm, "ann"), Request(RESULT, {"model": model, "where": where}))
        assert answer.code == "unknown_field"


async def test_what_is_not_found_says_how_it_was_sought(firm: Firm, admin: Pages) -> None:
    await filled(firm)
    html = (await admin.get("/search?q=zzzzqqqq")).text
    assert "Nothing found for “zzzzqqqq”" in html
    assert ("All words must occur" in html, "by pinyin" in html) == (True, True)
