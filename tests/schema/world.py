"""A made-up company for the tests of this room: its rows as Python values, and how they are written to a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Any
from uuid import UUID

from core.access import By, Caller, Policy, Reach, Scope
from core.database import KEY, Database
from core.fields import Position
from core.money import Money
from core.registry import Registry
from core.rows import insert_many
from core.users import Sex
from tests.schema.shop import Industry, Tier

Row = dict[str, Any]
World = dict[str, list[Row]]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WORDS = (
    "Tea",
    "tea house",
    "ÄPFEL",
    "äpfel",
    "Straße",
    "王小明",
    "ＡＢＣ",
    "abc",
    "100%",
    "a_b",
    "back\\slash",
    "김치",
    "x" * 70,
)


def number(kind: int, index: int) -> UUID:
    """A fixed id."""
    return UUID(f"0192f1d2-{kind:04x}-7000-8000-{index:012x}")


DEPARTMENTS = [number(1, index) for index in range(5)]
USERS = [number(2, index) for index in range(6)]
ROLE = number(9, 1)


def row(random: Random, kind: int, index: int, **values: object) -> Row:
    """A row with its system fields."""
    at = NOW - timedelta(hours=random.randrange(2_000), microseconds=random.randrange(1_000_000))
    return {
        "id": number(kind, index),
        "owner": random.choice([*USERS, None]),
        "department": random.choice([*DEPARTMENTS, None]),
        "created_at": at,
        "created_by": random.choice(USERS),
        "updated_at": at,
        "updated_by": None,
        "version": random.randrange(1, 4),
        "archived_at": at if random.random() < 0.15 else None,
        "custom": None,
        **values,
    }


def maybe(random: Random, value: object, chance: float = 0.25) -> Any:
    """A value, or an empty one."""
    return None if random.random() < chance else value


def money_of(random: Random) -> Money | None:
    """An amount of one of three currencies."""
    currency = random.choice(("USD", "JPY", "KWD"))
    found: Money | None = maybe(
        random, Money(random.choice((-1, 1)) * random.choice((0, 5, 1_250, 10**12, 10**15 - 7)), currency)
    )
    return found


def customer(random: Random, index: int) -> Row:
    """A customer whose fields are now and then empty."""
    return row(
        random,
        3,
        index,
        name=f"{random.choice(WORDS)} {random.randrange(8)}",
        industry=maybe(random, random.choice(list(Industry))),
        turnover=money_of(random),
        employees=maybe(random, random.choice((-3, 0, 7, 7, 120, 2**31 - 1))),
        score=maybe(random, Decimal(random.randrange(-5_000, 5_000)).scaleb(-3)),
        active=random.random() < 0.7,
        since=maybe(random, date(2024, 1, 1) + timedelta(days=random.randrange(900))),
        seen=maybe(random, NOW - timedelta(minutes=random.randrange(2_000_000))),
        place=maybe(random, Position(Decimal(random.randrange(-90_000_000, 90_000_000)).scaleb(-6), Decimal(13))),
        phones=tuple(f"+86 138 {random.randrange(9)}" for _ in range(random.randrange(3))),
        mails=tuple(f"m{random.randrange(4)}@example.cn" for _ in range(random.randrange(2))),
        tags=tuple(random.choice(("VIP", "new|old", "50% off")) for _ in range(random.randrange(3))),
        website=maybe(random, f"https://example.com/{random.randrange(3)}"),
        mail=maybe(random, f"info{random.randrange(3)}@example.com"),
        remark=maybe(random, 'line\n"quoted" \\ \u2028 tab\t'),
        parent=number(3, random.randrange(index)) if index and random.random() < 0.5 else None,
    )


def people(random: Random) -> World:
    """Departments three levels deep, and users in them with their superiors."""
    departments = [
        row(random, 1, index, name=f"Department {index}", parent=None if top is None else DEPARTMENTS[top])
        | {"archived_at": None}
        for index, top in enumerate([None, 0, 0, 1, 1])
    ]
    users = [
        row(random, 2, index, login=f"user{index}", name=f"User {index % 4}")
        | {"superior": USERS[index // 2] if index else None, "archived_at": None, "enabled": True}
        | {"department": DEPARTMENTS[index % 5], "owner": None, "administrator": False, "rights_number": 1}
        | {"mobile": None, "email": maybe(random, "u@example.com"), "sex": maybe(random, Sex.FEMALE), "job_title": None}
        | {"language": "en", "zone": "UTC", "look": maybe(random, ["dark", "dense", "high"])}
        for index in range(len(USERS))
    ]
    role = row(random, 9, 1, name="Clerk", description=None) | {"archived_at": None}
    return {"core.department": departments, "core.user": users, "core.role": [role], "core.share": shares(random)}


def world() -> World:
    """All rows by label."""
    random = Random(20261122)
    contacts = [
        row(random, 4, index, name=random.choice(WORDS), rank=maybe(random, random.randrange(4)))
        | {"customer": number(3, random.randrange(40))}
        for index in range(70)
    ]
    cards = [
        row(random, 5, index, number=f"C-{index}", tier=random.choice(list(Tier)), points=random.randrange(300))
        | {"customer": maybe(random, number(3, random.randrange(40)))}
        for index in range(50)
    ]
    moves = [
        row(random, 6, index, card=number(5, random.randrange(50)), points=random.randrange(-9, 10))
        | {"worth": money_of(random)}
        for index in range(80)
    ]
    customers = [customer(random, index) for index in range(40)]
    sold = {"shop.customer": customers, "shop.contact": contacts, "shop.card": cards, "shop.move": moves}
    return people(random) | sold


def shares(random: Random) -> list[Row]:
    """Records opened to users, departments and roles; some no more."""
    made = []
    for index in range(24):
        label, kind = random.choice((("shop.customer", 3), ("shop.contact", 4), ("shop.card", 5)))
        values: Row = {"user": None, "to_department": None, "role": None}
        to, ids = random.choice((("user", USERS), ("to_department", DEPARTMENTS), ("role", [ROLE])))
        values[to] = random.choice(ids)
        expires = random.choice((None, NOW + timedelta(days=9_000), NOW - timedelta(days=9_000)))
        made.append(
            row(random, 7, index, model=label, record=str(number(kind, random.randrange(40))), expires_at=expires)
            | values
            | {"writes": False}
        )
    return made


async def fill(database: Database, registry: Registry, rows: World) -> None:
    """Write the world to a database."""
    async with database.begin(KEY) as connection:
        for label in ("core.department", "core.user"):
            bare = {"owner", "department", "created_by", "updated_by", "parent", "superior"}
            await insert_many(
                connection,
                registry.spec(label),
                [{k: v for k, v in one.items() if k not in bare} for one in rows[label]],
            )
        for label in ("core.department", "core.user"):
            spec = registry.spec(label)
            for one in rows[label]:
                links = {name: one[name] for name in spec.links if name in one}
                columns = ", ".join(
                    f"{spec.fields[name].column} = {connection.dialect.place(place)}"
                    for place, name in enumerate(links, 2)
                )
                texts = connection.dialect.value == "sqlite"
                values = [str(value) if texts and value else value for value in (one["id"], *links.values())]
                await connection.run(
                    KEY, f"UPDATE {spec.table} SET {columns} WHERE id = {connection.dialect.place(1)}", values
                )
        for label in ("shop.customer", "shop.contact", "shop.card", "shop.move", "core.role", "core.share"):
            await insert_many(connection, registry.spec(label), rows[label])


def callers() -> dict[str, Caller]:
    """Callers of every kind of reach. They come as the system does, so that no session is needed."""
    readable = ("shop.customer", "shop.contact", "shop.card", "core.user", "core.department")

    def caller(zone: str = "UTC", hidden: frozenset[str] = frozenset(), **scopes: Reach) -> Caller:
        reaches = {f"{label}.read": scopes.get(label.partition(".")[2], scopes["other"]) for label in readable}
        policy = Policy(
            user_id=USERS[1],
            login="user1",
            department=DEPARTMENTS[1],
            departments=(DEPARTMENTS[1], DEPARTMENTS[3], DEPARTMENTS[4]),
            reports=(USERS[1], USERS[2], USERS[3]),
            roles=(ROLE,),
            reaches=reaches,
            hidden=hidden,
        )
        return Caller(policy, By.SYSTEM, zone=zone)

    def reach(*scopes: Scope, chosen: tuple[UUID, ...] = ()) -> Reach:
        return Reach(frozenset(scopes), chosen)

    return {
        "all": caller(zone="Asia/Shanghai", other=reach(Scope.ALL)),
        "own": caller(other=reach(Scope.OWN)),
        "reports": caller(zone="America/New_York", other=reach(Scope.REPORTS), customer=reach(Scope.ALL)),
        "department": caller(other=reach(Scope.DEPARTMENT)),
        "tree": caller(other=reach(Scope.TREE), contact=reach(Scope.OWN, Scope.DEPARTMENT)),
        "chosen": caller(other=reach(Scope.CHOSEN, chosen=(DEPARTMENTS[2], DEPARTMENTS[0])), card=reach(Scope.TREE)),
    }


def words(value: object) -> object:
    """A value of the world in the words of JSON."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Money):
        return {"amount": format(value.amount, "f"), "currency": value.currency}
    if isinstance(value, Position):
        return {"latitude": float(value.latitude), "longitude": float(value.longitude)}
    return list(value) if isinstance(value, tuple) else value
