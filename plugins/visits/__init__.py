"""Visits: who is visited when, in which order, and what came of it."""

from __future__ import annotations

from plugins.visits import (
    commands,
    dashboard,
    days,
    fulfilment,
    jobs,
    models,
    reports,
    resources,
    roles,
    settings,
    stops,
    visiting,
)
from tradepost import Plugin

plugin = Plugin(
    "visits",
    models=[
        models.SiteClass,
        models.VisitForm,
        models.FormQuestion,
        models.VisitPlan,
        models.Traveller,
        models.Site,
        models.Visit,
        models.Answer,
    ],
    resources=[
        visiting.Visits,
        resources.VisitPlans,
        resources.Travellers,
        resources.Sites,
        resources.SiteClasses,
        resources.VisitForms,
        resources.FormQuestions,
        resources.Answers,
    ],
    hooks=[settings, roles, jobs, commands, days, stops, reports, fulfilment, dashboard],
    needs=["sales"],
)
