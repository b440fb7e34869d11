"""After a call: who comes back from his telephone notes how it went with one hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Desk

AWAY_AND_BACK = """() => {
  for (const hidden of [true, false]) {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }
}"""
NO_TELEPHONE = (
    "document.addEventListener('click', (event) => { if (event.target.matches('a')) event.preventDefault(); })"
)
AT_THE_THUMB = "one => innerHeight - one.getBoundingClientRect().bottom < 24"


@pytest.mark.requirement("AC-1")
def test_who_called_from_a_record_notes_outcome_and_next_contact_in_four_presses(desk):
    kim: Desk = desk(viewport=PHONE, has_touch=True)
    kim.sign_in("kim")
    page = kim.page
    kim.go("/sales/leads/new")
    page.fill("#f-company", "Caller Ltd")
    page.fill("#f-phones", "+82 2 312 3456")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text("Caller Ltd")

    page.evaluate(AWAY_AND_BACK)
    expect(page.locator("#dialog")).to_be_hidden()
    page.evaluate(NO_TELEPHONE)  # this machine has none that would take the call
    page.click("main a[href^='tel:']")
    page.evaluate(AWAY_AND_BACK)
    sheet = page.locator("#dialog")
    expect(sheet.locator("h1")).to_have_text("Note a call")
    assert sheet.evaluate(AT_THE_THUMB)
    for one in [*sheet.locator(".picks label").all(), *sheet.locator(".button").all()]:
        box = one.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
    sheet.get_by_text("Not reached").click()
    sheet.get_by_text("Tomorrow").click()
    sheet.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("The call is noted")
    expect(page.locator("main")).to_contain_text("Call: Not reached")


def test_without_script_a_call_is_noted_on_a_page(desk):
    kim: Desk = desk(script=False, viewport=PHONE)
    kim.sign_in("kim")
    kim.go("/sales/leads/new")
    kim.page.fill("#f-company", "Quiet Ltd")
    kim.page.click("main .actions button.primary")
    kim.page.click("text=Note a call")
    kim.page.get_by_text("Message left").click()
    kim.page.click("main button:has-text('Save')")
    expect(kim.page.locator("main")).to_contain_text("Call: Message left")
