"""How orders are numbered, added up, confirmed and voided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from plugins.sales.choices import OrderState
from plugins.sales.models import Collection, Order, OrderLine, Product
from plugins.sales.opportunities import today
from tradepost import Money, NotFound, Option, Refused, Resource, Work, action, hookimpl, rounded
from tradepost.fields import boolean

AGREED = ("number", "kind", "customer", "placed_on", "terms")
"""What is part of the contract: it stays as it is once the order is confirmed."""


class Orders(Resource[Order]):
    """Orders and how far they have come."""

    columns = ("number", "kind", "customer", "placed_on", "required_on", "state", "total", "collected", "owner")
    filters = ("state", "kind", "customer", "owner", "placed_on", "required_on", "shipped_on")
    form: ClassVar = {
        "Order": ("number", "kind", "customer", "contact", "opportunity"),
        "Delivery": ("placed_on", "required_on", "ship_to"),
        "Terms": ("terms", "remark"),
    }
    board = "state"
    amount = "total"
    search = ("number", "customer.name")
    related = ("lines", "collections")
    timeline = "created_at"
    icon = "file-text"
    menu = 45

    @action(when=Order.state.eq(OrderState.DRAFT))
    async def confirm(self, work: Work, order: Order) -> Order:
        """Make the order binding; from now on its lines stay as they are."""
        if not await work.find(OrderLine, where=OrderLine.order.eq(order), limit=1):
            raise Refused("The order has no lines")
        entered_by_him = order.created_by is not None and order.created_by.id == work.caller.user_id
        if entered_by_him and await work.option("sales.orders_reviewed"):
            raise Refused("Somebody else reviews and confirms the orders that you enter", code="review")
        return await work.change(order, state=OrderState.CONFIRMED)

    @action(when=Order.state.eq(OrderState.CONFIRMED))
    async def reopen(self, work: Work, order: Order) -> Order:
        """Make a draft of the order again, to change it."""
        return await work.change(order, state=OrderState.DRAFT)

    @action(when=Order.state.is_in([OrderState.DRAFT, OrderState.CONFIRMED]), danger=True)
    async def void(self, work: Work, order: Order) -> Order:
        """Take the order back for good; it stays on record."""
        return await work.change(order, state=OrderState.VOID)

    async def complete(self, work: Work, before: Order | None, after: Order) -> Mapping[str, object]:
        """Give it the next number, and today's date."""
        found: dict[str, object] = {}
        if not after.number:
            found["number"] = f"O{await work.number('sales.order'):06}"
        if after.placed_on is None:
            found["placed_on"] = today(work)
        return found

    async def check(self, work: Work, before: Order | None, after: Order) -> None:
        """Keep what was agreed, and shipped orders out of the recycle bin."""
        if before is None or before.state is OrderState.DRAFT:
            return
        changed = [name for name in AGREED if before.value(name) != after.value(name)]
        if changed:
            raise Refused("Only a draft can be changed", field=changed[0], code="state")

    async def changed(self, work: Work, before: Order | None, after: Order) -> None:
        """A binding order does not go into the recycle bin: it is voided."""
        binding = after.state in (OrderState.CONFIRMED, OrderState.SHIPPED)
        if binding and after.archived_at is not None:
            raise Refused("Void the order instead", code="state")


class OrderLines(Resource[OrderLine]):
    """The products of orders."""

    columns = ("order", "product", "quantity", "price", "discount", "total", "remark")
    amount = "total"
    menu = None

    async def complete(self, work: Work, before: OrderLine | None, after: OrderLine) -> Mapping[str, object]:
        """Take the list price where none was agreed, and work out what the line comes to."""
        price = after.price or await _list_price(work, after)
        return {"price": price, "total": line_total(price, after.quantity, after.discount) if price else None}

    async def check(self, work: Work, before: OrderLine | None, after: OrderLine) -> None:
        """A line has a quantity and a price, and stays with its order."""
        if after.discount > 100:
            raise Refused("Write 100 or less", field="discount")
        if after.quantity == 0:
            raise Refused("Write more than 0", field="quantity")
        if after.price is None:
            raise Refused("Fill this in", field="price", code="required")
        if before is not None and before.order != after.order:
            raise Refused("A line stays with its order", field="order")

    async def changed(self, work: Work, before: OrderLine | None, after: OrderLine) -> None:
        """Only a draft's lines change; its total follows them."""
        (order,) = await work.locked(Order, [after.order.id])
        if order.state is not OrderState.DRAFT:
            raise Refused("Only a draft can be changed", code="state")
        lines = await work.find(OrderLine, where=OrderLine.order.eq(order), fields=("total",))
        await work.change(order, total=_sum([one.total for one in lines if one.total], "price"))


def line_total(price: Money, quantity: Decimal, discount: Decimal) -> Money:
    """Price times quantity less the discount, rounded half up to the smallest unit."""
    return rounded(price.amount * quantity * (100 - discount) / 100, price.currency)


async def _list_price(work: Work, line: OrderLine) -> Money | None:
    try:
        return (await work.get(Product, line.product.id)).price
    except NotFound:
        return None  # the link itself is refused after this


class Collections(Resource[Collection]):
    """Money that is paid for orders."""

    columns = ("order", "amount", "due_on", "received_on", "method", "remark")
    filters = ("received_on", "due_on", "method", "order.customer")
    amount = "amount"
    icon = "hand-coins"
    menu = 46

    async def check(self, work: Work, before: Collection | None, after: Collection) -> None:
        """What was paid has an amount and a day that is not to come, and stays with its order."""
        if after.received_on is not None and after.amount is None:
            raise Refused("Fill this in", field="amount", code="required")
        if after.received_on is not None and after.received_on > today(work):
            raise Refused("This is in the future", field="received_on")
        if before is not None and before.order != after.order:
            raise Refused("A collection stays with its order", field="order")

    async def changed(self, work: Work, before: Collection | None, after: Collection) -> None:
        """Nothing is newly collected for a void order; what is collected of an order follows its collections."""
        (order,) = await work.locked(Order, [after.order.id])
        if order.state is OrderState.VOID and before is None:
            raise Refused("The order is void", field="order", code="state")
        paid = Collection.order.eq(order) & Collection.received_on.empty(False)
        found = await work.find(Collection, where=paid, fields=("amount",))
        amounts = [one.amount for one in found if one.amount]
        if order.total:
            _sum([order.total, *amounts], "amount")
        collected = _sum(amounts, "amount")
        if collected != order.collected:
            await work.change(order, collected=collected)


def _sum(totals: list[Money], field: str) -> Money | None:
    if len({one.currency for one in totals}) > 1:
        raise Refused("All amounts of an order are in one currency", field=field)
    return Money(sum(one.minor for one in totals), totals[0].currency) if totals else None


@hookimpl
def tradepost_settings() -> Sequence[Option]:
    """Whether orders are reviewed."""
    return (
        Option(
            "orders_reviewed",
            boolean(label="Orders are reviewed", help="Nobody confirms an order that he entered himself"),
        ),
    )
