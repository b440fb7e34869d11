"""The figures of the Northwind files, computed from the files alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

Row = Mapping[str, str]
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Figures:
    """What the files amount to: orders, their values by customer, and stock by product at the end of a day."""

    shipped: int
    open: int
    values: Mapping[str, Decimal]
    stock: Mapping[str, Decimal]

    @property
    def value(self) -> Decimal:
        """The value of all orders."""
        return sum(self.values.values(), Decimal(0))


def figures_of(orders: Sequence[Row], lines: Sequence[Row], products: Sequence[Row], day: date = date.max) -> Figures:
    """The figures of some orders; stock as it was at the end of a day."""
    known = {row["order_id"]: row for row in orders}
    values: dict[str, Decimal] = {}
    stock = {row["product_id"]: Decimal(row["units_in_stock"]) for row in products}
    for row in lines:
        order = known[row["order_id"]]
        value = Decimal(row["unit_price"]) * Decimal(row["quantity"]) * (1 - Decimal(row["discount"]))
        customer = order["customer_id"]
        values[customer] = values.get(customer, Decimal(0)) + value.quantize(CENT, ROUND_HALF_UP)
        if order["shipped_date"] and date.fromisoformat(order["shipped_date"]) > day:
            stock[row["product_id"]] += Decimal(row["quantity"])
    shipped = sum(bool(row["shipped_date"]) for row in orders)
    left = {product: quantity for product, quantity in stock.items() if quantity}
    return Figures(shipped, len(orders) - shipped, values, left)
