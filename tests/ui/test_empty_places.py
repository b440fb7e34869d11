"""Where nothing stands, a page says what would, and offers the one thing to do next that its reader may do."""

from __future__ import annotations

import re

import pytest

from tests.ui.conftest import Firm, Pages
from tradepost.sales import Customer, Lead


def empty(text: str) -> str:
    """The empty place of a page."""
    found = re.search(r'<div class="empty">.*?</h2>(.*?)</main>', text, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("place", ["/sales/leads", "/sales/leads/board"])
async def test_nothing_yet_leads_to_the_first_one(firm: Firm, admin: Pages, place: str):
    text = (await admin.get(place)).text
    assert "Nothing here yet" in text
    assert 'href="/sales/leads/new"' in empty(text)
    await firm.user("bob", "Auditor")
    bob = await firm.signed_in("bob")
    text = (await bob.get(place)).text
    assert ("Nothing here yet" in text, "/sales/leads/new" in text) == (True, False)


async def test_nothing_that_fits_leads_to_what_does_not(firm: Firm, admin: Pages):
    await firm.make(Lead, company="Acme", level="normal")
    text = empty((await admin.get("/sales/leads?level=key&company-contains=cm")).text).partition("<aside")[0]
    assert re.findall(r'<a class="button[^>]*href="([^"]+)"', text) == [
        "/sales/leads?company-contains=cm", "/sales/leads?level=key", "/sales/leads",
    ]  # fmt: skip
    board = (await admin.get("/sales/leads/board?level=key")).text
    assert "Nothing fits these filters" in board
    assert 'href="/sales/leads/board"' in empty(board)
    audit = (await admin.get("/admin/audit?model=sales.lead&verb=purge")).text
    assert 'href="/admin/audit"' in empty(audit)


async def test_an_empty_panel_says_what_belongs_there(firm: Firm, admin: Pages):
    customer = await firm.make(Customer, name="Acme")
    text = (await admin.get(f"/sales/customers/{customer.id}")).text
    contacts = text[text.index("<h2>Contacts") :]
    assert "<p" in contacts[: contacts.index("</section>")]
