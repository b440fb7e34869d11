"""A day in the field in the browser: planned by the lead, done on site, looked at afterwards; large and small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.conftest import PHONE, SHOP, Desk

PLACE = {"geolocation": {"latitude": float(SHOP.latitude), "longitude": float(SHOP.longitude)}}
SHAPES: dict[str, dict[str, Any]] = {"fay": {}, "flo": {"viewport": PHONE, "has_touch": True}}
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date()
PICTURE: FilePayload = {"name": "shelf.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}


def choose(page: Page, label: str) -> None:
    """An action of a record, wherever it stands."""
    button = page.locator(f"main .head a:has-text('{label}')").first
    if not button.is_visible():
        page.locator("main summary[aria-label='More']").click()
    button.click()


def plan_tomorrow(lea: Desk, name: str) -> None:
    page = lea.page
    lea.go("/visits/visit-plans")
    page.locator(f"main a:has-text('Plan of {name}')").first.click()
    choose(page, "Make the visits that are due")
    page.fill("#dialog input[type=date]", TOMORROW.isoformat())
    page.locator("#dialog button.primary").click()
    expect(page.locator(".toast span").first).to_contain_text("Make the visits that are due")
    choose(page, "Plan the routes")
    page.fill("#dialog input[type=date]", TOMORROW.isoformat())
    page.locator("#dialog button.primary").click()
    expect(page.locator(".toast span").first).to_contain_text("Plan the routes")


@pytest.mark.requirement("VI-1", "VI-2", "VI-3", "VI-4", "VI-6", "VI-10", "VI-11")
@pytest.mark.parametrize("login", SHAPES)
def test_a_day_in_the_field(desk, login: str):
    name = login.title()
    lea: Desk = desk(**SHAPES[login])
    lea.sign_in("lea")
    plan_tomorrow(lea, name)

    rep: Desk = desk(**SHAPES[login], **PLACE, permissions=["geolocation"])
    rep.sign_in(login)
    page = rep.page
    rep.go(f"/visits/day?day={TOMORROW}")
    stops = page.locator("ol[aria-label='Visits in their order'] > li")
    expect(stops).to_have_count(2)
    expect(page.locator(".routes .stop")).to_have_count(2)
    expect(page.locator(".routes path.route")).to_have_count(1)
    first = stops.first.locator("a.name").inner_text()

    page.click("main a:has-text('Open the visit')")
    expect(page.locator("main h1")).to_have_text(first)
    page.click("button:has-text('Check in')")
    expect(page.locator("main")).to_contain_text("0 m from the site")
    expect(page.locator("main .head .badge").first).to_have_text("Ongoing")

    page.click("button:has-text('Check out')")
    expect(page.locator("main [role=alert]")).to_contain_text("Enter this first: Pumps on the shelf")
    page.get_by_label("Pumps on the shelf").fill("12")
    page.get_by_label("Where?").select_option("Back")
    page.get_by_label("Photo of the shelf").set_input_files([PICTURE])
    page.click("main form:has-text('What was found') button")
    expect(page.locator("main")).to_contain_text("Attached: shelf.png")
    page.fill("#remark", "They want a bigger shelf")
    page.click("button:has-text('Check out')")
    expect(page.locator("main .head .badge").first).to_have_text("Done")

    rep.go(f"/visits/day?day={TOMORROW}")
    page.click("main a:has-text('Call off')")
    page.locator("#dialog select").select_option("absent")
    page.locator("#dialog button.primary").click()
    expect(page.locator("main .badge").first).to_have_text("Called off")

    lea.go("/visits/supervision?days=7")
    row = lea.page.locator(f"tr:has-text('{name}')").first
    expect(row.locator("td:nth-child(3)")).to_have_text("1")
    row.locator("td:nth-child(3) a").click()
    expect(lea.page.locator("main")).to_contain_text(first)
    lea.go("/visits/statistics?days=7")
    expect(lea.page.locator("main")).to_contain_text("Pumps on the shelf")


def test_a_browser_that_does_not_tell_where_it_is_checks_in_without_a_position(desk):
    """Here the script is off: the visit is entered as doubtful, and everything goes on."""
    flo: Desk = desk(script=False)
    flo.sign_in("flo")
    page = flo.page
    flo.go("/visits/visits/new")
    page.fill("#f-subject", "Without script")
    page.fill("[name='site.text']", "Market shop of Flo")
    page.click("main .actions button.primary")
    flo.go("/visits/visits?subject-contains=Without")
    identity = page.locator("main [data-row]").first.get_attribute("data-row")
    assert identity
    flo.go(identity.partition("?")[0].replace("/visits/visits/", "/visits/stop/"))
    page.click("button:has-text('Check in')")
    expect(page.locator("main")).to_contain_text("no position")
    expect(page.locator("main .head")).to_contain_text("Doubtful")
