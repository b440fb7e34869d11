"""Stock as it was at any moment, added up from the moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from plugins.distribution.choices import KEPT
from plugins.distribution.models import Move, Place
from tradepost import EVERYTHING, Condition, Desk, Question, hookimpl
from tradepost.figures import Function, Measure
from tradepost.sales import Product

SUM = Measure("sum", Function.SUM, "quantity")
MOST = 10_000
READ = "distribution.document.read"


@dataclass(frozen=True)
class StockLevel:
    """How much of a product was in a warehouse."""

    warehouse_id: UUID
    warehouse: str
    product_id: UUID
    product: str
    quantity: Decimal


async def stock_at(
    desk: Desk, at: datetime, *, warehouse: Place | None = None, product: Product | None = None
) -> list[StockLevel]:
    """The stock at a moment, as the moves until then give it; what was used up is left out."""
    kinds = Place.kind.is_in(KEPT)
    places = await desk.find(Place, where=kinds, fields=("name",), order=("name",), limit=MOST)
    kept = {str(one.id): one for one in places if warehouse in (None, one)}
    until = Move.at.at_most(at) & Move.product.where(EVERYTHING)
    if product is not None:
        until = until & Move.product.eq(product)
    sums: dict[tuple[str, str], Decimal] = {}
    for link, sign in (("to_place", 1), ("from_place", -1)):
        for row in await desk.figures(Move, SUM, by=(link, "product"), where=_of(link, until, warehouse)):
            key = _id(row[link]), _id(row["product"])
            if key[0] in kept:
                sums[key] = sums.get(key, Decimal(0)) + sign * Decimal(row["sum"])
    left = {key: quantity for key, quantity in sums.items() if quantity}
    names = await _names(desk, {one for _, one in left})
    found = [
        StockLevel(kept[place].id, kept[place].name, UUID(one), names.get(one, ""), quantity)
        for (place, one), quantity in left.items()
    ]
    return sorted(found, key=lambda one: (one.product, one.warehouse))


def _of(link: str, until: Condition, warehouse: Place | None) -> Condition:
    if warehouse is None:
        return until
    return until & (Move.to_place if link == "to_place" else Move.from_place).eq(warehouse)


def _id(value: object) -> str:
    return str(value["id"]) if isinstance(value, Mapping) else str(value)


async def _names(desk: Desk, products: set[str]) -> dict[str, str]:
    wanted = sorted(products)
    where = Product.id.is_in([UUID(one) for one in wanted])
    found = await desk.find(Product, where=where, fields=("name",), limit=MOST) if wanted else []
    return {str(one.id): one.name for one in found}


@hookimpl
def tradepost_graphql() -> Sequence[Question]:
    """Stock at a moment."""
    return (Question("stockAt", stock_at, READ),)
