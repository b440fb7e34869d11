"""The rows that the benchmarks read: 100,000 customers, 250,000 contacts, 150,000 opportunities, 300,000 follow-ups.

`notes/performance.md` states the shape: 40 departments on four levels, 200 users, a caller who reaches 7 departments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from uuid import UUID

from core.access import Scope
from core.database import KEY, Connection, Database
from core.departments import Department
from core.ids import new_id
from core.model import Model
from core.money import Money
from core.registry import Registry
from core.roles import Assignment, Grant, Role
from core.rows import insert_many
from core.users import User
from tradepost.sales import Contact, Customer, FollowUp, Industry, Method, Opportunity, Pipeline, Stage, StageKind

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
BATCH = 5_000
CALLER = "bench"
Row = Mapping[str, object]


@dataclass(frozen=True)
class Sizes:
    """How many rows of each kind."""

    customers: int = 100_000
    contacts: int = 250_000
    opportunities: int = 150_000
    follow_ups: int = 300_000


def born(at: datetime) -> dict[str, object]:
    """The system's values of a row, made at a moment."""
    return {"id": new_id(), "created_at": at, "updated_at": at, "version": 1}


class Generator:
    """Makes all rows from one seed, so that every run has the same."""

    def __init__(self, registry: Registry, sizes: Sizes) -> None:
        self.registry = registry
        self.sizes = sizes
        self.random = Random(1)
        self.departments: list[UUID] = []
        self.users: list[tuple[UUID, UUID]] = []
        self.customers: list[tuple[UUID, UUID, UUID]] = []
        self.stages: list[UUID] = []
        self.pipeline = new_id()

    async def fill(self, database: Database) -> None:
        """Write everything; a batch is a transaction."""
        async with database.begin(KEY) as connection:
            await self._organisation(connection)
            await self._pipeline(connection)
        for model, rows in (
            (Customer, self._customers()),
            (Contact, self._contacts()),
            (Opportunity, self._opportunities()),
            (FollowUp, self._follow_ups()),
        ):
            while batch := list(islice(rows, BATCH)):
                async with database.begin(KEY) as connection:
                    await self._add(connection, model, batch)

    async def _add(self, connection: Connection, model: type[Model], rows: list[Row]) -> None:
        await insert_many(connection, self.registry.spec(model), rows)

    async def _organisation(self, connection: Connection) -> None:
        parents: list[UUID | None] = [None]
        for number in range(40):  # 1, 3, 9 and 27 departments on four levels
            one = born(NOW) | {
                "name": f"Department {number}",
                "parent": parents[max(0, (number - 1) // 3 + 1)] if number else None,
            }
            parents.append(UUID(str(one["id"])))
            await self._add(connection, Department, [one])
        self.departments = [one for one in parents if one]
        users = [
            born(NOW)
            | {
                "login": f"user{number}",
                "name": f"User {number}",
                "department": self.departments[number % 40],
                "enabled": True,
            }
            for number in range(199)
        ]
        caller = born(NOW) | {"login": CALLER, "name": "Bench", "department": self.departments[4], "enabled": True}
        await self._add(connection, User, [*users, caller])
        self.users = [(UUID(str(one["id"])), UUID(str(one["department"]))) for one in users]
        role = born(NOW) | {"name": "Bench"}
        await self._add(connection, Role, [role])
        grants = [
            f"sales.{model}.{verb}"
            for model in ("customer", "contact", "opportunity", "follow_up", "pipeline")
            for verb in ("read", "create", "update")
        ]
        rows = [
            born(NOW) | {"role": role["id"], "permission": one, "scope": Scope.ALL if "pipeline" in one else Scope.TREE}
            for one in grants
        ]
        rows.append(born(NOW) | {"role": role["id"], "permission": "core.user.read", "scope": Scope.ALL})
        await self._add(connection, Grant, rows)
        await self._add(connection, Assignment, [born(NOW) | {"role": role["id"], "user": caller["id"]}])

    async def _pipeline(self, connection: Connection) -> None:
        await self._add(connection, Pipeline, [born(NOW) | {"id": self.pipeline, "name": "Bench"}])
        kinds = (
            ("New", StageKind.OPEN),
            ("Offer", StageKind.OPEN),
            ("Talks", StageKind.OPEN),
            ("Won", StageKind.WON),
            ("Lost", StageKind.LOST),
        )
        rows = [
            born(NOW) | {"pipeline": self.pipeline, "name": name, "kind": kind, "place": place, "win_rate": 20 * place}
            for place, (name, kind) in enumerate(kinds)
        ]
        await self._add(connection, Stage, rows)
        self.stages = [UUID(str(one["id"])) for one in rows]

    def _at(self) -> datetime:
        return NOW - timedelta(seconds=self.random.randrange(60_000_000))

    def _customers(self) -> Iterator[Row]:
        industries = list(Industry)
        for number in range(self.sizes.customers):
            owner, department = self.random.choice(self.users)
            row = born(self._at()) | {
                "name": f"Customer {number:06}",
                "industry": self.random.choice(industries),
                "region": f"Region {number % 30}",
                "employees": self.random.randrange(5_000),
                "annual_turnover": Money(self.random.randrange(10**10), "USD"),
                "website": f"https://customer{number}.example",
                "email": f"office{number}@customer.example",
                "phones": (f"+1 415 {number:07}",),
                "owner": owner,
                "department": department,
            }
            self.customers.append((UUID(str(row["id"])), owner, department))
            yield row

    def _contacts(self) -> Iterator[Row]:
        for number in range(self.sizes.contacts):
            customer, owner, department = self.random.choice(self.customers)
            yield born(self._at()) | {
                "name": f"Contact {number:06}",
                "customer": customer,
                "post": "Buyer",
                "emails": (f"contact{number}@customer.example",),
                "owner": owner,
                "department": department,
            }

    def _opportunities(self) -> Iterator[Row]:
        for number in range(self.sizes.opportunities):
            customer, owner, department = self.random.choice(self.customers)
            yield born(self._at()) | {
                "name": f"Opportunity {number:06}",
                "customer": customer,
                "pipeline": self.pipeline,
                "stage": self.random.choice(self.stages),
                "amount": Money(self.random.randrange(10**7), "USD"),
                "owner": owner,
                "department": department,
            }

    def _follow_ups(self) -> Iterator[Row]:
        for number in range(self.sizes.follow_ups):
            customer, owner, department = self.random.choice(self.customers)
            at = self._at()
            yield born(at) | {
                "subject": f"Call {number:06}",
                "method": Method.PHONE,
                "at": at,
                "customer": customer,
                "owner": owner,
                "department": department,
            }
