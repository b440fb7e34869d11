"""What other plugins may build upon: the objects of the service desk and the words that they choose from."""

from __future__ import annotations

from plugins.service_desk import plugin
from plugins.service_desk.choices import Channel, Priority, Satisfaction, TicketKind, TicketState
from plugins.service_desk.models import Article, InternalNote, Reply, ServiceLevel, Skill, Speciality, Ticket

__all__ = [
    "Article",
    "Channel",
    "InternalNote",
    "Priority",
    "Reply",
    "Satisfaction",
    "ServiceLevel",
    "Skill",
    "Speciality",
    "Ticket",
    "TicketKind",
    "TicketState",
    "plugin",
]
