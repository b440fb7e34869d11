"""Distribution: bodies in tiers, warehouses, suppliers, and a ledger of goods from which nothing vanishes."""

from __future__ import annotations

from plugins.distribution import (
    alarms,
    counting,
    dashboard,
    documents,
    fulfilments,
    inquiry,
    models,
    pages,
    resources,
    roles,
    stocktakes,
)
from tradepost import Plugin

plugin = Plugin(
    "distribution",
    models=[
        models.Body,
        models.Supplier,
        models.Supply,
        models.Place,
        models.Stocktake,
        models.StocktakeLine,
        models.Document,
        models.DocumentLine,
        models.Move,
        models.Stock,
        models.Balance,
        models.StockWarning,
        models.Fulfilment,
    ],
    resources=[
        resources.Bodies,
        resources.Suppliers,
        resources.Supplies,
        resources.Places,
        stocktakes.Stocktakes,
        stocktakes.StocktakeLines,
        documents.Documents,
        documents.DocumentLines,
        documents.Moves,
        resources.Stocks,
        resources.Balances,
        resources.StockWarnings,
        fulfilments.Fulfilments,
    ],
    extends=[fulfilments.ShippedOrders],
    hooks=[alarms, roles, inquiry, pages, counting, dashboard],
    needs=["sales"],
)
