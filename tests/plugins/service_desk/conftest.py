"""A service desk with people, a skill, and service levels, at a time that the tests set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import pytest

from core import writing
from core.access import By, Caller, system
from core.app import Kernel
from core.database import KEY
from core.jobs import Worker
from core.model import Model
from core.plugin import Plugin
from core.roles import Assignment, Role
from core.users import User
from tradepost import sales, service_desk
from tradepost.sales import Customer
from tradepost.service_desk import Priority, ServiceLevel, Skill, Speciality, Ticket

M = TypeVar("M", bound=Model)
SYSTEM = system("test")
MONDAY = "2026-11-23T09:00+00:00"


@dataclass
class Desk:
    """The kernel of the company, its people, and the clock on the wall."""

    kernel: Kernel
    clock: pytest.MonkeyPatch
    people: dict[str, UUID] = field(default_factory=dict)

    def at(self, text: str) -> datetime:
        """From now on it is this time."""
        moment = datetime.fromisoformat(text).astimezone(UTC)
        self.clock.setattr(writing, "now", lambda: moment)
        return moment

    async def person(self, login: str, *roles: str) -> Caller:
        made = await self.make(User, login=login, name=login.title())
        self.people[login] = made.value("id")
        for name in roles:
            (role,) = await self.all(Role, where=Role.name.eq(name))
            await self.make(Assignment, role=role.value("id"), user=made.value("id"))
        return await self.as_(login)

    async def as_(self, login: str) -> Caller:
        return Caller(await self.kernel.policies.fresh(self.people[login]), By.JOB)

    async def make(self, model: type[M], who: Caller = SYSTEM, **values: object) -> M:
        return await self.kernel.operations.create(who, model, values)

    async def all(self, model: type[M], who: Caller = SYSTEM, **options: Any) -> list[M]:
        return await self.kernel.reader.records(who, model, **options)

    async def act(self, who: Caller, ticket: Ticket, name: str, **inputs: object) -> Ticket:
        (found,) = await self.kernel.operations.act(who, Ticket, [ticket.id], name, inputs)
        return found

    async def work(self) -> None:
        """Do what is due by the clock of the database."""
        await Worker(self.kernel.database, self.kernel.outbox).drain()

    async def now(self, ticket: Ticket) -> Ticket:
        return await self.kernel.reader.get(SYSTEM, Ticket, ticket.id)

    async def waiting(self) -> int:
        rows = await self.kernel.database.read(
            KEY, "SELECT count(*) FROM core_event WHERE handler = 'service_desk.watch'"
        )
        return int(rows[0][0])


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, service_desk.plugin)


@pytest.fixture
async def desk(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk(kernel, monkeypatch)
    levels = ((Priority.NORMAL, 60, 480, 30), (Priority.URGENT, 15, 120, 5))
    for priority, response, resolution, warning in levels:
        await found.make(
            ServiceLevel,
            name=priority.name.title(),
            priority=priority,
            response_minutes=response,
            resolution_minutes=resolution,
            warning_minutes=warning,
        )
    await found.person("ann", "Service agent")
    await found.person("bob", "Service agent")
    await found.make(Customer, name="Harbour Trading")
    skill = await found.make(Skill, name="Hydraulics")
    await found.make(Speciality, skill=skill.id, user=found.people["bob"])
    found.at(MONDAY)
    return found
