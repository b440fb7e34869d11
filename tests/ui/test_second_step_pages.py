"""The pages of the second step, asked without a browser: cookies, and what they open."""

from __future__ import annotations

import re

import pyotp

from core.access import Origin
from tests.ui.conftest import PASSWORD, Firm, Pages

ENTER = {"login": "admin", "password": PASSWORD, "next": "/settings"}


async def app_of(pages: Pages) -> tuple[pyotp.TOTP, list[str]]:
    """Set an app up: it, and the recovery codes."""
    shown = (await pages.post("/settings/factors/app")).text
    key = re.search(r'<code class="key">([^<]+)</code>', shown)
    assert key
    assert '<img class="qr" src="data:image/svg+xml' in shown
    app = pyotp.TOTP(key[1].replace(" ", ""))
    done = await pages.post("/settings/factors/app/confirm", {"code": app.now()})
    return app, re.findall(r"<li><code>([^<]+)</code></li>", done.text)


async def test_half_signed_in_is_a_cookie_that_opens_nothing_else(firm: Firm, admin: Pages):
    _, codes = await app_of(admin)
    browser = firm.pages()
    answer = await browser.post("/sign-in", ENTER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/second?next=/settings")
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"tradepost-halfway=\w{43}; HttpOnly; Max-Age=600; Path=/; SameSite=lax", cookie)
    assert "tradepost" not in browser.client.cookies
    secret = browser.client.cookies["tradepost-halfway"]
    for path in ("/settings", "/", "/sales/leads", "/settings/factors", "/live"):
        for cookies in ({}, {"Cookie": f"tradepost={secret}"}):
            assert (await firm.pages().get(path, **cookies)).headers["location"].startswith("/sign-in")
    assert await firm.kernel.sign_in.caller_of_session(secret, Origin()) is None
    wrong = await browser.post("/sign-in/second", {"code": "000000", "next": "/settings"})
    assert (wrong.status_code, "This code is not right" in wrong.text) == (422, True)
    done = await browser.post("/sign-in/second", {"code": codes[3], "next": "/settings"})
    assert (done.status_code, done.headers["location"]) == (303, "/settings")
    assert "tradepost-halfway" not in browser.client.cookies
    assert (await browser.get("/settings")).status_code == 200


async def test_without_a_first_step_there_is_no_second(firm: Firm, admin: Pages):
    app, _ = await app_of(admin)
    nobody = firm.pages()
    for path in ("/sign-in/second", "/sign-in/second/set-up"):
        answer = await nobody.post(path, {"code": app.now()})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?late=1")
    assert "begin again" in (await nobody.get("/sign-in?late=1")).text


async def test_the_second_step_leads_to_no_other_site(firm: Firm, admin: Pages):
    _, codes = await app_of(admin)
    browser = firm.pages()
    await browser.post("/sign-in", ENTER)
    done = await browser.post("/sign-in/second", {"code": codes[0], "next": "//evil.example/"})
    assert done.headers["location"] == "/"


async def test_the_company_asks_everybody_who_then_sets_an_app_up(firm: Firm, admin: Pages):
    form = {"name": "Harbour", "currency": "USD", "language": "en"}
    assert (await admin.post("/admin/company", form | {"core.second_factor": "yes"})).status_code == 303
    await firm.user("ann", "Salesperson")
    browser = firm.pages()
    await browser.post("/sign-in", {"login": "ann", "password": PASSWORD})
    shown = (await browser.get("/sign-in/second")).text
    key = re.search(r'<code class="key">([^<]+)</code>', shown)
    assert key
    app = pyotp.TOTP(key[1].replace(" ", ""))
    done = await browser.post("/sign-in/second/set-up", {"code": app.now(), "next": ""})
    assert (done.status_code, len(re.findall(r"<li><code>", done.text))) == (200, 10)
    assert (await browser.get("/settings/factors")).status_code == 200
    refused = await browser.post("/settings/factors/app/remove")
    assert (refused.status_code, "Your work needs a second factor" in refused.text) == (422, True)


async def test_new_codes_are_shown_once(admin: Pages):
    _, codes = await app_of(admin)
    shown = await admin.post("/settings/factors/codes")
    renewed = re.findall(r"<li><code>([^<]+)</code></li>", shown.text)
    assert (len(renewed), {*renewed} & {*codes}) == (10, set())
    assert renewed[0] not in (await admin.get("/settings/factors")).text


async def test_whose_session_ended_elsewhere_is_asked_to_sign_in_and_not_led_in_a_circle(firm: Firm, admin: Pages):
    other = await firm.signed_in()
    await admin.post("/settings/sessions/end")
    answer = await other.get("/settings")
    assert answer.headers["location"] == "/sign-in?next=/settings"
    assert (await other.get(answer.headers["location"])).status_code == 200
