"""A small company with a plugin of its own: departments, sellers, a boss, an administrator, and their records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import pytest

from core.access import By, Caller, Origin, Scope
from core.actions import action
from core.database import KEY, Database
from core.departments import Department
from core.errors import Refused
from core.events import Handler, Happening, Outbox
from core.fields import boolean, choice, decimal, integer, money, note, phones, secret, text
from core.ids import born, now
from core.links import link
from core.model import Meta, Model
from core.operations import Operations, Work
from core.plugin import Plugin
from core.policies import Policies
from core.reading import Reader
from core.registry import Registry
from core.resource import Resource, extend
from core.roles import Assignment, Grant, Role
from core.rows import insert
from core.sessions import Session
from core.users import User


class Tier(Enum):
    BASIC = "basic"
    GOLD = "gold"


class Product(Model):
    """Something to sell."""

    name = text(80, required=True)
    on_shelf = boolean(default=True)


class Company(Model):
    """A customer."""

    meta = Meta(order=("name",))

    name = text(80, required=True, unique=True)
    tier = choice(Tier, default=Tier.BASIC)
    points = integer(default=0, readonly=True)
    turnover = money(minimum=0)
    phones = phones()
    remark = note()
    pin = secret(32)
    parent = link("self", back="subsidiaries")


class Line(Model):
    """A part of a company, with a part of its own."""

    meta = Meta(part_of="company", together=(("company", "label"),))

    company = link(Company, required=True, back="lines")
    label = text(40, required=True)
    quantity = decimal(3, default=None)  # type: ignore[call-overload]


class Detail(Model):
    """A part of a part."""

    meta = Meta(part_of="line")

    line = link(Line, required=True, back="details")
    label = text(40, required=True)


class Promotion(Model):
    """The history of tiers."""

    meta = Meta(part_of="company", append_only=True)

    company = link(Company, required=True, back="promotions")
    tier = choice(Tier, required=True, readonly=True)


class Reading(Model):
    """A figure that was read off a meter."""

    meta = Meta(append_only=True)

    name = text(80, required=True)


class Deal(Model):
    """Something that may be sold."""

    name = text(80, required=True)
    company = link(Company, required=True, back="deals")
    product = link(Product, where=Product.on_shelf.eq(True))
    amount = money()


class Companies(Resource[Company]):
    """Companies."""

    @action()
    async def award(self, work: Work, company: Company, points: int) -> Company:
        """Add points."""
        if points <= 0:
            raise Refused("Points must be positive", field="points")
        return await work.change(company, points=company.points + points)

    @action(permission="award", bulk=False)
    async def gift(self, work: Work, company: Company, product: Product, remark: str = "A gift") -> Company:
        """Give the company a product."""
        await work.create(Deal, name=remark, company=company, product=product)
        return await work.change(company, remark=product.name)

    @action(permission="award")
    async def empty_handed(self, work: Work, company: Company) -> Company:
        """Do nothing."""
        return company

    @action(permission="award")
    async def borrow(self, work: Work, company: Company, other: Company) -> Company:
        """Take a remark from another company, and change that one, too."""
        await work.change(other, remark="borrowed")
        return await work.change(company, remark=other.remark)

    async def check(self, work: Work, before: Company | None, after: Company) -> None:
        """Refuse a name."""
        if after.name == "Forbidden Ltd":
            raise Refused("Choose another name", field="name")

    async def changed(self, work: Work, before: Company | None, after: Company) -> None:
        """Keep the history of tiers."""
        if after.tier is not (before.tier if before else Tier.BASIC):
            history = work.elevated("the history of tiers is kept whoever changes them")
            await history.create(Promotion, company=after, tier=after.tier)
        if after.remark == "spill":
            await work.change(after, points=after.points + 1, remark="spilt")


@extend(Company)
class Watched:
    """What another plugin wants of companies."""

    async def check(self, work: Work, before: Company | None, after: Company) -> None:
        """Refuse a name, too."""
        if after.name == "Watched Ltd":
            raise Refused("The guest forbids it", field="name")

    async def changed(self, work: Work, before: Company | None, after: Company) -> None:
        """Refuse the recycle bin to some, answer a remark."""
        if after.archived_at is not None and after.remark == "kept":
            raise Refused("The guest keeps it")
        if after.remark == "hello":
            await work.create(Deal, name=f"{before.name if before else 'nobody'} says hello", company=after)


shop = Plugin("shop", models=[Product, Company, Line, Detail, Promotion, Reading, Deal], resources=[Companies])
guest = Plugin("guest", extends=[Watched], needs=["shop"])


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (shop, guest)


SELLER = {
    **{f"shop.company.{verb}": Scope.OWN for verb in ("create", "update", "archive", "transfer", "share", "award")},
    "shop.company.read": Scope.TREE,
    **{f"shop.deal.{verb}": Scope.OWN for verb in ("read", "create", "update")},
    "shop.product.read": Scope.ALL,
    "core.user.read": Scope.ALL,
    "core.department.read": Scope.ALL,
}
BOSS = dict.fromkeys(
    [
        *(
            f"shop.company.{verb}"
            for verb in ("read", "create", "update", "archive", "transfer", "share", "award", "purge")
        ),
        "shop.deal.read",
        "shop.deal.update",
        "core.user.read",
    ],
    Scope.TREE,
)


class Kept:
    """A handler that remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[Happening] = []

    async def __call__(self, happenings: Sequence[Happening]) -> None:
        self.given += happenings


@dataclass
class World:
    """The company, ready to work."""

    registry: Registry
    database: Database
    policies: Policies
    operations: Operations
    reader: Reader
    people: dict[str, UUID]
    departments: dict[str, UUID]
    sessions: dict[str, UUID]

    async def caller(self, login: str, **changes: Any) -> Caller:
        """Somebody who is signed in."""
        policy = await self.policies.fresh(self.people[login])
        made = Caller(policy, By.SESSION, self.sessions[login], origin=Origin("127.0.0.1", "test"))
        return replace(made, **changes)

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows as the database has them."""
        return await self.database.read(KEY, sql)

    async def alter(self, sql: str) -> int:
        """Change rows beside the operations."""
        async with self.database.begin(KEY) as connection:
            return await connection.run(KEY, sql)

    async def counts(self) -> tuple[tuple[Any, ...], ...]:
        """A fingerprint of all business rows, to show that nothing changed."""
        tables = [spec.table for spec in self.registry.models.values() if spec.plugin == "shop"]
        found = []
        for table in (*tables, "core_share", "core_file", "core_event", "core_user"):
            found.append(tuple(await self.rows(f"SELECT * FROM {table} ORDER BY id")))  # noqa: PERF401  one after another
        return tuple(found)

    async def verbs(self) -> list[str]:
        """The verbs of the audit, in order."""
        return [row[0] for row in await self.rows("SELECT verb FROM core_entry ORDER BY number")]

    async def granted(self, login: str, grants: dict[str, Scope], role: str = "") -> None:
        """Give a user a role with some grants."""
        async with self.database.begin(KEY) as connection:
            made = born(now()) | {"name": role or login}
            await insert(connection, self.registry.spec(Role), made)
            for permission, scope in grants.items():
                row = born(now()) | {"role": made["id"], "permission": permission, "scope": scope}
                await insert(connection, self.registry.spec(Grant), row)
            row = born(now()) | {"role": made["id"], "user": self.people[login]}
            await insert(connection, self.registry.spec(Assignment), row)


PEOPLE = {"ann": "east", "bea": "east", "bob": "west", "boss": "head", "root": "head"}


@pytest.fixture
async def world(database: Database, registry: Registry) -> World:
    """Ann and Bea sell in the East, Bob in the West; the boss is above them, root may do everything."""
    departments: dict[str, UUID] = {}
    people: dict[str, UUID] = {}
    sessions: dict[str, UUID] = {}
    async with database.begin(KEY) as connection:
        await insert(connection, registry.spec("core.setting"), born(now()) | {"name": "rights", "content": 1})
        for name, above in (("head", None), ("east", "head"), ("west", "head")):
            row = born(now()) | {"name": name, "parent": departments.get(above or "")}
            await insert(connection, registry.spec(Department), row)
            departments[name] = row["id"]  # type: ignore[assignment]
        for login, department in PEOPLE.items():
            row = born(now()) | {"login": login, "name": login.title(), "department": departments[department]}
            await insert(connection, registry.spec(User), row | {"administrator": login == "root"})
            people[login] = row["id"]  # type: ignore[assignment]
            session = born(now()) | {
                "user": row["id"],
                "seen_at": now(),
                "expires_at": datetime.now(UTC) + timedelta(1),
            }
            await insert(connection, registry.spec(Session), session)
            sessions[login] = session["id"]  # type: ignore[assignment]
    policies = Policies(database)
    reader = Reader(registry, database, policies)
    outbox = Outbox(registry, {"all": Handler(Kept(), ("shop.*",))})
    operations = Operations(registry, database, reader, policies, outbox)
    made = World(registry, database, policies, operations, reader, people, departments, sessions)
    for login in ("ann", "bea", "bob"):
        await made.granted(login, SELLER)
    await made.granted("boss", BOSS)
    return made


@pytest.fixture
def models() -> Any:
    """The models of the shop, by name: test modules cannot import from here."""
    return type("Models", (), {one.__name__: one for one in shop.models} | {"Tier": Tier})
