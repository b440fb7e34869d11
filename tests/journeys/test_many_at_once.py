"""Many records edited at once after a look at what changes, and everything taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Desk
from tests.journeys.test_in_place import make_leads


@pytest.mark.requirement("SE-1")
def test_selected_leads_are_edited_together_and_taken_back(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page
    make_leads(page, ann, "Many One", "Many Two")
    ann.go("/sales/leads?_q=Many&_sort=company&_columns=company,person,level")
    page.check("[data-all]")
    page.click(".bulk button[value=edit]")
    page.check("input[value=person]")
    page.click("main .actions button.primary")
    page.fill("#f-person", "Mei Lin")
    page.click("main .actions button:has-text('Preview')")
    expect(page.locator("#preview")).to_contain_text("Will change: 2")
    expect(page.locator("#preview ins")).to_have_text(["Mei Lin", "Mei Lin"])
    page.click("main .actions button[name=do]")
    people = page.locator("tbody td[data-label=Person]")
    expect(people).to_have_text(["Mei Lin", "Mei Lin"])
    page.click(".toast button")
    expect(page.locator(".toast")).to_contain_text("2 records are as they were")
    expect(people).to_have_text(["", ""])

    people.nth(0).click()
    page.fill("#f-person", "Kim")
    page.keyboard.press("Enter")
    expect(people.nth(0)).to_have_text("Kim")
    page.click(".toast button")
    expect(people).to_have_text(["", ""])


def test_on_a_phone_all_of_a_list_is_edited(desk):
    ann: Desk = desk(viewport=PHONE)
    ann.sign_in("ann")
    page = ann.page
    make_leads(page, ann, "Phone One")
    ann.go("/sales/leads?_q=Phone+One")
    page.click(".head details.menu summary")
    page.click(".head a:has-text('Edit all of the list')")
    page.check("input[value=person]")
    page.click("main .actions button.primary")
    page.fill("#f-person", "Mei Lin")
    page.click("main .actions button:has-text('Preview')")
    expect(page.locator("#preview")).to_contain_text("Will change: 1")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("main .actions button[name=do]")
    expect(page.locator("tbody td[data-label=Person]")).to_have_text("Mei Lin")
