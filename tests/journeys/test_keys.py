"""The help of a page shows the keys that work on it, and no others."""

from __future__ import annotations

import string

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Desk
from tests.journeys.test_beside import WIDE
from tests.journeys.test_in_place import make_leads

EVERY = [*string.ascii_letters, *string.digits, *string.punctuation, "Enter", "ArrowDown", "ArrowUp", "Home", "Delete"]
ACTS = """key => !document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))"""
PLACES = {
    "home": "/",
    "list": "/sales/leads?_q=Keyed",
    "empty list": "/sales/leads?_q=nothing+is+called+so",
    "another's list": "/core/departments",
    "board": "/sales/leads/board",
    "form": "/sales/leads/new",
    "search": "/search?q=Keyed",
    "settings": "/settings",
}


def told(page: Page) -> set[str]:
    """The keys that the help shows, as far as one press is a command."""
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    return {str(one.get_attribute("data-press")) for one in page.locator("#keys [data-press]:visible").all()}


def working(page: Page) -> set[str]:
    """The keys that do something; after each the page is fetched anew."""
    found, place = set(), page.url
    for key in EVERY:
        if page.evaluate(ACTS, key):
            found.add(key)
            page.goto(place)
    return found


@pytest.mark.parametrize(("login", "viewport"), [("ann", WIDE), ("bob", PHONE)])
def test_every_key_that_works_is_told_and_no_other(desk, login, viewport):
    ann: Desk = desk(viewport=WIDE)
    ann.sign_in("ann")
    if login == "ann":
        make_leads(ann.page, ann, "Keyed A", "Keyed B")
    somebody: Desk = desk(viewport=viewport)
    somebody.sign_in(login)
    page = somebody.page
    lead = page.request.get(f"{somebody.house.address}/sales/leads?_q=Keyed").text().partition('<tr data-row="')[2]
    seen = {}
    for name, path in (PLACES | {"record": lead.partition('"')[0].replace("&amp;", "&")}).items():
        somebody.go(path)
        shown = told(page)
        somebody.go(path)
        page.locator("body").focus()
        assert (name, working(page)) == (name, shown)
        seen[name] = shown
    assert seen["home"] >= {"g", "?", "/"}
    assert ("n" in seen["list"], "n" in seen["form"]) == (login == "ann", False)
    assert seen["list"] >= {"j", "k", "o", "x", "Enter"}
    assert "e" in seen["record"] or login == "bob"
    assert not seen["empty list"] & {"j", "x", "e", "[", "]"}


def test_the_help_beside_a_record_tells_how_to_go_on_and_to_leave(desk):
    ann: Desk = desk(viewport=WIDE)
    ann.sign_in("ann")
    page = ann.page
    make_leads(page, ann, "Keyring A", "Keyring B")
    ann.go("/sales/leads?_q=Keyring&_sort=company")
    assert "]" not in told(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("#beside-body h1")).to_have_text("Keyring A")
    assert "]" in told(page)
    expect(page.locator("#keys")).to_contain_text("Close what stands beside the list")
    page.keyboard.press("Escape")
    expect(page.locator("#beside")).to_be_visible()
    page.keyboard.press("]")
    expect(page.locator("#beside-body h1")).to_have_text("Keyring B")
