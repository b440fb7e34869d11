"""Work without leaving the place: fields changed where they stand."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Desk
from tests.journeys.test_a_day import pick


def make_leads(page: Page, desk: Desk, *companies: str) -> None:
    for company in companies:
        desk.go("/sales/leads/new")
        page.fill("#f-company", company)
        page.click("main .actions button.primary")
        expect(page.locator("main h1")).to_have_text(company)


def test_fields_are_changed_where_they_stand(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page
    make_leads(page, ann, "Place One", "Place Two")

    ann.go("/sales/leads?_q=Place&_sort=company&_columns=company,person,level,score")
    first = page.locator("tbody tr").nth(0).locator("td[data-label]")
    first.nth(1).click()
    expect(page.locator("#f-person")).to_be_focused()
    page.keyboard.type("Mei Lin")
    page.keyboard.press("Tab")
    expect(page.locator("#f-level")).to_be_focused()
    expect(first.nth(1)).to_have_text("Mei Lin")
    page.locator("#f-level").select_option("key")
    page.keyboard.press("Enter")
    expect(first.nth(2)).to_have_text("Key")
    expect(page.locator(".set-form")).to_have_count(0)

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator("#f-company")).to_have_value("Place Two")
    page.fill("#f-company", "")
    page.keyboard.press("Enter")
    expect(page.locator("tbody .error")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("tbody tr").nth(1).locator("td.first a")).to_have_text("Place Two")
    page.keyboard.press("e")
    page.fill("#f-company", "Place Too")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr").nth(1).locator("td.first a")).to_have_text("Place Too")
    page.reload()
    expect(page.locator("tbody tr").nth(0)).to_contain_text("Mei Lin")


def test_a_fact_is_changed_on_its_page_and_both_values_are_shown_when_somebody_was_quicker(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page
    make_leads(page, ann, "Quick Ltd")
    record = page.url
    fact = page.locator(".facts > div:has(dt:text-is('Person')) dd")
    fact.locator("a.set").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#f-person")).to_be_focused()

    other = ann.context.new_page()
    other.goto(f"{record}/edit")
    other.fill("#f-person", "Somebody")
    other.click("main .actions button.primary")
    expect(other.locator("main h1")).to_have_text("Quick Ltd")

    page.keyboard.type("Mine")
    page.keyboard.press("Enter")
    expect(page.locator("[data-theirs]")).to_have_text("Somebody")
    page.click(".set-form a:has-text('Keep theirs')")
    expect(fact).to_have_text("Somebody")
    fact.click()
    page.fill("#f-person", "Mine")
    page.keyboard.press("Enter")
    expect(fact).to_have_text("Mine")
    expect(page.locator(".timeline").last).to_contain_text("Person: Somebody → Mine")


def test_a_list_is_gone_through_with_the_record_beside_it(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page
    make_leads(page, ann, "Beside A", "Beside B")
    ann.go("/sales/leads?_q=Beside&_sort=company")
    name = page.locator("#beside-body h1")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(name).to_have_text("Beside A")
    page.keyboard.press("j")
    expect(name).to_have_text("Beside B")
    page.click("#beside a[rel=prev]")
    expect(name).to_have_text("Beside A")

    page.click("#beside .facts > div:has(dt:text-is('Person')) dd")
    expect(page.locator("#f-person")).to_be_focused()
    page.keyboard.type("Mei Lin")
    page.keyboard.press("Enter")
    expect(page.locator("tr.cursor")).to_contain_text("Mei Lin")
    page.reload()
    expect(name).to_have_text("Beside A")
    assert "_q=Beside&_sort=company&_open=" in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#beside")).to_be_hidden()
    assert page.url.endswith("_q=Beside&_sort=company")

    phone: Desk = desk(viewport={"width": 390, "height": 844})
    phone.sign_in("ann")
    phone.go("/sales/leads?_q=Beside&_sort=company")
    phone.page.keyboard.press("j")
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator("main h1")).to_have_text("Beside A")


def test_a_selection_says_what_it_comes_to(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page
    ann.go("/sales/customers/new")
    page.fill("#f-name", "Summed Ltd")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text("Summed Ltd")
    for name, amount in (("Sum A", "100"), ("Sum B", "50.5")):
        page.locator("section:has(h2:has-text('Opportunities')) a:has-text('Add')").click()
        page.fill("#f-name", name)
        pick(page, "pipeline", "Direct sales")
        pick(page, "stage", "Prospecting")
        page.fill("#f-amount", amount)
        page.click("main .actions button.primary")
        expect(page.locator("main h1")).to_have_text(name)
        page.click("dd a:has-text('Summed Ltd')")
        expect(page.locator("main h1")).to_have_text("Summed Ltd")
    ann.go("/sales/opportunities?name-starts=Sum&_sort=name")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-totals]")).to_have_text("Total: $100.00")
    page.check("[data-all]")
    expect(page.locator("[data-totals]")).to_have_text("Total: $150.50")
    page.uncheck("[data-all]")
    expect(page.locator("[data-totals]")).to_have_text("")
