"""Service desk: tickets answered in time, a question bank, and who can help with what."""

from __future__ import annotations

from plugins.service_desk import clocks, dashboard, knowledge, models, pages, resources, roles, settings
from tradepost import Plugin

plugin = Plugin(
    "service_desk",
    models=[
        models.Skill,
        models.Speciality,
        models.ServiceLevel,
        models.Agreement,
        models.Ticket,
        models.Reply,
        models.InternalNote,
        models.Replacement,
        models.Article,
    ],
    resources=[
        resources.Tickets,
        resources.Agreements,
        resources.Replacements,
        resources.Replies,
        resources.InternalNotes,
        resources.Articles,
        resources.Skills,
        resources.Specialities,
        resources.ServiceLevels,
    ],
    hooks=[settings, roles, clocks, knowledge, pages, dashboard],
    needs=["sales"],
)
