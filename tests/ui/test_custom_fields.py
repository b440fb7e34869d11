"""A custom field is at once on every surface: pages, GraphQL, search, import, export, rights, history."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.app import Kernel
from core.custom_fields import CustomField
from core.events import Event
from core.jobs import Worker
from core.roles import Grant, Role
from schema.routes import routes as api
from tests.ui.conftest import ORIGIN, SYSTEM, Firm, Pages
from tradepost.app import indexing, wired
from tradepost.sales import Customer
from ui.routes import routes

OBJECT = "sales.customer"
LIST = "/sales/customers"


@dataclass
class Desk:
    """An administrator at the pages and the API of an app."""

    firm: Firm
    pages: Pages

    async def add(self, kind: str, label: str, **values: Any) -> str:
        """Add a field to customers by its form; its name."""
        answer = await self.pages.post(f"/admin/fields/{OBJECT}/new", {"kind": kind, "label": label, **values})
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/admin/fields/{OBJECT}"), answer.text
        found = await self.firm.all(CustomField, where=CustomField.label.eq(label))
        return str(found[-1].name)

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = (await self.pages.client.post("/graphql", json=body)).json()
        return answer

    async def kernel(self) -> Kernel:
        return await self.firm.kernel.renewal.current()

    async def text(self, address: str) -> str:
        answer = await self.pages.get(address)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def only(self) -> Any:
        kernel = await self.kernel()
        (found,) = await kernel.reader.records(SYSTEM, Customer)
        return found


def app_of(kernel: Kernel) -> Starlette:
    return Starlette(routes=[*api(kernel), *routes(kernel)])


@pytest.fixture
async def desk(firm: Firm) -> Desk:
    firm.app = app_of(firm.kernel)
    return Desk(firm, await firm.signed_in())


@pytest.mark.requirement("OB-2", "L-3", "L-5")
async def test_a_field_is_in_the_form_the_list_and_on_the_record_at_once(desk: Desk):
    before = await desk.text(f"{LIST}/new")
    assert "Credit rating" not in before
    assert (
        await desk.add("choice", "Credit rating", choices="good = Good\nbad = Bad", required="yes") == "x_credit_rating"
    )
    form = await desk.text(f"{LIST}/new")
    assert "<legend>Additional fields</legend>" in form
    assert '<select class="input" id="f-x-credit-rating" name="x_credit_rating"' in form
    refused = await desk.pages.post(f"{LIST}/new", {"name": "Acme", "x_credit_rating": ""})
    assert (refused.status_code, "Fill this in" in refused.text) == (422, True)
    made = await desk.pages.post(f"{LIST}/new", {"name": "Acme", "x_credit_rating": "good"})
    assert made.status_code == 303
    assert (await desk.only()).value("x_credit_rating").value == "good"
    record = await desk.text(made.headers["location"])
    assert "Credit rating" in record
    assert "Good" in record
    columns = await desk.text(f"{LIST}/columns")
    assert 'value="x_credit_rating"' in columns
    shown = await desk.text(f"{LIST}?_columns=name,x_credit_rating&_sort=x_credit_rating")
    assert "Credit rating" in shown
    assert ">Good<" in shown
    alone = await desk.pages.post(
        f"{made.headers['location']}/set/x_credit_rating", {"x_credit_rating": "bad", "version": "1"}
    )
    assert alone.status_code == 303
    assert (await desk.only()).value("x_credit_rating").value == "bad"
    history = await desk.text(made.headers["location"])
    assert re.search(r"Credit rating.*Good.*Bad", history, re.DOTALL)


@pytest.mark.requirement("OP-15", "OB-2")
async def test_lists_are_filtered_by_it(desk: Desk):
    await desk.add("decimal_number", "Floor area", scale="1")
    for name, area in (("Small", "9.5"), ("Large", "120.0"), ("Unknown", "")):
        await desk.pages.post(f"{LIST}/new", {"name": name, "x_floor_area": area, "anyway": "yes"})
    assert "Floor area" in await desk.text(f"{LIST}/filters")
    assert "Floor area" in await desk.text(f"{LIST}/filter/x_floor_area")

    async def found(query: str) -> list[str]:
        return re.findall(r"(Small|Large|Unknown)</a>", await desk.text(f"{LIST}?{query}&_sort=name"))

    assert await found("x_floor_area-gte=10") == ["Large"]
    assert await found("x_floor_area-lt=10") == ["Small"]
    assert await found("x_floor_area-empty=yes") == ["Unknown"]
    assert (await desk.pages.get(f"{LIST}?x_nothing=1")).status_code == 400


@pytest.mark.requirement("OB-2")
async def test_the_api_has_it_at_once_for_reading_filtering_and_writing(desk: Desk):
    assert (await desk.ask("{ salesCustomers { nodes { xTier } } }"))["errors"]
    await desk.add("choice", "Tier", choices="gold = Gold\nplain = Plain")
    await desk.add("amount", "Budget")
    made = await desk.ask(
        "mutation ($input: SalesCustomerCreateInput!) { salesCustomerCreate(input: $input)"
        " { record { xTier xBudget { amount currency } } errors { field message } } }",
        input={"name": "Acme", "xTier": "GOLD", "xBudget": {"amount": "12.50", "currency": "EUR"}},
    )
    record = {"xTier": "GOLD", "xBudget": {"amount": "12.50", "currency": "EUR"}}
    assert made == {"data": {"salesCustomerCreate": {"record": record, "errors": []}}}
    query = (
        "{ salesCustomers(filter: {xTier: {eq: GOLD}}, order: [{field: X_TIER}]) { nodes { name xTier } totalCount } }"
    )
    assert await desk.ask(query) == {
        "data": {"salesCustomers": {"nodes": [{"name": "Acme", "xTier": "GOLD"}], "totalCount": 1}}
    }
    summary = "{ salesCustomersSummary(groupBy: [{field: X_TIER}], measures: [{function: SUM, field: X_BUDGET}])"
    answer = await desk.ask(f"{summary} {{ __typename }} }}")
    assert "errors" not in answer, answer
    described = await desk.ask('{ __type(name: "SalesCustomer") { fields { name description } } }')
    assert {"name": "xTier", "description": "Tier"} in described["data"]["__type"]["fields"]


@pytest.mark.requirement("OB-2")
async def test_definitions_are_made_over_the_api_by_the_same_rules(desk: Desk):
    query = (
        "mutation ($input: CoreCustomFieldCreateInput!) { coreCustomFieldCreate(input: $input)"
        " { record { name place } errors { field } } }"
    )
    made = await desk.ask(query, input={"object": OBJECT, "label": "Area", "kind": "WHOLE_NUMBER"})
    assert made["data"]["coreCustomFieldCreate"] == {"record": {"name": "x_area", "place": 10}, "errors": []}
    refused = await desk.ask(query, input={"object": "core.role", "label": "Area", "kind": "WHOLE_NUMBER"})
    assert refused["data"]["coreCustomFieldCreate"] == {"record": None, "errors": [{"field": "object"}]}
    assert len(await desk.firm.all(CustomField)) == 1


@pytest.mark.requirement("OB-2")
async def test_search_finds_its_text_once_the_index_is_built_anew(desk: Desk):
    await indexing(desk.firm.kernel).prepare()
    await desk.add("text", "Nickname", search="yes")
    kernel = await desk.kernel()
    await kernel.operations.create(SYSTEM, Customer, {"name": "Acme", "x_nickname": "Quicksilver"})
    caller = SYSTEM
    assert await kernel.finder.find(caller, "acme") == []  # the old index is asked without the new field
    assert await indexing(kernel).prepare() == (OBJECT,)
    (hit,) = await kernel.finder.find(caller, "quicksilver")
    assert (hit.title, hit.field, hit.snippet) == ("Acme", "x_nickname", "Quicksilver")
    await kernel.operations.create(SYSTEM, Customer, {"name": "Bolt", "x_nickname": "Mercury"})
    assert {one.handler for one in await kernel.reader.records(SYSTEM, Event)} >= {"search.index"}
    await Worker(kernel.database, kernel.outbox).drain()
    assert [one.title for one in await kernel.finder.find(caller, "mercury")] == ["Bolt"]


@pytest.mark.requirement("OB-2", "OP-15")
async def test_search_is_narrowed_by_a_choice_of_it(desk: Desk):
    await indexing(desk.firm.kernel).prepare()
    await desk.add("choice", "Tier", choices="gold = Gold\nplain = Plain", search="yes")
    kernel = await desk.kernel()
    for name, tier in (("Acme One", "gold"), ("Acme Two", "plain"), ("Acme Three", "gold")):
        await kernel.operations.create(SYSTEM, Customer, {"name": name, "x_tier": tier})

    async def told() -> tuple[list[str], list[tuple[str, list[tuple[str, int]]]]]:
        narrowed = await kernel.finder.narrow(SYSTEM, "acme", OBJECT, {"x_tier": "gold"})
        facets = [(one.field, [(value.label, value.count) for value in one.values]) for one in narrowed.facets]
        return sorted(one.title for one in narrowed.found), [one for one in facets if one[0] == "x_tier"]

    await Worker(kernel.database, kernel.outbox).drain()
    found = (["Acme One", "Acme Three"], [("x_tier", [("Gold", 2)])])
    assert await told() == found  # by the index of before, the door narrows
    assert await indexing(kernel).prepare() == (OBJECT,)
    assert await told() == found
    page = await desk.text(f"/search?q=acme&in={OBJECT}")
    assert re.search(r"Tier.*Gold.*2.*Plain.*1", page, re.DOTALL)


@pytest.mark.requirement("OB-2")
async def test_it_is_exported_and_imported(desk: Desk):
    await desk.add("decimal_number", "Floor area", scale="2")
    await desk.add("date", "Anniversary")
    values = {"name": "Acme", "x_floor_area": "10.50", "x_anniversary": "2026-01-31"}
    assert (await desk.pages.post(f"{LIST}/new", values)).status_code == 303
    wanted = {"format": "csv", "columns": "shown", "query": "_columns=name,x_floor_area,x_anniversary"}
    answer = await desk.pages.post(f"{LIST}/export", wanted)
    assert answer.text.lstrip("\ufeff").splitlines() == ["Name,Floor area,Anniversary", "Acme,10.50,2026-01-31"]
    table = b"Name,Floor area,Anniversary\nBolt,3.25,2025-12-24\n"
    sent = await desk.pages.client.post(f"{LIST}/import", files={"file": ("new.csv", BytesIO(table), "text/csv")})
    page = await desk.text(sent.headers["location"])
    assert 'value="x_floor_area" selected' in page
    assert 'value="x_anniversary" selected' in page


@pytest.mark.requirement("OB-2", "OB-4")
async def test_a_role_is_kept_from_reading_it(desk: Desk):
    await desk.add("text", "Margin")
    await desk.pages.post(f"{LIST}/new", {"name": "Acme", "x_margin": "thin"})
    await desk.firm.user("bob", "Auditor")
    bob = await desk.firm.signed_in("bob")
    address = f"{LIST}?_columns=name,x_margin"
    assert ">thin<" in (await bob.get(address)).text
    (role,) = await desk.firm.all(Role, where=Role.name.eq("Auditor"))
    page = await desk.text(f"/core/roles/{role.id}/permissions")
    assert 'name="hidden.sales.customer.read" value="x_margin"' in page
    where = Grant.role.eq(role) & Grant.permission.eq("sales.customer.read")
    (grant,) = await desk.firm.all(Grant, where=where)
    await (await desk.kernel()).operations.update(SYSTEM, Grant, grant.value("id"), {"hidden": ["x_margin"]})
    assert (await bob.get(address)).status_code == 400  # as of a field that does not exist
    assert ">thin<" not in (await bob.get(address)).text
    assert "Margin" not in (await bob.get(f"{LIST}/columns")).text
    assert (await bob.get(f"{LIST}?x_margin=thin")).status_code == 400
    body = {"query": "{ salesCustomers { nodes { name xMargin } } }"}
    refused = (await bob.client.post("/graphql", json=body)).json()
    assert refused["errors"][0]["extensions"]["code"] == "unknown_field"


async def test_labels_choices_and_help_are_read_in_ones_own_language(desk: Desk):
    translated = {"label_zh_hans": "等级", "help": "As the bank says", "choices": "good = Good | zh_Hans: 好"}
    await desk.add("choice", "Rating", **translated)
    await desk.pages.post("/settings", {"language": "zh_Hans", "zone": "UTC", "theme": "auto"})
    form = await desk.text(f"{LIST}/new")
    assert "等级" in form
    assert ">好<" in form
    assert "As the bank says" in form


async def test_fields_are_changed_moved_archived_and_restored(desk: Desk):
    for label in ("First", "Second"):
        await desk.add("text", label)
    first, second = await desk.firm.all(CustomField, order=("place",))
    here = f"/admin/fields/{OBJECT}"
    await desk.pages.post(f"{here}/{second.id}/move", {"to": "up"})
    assert [one.label for one in await desk.firm.all(CustomField, order=("place",))] == ["Second", "First"]
    page = await desk.text(f"{here}/{first.id}")
    assert "How forms show it now" in page
    assert 'name="scale"' not in page
    await desk.pages.post(f"{here}/{first.id}", {"label": "Prime", "help": "Of all"})
    form = await desk.text(f"{LIST}/new")
    assert form.index("Second") < form.index("Prime")
    assert "Of all" in form
    await desk.pages.post(f"{here}/{first.id}", {"label": "Prime", "section": "Figures"})
    form = await desk.text(f"{LIST}/new")
    assert form.index("<legend>Figures</legend>") < form.index("Prime") < form.index("Second")
    await desk.pages.post(f"{here}/{first.id}/archive")
    assert 'name="x_first"' not in await desk.text(f"{LIST}/new")
    page = await desk.text(here)
    assert "Archived fields" in page
    await desk.pages.post(f"{here}/{first.id}/restore")
    assert 'name="x_first"' in await desk.text(f"{LIST}/new")


async def test_the_pages_say_what_is_wrong_and_what_there_is(desk: Desk):
    assert "Customers" in await desk.text("/admin/fields")
    page = await desk.text(f"/admin/fields/{OBJECT}")
    assert "No field was added yet" in page
    assert f'href="/admin/fields/{OBJECT}/new?kind=choice"' in page
    form = await desk.text(f"/admin/fields/{OBJECT}/new?kind=link")
    assert '<option value="sales.contact"' in form
    wrong = await desk.pages.post(f"/admin/fields/{OBJECT}/new", {"kind": "choice", "label": "A", "choices": "? = A"})
    assert wrong.status_code == 422
    assert "Write a choice like north = North region, not ? = A" in wrong.text
    for address in ("core.role", "sales.nothing", f"{OBJECT}/new?kind=nothing"):
        assert (await desk.pages.get(f"/admin/fields/{address}")).status_code == 404, address
    await desk.firm.user("bob", "Salesperson")
    bob = await desk.firm.signed_in("bob")
    for address in ("/admin/fields", f"/admin/fields/{OBJECT}", f"/admin/fields/{OBJECT}/new?kind=text"):
        assert (await bob.get(address)).status_code == 403
    assert (await bob.post(f"/admin/fields/{OBJECT}/new", {"kind": "text", "label": "A"})).status_code == 403
    assert "/admin/fields" not in (await bob.get("/")).text


@pytest.mark.requirement("OB-2")
async def test_a_form_of_one_process_is_taken_by_another_that_knows_nothing_of_the_field(
    desk: Desk, kernel: Kernel, settings: Any, registry: Any, database: Any
):
    other = wired(settings, registry, database)
    try:
        transport = httpx.ASGITransport(app_of(other))
        elsewhere = Pages(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}))
        elsewhere.client.cookies = desk.pages.client.cookies
        assert (await elsewhere.get(LIST)).status_code == 200
        await desk.add("text", "Nickname")
        made = await elsewhere.post(f"{LIST}/new", {"name": "Acme", "x_nickname": "Quick"})
        assert made.status_code == 303
        assert (await desk.only()).value("x_nickname") == "Quick"
        assert "Quick" in (await elsewhere.get(f"{LIST}?_columns=name,x_nickname")).text
        body = {"query": "{ salesCustomers { nodes { xNickname } } }"}
        answer = (await elsewhere.client.post("/graphql", json=body)).json()
        assert answer == {"data": {"salesCustomers": {"nodes": [{"xNickname": "Quick"}]}}}
    finally:
        await other.sign_in.close()
        await other.engine.close()
