"""The report: how long answers and solutions took, what was asked for, what was faulty, which parts were replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from plugins.service_desk.choices import Priority, Satisfaction, TicketKind
from plugins.service_desk.models import Replacement, Ticket
from tradepost import Condition, Field
from tradepost.fields import choice
from tradepost.fields import date as day
from tradepost.figures import Bucket, Function, Group, Measure
from tradepost.pages import Drawn, Entered, Mark, Reply, Visit, bars, columns, curve, pie

PERIODS = (30, 90, 365)
LISTED = 10
FEW_DAYS, SOME_DAYS = 45, 200
HOURS = (1, 2, 4, 8, 16, 40)
COUNT = Measure("count", Function.COUNT)
MEASURES = (
    COUNT,
    Measure("answered", Function.MEDIAN, "response_minutes"),
    Measure("answered_90", Function.PERCENTILE_90, "response_minutes"),
    Measure("solved", Function.MEDIAN, "resolution_minutes"),
    Measure("solved_90", Function.PERCENTILE_90, "resolution_minutes"),
)
INPUTS: Mapping[str, Field[Any]] = {"since": day(label="From"), "until": day(label="Until"), "kind": choice(TicketKind)}


@dataclass(frozen=True)
class Period:
    """Which tickets the report is about: opened from one day to another, of one kind or of all."""

    since: date
    until: date
    kind: TicketKind | None

    @property
    def query(self) -> str:
        """The same tickets as the query of a list."""
        kind = f"&kind={self.kind.value}" if self.kind else ""
        return f"created_at-gte={self.since.isoformat()}&created_at-lte={self.until.isoformat()}{kind}"

    def tickets(self, visit: Visit) -> Condition:
        """The same tickets as a condition; days are those of the visitor's zone."""
        zone = visit.local(visit.now()).tzinfo
        first, after = (datetime.combine(one, time(), zone) for one in (self.since, self.until + timedelta(days=1)))
        found = Ticket.created_at.at_least(first) & Ticket.created_at.below(after)
        return found & Ticket.kind.eq(self.kind) if self.kind else found

    @property
    def bucket(self) -> Bucket:
        """Into what its time is cut, so that a curve has some points and not too many."""
        days = (self.until - self.since).days
        return Bucket.DAY if days <= FEW_DAYS else Bucket.WEEK if days <= SOME_DAYS else Bucket.MONTH


@dataclass(frozen=True)
class Line:
    """A line of a table."""

    label: str
    href: str
    figures: tuple[str, ...]


async def report(visit: Visit) -> Reply:
    """Times, kinds and faults of the tickets of a period."""
    entered = await visit.entered(INPUTS)
    today = visit.local(visit.now()).date()
    until = entered.values.get("until") or today
    since = entered.values.get("since") or until - timedelta(days=PERIODS[0])
    period = Period(min(since, until), until, entered.values.get("kind"))
    shown = {"since": (period.since.isoformat(), ""), "until": (period.until.isoformat(), "")}
    firsts = [(one, today - timedelta(days=one)) for one in PERIODS]
    return visit.show(
        "report.html",
        controls=visit.controls(INPUTS, Entered(entered.values, entered.problems, {**shown, **entered.written})),
        period=period,
        periods=[(days, first, (first, today) == (period.since, until)) for days, first in firsts],
        tables=[
            (visit.gettext("By kind"), await _lines(visit, period, "kind", TicketKind)),
            (visit.gettext("By priority"), await _lines(visit, period, "priority", Priority)),
        ],
        charts=await _charts(visit, period),
        parts=await _parts(visit, period),
    )


async def _lines(visit: Visit, period: Period, field: str, choices: Any) -> list[Line]:
    """The rows of a table, each leading to its tickets."""
    rows = await visit.desk.figures(Ticket, *MEASURES, by=(field,), where=period.tickets(visit))
    found = {row[field]: row for row in rows}
    return [
        Line(
            visit.gettext(one.name.replace("_", " ").capitalize()),
            visit.address(Ticket, query=f"{period.query}&{field}={one.value}"),
            tuple("–" if row[each.key] is None else visit.number(row[each.key]) for each in MEASURES),
        )
        for one in choices
        if (row := found.get(one.name))
    ]


async def _charts(visit: Visit, period: Period) -> Sequence[tuple[str, Drawn]]:
    charts = (
        (visit.gettext("Tickets by kind"), pie, await _counted(visit, period, "kind", TicketKind)),
        (visit.gettext("Tickets opened"), curve, await _opened(visit, period)),
        (visit.gettext("Hours to the solution"), columns, await _spread(visit, period)),
        (visit.gettext("What customers say"), pie, await _counted(visit, period, "satisfaction", Satisfaction)),
        (visit.gettext("Faulty products"), bars, await _faulty(visit, period)),
    )
    return [(title, draw(title, marks)) for title, draw, marks in charts if marks]


async def _counted(visit: Visit, period: Period, field: str, choices: Any) -> list[Mark]:
    rows = await visit.desk.figures(Ticket, COUNT, by=(field,), where=period.tickets(visit))
    found = {row[field]: row["count"] for row in rows}
    return [
        _mark(
            visit,
            visit.gettext(one.name.replace("_", " ").capitalize()),
            found[one.name],
            f"{period.query}&{field}={one.value}",
        )
        for one in choices
        if one.name in found
    ]


async def _opened(visit: Visit, period: Period) -> list[Mark]:
    """How many tickets came in, day by day, week by week or month by month; none is a number, too."""
    rows = await visit.desk.figures(
        Ticket, COUNT, by=(Group("at", "created_at", period.bucket),), where=period.tickets(visit)
    )
    found = {date.fromisoformat(row["at"]): row["count"] for row in rows}
    marks = []
    for first, last in _cut(period):
        kind = f"&kind={period.kind.value}" if period.kind else ""
        query = f"created_at-gte={max(first, period.since)}&created_at-lte={min(last, period.until)}{kind}"
        marks.append(_mark(visit, visit.day(first), found.get(first, 0), query))
    return marks if found else []


def _cut(period: Period) -> list[tuple[date, date]]:
    """The first and last days of the pieces of a period."""
    pieces, first = [], period.since
    if period.bucket is Bucket.WEEK:
        first -= timedelta(days=first.weekday())
    elif period.bucket is Bucket.MONTH:
        first = first.replace(day=1)
    while first <= period.until:
        if period.bucket is Bucket.MONTH:
            following = (first + timedelta(days=31)).replace(day=1)
        else:
            following = first + timedelta(days=7 if period.bucket is Bucket.WEEK else 1)
        pieces.append((first, following - timedelta(days=1)))
        first = following
    return pieces


async def _spread(visit: Visit, period: Period) -> list[Mark]:
    """How many tickets took how many business hours."""
    marks, least = [], 0
    for most in (*HOURS, None):
        within = Ticket.resolution_minutes.at_least(60 * least)
        query = f"{period.query}&resolution_minutes-gte={60 * least}"
        if most is not None:
            within &= Ticket.resolution_minutes.below(60 * most)
            query += f"&resolution_minutes-lte={60 * most - 1}"
        label = f"≥ {least}" if most is None else f"< {most}"
        marks.append(_mark(visit, label, await visit.desk.count(Ticket, period.tickets(visit) & within), query))
        least = most or least
    return marks if any(one.value for one in marks) else []


async def _faulty(visit: Visit, period: Period) -> list[Mark]:
    where = period.tickets(visit) & Ticket.faulty.eq(True)
    rows = await visit.desk.figures(Ticket, COUNT, by=("product", "product.name"), where=where)
    most = sorted((row for row in rows if row["product"]), key=lambda row: -row["count"])[:LISTED]
    return [
        _mark(visit, row["product.name"], row["count"], f"{period.query}&faulty=true&product={row['product']}")
        for row in most
    ]


async def _parts(visit: Visit, period: Period) -> list[Line]:
    """Which parts were replaced, the most often replaced first."""
    if not visit.caller.allows("sales.product.read"):
        return []
    quantity = Measure("quantity", Function.SUM, "quantity")
    rows = await visit.desk.figures(
        Replacement,
        COUNT,
        quantity,
        by=("part", "part.name", "part.unit"),
        where=Replacement.ticket.where(period.tickets(visit)),
    )
    most = sorted(rows, key=lambda row: -row["count"])[:LISTED]
    return [
        Line(
            row["part.name"],
            visit.address(Replacement, query=f"part={row['part']}"),
            (visit.number(row["count"]), f"{visit.number(Decimal(row['quantity']))} {row['part.unit']}"),
        )
        for row in most
    ]


def _mark(visit: Visit, label: str, value: int, query: str) -> Mark:
    return Mark(label, value, visit.number(value), visit.address(Ticket, query=query))
