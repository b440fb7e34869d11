"""What was typed is not lost: neither with its tab, nor when the session ends before it is saved."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Desk

KEPT = "Object.keys(localStorage)"


def put_back(page: Page) -> None:
    expect(page.locator("#draft")).to_contain_text("What you wrote here was not saved")
    page.click("#draft button:has-text('Put it back')")
    expect(page.locator("#draft")).to_be_hidden()


def test_what_was_typed_is_offered_again_until_it_is_saved(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page
    ann.go("/sales/leads/new")
    page.fill("#f-company", "Kept Ltd")
    page.fill("#f-email", "nonsense")
    page.close()

    page = ann.page = ann.context.new_page()
    ann.go("/sales/leads/new")
    put_back(page)
    expect(page.locator("#f-company")).to_have_value("Kept Ltd")
    page.click("main .actions button.primary")
    expect(page.locator("#f-email")).to_be_focused()
    page.fill("#f-email", "mei@example.com")
    ann.context.clear_cookies()
    page.click("main .actions button.primary")
    ann.at("**/sign-in?next=/sales/leads/new")
    page.fill("#login", "ann")
    page.fill("#password", PASSWORD)
    page.click("main button")
    ann.at("**/sales/leads/new")
    put_back(page)
    expect(page.locator("#f-email")).to_have_value("mei@example.com")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text("Kept Ltd")
    assert page.evaluate(KEPT) == []

    ann.go("/sales/leads/new")
    expect(page.locator("#draft")).to_be_hidden()
    page.fill("#f-company", "Nobody else's")
    assert page.evaluate(KEPT) == ["draft ann /sales/leads/new"]
    page.click("form[action='/sign-out'] button")
    ann.at("**/sign-in")
    assert page.evaluate(KEPT) == []
