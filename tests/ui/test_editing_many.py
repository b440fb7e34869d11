"""Several records edited by one form: fields chosen, shown, then done."""

from __future__ import annotations

import re

import pytest

from tests.contract.forms import Filled
from tests.ui.conftest import SYSTEM, Firm, Pages
from tradepost.sales import Lead, Level

CHANGE = "/sales/leads/change"


@pytest.fixture
async def leads(firm: Firm) -> list[Lead]:
    return [
        await firm.make(Lead, company=company, level=level)
        for company, level in (("Ace", "minor"), ("Bay", "key"), ("Cay", "minor"))
    ]


async def levels(firm: Firm) -> list[Level | None]:
    return [one.level for one in sorted(await firm.all(Lead), key=lambda one: one.company)]


def hidden(text: str) -> dict[str, str]:
    return Filled(text, CHANGE).values


@pytest.mark.requirement("SE-1")
async def test_selected_records_are_edited_after_a_preview(firm: Firm, leads: list[Lead], admin: Pages):
    ids = [str(one.value("id")) for one in leads]
    sent = await admin.post("/sales/leads/bulk", {"verb": "edit", "id": ids, "back": "_sort=company"})
    fields = (await admin.get(sent.headers["location"])).text
    assert "3 selected records" in fields
    assert 'name="_field" value="level"' in fields
    form = (await admin.get(f"{sent.headers['location']}&_field=level")).text
    values = hidden(form) | {"level": "key"}
    shown = (await admin.post(CHANGE, values)).text
    assert "Will change: 2" in shown
    assert "Like that already: 1" in shown
    assert re.findall(r"<del>(.*?)</del> → <ins>(.*?)</ins>", shown) == [("Minor", "Key"), ("Minor", "Key")]
    assert await levels(firm) == [Level.MINOR, Level.KEY, Level.MINOR]
    done = await admin.post(CHANGE, hidden(shown) | {"do": "all"})
    assert done.headers["location"] == "/sales/leads?_sort=company"
    assert await levels(firm) == [Level.KEY] * 3
    assert "2 records changed" in (await admin.get(done.headers["location"])).text


async def test_all_that_the_filters_find_are_edited(firm: Firm, leads: list[Lead], admin: Pages):
    assert f'href="{CHANGE}?level=minor"' in (await admin.get("/sales/leads?level=minor")).text
    form = (await admin.get(f"{CHANGE}?level=minor&_field=person")).text
    assert "All records that fit the filters of the list" in form
    shown = (await admin.post(CHANGE, hidden(form) | {"person": "Mei"})).text
    await admin.post(CHANGE, hidden(shown) | {"do": "all"})
    assert sorted((one.company, one.person) for one in await firm.all(Lead)) == [
        ("Ace", "Mei"), ("Bay", None), ("Cay", "Mei")
    ]  # fmt: skip


async def test_what_is_refused_stops_all_unless_it_is_left_out(firm: Firm, leads: list[Lead], admin: Pages):
    await firm.kernel.operations.archive(SYSTEM, Lead, leads[0].value("id"))
    query = "&".join(f"id={one.value('id')}" for one in leads)
    form = (await admin.get(f"{CHANGE}?{query}&_field=level")).text
    shown = (await admin.post(CHANGE, hidden(form) | {"level": "key"})).text
    assert "Refused: 1" in shown
    assert "It is in the recycle bin; restore it first" in shown
    still = await admin.post(CHANGE, hidden(shown) | {"do": "all"})
    assert (still.status_code, "Refused: 1" in still.text) == (422, True)
    assert await levels(firm) == [Level.KEY, Level.MINOR]
    await admin.post(CHANGE, hidden(shown) | {"do": "rest"})
    assert await levels(firm) == [Level.KEY, Level.KEY]


async def test_what_one_may_not_write_is_not_offered_and_refused(firm: Firm, leads: list[Lead], admin: Pages):
    await firm.user("ann", "Auditor")
    ann = await firm.signed_in("ann")
    assert "/sales/leads/change" not in (await ann.get("/sales/leads")).text
    assert (await ann.get(CHANGE)).status_code == 403
    assert (await ann.post(CHANGE, {"_field": "level", "level": "key", "seen": "x", "do": "all"})).status_code == 403
    assert (await admin.get(f"{CHANGE}?_field=created_at")).status_code == 404
    wrong = await admin.post(CHANGE, {"_field": "level", "level": "nosuch"})
    assert wrong.status_code == 422
    old = await admin.post(CHANGE, {"_field": "level", "level": "key", "seen": "x", "do": "all"})
    assert (old.status_code, "changed since you looked" in old.text) == (422, True)
    assert await levels(firm) == [Level.MINOR, Level.KEY, Level.MINOR]
