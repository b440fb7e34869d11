"""What other plugins may build upon: the objects of distribution and the words that they choose from."""

from __future__ import annotations

from plugins.distribution import plugin
from plugins.distribution.choices import (
    Direction,
    DocumentKind,
    DocumentState,
    FulfilmentState,
    PlaceKind,
    StocktakeState,
    Tier,
    WarningKind,
)
from plugins.distribution.models import (
    Balance,
    Body,
    Document,
    DocumentLine,
    Fulfilment,
    Move,
    Place,
    Stock,
    Stocktake,
    StocktakeLine,
    StockWarning,
    Supplier,
    Supply,
)

__all__ = [
    "Balance",
    "Body",
    "Direction",
    "Document",
    "DocumentKind",
    "DocumentLine",
    "DocumentState",
    "Fulfilment",
    "FulfilmentState",
    "Move",
    "Place",
    "PlaceKind",
    "Stock",
    "StockWarning",
    "Stocktake",
    "StocktakeLine",
    "StocktakeState",
    "Supplier",
    "Supply",
    "Tier",
    "WarningKind",
    "plugin",
]
