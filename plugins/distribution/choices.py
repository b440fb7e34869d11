"""The closed lists of words that distribution chooses from."""

from __future__ import annotations

from enum import Enum


class Tier(Enum):
    """How far a body stands from the head office."""

    HEAD_OFFICE = "head_office"
    BRANCH = "branch"
    OFFICE = "office"
    AGENT = "agent"
    DEALER = "dealer"


class PlaceKind(Enum):
    """What a place is to the goods: ours, on the way, or outside."""

    WAREHOUSE = "warehouse"
    TRANSIT = "transit"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    LOSS = "loss"


KEPT = (PlaceKind.WAREHOUSE, PlaceKind.TRANSIT)
"""Places whose stock is ours: it is counted, and is never less than nothing."""


class DocumentKind(Enum):
    """Why goods move."""

    PURCHASE = "purchase"
    CUSTOMER_RETURN = "customer_return"
    FOUND = "found"
    SALE = "sale"
    SUPPLIER_RETURN = "supplier_return"
    LOST = "lost"
    TRANSFER = "transfer"


class Direction(Enum):
    """Which way goods go, as a warehouse sees it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    TRANSFER = "transfer"


OUTSIDE = {
    DocumentKind.PURCHASE: (Direction.INBOUND, PlaceKind.SUPPLIER),
    DocumentKind.CUSTOMER_RETURN: (Direction.INBOUND, PlaceKind.CUSTOMER),
    DocumentKind.FOUND: (Direction.INBOUND, PlaceKind.LOSS),
    DocumentKind.SALE: (Direction.OUTBOUND, PlaceKind.CUSTOMER),
    DocumentKind.SUPPLIER_RETURN: (Direction.OUTBOUND, PlaceKind.SUPPLIER),
    DocumentKind.LOST: (Direction.OUTBOUND, PlaceKind.LOSS),
}
"""Where goods come from or go to, that neither come from a warehouse of ours nor go to one."""

WITH_ORDER = (DocumentKind.SALE, DocumentKind.CUSTOMER_RETURN)
WITH_SUPPLIER = (DocumentKind.PURCHASE, DocumentKind.SUPPLIER_RETURN)
LEAVING = (DocumentKind.SALE, DocumentKind.SUPPLIER_RETURN, DocumentKind.TRANSFER)
"""What goods can be reserved for."""


def direction_of(kind: DocumentKind) -> Direction:
    """Which way the goods of a kind of document go."""
    return Direction.TRANSFER if kind is DocumentKind.TRANSFER else OUTSIDE[kind][0]


class DocumentState(Enum):
    """Whether the goods of a document are wanted, kept for it, or have moved."""

    DRAFT = "draft"
    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    VOID = "void"


class StocktakeState(Enum):
    """Whether a count has been taken over into the stock."""

    COUNTING = "counting"
    CONFIRMED = "confirmed"
    VOID = "void"


class FulfilmentState(Enum):
    """How far the goods of an order have come."""

    OPEN = "open"
    ALLOCATED = "allocated"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    WITHDRAWN = "withdrawn"


class WarningKind(Enum):
    """What a warning is about."""

    SAFETY_STOCK = "safety_stock"
    EXPIRY = "expiry"
