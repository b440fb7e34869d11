"""A weak network loses nothing: what is typed is sent when there is a connection, and is saved once."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import PHONE, Desk

SAVE = "main .actions button.primary"
CACHED = """async () => {
  const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const kept = await Promise.all(opened.map((one) => one.keys()));
  return kept.flat().map((one) => new URL(one.url).pathname);
}"""


def without_complaints(desk: Desk, *about: str) -> None:
    """What the browser says of the network that we cut is no fault of the page."""
    desk.said[:] = [one for one in desk.said if not any(part in one for part in about)]


def leads_named(desk: Desk, name: str) -> int:
    desk.go("/sales/leads")
    return desk.page.locator("tbody tr[data-row]").filter(has_text=name).count()


def under_a_worker(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.reload()
    assert page.evaluate("Boolean(navigator.serviceWorker.controller)")


def test_a_form_that_was_sent_without_a_network_is_sent_with_one(desk):
    kim: Desk = desk(viewport=PHONE, has_touch=True)
    kim.sign_in("kim")
    page = kim.page
    kim.go("/sales/leads/new")
    page.fill("#f-company", "Tunnel Ltd")
    kim.context.set_offline(True)
    page.fill("#f-email", "hall@example.com")
    page.click(SAVE)
    expect(page.locator("[data-unsent]")).to_contain_text("What you wrote stays here")
    expect(page.locator("#f-email")).to_have_value("hall@example.com")
    kim.context.set_offline(False)
    page.click(SAVE)
    expect(page.locator("main h1")).to_have_text("Tunnel Ltd")
    assert page.evaluate("Object.keys(localStorage)") == []
    assert leads_named(kim, "Tunnel Ltd") == 1
    without_complaints(kim, "ERR_INTERNET_DISCONNECTED", "htmx:error")


@pytest.mark.parametrize("closed", [False, True], ids=["sent again", "sent again after the tab was closed"])
def test_a_form_whose_answer_was_lost_is_saved_once_with_what_was_written_since(desk, closed: bool):
    kim: Desk = desk(viewport=PHONE, has_touch=True)
    kim.sign_in("kim")
    page, name = kim.page, f"Echo {closed} Ltd"
    kim.go("/sales/leads/new")
    page.fill("#f-company", name)

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route("**/sales/leads/new", lambda route: lose(route) if route.request.method == "POST" else route.fallback())
    page.click(SAVE)
    expect(page.locator("[data-unsent]")).to_be_visible()
    if closed:
        page.close()
        page = kim.page = kim.context.new_page()
        kim.go("/sales/leads/new")
        page.click("#draft button:has-text('Put it back')")
    else:
        page.unroute("**/sales/leads/new")
    page.fill("#f-email", "echo@example.com")
    page.click(SAVE)
    expect(page.locator("main h1")).to_have_text(name)
    expect(page.locator(".toast")).to_contain_text("It was saved already when you sent it first")
    expect(page.locator("main")).to_contain_text("echo@example.com")
    assert leads_named(kim, name) == 1
    without_complaints(kim, "ERR_CONNECTION_RESET", "htmx:error")


def test_without_a_network_a_page_says_so_and_nothing_of_a_record_is_kept(desk):
    kim: Desk = desk(viewport=PHONE, has_touch=True, locale="ko-KR")
    kim.sign_in("kim")
    page = kim.page
    under_a_worker(page)
    kim.go("/sales/leads")
    kim.go("/settings")
    kim.context.set_offline(True)
    kim.go("/sales/leads")
    expect(page.locator("main h1")).to_have_text("There is no connection to the server")
    assert page.locator(".alone").evaluate("one => getComputedStyle(one).display") != "inline", "with its style"
    kept = page.evaluate(CACHED)
    assert {one for one in kept if not one.startswith("/s/")} == {"/offline"}
    assert any(one.endswith("app.css") for one in kept)
    kim.context.set_offline(False)
    page.click("main a.primary")
    expect(page.locator("main h1")).to_have_text("Leads")
    without_complaints(kim, "ERR_INTERNET_DISCONNECTED", "htmx:error")


def test_the_app_can_be_installed(desk):
    kim: Desk = desk(viewport=PHONE, has_touch=True)
    kim.sign_in("kim")
    under_a_worker(kim.page)
    session = kim.context.new_cdp_session(kim.page)
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    manifest = json.loads(told["data"])
    assert manifest["start_url"] == "/"
    assert manifest["display"] == "standalone"
    assert {one["sizes"] for one in manifest["icons"]} >= {"192x192", "512x512"}
    assert any(one.get("purpose") == "maskable" for one in manifest["icons"])
    for one in manifest["icons"]:
        assert kim.page.request.get(kim.house.address + one["src"]).ok
    refused = {one["errorId"] for one in session.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert refused <= {"in-incognito"}, "a context of a test is a private window"
