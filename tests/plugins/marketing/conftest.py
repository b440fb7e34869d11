"""Marketing with people and customers, and a mail server that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

import pytest

from core.access import By, Caller, system
from core.app import Kernel
from core.database import KEY, Dialect
from core.desk import Desk
from core.events import Outbox
from core.jobs import Worker
from core.mail import Mailer
from core.model import Model
from core.office import Office, Offices, handlers_of
from core.plugin import Plugin
from core.roles import Assignment, Role
from core.users import User
from tests.smtp import MailServer
from tradepost import marketing, sales
from tradepost.marketing import Mailing, Recipient, Segment

M = TypeVar("M", bound=Model)
SYSTEM = system("test")


@dataclass
class House:
    """The kernel of the company, its people, and its mail server."""

    kernel: Kernel
    server: MailServer
    people: dict[str, UUID] = field(default_factory=dict)

    async def person(self, login: str, *roles: str) -> Caller:
        made = await self.make(User, login=login, name=login.title())
        self.people[login] = made.value("id")
        for name in roles:
            (role,) = await self.all(Role, where=Role.name.eq(name))
            await self.make(Assignment, role=role.value("id"), user=made.value("id"))
        return await self.as_(login)

    async def as_(self, login: str) -> Caller:
        return Caller(await self.kernel.policies.fresh(self.people[login]), By.JOB)

    def desk(self, who: Caller) -> Desk:
        return Desk(who, self.kernel.reader, self.kernel.options)

    async def make(self, model: type[M], who: Caller = SYSTEM, **values: object) -> M:
        return await self.kernel.operations.create(who, model, values)

    async def all(self, model: type[M], who: Caller = SYSTEM, **options: Any) -> list[M]:
        return await self.kernel.reader.records(who, model, **options)

    async def act(self, who: Caller, record: M, name: str, **inputs: object) -> M:
        (found,) = await self.kernel.operations.act(who, type(record), [record.id], name, inputs)
        return found

    async def mailing(self, who: Caller, conditions: object, **values: object) -> Mailing:
        segment = await self.make(Segment, who, name=f"Segment {who.policy.login}", conditions=conditions)
        given = {"subject": "News", "body": "Hello {{ name }}", "per_minute": 1_000_000} | values
        return await self.make(Mailing, who, segment=segment.id, **given)

    def offices(self) -> Offices:
        kernel = self.kernel
        mailer = Mailer(self.server.url, "News <news@shop.example>", "https://crm.example")
        return Offices(kernel.operations, kernel.files, kernel.options, kernel.policies, mailer)

    def office(self) -> Office:
        return self.offices().of("test")

    def worker(self) -> Worker:
        """A worker whose jobs send by the server of the test."""
        outbox = self.kernel.outbox
        found = Outbox(outbox.registry, {**outbox.handlers, **handlers_of(outbox.registry, self.offices())})
        return Worker(self.kernel.database, found)

    async def send(self) -> None:
        """Do what is due by now."""
        await self.worker().drain()

    async def states(self, mailing: Mailing) -> dict[str, str]:
        found = await self.all(Recipient, where=Recipient.mailing.eq(mailing), order=("address",))
        return {one.address: one.state.value for one in found}

    async def now(self, record: M) -> M:
        return await self.kernel.reader.get(SYSTEM, type(record), record.id)

    async def elapse(self) -> None:
        """What was put off is due now."""
        past = "now()" if self.kernel.database.dialect is Dialect.POSTGRES else "'2020-01-01T00:00:00.000000Z'"
        for sql in (
            f"UPDATE marketing_recipient SET due_at = {past} WHERE due_at IS NOT NULL",
            f"UPDATE core_event SET due_at = {past} WHERE handler = 'marketing.send'",
        ):
            async with self.kernel.database.begin(KEY) as connection:
                await connection.run(KEY, sql, [])


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, marketing.plugin)


@pytest.fixture
async def house(kernel: Kernel) -> AsyncIterator[House]:
    async with MailServer() as server:
        found = House(replace(kernel), server)
        await found.person("mia", "Marketer")
        yield found
