"""Visits as pages show them: one line each, with the words of its reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from uuid import UUID

from plugins.visits.choices import OPEN, VisitState
from plugins.visits.models import Traveller, Visit, VisitPlan
from plugins.visits.planning import place_of
from tradepost import Condition, Position, User
from tradepost.figures import Function, Measure
from tradepost.pages import Visit as Visitor

READ = "visits.visit.read"
MOST = 500
TONES = 8
SITE = ("site.name", "site.address", "site.position", "site.remark", "site.opens", "site.closes")
CUSTOMER = ("customer.name", "customer.address", "customer.phones")


@dataclass(frozen=True, slots=True)
class Line:
    """A visit in a list: its texts, where it leads, and where it is."""

    visit: Visit
    mark: str
    time: str
    state: str
    customer: str
    address: str
    href: str
    record: str
    why: str
    at: Position | None
    next: bool = False

    @property
    def geo(self) -> str:
        """What a phone opens its navigation with."""
        return f"geo:{self.at.latitude},{self.at.longitude}?q={self.at.latitude},{self.at.longitude}" if self.at else ""


def asked_day(visitor: Visitor) -> date:
    """The day of the address, else today."""
    try:
        return date.fromisoformat(visitor.query("day"))
    except ValueError:
        return visitor.local(visitor.now()).date()


def asked_user(visitor: Visitor) -> UUID | None:
    """The person of the address, else the visitor."""
    try:
        return UUID(visitor.query("user"))
    except ValueError:
        return visitor.caller.user_id


def word(visitor: Visitor, choice: Enum) -> str:
    """A choice in the visitor's language."""
    return visitor.gettext(choice.name.replace("_", " ").capitalize())


async def visits(
    visitor: Visitor,
    where: Condition,
    order: Sequence[str] = ("day", "place", "planned_at", "subject"),
    limit: int = MOST,
) -> list[Visit]:
    """Visits with what pages tell of their sites and customers, as far as the visitor may read these."""
    fields = ["*"]
    if visitor.caller.allows("visits.site.read"):
        fields += SITE
    if visitor.caller.allows("sales.customer.read"):
        fields += (*CUSTOMER, "customer.position", *(("site.customer.position",) if len(fields) > 1 else ()))
    return await visitor.desk.find(Visit, where=where, order=order, limit=limit, fields=fields)


def position_of(visit: Visit) -> Position | None:
    """Where a visit goes, as far as it was read."""
    site = visit.site
    if site is None or "position" not in site.loaded():
        return None
    return place_of(site) if site.customer and "position" in site.customer.loaded() else site.position


def lines(visitor: Visitor, found: Iterable[Visit]) -> list[Line]:
    """Visits as lines; the first that is not over is the next."""
    made: list[Line] = []
    coming = False
    for visit in found:
        following = not coming and visit.state in (VisitState.PLANNED, VisitState.ONGOING)
        coming = coming or following
        made.append(_line(visitor, visit, following=following))
    return made


def _line(visitor: Visitor, visit: Visit, *, following: bool) -> Line:
    at = visit.arrived_at or visit.planned_at
    customer = visit.customer if visit.customer and "name" in visit.customer.loaded() else None
    site = visit.site if visit.site and "name" in visit.site.loaded() else None
    return Line(
        visit,
        mark=str(visit.place or ""),
        time=f"{visitor.local(at):%H:%M}" if at else "",
        state=word(visitor, visit.state),
        customer=customer.name if customer and customer.name != visit.subject else "",
        address=(site and site.address) or (customer and customer.address) or "",
        href=f"/visits/stop/{visit.id}",
        record=visitor.address(Visit, visit.id),
        why=word(visitor, visit.unfit) if visit.unfit and visit.state in OPEN else "",
        at=position_of(visit),
        next=following,
    )


async def names(visitor: Visitor, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of people, as far as the visitor may know them."""
    wanted = list(dict.fromkeys(ids))
    if not wanted or not visitor.caller.allows("core.user.read"):
        return {}
    found = await visitor.desk.find(User, where=User.id.is_in(wanted), fields=("name",), limit=MOST)
    return {one.id: one.name for one in found}


async def people(visitor: Visitor, where: Condition) -> list[tuple[UUID, str]]:
    """Who has visits that fulfil a condition, by name."""
    rows = await visitor.desk.figures(Visit, Measure("count", Function.COUNT), by=("owner",), where=where)
    known = await names(visitor, (UUID(row["owner"]) for row in rows if row["owner"]))
    return sorted(known.items(), key=lambda pair: pair[1])


async def routes(visitor: Visitor, found: Sequence[Visit]) -> list[Mapping[str, object]]:
    """Routes as the map draws them: a line and its stops for each person and day."""
    grouped: dict[tuple[UUID, date | None], list[Visit]] = {}
    for visit in found:
        if visit.owner and position_of(visit) and visit.state is not VisitState.CALLED_OFF:
            grouped.setdefault((visit.owner.id, visit.day), []).append(visit)
    homes = await _homes(visitor, found)
    tones = {who: number % TONES + 1 for number, who in enumerate(dict.fromkeys(who for who, _ in grouped))}
    return [
        {
            "tone": tones[who],
            "line": _path(homes.get(who, []), several),
            "stops": [_stop(visitor, one) for one in several],
        }
        for (who, _), several in grouped.items()
    ]


async def _homes(visitor: Visitor, found: Sequence[Visit]) -> dict[UUID, list[list[float]]]:
    """Where people begin and end, as far as the visitor sees the plans."""
    plans = list({one.plan.id for one in found if one.plan})
    if not plans or not visitor.caller.allows("visits.visit_plan.read"):
        return {}
    travellers = await visitor.desk.find(Traveller, where=Traveller.plan.where(VisitPlan.id.is_in(plans)))
    return {
        one.user.id: [_point(one.start), _point(one.end or one.start)] for one in travellers if one.user and one.start
    }


def _path(home: Sequence[list[float]], visits: Sequence[Visit]) -> list[list[float]]:
    middle = [_point(at) for one in visits if one.place and (at := position_of(one))]
    return [*home[:1], *middle, *home[1:]] if middle else []


def _point(at: Position) -> list[float]:
    return [float(at.latitude), float(at.longitude)]


def _stop(visitor: Visitor, visit: Visit) -> Mapping[str, object]:
    line = _line(visitor, visit, following=False)
    return {
        "at": _point(line.at) if line.at else None,
        "mark": line.mark,
        "title": " · ".join(one for one in (line.time, visit.subject, line.state) if one),
        "state": visit.state.value,
        "href": line.href,
    }


def map_words(visitor: Visitor) -> Mapping[str, str]:
    """What the buttons of the map say."""
    return {"closer": visitor.gettext("Closer"), "farther": visitor.gettext("Farther")}


def beside(day: date) -> tuple[date, date]:
    """The day before and the day after."""
    return day - timedelta(days=1), day + timedelta(days=1)
