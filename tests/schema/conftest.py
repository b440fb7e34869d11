"""An app of the test plugin over real HTTP semantics: its kernel, a signed-in administrator, and a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

import core.live
import schema.routes as schema_routes
from core.access import Caller, Origin, system
from core.accounts import Accounts
from core.boot import boot
from core.database import Database
from core.events import Outbox
from core.explanations import Explanations
from core.finder import Counted, Finder, Found, Narrowed
from core.first_steps import first_steps
from core.languages import load_languages
from core.live import Hub
from core.notifications import Notifications
from core.operations import Operations
from core.options import Options
from core.plugin import Plugin
from core.policies import Policies
from core.reading import Reader
from core.registry import Registry
from core.renewal import Renewal
from core.settings import Settings, load_settings
from core.sign_in import SignIn
from core.users import User
from core.views import Views
from schema.assemble import Schema, assemble
from schema.routes import endpoint, routes
from tests.schema.shop import plugin
from tests.schema.streams import serving

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def plugins() -> list[Plugin]:
    return [plugin]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return boot([plugin])


@pytest.fixture(scope="module")
def schema(registry: Registry) -> Schema:
    return assemble(registry)


@dataclass
class ListedFinder:
    """A finder whose findings are told in advance; the real one is tested in its own room."""

    found: list[Found]

    async def find(self, caller: Caller, text: str, models: object = None, limit: int = 20) -> list[Found]:
        return [one for one in self.found if text in one.title][:limit]

    async def find_each(self, caller: Caller, text: str, limit: int = 50) -> Counted:
        return Counted(tuple(await self.find(caller, text, limit=limit)))

    async def narrow(
        self, caller: Caller, text: str, model: str, where: Mapping[str, str], limit: int = 50
    ) -> Narrowed:
        return Narrowed(tuple(one for one in self.found if text in one.title and one.label == model))


@dataclass(frozen=True)
class Shop:
    """The parts of a kernel that this room asks."""

    registry: Registry
    settings: Settings
    database: Database
    policies: Policies
    reader: Reader
    operations: Operations
    sign_in: SignIn
    finder: Finder
    languages: Any
    explanations: Explanations
    options: Options
    notifications: Notifications
    hub: Hub
    renewal: Renewal
    accounts: Accounts
    views: Views


@pytest.fixture
async def shop(database: Database, registry: Registry, tmp_path: Path) -> AsyncIterator[Shop]:
    settings = load_settings(data=tmp_path, admin_password=PASSWORD, _env_file=None)
    await first_steps(database, registry, settings)
    policies = Policies(database)
    reader = Reader(registry, database, policies)
    hub = Hub()
    sign_in = SignIn(registry, database, policies, settings, hub=hub)
    operations = Operations(registry, database, reader, policies, Outbox(registry, {}, hub))
    made = Shop(
        registry,
        settings,
        database,
        policies,
        reader,
        operations,
        sign_in,
        ListedFinder([]),
        load_languages(registry.plugins, {}),
        Explanations(registry, database, policies),
        Options(registry, database),
        Notifications(registry, database, reader, hub),
        hub,
        Renewal(registry, database, policies, hub),
        Accounts(registry, database, sign_in),
        Views(registry, database),
    )
    made.renewal.begin(lambda _: made)  # type: ignore[arg-type,return-value]  # the parts of a kernel that routes ask
    yield made
    await sign_in.close()


@pytest.fixture
async def admin(shop: Shop) -> Caller:
    """The administrator, signed in."""
    _, caller = await shop.sign_in.sign_in("admin", PASSWORD, Origin())
    return caller


@pytest.fixture
async def token(shop: Shop) -> str:
    """A token of the administrator."""
    (user,) = await shop.reader.records(system("a test"), User)
    return await shop.sign_in.create_token(system("a test"), "test", user_id=user.id)


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(shop))  # type: ignore[arg-type]  # the parts of a kernel that routes ask
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as opened:
        yield opened


Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def ask(client: httpx.AsyncClient, token: str) -> Ask:
    """Ask as the administrator; the whole response, with data and errors."""

    async def send(query: str, secret: str = "", **variables: object) -> dict[str, Any]:
        body: Mapping[str, object] = {"query": query, "variables": variables}
        response = await client.post("/graphql", json=body, headers={"Authorization": f"Bearer {secret or token}"})
        answer: dict[str, Any] = response.json()
        return answer

    return send


@pytest.fixture
def promptly(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told together is told a little sooner; the schema is a value, which is made once."""
    monkeypatch.setattr(schema_routes, "assemble", lambda _: schema)
    monkeypatch.setattr(core.live, "GATHERING", 0.05)


@pytest.fixture
async def address(shop: Shop, promptly: None) -> AsyncIterator[str]:
    """The API on a real server."""
    async with serving(endpoint(shop)) as at:  # type: ignore[arg-type]  # the parts of a kernel that it asks
        yield at
