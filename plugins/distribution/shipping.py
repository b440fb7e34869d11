"""What an order asks of distribution: nobody ships more than was ordered, and everybody sees how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from plugins.distribution.choices import WITH_ORDER, DocumentKind, DocumentState, FulfilmentState
from plugins.distribution.models import Body, Document, DocumentLine, Fulfilment
from tradepost import EVERYTHING, Desk, Refused, Work
from tradepost.sales import Order, OrderLine, OrderState, Product

Quantities: TypeAlias = dict[Product, Decimal]
NONE = Decimal(0)
MOST = 10_000
COUNTED = (DocumentState.RESERVED, DocumentState.CONFIRMED)


@dataclass(frozen=True)
class Progress:
    """How much of each product of an order was ordered, is reserved, was shipped and came back."""

    ordered: Quantities
    reserved: Quantities
    shipped: Quantities
    returned: Quantities

    @property
    def taken(self) -> Quantities:
        """What is reserved or was shipped."""
        return {one: self.reserved.get(one, NONE) + self.shipped.get(one, NONE) for one in self.reserved | self.shipped}

    @property
    def left(self) -> Quantities:
        """What is neither reserved nor shipped yet."""
        taken = self.taken
        found = {one: quantity - taken.get(one, NONE) for one, quantity in self.ordered.items()}
        return {one: quantity for one, quantity in found.items() if quantity > 0}

    @property
    def state(self) -> FulfilmentState:
        """How far the order has come."""
        if self.shipped == self.ordered:
            return FulfilmentState.SHIPPED
        if self.shipped:
            return FulfilmentState.PARTLY_SHIPPED
        return FulfilmentState.OPEN if self.left else FulfilmentState.ALLOCATED


async def progress_of(reader: Work | Desk, order: Order) -> Progress:
    """How far an order has come, by the documents that the reader may see."""
    return (await progress_of_all(reader, [order]))[order]


async def progress_of_all(reader: Work | Desk, orders: Sequence[Order]) -> dict[Order, Progress]:
    """How far each of some orders has come."""
    where = Document.order.is_in(orders) & Document.kind.is_in(WITH_ORDER) & Document.state.is_in(COUNTED)
    documents = await reader.find(Document, where=where, fields=("kind", "state", "order"), limit=MOST)
    seen = DocumentLine.document.is_in(documents) & DocumentLine.product.where(EVERYTHING)
    parts = await reader.find(DocumentLine, where=seen, limit=MOST)
    seen = OrderLine.order.is_in(orders) & OrderLine.product.where(EVERYTHING)
    lines = await reader.find(OrderLine, where=seen, order=("created_at",), limit=MOST)
    known = {one: one for one in documents}
    return {
        order: Progress(
            summed([one for one in lines if one.order == order]),
            *(
                summed([one for one in parts if _counts(known[one.document], order, *wanted)])
                for wanted in (
                    (DocumentKind.SALE, DocumentState.RESERVED),
                    (DocumentKind.SALE, DocumentState.CONFIRMED),
                    (DocumentKind.CUSTOMER_RETURN, DocumentState.CONFIRMED),
                )
            ),
        )
        for order in orders
    }


def _counts(document: Document, order: Order, kind: DocumentKind, state: DocumentState) -> bool:
    return (document.order, document.kind, document.state) == (order, kind, state)


def summed(lines: Sequence[DocumentLine | OrderLine]) -> Quantities:
    """How much of each product some lines come to."""
    found: Quantities = {}
    for one in lines:
        found[one.product] = found.get(one.product, NONE) + one.quantity
    return found


def _exceeds(some: Quantities, others: Quantities) -> bool:
    return any(quantity > others.get(one, NONE) for one, quantity in some.items())


async def order_for(work: Work, document: Document) -> Order | None:
    """The order that a document ships or takes back, locked, so that nothing else happens to it meanwhile."""
    if document.order is None or document.kind not in WITH_ORDER:
        return None
    (order,) = await work.elevated("an order is shipped by whoever ships it").locked(Order, [document.order.id])
    return order


async def follow(work: Work, order: Order, *, shipped_at: datetime | None = None) -> None:
    """Refuse to ship more than was ordered or to take back more than was shipped, and say how far the order is."""
    ours = work.elevated("an order is shipped by whoever ships it")
    if order.state in (OrderState.DRAFT, OrderState.VOID):
        await note(work, order, FulfilmentState.WITHDRAWN)
        return
    found = await progress_of(ours, order)
    if _exceeds(found.taken, found.ordered):
        raise Refused("This is more than was ordered", field="order", code="ordered")
    if _exceeds(found.returned, found.shipped):
        raise Refused("This is more than was shipped", field="order", code="shipped")
    if order.state is OrderState.CONFIRMED and found.state is FulfilmentState.SHIPPED:
        day = (shipped_at or work.now).astimezone(ZoneInfo(work.caller.zone)).date()
        order = await ours.change(order, state=OrderState.SHIPPED, shipped_on=day)
    elif order.state is OrderState.SHIPPED and found.state is not FulfilmentState.SHIPPED:
        order = await ours.change(order, state=OrderState.CONFIRMED, shipped_on=None)
    await note(work, order, found.state)


async def note(work: Work, order: Order, state: FulfilmentState) -> None:
    """Keep the order's fulfilment up to date; one is made for an order that binds."""
    ours = work.elevated("an order is shipped by whoever ships it")
    values: dict[str, object] = {
        "state": state,
        "number": order.number,
        "customer": order.customer,
        "required_on": order.required_on,
    }
    found = await ours.find(Fulfilment, where=Fulfilment.order.eq(order), limit=1)
    if found:
        await ours.change(found[0], **values)
        return
    if state is FulfilmentState.WITHDRAWN:
        return
    bodies = await ours.find(Body, where=Body.staff.eq(order.department), limit=2) if order.department else []
    body = bodies[0] if len(bodies) == 1 else None
    placed = {"owner": order.owner, "department": order.department}
    await ours.create(Fulfilment, order=order, body=body, **values, **placed)
