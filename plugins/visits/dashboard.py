"""What visits put on the home page and on the pages of customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from plugins.visits.choices import OPEN, VisitState
from plugins.visits.lines import READ, Line, lines, visits
from plugins.visits.models import Visit
from tradepost import Panel, hookimpl
from tradepost.pages import Inset
from tradepost.pages import Visit as Visitor
from tradepost.sales import Customer

SHOWN = 3


@hookimpl
def tradepost_dashboard() -> Sequence[Panel]:
    """My visits, the next first."""
    return (
        Panel(
            "My next visits",
            Visit,
            "owner=me&state=planned&_sort=planned_at",
            columns=("customer", "planned_at"),
            place=24,
        ),
    )


async def of_customer(visitor: Visitor, record: UUID) -> Mapping[str, Any] | None:
    """When somebody was at a customer's last, and who comes next."""
    ours = Visit.customer.where(Customer.id.eq(record))
    done = await visits(visitor, ours & Visit.state.eq(VisitState.DONE), order=("-left_at",), limit=SHOWN)
    coming = await visits(visitor, ours & Visit.state.is_in(OPEN), order=("planned_at", "due"), limit=SHOWN)
    if not done and not coming:
        return None
    return {
        "done": _dated(visitor, done),
        "coming": _dated(visitor, coming),
    }


def _dated(visitor: Visitor, found: Sequence[Visit]) -> list[tuple[str, Line]]:
    """Visits with the time when they were or are to be."""
    moments = [one.arrived_at or one.planned_at for one in found]
    shown = [visitor.moment(one) if one else "" for one in moments]
    return list(zip(shown, lines(visitor, found), strict=True))


@hookimpl
def tradepost_panels() -> Sequence[Inset]:
    """Visits on the customer's page."""
    return (Inset(Customer, "Visits, last and next", "customer.html", of_customer, READ, place=20),)
