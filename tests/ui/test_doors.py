"""Who comes in, from where, and what a browser is told about it."""

from __future__ import annotations

import logging
from functools import reduce

import httpx
import pytest

from core.access import Origin
from core.database import Database
from core.registry import Registry
from core.settings import Settings
from tests.ui.conftest import ORIGIN, PASSWORD, Firm, Pages
from tradepost.app import wired
from tradepost.sales import Lead
from ui import home
from ui.origin import same_origin
from ui.routes import MODEL_PAGES, PAGES

STREAM = "/live"
"""It does not end by itself; tests/ui/test_live.py shows how it does."""
FORM = {"login": "admin", "password": PASSWORD}


@pytest.mark.parametrize(
    "address", ["/", "/sales/leads", "/sales/leads/new", "/admin/audit", "/settings", "/search?q=a"]
)
async def test_nobody_sees_a_page_without_signing_in(firm: Firm, address: str):
    answer = await firm.pages().get(address)
    assert (answer.status_code, answer.text) == (303, "")
    assert answer.headers["location"].startswith("/sign-in")


async def test_one_comes_back_to_the_page_that_one_wanted(firm: Firm):
    pages = firm.pages()
    asked = (await pages.get("/sales/leads?level=key")).headers["location"]
    assert asked == "/sign-in?next=/sales/leads%3Flevel%3Dkey"
    form = FORM | {"next": "/sales/leads?level=key"}
    assert (await pages.post("/sign-in", form)).headers["location"] == "/sales/leads?level=key"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_signing_in_leads_nowhere_else(firm: Firm, target: str):
    assert (await firm.pages().post("/sign-in", FORM | {"next": target})).headers["location"] == "/"


async def test_the_cookie_is_for_our_server_and_no_script(firm: Firm):
    answer = await firm.pages().post("/sign-in", FORM)
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("tradepost="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


async def test_over_https_no_subdomain_can_set_the_cookie(firm: Firm):
    client = httpx.AsyncClient(transport=httpx.ASGITransport(firm.app), base_url="https://testserver")
    answer = await client.post("/sign-in", data=FORM, headers={"Origin": "https://testserver"})
    cookie = next(one for one in answer.headers.get_list("set-cookie") if "tradepost=" in one)
    assert cookie.startswith("__Host-tradepost=")
    assert "Secure" in cookie


async def test_a_wrong_password_tells_nothing_and_keeps_the_login(firm: Firm):
    answers = [
        await firm.pages().post("/sign-in", FORM | {"login": login, "password": "x"}) for login in ("admin", "nobody")
    ]
    assert [one.status_code for one in answers] == [422, 422]
    assert answers[0].text.replace('"admin"', '"nobody"') == answers[1].text
    assert "The login or the password is wrong" in answers[0].text


async def test_signing_out_ends_the_session(admin: Pages):
    secret = admin.client.cookies["tradepost"]
    assert (await admin.post("/sign-out")).headers["location"] == "/sign-in"
    admin.client.cookies.set("tradepost", secret)
    assert (await admin.get("/")).status_code == 303


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site", "origin": "http://crm.local"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://crm.local", "host": "crm.local"}, True),
        ({"origin": "http://CRM.local:8000", "host": "crm.local:8000"}, True),
        ({"origin": "http://crm.local:81", "host": "crm.local"}, False),
        ({"origin": "null", "host": "crm.local"}, False),
        ({"host": "crm.local"}, False),
    ],
)
def test_only_our_own_pages_may_change_anything(headers: dict[str, str], allowed: bool):
    assert same_origin("POST", headers) is allowed
    assert same_origin("GET", headers) is True


async def test_a_form_of_another_site_changes_nothing(firm: Firm, admin: Pages):
    answer = await admin.post("/sales/leads/new", {"company": "Evil"}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, "The request came from another site." in answer.text) == (403, True)
    assert await firm.all(Lead) == []


async def test_every_answer_carries_the_policy(firm: Firm, admin: Pages):
    for answer in [
        await admin.get(one) for one in ("/", "/sales/leads", "/nowhere", "/sign-in", "/sales/leads?nosuch=1")
    ]:
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_is_not_there_is_said_kindly(admin: Pages):
    for address, status, said in (
        ("/nowhere", 404, "There is nothing here"),
        ("/sales/leads/nonsense", 404, "There is nothing here"),
        ("/sales/leads?nosuch=1", 400, "There is no field nosuch."),
        ("/sales/leads?level=huge", 422, "Level: Choose one of"),
        ("/s/000000000000/nosuch.js", 404, "Not found"),
    ):
        answer = await admin.get(address)
        assert (answer.status_code, said in answer.text) == (status, True), address


async def test_a_fault_of_ours_is_logged_under_the_number_that_is_shown(
    admin: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def broken(_: object) -> list[object]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(home, "recent", broken)
    with caplog.at_level(logging.ERROR):
        answer = await admin.get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    (logged,) = [one for one in caplog.records if one.name == "ui.requests"]
    assert str(logged.args[0]) in answer.text  # type: ignore[index]


async def test_the_language_of_a_stranger_is_the_browsers(firm: Firm):
    answer = await firm.pages().get("/sign-in", accept_language="ko-KR,ko;q=0.9")
    assert '<html lang="ko"' in answer.text


def addresses(firm: Firm, record: str) -> list[str]:
    """Every page that a browser asks for by its address alone."""
    spec = firm.kernel.registry.spec(Lead)
    begun = ("{draft}", "{job}")  # these are there once somebody began something
    of_model = [path for method, path, _ in MODEL_PAGES if method == "GET" and not any(one in path for one in begun)]
    named = {"{id}": record, "/set/{field}": "/set/company", "{field}": "owner", "{verb}": "convert"}
    filled = [reduce(lambda path, one: path.replace(*one), named.items(), path) for path in of_model]
    whole = [path.replace("{label}", "sales.lead") for method, path, _ in PAGES if method == "GET"]
    known = [path for path in whole if "{" not in path and path != STREAM]
    return [*(f"{spec.path}{path}" for path in filled), *known, "/search?q=acme", "/search?q=zzz", "/nowhere"]


async def test_every_page_notices_a_session_that_was_ended_in_another_process(
    firm: Firm, admin: Pages, settings: Settings, registry: Registry, database: Database
):
    lead = await firm.make(Lead, company="Acme")
    pages = addresses(firm, str(lead.value("id")))
    missing = ["/settings/factors/elsewhere", "/nowhere"]  # nobody signs in by another service here
    assert [one for one in pages if (await admin.get(one)).status_code != 200] == missing
    elsewhere = wired(settings, registry, database)
    _, caller = await elsewhere.sign_in.sign_in("admin", PASSWORD, Origin(), "")
    await elsewhere.sign_in.end_others(caller)
    still = {one: answer.status_code for one in pages if (answer := await admin.get(one)).status_code != 303}
    await elsewhere.sign_in.close()
    assert still == {}


async def test_an_address_is_of_the_object_whose_whole_name_it_has(admin: Pages):
    assert (await admin.get("/sales/leads")).status_code == 200
    assert (await admin.get("/sales/leadsandmore")).status_code == 404
    assert (await admin.get("/sales/leads/")).status_code == 404
    assert (await admin.client.put("/sales/leads")).status_code == 405


async def test_a_form_that_meets_an_ended_session_leads_back_to_its_page(firm: Firm):
    pages = firm.pages()
    form = f"{ORIGIN}/sales/leads/new?level=key"
    sent = await pages.client.post("/sales/leads/new", data={"company": "A"}, headers={"Referer": form})
    assert sent.headers["location"] == "/sign-in?next=/sales/leads/new%3Flevel%3Dkey"
    part = {"Referer": form, "HX-Request-Type": "partial"}
    asked = await pages.client.get("/sales/leads", headers=part)
    assert (asked.status_code, asked.headers["hx-redirect"]) == (204, sent.headers["location"])
    foreign = {"Referer": "https://elsewhere.example/sales/leads/new"}
    assert (await pages.client.post("/sales/leads/new", headers=foreign)).headers["location"] == "/sign-in"
