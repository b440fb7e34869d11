"""The words that tickets choose from."""

from __future__ import annotations

from enum import Enum


class TicketKind(Enum):
    """What a customer wants."""

    REQUEST = "request"
    COMPLAINT = "complaint"
    QUESTION = "question"


class Priority(Enum):
    """How urgent it is; service levels go by it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Channel(Enum):
    """How it reached us."""

    PHONE = "phone"
    EMAIL = "email"
    WEB = "web"
    CHAT = "chat"
    VISIT = "visit"
    OTHER = "other"


class TicketState(Enum):
    """Where a ticket stands."""

    NEW = "new"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    SOLVED = "solved"
    CLOSED = "closed"
    REOPENED = "reopened"


class Satisfaction(Enum):
    """What the customer says of how it was solved."""

    VERY_GOOD = "very_good"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class TermWarning(Enum):
    """What is told of a term."""

    RESPONSE_DUE_SOON = "response_due_soon"
    RESPONSE_OVERDUE = "response_overdue"
    RESOLUTION_DUE_SOON = "resolution_due_soon"
    RESOLUTION_OVERDUE = "resolution_overdue"


UNPICKED = (TicketState.NEW, TicketState.REOPENED)
OPEN = (*UNPICKED, TicketState.ASSIGNED, TicketState.WAITING)
