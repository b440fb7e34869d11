"""Layouts: administrators arrange the fields of an object, for all records or by business type."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette

from core.app import Kernel
from core.errors import Refused
from core.history import Event
from core.layouts import Layout
from schema.routes import routes as api
from tests.ui.conftest import ORIGIN, SYSTEM, Firm, Pages
from tradepost.app import wired
from tradepost.sales import Customer
from ui.routes import routes

OBJECT = "sales.customer"
HERE = f"/admin/fields/{OBJECT}/layout"
LIST = "/sales/customers"
TEXT = "Company | ko: 회사 = name, industry\nReach them = phones\n- = website, address"


def app_of(kernel: Kernel) -> Starlette:
    return Starlette(routes=[*api(kernel), *routes(kernel)])


@pytest.fixture
async def pages(firm: Firm) -> Pages:
    firm.app = app_of(firm.kernel)
    return await firm.signed_in()


async def arrange(kernel: Kernel, sections: str, **values: Any) -> Layout:
    kernel = await kernel.renewal.current()
    return await kernel.operations.create(
        SYSTEM, Layout, {"object": OBJECT, "business_type": "all", "sections": sections, **values}
    )


async def text(pages: Pages, address: str) -> str:
    answer = await pages.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def sent(page: str) -> list[tuple[str, str]]:
    """What the form of a layout sends as it stands: a name and a value for each of its fields."""
    form = page[page.index("<ol ") : page.index("</ol>")]
    found = []
    for one in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {key}="([^"]*)"', one) for key in ("name", "value"))
        assert name
        assert value
        found.append((name[1], value[1]))
    return found


def moved(lines: list[tuple[str, str]], what: tuple[str, str], place: int) -> list[tuple[str, str]]:
    """The same with another number before one line."""
    at = lines.index(what)
    return [*lines[: at - 1], ("place", str(place)), *lines[at:]]


async def post(pages: Pages, address: str, lines: list[tuple[str, str]], **values: str) -> httpx.Response:
    content = urlencode([*lines, *values.items()])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await pages.client.post(address, content=content, headers=headers)


def legends(page: str) -> list[str]:
    return re.findall(r"<legend>([^<]*)</legend>", page)


def asked(page: str) -> list[str]:
    form = page[page.index('<form class="form"') :]
    return list(dict.fromkeys(re.findall(r'name="([a-z_]+)(?:\.text)?"', form)))


@pytest.mark.requirement("OB-3")
async def test_form_and_record_follow_the_layout_and_what_is_left_out_stands_under_more(pages: Pages, firm: Firm):
    made = await pages.post(f"{LIST}/new", {"name": "Acme", "website": "https://acme.example"})
    await arrange(firm.kernel, TEXT)
    form = await text(pages, f"{LIST}/new")
    assert legends(form)[:2] == ["Company", "Reach them"]
    fields = asked(form)
    assert fields.index("name") < fields.index("industry") < fields.index("phones")
    assert "website" not in fields
    assert "source" in fields  # the layout says nothing of it, so it is asked for as ever
    record = await text(pages, made.headers["location"])
    assert record.index("<h2>Company</h2>") < record.index("<dt >Industry") < record.index("<h2>Reach them</h2>")
    assert record.index('<details class="more">') < record.index("https://acme.example")
    changed = await pages.post(f"{made.headers['location']}/edit", {"name": "Acme Ltd", "version": "1"})
    assert changed.status_code == 303
    (customer,) = await firm.all(Customer)
    assert (customer.name, customer.website) == ("Acme Ltd", "https://acme.example")


@pytest.mark.requirement("OB-3")
async def test_a_field_left_out_is_shown_when_something_is_wrong_or_written_in_it(pages: Pages, firm: Firm):
    await arrange(firm.kernel, TEXT)
    form = await text(pages, f"{LIST}/new?website=https://acme.example")
    assert legends(form)[-1] == "More"
    assert 'value="https://acme.example"' in form
    refused = await pages.post(f"{LIST}/new", {"name": "Acme", "website": "no address"})
    assert refused.status_code == 422
    assert legends(refused.text)[-1] == "More"
    assert await firm.all(Customer) == []


@pytest.mark.requirement("OB-5")
async def test_each_business_type_has_a_layout_of_its_own(pages: Pages, firm: Firm):
    added = await pages.post(
        f"/admin/fields/{OBJECT}/new", {"kind": "choice", "label": "Tier", "choices": "gold = Gold\nplain = Plain"}
    )
    assert added.status_code == 303
    await pages.post(f"/admin/fields/{OBJECT}/types", {"type_field": "x_tier"})
    page = await text(pages, f"{HERE}?type=gold")
    assert "This type has no layout of its own yet" in page
    await arrange_type(pages, "gold", "Treasure = name, x_tier\n- = industry")
    assert legends(await text(pages, f"{LIST}/new"))[0] != "Treasure"
    redrawn = await pages.post(f"{LIST}/new", {"name": "Acme", "x_tier": "gold", "industry": "", "redraw": "yes"})
    assert redrawn.status_code == 200
    assert legends(redrawn.text)[0] == "Treasure"
    assert "industry" not in asked(redrawn.text)
    assert 'value="Acme"' in redrawn.text
    assert await firm.all(Customer) == []
    made = await pages.post(f"{LIST}/new", {"name": "Acme", "x_tier": "gold"})
    assert "<h2>Treasure</h2>" in await text(pages, made.headers["location"])
    other = await pages.post(f"{LIST}/new", {"name": "Bolt", "x_tier": "plain"})
    assert "<h2>Treasure</h2>" not in await text(pages, other.headers["location"])
    assert "Treasure" in legends(await text(pages, f"{made.headers['location']}/edit"))
    assert "Treasure" not in legends(await text(pages, f"{other.headers['location']}/edit"))
    assert (await pages.get(f"{HERE}?type=nothing")).status_code == 404


async def arrange_type(pages: Pages, business_type: str, sections: str) -> None:
    values = {"object": OBJECT, "businessType": business_type, "sections": sections}
    query = "mutation ($input: CoreLayoutCreateInput!) { coreLayoutCreate(input: $input) { errors { field message } } }"
    body = {"query": query, "variables": {"input": values}}
    answer = (await pages.client.post("/graphql", json=body)).json()
    assert answer == {"data": {"coreLayoutCreate": {"errors": []}}}


@pytest.mark.requirement("OB-3")
async def test_an_administrator_arranges_by_numbers_and_goes_back_to_the_default(pages: Pages, firm: Firm):
    before = legends(await text(pages, f"{LIST}/new"))
    lines = sent(await text(pages, HERE))
    lines = moved(lines, ("field", "phones"), 1)
    lines = moved(lines, ("field", "website"), 9000)
    blank = lines.index(("title", ""))
    lines[blank - 1 : blank + 1] = [("place", "1"), ("title", "First of all")]
    kept = await post(pages, HERE, lines)
    assert kept.status_code == 303, kept.text
    (layout,) = await firm.all(Layout)
    assert str(layout.sections).splitlines()[0] == "First of all = phones"
    assert str(layout.sections).splitlines()[-1] == "- = website"
    form = await text(pages, f"{LIST}/new")
    assert legends(form)[0] == "First of all"
    assert asked(form).index("phones") < asked(form).index("name")
    again = sent(await text(pages, HERE))
    assert again[-1] == ("field", "website")
    assert (await post(pages, HERE, again, reset="yes")).status_code == 303
    assert legends(await text(pages, f"{LIST}/new")) == before


async def test_what_must_be_filled_in_cannot_be_left_out_and_nothing_changes(pages: Pages, firm: Firm):
    lines = moved(sent(await text(pages, HERE)), ("field", "name"), 9000)
    refused = await post(pages, HERE, lines)
    assert refused.status_code == 422
    assert "Name must be filled in and cannot be left out" in refused.text
    assert sent(refused.text)[-1] == ("field", "name")
    assert await firm.all(Layout) == []
    for sections, message in (
        ("A = nothing", "There is no field nothing"),
        ("A = name, name", "name stands there twice"),
        ("A = name\nA = phones", "A stands there twice"),
        ("A | fr: B = name", "Write a translation like"),
    ):
        with pytest.raises(Refused, match=message):
            await arrange(firm.kernel, sections)
    for values in (
        {"object": "core.role"},
        {"type_field": "name"},
        {"business_type": "gold", "type_field": "industry"},
    ):
        with pytest.raises(Refused):
            await arrange(firm.kernel, "", **values)
    assert await firm.all(Layout) == []


@pytest.mark.requirement("OB-3")
async def test_a_field_that_is_added_later_and_titles_in_ones_own_language_are_shown(pages: Pages, firm: Firm):
    await arrange(firm.kernel, TEXT)
    await pages.post(f"/admin/fields/{OBJECT}/new", {"kind": "text", "label": "Nickname"})
    assert "x_nickname" in asked(await text(pages, f"{LIST}/new"))
    made = await pages.post(f"{LIST}/new", {"name": "Acme", "x_nickname": "Quick"})
    record = await text(pages, made.headers["location"])
    assert record.index("<h2>Additional fields</h2>") < record.index("Quick") < record.index('<details class="more">')
    await pages.post("/settings", {"language": "ko", "zone": "UTC", "theme": "auto"})
    assert legends(await text(pages, f"{LIST}/new"))[0] == "회사"


@pytest.mark.requirement("OB-3")
async def test_another_process_shows_it_at_its_next_request_and_the_history_tells(
    pages: Pages, firm: Firm, settings: Any, registry: Any, database: Any
):
    other = wired(settings, registry, database)
    try:
        transport = httpx.ASGITransport(app_of(other))
        elsewhere = Pages(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}))
        elsewhere.client.cookies = pages.client.cookies
        await text(elsewhere, LIST)
        layout = await arrange(firm.kernel, TEXT)
        await text(elsewhere, LIST)  # the read that finds its rights out of date
        assert legends(await text(elsewhere, f"{LIST}/new"))[0] == "Company"
    finally:
        await other.sign_in.close()
        await other.engine.close()
    found: list[Event] = await firm.kernel.history.of(SYSTEM, firm.kernel.registry.spec(Layout), layout.id)
    assert [one.verb for one in found] == ["create"]


async def test_only_who_may_arranges(pages: Pages, firm: Firm):
    await firm.user("bob", "Salesperson")
    bob = await firm.signed_in("bob")
    assert (await bob.get(HERE)).status_code == 403
    assert (await bob.post(HERE, {"place": "1", "title": "Mine"})).status_code == 403
    assert (await bob.post(f"/admin/fields/{OBJECT}/types", {"type_field": "industry"})).status_code == 403
    assert await firm.all(Layout) == []
    assert "Arrange the form" in await text(pages, f"/admin/fields/{OBJECT}")
