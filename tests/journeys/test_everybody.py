"""Phones, languages, readers of screens, and those who may not."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Desk

PAGES = (
    "/",
    "/sales/leads",
    "/sales/leads/new",
    "/sales/opportunities/board",
    "/sales/leads/import",
    "/sales/leads/export",
    "/sales/leads/columns",
    "/service-desk/queue",
    "/service-desk/report",
    "/service-desk/tickets/new",
    "/search?q=harbour",
    "/bin",
    "/settings",
    "/core/roles",
    "/admin/company",
    "/admin/audit",
    "/nowhere",
)
SHAPES: dict[str, dict[str, Any]] = {
    "desk": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_page_hides_anything_from_a_screen_reader(desk, shape: str):
    admin: Desk = desk(**SHAPES[shape])
    admin.sign_in("admin")
    found: dict[str, list[str]] = {}
    for path in PAGES:
        admin.go(path)
        answer = Axe().run(admin.page).response["violations"]
        serious = [
            f"{one['id']}: {one['nodes'][0]['html'][:120]}"
            for one in answer
            if one["impact"] in ("serious", "critical")
        ]
        if serious:
            found[path] = serious
    assert found == {}


def test_a_phone_scrolls_in_one_direction_and_has_room_for_thumbs(desk):
    admin: Desk = desk(viewport=PHONE, has_touch=True)
    admin.sign_in("admin")
    page = admin.page
    for path in PAGES:
        admin.go(path)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
    admin.go("/sales/leads")
    for one in page.locator("main .button:visible, .tabbar a, .chip:visible, .tabs a").all():
        box = one.bounding_box()
        assert box is not None
        assert box["height"] >= 44, one.inner_text()
    page.click(".tabbar a:has-text('More')")
    expect(page.locator("#menu nav a:has-text('Products')")).to_be_in_viewport()
    page.click("#menu nav a:has-text('Products')")
    expect(page.locator("main h1")).to_have_text("Products")


def test_chinese_from_the_door_to_the_record(desk):
    admin: Desk = desk(locale="zh-CN")
    admin.go("/sign-in")
    assert admin.heading() == "登录"
    admin.sign_in("admin")
    page = admin.page
    admin.go("/settings")
    page.select_option("#f-language", "zh_Hans")
    page.click("form[action='/settings'] button")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    admin.go("/sales/leads/new")
    page.fill("#f-email", "x")
    page.click("main .actions button.primary")
    assert all(
        any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in page.locator(".error").all_inner_texts()
    )
    admin.go("/settings")
    page.select_option("#f-language", "en")
    page.click("form[action='/settings'] button")
    assert page.get_attribute("html", "lang") == "en"


def test_a_refusal_is_shown_kindly(desk):
    bob: Desk = desk()
    bob.sign_in("bob")
    page = bob.page
    bob.go("/sales/leads")
    assert page.locator("main a:has-text('New')").count() == 0
    bob.go("/sales/leads/new")
    assert bob.heading() == "You may not do this"
    expect(page.locator("main")).to_contain_text("sales.lead.create")
    bob.go("/sales/leads/01a205eb-0000-7000-8000-000000000000")
    assert bob.heading() == "There is nothing here"
    page.click("main a:has-text('Home')")
    assert bob.heading() == "Good day, Bob"
