"""The one way in which stock changes: a move between two places, and the stock of both, under lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from plugins.distribution.choices import KEPT, PlaceKind
from plugins.distribution.models import Balance, Document, DocumentLine, Move, Place, Stock
from tradepost import Archived, Refused, Work
from tradepost.sales import Product

NAMES = {PlaceKind.SUPPLIER: "Suppliers", PlaceKind.CUSTOMER: "Customers", PlaceKind.LOSS: "Losses"}


@dataclass(frozen=True)
class Step:
    """A quantity that is to go from one place to another."""

    source: str
    product: Product
    from_place: Place
    to_place: Place
    quantity: Decimal
    lot: str | None = None
    expires_on: date | None = None
    any_lot: bool = False
    reverses: Move | None = None


@dataclass(frozen=True)
class Ledger:
    """The stock of some places, which nobody else changes until the end of the unit of work."""

    ours: Work
    places: Mapping[UUID, Place]

    @classmethod
    async def of(cls, work: Work, places: Iterable[Place]) -> Ledger:
        """The ledger of some places. Those of ours are locked, outside ones are not: nothing is counted there."""
        ours = work.elevated("stock follows from the ledger")
        known = {one: await ours.get(Place, one) for one in {place.id for place in places}}
        kept = sorted(one for one, place in known.items() if place.kind in KEPT)
        return cls(ours, known | {one.id: one for one in await ours.locked(Place, kept)})

    async def post(self, document: Document, steps: Sequence[Step], at: datetime, *, reserved: bool | None) -> None:
        """Write moves of a document and change the stock with them, or refuse all of them.

        `reserved`: whether the goods that leave were reserved for it; `None`: whoever they were reserved for.
        """
        for step in steps:
            for part in await self._taken(step, reserved=reserved):
                await self._put(part)
                await self.ours.create(Move, document=document, at=at, **_values(part))
        if at < self.ours.now:
            for place, product in {(one.from_place, one.product) for one in steps}:
                await self._never_below(self._place(place), product)

    async def reserve(self, place: Place, wanted: Mapping[Product, Decimal]) -> None:
        """Keep goods in a place for somebody; give them free again where a quantity is negative."""
        for product, quantity in wanted.items():
            stock = await self.stock(place, product)
            if quantity > 0 and quantity > stock.available:
                raise await self._short(product)
            await self.ours.change(stock, reserved=stock.reserved + quantity)

    def _place(self, place: Place) -> Place:
        return self.places.get(place.id, place)

    async def stock(self, place: Place, product: Product) -> Stock:
        """The stock of a product in a place, which is made when there was never any."""
        where = Stock.place.eq(place) & Stock.product.eq(product)
        found = await self.ours.find(Stock, where=where, limit=1, archived=Archived.WITH)
        if found:
            return await self.ours.restore(found[0]) if found[0].archived_at else found[0]
        known = self._place(place)
        placed = {"owner": known.owner, "department": known.department}
        return await self.ours.create(Stock, place=place, product=product, **placed)

    async def balances(self, stock: Stock) -> list[Balance]:
        """The lots of a stock, what expires first before the others."""
        found = await self.ours.find(Balance, where=Balance.stock.eq(stock))
        return sorted(found, key=lambda one: (one.expires_on or date.max, one.lot or ""))

    async def _taken(self, step: Step, *, reserved: bool | None) -> list[Step]:
        """Take a quantity out of a place; what expires first goes first where no lot was named."""
        place = self._place(step.from_place)
        if place.kind not in KEPT:
            return [step]
        stock = await self.stock(place, step.product)
        if step.quantity > (stock.on_hand if reserved is not False else stock.available):
            raise await self._short(step.product)
        held = await self.balances(stock)
        parts = list(_parts(held if step.any_lot else [one for one in held if _same(one.lot, step.lot)], step))
        if sum(part.quantity for _, part in parts) != step.quantity:
            raise await self._short(step.product, step.lot)
        for balance, part in parts:
            await self.ours.change(balance, quantity=balance.quantity - part.quantity)
        kept = stock.reserved - (step.quantity if reserved else 0)
        await self.ours.change(stock, on_hand=stock.on_hand - step.quantity, reserved=kept)
        return [part for _, part in parts]

    async def _put(self, step: Step) -> None:
        place = self._place(step.to_place)
        if place.kind not in KEPT:
            return
        stock = await self.stock(place, step.product)
        await self.ours.change(stock, on_hand=stock.on_hand + step.quantity)
        known = [one for one in await self.balances(stock) if _same(one.lot, step.lot)]
        if known:
            await self._add(known[0], step)
            return
        given = {"lot": step.lot, "expires_on": step.expires_on, "quantity": step.quantity}
        await self.ours.create(Balance, stock=stock, **given)

    async def _add(self, lot: Balance, step: Step) -> None:
        values: dict[str, object] = {"quantity": lot.quantity + step.quantity}
        if lot.expires_on != step.expires_on:
            if lot.quantity:
                raise Refused("This lot has another expiry date", field="lot", code="lot")
            values |= {"expires_on": step.expires_on, "expiring": False}
        await self.ours.change(lot, **values)

    async def _never_below(self, place: Place, product: Product) -> None:
        """Refuse a move of an earlier day for which there was not enough then."""
        if place.kind not in KEPT:
            return
        where = Move.product.eq(product) & (Move.from_place.eq(place) | Move.to_place.eq(place))
        found = await self.ours.find(Move, where=where, fields=("at", "from_place", "to_place", "quantity"))
        level = Decimal(0)
        for one in sorted(found, key=lambda one: (one.at, one.to_place.id != place.id)):
            level += one.quantity if one.to_place.id == place.id else -one.quantity
            if level < 0:
                raise await self._short(product)

    async def _short(self, product: Product, lot: str | None = None) -> Refused:
        name = (await self.ours.get(Product, product.id)).name
        if lot:
            return Refused("There is not enough of lot %(lot)s of %(product)s", code="stock", lot=lot, product=name)
        return Refused("There is not enough stock of %(product)s", code="stock", product=name)


async def moves_of(work: Work, document: Document) -> list[Move]:
    """The moves of a document, with all that they are about."""
    ours = work.elevated("stock follows from the ledger")
    return await ours.find(Move, where=Move.document.eq(document), order=("source",))


async def lines_of(work: Work, document: Document) -> list[DocumentLine]:
    """The lines of a document, with all that they are about; `Refused` when there are none."""
    ours = work.elevated("stock follows from the ledger")
    found = await ours.find(DocumentLine, where=DocumentLine.document.eq(document), order=("created_at",))
    if not found:
        raise Refused("The document has no lines")
    return found


async def outside(work: Work, kind: PlaceKind) -> Place:
    """The place that stands for all suppliers, all customers, or what is lost."""
    ours = work.elevated("the places outside are everybody's")
    where = Place.kind.eq(kind)
    found = await ours.find(Place, where=where, order=("created_at",), limit=1)
    if not found:
        await ours.number("distribution.place")  # who else finds none waits here until this one is there
        found = await ours.find(Place, where=where, order=("created_at",), limit=1)
    return found[0] if found else await ours.create(Place, name=NAMES[kind], kind=kind, owner=None)


def _same(one: str | None, other: str | None) -> bool:
    return (one or "") == (other or "")


def _parts(held: Sequence[Balance], step: Step) -> Iterator[tuple[Balance, Step]]:
    left = step.quantity
    for number, one in enumerate(held):
        taken = min(left, one.quantity)
        if taken > 0:
            left -= taken
            source = f"{step.source}/{number}"
            yield one, replace(step, source=source, quantity=taken, lot=one.lot, expires_on=one.expires_on)


def _values(step: Step) -> dict[str, object]:
    names = ("source", "product", "from_place", "to_place", "quantity", "lot", "expires_on", "reverses")
    return {name: getattr(step, name) for name in names}
