"""The pages of an app with sales, asked over HTTP on each of the two databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from core.access import Caller, system
from core.app import Kernel
from core.database import Database
from core.first_steps import first_steps
from core.model import Model
from core.plugin import Plugin
from core.policies import on_behalf
from core.registry import Registry
from core.roles import Assignment, Role
from core.settings import Settings, load_settings
from core.users import User
from tradepost import sales
from tradepost.app import wired
from ui.routes import routes

M = TypeVar("M", bound=Model)
PASSWORD = "correct horse battery staple"
ORIGIN = "http://testserver"
SYSTEM = system("test")


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin,)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return load_settings(data=tmp_path / "data", database_url=database_url, admin_password=PASSWORD)


@pytest.fixture
async def kernel(settings: Settings, registry: Registry, database: Database) -> AsyncIterator[Kernel]:
    settings.data.mkdir(parents=True, exist_ok=True)
    await first_steps(database, registry, settings)
    made = wired(settings, registry, database)
    yield made
    await made.sign_in.close()
    await made.engine.close()


@dataclass
class Pages:
    """The pages as a browser of one user asks for them."""

    client: httpx.AsyncClient

    async def get(self, address: str, **headers: str) -> httpx.Response:
        return await self.client.get(
            address, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    async def part(self, address: str) -> httpx.Response:
        return await self.get(address, hx_request="true", hx_request_type="partial")

    async def post(self, address: str, data: Any = None, **options: Any) -> httpx.Response:
        return await self.client.post(address, data=data or {}, **options)


@dataclass
class Firm:
    """A company: its kernel, and ways to have people and records."""

    kernel: Kernel
    app: Starlette

    async def make(self, model: type[M], caller: Caller = SYSTEM, **values: object) -> M:
        return await self.kernel.operations.create(caller, model, values)

    async def all(self, model: type[M], **options: Any) -> list[M]:
        return await self.kernel.reader.records(SYSTEM, model, **options)

    async def user(self, login: str, *roles: str) -> UUID:
        made = await self.make(User, login=login, name=login.capitalize())
        user_id: UUID = made.value("id")
        await self.kernel.accounts.set_password(SYSTEM, user_id, PASSWORD)
        for name in roles:
            (role,) = await self.all(Role, where=Role.name.eq(name))
            await self.make(Assignment, role=role.value("id"), user=user_id)
        return user_id

    def pages(self) -> Pages:
        transport = httpx.ASGITransport(self.app)
        return Pages(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}))

    async def signed_in(self, login: str = "admin") -> Pages:
        pages = self.pages()
        answer = await pages.post("/sign-in", {"login": login, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        return pages


@pytest.fixture
async def firm(kernel: Kernel) -> Firm:
    return Firm(kernel, Starlette(routes=routes(kernel)))


@pytest.fixture
async def admin(firm: Firm) -> Pages:
    return await firm.signed_in()


async def caller_of(firm: Firm, login: str) -> Caller:
    (user,) = await firm.all(User, where=User.login.eq(login))
    return await on_behalf(firm.kernel.policies, user.id, "test")
