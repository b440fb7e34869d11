"""Signing in, as people do it: in a real browser, with a real mail server."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyotp
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.oidc import BACK
from core.settings import Settings, load_settings
from tests.journeys.conftest import PASSWORD, PATIENCE, PHONE, PLUGINS, Desk, House, furnish, noted
from tests.oidc import Provider
from tests.smtp import MailServer
from tradepost.app import create_app

NEW = "an entirely different phrase"

SMALL = """[...document.querySelectorAll('main button, main .input')]
    .filter(one => one.offsetHeight && one.offsetHeight < 44).map(one => one.outerHTML)"""


@dataclass(frozen=True)
class Gate:
    """A house whose mail is read."""

    house: House
    mail: MailServer
    provider: Provider

    def link(self, to: str, count: int) -> str:
        """The link in a message to somebody, which is on its way: the so-manieth."""
        until = time.monotonic() + PATIENCE
        found: list[str] = []
        while time.monotonic() < until:
            found = [
                link[0] for one, _, text in self.mail.letters if one == to and (link := re.search(r"http\S+", text))
            ]
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.05)
        raise AssertionError(found)


class Doorkeeper(threading.Thread):
    """The app and a mail server in one loop of a thread of its own."""

    def __init__(self, make: Callable[[str, Provider], Settings], port: int) -> None:
        super().__init__()
        self.mail = MailServer()
        self.provider = Provider(clock=time.time)
        self.server: uvicorn.Server | None = None
        self.make = make
        self.port = port

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        async with self.mail, self.provider:
            settings = self.make(self.mail.url, self.provider)
            await furnish(settings)
            config = uvicorn.Config(create_app(settings, PLUGINS), port=self.port, log_level="error", lifespan="on")
            self.server = uvicorn.Server(config)
            await self.server.serve()


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"  # a name, since a number is nobody's for a passkey
    data = tmp_path_factory.mktemp("gate")

    def make(mail: str, provider: Provider) -> Settings:
        provider.back = address + BACK
        return load_settings(
            data=data,
            admin_password=PASSWORD,
            mail_url=mail,
            mail_from="crm@crm.example",
            public_url=address,
            oidc_issuer=provider.issuer,
            oidc_client=provider.client,
            oidc_secret=provider.secret,
            oidc_name="Company login",
            egress_allow="localhost",
        )

    keeper = Doorkeeper(make, port)
    keeper.start()
    until = time.monotonic() + PATIENCE
    while keeper.is_alive() and time.monotonic() < until and not (keeper.server and keeper.server.started):
        time.sleep(0.05)
    assert keeper.server
    assert keeper.server.started
    yield Gate(House(address), keeper.mail, keeper.provider)
    keeper.server.should_exit = True
    keeper.join(PATIENCE)


@pytest.fixture
def browser(gate: Gate, chromium: Browser) -> Iterator[Callable[..., Desk]]:
    """A fresh browser at the door; at the end its console has not complained."""
    made: list[Desk] = []

    def sit(**options: object) -> Desk:
        context = chromium.new_context(**({"locale": "en-US"} | options))  # type: ignore[arg-type]  # as the test gives them
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1_000)
        found = Desk(gate.house, context, page, [], [])
        page.on("console", lambda message: noted(found, message))
        page.on("pageerror", lambda fault: found.said.append(str(fault)))
        made.append(found)
        return found

    yield sit
    for one in made:
        one.context.close()
    assert [said for one in made for said in one.said] == []


def sound(page: Page) -> None:
    """Nothing wider than the screen, nothing to press that is too small on a phone, nothing that axe finds."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if (page.viewport_size or PHONE)["width"] < 500:
        assert page.evaluate(SMALL) == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def act(page: Page, label: str) -> None:
    """Do an action of the record that stands open, perhaps from the menu of those for which there is no room."""
    one = page.locator("main").get_by_role("button", name=label, exact=True)
    if not one.first.is_visible():
        page.locator("main details > summary", has=page.locator("svg")).first.click()
    one.first.click()


def invited(gate: Gate, admin: Desk, login: str) -> str:
    """A new user's link."""
    admin.go("/core/users/new")
    for name, value in (("login", login), ("name", login.title()), ("email", f"{login}@shop.example")):
        admin.page.fill(f"#f-{name}", value)
    admin.page.click("main .actions button.primary")
    expect(admin.page.locator("main h1")).to_have_text(login.title())
    act(admin.page, "Invite by mail")
    return gate.link(f"{login}@shop.example", 1)


def half_way(desk: Desk, login: str, target: str) -> None:
    """Give the password; the second factor is asked for next."""
    desk.go(f"/sign-in?next={target}")
    desk.page.fill("#login", login)
    desk.page.fill("#password", PASSWORD)
    desk.page.click("main button")
    desk.at("**/sign-in/second?next=**")


def choose(page: Page, link: str, password: str) -> None:
    page.goto(link)
    page.fill("#f-password", password)
    page.fill("#f-repeated", password)
    page.get_by_role("button", name=re.compile("Set the password|设置密码|비밀번호 설정")).click()


def test_a_user_is_invited_chooses_a_password_forgets_it_and_gets_another(gate: Gate, browser: Callable[..., Desk]):
    admin = browser()
    admin.sign_in("admin")
    link = invited(gate, admin, "noa")
    noa = browser(viewport=PHONE, has_touch=True)
    noa.page.goto(link)
    sound(noa.page)
    expect(noa.page.locator("#f-password")).to_be_focused()
    choose(noa.page, link, "noa noa noa noa")
    expect(noa.page.locator("#f-password-error")).to_be_visible()
    choose(noa.page, link, NEW)
    expect(noa.page.get_by_role("status")).to_contain_text("Your password is set.")
    expect(noa.page.locator("#password")).to_be_focused()
    noa.page.fill("#login", "noa@shop.example")
    noa.page.fill("#password", NEW)
    noa.page.get_by_role("button", name="Sign in", exact=True).click()
    noa.at(gate.house.address + "/")
    noa.page.goto(link)
    expect(noa.page.get_by_role("alert")).to_contain_text("This link does not hold any more")
    elsewhere = browser(viewport=PHONE, has_touch=True)
    elsewhere.go("/sign-in")
    sound(elsewhere.page)
    elsewhere.page.get_by_role("link", name="Forgotten your password?").click()
    expect(elsewhere.page.locator("#login")).to_be_focused()
    sound(elsewhere.page)
    elsewhere.page.fill("#login", "noa")
    elsewhere.page.get_by_role("button", name="Send me a link").click()
    expect(elsewhere.page.get_by_role("status")).to_contain_text("a mail with a link is on its way")
    choose(elsewhere.page, gate.link("noa@shop.example", 2), "yet another long phrase")
    elsewhere.page.fill("#password", "yet another long phrase")
    elsewhere.page.get_by_role("button", name="Sign in", exact=True).click()
    elsewhere.at(gate.house.address + "/")
    noa.go("/settings")
    noa.at("**/sign-in?next=/settings")


def test_a_second_factor_is_set_up_asked_for_and_taken_away(gate: Gate, browser: Callable[..., Desk]):
    ann = browser(viewport=PHONE, has_touch=True)
    ann.sign_in("ann")
    ann.go("/settings")
    ann.page.get_by_role("link", name="Second factor").click()
    sound(ann.page)
    ann.page.get_by_role("button", name="Set up an app").click()
    sound(ann.page)
    ann.page.get_by_text("No camera? Type this key").click()
    app = pyotp.TOTP(ann.page.locator("code.key").inner_text().replace(" ", ""))
    assert ann.page.locator("img.qr").evaluate("one => one.naturalWidth") > 100
    ann.page.fill("#code", "000000")
    ann.page.get_by_role("button", name="Set up").click()
    expect(ann.page.get_by_role("alert")).to_contain_text("This code is not right")
    expect(ann.page.locator("#code")).to_be_focused()
    ann.page.fill("#code", app.now())
    ann.page.get_by_role("button", name="Set up").click()
    codes = ann.page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10
    sound(ann.page)
    ann.go("/settings/factors")
    expect(ann.page.get_by_text(codes[0])).to_have_count(0)
    elsewhere = browser(viewport=PHONE, has_touch=True)
    half_way(elsewhere, "ann", "/settings")
    expect(elsewhere.page.locator("#code")).to_be_focused()
    sound(elsewhere.page)
    elsewhere.go("/settings")  # half signed in is not signed in
    elsewhere.at("**/sign-in?next=/settings")
    elsewhere.go("/sign-in/second?next=/settings")
    elsewhere.page.fill("#code", codes[0])
    elsewhere.page.get_by_role("button", name="Sign in", exact=True).click()
    elsewhere.at(gate.house.address + "/settings")
    admin = browser()
    admin.sign_in("admin")
    admin.go("/core/users")
    admin.page.locator("main td a", has_text=re.compile("^Ann$")).first.click()
    expect(admin.page.locator("main h1")).to_have_text("Ann")
    act(admin.page, "Take second factors away")
    expect(admin.page.locator(".toast")).to_be_visible()
    again = browser()
    again.sign_in("ann")


def test_a_role_asks_for_a_second_factor_at_the_next_sign_in(gate: Gate, browser: Callable[..., Desk]):
    admin = browser()
    admin.sign_in("admin")
    admin.go("/core/roles")
    role = admin.page.locator("main td a", has_text=re.compile("^Auditor$")).first.get_attribute("href") or ""
    admin.go(role.split("?")[0] + "/edit")
    admin.page.get_by_label("Needs a second factor").check()
    admin.page.click("main .actions button.primary")
    expect(admin.page.locator("main h1")).to_have_text("Auditor")
    bob = browser(viewport=PHONE, has_touch=True, locale="zh-CN")
    half_way(bob, "bob", "/")
    expect(bob.page.locator("main h1")).to_have_text("设置第二重验证")
    sound(bob.page)
    bob.page.locator("summary").click()
    app = pyotp.TOTP(bob.page.locator("code.key").inner_text().replace(" ", ""))
    bob.page.fill("#code", app.now())
    bob.page.click("main button.primary")
    assert len(bob.page.locator(".codes li").all_inner_texts()) == 10
    sound(bob.page)
    bob.page.click("main a.primary")
    bob.at(gate.house.address + "/")


def with_authenticator(desk: Desk) -> None:
    """The browser has a device that knows its user."""
    session = desk.context.new_cdp_session(desk.page)
    session.send("WebAuthn.enable")
    told = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device = told | {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def test_a_passkey_is_made_asked_for_and_enough_by_itself(gate: Gate, browser: Callable[..., Desk]):
    kim = browser(viewport=PHONE, has_touch=True)
    with_authenticator(kim)
    kim.sign_in("kim")
    kim.go("/settings/factors")
    sound(kim.page)
    kim.page.fill("#f-name", "My phone")
    kim.page.get_by_role("button", name="Add a passkey").click()
    expect(kim.page.locator(".codes li")).to_have_count(10)
    kim.go("/settings/factors")
    expect(kim.page.get_by_role("cell", name="My phone")).to_be_visible()
    sound(kim.page)
    kim.context.clear_cookies()
    half_way(kim, "kim", "/settings")
    sound(kim.page)
    kim.page.get_by_role("button", name="Use a passkey").click()
    kim.at(gate.house.address + "/settings")
    kim.context.clear_cookies()
    kim.go("/sign-in?next=/settings/factors")
    kim.page.get_by_role("button", name="Sign in with a passkey").click()
    kim.at(gate.house.address + "/settings/factors")
    kim.page.get_by_role("button", name="Remove").click()
    expect(kim.page.get_by_role("cell", name="My phone")).to_have_count(0)
    kim.context.clear_cookies()
    kim.go("/sign-in")
    kim.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(kim.page.get_by_role("alert")).to_contain_text("This passkey was not accepted")
    kim.sign_in("kim")


def test_an_account_elsewhere_is_connected_and_signs_in(gate: Gate, browser: Callable[..., Desk]):
    gil = browser(viewport=PHONE, has_touch=True)
    gil.go("/sign-in")
    gil.page.get_by_role("link", name="Sign in by Company login").click()
    expect(gil.page.get_by_role("alert")).to_contain_text("No account is connected with you there")
    sound(gil.page)
    gil.sign_in("gil")
    gil.go("/settings/factors")
    sound(gil.page)
    gil.page.get_by_role("link", name="Connect my account").click()
    expect(gil.page.locator(".toast")).to_contain_text("Your account is connected")
    gil.context.clear_cookies()
    gil.go("/sign-in?next=/settings/factors")
    gil.page.get_by_role("link", name="Sign in by Company login").click()
    gil.at(gate.house.address + "/settings/factors")
    gil.page.get_by_role("button", name="Disconnect").click()
    expect(gil.page.get_by_role("link", name="Connect my account")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "word", "sent"),
    [("zh-CN", "忘记密码？", "发送链接"), ("ko-KR", "비밀번호를 잊으셨나요?", "링크 보내기")],
)
def test_the_door_speaks_the_language_of_the_browser(gate: Gate, browser: Callable[..., Desk], locale, word, sent):
    page = browser(viewport=PHONE, has_touch=True, locale=locale).page
    page.goto(gate.house.address + "/sign-in")
    sound(page)
    page.get_by_role("link", name=word).click()
    expect(page.get_by_role("button", name=sent)).to_be_visible()
    sound(page)
