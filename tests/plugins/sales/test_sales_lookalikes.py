"""What looks like a new lead, customer or contact is pointed out, and what one may not see is only counted."""

from __future__ import annotations

import pytest

from core.duplicates import Lookalike, Lookalikes, lookalikes, phone_forms
from tests.plugins.sales.conftest import Firm
from tradepost.sales import Contact, Customer, Lead

pytestmark = pytest.mark.requirement("L-21", "CU-5")


@pytest.mark.parametrize(
    ("model", "values"),
    [
        ("sales.lead", {"company": "ACME  trading"}),
        ("sales.customer", {"name": "Acme Trading"}),
        ("sales.contact", {"name": "acme trading"}),
        ("sales.lead", {"company": "Other", "phones": ("021-5550-0100",)}),
        ("sales.customer", {"name": "Other", "phones": ("+86 21 5550 0100",)}),
        ("sales.contact", {"name": "Other", "emails": ("OFFICE@acme.example",)}),
        ("sales.lead", {"company": "Other", "email": "office@acme.example"}),
    ],
)
async def test_each_kind_is_compared_with_all_three(firm: Firm, model: str, values: dict[str, object]) -> None:
    li = await firm.as_("li")
    acme = await firm.make(Customer, li, name="Acme Trading", phones=["(021) 5550 0100"], email="office@acme.example")
    await firm.make(Customer, li, name="Acme", phones=["5550 0100"], email="acme.example@office.example")
    found = await lookalikes(firm.reader, li, model, values)
    assert found == Lookalikes((Lookalike("sales.customer", acme.id, "Acme Trading"),), 0)


async def test_leads_and_contacts_are_found_too(firm: Firm) -> None:
    li = await firm.as_("li")
    customer = await firm.make(Customer, li, name="Acme")
    contact = await firm.make(Contact, li, name="王小明", customer=customer.id, emails=["wang@acme.example"])
    lead = await firm.make(Lead, li, company="明华", person="王小明")
    found = await lookalikes(firm.reader, li, "sales.lead", {"company": "New", "person": "王小明"})
    assert {(one.model, one.id) for one in found.seen} == {("sales.contact", contact.id), ("sales.lead", lead.id)}


async def test_what_one_may_not_see_is_counted_and_not_named(firm: Firm) -> None:
    await firm.make(Lead, await firm.as_("wang"), company="Secret deal", email="x@secret.example")
    await firm.make(Customer, await firm.as_("kim"), name="Secret deal")
    li, director = await firm.as_("li"), await firm.as_("director")
    assert await lookalikes(firm.reader, li, "sales.lead", {"company": "secret deal"}) == Lookalikes((), 2)
    seen = await lookalikes(firm.reader, director, "sales.lead", {"company": "secret deal"})
    assert ([one.title for one in seen.seen], seen.others) == (["Secret deal", "Secret deal"], 0)


@pytest.mark.parametrize(
    "values", [{"company": "Secre"}, {"company": "S"}, {"company": ""}, {"email": "secret.example"}]
)
async def test_a_part_of_a_name_tells_nothing(firm: Firm, values: dict[str, object]) -> None:
    await firm.make(Lead, await firm.as_("wang"), company="Secret deal", email="x@secret.example")
    found = await lookalikes(firm.reader, await firm.as_("li"), "sales.lead", values)
    assert not found


async def test_a_record_is_not_its_own_lookalike(firm: Firm) -> None:
    li = await firm.as_("li")
    customer = await firm.make(Customer, li, name="Acme")
    assert not await lookalikes(firm.reader, li, "sales.customer", {"name": "Acme"}, customer.id)
    assert await lookalikes(firm.reader, li, "sales.customer", {"name": "Acme"})
    await firm.operations.archive(li, Customer, customer.id)
    assert not await lookalikes(firm.reader, li, "sales.customer", {"name": "Acme"})


async def test_models_that_name_no_fields_are_left_alone(firm: Firm) -> None:
    assert not await lookalikes(firm.reader, await firm.as_("li"), "sales.product", {"name": "Acme"})


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("+86 138 0013 8000", {"8613800138000", "13800138000", "013800138000"}),
        ("+82 2-555-0100", {"8225550100", "25550100", "025550100"}),
        ("02-555-0100", {"025550100", "8625550100", "8225550100"}),
        ("+999", {"999"}),
    ],
)
def test_one_number_is_written_in_several_forms(text: str, forms: set[str]) -> None:
    assert phone_forms(text) == forms
