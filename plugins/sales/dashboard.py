"""What sales puts on the home page: the day's work, the funnel, and this month against the last."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.sales.models import Customer, Lead, Opportunity, StageChange
from tradepost import Panel, Shape, hookimpl

DUE = "owner=me&next_contact-within=due&_sort=next_contact"


@hookimpl
def tradepost_dashboard() -> Sequence[Panel]:
    """My open opportunities, whom to get in touch with, the funnel, what was won."""
    return (
        Panel("Won", Opportunity, "stage.kind=won&owner=me", Shape.MONTHS, by="closed_on", figure="amount", place=10),
        Panel("New opportunities", Opportunity, "owner=me", Shape.MONTHS, by="created_at", place=11),
        Panel("New leads", Lead, "owner=me", Shape.MONTHS, by="created_at", place=12),
        Panel(
            "Opportunities to get in touch about",
            Opportunity,
            f"stage.kind=open&{DUE}",
            columns=("customer", "next_contact"),
            place=20,
        ),
        Panel("Leads to get in touch with", Lead, DUE, columns=("person", "next_contact"), place=21),
        Panel("Customers to get in touch with", Customer, DUE, columns=("level", "next_contact"), place=22),
        Panel(
            "My open opportunities",
            Opportunity,
            "stage.kind=open&owner=me&_sort=expected_close",
            columns=("stage", "amount", "expected_close"),
            place=30,
        ),
        Panel("Funnel", Opportunity, "stage.kind=open", Shape.FUNNEL, by="stage", figure="amount", place=40),
        Panel(
            "Days in each stage",
            StageChange,
            "from_stage.kind=open",
            Shape.AVERAGES,
            by="from_stage",
            figure="days",
            place=41,
        ),
        Panel("Lost out of each stage", StageChange, "to_stage.kind=lost", Shape.FUNNEL, by="from_stage", place=42),
    )
