"""A company that sells: head office, a region with two teams, their people with the plugin's own roles, a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import pytest

from core.access import By, Caller, system
from core.database import Database
from core.departments import Department
from core.events import Outbox
from core.exchange import Exchange
from core.first_steps import first_steps
from core.model import Model
from core.operations import Operations
from core.plugin import Plugin
from core.policies import Policies
from core.reading import Reader
from core.registry import Registry
from core.roles import Assignment, Role
from core.settings import load_settings
from core.users import User
from tradepost import sales
from tradepost.sales import Pipeline, Stage

M = TypeVar("M", bound=Model)
SYSTEM = system("test")


@dataclass
class Firm:
    """The kernel of the company, and its people as callers."""

    reader: Reader
    operations: Operations
    policies: Policies
    exchange: Exchange
    people: dict[str, UUID] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)

    async def as_(self, login: str) -> Caller:
        """Somebody as a caller, with the rights that he has now."""
        return Caller(await self.policies.fresh(self.people[login]), By.JOB)

    async def make(self, model: type[M], who: Caller = SYSTEM, **values: object) -> M:
        """A new record."""
        return await self.operations.create(who, model, values)

    async def all(self, model: type[M], who: Caller = SYSTEM, **options: Any) -> list[M]:
        """The records that somebody sees."""
        return await self.reader.records(who, model, **options)

    async def act(self, who: Caller, record: M, name: str, **inputs: object) -> M:
        """An action on one record."""
        return (await self.operations.act(who, type(record), [record.id], name, inputs))[0]

    async def hire(self, login: str, role: str, department: Department, superior: UUID | None = None) -> None:
        """A new user with a role."""
        values: dict[str, Any] = {
            "login": login,
            "name": login.title(),
            "department": department.id,
            "superior": superior,
        }
        user = await self.make(User, **values)
        (found,) = await self.all(Role, where=Role.name.eq(role))
        await self.make(Assignment, role=found.id, user=user.id)
        self.people[login] = user.id


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin,)


@pytest.fixture
async def firm(database: Database, registry: Registry) -> Firm:
    await first_steps(database, registry, load_settings(admin_password="Tea-Harbour-2026", _env_file=None))
    policies = Policies(database)
    reader = Reader(registry, database, policies)
    operations = Operations(registry, database, reader, policies, Outbox(registry, {}))
    made = Firm(reader, operations, policies, Exchange(reader, operations))
    (office,) = await made.all(Department)
    asia = await made.make(Department, name="Asia", parent=office.id)
    shanghai = await made.make(Department, name="Shanghai", parent=asia.id)
    seoul = await made.make(Department, name="Seoul", parent=asia.id)
    await made.hire("director", "Sales director", asia)
    await made.hire("lead", "Team lead", shanghai, made.people["director"])
    await made.hire("li", "Salesperson", shanghai, made.people["lead"])
    await made.hire("wang", "Salesperson", shanghai, made.people["lead"])
    await made.hire("kim", "Salesperson", seoul, made.people["director"])
    await made.hire("auditor", "Auditor", office)
    pipeline = await made.make(Pipeline, name="Machines")
    await made.act(SYSTEM, pipeline, "add_stages")
    made.stages = {stage.name: stage for stage in await made.all(Stage)}
    return made
