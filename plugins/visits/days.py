"""The day of somebody: the visits in their order, on a map, and what is not in a route; and the map of all routes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from plugins.visits.choices import OPEN, VisitState
from plugins.visits.lines import (
    READ,
    TONES,
    asked_day,
    asked_user,
    beside,
    lines,
    map_words,
    names,
    people,
    routes,
    visits,
)
from plugins.visits.models import Visit, VisitPlan
from tradepost import NOTHING, Condition, hookimpl
from tradepost.pages import Page, Reply
from tradepost.pages import Visit as Visitor

PATIENCE = timedelta(minutes=5)
"""So long a page waits for routes that are being planned."""


def of(who: UUID | None) -> Condition:
    """The visits of somebody."""
    return Visit.owner.eq(who) if who else NOTHING


async def day(visitor: Visitor) -> Reply:
    """The visits of a day in their order."""
    when, who = asked_day(visitor), asked_user(visitor)
    on_day = Visit.day.eq(when)
    found = await visits(visitor, on_day & of(who))
    waiting = Visit.state.eq(VisitState.DUE) & Visit.day.empty() & (Visit.due.empty() | Visit.due.at_most(when))
    loose = [one for one in found if one.state is VisitState.DUE]
    loose += await visits(visitor, waiting & of(who), order=("due", "subject"))
    listed = [one for one in found if one.state is not VisitState.DUE]
    others = await people(visitor, on_day)
    return visitor.show(
        "day.html",
        part="routes",
        day=when,
        who=who,
        mine=who == visitor.caller.user_id,
        name=(await names(visitor, [who] if who else [])).get(who) if who else "",
        title=_title(visitor, when),
        before=beside(when)[0],
        after=beside(when)[1],
        people=others if len(others) > 1 or [one for one, _ in others] != [who] else [],
        lines=lines(visitor, listed),
        loose=lines(visitor, loose),
        plans=await _plans(visitor, (*listed, *loose)),
        **await _map(visitor, listed),
    )


def _title(visitor: Visitor, when: date) -> str:
    names_of_days = (
        visitor.gettext("Monday"),
        visitor.gettext("Tuesday"),
        visitor.gettext("Wednesday"),
        visitor.gettext("Thursday"),
        visitor.gettext("Friday"),
        visitor.gettext("Saturday"),
        visitor.gettext("Sunday"),
    )
    return f"{names_of_days[when.weekday()]}, {visitor.day(when)}"


async def _map(visitor: Visitor, found: Sequence[Visit]) -> Mapping[str, Any]:
    drawn = await routes(visitor, found)
    metres = sum(one.way or 0 for one in found if one.state is not VisitState.CALLED_OFF)
    return {
        "routes": json.dumps(drawn, ensure_ascii=False) if drawn else "",
        "words": json.dumps(map_words(visitor), ensure_ascii=False),
        "way": visitor.number(round(metres / 1_000)) if metres else "",
    }


async def _plans(visitor: Visitor, found: Sequence[Visit]) -> list[Mapping[str, Any]]:
    """The plans of some visits: whether routes are being planned, what went wrong, and who may plan again."""
    wanted = list({one.plan.id for one in found if one.plan and one.state in OPEN})
    if not wanted or not visitor.caller.allows("visits.visit_plan.read"):
        return []
    plans = await visitor.desk.find(VisitPlan, where=VisitPlan.id.is_in(wanted), order=("name",))
    return [
        {
            "name": one.name,
            "busy": one.routing_since is not None and visitor.now() - one.routing_since < PATIENCE,
            "fault": visitor.gettext(one.fault) if one.fault else "",
            "route": visitor.address(VisitPlan, one.id) + "/do/route",
            "may": visitor.caller.allows("visits.visit_plan.route"),
        }
        for one in plans
    ]


async def whole_map(visitor: Visitor) -> Reply:
    """All routes of a day that the visitor may see, on one map."""
    when = asked_day(visitor)
    found = await visits(visitor, Visit.day.eq(when), order=("place", "planned_at", "subject"))
    listed = [one for one in found if one.state is not VisitState.CALLED_OFF]
    known = await names(visitor, (one.owner.id for one in listed if one.owner))
    drawn: dict[UUID | None, list[Visit]] = {}
    for one in listed:
        drawn.setdefault(one.owner.id if one.owner else None, []).append(one)
    return visitor.show(
        "map.html",
        day=when,
        title=_title(visitor, when),
        before=beside(when)[0],
        after=beside(when)[1],
        groups=[
            (number % TONES + 1, known.get(who, "") if who else "", who, lines(visitor, several))
            for number, (who, several) in enumerate(drawn.items())
        ],
        **await _map(visitor, listed),
    )


async def week(visitor: Visitor) -> Reply:
    """The visits of a week, day by day."""
    when, who = asked_day(visitor), asked_user(visitor)
    monday = when - timedelta(days=when.weekday())
    days = [monday + timedelta(days=number) for number in range(7)]
    within = Visit.day.at_least(days[0]) & Visit.day.at_most(days[-1])
    found = await visits(visitor, within & of(who))
    others = await people(visitor, within)
    today = visitor.local(visitor.now()).date()
    return visitor.show(
        "week.html",
        day=when,
        who=who,
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        title=f"{visitor.day(days[0])} – {visitor.day(days[-1])}",
        people=others if len(others) > 1 or [one for one, _ in others] != [who] else [],
        days=[
            (one, _title(visitor, one), one == today, lines(visitor, [each for each in found if each.day == one]))
            for one in days
        ],
    )


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """My day, the week, the map."""
    return (
        Page("day", day, permission=READ, menu="My day", icon="route", place=2),
        Page("week", week, permission=READ, menu="Calendar", icon="calendar", place=4),
        Page("map", whole_map, permission=READ, menu="Map", icon="map", place=6),
    )
