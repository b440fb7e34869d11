"""One comes back to the place that one left: scrolled as far, at the same row."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, Desk

SCROLLED = "[document.querySelector('.rows .scroll').scrollTop, Math.round(scrollY)]"
TO_THE_MIDDLE = "document.querySelectorAll('tbody tr')[24].scrollIntoView({ block: 'center' })"


def many(ann: Desk, word: str) -> None:
    """Sixty leads, made over the API, ten at once."""
    for ten in range(6):
        made = " ".join(
            f'l{one}: salesLeadCreate(input: {{ company: "{word} {ten}{one}" }}) {{ errors {{ message }} }}'
            for one in range(10)
        )
        headers = {"Content-Type": "application/json", "Origin": ann.house.address}
        data = json.dumps({"query": f"mutation {{ {made} }}"})
        answer = ann.page.request.post(f"{ann.house.address}/graphql", data=data, headers=headers)
        assert "errors" not in answer.json(), answer.text()


def near(page: Page, place: list[int]) -> None:
    now = page.evaluate(SCROLLED)
    assert [abs(one - other) <= 2 for one, other in zip(now, place, strict=True)] == [True, True], (now, place)


@pytest.mark.parametrize(("word", "viewport"), [("Desk", DESK), ("Phone", PHONE)])
def test_back_leads_to_the_row_that_was_left(desk, word, viewport):
    ann: Desk = desk(viewport=viewport)
    ann.sign_in("ann")
    page = ann.page
    many(ann, word)
    ann.go(f"/sales/leads?_q={word}&_sort=company")
    page.evaluate(TO_THE_MIDDLE)
    place = page.evaluate(SCROLLED)
    assert max(place) > 300
    page.click("tbody tr:nth-child(25) td.first a")
    expect(page.locator("main h1")).to_have_text(f"{word} 24")
    page.go_back()
    expect(page.locator("tr:focus td.first")).to_have_text(f"{word} 24")
    near(page, place)

    page.click("tbody tr:nth-child(25) td.first a")
    page.click("main [data-key=e]")
    page.fill("#f-person", "Mei Lin")
    page.click("main .actions .primary")
    expect(page.locator("main h1")).to_have_text(f"{word} 24")
    page.click(".crumbs a")
    expect(page.locator("tr:focus")).to_contain_text("Mei Lin")
    near(page, place)

    page.locator("a[rel=next]").scroll_into_view_if_needed()
    place = page.evaluate(SCROLLED)
    page.locator("a[rel=next]").click()
    expect(page.locator("tbody tr:first-child td.first")).to_have_text(f"{word} 50")
    page.go_back()
    expect(page.locator("tr:focus")).to_contain_text("Mei Lin")
    near(page, place)

    ann.go(f"/sales/leads?_q={word}&_sort=company")
    assert page.evaluate(SCROLLED) == [0, 0], "who goes there anew begins at the top"
