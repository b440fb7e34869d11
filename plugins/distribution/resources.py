"""How bodies, suppliers, places and stock are shown, checked and changed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar

from plugins.distribution.choices import KEPT
from plugins.distribution.ledger import Ledger
from plugins.distribution.models import Balance, Body, Place, Stock, StockWarning, Supplier, Supply
from tradepost import Refused, Resource, Work, action
from tradepost.fields import decimal
from tradepost.sales import Product

DEEPEST = 20
Safety = Annotated[Decimal, decimal(3, required=True, minimum=0, help="0: no warning")]


class Bodies(Resource[Body]):
    """The distribution network, tier by tier."""

    columns = ("name", "tier", "parent", "staff", "address", "owner")
    filters = ("tier", "parent", "staff")
    related = ("subordinates", "places", "fulfilments")
    icon = "network"
    menu = 80

    async def check(self, work: Work, before: Body | None, after: Body) -> None:
        """Keep bodies from standing above themselves."""
        ours = work.elevated("a circle of bodies may lie outside of one's reach")
        above = after.parent
        for _ in range(DEEPEST):
            if above is None:
                return
            if above == after:
                raise Refused("A body cannot stand above itself", field="parent")
            above = (await ours.get(Body, above.id)).parent
        raise Refused("The bodies above this one are nested too deeply", field="parent")


class Suppliers(Resource[Supplier]):
    """Companies that goods are bought from."""

    columns = ("name", "number", "contact", "phones", "email", "owner")
    filters = ("owner", "created_at")
    form: ClassVar = {
        "Supplier": ("name", "number", "contact", "phones", "email"),
        "More": ("website", "address", "remark"),
    }
    search = ("name", "number", "contact", "phones", "email")
    duplicates = ("name", "phones", "email")
    related = ("supplies", "documents")
    icon = "store"
    menu = 60


class Supplies(Resource[Supply]):
    """What suppliers sell to us."""

    columns = ("supplier", "product", "code", "price", "days")
    menu = None

    async def check(self, work: Work, before: Supply | None, after: Supply) -> None:
        """A line stays with its supplier."""
        if before is not None and before.supplier != after.supplier:
            raise Refused("A line stays with its supplier", field="supplier")


class Places(Resource[Place]):
    """Warehouses and the other places of goods."""

    columns = ("name", "kind", "body", "address")
    filters = ("kind", "body")
    related = ("stocks", "documents", "arrivals", "stocktakes")
    icon = "warehouse"
    menu = 50

    @action(label="Set safety stock", when=Place.kind.is_in(KEPT), bulk=False)
    async def set_safety_stock(self, work: Work, place: Place, product: Product, quantity: Safety) -> Place:
        """Be warned when less than this is available here."""
        ledger = await Ledger.of(work, [place])
        await ledger.ours.change(await ledger.stock(place, product), safety_stock=quantity)
        return place

    async def check(self, work: Work, before: Place | None, after: Place) -> None:
        """A place stays what it is: its stock depends on that."""
        if before is not None and before.kind is not after.kind:
            raise Refused("Make another place instead", field="kind")

    async def changed(self, work: Work, before: Place | None, after: Place) -> None:
        """A place that holds goods does not go into the recycle bin."""
        if after.archived_at is None or (before is not None and before.archived_at is not None):
            return
        ours = work.elevated("stock hinders archiving whoever sees it")
        where = Stock.place.eq(after) & (Stock.on_hand.above(Decimal(0)) | Stock.reserved.above(Decimal(0)))
        if await ours.find(Stock, where=where, limit=1):
            raise Refused("There are goods in this place", code="stock")


class Stocks(Resource[Stock]):
    """The stock as it is now."""

    columns = ("name", "on_hand", "reserved", "available", "safety_stock", "low", "product.unit", "place")
    filters = ("place", "place.body", "product", "product.category", "low")
    related = ("balances", "warnings")
    icon = "package"
    menu = 30

    @action(label="Set safety stock", permission="set_safety_stock")
    async def set_safety_stock(self, work: Work, stock: Stock, quantity: Safety) -> Stock:
        """Be warned when less than this is available."""
        return await work.change(stock, safety_stock=quantity)

    async def complete(self, work: Work, before: Stock | None, after: Stock) -> Mapping[str, object]:
        """Work out what is available, whether that is too little, and what it is called."""
        available = after.on_hand - after.reserved
        ours = work.elevated("stock is called after its product and its warehouse")
        product, place = await ours.get(Product, after.product.id), await ours.get(Place, after.place.id)
        name = f"{product.name} · {place.name}"
        return {"available": available, "low": available < after.safety_stock, "name": name}

    async def changed(self, work: Work, before: Stock | None, after: Stock) -> None:
        """Tell once that there is too little; stock is not thrown away."""
        if after.archived_at is not None and (after.on_hand or after.reserved):
            raise Refused("Write a document instead", code="stock")
        if after.low and not (before and before.low):
            work.emit(after, "low")


class Balances(Resource[Balance]):
    """The stock of each lot as it is now."""

    columns = ("stock.place", "stock.product", "lot", "expires_on", "quantity", "expiring")
    filters = ("stock.place", "stock.product", "expires_on", "lot", "expiring")
    icon = "boxes"
    menu = 31

    async def changed(self, work: Work, before: Balance | None, after: Balance) -> None:
        """Stock is not thrown away: it is moved."""
        if after.archived_at is not None and after.quantity:
            raise Refused("Write a document instead", code="stock")


class StockWarnings(Resource[StockWarning]):
    """Warnings that were given about stock."""

    columns = ("created_at", "kind", "stock.place", "stock.product", "lot", "expires_on", "quantity")
    filters = ("kind", "stock.place", "stock.product", "created_at")
    icon = "triangle-alert"
    menu = 35
