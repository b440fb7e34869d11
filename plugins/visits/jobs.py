"""What is done when it happened or at a time: a visited site is due again, routes are planned when somebody asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from plugins.visits.models import Site, Visit
from plugins.visits.planning import Horizon, plan_routes
from tradepost import Happening, Job, Office, On, Work, hookimpl


async def route(office: Office, happening: Happening) -> None:
    """Plan the routes that an action asked for."""
    asked = happening.payload
    first = date.fromisoformat(asked["first"])
    await plan_routes(office, Horizon(UUID(asked["plan"]), first, int(asked["days"]), datetime.now(UTC)))


async def visited(work: Work, happening: Happening) -> None:
    """Let the site know when it was visited, whoever came."""
    visit = await work.get(Visit, happening.record or UUID(int=0))
    site = await work.get(Site, visit.site.id)
    later = visit.day is not None and (site.last_visit is None or site.last_visit < visit.day)
    if site.archived_at is None and later:
        await work.change(site, last_visit=visit.day)


@hookimpl
def tradepost_events() -> Sequence[On]:
    """A visit is over."""
    return (On("visited", ("visits.visit.check_out",), visited),)


@hookimpl
def tradepost_jobs() -> Sequence[Job]:
    """Planning routes."""
    return (Job("route", route, attempts=3),)
