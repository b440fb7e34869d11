"""Reading: one statement, scoped on every level, equal on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
import pytest

from core.access import By, Caller, Policy, Reach, Scope, system
from core.conditions import EVERYTHING, Compare, Condition, Op, Slot, bound, slotted
from core.cursors import decode_cursor
from core.database import KEY, Database
from core.errors import BadQuery, Forbidden, NotFound, Unauthenticated, UnknownField
from core.fields import Position, choice, decimal, integer, money, phones, position, text
from core.fields import date as day
from core.links import link, some
from core.model import Meta, Model
from core.money import Money
from core.plugin import Plugin
from core.query import (
    Bucket,
    Computed,
    Constant,
    Edges,
    Function,
    Group,
    Info,
    Leaf,
    Listing,
    Many,
    Measure,
    Nodes,
    One,
    Order,
    Page,
    PageInfo,
    Read,
    Root,
    Single,
    Summary,
    Total,
)
from core.reading import Reader
from core.registry import Registry
from core.resource import extend
from core.rows import insert
from core.sorting import default_order


class Tier(Enum):
    """How dear a customer is."""

    BASIC = "basic"
    GOLD = "gold"


class Customer(Model):
    """A buyer."""

    name = text(100, required=True)
    tier = choice(Tier)
    turnover = money()
    phones = phones()
    founded = day()
    place = position()
    weight = decimal(3)
    staff = integer(default=0)


class Contact(Model):
    """A person at a customer."""

    name = text(100)
    customer = link(Customer, back="contacts")


class Note(Model):
    """A remark that is part of a customer."""

    meta = Meta(part_of="customer")

    words = text(100)
    customer = link(Customer, required=True, back="notes")


@extend(Customer, reads=("contacts.name",))
class Counted:
    """Adds how many contacts somebody sees."""

    def crowd(self, customers: Sequence[Customer]) -> Sequence[int]:
        """How many contacts there are."""
        return [len(one.contacts) for one in customers]


ME, OFFICE, SESSION = UUID(int=1), UUID(int=2), UUID(int=3)
START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = tuple(f"Größe {number:02}" if number % 3 else "Tea" for number in range(12))


class Fixed:
    """Policies of a test: the same one, whenever it is asked for."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.asked = 0

    async def fresh(self, _: UUID) -> Policy:
        """The policy."""
        self.asked += 1
        return self.policy


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    """A small shop."""
    return [Plugin("shop", models=[Customer, Contact, Note], extends=[Counted])]


def salesman(**changes: Any) -> Policy:
    """Somebody who reaches his own customers and the contacts of his department."""
    reaches = {
        "shop.customer.read": Reach(frozenset({Scope.OWN})),
        "shop.contact.read": Reach(frozenset({Scope.TREE})),
    }
    values: dict[str, Any] = {"departments": (OFFICE,), "reports": (ME,), "reaches": reaches, "rights": 1, "number": 1}
    return Policy(ME, "me", department=OFFICE, **(values | changes))


def signed_in(policy: Policy) -> Caller:
    """A caller with a session."""
    return Caller(policy, By.SESSION, SESSION, zone="Asia/Shanghai")


@pytest.fixture
async def reader(database: Database, registry: Registry) -> Reader:
    """Twelve customers, the odd ones mine, with two contacts and a note each."""
    stamped = {"created_at": START, "updated_at": START, "version": 1}
    async with database.begin(KEY) as connection:

        async def add(model: type[Model] | str, number: int, **values: object) -> None:
            await insert(connection, registry.spec(model), {"id": UUID(int=number), **stamped, **values})

        await add("core.department", 2, name="Office")
        await add("core.user", 1, login="me", name="Me", department=OFFICE, rights_number=1, enabled=True)
        await add("core.setting", 4, name="rights", content=1)
        await add("core.session", 3, user=ME, digest="x", seen_at=START, expires_at=START + timedelta(days=9_000))
        for number, name in enumerate(NAMES):
            await add(
                Customer,
                100 + number,
                name=name,
                tier=(Tier.BASIC, Tier.GOLD, None)[number % 3],
                turnover=Money(12_345 * (number - 5), ("USD", "JPY")[number % 2]) if number % 4 else None,
                phones=(f"+1 (415) 555-01{number:02}",),
                founded=date(2020, 1 + number, 1 + number) if number % 5 else None,
                place=Position(Decimal("31.2304"), Decimal("-121.47")),
                weight=Decimal("-0.125") * number,
                staff=number,
                owner=ME if number % 2 else None,
                department=OFFICE,
                created_at=START + timedelta(days=number),
            )
            for kind in range(2):
                link_to = {"customer": UUID(int=100 + number), "owner": ME, "department": OFFICE}
                await add(Contact, 1000 + 10 * number + kind, name=f"C{kind}", **link_to)
            await add(Note, 5000 + number, words=f"note {number}", customer=UUID(int=100 + number))
    return Reader(registry, database, Fixed(salesman()))


async def ask(reader: Reader, caller: Caller, root: Root, *values: object) -> Any:
    """The answer to one question."""
    return orjson.loads(await reader.answer(caller, Read((("it", root),)), values))["it"]


async def staff(reader: Reader, caller: Caller, where: Condition) -> list[int]:
    """The staff of the customers that a condition finds, which tells them apart."""
    root = Listing("shop.customer", (Leaf("n", "staff"),), where, (Order("staff"),))
    return [row["n"] for row in await ask(reader, caller, root)]


ANYBODY = system("test")
MINE = signed_in(salesman())


async def test_every_kind_of_value_comes_as_its_json(reader: Reader) -> None:
    names = ("name", "turnover", "phones", "founded", "place", "weight", "created_at", "staff", "custom", "version")
    select = (*(Leaf(name, name) for name in names), Leaf("tier", "tier"), Leaf("TIER", "tier", "name"))
    assert await ask(reader, ANYBODY, Single("shop.customer", UUID(int=107), select)) == {
        "name": "Größe 07",
        "turnover": {"amount": "24690", "currency": "JPY"},
        "phones": ["+1 (415) 555-0107"],
        "founded": "2020-08-08",
        "place": {"latitude": 31.2304, "longitude": -121.47},
        "weight": "-0.875",
        "created_at": "2026-01-08T00:00:00.000000Z",
        "staff": 7,
        "custom": None,
        "version": 1,
        "tier": "gold",
        "TIER": "GOLD",
    }


async def test_links_lists_constants_and_long_keys_nest(reader: Reader) -> None:
    select = (
        One("owner", "owner", (Leaf("name", "name"),)),
        Many("c", "contacts", Listing("shop.contact", (Leaf("name", "name"),), order=(Order("name", True),))),
        Many("n", "notes", Listing("shop.note", (Leaf("words", "words"),))),
        Constant("o", "a text"),
        Leaf("k" * 80, "staff"),
    )
    reaches = {**salesman().reaches, "core.user.read": Reach(frozenset({Scope.ALL}))}
    everyone = signed_in(salesman(reaches=reaches))
    assert await ask(reader, everyone, Single("shop.customer", UUID(int=103), select)) == {
        "owner": {"name": "Me"},
        "c": [{"name": "C1"}, {"name": "C0"}],
        "n": [{"words": "note 3"}],
        "o": "a text",
        "k" * 80: 3,
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Customer.name.contains("GRÖSSE 1"), [10, 11]),
        (Customer.name.starts("ＴＥ"), [0, 3, 6, 9]),
        (Customer.name.eq("größe 07"), [7]),
        (Customer.name.contains("%"), []),
        (~Customer.tier.eq(Tier.GOLD) & Customer.staff.at_least(8), [8, 9, 11]),
        (Customer.phones.has("1 415 555 0104"), [4]),
        (Customer.turnover.above(Money(0, "USD")), [6, 10]),
        (Customer.founded.empty(), [0, 5, 10]),
        (Customer.staff.is_in([3, 4, 99]), [3, 4]),
        (Customer.staff.is_in([]), []),
        (some("contacts", Contact.name.eq("c1")) & Customer.staff.below(2), [0, 1]),
        (some("notes", Note.words.eq("note 5")), [5]),
        (~some("contacts", EVERYTHING), []),
    ],
)
async def test_conditions_find_exactly(reader: Reader, where: Condition, expected: list[int]) -> None:
    assert await staff(reader, ANYBODY, where) == expected


async def test_a_slot_is_bound_when_asked(reader: Reader) -> None:
    root = Listing("shop.customer", (Leaf("n", "staff"),), Compare("name", Op.EQ, Slot(0)))
    assert await ask(reader, ANYBODY, root, "Größe 04") == [{"n": 4}]
    assert await ask(reader, ANYBODY, root, "größe 05") == [{"n": 5}]


@pytest.mark.requirement("PM-11", "PM-17")
async def test_scope_holds_at_every_level(reader: Reader) -> None:
    assert await staff(reader, MINE, EVERYTHING) == [1, 3, 5, 7, 9, 11]
    assert await ask(reader, MINE, Single("shop.customer", UUID(int=102), (Leaf("n", "staff"),))) is None
    notes = Listing("shop.note", (Leaf("w", "words"),), order=(Order("words"),))
    assert [row["w"] for row in await ask(reader, MINE, notes)] == [f"note {one}" for one in (1, 11, 3, 5, 7, 9)]
    hidden = Listing("shop.contact", (One("c", "customer", (Leaf("n", "staff"),)),), Contact.id.eq(UUID(int=1020)))
    assert await ask(reader, MINE, hidden) == [{"c": None}]
    probe = Listing("shop.contact", (Leaf("n", "name"),), Contact.customer.where(Customer.name.eq("Größe 02")))
    assert await ask(reader, MINE, probe) == []
    total = Listing("shop.customer", parts=(Total("t"),))
    assert await ask(reader, MINE, total) == {"t": 6}


async def test_an_order_through_a_link_tells_nothing_of_hidden_records(reader: Reader) -> None:
    root = Listing(
        "shop.contact", (Leaf("id", "id"),), Contact.name.eq("C0"), (Order("customer.staff", True),), Page(12)
    )
    found = [int(UUID(row["id"])) for row in await ask(reader, MINE, root)]
    assert found[:6] == [1110, 1090, 1070, 1050, 1030, 1010]
    assert found[6:] == [1100, 1080, 1060, 1040, 1020, 1000]


async def test_a_field_that_may_not_be_read_is_as_one_that_is_not_there(reader: Reader) -> None:
    hiding = signed_in(salesman(hidden=frozenset({"shop.customer.turnover"})))
    for name in ("turnover", "nothing"):
        with pytest.raises(UnknownField) as refused:
            await ask(reader, hiding, Listing("shop.customer", (Leaf("x", name),)))
        assert str(refused.value) == f"shop.customer has no field {name}"
    for root in (
        Listing("shop.customer", (Leaf("n", "staff"),), Customer.turnover.empty()),
        Listing("shop.customer", (Leaf("n", "staff"),), order=(Order("turnover"),)),
        Summary("shop.customer", (), (Measure("s", Function.SUM, "turnover"),)),
        Listing("shop.contact", (Leaf("n", "name"),), Contact.customer.where(Customer.turnover.empty())),
    ):
        with pytest.raises(UnknownField):
            await ask(reader, hiding, root)
    with pytest.raises(UnknownField):
        await ask(reader, ANYBODY, Listing("core.user", (Leaf("p", "password"),)))


async def test_a_model_without_a_grant_is_forbidden(reader: Reader) -> None:
    with pytest.raises(Forbidden):
        await ask(reader, MINE, Listing("core.user", (Leaf("n", "name"),)))


@pytest.mark.parametrize(
    "order",
    [(), (Order("founded"), Order("name", descending=True)), (Order("tier", descending=True),), (Order("turnover"),)],
    ids=["default", "nullable", "nulls last both ways", "money"],
)
async def test_pages_by_key_cover_the_list_both_ways(reader: Reader, order: tuple[Order, ...]) -> None:
    infos = tuple((one.value, one) for one in Info)
    by = order or default_order(reader.registry.spec(Customer))

    async def page(window: Page) -> Any:
        parts = (Nodes("n", (Leaf("n", "staff"),)), PageInfo("p", infos))
        return await ask(reader, ANYBODY, Listing("shop.customer", parts=parts, order=order, page=window))

    forward: list[int] = []
    found = await page(Page(5))
    while True:
        forward += [row["n"] for row in found["n"]]
        if not found["p"]["hasNextPage"]:
            break
        found = await page(Page(5, decode_cursor(found["p"]["endCursor"], "shop.customer", by)))
        assert found["p"]["hasPreviousPage"]
    backward: list[int] = []
    found = await page(Page(None, last=5))
    while True:
        backward = [row["n"] for row in found["n"]] + backward
        if not found["p"]["hasPreviousPage"]:
            break
        before = decode_cursor(found["p"]["startCursor"], "shop.customer", by)
        found = await page(Page(None, last=5, before=before))
    assert sorted(forward) == list(range(12))
    assert backward == forward


async def test_edges_carry_the_cursor_of_their_node(reader: Reader) -> None:
    parts = (Edges("e", ("c",), (("node", (Leaf("n", "staff"),)),), ("__typename",)), Total("t"))
    found = await ask(reader, ANYBODY, Listing("shop.customer", parts=parts, page=Page(1)))
    assert found["t"] == 12
    edge = found["e"][0]
    assert (edge["node"], edge["__typename"]) == ({"n": 11}, "ShopCustomerEdge")
    values = decode_cursor(edge["c"], "shop.customer", default_order(reader.registry.spec(Customer)))
    assert UUID(str(values[-1])) == UUID(int=111)


async def test_a_cursor_of_another_list_is_refused(reader: Reader) -> None:
    with pytest.raises(BadQuery):
        decode_cursor("00ff", "shop.customer", ())
    with pytest.raises(BadQuery):
        await ask(reader, ANYBODY, Listing("shop.customer", (Leaf("n", "staff"),), page=Page(5, ("a", "b", "c"))))


async def test_figures_are_per_currency_and_exact(reader: Reader) -> None:
    measures = (
        Measure("n", Function.COUNT),
        Measure("sum", Function.SUM, "turnover"),
        Measure("mean", Function.AVERAGE, "turnover"),
        Measure("staff", Function.AVERAGE, "staff"),
        Measure("weight", Function.SUM, "weight"),
        Measure("first", Function.MINIMUM, "founded"),
    )
    root = Summary("shop.customer", (Group("tier", "tier"),), measures)
    assert await ask(reader, ANYBODY, root) == [
        {
            "tier": "BASIC",
            "n": 4,
            "sum": [{"amount": "24690", "currency": "JPY"}, {"amount": "123.45", "currency": "USD"}],
            "mean": [{"amount": "12345", "currency": "JPY"}, {"amount": "123.45", "currency": "USD"}],
            "staff": "4.5000",
            "weight": "-2.250",
            "first": "2020-04-04",
        },
        {
            "tier": "GOLD",
            "n": 4,
            "sum": [{"amount": "-24690", "currency": "JPY"}, {"amount": "617.25", "currency": "USD"}],
            "mean": [{"amount": "-12345", "currency": "JPY"}, {"amount": "617.25", "currency": "USD"}],
            "staff": "5.5000",
            "weight": "-2.750",
            "first": "2020-02-02",
        },
        {
            "tier": None,
            "n": 4,
            "sum": [{"amount": "74070", "currency": "JPY"}, {"amount": "-370.35", "currency": "USD"}],
            "mean": [{"amount": "37035", "currency": "JPY"}, {"amount": "-370.35", "currency": "USD"}],
            "staff": "6.5000",
            "weight": "-3.250",
            "first": "2020-03-03",
        },
    ]


async def test_percentiles_are_values_that_occur_of_each_group(reader: Reader) -> None:
    measures = (
        Measure("half", Function.MEDIAN, "staff"),
        Measure("most", Function.PERCENTILE_90, "staff"),
        Measure("weight", Function.MEDIAN, "weight"),
    )
    root = Summary("shop.customer", (Group("tier", "tier"),), measures)
    staff = [one["staff"] for one in await ask(reader, ANYBODY, Listing("shop.customer", (Leaf("staff", "staff"),)))]
    assert sorted(staff) == list(range(12))
    assert await ask(reader, ANYBODY, root) == [
        {"tier": "BASIC", "half": 3, "most": 9, "weight": "-0.750"},
        {"tier": "GOLD", "half": 4, "most": 10, "weight": "-0.875"},
        {"tier": None, "half": 5, "most": 11, "weight": "-1.000"},
    ]
    whole = Summary("shop.customer", measures=measures[:2])
    assert await ask(reader, ANYBODY, whole) == [{"half": 5, "most": 10}]


async def test_amounts_have_no_percentile(reader: Reader) -> None:
    with pytest.raises(BadQuery, match="turnover has no median"):
        await ask(reader, ANYBODY, Summary("shop.customer", (), (Measure("half", Function.MEDIAN, "turnover"),)))


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        (Bucket.WEEK, [("2025-12-29", 4), ("2026-01-05", 7), ("2026-01-12", 1)]),
        (Bucket.MONTH, [("2026-01-01", 12)]),
        (Bucket.QUARTER, [("2026-01-01", 12)]),
        (Bucket.YEAR, [("2026-01-01", 12)]),
    ],
)
async def test_moments_are_grouped_in_the_callers_zone(
    reader: Reader, bucket: Bucket, expected: list[tuple[str, int]]
) -> None:
    root = Summary("shop.customer", (Group("at", "created_at", bucket),), (Measure("n", Function.COUNT),))
    assert [(row["at"], row["n"]) for row in await ask(reader, ANYBODY, root)] == expected


async def test_computed_fields_are_filled_in_batches(reader: Reader) -> None:
    reads = (Leaf("id", "id"), Many("contacts", "contacts", Listing("shop.contact", (Leaf("name", "name"),))))
    select = (Leaf("n", "staff"), Computed("crowd", "crowd", reads))
    rows = await ask(reader, MINE, Listing("shop.customer", select, order=(Order("staff"),), page=Page(2)))
    assert rows == [{"n": 1, "crowd": 2}, {"n": 3, "crowd": 2}]


async def test_records_hold_what_was_read_and_nothing_else(reader: Reader) -> None:
    record = await reader.get(ANYBODY, Customer, UUID(int=107), ("turnover", "owner.name", "contacts.name"))
    assert (record.turnover, record.owner.name, len(record.contacts)) == (Money(24690, "JPY"), "Me", 2)
    with pytest.raises(AttributeError):
        _ = record.staff
    with pytest.raises(NotFound):
        await reader.get(MINE, Customer, UUID(int=102))
    assert await reader.count(MINE, Customer) == 6


async def test_one_statement_whatever_the_depth(reader: Reader, statements: list[str]) -> None:
    contacts = Listing("shop.contact", (Leaf("n", "name"), One("c", "customer", (Leaf("n", "name"),))))
    nested = Listing("shop.customer", (Leaf("n", "name"), Many("c", "contacts", contacts)))
    read = Read((("a", nested), ("b", Summary("shop.customer", (), (Measure("n", Function.COUNT),)))))
    await reader.answer(MINE, read)
    assert len(statements) == 1


def test_conditions_with_other_values_are_one_question() -> None:
    def where(name: str) -> Condition:
        names = Customer.name.eq(name) | Customer.name.is_in([name, "Milk"])
        return ~(names & Customer.founded.empty() & some("contacts", Contact.name.contains(name)))

    tea: list[object] = []
    milk: list[object] = []
    assert slotted(where("Tea"), tea) == slotted(where("Milk"), milk)
    assert bound(slotted(where("Tea"), []), tea) == where("Tea")
    assert bound(slotted(where("Tea"), []), milk) == where("Milk")


async def test_an_outdated_policy_is_renewed_and_asked_again(reader: Reader, statements: list[str]) -> None:
    old = signed_in(salesman(rights=0, reaches={"shop.customer.read": Reach(frozenset({Scope.ALL}))}))
    assert await staff(reader, old, EVERYTHING) == [1, 3, 5, 7, 9, 11]
    assert len(statements) == 2


async def test_an_ended_session_is_refused(reader: Reader) -> None:
    with pytest.raises(Unauthenticated):
        await staff(reader, Caller(salesman(), By.SESSION, UUID(int=77)), EVERYTHING)
