"""What other plugins may build upon: the objects of visits and the words that they choose from."""

from __future__ import annotations

from plugins.visits import plugin
from plugins.visits.choices import AnswerKind, Excuse, Importance, VisitState
from plugins.visits.models import (
    Answer,
    FormQuestion,
    Site,
    SiteClass,
    Traveller,
    Visit,
    VisitForm,
    VisitPlan,
)

__all__ = [
    "Answer",
    "AnswerKind",
    "Excuse",
    "FormQuestion",
    "Importance",
    "Site",
    "SiteClass",
    "Traveller",
    "Visit",
    "VisitForm",
    "VisitPlan",
    "VisitState",
    "plugin",
]
