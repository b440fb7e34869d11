"""Taken back: from the message that tells of a change, and from the history of a record."""

from __future__ import annotations

import re

import pytest

from tests.ui.conftest import SYSTEM, Firm, Pages
from tradepost.sales import Customer, Level


@pytest.fixture
async def acme(firm: Firm) -> Customer:
    return await firm.make(Customer, name="Acme", level="key", employees=12)


async def only(firm: Firm) -> Customer:
    (found,) = await firm.all(Customer)
    return found


def offered(text: str) -> str:
    found = re.search(r'<form method="post" action="/undo"><input type="hidden" name="id" value="([^"]+)">', text)
    assert found
    return found[1]


@pytest.mark.requirement("SE-1")
async def test_a_saved_field_is_taken_back_from_its_message(firm: Firm, acme: Customer, admin: Pages):
    page = f"/sales/customers/{acme.value('id')}"
    await admin.post(f"{page}/set/level", {"level": "minor", "version": "1"})
    assert (await only(firm)).level is Level.MINOR
    request = offered((await admin.get(page)).text)
    await firm.user("ann", "Auditor")
    ann = await firm.signed_in("ann")
    assert (await ann.post("/undo", {"id": request})).status_code == 404
    assert (await only(firm)).level is Level.MINOR
    undone = await admin.client.post("/undo", data={"id": request}, headers={"Referer": f"http://testserver{page}"})
    assert undone.headers["location"] == page
    assert (await only(firm)).level is Level.KEY
    assert "1 record is as it was" in (await admin.get(page)).text
    assert (await admin.post("/undo", {"id": "nonsense"})).status_code == 404


async def test_a_change_of_the_history_is_taken_back_unless_it_was_changed_since(
    firm: Firm, acme: Customer, admin: Pages
):
    page = f"/sales/customers/{acme.value('id')}"
    for employees in ("13", "14"):
        await firm.kernel.operations.update(SYSTEM, Customer, acme.value("id"), {"employees": employees})
    numbers = re.findall(r'name="number" value="(\d+)"', (await admin.get(page)).text)
    assert len(numbers) == 2
    refused = await admin.post(f"{page}/revert", {"number": numbers[1]})
    assert (refused.status_code, "Employees was changed again since, to 14" in refused.text) == (409, True)
    assert (await only(firm)).employees == 14
    done = await admin.post(f"{page}/revert", {"number": numbers[0]})
    assert (done.status_code, (await only(firm)).employees) == (303, 13)
    await firm.user("bob", "Auditor")
    bob = await firm.signed_in("bob")
    assert "/revert" not in (await bob.get(page)).text
    assert (await bob.post(f"{page}/revert", {"number": numbers[1]})).status_code == 403
    assert (await admin.post(f"{page}/revert", {"number": "x"})).status_code == 404
    assert (await only(firm)).employees == 13
