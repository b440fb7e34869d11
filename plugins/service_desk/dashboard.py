"""What the service desk puts on the home page."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.service_desk.models import Ticket
from tradepost import Panel, hookimpl

MINE = "owner=me&state=assigned"


@hookimpl
def tradepost_dashboard() -> Sequence[Panel]:
    """My tickets, by when they are due."""
    return (
        Panel(
            "My tickets",
            Ticket,
            f"{MINE}&_sort=resolution_due",
            columns=("customer", "priority", "resolution_due"),
            place=25,
        ),
    )
