"""The tables behind the declarations: which columns and indexes there are, and that lists are read through these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from tortoise.indexes import Index

from core.access import By, Caller, Policy, Reach, Scope, system
from core.boot import boot
from core.conditions import EVERYTHING, Compare, Condition, Op
from core.database import KEY, Database, Dialect, Key, Row
from core.fields import choice, date, integer, money, text
from core.links import link
from core.model import Meta, Model
from core.plugin import Plugin
from core.reading import Reader
from core.registry import Registry
from core.resource import Resource
from core.rows import insert, insert_many
from core.storage import indexes, tables, uniques

START = datetime(2026, 1, 1, tzinfo=UTC)
ME, OFFICE, SESSION = UUID(int=1), UUID(int=2), UUID(int=3)


class State(Enum):
    """How far an order is."""

    OPEN = "open"
    DONE = "done"


class Buyer(Model):
    """Who buys."""

    meta = Meta(order=("name",), key=("code",))

    name = text(required=True, search=True)
    code = text(20, unique=True)
    city = text()


class Order(Model):
    """What is bought."""

    meta = Meta(order=("-due", "title"), indexes=(("state", "title"),))

    title = text(required=True)
    state = choice(State, default=State.OPEN)
    due = date()
    total = money()
    buyer = link(Buyer, required=True, back="orders")


class Part(Model):
    """A row of an order."""

    meta = Meta(part_of="order", order=("number",), together=(("order", "number"),))

    number = integer(required=True)
    order = link(Order, required=True, back="rows")


class Buyers(Resource[Buyer]):
    """Buyers in one town are likely the same."""

    duplicates = ("name", "city")


SHOP = Plugin("shop", models=[Buyer, Order, Part], resources=[Buyers])


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return [SHOP]


def test_a_models_lists_links_and_lookups_have_their_indexes() -> None:
    registry = boot([SHOP])
    assert set(indexes(registry.spec(Buyer))) == {
        ("owner_id", "name_folded", "id"),
        ("department_id", "name_folded", "id"),
        ("name_folded", "id"),
        ("code_folded",),
        ("name_folded",),
        ("city_folded",),
    }
    order = ('"due" DESC NULLS LAST', "title_folded", "id")
    assert set(indexes(registry.spec(Order))) == {
        ("state", "title_folded"),
        ("buyer_id", *order),
        ("owner_id", *order),
        ("department_id", *order),
        order,
        ("title_folded", "id"),
    }


def test_a_part_needs_no_index_for_owners_and_an_internal_model_none_for_lists() -> None:
    registry = boot([SHOP])
    assert set(indexes(registry.spec(Part))) == {("order_id", "number", "id"), ("number", "id")}
    assert set(uniques(registry.spec(Part))) == {("order_id", "number")}
    assert set(indexes(registry.spec("core.share"))) == {
        ("model", "record"),
        ("user_id",),
        ("to_department_id",),
        ("role_id",),
    }


def test_an_index_that_another_begins_with_is_left_out() -> None:
    made = tables(boot([SHOP])).get_model("shop", "Buyer")._meta.indexes
    columns = {tuple(one.fields) for one in made if isinstance(one, Index)}
    assert ("name_folded",) not in columns
    assert ("code_folded",) not in columns
    assert ("name_folded", "id") in columns


def test_each_app_has_tables_of_its_own() -> None:
    first, second = (tables(boot([SHOP])) for _ in range(2))
    assert first.get_model("shop", "Buyer") is not second.get_model("shop", "Buyer")


class Explained:
    """A database that writes down the plan of each statement before it reads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.dialect = database.dialect
        self.plan = ""

    async def read(self, key: Key, sql: str, values: Sequence[object] = ()) -> list[Row]:
        word = "EXPLAIN QUERY PLAN" if self.dialect is Dialect.SQLITE else "EXPLAIN"
        self.plan = "\n".join(str(row[-1]) for row in await self.database.read(key, f"{word} {sql}", values))
        return await self.database.read(key, sql, values)


class Fixed:
    """Policies of a test: the same one, whenever it is asked for."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    async def fresh(self, _: UUID) -> Policy:
        return self.policy


@pytest.fixture
async def explained(database: Database, registry: Registry) -> Explained:
    """Two thousand buyers of forty owners, and two orders of each."""
    stamped = {"created_at": START, "updated_at": START, "version": 1}
    async with database.begin(KEY) as connection:
        department, user = registry.spec("core.department"), registry.spec("core.user")
        await insert(connection, department, {"id": OFFICE, **stamped, "name": "Office"})
        users = [
            {
                "id": UUID(int=1 if n == 1 else 10 + n),
                "login": f"u{n}",
                "name": f"U{n}",
                "department": OFFICE,
                **stamped,
            }
            for n in range(1, 41)
        ]
        await insert_many(connection, user, users)
        await insert(
            connection, registry.spec("core.setting"), {"id": UUID(int=4), "name": "rights", "content": 1, **stamped}
        )
        session = {
            "id": SESSION,
            "user": ME,
            "digest": "x",
            "seen_at": START,
            "expires_at": START + timedelta(days=9_000),
        }
        await insert(connection, registry.spec("core.session"), session | stamped)
        owners = [one["id"] for one in users]
        buyers = [
            {
                "id": UUID(int=1000 + n),
                "name": f"Buyer {n:04}",
                "owner": owners[n % 40],
                "department": OFFICE,
                **stamped,
            }
            for n in range(2000)
        ]
        await insert_many(connection, registry.spec(Buyer), buyers)
        orders = [
            {
                "id": UUID(int=10_000 + n),
                "title": f"Order {n:04}",
                "due": (START + timedelta(days=n % 300)).date() if n % 7 else None,
                "buyer": buyers[n // 2]["id"],
                "owner": buyers[n // 2]["owner"],
                "department": OFFICE,
                **stamped,
            }
            for n in range(4000)
        ]
        await insert_many(connection, registry.spec(Order), orders)
        await connection.run(KEY, "ANALYZE")
    return Explained(database)


def sorts(plan: str) -> bool:
    """Whether rows are read first and ordered then."""
    return "TEMP B-TREE" in plan or "Sort  (" in plan


def salesman() -> Caller:
    """Somebody who reaches what is his own."""
    reach = Reach(frozenset({Scope.OWN}))
    reaches = {"shop.buyer.read": reach, "shop.order.read": reach}
    policy = Policy(
        ME, "u1", department=OFFICE, departments=(OFFICE,), reports=(ME,), reaches=reaches, rights=1, number=1
    )
    return Caller(policy, By.SESSION, SESSION, zone="UTC")


LISTS: list[tuple[type[Model], Condition, int]] = [
    (Buyer, EVERYTHING, 2000),
    (Order, EVERYTHING, 4000),
    (Order, Compare("buyer", Op.EQ, UUID(int=1004)), 2),
]


@pytest.mark.parametrize(("model", "where", "count"), LISTS)
async def test_a_list_is_read_in_the_order_of_an_index(
    explained: Explained, registry: Registry, model: type[Model], where: Condition, count: int
) -> None:
    database: Any = explained
    found = await Reader(registry, database, Fixed(salesman().policy)).records(
        system("test"), model, where=where, limit=50
    )
    assert len(found) == min(count, 50)
    assert not sorts(explained.plan), explained.plan


async def test_ones_own_records_are_found_by_an_index(explained: Explained, registry: Registry) -> None:
    database: Any = explained
    caller = salesman()
    found = await Reader(registry, database, Fixed(caller.policy)).records(caller, Buyer, limit=50)
    assert len(found) == 50
    assert "SCAN t1" not in explained.plan, explained.plan
    assert "Seq Scan on shop_buyer" not in explained.plan, explained.plan
