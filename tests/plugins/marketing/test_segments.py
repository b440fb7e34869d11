"""Segments: random ones mean what the evaluator says, on both databases, and stay inside their reader's reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from core.access import Caller
from core.errors import Forbidden, Refused
from core.roles import Grant, Role
from tests.plugins.marketing.conftest import House
from tests.plugins.marketing.evaluator import World
from tradepost.marketing import Segment
from tradepost.sales import Customer, FollowUp, Opportunity, Pipeline, Stage, StageKind

SEED, SEGMENTS, CUSTOMERS = 20_261_127, 150, 60
INDUSTRIES = ("food", "energy", "retail")
REGIONS = ("Shunde", "shunde north", "Busan", "100%", "a_b", None)
TAGS = ("vip", "VIP old", "fair")


def some_test(chance: Random, *, customer: bool) -> dict[str, Any]:
    """A test on a customer, or on a follow-up."""
    number = chance.choice((0, 10, 45, 90))
    if not customer:
        days = {"field": "at", "how": chance.choice(("last_days", "older_days", "next_days")), "value": number}
        words = {"field": "subject", "how": chance.choice(("contains", "ne")), "value": "Tea"}
        return chance.choice((days, words, {"field": "next_contact", "how": chance.choice(("empty", "filled"))}))
    parent = chance.choice(("", "", "parent."))
    text = {
        "how": chance.choice(("contains", "starts", "eq", "ne")),
        "value": chance.choice(("shunde", "0%", "a_b", "S")),
    }
    amount = {"amount": str(number * 1000), "currency": chance.choice(("CNY", "EUR"))}
    ordered = chance.choice(("lt", "lte", "gt", "gte"))
    return chance.choice(
        (
            {
                "field": f"{parent}industry",
                "how": chance.choice(("in", "not_in")),
                "value": chance.sample(INDUSTRIES, 2),
            },
            {"field": f"{parent}region", **text},
            {"field": f"{parent}employees", "how": ordered, "value": number},
            {"field": f"{parent}annual_turnover", "how": ordered, "value": amount},
            {"field": "tags", "how": "has", "value": chance.choice(("vip", "none"))},
            {
                "field": chance.choice(("region", "parent", "tags", "industry")),
                "how": chance.choice(("empty", "filled")),
            },
            {"field": "next_contact", "how": chance.choice(("last_days", "older_days", "next_days")), "value": number},
        )
    )


def tree(chance: Random, depth: int = 0, *, customer: bool = True) -> dict[str, Any]:
    """A random tree of conditions."""
    roll = chance.random()
    if depth >= 3 or roll < 0.45:
        return some_test(chance, customer=customer)
    if customer and roll < 0.65:
        where = {"all": [some_test(chance, customer=False) for _ in range(chance.randint(0, 2))]}
        return {chance.choice(("some", "none")): "follow_ups", "where": where}
    parts = [tree(chance, depth + 1, customer=customer) for _ in range(chance.randint(0, 3))]
    return {chance.choice(("all", "any")): parts}


async def fill(house: House, chance: Random, now: datetime, owners: list[object]) -> None:
    """Customers and follow-ups of several owners."""

    def day() -> datetime | None:
        return chance.choice((None, now + timedelta(days=chance.randint(-120, 60), minutes=7)))

    made: list[Customer] = []
    for number in range(CUSTOMERS):
        found = await house.make(
            Customer,
            name=f"C{number}",
            owner=chance.choice(owners),
            industry=chance.choice((*INDUSTRIES, None)),
            region=chance.choice(REGIONS),
            employees=chance.choice((None, 0, 10, 45, 46)),
            annual_turnover=chance.choice(
                (None, {"amount": str(chance.choice((0, 10_000, 50_000))), "currency": "CNY"})
            ),
            tags=chance.sample(TAGS, chance.randint(0, 2)),
            next_contact=day(),
            parent=chance.choice((None, *made[:10])) if made else None,
        )
        made.append(found)
    for _ in range(CUSTOMERS):
        await house.make(
            FollowUp,
            subject=chance.choice(("Tea time", "Price")),
            customer=chance.choice(made).id,
            at=day() or now - timedelta(days=400),
            owner=chance.choice(owners),
        )


async def world(house: House, who: Caller, now: datetime) -> World:
    """What somebody sees, as plain values."""
    customers = {
        one.id: {
            "id": one.id,
            "industry": one.industry.value if one.industry else None,
            "region": one.region,
            "employees": one.employees,
            "annual_turnover": (one.annual_turnover.amount, one.annual_turnover.currency)
            if one.annual_turnover
            else None,
            "tags": tuple(one.tags),
            "next_contact": one.next_contact,
            "parent": one.parent.id if one.parent else None,
        }
        for one in await house.all(Customer, who)
    }
    reads = house.desk(who).criteria.reads(FollowUp)
    follow_ups = [
        {"customer": one.customer.id, "subject": one.subject, "at": one.at, "next_contact": one.next_contact}
        for one in (await house.all(FollowUp, who) if reads else ())
        if one.customer
    ]
    return World(customers, {"follow_ups": follow_ups}, now)


@pytest.mark.requirement("MK-3", "MK-13")
async def test_random_segments_equal_the_evaluator_and_stay_inside_the_readers_reach(house):
    chance, now = Random(SEED), datetime.now(UTC)
    mia = await house.as_("mia")
    await house.make(Grant, role=(await _role(house)).id, permission="sales.customer.read", scope="own")
    sam = await house.person("sam", "Salesperson", "Own customers")
    ann = await house.person("ann", "Own customers")
    owners: list[object] = [house.people[one] for one in ("sam", "ann")]
    await fill(house, chance, now, owners)
    sizes = set()
    for who in (mia, ann, sam):
        seen = await world(house, await house.as_(who.policy.login), now)
        allowed = house.desk(who).criteria.reads(FollowUp)
        for _ in range(SEGMENTS):
            kept = tree(chance)
            if not allowed and "follow_ups" in str(kept):
                with pytest.raises(Refused, match="no such list"):
                    house.desk(who).criteria.condition(Customer, kept)
                continue
            where = house.desk(who).criteria.condition(Customer, kept)
            found = {one.id for one in await house.all(Customer, who, where=where)}
            assert found == {one for one, row in seen.customers.items() if seen.fits(row, kept)}, kept
            assert len(found) == await house.desk(who).count(Customer, where)
            sizes.add(len(found))
    assert len(sizes) > 15, "neither always nobody nor always everybody"


async def _role(house: House) -> Role:
    return await house.make(Role, name="Own customers")


@pytest.mark.requirement("MK-3", "MK-4")
async def test_a_segment_is_kept_and_tells_who_is_in_it_now(house):
    mia = await house.as_("mia")
    pipeline = await house.make(Pipeline, name="Direct")
    stages = {
        kind: await house.make(Stage, pipeline=pipeline.id, name=kind.name, kind=kind)
        for kind in (StageKind.OPEN, StageKind.LOST)
    }
    turnover = {"amount": "150000000", "currency": "CNY"}
    wanted, talked, lost = [
        await house.make(Customer, name=name, industry="technology", region="Shunde", annual_turnover=turnover)
        for name in ("Wanted", "Talked to", "Lost")
    ]
    for customer, kind in ((wanted, StageKind.OPEN), (talked, StageKind.OPEN), (lost, StageKind.LOST)):
        closed = {"reason": "price"} if kind is StageKind.LOST else {}
        await house.make(
            Opportunity, name="Lamps", customer=customer.id, pipeline=pipeline.id, stage=stages[kind].id, **closed
        )
    await house.make(FollowUp, subject="Call", customer=talked.id)
    kept = {
        "all": [
            {"field": "industry", "how": "in", "value": ["technology"]},
            {"field": "region", "how": "eq", "value": "Shunde"},
            {"field": "annual_turnover", "how": "gt", "value": {"amount": "100000000", "currency": "CNY"}},
            {"none": "follow_ups", "where": {"all": [{"field": "at", "how": "last_days", "value": 90}]}},
            {"some": "opportunities", "where": {"all": [{"field": "stage.kind", "how": "in", "value": ["open"]}]}},
        ]
    }
    segment = await house.make(Segment, mia, name="Electronics of Shunde", conditions=kept)
    desk = house.desk(mia)

    async def names() -> list[str]:
        where = desk.criteria.condition(Customer, (await house.now(segment)).conditions)
        return [one.name for one in await desk.find(Customer, where=where)]

    assert await names() == ["Wanted"]
    await house.make(FollowUp, subject="Call", customer=wanted.id)
    assert await names() == []


async def test_conditions_that_make_no_sense_are_not_kept(house):
    mia = await house.as_("mia")
    segment = await house.make(Segment, mia, name="All", conditions={"all": []})
    for kept, told in (
        ({"all": [{"all": []}, {"field": "name", "how": "gt", "value": 1}]}, "Condition 2"),
        ({"all": [{"field": "magic", "how": "eq", "value": 1}]}, "There is no field magic"),
        (["x"], "no condition"),
    ):
        with pytest.raises(Refused, match=told) as refusal:
            await house.kernel.operations.update(mia, Segment, segment.id, {"conditions": kept})
        assert refusal.value.problems[0].field == "conditions"
    assert (await house.now(segment)).conditions == {"all": []}


async def test_who_may_read_no_segment_reads_none(house):
    segment = await house.make(Segment, name="All")
    nobody = await house.person("nobody")
    for ask in (house.all(Segment, nobody), house.kernel.reader.get(nobody, Segment, segment.id)):
        with pytest.raises(Forbidden):
            await ask
