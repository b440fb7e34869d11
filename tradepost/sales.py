"""What other plugins may build upon: the objects of sales and the words that they choose from."""

from __future__ import annotations

from plugins.sales import plugin
from plugins.sales.choices import (
    DecisionRole,
    Industry,
    LeadStatus,
    Level,
    Method,
    OrderKind,
    OrderState,
    PaymentMethod,
    Reason,
    Source,
    StageKind,
)
from plugins.sales.models import (
    Collection,
    Contact,
    Customer,
    FollowUp,
    Lead,
    Opportunity,
    OpportunityLine,
    Order,
    OrderLine,
    Pipeline,
    PriceChange,
    Product,
    Stage,
    StageChange,
)

__all__ = [
    "Collection",
    "Contact",
    "Customer",
    "DecisionRole",
    "FollowUp",
    "Industry",
    "Lead",
    "LeadStatus",
    "Level",
    "Method",
    "Opportunity",
    "OpportunityLine",
    "Order",
    "OrderKind",
    "OrderLine",
    "OrderState",
    "PaymentMethod",
    "Pipeline",
    "PriceChange",
    "Product",
    "Reason",
    "Source",
    "Stage",
    "StageChange",
    "StageKind",
    "plugin",
]
