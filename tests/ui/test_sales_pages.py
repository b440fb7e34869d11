"""What a salesperson and a manager find on the pages of sales: every field, what happened, how selling goes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from core.codec import plain
from core.database import KEY
from core.fields import Kind
from core.model import Model
from core.money import Money
from core.registry import ModelSpec
from core.users import User
from tests.ui.conftest import SYSTEM, Firm, Pages
from tradepost.sales import Contact, Customer, Lead, Opportunity, Pipeline, Product, Stage, StageChange

FACT = re.compile(r"<dt[^>]*>([^<]*)</dt><dd[^>]*>(.*?)(?:<a class=\"set\"[^>]*>.*?</a>)?</dd>", re.DOTALL)
NEXT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
STRUCK = re.compile(r"<del>([^<]*)</del> → <ins>([^<]*)</ins>")
# A value for every kind of field, and what a reader sees of it.
WRITTEN: dict[Kind, tuple[object, str]] = {
    Kind.TEXT: ("Amber text", "Amber text"),
    Kind.NOTE: ("First line\nsecond line", "First line\nsecond line"),
    Kind.EMAIL: ("ann@example.com", 'href="mailto:ann@example.com"'),
    Kind.EMAILS: (["bob@example.com"], 'href="mailto:bob@example.com"'),
    Kind.PHONES: (["+86 10 6552 9988"], 'href="tel:+86 10 6552 9988"'),
    Kind.URL: ("https://example.com/x", 'href="https://example.com/x"'),
    Kind.INTEGER: (1966, "1966"),
    Kind.MONEY: (Money(123_456, "USD"), "$1,234.56"),
    Kind.BOOLEAN: (True, "Yes"),
    Kind.DATE: (date(2026, 11, 22), "Nov 22, 2026"),
    Kind.MOMENT: (NEXT, "Dec 1, 2026"),
    Kind.POSITION: ({"latitude": "31.2", "longitude": "121.4"}, "31.2"),
    Kind.TAGS: (["pumps"], "pumps"),
}


async def stages(firm: Firm) -> dict[str, Stage]:
    pipeline = await firm.make(Pipeline, name="Direct")
    kinds = (("Prospecting", "open"), ("Proposal", "open"), ("Won", "won"), ("Lost", "lost"))
    return {
        name: await firm.make(Stage, pipeline=pipeline, name=name, kind=kind, place=place)
        for place, (name, kind) in enumerate(kinds)
    }


async def filled(firm: Firm, spec: ModelSpec) -> tuple[Model, dict[str, str]]:
    """A record with a value in every field that can be written, and what is to be seen of each."""
    made = await stages(firm)
    linked = await firm.make(Customer, name="Linked customer")
    known: dict[str, tuple[Model, str]] = {
        "sales.customer": (linked, "Linked customer"),
        "sales.contact": (await firm.make(Contact, name="Linked contact", customer=linked), "Linked contact"),
        "sales.pipeline": (made["Proposal"].pipeline, "Direct"),
        "sales.stage": (made["Won"], "Won"),
    }
    values: dict[str, object] = {}
    seen: dict[str, str] = {}
    for name, one in spec.own.items():
        if one.traits.readonly:
            continue
        if one.traits.choices:
            values[name], seen[name] = next(iter(one.traits.choices)).value, 'class="dot'
        else:
            values[name], seen[name] = known[str(one.target)] if one.target else WRITTEN[one.kind]
    return await firm.make(spec.model, SYSTEM, **values), seen


@pytest.mark.requirement("L-4", "CU-7", "CT-3", "OP-3", "PR-5")
@pytest.mark.parametrize("model", [Lead, Customer, Contact, Opportunity, Product], ids=lambda one: one.__name__)
async def test_the_page_of_a_record_has_every_field_with_its_value(firm: Firm, admin: Pages, model: type[Model]):
    spec = firm.kernel.registry.spec(model)
    record, seen = await filled(firm, spec)
    text = (await admin.get(f"{spec.path}/{record.value('id')}")).text
    facts = dict(FACT.findall(text))
    assert f"<h1>{seen.pop(spec.title)}</h1>" in text
    for name, shown in seen.items():
        assert shown in facts[spec.fields[name].traits.label], name
    unwritten = {one.traits.label for name, one in spec.own.items() if one.traits.readonly}
    assert unwritten <= set(facts)
    assert {"Created at", "Updated at"} <= set(facts)


@pytest.mark.requirement("CT-3", "OP-3", "PR-5")
@pytest.mark.parametrize("model", [Contact, Opportunity, Product], ids=lambda one: one.__name__)
async def test_a_field_that_is_empty_is_named_too(firm: Firm, admin: Pages, model: type[Model]):
    spec = firm.kernel.registry.spec(model)
    record, seen = await filled(firm, spec)
    empty = {name for name in seen if not spec.fields[name].traits.required and spec.fields[name].kind is Kind.NOTE}
    await admin.post(
        f"{spec.path}/{record.value('id')}/edit", dict.fromkeys(empty, "") | {"version": str(record.value("version"))}
    )
    facts = dict(FACT.findall((await admin.get(f"{spec.path}/{record.value('id')}")).text))
    assert {facts[spec.fields[name].traits.label] for name in empty} == {
        '<span class="none" aria-label="empty">–</span>'
    }


@pytest.mark.requirement("L-8", "CU-16", "CT-7", "OP-13", "PR-7")
@pytest.mark.parametrize(
    ("model", "values", "field", "change"),
    [
        (Lead, {"company": "Amber"}, "person", ("Ann", "Bob")),
        (Customer, {"name": "Amber"}, "region", ("North", "South")),
        (Contact, {"name": "Amber"}, "post", ("Buyer", "Director")),
        (Opportunity, {"name": "Amber"}, "number", ("A-1", "A-2")),
        (Product, {"name": "Amber", "code": "A"}, "category", ("Pumps", "Valves")),
    ],
)
async def test_the_operation_log_tells_who_did_what_with_both_values(
    firm: Firm, admin: Pages, model: type[Model], values: dict[str, object], field: str, change: tuple[str, str]
):
    spec = firm.kernel.registry.spec(model)
    made = await stages(firm)
    if model is Contact:
        values = values | {"customer": await firm.make(Customer, name="Birch")}
    if model is Opportunity:
        values = values | {"pipeline": made["Proposal"].pipeline, "stage": made["Proposal"]}
    record = (await firm.make(model, SYSTEM, **values, **{field: change[0]})).value("id")
    await admin.post(f"{spec.path}/{record}/edit", {field: change[1], "version": "1"})
    await admin.post(f"{spec.path}/{record}/archive")
    text = (await admin.get(f"{spec.path}/{record}")).text
    history = text.partition('<ol class="timeline">')[2].partition("</ol>")[0]
    told = re.findall(r"<strong>([^<]*)</strong> ([^<(]*)", history)
    assert [(who, what.strip()) for who, what in told] == [
        ("Administrator", "moved it to the recycle bin"),
        ("Administrator", "changed it"),
        ("Tradepost", "created it"),
    ]
    assert STRUCK.findall(history) == [change]


@pytest.mark.requirement("L-23", "L-4", "L-6")
async def test_activities_and_the_status_of_a_prospect_are_entered_and_seen_on_its_page(firm: Firm):
    await firm.user("ann", "Salesperson")
    ann = await firm.signed_in("ann")
    lead = (await ann.post("/sales/leads/new", {"company": "Harbour"})).headers["location"]
    page = (await ann.get(lead)).text
    assert dict(FACT.findall(page))["Status"].endswith("New</span>")
    add = re.search(r'href="(/sales/follow-ups/new[?]lead=[^"]+)"', page)
    assert add
    form = {"lead": lead.rpartition("/")[2], "subject": "First call", "method": "phone", "note": "Wants a crane"}
    assert (await ann.post(add[1], form | {"next_contact": "2026-12-01T09:30"})).status_code == 303
    await ann.post(f"{lead}/edit", {"status": "contacted", "version": str((await firm.all(Lead))[0].value("version"))})
    page = (await ann.get(lead)).text
    assert dict(FACT.findall(page))["Status"].endswith("Contacted</span>")
    assert "Dec 1, 2026" in dict(FACT.findall(page))["Next contact"]
    activities = page.partition("<h2>Follow ups")[2].partition("</section>")[0]
    assert ("First call" in activities, "Phone" in activities, "Ann" in activities) == (True, True, True)
    assert ("New", "Contacted") in STRUCK.findall(page)


@pytest.mark.requirement("OP-19", "AC-1")
async def test_a_manager_sees_what_a_salesperson_reports_at_his_next_request(firm: Firm):
    made = await stages(firm)
    boss = await firm.user("boss", "Team lead")
    ann_id = await firm.user("ann", "Salesperson")
    (ann_user,) = await firm.all(User, where=User.login.eq("ann"))
    await firm.kernel.operations.update(SYSTEM, User, ann_user.value("id"), {"superior": boss})
    boss_pages, ann = await firm.signed_in("boss"), await firm.signed_in("ann")
    deal = await firm.make(
        Opportunity, name="Crane", pipeline=made["Proposal"].pipeline, stage=made["Prospecting"], owner=ann_id
    )
    address = f"/sales/opportunities/{deal.value('id')}"
    before = (await boss_pages.get(address)).text
    assert ("Crane" in before, "They asked for a discount" in before) == (True, False)
    report = {"opportunity": str(deal.value("id")), "subject": "They asked for a discount", "method": "visit"}
    assert (await ann.post("/sales/follow-ups/new", report)).status_code == 303
    stage = {"stage": str(made["Proposal"].value("id")), "ready": "yes"}
    assert (await ann.post(f"{address}/do/advance", stage)).status_code == 303
    after = (await boss_pages.get(address)).text
    assert "They asked for a discount" in after
    assert dict(FACT.findall(after))["Stage"].endswith(">Proposal</a>")
    assert ("Prospecting", "Proposal") in STRUCK.findall(after)
    board = (await boss_pages.get("/sales/opportunities/board")).text
    lane = board.partition(f'data-value="{made["Proposal"].value("id")}"')[2].partition("</section>")[0]
    assert "Crane" in lane
    assert "They asked for a discount" in (await boss_pages.get("/sales/follow-ups")).text


def chart(html: str, title: str) -> list[tuple[str, str, str]]:
    """The rows of a chart's table: what, where it leads, how much."""
    section = html.partition(f"<h2>{title}</h2>")[2].partition("</section>")[0]
    return [
        (label, href.replace("&amp;", "&"), text)
        for href, label, text in re.findall(
            r'<th scope="row"><a href="([^"]+)">([^<]+)</a></th><td class="number">([^<]+)</td>', section
        )
    ]


@pytest.mark.requirement("OP-18", "OP-20")
async def test_selling_is_analysed_stage_by_stage_down_to_the_records(firm: Firm, admin: Pages):
    made = await stages(firm)
    start = {"pipeline": made["Won"].pipeline, "stage": made["Prospecting"], "amount": Money(100_000, "USD")}
    amber, birch, cedar, _ = [
        await firm.make(Opportunity, SYSTEM, name=name, **start) for name in ("Amber", "Birch", "Cedar", "Delta")
    ]
    proposal = {"stage": str(made["Proposal"].value("id"))}
    await entered(firm, days=10)
    await act(admin, amber, "advance", **proposal)
    await act(admin, birch, "advance", **proposal)
    await act(admin, cedar, "lose", reason="price")
    await entered(firm, days=4)
    await act(admin, amber, "win")
    text = (await admin.get("/")).text
    assert [(label, size) for label, _, size in chart(text, "Funnel")] == [
        ("Prospecting", "1 · $1,000"),
        ("Proposal", "1 · $1,000"),
    ]
    lasted = chart(text, "Days in each stage")
    assert [(label, size) for label, _, size in lasted] == [
        ("Prospecting", "10 · 3 records"),
        ("Proposal", "4 · 1 record"),
    ]
    lost = chart(text, "Lost out of each stage")
    assert [(label, size) for label, _, size in lost] == [("Prospecting", "1")]
    behind = (await admin.get(lasted[1][1])).text
    assert re.findall(r'data-label="Opportunity"><a[^>]*>([^<]+)<', behind) == ["Amber"]
    behind = (await admin.get(lost[0][1])).text
    assert re.findall(r'data-label="Opportunity"><a[^>]*>([^<]+)<', behind) == ["Cedar"]


async def act(pages: Pages, record: Opportunity, verb: str, **inputs: str) -> None:
    answer = await pages.post(f"/sales/opportunities/{record.value('id')}/do/{verb}", inputs | {"ready": "yes"})
    assert answer.status_code == 303


async def entered(firm: Firm, days: int) -> None:
    """As if every stage had been entered some days earlier than it was."""
    database = firm.kernel.database
    spec = firm.kernel.registry.spec(StageChange)
    for one in await firm.all(StageChange):
        at = plain(database.dialect, Kind.MOMENT, 0, one.value("created_at") - timedelta(days=days))
        place = database.dialect.place
        async with database.begin(KEY) as connection:
            await connection.run(
                KEY,
                f"UPDATE {spec.table} SET created_at = {place(1)} WHERE id = {place(2)}",
                [at, plain(database.dialect, Kind.ID, 0, one.value("id"))],
            )


async def test_stages_are_offered_in_the_order_of_their_pipeline(firm: Firm, admin: Pages):
    await stages(firm)
    offered = (await admin.part("/sales/opportunities/choose/stage")).text
    assert re.findall(r'data-text="([^"]+)"', offered) == ["Prospecting", "Proposal", "Won", "Lost"]


async def test_stages_of_the_same_name_are_told_apart_by_their_pipelines(firm: Firm, admin: Pages):
    await stages(firm)
    other = await firm.make(Pipeline, name="Services")
    await firm.make(Stage, pipeline=other, name="Proposal", place=1)
    options = (await admin.get("/sales/opportunities/choose/stage")).text
    assert re.findall(r'data-text="Proposal">([^<]+)<', options) == ["Proposal · Direct", "Proposal · Services"]
    assert 'data-text="Prospecting">Prospecting<' in options
    chip = (await admin.get("/sales/opportunities/filter/stage")).text
    assert chip.count("Proposal · Direct") == chip.count("Proposal · Services") == 1
    form = {"name": "Pumps", "pipeline.text": "Services", "stage.text": "Proposal"}
    asked = await admin.post("/sales/opportunities/new", form)
    assert (asked.status_code, "Several fit; choose one" in asked.text) == (422, True)
    picks = dict(re.findall(r'name="stage.pick" value="([^"]+)"> ([^<]+)<', asked.text))
    assert sorted(picks.values()) == ["Proposal · Direct", "Proposal · Services"]
    right = next(one for one, label in picks.items() if label.endswith("Services"))
    assert (await admin.post("/sales/opportunities/new", form | {"stage.pick": right})).status_code == 303
    (made,) = await firm.all(Opportunity)
    assert str(made.value("stage").value("id")) == right
