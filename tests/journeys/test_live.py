"""Two people at once: what one does, the other sees without asking again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Desk


@pytest.mark.requirement("OF-8", "OF-9")
def test_a_list_a_record_and_the_bell_change_while_others_work(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    ann.go("/sales/leads/new")
    ann.page.fill("#f-company", "Lighthouse Supplies")
    ann.page.click("main .actions button.primary")
    expect(ann.page.locator("main h1")).to_have_text("Lighthouse Supplies")
    record = ann.page.url

    boss: Desk = desk()
    boss.sign_in("admin")
    boss.go("/sales/leads")
    row = boss.page.locator(f'[data-row="{record.removeprefix(ann.house.address)}"]')
    expect(row).to_contain_text("Lighthouse Supplies")

    ann.page.click("main a:has-text('Edit')")
    boss.page.goto(record)
    expect(boss.page.locator("[data-editing]")).to_contain_text("Ann")
    boss.go("/sales/leads")
    ann.page.fill("#f-company", "Lighthouse and Sons")
    ann.page.fill("#f-remark", "Please look at this, @admin")
    ann.page.click("main .actions button.primary")
    expect(row).to_contain_text("Lighthouse and Sons")
    expect(boss.page.locator(".side [data-unread]")).to_have_text("1")

    boss.page.click(".side a[href='/notifications']")
    expect(boss.page.locator(".notified")).to_contain_text("You are mentioned")
    boss.page.click(".notified button:has-text('Lighthouse and Sons')")
    expect(boss.page.locator("main h1")).to_have_text("Lighthouse and Sons")
    expect(boss.page.locator(".side [data-unread]")).to_be_hidden()
