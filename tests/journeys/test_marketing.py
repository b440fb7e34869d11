"""A marketer's day in the browser, at a desk and with a phone in one hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Desk

SHAPES: dict[str, dict[str, Any]] = {"desk": {}, "phone": {"viewport": PHONE, "has_touch": True}}


@pytest.mark.requirement("MK-3", "MK-5", "MK-9", "MK-21", "MK-22")
@pytest.mark.parametrize("shape", SHAPES)
def test_from_a_segment_to_a_campaign_and_a_lead_by_a_form(desk, shape: str):
    mia: Desk = desk(**SHAPES[shape])
    mia.sign_in("mia")
    page = mia.page

    mia.go("/sales/customers")
    mia.go("/marketing/segments/new")
    page.fill("#f-name", f"Shunde {shape}")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text(f"Shunde {shape}")
    page.locator("section[aria-label='In the segment'] a.button").click()
    page.locator("button[value='add:']").click()
    page.select_option("select[name='0.field']", "region")
    expect(page.locator("select[name='0.how']")).to_be_visible()
    page.fill("input[name='0.value']", f"Nowhere {shape}")
    page.locator("input[name='0.value']").blur()
    expect(page.locator("#count")).to_have_text("Customers: 0")
    page.locator("button[value='behind:']").click()
    page.select_option("select[name='1.behind']", "follow_ups")
    expect(page.locator("select[name='1.0.field'] option[value='at']")).to_be_attached()
    page.select_option("select[name='1.mode']", "none")
    page.select_option("select[name='1.0.field']", "at")
    expect(page.locator("input[name='1.0.value']")).to_be_visible()
    page.fill("input[name='1.0.value']", "90")
    page.locator("#builder button.primary").click()
    expect(page.locator("section[aria-label='In the segment']")).to_contain_text("Customers: 0")
    assert mia.toast() == "Conditions saved"

    mia.go("/marketing/campaigns/new")
    page.fill("#f-name", f"Fair {shape}")
    page.click("main .actions button.primary")
    page.locator("main button:has-text('Advance')").first.click()
    expect(page.locator("main .head .badge, main h1 ~ .row .badge").first).to_be_visible()
    expect(page.locator("section[aria-label='Facts']")).to_contain_text("Planned")

    mia.go("/marketing/forms/new")
    page.fill("#f-name", f"Ask {shape}")
    page.fill("#f-address", f"ask-{shape}")
    page.click("main .actions button.primary")
    address = f"{mia.house.address}/marketing/form/ask-{shape}"
    expect(page.locator("section[aria-label='On the web'] textarea")).to_have_value(re.compile(re.escape(address)))
    mia.go(f"/marketing/form/ask-{shape}")
    page.fill("#f-person", f"Ann {shape}")
    page.fill("#f-email", "ann@tea.example")
    page.locator("form button.primary").click()
    expect(page.locator(".notice.good")).to_contain_text("Thank you")
    mia.go("/marketing/enquiries")
    expect(page.locator("main")).to_contain_text(f"Ann {shape}: Ask {shape}")
