"""A field is added and the form arranged by business type, on a phone and without script; others use it at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Desk

FIELDS = "/admin/fields/sales.product"


@pytest.mark.requirement("OB-2", "OB-3", "OB-5")
def test_a_field_and_layouts_by_its_values_are_made_on_a_phone_and_used_at_once(desk):
    elsewhere: Desk = desk()
    elsewhere.sign_in("admin")
    elsewhere.go("/sales/products/new")
    expect(elsewhere.page.locator("#f-x-grade")).to_have_count(0)

    admin: Desk = desk(script=False, viewport=PHONE)
    admin.sign_in("admin")
    page = admin.page
    admin.go(FIELDS)
    page.click("#add a:text-is('Choice')")
    page.fill("#f-label", "Grade")
    page.fill("#f-choices", "fine = Fine\nrough = Rough")
    page.click("main .actions button.primary")
    page.click("main a:has-text('Arrange the form')")
    page.select_option("#type-field", "x_grade")
    page.click("form.pair button")
    page.click(".tabs a:has-text('Rough')")
    line = page.locator(".arranged li")
    line.filter(has=page.locator("input[value=description]")).locator("input[name=place]").fill("9999")
    page.locator("input[name=title]").first.fill("Raw goods")
    page.click("main .actions button.primary")
    expect(page.locator(".arranged li").last).to_contain_text("Description")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    page = elsewhere.page
    elsewhere.go("/sales/products/new")
    page.fill("#f-code", "GRIT")
    page.fill("#f-name", "Grit")
    expect(page.locator("#f-description")).to_be_visible()
    page.locator("#f-x-grade").focus()
    page.locator("#f-x-grade").select_option("rough")
    expect(page.locator("legend:text-is('Raw goods')")).to_be_visible()
    expect(page.locator("#f-description")).to_have_count(0)
    expect(page.locator("#f-x-grade")).to_be_focused()
    expect(page.locator("#f-name")).to_have_value("Grit")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text("Grit")
    expect(page.locator("h2:text-is('Raw goods')")).to_be_visible()
    expect(page.locator("dt:text-is('Description')")).to_be_hidden()
    page.locator(".more summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dt:text-is('Description')")).to_be_visible()

    page = admin.page  # without script a button asks for the fields of the type
    admin.go("/sales/products/new")
    page.select_option("#f-x-grade", "rough")
    page.click("main button:has-text('Show the fields of the chosen type')")
    expect(page.locator("legend:text-is('Raw goods')")).to_be_visible()
    admin.go(f"{FIELDS}/layout?type=rough")
    page.click("main button:has-text('Back to the default')")
    expect(page.locator(".tabs")).not_to_contain_text("arranged")
