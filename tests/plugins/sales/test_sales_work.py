"""Selling: leads become customers, opportunities move through stages, follow-ups say when to call again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.audit import Entry
from core.database import KEY
from core.errors import Forbidden, NotFound, Refused
from core.money import Money
from tests.plugins.sales.conftest import SYSTEM, Firm
from tradepost.sales import (
    Contact,
    Customer,
    FollowUp,
    Industry,
    Lead,
    LeadStatus,
    Level,
    Method,
    Opportunity,
    OpportunityLine,
    Pipeline,
    PriceChange,
    Product,
    Reason,
    Source,
    Stage,
    StageChange,
    StageKind,
)

NEXT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


async def opportunity(firm: Firm, who: str = "li", stage: str = "Prospecting", **more: object) -> Opportunity:
    chosen = firm.stages[stage]
    given = {"name": "Ten pumps", "pipeline": chosen.pipeline.id, "stage": chosen.id} | more
    return await firm.make(Opportunity, await firm.as_(who), **given)


async def stage_of(firm: Firm, record: Opportunity) -> str:
    return (await firm.reader.get(SYSTEM, Opportunity, record.id)).stage.name


async def history(firm: Firm, record: Opportunity) -> list[tuple[str | None, str, Reason | None]]:
    changes = await firm.all(
        StageChange,
        where=StageChange.opportunity.eq(record),
        order=("created_at",),
        fields=("*", "from_stage.name", "to_stage.name"),
    )
    return [(one.from_stage.name if one.from_stage else None, one.to_stage.name, one.reason) for one in changes]


# Leads ----------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("L-1", "L-2")
async def test_a_lead_keeps_where_it_came_from(firm: Firm) -> None:
    li = await firm.as_("li")
    lead = await firm.make(
        Lead, li, company="明华贸易", person="王小明", phones=["+86 21 5550 0100", "021 5550 0101"], source="referral"
    )
    seen = await firm.reader.get(li, Lead, lead.id)
    assert (seen.company, seen.source, seen.status) == ("明华贸易", Source.REFERRAL, LeadStatus.NEW)
    assert seen.phones == ("+86 21 5550 0100", "021 5550 0101")
    assert seen.owner.id == firm.people["li"]


@pytest.mark.requirement("L-12", "L-13", "L-18")
async def test_converting_makes_customer_contact_and_opportunity(firm: Firm) -> None:
    li = await firm.as_("li")
    lead = await firm.make(
        Lead,
        li,
        company="Acme",
        person="Ann Reed",
        post="Buyer",
        phones=["555 0100"],
        email="ann@acme.example",
        industry="retail",
        level="key",
        source="event",
        next_contact=NEXT,
    )
    call = await firm.make(FollowUp, li, subject="Called", lead=lead.id)
    done = await firm.act(li, lead, "convert", opportunity=True, amount=Money(120_000, "USD"))
    (customer,) = await firm.all(Customer, li)
    (contact,) = await firm.all(Contact, li)
    (made,) = await firm.all(Opportunity, li)
    assert (customer.name, customer.industry, customer.level, customer.source) == (
        "Acme",
        Industry.RETAIL,
        Level.KEY,
        Source.EVENT,
    )
    assert (contact.name, contact.post, contact.customer, contact.emails) == (
        "Ann Reed",
        "Buyer",
        customer,
        ("ann@acme.example",),
    )
    assert (made.customer, made.contact, made.amount) == (customer, contact, Money(120_000, "USD"))
    assert made.stage.name == "Prospecting"
    assert {one.owner.id for one in (customer, contact, made)} == {firm.people["li"]}
    assert (done.status, done.customer, done.contact, done.opportunity) == (
        LeadStatus.CONVERTED,
        customer,
        contact,
        made,
    )
    carried = await firm.reader.get(li, FollowUp, call.id)
    assert (carried.lead, carried.customer, carried.contact, carried.opportunity) == (lead, customer, contact, made)


@pytest.mark.requirement("L-12")
async def test_several_leads_are_converted_together_or_not_at_all(firm: Firm) -> None:
    li = await firm.as_("li")
    leads = [await firm.make(Lead, li, company=f"Company {number}") for number in range(3)]
    await firm.act(li, leads[2], "convert")
    with pytest.raises(Refused, match="The lead was converted already"):
        await firm.operations.act(li, Lead, [one.id for one in leads], "convert", {})
    assert [one.name for one in await firm.all(Customer, li)] == ["Company 2"]
    await firm.operations.act(li, Lead, [one.id for one in leads[:2]], "convert", {})
    assert [one.name for one in await firm.all(Customer, li)] == ["Company 0", "Company 1", "Company 2"]
    assert await firm.all(Opportunity, li) == []


async def test_a_lead_may_be_taken_up_by_a_customer_that_is_there(firm: Firm) -> None:
    li = await firm.as_("li")
    customer = await firm.make(Customer, li, name="Acme")
    lead = await firm.make(Lead, li, company="ACME Corp.", person="Ann")
    done = await firm.act(li, lead, "convert", customer=customer.id)
    assert done.customer == customer
    assert [one.name for one in await firm.all(Customer, li)] == ["Acme"]
    assert [one.customer for one in await firm.all(Contact, li)] == [customer]


async def test_what_a_team_lead_converts_stays_with_its_owner(firm: Firm) -> None:
    lead = await firm.make(Lead, await firm.as_("li"), company="Acme")
    await firm.act(await firm.as_("lead"), lead, "convert", opportunity=True)
    for model in (Customer, Contact, Opportunity):
        assert [one.owner.id for one in await firm.all(model)] == [firm.people["li"]]


async def test_a_lead_is_not_called_converted_by_hand(firm: Firm) -> None:
    li = await firm.as_("li")
    lead = await firm.make(Lead, li, company="Acme")
    with pytest.raises(Refused, match="Convert the lead instead"):
        await firm.operations.update(li, Lead, lead.id, {"status": "converted"})
    assert (await firm.reader.get(li, Lead, lead.id)).status is LeadStatus.NEW


# Opportunities --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("OP-4", "OP-5", "OP-20", "OP-21")
async def test_an_opportunity_moves_and_its_history_is_kept(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await opportunity(firm)
    await firm.act(li, made, "advance", stage=firm.stages["Proposal"].id)
    assert firm.stages["Proposal"].win_rate == 50
    await firm.act(li, made, "lose", reason="price", remark="Too dear")
    lost = await firm.reader.get(li, Opportunity, made.id)
    assert (lost.stage.name, lost.reason, lost.reason_remark) == ("Lost", Reason.PRICE, "Too dear")
    assert lost.closed_on == datetime.now(UTC).date()
    await firm.act(li, made, "reopen")
    opened = await firm.reader.get(li, Opportunity, made.id)
    assert (opened.stage.name, opened.reason, opened.reason_remark, opened.closed_on) == (
        "Prospecting",
        None,
        None,
        None,
    )
    await firm.act(li, made, "win")
    assert await stage_of(firm, made) == "Won"
    assert await history(firm, made) == [
        (None, "Prospecting", None),
        ("Prospecting", "Proposal", None),
        ("Proposal", "Lost", Reason.PRICE),
        ("Lost", "Prospecting", None),
        ("Prospecting", "Won", None),
    ]


async def test_a_loss_needs_a_reason(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await opportunity(firm)
    with pytest.raises(Refused) as refusal:
        await firm.operations.update(li, Opportunity, made.id, {"stage": firm.stages["Lost"].id})
    assert (refusal.value.problems[0].field, refusal.value.problems[0].code) == ("reason", "required")
    with pytest.raises(Refused):
        await firm.act(li, made, "lose")
    assert await stage_of(firm, made) == "Prospecting"
    assert await history(firm, made) == [(None, "Prospecting", None)]


@pytest.mark.parametrize(
    ("action", "inputs", "stage", "message"),
    [
        ("advance", {"stage": "Won"}, "Prospecting", "Win or lose the opportunity instead"),
        ("win", {}, "Won", "The opportunity is closed already"),
        ("reopen", {}, "Prospecting", "The opportunity is open"),
        ("reopen", {"stage": "Lost"}, "Won", "Choose an open stage"),
    ],
)
async def test_moves_that_make_no_sense(
    firm: Firm, action: str, inputs: dict[str, str], stage: str, message: str
) -> None:
    made = await opportunity(firm, stage=stage)
    ids = {name: firm.stages[one].id for name, one in inputs.items()}
    with pytest.raises(Refused, match=message):
        await firm.act(await firm.as_("li"), made, action, **ids)
    assert await stage_of(firm, made) == stage


@pytest.mark.requirement("OP-6", "OP-7", "OP-8")
async def test_stages_belong_to_their_pipeline(firm: Firm) -> None:
    other = await firm.make(Pipeline, name="Service")
    stage = await firm.make(Stage, pipeline=other.id, name="Talks", win_rate=20)
    made = await opportunity(firm)
    li = await firm.as_("li")
    with pytest.raises(Refused, match="This stage is of another pipeline"):
        await firm.operations.update(li, Opportunity, made.id, {"stage": stage.id})
    moved = await firm.operations.update(li, Opportunity, made.id, {"pipeline": other.id, "stage": stage.id})
    assert (moved.pipeline, moved.stage) == (other, stage)
    with pytest.raises(Refused, match="Write 100 or less"):
        await firm.make(Stage, pipeline=other.id, name="Sure", win_rate=101)
    with pytest.raises(Refused, match="The pipeline has stages already"):
        await firm.act(SYSTEM, other, "add_stages")
    with pytest.raises(Forbidden, match=r"sales\.pipeline\.create"):
        await firm.make(Pipeline, li, name="Mine")


@pytest.mark.requirement("OP-1", "CU-12")
async def test_a_contact_is_of_the_opportunity_s_customer(firm: Firm) -> None:
    li = await firm.as_("li")
    acme, other = [await firm.make(Customer, li, name=name) for name in ("Acme", "Other")]
    ann = await firm.make(Contact, li, name="Ann", customer=acme.id)
    with pytest.raises(Refused, match="This contact is of another customer"):
        await opportunity(firm, customer=other.id, contact=ann.id)
    for name in ("Pumps", "Filters"):
        await opportunity(firm, name=name, customer=acme.id, contact=ann.id)
    seen = await firm.reader.get(li, Customer, acme.id, ("opportunities.name",))
    assert sorted(one.name for one in seen.opportunities) == ["Filters", "Pumps"]


# Products -------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PR-1", "PR-2")
async def test_the_history_of_a_price(firm: Firm) -> None:
    director = await firm.as_("director")
    product = await firm.make(Product, director, code="P-1", name="Pump", price="100.00 USD")
    await firm.operations.update(director, Product, product.id, {"price": "120.00 USD"})
    await firm.operations.update(director, Product, product.id, {"name": "Water pump"})
    changes = await firm.all(PriceChange, director, order=("created_at",))
    assert [one.price for one in changes] == [Money(10_000, "USD"), Money(12_000, "USD")]


async def test_nobody_writes_history_himself(firm: Firm) -> None:
    """Who may change a price or a stage cannot say that it was changed otherwise than it was."""
    director = await firm.as_("director")
    product = await firm.make(Product, director, code="P-1", name="Pump", price="100.00 USD")
    made = await opportunity(firm)
    stage = (await firm.reader.get(SYSTEM, Opportunity, made.id, ("stage",))).stage.id
    for model, values, field in (
        (PriceChange, {"product": product.id, "price": "1.00 USD"}, "product"),
        (StageChange, {"opportunity": made.id, "to_stage": stage, "days": "99"}, "opportunity"),
    ):
        before = await firm.all(model)
        with pytest.raises(Refused) as refusal:
            await firm.operations.create(director, model, values)
        assert (refusal.value.problems[0].field, refusal.value.problems[0].code) == (field, "readonly")
        assert await firm.all(model) == before


@pytest.mark.requirement("PR-4", "OP-9")
async def test_only_products_on_the_shelf_can_be_chosen(firm: Firm) -> None:
    director, li = await firm.as_("director"), await firm.as_("li")
    pump, filters = [await firm.make(Product, director, code=code, name=code, price="9 USD") for code in ("P", "F")]
    await firm.act(director, filters, "take_off_shelf")
    made = await opportunity(firm)
    line = {"opportunity": made.id, "quantity": "2.5", "price": "8.50 USD", "discount": "10"}
    kept = await firm.make(OpportunityLine, li, product=pump.id, **line)
    with pytest.raises(Refused) as refusal:
        await firm.make(OpportunityLine, li, product=filters.id, **line)
    assert refusal.value.problems[0].field == "product"
    with pytest.raises(Refused, match="Write 100 or less"):
        await firm.operations.update(li, OpportunityLine, kept.id, {"discount": "100.5"})
    (only,) = await firm.all(OpportunityLine, li)
    assert (only.product, only.quantity, only.discount) == (pump, Decimal("2.500"), Decimal("10.00"))
    await firm.act(director, filters, "put_on_shelf")
    await firm.make(OpportunityLine, li, product=filters.id, **line)
    assert len(await firm.all(OpportunityLine, li)) == 2
    with pytest.raises(Forbidden, match=r"sales\.product\.shelve"):
        await firm.act(li, pump, "take_off_shelf")


# Follow-ups and customers ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-1", "AC-2", "AC-5", "L-6", "CU-8", "CT-4", "OP-24")
async def test_a_follow_up_tells_its_records_when_to_call_again(firm: Firm) -> None:
    li = await firm.as_("li")
    customer = await firm.make(Customer, await firm.as_("wang"), name="Acme")
    contact = await firm.make(Contact, li, name="Ann", customer=customer.id)
    lead = await firm.make(Lead, li, company="Beta")
    made = await opportunity(firm, customer=customer.id)
    about = {"customer": customer.id, "contact": contact.id, "lead": lead.id, "opportunity": made.id}
    talked = await firm.make(FollowUp, li, subject="Agreed on a trial", method="visit", next_contact=NEXT, **about)
    seen = await firm.reader.get(li, FollowUp, talked.id)
    assert seen.method is Method.VISIT
    assert seen.at is not None
    assert abs((datetime.now(UTC) - seen.at).total_seconds()) < 60
    for model, record in ((Customer, customer), (Contact, contact), (Lead, lead), (Opportunity, made)):
        assert (await firm.reader.get(SYSTEM, model, record.id)).next_contact == NEXT
    with pytest.raises(Refused, match="Choose whom or what it is about"):
        await firm.make(FollowUp, li, subject="Alone")
    assert len(await firm.all(FollowUp)) == 1


@pytest.mark.requirement("CU-24", "CU-25")
async def test_the_level_of_several_customers(firm: Firm) -> None:
    li = await firm.as_("li")
    customers = [await firm.make(Customer, li, name=name) for name in ("A", "B")]
    await firm.operations.act(li, Customer, [one.id for one in customers], "grade", {"level": "key"})
    assert [one.level for one in await firm.all(Customer, li)] == [Level.KEY, Level.KEY]


@pytest.mark.requirement("CU-1")
async def test_companies_are_no_parents_of_themselves(firm: Firm) -> None:
    li = await firm.as_("li")
    top = await firm.make(Customer, li, name="Top")
    below = await firm.make(Customer, li, name="Below", parent=top.id)
    lowest = await firm.make(Customer, li, name="Lowest", parent=below.id)
    for parent in (top, lowest):
        with pytest.raises(Refused, match="A company cannot be a part of itself"):
            await firm.operations.update(li, Customer, top.id, {"parent": parent.id})
    assert (await firm.reader.get(li, Customer, top.id)).parent is None
    with pytest.raises(Refused) as refusal:
        await firm.make(Customer, li)
    assert [(one.field, one.code) for one in refusal.value.problems] == [("name", "required")]


@pytest.mark.requirement("L-8", "CU-16", "OP-13", "SE-5")
async def test_the_audit_names_each_changed_field(firm: Firm) -> None:
    li = await firm.as_("li")
    customer = await firm.make(Customer, li, name="Acme")
    await firm.operations.update(li, Customer, customer.id, {"region": "Shanghai", "employees": 12})
    rows = await firm.operations.database.read(
        KEY, f"SELECT verb, changes FROM {firm.reader.registry.spec(Entry).table} ORDER BY number DESC LIMIT 1"
    )
    assert rows[0][0] == "update"
    assert '"region"' in rows[0][1]
    assert '"employees"' in rows[0][1]


# Roles ----------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PM-7", "PM-11", "PM-12", "PM-14", "PM-16", "PM-20", "PM-21")
async def test_whom_the_default_roles_reach(firm: Firm) -> None:
    for login in ("li", "wang", "kim"):
        who = await firm.as_(login)
        await firm.make(Lead, who, company=f"Lead of {login}")
        await firm.make(Customer, who, name=f"Customer of {login}")
        await opportunity(firm, login, name=f"Opportunity of {login}")
    reach = {
        "li": (["li"], ["li", "wang"], ["li"]),
        "lead": (["li", "wang"], ["li", "wang"], ["li", "wang"]),
        "director": (["kim", "li", "wang"],) * 3,
        "auditor": (["kim", "li", "wang"],) * 3,
    }
    for login, expected in reach.items():
        who = await firm.as_(login)
        found = (
            [one.company for one in await firm.all(Lead, who, order=("company",))],
            [one.name for one in await firm.all(Customer, who, order=("name",))],
            [one.name for one in await firm.all(Opportunity, who, order=("name",))],
        )
        assert [[one.rpartition(" ")[2] for one in names] for names in found] == list(expected), login


async def test_an_auditor_changes_nothing(firm: Firm) -> None:
    auditor = await firm.as_("auditor")
    customer = await firm.make(Customer, await firm.as_("li"), name="Acme")
    with pytest.raises(Forbidden, match=r"sales\.customer\.update"):
        await firm.operations.update(auditor, Customer, customer.id, {"name": "Mine"})
    with pytest.raises(Forbidden, match=r"sales\.lead\.create"):
        await firm.make(Lead, auditor, company="Mine")
    assert (await firm.reader.get(auditor, Customer, customer.id)).name == "Acme"
    assert await firm.all(Lead) == []


async def test_out_of_reach_is_not_found(firm: Firm) -> None:
    made = await opportunity(firm, "kim")
    li = await firm.as_("li")
    with pytest.raises(NotFound):
        await firm.act(li, made, "win")
    with pytest.raises(NotFound):
        await firm.operations.update(replace(li), Opportunity, made.id, {"expected_close": date(2027, 1, 1)})
    assert await stage_of(firm, made) == "Prospecting"
    assert firm.stages["Won"].kind is StageKind.WON
