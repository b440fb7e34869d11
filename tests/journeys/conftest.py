"""A company in a real server on this machine, visited with a real browser."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from core.access import system
from core.boot import boot
from core.database import connect
from core.first_steps import first_steps
from core.migrator import migrate
from core.plugin import Plugin
from core.roles import Assignment, Role
from core.settings import Settings, load_settings
from core.users import User
from core.work import Work
from tradepost import Position, distribution, marketing, sales, service_desk, visits
from tradepost.app import create_app, open_kernel
from tradepost.distribution import Place
from tradepost.sales import Customer, Pipeline, Product, Stage
from tradepost.testing import missing
from tradepost.visits import FormQuestion, Site, Traveller, VisitForm, VisitPlan

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "correct horse battery staple"
SYSTEM = system("test")
PLUGINS = (sales.plugin, marketing.plugin, service_desk.plugin, distribution.plugin, visits.plugin)
PEOPLE = (
    ("ann", "Salesperson"),
    ("bob", "Auditor"),
    ("kim", "Salesperson"),
    ("gil", "Service agent"),
    ("dee", "Dispatcher"),
    ("wil", "Warehouse keeper"),
    ("mia", "Marketer"),
    ("lea", "Visit supervisor"),
    ("fay", "Field representative"),
    ("flo", "Field representative"),
)
TRAVELLERS = ("fay", "flo")
SHOP = Position(Decimal("52.530000"), Decimal("13.410000"))
PATIENCE = 90
log = logging.getLogger("journeys")
expect.set_options(timeout=PATIENCE * 1_000)  # a busy machine is no fault of the page
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return PLUGINS


@dataclass(frozen=True)
class House:
    """Where the company is found."""

    address: str


async def furnish(settings: Settings) -> None:
    """An empty company with a pipeline, a product, and people of every kind."""
    registry = boot(PLUGINS)
    database = await connect(settings.database, registry)
    await migrate(database, registry)
    await first_steps(database, registry, settings)
    await database.close()
    async with open_kernel(settings, PLUGINS) as kernel:
        make = kernel.operations.create
        pipeline = await make(SYSTEM, Pipeline, {"name": "Direct sales"})
        for place, (name, kind) in enumerate(
            (("Prospecting", "open"), ("Proposal", "open"), ("Won", "won"), ("Lost", "lost"))
        ):
            await make(SYSTEM, Stage, {"pipeline": pipeline, "name": name, "kind": kind, "place": place})
        await make(SYSTEM, Product, {"code": "GTX", "name": "GTX Basic"})
        (office,) = await kernel.reader.records(SYSTEM, User, fields=("department",))
        await make(SYSTEM, Place, {"name": "Main warehouse"})
        for login, role in PEOPLE:
            values = {"login": login, "name": login.title(), "department": office.department}
            user = await make(SYSTEM, User, values)
            await kernel.accounts.set_password(SYSTEM, user.value("id"), PASSWORD)
            (found,) = await kernel.reader.records(SYSTEM, Role, where=Role.name.eq(role))
            await make(SYSTEM, Assignment, {"role": found.value("id"), "user": user.value("id")})
        await kernel.operations.run(SYSTEM, furnish_visits)


async def furnish_visits(work: Work) -> None:
    """A form, and for each of those who travel a plan with two shops; Lea leads them."""
    people = {one.login: one for one in await work.find(User)}
    form = await work.create(VisitForm, name="Visit of a shop")
    for question, kind, options in (("Pumps on the shelf", "number", ()), ("Where?", "choice", ("Front", "Back"))):
        values = {"question": question, "kind": kind, "options": options, "required": kind == "number"}
        await work.create(FormQuestion, form=form, **values)
    await work.create(FormQuestion, form=form, question="Photo of the shelf", kind="photo", place=3)
    for login in TRAVELLERS:
        owner, name = people["lea"].id, login.title()
        await work.change(people[login], superior=owner)
        plan = await work.create(VisitPlan, name=f"Plan of {name}", form=form, owner=owner)
        days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        await work.create(Traveller, plan=plan, user=people[login], days=days, start=SHOP)
        for shop in ("Corner", "Market"):
            customer = await work.create(Customer, name=f"{shop} of {name}", owner=owner)
            placed = {"position": SHOP, "owner": owner}
            await work.create(Site, name=f"{shop} shop of {name}", customer=customer, plan=plan, **placed)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("house")
    settings = load_settings(data=data, admin_password=PASSWORD)
    asyncio.run(furnish(settings))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(create_app(settings, PLUGINS), port=port, log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + PATIENCE
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    assert server.started
    yield House(f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(PATIENCE)


@pytest.fixture(scope="module")  # while it is open it holds the thread's event loop, which others need, too
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Desk:
    """A browser at which somebody sits; what its console says is kept."""

    house: House
    context: BrowserContext
    page: Page
    said: list[str]
    asked: list[Request]

    def go(self, path: str) -> None:
        self.page.goto(self.house.address + path)

    def sign_in(self, login: str) -> None:
        self.go("/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(self.house.address + "/")

    def at(self, pattern: str) -> None:
        self.page.wait_for_url(pattern)

    def heading(self) -> str:
        return self.page.locator("main h1").first.inner_text()

    def toast(self) -> str:
        return self.page.locator(".toast span").first.inner_text()

    def report(self) -> str:
        """What was asked for, with the time it took; what a failure shows beside the page."""
        return "\n".join(
            f"{one.method} {one.url} {one.failure or one.timing['responseEnd']}" for one in self.asked[-40:]
        )


def noted(desk: Desk, message: ConsoleMessage) -> None:
    # A browser says of every 4xx answer that the resource could not be loaded; that is no fault of the page.
    if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
        desk.said.append(message.text)


def noted_request(desk: Desk, request: Request) -> None:
    desk.asked.append(request)


@pytest.fixture
def desk(house: House, chromium: Browser) -> Iterator[Any]:
    """Sit down somewhere: `desk(script=False)`, `desk(viewport=PHONE)`; at the end no console may have complained."""
    made: list[Desk] = []

    def sit(*, script: bool = True, **options: Any) -> Desk:
        context = chromium.new_context(java_script_enabled=script, **({"viewport": DESK, "locale": "en-US"} | options))
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1_000)
        found = Desk(house, context, page, [], [])
        page.on("request", lambda request: noted_request(found, request))
        page.on("console", lambda message: noted(found, message))
        page.on("pageerror", lambda fault: found.said.append(str(fault)))
        made.append(found)
        return found

    yield sit
    for one in made:
        log.warning("%s", one.report())  # pytest shows it beside a failure, and nowhere else
        one.context.close()
    assert [said for one in made for said in one.said] == []
