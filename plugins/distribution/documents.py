"""How documents are numbered, checked, reserved, confirmed and voided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from plugins.distribution.choices import (
    LEAVING,
    OUTSIDE,
    WITH_ORDER,
    WITH_SUPPLIER,
    Direction,
    DocumentKind,
    DocumentState,
    direction_of,
)
from plugins.distribution.ledger import Ledger, Step, lines_of, moves_of, outside
from plugins.distribution.models import Document, DocumentLine, Move, Place
from plugins.distribution.shipping import follow, order_for, summed
from tradepost import NotFound, Refused, Resource, Work, action
from tradepost.sales import Order, OrderState

FIXED = ("kind", "warehouse", "to_warehouse", "order", "customer", "supplier", "at")
"""What stays as it is once goods are reserved or have moved."""
DRAFTS = Document.state.eq(DocumentState.DRAFT)


class Documents(Resource[Document]):
    """Goods in, out and between warehouses."""

    columns = ("number", "kind", "state", "warehouse", "to_warehouse", "order", "customer", "supplier", "at")
    filters = ("direction", "kind", "state", "warehouse", "order", "customer", "supplier", "at", "owner")
    form: ClassVar = {
        "Document": ("number", "kind", "warehouse", "to_warehouse"),
        "About": ("order", "customer", "supplier"),
        "More": ("at", "remark"),
    }
    search = ("number", "customer.name", "supplier.name", "order.number")
    board = "state"
    related = ("lines", "moves")
    timeline = "created_at"
    icon = "truck"
    menu = 20

    @action(when=DRAFTS & Document.kind.is_in(LEAVING))
    async def reserve(self, work: Work, document: Document) -> Document:
        """Keep the goods for it, so that nobody else ships them."""
        order = await order_for(work, document)
        ledger = await _ledger(work, document)
        _require_confirmed(order)
        await ledger.reserve(document.warehouse, summed(await lines_of(work, document)))
        after = await work.change(document, state=DocumentState.RESERVED)
        if order:
            await follow(work, order)
        return after

    @action(when=Document.state.eq(DocumentState.RESERVED))
    async def release(self, work: Work, document: Document) -> Document:
        """Give the reserved goods free and make a draft of it again, to change it."""
        order = await order_for(work, document)
        await _free(work, document)
        after = await work.change(document, state=DocumentState.DRAFT)
        if order:
            await follow(work, order)
        return after

    @action(when=Document.state.is_in((DocumentState.DRAFT, DocumentState.RESERVED)))
    async def confirm(self, work: Work, document: Document) -> Document:
        """Move the goods."""
        return await carry_out(work, document)

    @action(when=~Document.state.eq(DocumentState.VOID), danger=True)
    async def void(self, work: Work, document: Document) -> Document:
        """Take the document back; goods that moved go back by moves of their own."""
        return await take_back(work, document)

    async def complete(self, work: Work, before: Document | None, after: Document) -> Mapping[str, object]:
        """Give it the next number and direction, the order's customer, and nothing that its kind has no use for."""
        found: dict[str, object] = {"direction": direction_of(after.kind)}
        if not after.number:
            found["number"] = f"D{await work.number('distribution.document'):06}"
        if after.kind is not DocumentKind.TRANSFER:
            found["to_warehouse"] = None
        if after.kind not in WITH_SUPPLIER:
            found["supplier"] = None
        if after.kind not in WITH_ORDER:
            found |= {"order": None, "customer": None}
        elif after.order is not None and (before is None or before.order != after.order):
            try:
                found["customer"] = (await work.get(Order, after.order.id)).customer
            except NotFound:
                return found  # the link itself is refused after this
        return found

    async def check(self, work: Work, before: Document | None, after: Document) -> None:
        """Hold kind and places together, and keep what is reserved or has moved."""
        if before is not None and before.state is not DocumentState.DRAFT:
            changed = [name for name in FIXED if before.value(name) != after.value(name)]
            if changed and not (changed == ["at"] and before.at is None):
                raise Refused("Only a draft can be changed", field=changed[0], code="state")
            return
        if after.kind is DocumentKind.TRANSFER:
            if after.to_warehouse is None:
                raise Refused("Fill this in", field="to_warehouse", code="required")
            if after.to_warehouse == after.warehouse:
                raise Refused("Choose another warehouse", field="to_warehouse")
        if after.at is not None and after.at > work.now:
            raise Refused("This is in the future", field="at")

    async def changed(self, work: Work, before: Document | None, after: Document) -> None:
        """What has moved does not go into the recycle bin; who owns an order owns its documents."""
        if after.archived_at is not None and after.state in (DocumentState.RESERVED, DocumentState.CONFIRMED):
            raise Refused("Void the document instead", code="state")
        if after.order is not None and (before is None or before.order != after.order):
            ours = work.elevated("who owns an order sees what is shipped of it")
            owner = (await ours.get(Order, after.order.id)).owner
            if owner is not None and owner != after.owner:
                await ours.transfer(after, owner)


async def carry_out(work: Work, document: Document) -> Document:
    """Move the goods of a document."""
    order = await order_for(work, document)
    ledger = await _ledger(work, document)
    _require_confirmed(order)
    lines, at = await lines_of(work, document), document.at or work.now
    reserved = None if document.kind is DocumentKind.LOST else document.state is DocumentState.RESERVED
    await ledger.post(document, await _steps(work, document, lines), at, reserved=reserved)
    values = {"state": DocumentState.CONFIRMED, "at": at, "confirmed_at": work.now}
    after = await work.change(document, **values)
    if order:
        await follow(work, order, shipped_at=at)
    return after


async def take_back(work: Work, document: Document) -> Document:
    """Void a document: what it reserved is free, and what it moved goes back."""
    order = await order_for(work, document)
    if document.state is DocumentState.RESERVED:
        await _free(work, document)
    await _require_seen(work, document)
    moves = await moves_of(work, document)
    if moves:
        await _reverse(work, document, moves)
    after = await work.change(document, state=DocumentState.VOID)
    if order:
        await follow(work, order)
    return after


async def _reverse(work: Work, document: Document, moves: Sequence[Move]) -> None:
    ledger = await Ledger.of(work, [place for one in moves for place in (one.from_place, one.to_place)])
    steps = [
        Step(
            f"{one.id} void",
            one.product,
            from_place=one.to_place,
            to_place=one.from_place,
            quantity=one.quantity,
            lot=one.lot,
            expires_on=one.expires_on,
            reverses=one,
        )
        for one in moves
    ]
    await ledger.post(document, steps, work.now, reserved=False)


async def _free(work: Work, document: Document) -> None:
    ledger = await _ledger(work, document)
    wanted = summed(await lines_of(work, document))
    await ledger.reserve(document.warehouse, {product: -quantity for product, quantity in wanted.items()})


async def _ledger(work: Work, document: Document) -> Ledger:
    """The stock of a document's warehouses."""
    return await Ledger.of(work, await _require_seen(work, document))


async def _require_seen(work: Work, document: Document) -> list[Place]:
    """The warehouses of a document; `NotFound` unless whoever acts may see them."""
    ends = [one for one in (document.warehouse, document.to_warehouse) if one is not None]
    return [await work.get(Place, one.id) for one in ends]


def _require_confirmed(order: Order | None) -> None:
    """Goods go out for orders that bind; they may come back later, too."""
    if order is not None and order.state not in (OrderState.CONFIRMED, OrderState.SHIPPED):
        raise Refused("Only a confirmed order is shipped", field="order", code="state")


async def _steps(work: Work, document: Document, lines: Sequence[DocumentLine]) -> list[Step]:
    """What is to go where."""
    if document.kind is DocumentKind.TRANSFER:
        ends = (document.warehouse, document.to_warehouse or document.warehouse)
    else:
        direction, kind = OUTSIDE[document.kind]
        there = await outside(work, kind)
        ends = (there, document.warehouse) if direction is Direction.INBOUND else (document.warehouse, there)
    coming = direction_of(document.kind) is Direction.INBOUND
    return [
        Step(
            str(one.id),
            one.product,
            *ends,
            quantity=one.quantity,
            lot=one.lot,
            expires_on=one.expires_on if coming else None,
            any_lot=not coming and not one.lot,
        )
        for one in lines
    ]


class DocumentLines(Resource[DocumentLine]):
    """The goods of documents."""

    columns = ("document", "product", "quantity", "lot", "expires_on")
    menu = None

    async def check(self, work: Work, before: DocumentLine | None, after: DocumentLine) -> None:
        """A line has a quantity and stays with its document."""
        if after.quantity == 0:
            raise Refused("Write more than 0", field="quantity")
        if before is not None and before.document != after.document:
            raise Refused("A line stays with its document", field="document")

    async def changed(self, work: Work, before: DocumentLine | None, after: DocumentLine) -> None:
        """Only a draft's lines change."""
        (document,) = await work.locked(Document, [after.document.id])
        if document.state is not DocumentState.DRAFT:
            raise Refused("Only a draft can be changed", code="state")


class Moves(Resource[Move]):
    """The ledger of stock."""

    columns = ("at", "product", "quantity", "from_place", "to_place", "lot", "document", "reverses")
    filters = ("product", "from_place", "to_place", "at", "lot")
    icon = "history"
    menu = 70
