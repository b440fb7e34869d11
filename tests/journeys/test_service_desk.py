"""A service agent's day in the browser, at a desk and with a phone in one hand."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Desk

SHAPES: dict[str, dict[str, Any]] = {"desk": {}, "phone": {"viewport": PHONE, "has_touch": True}}


@pytest.mark.requirement("SV-6", "SV-12", "SV-13", "SV-23")
@pytest.mark.parametrize("shape", SHAPES)
def test_from_a_call_to_an_article_that_helps_with_the_next_one(desk, shape: str):
    gil: Desk = desk(**SHAPES[shape])
    gil.sign_in("gil")
    page = gil.page
    subject = f"Pump {shape} leaks at the seal"

    gil.go("/service-desk/tickets/new")
    page.fill("#f-subject", subject)
    page.select_option("#f-kind", "complaint")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text(subject)

    gil.go("/service-desk/queue")
    page.locator(f"section:has-text('{subject}') button").click()
    expect(page.locator("main h1")).to_have_text(subject)
    assert gil.toast() == "Done: Pick"

    page.click("main a:has-text('Reply to the customer')")
    page.locator("#dialog textarea").fill("Which pump is it?")
    page.locator("#dialog label:has-text('Wait')").click()
    page.locator("#dialog button.primary").click()
    expect(page.locator("main .badge").first).to_have_text("Waiting")

    page.click("main a:has-text('The customer answered')")
    page.locator("#dialog button.primary").click()
    expect(page.locator("main .badge").first).to_have_text("Assigned")

    page.click("main a:has-text('Solve')")
    page.locator("#dialog textarea").fill("A new seal")
    page.locator("#dialog button.primary").click()
    expect(page.locator("main .badge").first).to_have_text("Solved")
    page.locator("main summary[aria-label='More']").click()
    page.click("main .menu button:has-text('Put into the question bank')")
    expect(page.locator("section:has(h2:has-text('Articles'))").last).to_contain_text(subject)

    gil.go("/service-desk/tickets/new")
    page.locator("#f-subject").press_sequentially(f"{shape} seal")
    expect(page.locator("main details summary").first).to_have_text(subject)
