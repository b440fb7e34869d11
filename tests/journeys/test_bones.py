"""What comes at once comes without a flash; what takes its time shows bones where it will stand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Desk
from tests.journeys.test_beside import WIDE, three

SEEN = """() => {
  window.bones = [];
  addEventListener("animationstart", (event) => {
    if (event.animationName === "bones") window.bones.push([event.target.className, event.pseudoElement]);
  }, true);
}"""
ASKED = "performance.getEntriesByType('resource').filter((one) => one.name.includes('_sort=')).at(-1).duration"
SHOWN = "new Promise((done) => { const look = () => bones.length ? done() : requestAnimationFrame(look); look(); })"
NOTICED = 150
TRIES = 12


@pytest.fixture
def held() -> list[Route]:
    """The answers that are held back, for a test to let go."""
    return []


def hold(page: Page, held: list[Route], pattern: str) -> None:
    def keep(route: Route) -> None:
        held.append(route)

    page.route(pattern, keep)


def let_go(page: Page, held: list[Route], pattern: str) -> None:
    for one in held:
        one.continue_()
    held.clear()
    page.unroute(pattern)


def test_a_quick_list_changes_without_a_flash(desk):
    page = three(desk(viewport=WIDE), "Quickly")
    page.evaluate(SEEN)
    quick = 0
    for turn in range(TRIES):  # a busy machine may be slow for once: then bones are right
        page.evaluate("window.bones.length = 0")
        page.click("thead th.first a")
        expect(page.locator("thead th.first")).to_have_attribute("aria-sort", ("descending", "ascending")[turn % 2])
        if page.evaluate(ASKED) < NOTICED * 0.6:
            quick += 1
            assert page.evaluate("window.bones") == []
    assert quick


def test_a_slow_list_shows_bones_until_it_is_there(desk, held):
    page = three(desk(viewport=WIDE), "Slowly")
    page.evaluate(SEEN)
    hold(page, held, "**/sales/leads?*_sort=-company*")
    page.click("thead th.first a")
    expect(page.locator(".rows.htmx-request")).to_have_count(1)
    page.evaluate(SHOWN)
    let_go(page, held, "**/sales/leads?*_sort=-company*")
    expect(page.locator("thead th.first")).to_have_attribute("aria-sort", "descending")
    expect(page.locator(".rows.htmx-request")).to_have_count(0)


def test_a_slow_record_and_a_slow_dialog_show_bones_too(desk, held):
    page = three(desk(viewport=WIDE), "Bony")
    page.evaluate(SEEN)
    record = "**/sales/leads/*?_q=Bony*"
    hold(page, held, record)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#beside-body.waits")).to_be_visible()
    let_go(page, held, record)
    expect(page.locator("#beside-body h1")).to_have_text("Bony A")
    expect(page.locator(".waits")).to_have_count(0)

    hold(page, held, "**/do/convert*")
    page.click("#beside .head a:has-text('Convert')")
    expect(page.locator("#dialog .waits")).to_be_visible()
    let_go(page, held, "**/do/convert*")
    expect(page.locator("#dialog h1")).to_have_text("Convert")
    expect(page.locator("#dialog :focus")).to_have_count(1)


def test_bones_do_not_move_for_who_wants_no_motion(desk):
    ann: Desk = desk(viewport=WIDE, reduced_motion="reduce")
    page = three(ann, "Calmly")
    page.evaluate("document.querySelector('.rows').classList.add('htmx-request')")
    assert page.evaluate("getComputedStyle(document.querySelector('.rows'), '::after').animationName") == "bones"
