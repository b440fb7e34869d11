"""Goods and orders in the browser: bought by the warehouse, sold, dispatched, shipped and counted."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Desk
from tests.journeys.test_a_day import pick

SHAPES: dict[str, dict[str, Any]] = {"desk": {}, "phone": {"viewport": PHONE, "has_touch": True}}


def save(page: Page) -> None:
    page.click("main .actions button.primary")


def add(page: Page, heading: str) -> None:
    """To the form of another record of a list on a record's page."""
    page.locator(f"section:has(h2:has-text('{heading}')) a:has-text('Add')").first.click()


def marked(page: Page, state: str) -> None:
    """The record that is open stands there."""
    expect(page.locator("main .head .badge").filter(has_text=state)).to_have_count(1)


def bought(wil: Desk, quantity: str) -> None:
    """The warehouse receives goods."""
    page = wil.page
    wil.go("/distribution/documents/new")
    page.select_option("#f-kind", "purchase")
    pick(page, "warehouse", "Main warehouse")
    save(page)
    marked(page, "Draft")
    add(page, "Lines")
    pick(page, "product", "GTX Basic")
    page.fill("#f-quantity", quantity)
    page.fill("#f-lot", "L1")
    save(page)
    page.click("main .head button:has-text('Confirm')")
    marked(page, "Confirmed")


def sold(ann: Desk, customer: str, quantity: str) -> str:
    """An order is taken and confirmed; its number."""
    page = ann.page
    ann.go("/sales/customers/new")
    page.fill("#f-name", customer)
    save(page)
    add(page, "Orders")
    assert page.input_value("#f-customer") == customer
    save(page)
    marked(page, "Draft")
    number = ann.heading()
    add(page, "Lines")
    pick(page, "product", "GTX Basic")
    page.fill("#f-price", "19.99")
    page.fill("#f-quantity", quantity)
    save(page)
    marked(page, "39.98")
    page.click("main .head button:has-text('Confirm')")
    marked(page, "Confirmed")
    return number


@pytest.mark.requirement("CO-8", "LG-5", "WH-2", "WH-5", "DI-12", "DI-16")
@pytest.mark.parametrize("shape", SHAPES)
def test_from_a_purchase_over_an_order_to_its_shipment(desk, shape: str):
    ann, dee, wil = (desk(**SHAPES[shape]) for _ in range(3))
    for login, one in (("ann", ann), ("dee", dee), ("wil", wil)):
        one.sign_in(login)
    bought(wil, "5")
    number = sold(ann, f"Harbour {shape}", "2")

    dee.go("/distribution/dispatch")
    todo = dee.page.locator(f"section[aria-label='{number}']")
    expect(todo).to_contain_text("2 × GTX Basic")
    todo.locator("button.primary").click()
    assert dee.toast() == "Allocated"
    expect(dee.page.locator(f"section[aria-label='{number}']")).to_have_count(0)

    wil.go("/")
    wil.page.locator("section:has(h2:has-text('To be shipped')) tbody tr", has_text=f"Harbour {shape}").locator(
        "a"
    ).first.click()
    marked(wil.page, "Reserved")
    wil.page.click("main .head button:has-text('Confirm')")
    marked(wil.page, "Confirmed")

    ann.page.reload()
    marked(ann.page, "Shipped")
    panel = ann.page.locator("section[aria-label='Stock and logistics'] tbody tr")
    expect(panel.locator("td[data-label='Shipped']")).to_have_text("2")
    expect(ann.page.locator("section:has(h2:has-text('Shipments'))")).to_contain_text("Main warehouse")
    assert ann.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.requirement("WH-1", "WH-10")
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_counted_becomes_the_stock(desk, shape: str):
    wil: Desk = desk(**SHAPES[shape])
    wil.sign_in("wil")
    page = wil.page
    bought(wil, "4")
    wil.go("/distribution/stocktakes/new")
    pick(page, "warehouse", "Main warehouse")
    save(page)
    page.click("main .head button:has-text('List what should be there')")
    page.locator("section[aria-label='Count'] a").click()
    page.locator("main form input[inputmode=decimal]").first.fill("some")
    page.click("main .actions button.primary")
    expect(page.locator("main .error")).to_have_count(1)
    page.locator("main form input[inputmode=decimal]").first.fill("7")
    page.click("main .actions button.primary")
    assert wil.toast() == "Saved"
    page.click("main .head button:has-text('Confirm')")
    marked(page, "Confirmed")
    wil.go("/distribution/stock-by-warehouse?q=GTX")
    expect(page.locator("tbody tr", has_text="GTX Basic").locator("td.number").first).to_have_text("7")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
