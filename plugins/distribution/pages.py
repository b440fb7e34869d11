"""The pages of distribution: stock by warehouse, orders to be dispatched, and how far an order's goods have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from plugins.distribution.choices import KEPT
from plugins.distribution.fulfilments import WAITING
from plugins.distribution.inquiry import READ, stock_at
from plugins.distribution.models import Fulfilment, Place, Stock
from plugins.distribution.shipping import NONE, Progress, progress_of, progress_of_all
from tradepost import EVERYTHING, Refused, Work, hookimpl
from tradepost.pages import Inset, Page, Reply, Visit
from tradepost.sales import Order, Product

STOCK = "distribution.stock.read"
SHOWN = 200
LISTED = 30
MOST = 10_000
SEEN = Stock.product.where(EVERYTHING) & Stock.place.where(EVERYTHING)
"""Stock of which the visitor sees what it is and where."""


async def warehouses(visit: Visit) -> list[Place]:
    """The places of ours that the visitor may see."""
    return await visit.desk.find(Place, where=Place.kind.is_in(KEPT), order=("kind", "name"), fields=("name",))


# Stock by warehouse


@dataclass(frozen=True)
class Row:
    """A product with its stock in each warehouse."""

    name: str
    href: str
    cells: tuple[tuple[str, str, bool], ...]
    total: str


async def stock(visit: Visit) -> Reply:
    """What is in each warehouse: now, or at the end of a day."""
    asked, text = visit.query("day"), visit.query("q")[:80]
    day, wrong = _day(asked)
    places = await warehouses(visit)
    levels = await _levels_at(visit, day) if day else await _levels_now(visit)
    where = Product.name.contains(text) | Product.code.contains(text)
    wanted = where & Product.id.is_in([one for one, _ in levels])
    products = await visit.desk.find(Product, where=wanted, order=("name",), fields=("name",), limit=SHOWN + 1)
    used = [one for one in places if any(place == one.id for _, place in levels)]
    return visit.show(
        "stock.html",
        status=422 if wrong else 200,
        text=text,
        day=asked,
        wrong=visit.gettext("Write a day like 2026-11-22") if wrong else "",
        past=visit.day(day) if day else "",
        places=[one.name for one in used],
        rows=[_row(visit, one, used, levels) for one in products[:SHOWN]],
        more=len(products) > SHOWN,
    )


Levels = Mapping[tuple[UUID, UUID], tuple[Decimal, Decimal | None, bool]]
"""On hand, available now, and whether that is too little, by product and warehouse."""


async def _levels_now(visit: Visit) -> Levels:
    found = await visit.desk.find(Stock, where=SEEN & (~Stock.on_hand.eq(NONE) | Stock.low.eq(True)), limit=MOST)
    return {(one.product.id, one.place.id): (one.on_hand, one.available, one.low) for one in found}


async def _levels_at(visit: Visit, day: date) -> Levels:
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(visit.caller.zone)) - timedelta(microseconds=1)
    found = await stock_at(visit.desk, end)
    return {(one.product_id, one.warehouse_id): (one.quantity, None, False) for one in found}


def _day(text: str) -> tuple[date | None, bool]:
    """A day of the address, and whether it makes no sense."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None, True
    return (None, True) if found and not 1 < found.year < 9999 else (found, False)


def _row(visit: Visit, product: Product, places: Sequence[Place], levels: Levels) -> Row:
    found = [levels.get((product.id, one.id)) for one in places]
    cells = tuple(_cell(visit, *one) if one else ("", "", False) for one in found)
    total = sum((one[0] for one in found if one), NONE)
    return Row(product.name, visit.address(Product, product.id), cells, visit.number(total))


def _cell(visit: Visit, on_hand: Decimal, available: Decimal | None, low: bool) -> tuple[str, str, bool]:
    free = "" if available in (None, on_hand) else visit.number(available or NONE)
    return visit.number(on_hand), free, low


# Orders to be dispatched


async def dispatch(visit: Visit) -> Reply:
    """Orders of which something is still to be allocated, the most urgent first."""
    return await _dispatch(visit)


async def _dispatch(visit: Visit, error: str = "", of: str = "") -> Reply:
    fields = ("number", "customer.name", "body.name", "required_on", "order")
    waiting = Fulfilment.state.is_in(WAITING) & Fulfilment.order.where(EVERYTHING)
    found = await visit.desk.find(
        Fulfilment, where=waiting, order=("required_on", "number"), fields=fields, limit=LISTED
    )
    progress = await progress_of_all(visit.desk, [one.order for one in found])
    floor = await Floor.of(visit, list(dict.fromkeys(product for one in progress.values() for product in one.left)))
    return visit.show(
        "dispatch.html",
        status=422 if error else 200,
        rows=[floor.todo(visit, one, progress[one.order]) for one in found],
        may=visit.caller.allows("distribution.fulfilment.allocate"),
        more=await visit.desk.count(Fulfilment, waiting) - len(found),
        error=error,
        of=of,
    )


@dataclass(frozen=True)
class Floor:
    """Some products, and what is available of them in each warehouse."""

    names: Mapping[Product, str]
    places: Sequence[Place]
    there: Mapping[tuple[UUID, UUID], Decimal]

    @classmethod
    async def of(cls, visit: Visit, products: Sequence[Product]) -> Floor:
        """The stock of some products, as far as the visitor sees it."""
        wanted = Product.id.is_in([one.id for one in products])
        known = await visit.desk.find(Product, where=wanted, fields=("name",), limit=MOST)
        names = {one: one.name for one in known}
        if not visit.caller.allows(STOCK):
            return cls(names, (), {})
        found = await visit.desk.find(Stock, where=SEEN & Stock.product.is_in(products), limit=MOST)
        there = {(one.product.id, one.place.id): one.available for one in found}
        return cls(names, await warehouses(visit), there)

    def available(self, product: Product, place: Place) -> Decimal:
        """How much there is for whoever comes first."""
        return self.there.get((product.id, place.id), NONE)

    def todo(self, visit: Visit, one: Fulfilment, progress: Progress) -> dict[str, Any]:
        """An order as the dispatcher sees it; warehouses that have all of it come first."""
        left = progress.left
        full = {place: all(self.available(each, place) >= left[each] for each in left) for place in self.places}
        some = [place for place in self.places if any(self.available(each, place) > 0 for each in left)]
        return {
            "id": str(one.id),
            "number": one.number,
            "href": visit.address(Order, one.order.id),
            "customer": one.customer.name if one.customer else "",
            "body": one.body.name if one.body else "",
            "due": visit.day(one.required_on) if one.required_on else "",
            "late": one.required_on is not None and one.required_on < visit.local(visit.now()).date(),
            "lines": [(self.names.get(each, ""), visit.number(quantity)) for each, quantity in left.items()],
            "places": [
                (str(place.id), place.name, full[place]) for place in sorted(some, key=lambda place: not full[place])
            ],
        }


async def allocate(visit: Visit) -> Reply:
    """Allocate one of them to a warehouse."""
    (record,) = (await visit.sent("fulfilment"))[:1] or ("",)
    (warehouse,) = (await visit.sent("warehouse"))[:1] or ("",)
    partly = bool(await visit.sent("partly"))
    try:
        ids = UUID(record), UUID(warehouse)
    except ValueError:
        return await _dispatch(visit, visit.gettext("Choose a warehouse"), record)

    async def body(work: Work) -> None:
        found = await work.get(Fulfilment, ids[0])
        await work.act(found, "allocate", warehouse=ids[1], partly=partly)

    try:
        await visit.run(body)
    except Refused as refusal:
        problem = refusal.problems[0]
        return await _dispatch(visit, visit.gettext(problem.message, **dict(problem.values)), record)
    return visit.goto("/distribution/dispatch", visit.gettext("Allocated"))


# An order's goods


async def logistics(visit: Visit, record: UUID) -> Mapping[str, Any] | None:
    """What of an order is reserved, has gone out and came back, and what there is in the warehouses."""
    order = await visit.desk.get(Order, record, ("number",))
    found = await progress_of(visit.desk, order)
    if not found.ordered:
        return None
    floor = await Floor.of(visit, list(found.ordered))
    rows = [
        {
            "name": floor.names.get(product, ""),
            "href": visit.address(Product, product.id),
            "figures": [
                visit.number(some.get(product, NONE))
                for some in (found.ordered, found.reserved, found.shipped, found.returned)
            ],
            "there": [
                (place.name, visit.number(floor.available(product, place)))
                for place in floor.places
                if floor.available(product, place)
            ],
        }
        for product in found.ordered
    ]
    heads = (
        visit.gettext("Ordered"),
        visit.gettext("Reserved"),
        visit.gettext("Shipped"),
        visit.gettext("Returned"),
    )
    return {"rows": rows, "heads": heads, "may": visit.caller.allows(STOCK)}


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """Stock by warehouse, and orders to be dispatched."""
    return (
        Page("stock-by-warehouse", stock, permission=STOCK, menu="Stock by warehouse", icon="warehouse", place=5),
        Page(
            "dispatch",
            dispatch,
            allocate,
            permission="distribution.fulfilment.read",
            menu="Dispatch",
            icon="send",
            place=6,
        ),
    )


@hookimpl
def tradepost_panels() -> Sequence[Inset]:
    """An order's goods on its page."""
    return (Inset(Order, "Stock and logistics", "logistics.html", logistics, READ, place=10),)
