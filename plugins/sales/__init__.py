"""Sales: leads, customers, contacts, opportunities, orders, products and what was said to whom."""

from __future__ import annotations

from plugins.sales import calls, dashboard, models, notices, opportunities, orders, resources, roles
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
        models.Order,
        models.OrderLine,
        models.Collection,
    ],
    resources=[
        resources.Products,
        resources.PriceChanges,
        resources.Pipelines,
        resources.Stages,
        resources.Customers,
        resources.Contacts,
        opportunities.Opportunities,
        opportunities.OpportunityLines,
        resources.StageChanges,
        resources.Leads,
        resources.FollowUps,
        orders.Orders,
        orders.OrderLines,
        orders.Collections,
    ],
    hooks=[orders, roles, dashboard, notices, calls],
)
