"""Sales: leads, customers, contacts, opportunities, products and what was said to whom."""

from __future__ import annotations

from plugins.sales import models
from tradepost import Plugin

plugin = Plugin(
    "sales",
    models=[
        models.Product,
        models.PriceChange,
        models.Pipeline,
        models.Stage,
        models.Customer,
        models.Contact,
        models.Opportunity,
        models.OpportunityLine,
        models.StageChange,
        models.Lead,
        models.FollowUp,
    ],
)
