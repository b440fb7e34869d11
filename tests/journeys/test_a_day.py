"""A salesperson's day in the browser, with script and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Desk


def pick(page: Page, field: str, text: str, place: str = "main") -> None:
    """Choose a linked record by typing a part of its name."""
    page.locator(f"{place} #f-{field}").press_sequentially(text[:4].lower())
    page.click(f"{place} #f-{field}-list [role=option]:has-text('{text}')")


@pytest.mark.requirement("L-2", "L-12", "L-13", "L-18", "AC-1", "OP-1", "OP-4", "OP-20", "SE-5")
def test_from_a_lead_to_a_won_opportunity(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page

    page.keyboard.press("Control+k")
    page.keyboard.type("leads")
    expect(page.locator("#found a").first).to_have_text("Leads")
    page.keyboard.press("Enter")
    ann.at("**/sales/leads")
    page.keyboard.press("n")
    ann.at("**/sales/leads/new")
    page.fill("#f-company", "Harbour Trading")
    page.fill("#f-person", "Mei Lin")
    page.fill("#f-phones", "+86 138 0013 8000")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text("Harbour Trading")
    assert ann.toast() == "Lead created"

    page.locator("section:has(h2:has-text('Follow ups')) a:has-text('Add')").click()
    page.fill("#f-subject", "First call")
    page.click("main .actions button.primary")
    ann.at("**/sales/follow-ups/*")
    page.click("dd a:has-text('Harbour Trading')")
    expect(page.locator("section:has(h2:has-text('Follow ups'))")).to_contain_text("First call")

    page.click("main a:has-text('Convert')")
    expect(page.locator("#dialog h1")).to_have_text("Convert")
    page.locator("#dialog button.primary").click()
    expect(page.locator(".toast span").first).to_have_text("Done: Convert")
    page.click("dl a:has-text('Harbour Trading')")
    ann.at("**/sales/customers/*")

    page.locator("section:has(h2:has-text('Opportunities')) a:has-text('Add')").click()
    page.fill("#f-name", "Crane for pier 4")
    assert page.input_value("#f-customer") == "Harbour Trading"
    pick(page, "pipeline", "Direct sales")
    pick(page, "stage", "Prospecting")
    page.fill("#f-amount", "12500")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text("Crane for pier 4")

    page.click("main a:has-text('Advance')")
    pick(page, "stage", "Proposal", "#dialog")
    page.locator("#dialog button.primary").click()
    expect(page.locator(".timeline")).to_contain_text("Stage: Prospecting → Proposal")

    page.click("main a:has-text('Win')")
    page.locator("#dialog button.primary").click()
    expect(page.locator("main .badge").first).to_have_text("Won")
    ann.go("/")
    expect(page.locator(".tile").first).to_contain_text("$12.5K")


@pytest.mark.requirement("L-2", "OP-1", "OP-4")
def test_the_same_without_script(desk):
    kim: Desk = desk(script=False)
    kim.sign_in("kim")
    page = kim.page

    page.click("nav a:has-text('Customers')")
    page.click("main a:has-text('New')")
    page.fill("#f-name", "Lantern Foods")
    page.click("main .actions button.primary")
    assert (kim.heading(), kim.toast()) == ("Lantern Foods", "Customer created")

    page.locator("section:has(h2:has-text('Opportunities')) a:has-text('Add')").click()
    page.fill("#f-name", "Cold store")
    page.fill("#f-pipeline", "direct")
    page.fill("#f-stage", "pro")
    page.fill("#f-amount", "900")
    page.click("main .actions button.primary")
    assert page.locator(".error").all_inner_texts() == ["Several fit; choose one, or write more of the name"]
    assert page.input_value("#f-amount") == "900"
    page.check("label:has-text('Prospecting') input")
    page.click("main .actions button.primary")
    assert kim.heading() == "Cold store"

    page.click("main a:has-text('Advance')")
    page.fill("#f-stage", "Proposal")
    page.click("main form button.primary")
    assert kim.toast() == "Done: Advance"

    page.click("nav a:has-text('Opportunities')")
    page.fill("#find", "cold")
    page.keyboard.press("Enter")
    kim.at("**_q=cold*")
    assert page.locator("tbody tr").count() == 1
    page.check("tbody input[name=id]")
    page.click(".bulk button:has-text('Archive')")
    assert kim.toast() == "1 record is in the recycle bin"
    page.click(".toast button")
    assert kim.heading() == "Cold store"
    page.click("form[action='/sign-out'] button")
    assert kim.heading() == "Sign in"


@pytest.mark.requirement("OP-4")
def test_a_slow_press_in_a_dialog_is_not_lost(desk):
    """Lists of choices shut when their field is left: not while a button is pressed, which would move away."""
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page
    ann.go("/sales/opportunities/new")
    page.fill("#f-name", "Pressed")
    pick(page, "pipeline", "Direct sales")
    pick(page, "stage", "Prospecting")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text("Pressed")

    page.click("main a:has-text('Advance')")
    page.locator("#dialog #f-stage").press_sequentially("pro")
    expect(page.locator("#dialog [role=option]")).to_have_count(2)  # all that was typed has narrowed the list
    button = page.locator("#dialog button.primary")
    before = button.bounding_box()
    press(page, button)
    page.wait_for_timeout(400)
    assert button.bounding_box() == before
    page.mouse.up()
    expect(page.locator("#dialog [role=option]")).to_have_count(0)
    expect(page.locator("#dialog .error")).to_be_visible()

    press(page, page.locator("#dialog h1"))
    page.mouse.move(4, 4)
    page.mouse.up()
    expect(page.locator("#dialog")).to_be_visible()
    page.mouse.click(4, 4)
    expect(page.locator("#dialog")).to_be_hidden()


def press(page: Page, target: Locator) -> None:
    """Put the mouse's button down in the middle of something."""
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def drag(page: Page, card: Locator, lane: Locator) -> None:
    """As a hand does it: in several steps, and not let go on the way."""
    card.hover()
    page.mouse.down()
    box = lane.bounding_box()
    assert box is not None
    for _ in range(2):  # a browser tells what is dragged over with the second move
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()


def test_a_card_is_dragged_and_a_refusal_puts_it_back(desk):
    admin: Desk = desk()
    admin.page.add_init_script("delete window.EventSource")  # with the stream, the board would know
    admin.sign_in("admin")
    page = admin.page
    admin.go("/sales/opportunities/new")
    page.fill("#f-name", "Dragged")
    pick(page, "pipeline", "Direct sales")
    pick(page, "stage", "Prospecting")
    page.click("main .actions button.primary")
    expect(page.locator("main h1")).to_have_text("Dragged")
    record = page.url
    admin.go("/sales/opportunities/board")
    lanes = page.locator("[data-lane]")
    card = page.locator(".ticket:has-text('Dragged')")
    drag(page, card, lanes.nth(1))
    expect(lanes.nth(1)).to_contain_text("Dragged")
    expect(page.locator("#head-2")).to_contain_text("1")

    other: Desk = desk()
    other.sign_in("admin")
    other.page.goto(record + "/edit")
    other.page.fill("#f-name", "Dragged elsewhere")
    other.page.click("main .actions button.primary")
    expect(other.page.locator("main h1")).to_have_text("Dragged elsewhere")
    drag(page, card, lanes.nth(0))
    expect(page.locator(".toast.bad")).to_have_text("Moved back: someone else changed it")
    expect(lanes.nth(1)).to_contain_text("Dragged")


def test_nothing_is_asked_while_a_word_is_being_composed(desk):
    ann: Desk = desk()
    ann.sign_in("ann")
    page = ann.page
    ann.go("/sales/customers")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "_q=" in request.url else None)
    page.focus("#find")
    client = ann.context.new_cdp_session(page)
    client.send("Input.imeSetComposition", {"text": "bei", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(600)
    assert asked == []
    client.send("Input.insertText", {"text": "北京"})
    page.wait_for_url("**_q=*")
    assert len(asked) == 1
