"""A field changed where it stands, by itself: the value comes back, or the field with what is wrong."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.ui.conftest import SYSTEM, Firm, Pages
from tradepost.sales import Customer, Lead, Level

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
async def acme(firm: Firm) -> Customer:
    return await firm.make(Customer, name="Acme", level="key", employees=12)


def page_of(record: Customer, field: str) -> str:
    return f"/sales/customers/{record.value('id')}/set/{field}"


async def send(pages: Pages, address: str, **values: Any) -> httpx.Response:
    return await pages.client.post(address, data=values, headers=PART)


async def only(firm: Firm) -> Customer:
    (found,) = await firm.all(Customer)
    return found


async def test_the_list_and_the_record_say_which_fields_can_be_set(firm: Firm, acme: Customer, admin: Pages):
    heads = re.findall(r"<th [^>]*>", (await admin.get("/sales/customers?_columns=name,level,created_at,owner")).text)
    assert [one.partition('data-set="')[2].partition('"')[0] for one in heads] == ["", "name", "level", "", ""]
    text = (await admin.get(f"/sales/customers/{acme.value('id')}?level=key")).text
    assert f'<a class="set" href="{page_of(acme, "level")}?level=key" aria-label="Change Level">' in text
    await firm.user("bob", "Auditor")
    bob = await firm.signed_in("bob")
    assert "data-set=" not in (await bob.get("/sales/customers")).text
    assert "data-set=" not in (await bob.get(f"/sales/customers/{acme.value('id')}")).text


async def test_one_field_is_asked_for_and_its_value_comes_back(firm: Firm, acme: Customer, admin: Pages):
    form = (await admin.part(page_of(acme, "level"))).text
    assert form.lstrip().startswith('<form class="set-form" method="post"')
    assert re.findall(r'name="([^"]+)"', form) == ["version", "was", "was.second", "level"]
    answer = await send(admin, page_of(acme, "level"), level="minor", version="1")
    assert (answer.status_code, answer.text.strip()) == (200, '<span class="dot c3">Minor</span>')
    found = await only(firm)
    assert (found.level, found.employees, found.version) == (Level.MINOR, 12, 2)


async def test_two_who_change_two_fields_of_one_record_do_not_meet(firm: Firm, acme: Customer, admin: Pages):
    await send(admin, page_of(acme, "level"), level="minor", version="1")
    answer = await send(admin, page_of(acme, "employees"), employees="40", version="1", was="12")
    assert answer.status_code == 200
    found = await only(firm)
    assert (found.level, found.employees, found.version) == (Level.MINOR, 40, 3)
    late = await send(admin, page_of(acme, "employees"), employees="50", version="2", was="12")
    assert (late.status_code, "data-theirs" in late.text, 'name="was" value="40"' in late.text) == (409, True, True)
    assert (await only(firm)).employees == 40


async def test_without_script_it_is_a_page_that_leads_back(firm: Firm, acme: Customer, admin: Pages):
    address = f"{page_of(acme, 'employees')}?level=key"
    assert "<h1>Change Employees</h1>" in (await admin.get(address)).text
    saved = await admin.post(address, {"employees": "40", "version": "1"})
    assert saved.headers["location"] == f"/sales/customers/{acme.value('id')}?level=key"
    assert (await only(firm)).employees == 40


async def test_what_is_wrong_stands_in_the_same_field(firm: Firm, acme: Customer, admin: Pages):
    answer = await send(admin, page_of(acme, "employees"), employees="many", version="1")
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert 'id="f-employees-error"' in answer.text
    empty = await send(admin, page_of(acme, "name"), name="", version="1")
    assert (empty.status_code, "f-name-error" in empty.text) == (422, True)
    assert (await only(firm)).version == 1


async def test_who_was_slower_sees_both_values_and_chooses(firm: Firm, acme: Customer, admin: Pages):
    await firm.kernel.operations.update(SYSTEM, Customer, acme.value("id"), {"employees": 30})
    answer = await send(admin, page_of(acme, "employees"), employees="20", version="1")
    assert answer.status_code == 409
    assert "<span data-theirs>30</span>" in answer.text
    assert 'name="employees" type="text" value="20"' in answer.text
    assert (await only(firm)).employees == 30
    mine = await send(admin, page_of(acme, "employees"), employees="20", version="2")
    assert (mine.status_code, (await only(firm)).employees) == (200, 20)


async def test_nobody_sets_what_he_may_not(firm: Firm, acme: Customer, admin: Pages):
    await firm.user("ann", "Salesperson")
    await firm.user("bob", "Auditor")
    ann, bob = await firm.signed_in("ann"), await firm.signed_in("bob")
    for pages, status in ((bob, 403), (ann, 404)):
        assert (await pages.part(page_of(acme, "employees"))).status_code == status
        assert (await send(pages, page_of(acme, "employees"), employees="1", version="1")).status_code == status
    for name in ("created_at", "id", "nothing", "version"):
        assert (await admin.part(page_of(acme, name))).status_code == 404
        assert (await send(admin, page_of(acme, name), **{name: "1"})).status_code == 404
    found = await only(firm)
    assert (found.employees, found.version) == (12, 1)


async def test_a_record_in_the_bin_is_not_set(firm: Firm, admin: Pages):
    lead = await firm.make(Lead, company="Birch")
    record = f"/sales/leads/{lead.value('id')}"
    await admin.post(f"{record}/archive")
    assert "data-set=" not in (await admin.get(record)).text
    answer = await send(admin, f"{record}/set/company", company="Beech", version="2")
    assert (answer.status_code, "restore it first" in answer.text) == (422, True)
