"""From due visits to routes: what is to be planned is read, solved beside the event loop, and written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from operator import itemgetter
from uuid import UUID

from plugins.visits.choices import BEGUN, OPEN, Importance, VisitState
from plugins.visits.distances import ways
from plugins.visits.hours import DAYS, clock, instant, weekdays
from plugins.visits.models import Site, Traveller, Visit, VisitPlan
from plugins.visits.routing import Plan, Shift, Solver, Stop, Task, Why, Window
from plugins.visits.settings import Reckoning, reckoning
from plugins.visits.solver import solve
from tradepost import Desk, Office, Position, Refused, Work

WEIGHT = {Importance.LOW: 1, Importance.NORMAL: 10, Importance.HIGH: 100}
PROMISED = 10_000
MINUTES = 30
MOST_VISITS, MOST_DAYS = 500, 14
DAY_BEGINS, DAY_ENDS = time(9), time(18)
FIELDS = (
    "*",
    "site",
    "site.position",
    "site.customer.position",
    "site.site_class.minutes",
    "site.site_class.importance",
    "site.minutes",
    "site.opens",
    "site.closes",
    "site.closed_days",
    "site.user",
)


@dataclass(frozen=True, slots=True)
class Horizon:
    """What is planned: a plan, some days, and the moment before which nothing can be begun."""

    plan: UUID
    first: date
    days: int
    now: datetime

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=self.days - 1)

    def each(self) -> Iterator[date]:
        """The days."""
        return (self.first + timedelta(days=number) for number in range(self.days))


@dataclass
class Draft:
    """What was read, in the solver's terms: places by row, shifts, stops, and visits that cannot be planned."""

    horizon: Horizon
    by: Reckoning
    visits: dict[str, Visit] = field(default_factory=dict)
    places: list[Position] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    unplaced: list[Visit] = field(default_factory=list)

    @property
    def base(self) -> datetime:
        """The moment from which seconds are counted."""
        return instant(self.horizon.first, time(0), self.by.zone)

    def second(self, moment: datetime) -> int:
        """A moment as the solver has it."""
        return round((moment - self.base).total_seconds())

    def moment(self, second: int) -> datetime:
        """A second of the solver as a moment."""
        return self.base + timedelta(seconds=second)

    def row(self, place: Position) -> int:
        """The row of a place in the matrix."""
        if place not in self.places:
            self.places.append(place)
        return self.places.index(place)


async def plan_routes(office: Office, horizon: Horizon, solver: Solver = solve) -> None:
    """Plan the routes of a plan for some days, write them to its visits, and say on the plan what came of it."""
    try:
        draft = await drafted(office.desk, horizon)
        found = await ways(draft.places, draft.by, office.egress)
        task = Task(tuple(draft.stops), tuple(draft.shifts), found.matrix)
        plan = await asyncio.to_thread(solver, task, seconds=draft.by.seconds)
        await office.run(lambda work: write(work, draft, plan, found.fault))
    except Refused as refusal:
        fault = str(refusal)[:255]
        await office.run(lambda work: _failed(work, horizon.plan, fault))


async def _failed(work: Work, plan: UUID, fault: str) -> None:
    found = await work.get(VisitPlan, plan)
    await work.change(found, routing_since=None, fault=fault)


async def drafted(desk: Desk, horizon: Horizon) -> Draft:
    """All that a plan has to do in some days; `Refused` where nobody can travel."""
    draft = Draft(horizon, await reckoning(desk.option))
    travellers = await desk.find(Traveller, where=Traveller.plan.where(VisitPlan.id.eq(horizon.plan)))
    able = [(one, one.start) for one in travellers if one.start is not None]
    if not able:
        raise Refused("Nobody travels for this plan from a place that is known", code="travellers")
    of_plan = Visit.plan.where(VisitPlan.id.eq(horizon.plan))
    ours = Visit.day.at_least(horizon.first) & Visit.day.at_most(horizon.last)
    waiting = (
        Visit.state.eq(VisitState.DUE)
        & (Visit.due.empty() | Visit.due.at_most(horizon.last))
        & (Visit.day.empty() | ours)
    )
    planned = Visit.state.eq(VisitState.PLANNED) & ours
    order = ("due", "created_at")
    found = await desk.find(Visit, where=of_plan & (waiting | planned), order=order, limit=MOST_VISITS, fields=FIELDS)
    if len(found) == MOST_VISITS:
        raise Refused("There are more visits than can be planned at once; choose fewer days", code="many")
    begun = await desk.find(Visit, where=of_plan & Visit.state.is_in(BEGUN) & ours, limit=MOST_VISITS, fields=FIELDS)
    draft.shifts += [one for each, start in able for one in _shifts(draft, each, start, begun + found)]
    for visit in found:
        _add(draft, visit)
    return draft


def place_of(site: Site) -> Position | None:
    """Where a site is: its own position, else its customer's."""
    return site.position or (site.customer.position if site.customer else None)


def minutes_of(site: Site) -> int:
    """How long a visit of a site takes."""
    return site.minutes or (site.site_class.minutes if site.site_class else MINUTES)


def _shifts(draft: Draft, traveller: Traveller, home: Position, visits: Sequence[Visit]) -> Iterator[Shift]:
    """The days of somebody, each from where he is after what he has begun already."""
    days = weekdays(traveller.days) or frozenset(DAYS[:5])
    who = str(traveller.user.id)
    for day in draft.horizon.each():
        if DAYS[day.weekday()] not in days:
            continue
        begins = draft.second(instant(day, clock(traveller.begins) or DAY_BEGINS, draft.by.zone))
        ends = draft.second(instant(day, clock(traveller.ends) or DAY_ENDS, draft.by.zone))
        shift = Shift(f"{who} {day}", who, draft.row(home), draft.row(traveller.end or home), begins, ends)
        theirs = [one for one in visits if one.day == day and one.owner and str(one.owner.id) == who]
        yield replace(_after_begun(draft, shift, theirs), locked=_promised_first(theirs))


def _after_begun(draft: Draft, shift: Shift, visits: Sequence[Visit]) -> Shift:
    """A day under way: it goes on at the place of the last visit, when that is over, and never in the past."""
    current = draft.second(draft.horizon.now)
    shift = replace(shift, begins=max(shift.begins, min(current, shift.ends)))
    begun = [(one.arrived_at, str(one.id), one) for one in visits if one.state in BEGUN and one.arrived_at]
    if not begun:
        return shift
    arrived, _, last = max(begun)
    over = last.left_at or arrived + timedelta(minutes=minutes_of(last.site))
    place = place_of(last.site) or last.arrived_position
    start = shift.start if place is None else draft.row(place)
    return replace(shift, start=start, begins=max(shift.begins, draft.second(over)))


def _promised_first(visits: Sequence[Visit]) -> tuple[str, ...]:
    """What was promised before anything else of a day: it is locked as it is."""
    planned = sorted(
        (one.planned_at, str(one.id), one.locked and place_of(one.site) is not None)
        for one in visits
        if one.planned_at and one.state in OPEN
    )
    return tuple(key for _, key, _ in takewhile(itemgetter(2), planned))


def _add(draft: Draft, visit: Visit) -> None:
    """A visit as a stop, or among those that have no position."""
    draft.visits[str(visit.id)] = visit
    site = visit.site
    place = place_of(site)
    if place is None:
        draft.unplaced.append(visit)
        return
    importance = site.site_class.importance if site.site_class else Importance.NORMAL
    priority, only = WEIGHT[importance], frozenset({str(site.user.id)} if site.user else set())
    windows = tuple(_windows(draft, visit))
    if visit.locked and visit.planned_at and visit.owner:
        promised = draft.second(visit.planned_at)
        priority, only, windows = PROMISED, frozenset({str(visit.owner.id)}), (Window(promised, promised),)
    service = minutes_of(site) * 60
    draft.stops.append(Stop(str(visit.id), draft.row(place), service, windows, priority, only=only))


def _windows(draft: Draft, visit: Visit) -> Iterator[Window]:
    """When a visit may begin on each day: so early that it is over when the site closes."""
    site, service = visit.site, minutes_of(visit.site) * 60
    closed = weekdays(site.closed_days)
    fixed = visit.day if visit.state is VisitState.DUE else None
    for day in draft.horizon.each():
        if DAYS[day.weekday()] in closed or (fixed and day != fixed):
            continue
        opens, closes = clock(site.opens) or time(0), clock(site.closes)
        last = (
            instant(day, closes, draft.by.zone) if closes else instant(day + timedelta(days=1), time(0), draft.by.zone)
        )
        yield Window(draft.second(instant(day, opens, draft.by.zone)), draft.second(last) - service)


async def write(work: Work, draft: Draft, plan: Plan, fault: str) -> None:
    """Put routes onto visits. What somebody has begun, called off or changed meanwhile refuses the whole."""
    now = {one.id: one for one in await work.locked(Visit, [one.id for one in draft.visits.values()])}
    for one in draft.visits.values():
        if now[one.id].version != one.version or now[one.id].state not in OPEN:
            raise Refused("Visits were changed while their routes were planned; plan again", code="changed")
    for record, values in _values(draft, plan).items():
        visit = now[draft.visits[record].id]
        differing = {name: value for name, value in values.items() if _plain(visit.value(name)) != value}
        if differing:
            await work.change(visit, **differing)
    found = await work.get(VisitPlan, draft.horizon.plan)
    await work.change(
        found,
        routing_since=None,
        routed_at=work.now,
        routed_visits=sum(len(one.calls) for one in plan.routes),
        routed_left=len(plan.unserved) + len(draft.unplaced),
        routed_metres=plan.metres,
        fault=fault or None,
    )


def _plain(value: object) -> object:
    return getattr(value, "id", value)


def _values(draft: Draft, plan: Plan) -> Mapping[str, Mapping[str, object]]:
    """What each visit becomes."""
    values: dict[str, dict[str, object]] = {}
    for route in plan.routes:
        who, _, day = route.shift.partition(" ")
        for place, call in enumerate(route.calls, 1):
            values[call.stop] = {
                "state": VisitState.PLANNED,
                "owner": UUID(who),
                "day": date.fromisoformat(day),
                "place": place,
                "planned_at": draft.moment(call.begins),
                "planned_until": draft.moment(call.leaves),
                "way": call.metres,
                "unfit": None,
            }
    nowhere: dict[str, object] = dict.fromkeys(("place", "planned_at", "planned_until", "way")) | {
        "state": VisitState.DUE,
        "locked": False,
    }
    for one in plan.unserved:
        values[one.stop] = nowhere | {"unfit": one.why} | _undated(draft.visits[one.stop])
    for visit in draft.unplaced:
        values[str(visit.id)] = nowhere | {"unfit": Why.NO_POSITION} | _undated(visit)
    return values


def _undated(visit: Visit) -> dict[str, object]:
    """A day that a route chose is given up with the route; one that somebody wished for stays."""
    return {"day": None} if visit.state is VisitState.PLANNED else {}
