"""Draws every page at three widths, light and dark, in three languages, to be looked at one by one.

scripts/demo & .venv/bin/python -m scripts.screenshots FOLDER [ADDRESS] [LOOK]...

A look is the name of its folder, like `ko-dark-390`; without one all are drawn.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from core.boot import boot
from tradepost.demo.company import PASSWORD
from tradepost.discovery import BUILT_IN
from ui.plugin_pages import placed

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = {1440: 900, 1024: 768, 390: 844}
LANGUAGES = ("en", "zh_Hans", "ko")
THEMES = ("light", "dark")
FIXED = ("/", "/search?q=a", "/bin", "/settings", "/_ui", "/admin/company", "/admin/audit", "/nowhere")


def addresses(first: Callable[[str], str]) -> Iterator[str]:
    """Every page: fixed ones, those of plugins, of each model, and of the record that `first` finds in a list."""
    registry = boot(BUILT_IN)
    yield from FIXED
    yield from (one.path for one in placed(registry) if one.method == "GET" and "{" not in one.path and not one.public)
    for spec in registry.surfaced():
        tails = ["", "/filters", "/columns", "/export", "/import"] + ["/board"] * bool(spec.resource.board)
        yield from (f"{spec.path}{tail}" for tail in tails)
        forms = not spec.meta.append_only
        yield from [f"{spec.path}/new"] * forms
        if record := first(spec.path):
            yield from [record] + [f"{record}/edit"] * forms


def first_record(page: Page, server: str, path: str) -> str:
    """The address of the first record in a list, or nothing."""
    page.goto(server + path)
    row = page.locator("tr[data-row]").first
    return (row.get_attribute("data-row") or "").partition("?")[0] if row.count() else ""


def draw(page: Page, server: str, folder: Path, looks: Sequence[str]) -> None:
    """All pictures, in a folder for each language, theme and width."""
    paths = [*addresses(lambda path: first_record(page, server, path))]
    for language, theme, (width, height) in product(LANGUAGES, THEMES, WIDTHS.items()):
        place = folder / f"{language}-{theme}-{width}"
        if looks and place.name not in looks:
            continue
        form: dict[str, str | float | bool] = {"language": language, "zone": "Asia/Shanghai", "theme": theme}
        page.context.request.post(f"{server}/settings", form=form, headers={"Origin": server})
        page.set_viewport_size({"width": width, "height": height})
        place.mkdir(parents=True, exist_ok=True)
        for path in paths:
            page.goto(server + path)
            name = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "one", path).strip("/").replace("/", ".") or "home"
            page.screenshot(path=place / f"{name.partition('?')[0]}.png", full_page=True)


def main(folder: str, server: str = "http://127.0.0.1:8000", *looks: str) -> None:
    """Sign in as the demo's administrator and draw."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_context(service_workers="block").new_page()
        page.route("**/live?*", lambda route: route.abort())  # a stream that stays open
        page.goto(f"{server}/sign-in")
        page.fill("#login", "admin")
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url(f"{server}/")
        draw(page, server, Path(folder), looks)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
