"""What a record's page lists beyond its own: the back links of what it links to."""

from __future__ import annotations

import pytest

from tests.ui.conftest import Firm, Pages
from tradepost.sales import Contact, Customer, Opportunity, Pipeline, Stage


@pytest.mark.requirement("CT-5", "CU-12")
async def test_a_contact_shows_the_opportunities_of_its_customer(firm: Firm, admin: Pages):
    acme, other = [await firm.make(Customer, name=name) for name in ("Acme", "Other")]
    ann = await firm.make(Contact, name="Ann", customer=acme)
    pipeline = await firm.make(Pipeline, name="Machines")
    stage = await firm.make(Stage, name="Talks", pipeline=pipeline)
    for name, customer in (("Ten pumps", acme), ("Twenty filters", other)):
        await firm.make(Opportunity, name=name, customer=customer, pipeline=pipeline, stage=stage)
    for page in (f"/sales/contacts/{ann.value('id')}", f"/sales/customers/{acme.value('id')}"):
        text = (await admin.get(page)).text
        assert "Ten pumps" in text
        assert "Twenty filters" not in text
    assert "Customer · Opportunities" in (await admin.get(f"/sales/contacts/{ann.value('id')}")).text
