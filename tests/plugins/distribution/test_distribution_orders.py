"""Orders are allocated and shipped, in parts or whole, never more than was ordered, and each unit is sold once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from core.access import By, Caller
from core.departments import Department
from core.errors import Refused
from core.users import User
from tests.plugins.distribution.conftest import Depot
from tradepost.distribution import Body, Document, DocumentState, Fulfilment, FulfilmentState, Place, Tier
from tradepost.sales import Customer, Order, OrderKind, OrderLine, OrderState


async def state(depot: Depot, order: Order) -> tuple[OrderState, FulfilmentState]:
    """How far an order is, in its own words and in those of distribution."""
    (found,) = await depot.all(Fulfilment, where=Fulfilment.order.eq(order))
    return (await depot.now(order)).state, found.state


async def fulfilment(depot: Depot, order: Order) -> Fulfilment:
    found: list[Fulfilment] = await depot.all(Fulfilment, where=Fulfilment.order.eq(order))
    return found[0]


async def test_an_order_is_shipped_when_all_of_it_has_gone_out(depot: Depot) -> None:
    await depot.move("purchase", 9)
    order = await depot.ordered(3)
    assert await state(depot, order) == (OrderState.CONFIRMED, FulfilmentState.OPEN)
    first = await depot.move("sale", 1, order=order.id)
    assert await state(depot, order) == (OrderState.CONFIRMED, FulfilmentState.PARTLY_SHIPPED)
    too_many = await depot.document("sale", 3, order=order.id)
    with pytest.raises(Refused, match="more than was ordered"):
        await depot.act(too_many, "confirm")
    last = await depot.move("sale", 2, order=order.id)
    assert await state(depot, order) == (OrderState.SHIPPED, FulfilmentState.SHIPPED)
    assert last.at is not None
    assert (await depot.now(order)).shipped_on == last.at.date()
    assert first.customer == order.customer
    await depot.act(last, "void")
    assert await state(depot, order) == (OrderState.CONFIRMED, FulfilmentState.PARTLY_SHIPPED)
    assert (await depot.now(order)).shipped_on is None
    await depot.consistent()


async def test_a_shipment_of_an_earlier_day_says_when_the_order_was_shipped(depot: Depot) -> None:
    await depot.move("purchase", 9, at=datetime(2026, 1, 1, tzinfo=UTC))
    order = await depot.ordered(3)
    await depot.move("sale", 3, order=order.id, at=datetime(2026, 2, 3, tzinfo=UTC))
    assert (await depot.now(order)).shipped_on == date(2026, 2, 3)


async def test_an_order_of_which_something_was_shipped_is_neither_reopened_nor_voided(depot: Depot) -> None:
    await depot.move("purchase", 9)
    order = await depot.ordered(3)
    part = await depot.move("sale", 1, order=order.id)
    for name in ("reopen", "void"):
        with pytest.raises(Refused, match="have been shipped"):
            await depot.act(order, name)
    assert await state(depot, order) == (OrderState.CONFIRMED, FulfilmentState.PARTLY_SHIPPED)
    await depot.act(part, "void")
    assert (await depot.act(order, "void")).state is OrderState.VOID


@pytest.mark.parametrize("name", ["reopen", "void"])
async def test_an_order_that_binds_no_more_gives_its_goods_free(depot: Depot, name: str) -> None:
    await depot.move("purchase", 9)
    order = await depot.ordered(3)
    await depot.act(await fulfilment(depot, order), "allocate", warehouse=depot.places["Main"].id)
    assert await depot.levels() == {"Main": (Decimal(9), Decimal(3))}
    await depot.act(order, name)
    assert await depot.levels() == {"Main": (Decimal(9), Decimal(0))}
    assert (await fulfilment(depot, order)).state is FulfilmentState.WITHDRAWN
    (document,) = await depot.all(Document, where=Document.order.eq(order))
    assert document.state is DocumentState.VOID
    await depot.consistent()


async def test_documents_of_other_kinds_and_of_drafts_say_nothing_of_an_order(depot: Depot) -> None:
    await depot.move("purchase", 9)
    order = await depot.ordered(3)
    came = await depot.move("purchase", 3, order=order.id)
    assert came.order is None
    assert await state(depot, order) == (OrderState.CONFIRMED, FulfilmentState.OPEN)
    draft = await depot.make(Order, customer=order.customer.id)
    document = await depot.document("sale", 1, order=draft.id)
    with pytest.raises(Refused, match="Only a confirmed order"):
        await depot.act(document, "confirm")
    await depot.act(document, "void")
    assert (await depot.now(draft)).state is OrderState.DRAFT
    assert await depot.all(Fulfilment, where=Fulfilment.order.eq(draft)) == []


@pytest.mark.requirement("LG-5")
async def test_a_dispatcher_allocates_what_there_is_and_the_rest_later(depot: Depot) -> None:
    await depot.move("purchase", 2)
    await depot.move("purchase", 9, "South")
    order = await depot.ordered(5)
    main, south = depot.places["Main"].id, depot.places["South"].id
    todo = await fulfilment(depot, order)
    with pytest.raises(Refused, match="not enough stock"):
        await depot.act(todo, "allocate", warehouse=main)
    assert await depot.all(Document, where=Document.order.eq(order)) == []
    await depot.act(todo, "allocate", warehouse=main, partly=True)
    assert await state(depot, order) == (OrderState.CONFIRMED, FulfilmentState.OPEN)
    with pytest.raises(Refused, match="nothing to be allocated"):
        await depot.act(todo, "allocate", warehouse=main, partly=True)
    await depot.act(todo, "allocate", warehouse=south)
    assert await state(depot, order) == (OrderState.CONFIRMED, FulfilmentState.ALLOCATED)
    assert await depot.levels() == {"Main": (Decimal(2), Decimal(2)), "South": (Decimal(9), Decimal(3))}
    with pytest.raises(Refused, match="allocated or shipped already"):
        await depot.act(todo, "allocate", warehouse=south)
    for one in await depot.all(Document, where=Document.order.eq(order)):
        await depot.act(one, "confirm")
    assert await state(depot, order) == (OrderState.SHIPPED, FulfilmentState.SHIPPED)
    await depot.consistent()


async def test_what_comes_back_is_no_more_than_was_shipped(depot: Depot) -> None:
    await depot.move("purchase", 5)
    order = await depot.ordered(3)
    sold = await depot.move("sale", 3, order=order.id)
    with pytest.raises(Refused, match="more than was shipped"):
        await depot.move("customer_return", 4, order=order.id)
    await depot.move("customer_return", 1, order=order.id)
    assert await depot.levels() == {"Main": (Decimal(3), Decimal(0))}
    assert (await depot.now(order)).state is OrderState.SHIPPED
    with pytest.raises(Refused, match="more than was shipped"):
        await depot.act(sold, "void")
    await depot.consistent()


@pytest.mark.requirement("DI-1", "DI-2", "DI-9")
async def test_orders_are_tracked_at_every_tier(depot: Depot) -> None:
    (office,) = await depot.all(Department, limit=1)
    head = await depot.make(Body, name="Head", tier="head_office")
    branch = await depot.make(Body, name="North branch", tier="branch", parent=head.id, staff=office.id)
    agent = await depot.make(Body, name="Harbour agent", tier="agent", parent=branch.id)
    with pytest.raises(Refused, match="above itself"):
        await depot.kernel.operations.update(depot.who, Body, head.id, {"parent": agent.id})
    await depot.kernel.operations.update(depot.who, Place, depot.places["Main"].id, {"body": branch.id})
    await depot.move("purchase", 5)
    ann = await depot.person("ann", "Salesperson")
    order = await depot.ordered(3)
    await depot.kernel.operations.transfer(depot.who, Order, [order.id], ann.user_id or UUID(int=0))
    mine = await fulfilment(depot, order)
    theirs = await fulfilment(depot, await depot.ordered(1))
    assert mine.body == branch
    await depot.act(theirs, "assign", body=agent.id)
    of_tier = {
        tier: [one.id for one in await depot.all(Fulfilment, where=Fulfilment.body.where(Body.tier.eq(tier)))]
        for tier in (Tier.BRANCH, Tier.AGENT)
    }
    assert of_tier == {Tier.BRANCH: [mine.id], Tier.AGENT: [theirs.id]}


@pytest.mark.requirement("DI-5")
async def test_an_agent_enters_a_project_order_which_is_his(depot: Depot) -> None:
    (head,) = await depot.all(Department, limit=1)
    agency = await depot.make(Department, name="Harbour agent", parent=head.id)
    agent = await depot.make(Body, name="Harbour agent", tier="agent", staff=agency.id)
    ann = await depot.person("ann", "Salesperson")
    await depot.kernel.operations.update(depot.who, User, ann.user_id or UUID(int=0), {"department": agency.id})
    ann = Caller(await depot.kernel.policies.fresh(ann.user_id or UUID(int=0)), By.JOB)
    create = depot.kernel.operations.create
    customer = await create(ann, Customer, {"name": "Bridge builders"})
    order = await create(ann, Order, {"customer": customer.id, "kind": OrderKind.PROJECT})
    await create(ann, OrderLine, {"order": order.id, "product": depot.tea.id, "quantity": Decimal(3)})
    await depot.kernel.operations.act(ann, Order, [order.id], "confirm", {})
    (seen,) = await depot.kernel.reader.records(ann, Fulfilment)
    assert (seen.body, seen.state, (await depot.now(order)).kind) == (agent, FulfilmentState.OPEN, OrderKind.PROJECT)
    assert [one.id for one in await depot.all(Fulfilment, where=Fulfilment.body.eq(agent))] == [seen.id]


async def test_the_last_unit_is_sold_once_to_thirty_orders_at_a_time(depot: Depot) -> None:
    await depot.move("purchase", 1)
    orders = [await depot.ordered() for _ in range(30)]
    todo = [await fulfilment(depot, one) for one in orders]
    main = depot.places["Main"].id
    answers = await asyncio.gather(
        *(depot.act(one, "allocate", warehouse=main) for one in todo), return_exceptions=True
    )
    refused = [one for one in answers if isinstance(one, Refused)]
    assert (len(refused), len(answers)) == (29, 30)
    assert {one.problems[0].code for one in refused} == {"stock"}
    assert await depot.levels() == {"Main": (Decimal(1), Decimal(1))}
    drafts = [await depot.document("sale", 1, order=one.id) for one in orders]
    (kept,) = await depot.all(Document, where=Document.state.eq(DocumentState.RESERVED))
    answers = await asyncio.gather(*(depot.act(one, "confirm") for one in [*drafts, kept]), return_exceptions=True)
    assert [one for one in answers if isinstance(one, BaseException) and not isinstance(one, Refused)] == []
    shipped = await depot.all(Order, where=Order.state.eq(OrderState.SHIPPED))
    assert [one.id for one in shipped] == [kept.order.id]
    assert await depot.stock() == {}
    await depot.consistent()
