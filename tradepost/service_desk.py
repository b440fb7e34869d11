"""What other plugins may build upon: the objects of the service desk and the words that they choose from."""

from __future__ import annotations

from plugins.service_desk import plugin
from plugins.service_desk.choices import Channel, Priority, Satisfaction, TermWarning, TicketKind, TicketState
from plugins.service_desk.models import (
    Agreement,
    Article,
    InternalNote,
    Replacement,
    Reply,
    ServiceLevel,
    Skill,
    Speciality,
    Ticket,
)

__all__ = [
    "Agreement",
    "Article",
    "Channel",
    "InternalNote",
    "Priority",
    "Replacement",
    "Reply",
    "Satisfaction",
    "ServiceLevel",
    "Skill",
    "Speciality",
    "TermWarning",
    "Ticket",
    "TicketKind",
    "TicketState",
    "plugin",
]
