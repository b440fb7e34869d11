"""What distribution adds to orders: whose they are, from which warehouse they are shipped, and what that forbids."""

from __future__ import annotations

from plugins.distribution.choices import DocumentKind, DocumentState, FulfilmentState
from plugins.distribution.documents import take_back
from plugins.distribution.ledger import Ledger
from plugins.distribution.models import Body, Document, DocumentLine, Fulfilment, Place
from plugins.distribution.shipping import follow, progress_of
from tradepost import Refused, Resource, User, Work, action, extend
from tradepost.sales import Order, OrderState

WAITING = (FulfilmentState.OPEN, FulfilmentState.PARTLY_SHIPPED)
OPENED = (OrderState.DRAFT, OrderState.VOID)


class Fulfilments(Resource[Fulfilment]):
    """Orders, and how far their goods have come."""

    columns = ("number", "customer", "body", "state", "required_on", "order.state", "order.total", "owner")
    filters = ("state", "body", "body.tier", "customer", "required_on", "owner", "department")
    search = ("number", "customer.name")
    board = "state"
    icon = "layout-list"
    menu = 10

    @action()
    async def assign(self, work: Work, fulfilment: Fulfilment, body: Body) -> Fulfilment:
        """Say which body sells it."""
        return await work.change(fulfilment, body=body)

    @action(when=Fulfilment.state.is_in(WAITING), otherwise="All of it is allocated or shipped already")
    async def allocate(
        self, work: Work, fulfilment: Fulfilment, warehouse: Place, *, partly: bool = False
    ) -> Fulfilment:
        """Reserve what is still to be shipped in a warehouse; if wished, as much of it as there is."""
        ours = work.elevated("who dispatches allocates every order that he sees")
        (order,) = await ours.locked(Order, [fulfilment.order.id])
        wanted = (await progress_of(ours, order)).left
        if partly:
            ledger = await Ledger.of(work, [warehouse])
            there = {one: (await ledger.stock(warehouse, one)).available for one in wanted}
            wanted = {one: min(quantity, there[one]) for one, quantity in wanted.items() if there[one] > 0}
        if not wanted:
            raise Refused("There is nothing to be allocated", field="warehouse", code="stock")
        placed = {"owner": order.owner, "department": order.department}
        kind = DocumentKind.SALE
        document = await ours.create(Document, kind=kind, warehouse=warehouse, order=order, **placed)
        for product, quantity in wanted.items():
            await ours.create(DocumentLine, document=document, product=product, quantity=quantity)
        await ours.act(document, "reserve")
        return await work.get(Fulfilment, fulfilment.id)


@extend(Order)
class ShippedOrders:
    """What shipping forbids and asks of an order."""

    async def check(self, work: Work, before: Order | None, after: Order) -> None:
        """What has gone out has gone out: such an order is neither reopened nor voided."""
        if before is None or before.state not in (OrderState.CONFIRMED, OrderState.SHIPPED):
            return
        if after.state in OPENED:
            ours = work.elevated("shipments hinder changing an order, whoever sees them")
            sent = Document.kind.eq(DocumentKind.SALE) & Document.state.eq(DocumentState.CONFIRMED)
            if await ours.find(Document, where=Document.order.eq(after) & sent, limit=1):
                raise Refused("Goods of this order have been shipped", code="shipped")

    async def changed(self, work: Work, before: Order | None, after: Order) -> None:
        """A confirmed order is to be fulfilled; of one that is not, no goods are kept any more."""
        was = before.state if before else OrderState.DRAFT
        if after.state in OPENED and was not in OPENED:
            ours = work.elevated("of an order that does not bind, no goods are kept")
            drafted = Document.state.is_in((DocumentState.DRAFT, DocumentState.RESERVED))
            waiting = drafted & Document.kind.eq(DocumentKind.SALE)
            for one in await ours.find(Document, where=Document.order.eq(after) & waiting):
                await take_back(ours, one)
            await follow(work, after)
        elif after.state is OrderState.CONFIRMED and (before is None or _differs(before, after)):
            await follow(work, after)
        if before is not None and after.owner is not None and before.owner != after.owner:
            await _hand_over(work, after, after.owner)


async def _hand_over(work: Work, order: Order, owner: User) -> None:
    """Who is given an order is given what belongs to it."""
    ours = work.elevated("who owns an order sees what is shipped of it")
    for one in await ours.find(Document, where=Document.order.eq(order)):
        await ours.transfer(one, owner)
    for todo in await ours.find(Fulfilment, where=Fulfilment.order.eq(order)):
        await ours.transfer(todo, owner)


def _differs(before: Order, after: Order) -> bool:
    return before.state is OrderState.DRAFT or before.required_on != after.required_on
