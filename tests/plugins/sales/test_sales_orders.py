"""An order is the contract: numbered, added up line by line, binding once confirmed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.errors import Forbidden, NotFound, Refused
from core.money import Money
from core.options import Options
from tests.plugins.sales.conftest import SYSTEM, Firm
from tradepost.sales import Collection, Customer, Order, OrderLine, OrderState, Product


async def order(firm: Firm, *prices: tuple[str, str, str]) -> Order:
    """An order of Li's with lines of price, quantity and discount."""
    li = await firm.as_("li")
    customer = await firm.make(Customer, li, name="Tea Ltd")
    made = await firm.make(Order, li, customer=customer.id)
    for number, (price, quantity, discount) in enumerate(prices):
        product = await firm.make(Product, code=f"P{number}", name=f"Tea {number}")
        given = {"price": f"{price} USD", "quantity": Decimal(quantity), "discount": Decimal(discount)}
        await firm.make(OrderLine, li, order=made.id, product=product.id, **given)
    return await firm.reader.get(li, Order, made.id)


@pytest.mark.requirement("CO-8")
async def test_an_order_adds_up_its_lines_each_rounded_half_up(firm: Firm) -> None:
    made = await order(firm, ("0.05", "1", "50"), ("0.05", "1", "50"), ("19.99", "3", "12.5"))
    lines = await firm.all(OrderLine, where=OrderLine.order.eq(made), order=("created_at",))
    assert [one.total for one in lines] == [Money(3, "USD"), Money(3, "USD"), Money(5247, "USD")]
    assert (made.number, made.state, made.total) == ("O000001", OrderState.DRAFT, Money(5253, "USD"))
    assert made.owner.id == firm.people["li"]


async def test_a_line_taken_away_is_taken_off_the_total(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await order(firm, ("5", "1", "0"), ("7", "1", "0"))
    (first, _) = await firm.all(OrderLine, order=("created_at",))
    await firm.operations.archive(li, OrderLine, first.id)
    assert (await firm.reader.get(li, Order, made.id)).total == Money(700, "USD")


async def test_a_line_without_a_price_takes_the_list_price_of_that_day(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await order(firm)
    tea = await firm.make(Product, code="T", name="Tea", price="8 USD")
    line = await firm.make(OrderLine, li, order=made.id, product=tea.id, quantity=Decimal(2))
    assert (line.price, line.total) == (Money(800, "USD"), Money(1600, "USD"))


async def test_lines_of_two_currencies_are_refused(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await order(firm, ("5", "1", "0"))
    tea = await firm.make(Product, code="T", name="Tea", price="8 EUR")
    with pytest.raises(Refused, match="one currency"):
        await firm.make(OrderLine, li, order=made.id, product=tea.id)


@pytest.mark.requirement("DI-7", "DI-8")
async def test_a_confirmed_order_is_changed_only_after_it_was_reopened(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await order(firm, ("5", "1", "0"))
    (line,) = await firm.all(OrderLine)
    await firm.act(li, made, "confirm")
    with pytest.raises(Refused, match="Only a draft"):
        await firm.operations.update(li, OrderLine, line.id, {"quantity": Decimal(2)})
    with pytest.raises(Refused, match="Only a draft"):
        await firm.operations.archive(li, OrderLine, line.id)
    with pytest.raises(Refused, match="Void the order"):
        await firm.operations.archive(li, Order, made.id)
    await firm.act(li, made, "reopen")
    await firm.operations.update(li, OrderLine, line.id, {"quantity": Decimal(2)})
    assert (await firm.reader.get(li, Order, made.id)).total == Money(1000, "USD")
    assert (await firm.act(li, made, "void")).state is OrderState.VOID
    with pytest.raises(Refused):
        await firm.act(li, made, "confirm")


async def test_an_order_without_lines_is_not_confirmed(firm: Firm) -> None:
    with pytest.raises(Refused, match="no lines"):
        await firm.act(await firm.as_("li"), await order(firm), "confirm")


@pytest.mark.requirement("DI-6")
async def test_where_orders_are_reviewed_nobody_confirms_what_he_entered(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await order(firm, ("5", "1", "0"))
    await Options(firm.operations.registry, firm.operations.database).change(SYSTEM, {"sales.orders_reviewed": True})
    with pytest.raises(Refused, match="Somebody else reviews"):
        await firm.act(li, made, "confirm")
    assert (await firm.reader.get(li, Order, made.id)).state is OrderState.DRAFT
    assert (await firm.act(await firm.as_("lead"), made, "confirm")).state is OrderState.CONFIRMED


async def test_nobody_enters_a_state_or_a_total(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await order(firm)
    for values in ({"state": "shipped"}, {"total": "1 USD"}):
        with pytest.raises(Refused):
            await firm.operations.update(li, Order, made.id, values)


async def test_an_order_is_out_of_sight_for_another_salesperson(firm: Firm) -> None:
    made = await order(firm, ("5", "1", "0"))
    with pytest.raises((NotFound, Forbidden)):
        await firm.act(await firm.as_("wang"), made, "confirm")


@pytest.mark.requirement("CO-1")
async def test_products_terms_and_collections_of_a_contract_stand_on_one_order(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await order(firm, ("5", "2", "0"), ("7", "1", "0"))
    await firm.operations.update(li, Order, made.id, {"terms": "Half at once, half within 30 days"})
    await firm.operations.act(li, Order, [made.id], "confirm", {})
    await firm.make(Collection, li, order=made.id, amount="8.50 USD", received_on="2026-01-05", method="cash")
    second = await firm.make(Collection, li, order=made.id, amount="8.50 USD", due_on="2026-02-04")
    fields = ("*", "lines.product.name", "collections.amount", "collections.received_on")
    seen = await firm.reader.get(li, Order, made.id, fields)
    assert (seen.terms, seen.total) == ("Half at once, half within 30 days", Money(1700, "USD"))
    assert seen.collected == Money(850, "USD")
    assert sorted(one.product.name for one in seen.value("lines")) == ["Tea 0", "Tea 1"]
    assert [one.received_on is None for one in seen.value("collections")] == [True, False]
    await firm.operations.update(li, Collection, second.id, {"received_on": "2026-02-01"})
    assert (await firm.reader.get(li, Order, made.id)).collected == Money(1700, "USD")
    await firm.operations.archive(li, Collection, second.id)
    assert (await firm.reader.get(li, Order, made.id)).collected == Money(850, "USD")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"received_on": "2026-01-05"}, "amount"),
        ({"amount": "5 USD", "received_on": "2999-01-01"}, "received_on"),
        ({"amount": "5 EUR", "received_on": "2026-01-05"}, "amount"),
    ],
)
async def test_what_was_not_paid_like_that_is_not_collected(firm: Firm, values: dict[str, str], field: str) -> None:
    li = await firm.as_("li")
    made = await order(firm, ("5", "2", "0"))
    with pytest.raises(Refused) as refusal:
        await firm.make(Collection, li, order=made.id, **values)
    assert [one.field for one in refusal.value.problems] == [field]
    assert await firm.all(Collection) == []
    assert (await firm.reader.get(li, Order, made.id)).collected is None


async def test_nothing_more_is_collected_for_a_void_order(firm: Firm) -> None:
    li = await firm.as_("li")
    made = await order(firm, ("5", "2", "0"))
    await firm.operations.act(li, Order, [made.id], "void", {})
    with pytest.raises(Refused, match="The order is void"):
        await firm.make(Collection, li, order=made.id, amount="5 USD")
    assert await firm.all(Collection) == []
