"""A record beside its list: whatever is done with it, one stays at the list and goes on."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Desk
from tests.journeys.test_in_place import make_leads

WIDE = {"width": 1440, "height": 900}


def three(ann: Desk, word: str) -> Page:
    """Three leads in a list, by whose name they are told from those of other journeys."""
    ann.sign_in("ann")
    make_leads(ann.page, ann, *(f"{word} {letter}" for letter in "ABC"))
    ann.go(f"/sales/leads?_q={word}&_sort=company")
    return ann.page


def named(page: Page, company: str) -> None:
    expect(page.locator("#beside-body h1")).to_have_text(company)
    expect(page.locator("tr.cursor td.first")).to_have_text(company)


def still(page: Page) -> None:
    """The list is where it was, and the address says which record stands open."""
    assert re.search(r"/sales/leads\?_q=\w+&_sort=company&_open=", page.url)


def test_an_edit_beside_the_list_stays_there(desk):
    page = three(desk(viewport=WIDE), "Edited")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    named(page, "Edited A")
    page.click("#beside [data-key=e]")
    expect(page.locator("#beside #f-company")).to_be_focused()
    page.fill("#beside #f-company", "")
    page.click("#beside .actions .primary")
    expect(page.locator("#beside #f-company")).to_be_focused()
    expect(page.locator("#beside #f-company-error")).to_be_visible()
    page.fill("#beside #f-company", "Edited AA")
    page.fill("#beside #f-person", "Mei Lin")
    page.click("#beside .actions .primary")
    named(page, "Edited AA")
    expect(page.locator("tr.cursor")).to_contain_text("Mei Lin")
    expect(page.locator(".toast")).to_contain_text("Saved")
    still(page)
    page.keyboard.press("j")
    named(page, "Edited B")
    page.keyboard.press("]")
    named(page, "Edited C")
    page.keyboard.press("[")
    named(page, "Edited B")
    page.keyboard.press("k")
    named(page, "Edited AA")


def test_what_was_typed_beside_the_list_is_offered_again(desk):
    page = three(desk(viewport=WIDE), "Drafted")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    named(page, "Drafted A")
    page.click("#beside [data-key=e]")
    page.fill("#beside #f-person", "Half a name")
    page.keyboard.press("Escape")
    named(page, "Drafted A")
    page.click("#beside [data-key=e]")
    page.click("#draft [data-back]")
    expect(page.locator("#beside #f-person")).to_have_value("Half a name")
    page.click("#beside [data-leave]")
    named(page, "Drafted A")
    page.click("#beside [data-key=e]")
    expect(page.locator("#beside #f-company")).to_be_focused()
    expect(page.locator("#draft")).to_be_hidden()


def test_actions_files_and_undoing_beside_the_list_stay_there(desk):
    page = three(desk(viewport=WIDE), "Acted")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    named(page, "Acted B")
    page.click("#beside .head a:has-text('Convert')")
    page.locator("#dialog [role=combobox]").first.fill("Nobody at all")
    page.click("#dialog button.primary")
    expect(page.locator("#dialog .error")).to_be_visible()
    page.locator("#dialog [role=combobox]").first.fill("")
    page.click("#dialog button.primary")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".toast")).to_contain_text("Done: Convert")
    expect(page.locator("#beside .timeline").last).to_contain_text("Converted")
    named(page, "Acted B")
    still(page)

    page.set_input_files("#beside #attach", {"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"})
    page.click("#beside [data-upload] button")
    expect(page.locator("#beside a:has-text('note.txt')")).to_be_visible()
    page.locator("#beside form[action*='/files/'] button[aria-label*='note.txt']").click()
    expect(page.locator("#beside a:has-text('note.txt')")).to_have_count(0)
    named(page, "Acted B")
    still(page)


def test_what_is_archived_beside_the_list_makes_way_for_the_next(desk):
    page = three(desk(viewport=WIDE), "Archived")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    named(page, "Archived B")
    page.click("#beside .head details.menu summary")
    page.click("#beside .head button.danger:has-text('Archive')")
    named(page, "Archived C")
    expect(page.locator("tbody tr")).to_have_count(2)
    still(page)
    page.click(".toast button:has-text('Undo')")
    expect(page.locator("tbody tr")).to_have_count(3)


def test_escape_closes_the_panel_and_the_row_has_the_focus(desk):
    page = three(desk(viewport=WIDE), "Shut")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    named(page, "Shut B")
    page.locator("#beside [data-whole]").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#beside")).to_be_hidden()
    expect(page.locator("tr:focus td.first")).to_have_text("Shut B")
    page.keyboard.press("Enter")
    named(page, "Shut B")
    page.click("#beside [data-shut]")
    expect(page.locator("tr:focus td.first")).to_have_text("Shut B")
    page.keyboard.press("k")
    expect(page.locator("tr.cursor td.first")).to_have_text("Shut A")
