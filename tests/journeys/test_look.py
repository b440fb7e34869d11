"""One look: the style guide in every theme, what the tokens promise, every page on a phone, and paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from scripts.screenshots import addresses, first_record
from tests.journeys.conftest import PHONE, Desk
from ui.words import FOLDER

GUIDE = "/_ui"
ALIKE = ("/filters", "/columns", "/export", "/import")
"""Pages that look alike for every object: some of them are looked at."""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True},
    "dark phone": {"viewport": PHONE, "has_touch": True, "color_scheme": "dark"},
    "high contrast": {"contrast": "more"},
    "dark high contrast": {"contrast": "more", "color_scheme": "dark"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_in_the_style_guide(desk, look: str):
    admin: Desk = desk(**LOOKS[look])
    admin.sign_in("admin")
    admin.go(GUIDE)
    for one in admin.page.locator("main .chart summary").all():
        one.click()
    found = Axe().run(admin.page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found] == []
    assert admin.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.requirement("BI-5")
def test_the_guide_shows_every_chart_that_plugins_have_and_every_colour(desk):
    admin: Desk = desk()
    admin.sign_in("admin")
    admin.go(GUIDE)
    charts = set(admin.page.locator("#charts h3").all_inner_texts())
    assert charts == {"area", "bars", "columns", "curve", "funnel", "heat", "pie", "sparkline", "stacked"}
    assert {"canvas", "danger-soft", "s8"} <= set(admin.page.locator("#colours code").all_inner_texts())
    assert admin.page.locator("#charts figure details").count() == len(charts)


def luminance(colour: str) -> float:
    digits = "".join(one * 2 for one in colour[1:]) if len(colour) == 4 else colour[1:]
    parts = [int(part, 16) / 255 for part in re.findall("..", digits)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [":root {", '[data-theme="dark"] {', '[data-theme="auto"] {'])
def test_letters_stand_out_from_whatever_they_stand_on(theme: str):
    style = (FOLDER / "static" / "app.css").read_text(encoding="utf-8")
    block = style[style.index(theme) :].partition("}")[0]
    colours = dict(re.findall(r"--([\w-]+): (#\w+);", block))
    grounds = ("canvas", "surface", "sunken", "hover")
    weak = {
        (letter, ground): round(ratio(colours[letter], colours[ground]), 2)
        for letter in ("text", "muted", "faint", "accent", "danger", "warn", "good")
        for ground in (*grounds, f"{letter}-soft")
        if ground in colours and ratio(colours[letter], colours[ground]) < 4.5
    }
    strong = [("text", one) for one in grounds] + [("accent-strong", one) for one in ("surface", "accent-soft")]
    strong += [(one, f"{one}-soft") for one in ("danger", "warn", "good")]
    weak |= {(a, b): round(ratio(colours[a], colours[b]), 2) for a, b in strong if ratio(colours[a], colours[b]) < 7}
    assert weak == {}


def test_dark_by_choice_is_dark_by_device():
    style = (FOLDER / "static" / "app.css").read_text(encoding="utf-8")
    chosen, device = (style[style.index(f'[data-theme="{one}"] {{') :].partition("{")[2] for one in ("dark", "auto"))
    assert chosen.partition("}")[0].split() == device.partition("}")[0].split()


def test_no_page_scrolls_sideways_on_a_phone(desk):
    admin: Desk = desk(viewport=PHONE, has_touch=True)
    admin.sign_in("admin")
    wide = {}
    pages = [*addresses(lambda path: first_record(admin.page, admin.house.address, path))]
    derived = [path for path in pages if path.endswith(ALIKE)]
    for path in [path for path in pages if path not in derived] + derived[::10]:
        admin.go(path)
        if (width := admin.page.evaluate("document.documentElement.scrollWidth")) != PHONE["width"]:
            wide[path] = width
    assert wide == {}


def look_of(page: Page, selector: str, name: str) -> str:
    found: str = page.locator(selector).first.evaluate("(one, name) => getComputedStyle(one)[name]", name)
    return found


def test_paper_gets_a_table_with_its_head_in_light_colours_and_nothing_to_press(desk):
    admin: Desk = desk(viewport={"width": 718, "height": 1000}, color_scheme="dark")
    admin.sign_in("admin")
    page = admin.page
    admin.go("/sales/products")
    assert look_of(page, "tbody tr", "display") == "grid", "a narrow screen shows cards"
    assert look_of(page, "body", "color") == "rgb(231, 234, 240)"
    page.emulate_media(media="print", color_scheme="dark")
    assert look_of(page, "tbody tr", "display") == "table-row"
    assert look_of(page, "thead", "display") == "table-header-group"
    assert look_of(page, "body", "color") == "rgb(23, 27, 34)"
    for one in (".side", ".top", ".tabbar", ".filters", "main .button", "td.pick"):
        assert not page.locator(one).first.is_visible(), one


def test_dense_is_dense_on_a_desk_and_leaves_room_for_thumbs_on_a_phone(desk):
    kim: Desk = desk()
    kim.sign_in("kim")
    page = kim.page
    kim.go("/settings")
    assert look_of(page, "main .button", "minHeight") == "28px"
    page.select_option("#f-density", "dense")
    page.click("form[action='/settings'] button")
    page.wait_for_selector("[data-density=dense]")
    assert look_of(page, "main .button", "minHeight") == "24.5px"
    page.set_viewport_size({"width": 390, "height": 844})
    assert look_of(page, "main .button", "minHeight") == "45px"
