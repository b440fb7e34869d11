"""A firm in Berlin with two people who travel, sites around them, and a clock that the tests set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest

from core import writing
from core.access import By, Caller, system
from core.app import Kernel
from core.jobs import Worker
from core.model import Model
from core.plugin import Plugin
from core.roles import Assignment, Role
from core.users import User
from plugins.visits import jobs
from tradepost import Position, sales, visits
from tradepost.sales import Customer
from tradepost.visits import Site, SiteClass, Traveller, Visit, VisitPlan

M = TypeVar("M", bound=Model)
SYSTEM = system("test")
MONDAY = date(2026, 11, 23)
NIGHT = "2026-11-22T20:00+01:00"
HOME = ("52.520000", "13.405000")


def at(latitude: str, longitude: str) -> Position:
    return Position(Decimal(latitude), Decimal(longitude))


class Clock(datetime):
    """The time that a job takes for now."""

    moment: datetime

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # as it is asked for
        return cls.moment.astimezone(tz)


@dataclass
class Firm:
    """The kernel of the company, its people, and the clock on the wall."""

    kernel: Kernel
    clock: pytest.MonkeyPatch
    people: dict[str, UUID] = field(default_factory=dict)

    def at(self, text: str) -> datetime:
        """From now on it is this time."""
        moment = datetime.fromisoformat(text).astimezone(UTC)
        self.clock.setattr(writing, "now", lambda: moment)
        self.clock.setattr(jobs, "datetime", type("Then", (Clock,), {"moment": moment}))
        return moment

    async def person(self, login: str, *roles: str, **values: Any) -> Caller:
        made = await self.make(User, login=login, name=login.title(), **values)
        self.people[login] = made.value("id")
        for name in roles:
            (role,) = await self.all(Role, where=Role.name.eq(name))
            await self.make(Assignment, role=role.value("id"), user=made.value("id"))
        return await self.as_(login)

    async def as_(self, login: str) -> Caller:
        return Caller(await self.kernel.policies.fresh(self.people[login]), By.JOB)

    async def make(self, model: type[M], who: Caller = SYSTEM, **values: object) -> M:
        return await self.kernel.operations.create(who, model, values)

    async def change(self, record: M, who: Caller = SYSTEM, **values: object) -> M:
        return await self.kernel.operations.update(who, type(record), record.id, values)

    async def all(self, model: type[M], who: Caller = SYSTEM, **options: Any) -> list[M]:
        return await self.kernel.reader.records(who, model, **options)

    async def act(self, record: M, name: str, who: Caller = SYSTEM, **inputs: object) -> M:
        (found,) = await self.kernel.operations.act(who, type(record), [record.id], name, inputs)
        return found

    async def now(self, record: M) -> M:
        return await self.kernel.reader.get(SYSTEM, type(record), record.id)

    async def work(self) -> None:
        """Do what is due by the clock of the database."""
        await Worker(self.kernel.database, self.kernel.outbox).drain()

    async def plan(self, *logins: str, **values: Any) -> VisitPlan:
        """A plan with people who begin and end at home."""
        plan = await self.make(VisitPlan, name="Berlin", **values)
        for login in logins:
            await self.make(Traveller, plan=plan.id, user=self.people[login], start=at(*HOME))
        return plan

    async def site(self, name: str, latitude: str, longitude: str, **values: Any) -> Site:
        customer = await self.make(Customer, name=f"{name} Ltd", position=at(latitude, longitude))
        return await self.make(Site, name=name, customer=customer.id, **values)

    async def routed(self, plan: VisitPlan, day: date = MONDAY, days: int = 1) -> list[Visit]:
        """The visits of a plan after its routes were planned, in the order of the day."""
        await self.act(plan, "route", day=day, days=days)
        await self.work()
        assert (await self.now(plan)).routing_since is None
        return await self.all(Visit, order=("day", "place"))


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, visits.plugin)


@pytest.fixture
async def firm(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> Firm:
    found = Firm(kernel, monkeypatch)
    await found.kernel.options.change(SYSTEM, {"visits.zone": "Europe/Berlin", "visits.seconds": 1})
    lead = await found.person("lead", "Visit supervisor")
    for login in ("ann", "bob"):
        await found.person(login, "Field representative", superior=lead.user_id)
    for name, days, minutes in (("A", 7, 45), ("B", 14, 30)):
        await found.make(SiteClass, name=name, every_days=days, minutes=minutes)
    found.at(NIGHT)
    return found


@pytest.fixture
async def classes(firm: Firm) -> dict[str, SiteClass]:
    return {one.name: one for one in await firm.all(SiteClass)}
