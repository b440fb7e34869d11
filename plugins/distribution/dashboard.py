"""What distribution puts on the home page."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.distribution.models import Balance, Document, Fulfilment, Stock
from tradepost import Panel, hookimpl


@hookimpl
def tradepost_dashboard() -> Sequence[Panel]:
    """What waits for the dispatcher and the warehouse, and what runs out or expires."""
    return (
        Panel("Orders to allocate", Fulfilment, "state=open", columns=("customer", "body", "required_on"), place=26),
        Panel("To be shipped", Document, "state=reserved", columns=("customer", "warehouse"), place=27),
        Panel(
            "Below safety stock",
            Stock,
            "low=true",
            columns=("available", "safety_stock"),
            place=28,
        ),
        Panel(
            "Expires soon",
            Balance,
            "expiring=true&quantity-gt=0&_sort=expires_on",
            columns=("stock.product", "stock.place", "expires_on", "quantity"),
            place=29,
        ),
    )
