"""How pages are painted, counted in a real browser: nothing moves, little is fetched, and nothing twice.

Counts, never times: they are the same on a busy machine.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.journeys.conftest import DESK, PHONE, Desk
from tests.journeys.test_in_place import make_leads

log = logging.getLogger(__name__)
KILO = 1_000
COLD, WARM, REQUESTS, NODES = 60 * KILO, 12 * KILO, 10, 1_500
SEEN = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const moved = await new Promise((done) => {
    const found = [];
    const watch = new PerformanceObserver((seen) => found.push(...seen.getEntries()));
    watch.observe({ type: "layout-shift", buffered: true });
    setTimeout(() => { found.push(...watch.takeRecords()); done(found); });
  });
  const [page] = performance.getEntriesByType("navigation");
  const parts = performance.getEntriesByType("resource").filter((one) => !one.name.includes("/live"));
  const names = parts.map((one) => one.name);
  return {
    moved: moved.flatMap((one) => one.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.textContent)),
    twice: names.filter((name, place) => names.indexOf(name) !== place),
    requests: 1 + parts.length,
    bytes: page.transferSize + parts.reduce((sum, one) => sum + one.transferSize, 0),
    nodes: document.querySelectorAll("*").length,
  };
}"""


def painted(desk: Desk, path: str) -> dict[str, Any]:
    """What a page did until it stood."""
    desk.page.goto(desk.house.address + path, wait_until="load")
    seen: dict[str, Any] = desk.page.evaluate(SEEN)
    return seen


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_stand_still_and_weigh_little(desk, viewport):
    ann: Desk = desk(viewport=viewport, service_workers="block")  # they would answer for the network
    browser = ann.context.new_cdp_session(ann.page)
    browser.send("Network.enable")
    found = {"sign in": (painted(ann, "/sign-in"), painted(ann, "/sign-in"))}
    ann.sign_in("ann")
    make_leads(ann.page, ann, f"Painted {viewport['width']}")
    record = ann.page.url.removeprefix(ann.house.address)
    leads = "/sales/leads"
    places = {"home": "/", "list": leads, "board": f"{leads}/board", "record": record, "form": f"{leads}/new"}
    for name, path in places.items():
        browser.send("Network.clearBrowserCache")
        found[name] = painted(ann, path), painted(ann, path)
    ann.said[:] = [one for one in ann.said if one != "Service Worker registration blocked by Playwright"]
    for name, (cold, warm) in found.items():
        log.info("%s: %s, then %s", name, cold, warm)
        assert (name, cold["moved"], warm["moved"]) == (name, [], [])
        assert (name, cold["twice"], warm["twice"]) == (name, [], [])
        assert (name, cold["bytes"] <= COLD, warm["bytes"] <= WARM) == (name, True, True)
        assert (name, cold["requests"] <= REQUESTS, cold["nodes"] <= NODES) == (name, True, True)
