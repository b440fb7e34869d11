"""An action whose form is sent again, since its answer was lost, is done once."""

from __future__ import annotations

import re

import pytest

from core.departments import Department
from core.users import User
from tests.ui.conftest import SYSTEM, Firm, Pages
from tradepost.sales import Customer, Lead


@pytest.mark.requirement("L-13")
async def test_an_action_that_is_sent_again_is_done_once(firm: Firm, admin: Pages):
    lead = await firm.make(Lead, company="Acme")
    action = f"/sales/leads/{lead.id}/do/convert"
    once = re.search(r'name="once" value="([^"]+)"', (await admin.get(action)).text)
    assert once
    form = {"ready": "yes", "once": once[1]}
    first, second = [await admin.post(action, form) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert [one.name for one in await firm.all(Customer)] == ["Acme"]
    assert "It was saved already" in (await admin.get(second.headers["location"])).text


async def test_who_sends_the_form_of_another_does_it_himself(firm: Firm, admin: Pages):
    owner = await firm.user("ann", "Sales director")
    (office,) = await firm.all(Department)
    await firm.kernel.operations.update(SYSTEM, User, owner, {"department": office.id})
    ann = await firm.signed_in("ann")
    leads = [await firm.make(Lead, company=name, owner=owner) for name in ("One", "Two")]
    form = {"ready": "yes", "once": str(leads[0].id)}
    assert (await admin.post(f"/sales/leads/{leads[0].id}/do/convert", form)).status_code == 303
    done = await ann.post(f"/sales/leads/{leads[1].id}/do/convert", form)
    assert done.status_code == 303
    assert sorted(one.name for one in await firm.all(Customer)) == ["One", "Two"]


async def test_what_was_refused_may_be_sent_again(firm: Firm, admin: Pages):
    lead = await firm.make(Lead, company="Acme")
    action = f"/sales/leads/{lead.id}/do/convert"
    form = {"ready": "yes", "once": str(lead.id)}
    refused = await admin.post(action, form | {"customer.text": "Nobody at all"})
    assert (refused.status_code, await firm.all(Customer)) == (422, [])
    assert (await admin.post(action, form)).status_code == 303
    assert len(await firm.all(Customer)) == 1
