"""The queue, the report, the suggestions beside a form, and what stands on a ticket's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from plugins.service_desk.choices import OPEN, UNPICKED, Priority, TicketKind
from plugins.service_desk.knowledge import suggestions
from plugins.service_desk.models import Article, Speciality, Ticket
from tradepost import Condition, User, hookimpl
from tradepost.figures import Function, Measure
from tradepost.pages import Inset, Mark, Page, Reply, Visit, bars
from tradepost.sales import Customer

READ = "service_desk.ticket.read"
PERIODS = (30, 90, 365)
QUEUED = 100
MEASURES = (
    Measure("count", Function.COUNT),
    Measure("answered", Function.MEDIAN, "response_minutes"),
    Measure("answered_90", Function.PERCENTILE_90, "response_minutes"),
    Measure("solved", Function.MEDIAN, "resolution_minutes"),
    Measure("solved_90", Function.PERCENTILE_90, "resolution_minutes"),
)


async def queue(visit: Visit) -> Reply:
    """Tickets that wait for somebody, and fit the visitor's skills, the most urgent first."""
    skills = [one.skill for one in await visit.desk.find(Speciality, where=_mine(visit), fields=("skill",))]
    where = Ticket.state.is_in(UNPICKED) & (Ticket.skill.empty() | Ticket.skill.is_in(skills))
    found = await visit.desk.find(Ticket, where=where, order=("resolution_due", "created_at"), limit=QUEUED)
    rows = [
        {
            "ticket": one,
            "href": visit.address(Ticket, one.id),
            "due": visit.moment(one.resolution_due) if one.resolution_due else "",
            "priority": visit.gettext(one.priority.name.capitalize()),
        }
        for one in found
    ]
    may = visit.caller.allows("service_desk.ticket.pick")
    return visit.show("queue.html", rows=rows, may=may)


def _mine(visit: Visit) -> Condition:
    return Speciality.user.where(User.id.is_in([one for one in (visit.caller.user_id,) if one]))


@dataclass(frozen=True)
class Line:
    """A line of the report."""

    label: str
    href: str
    figures: tuple[str, ...]


async def report(visit: Visit) -> Reply:
    """How long answers and solutions took, by kind and by priority."""
    asked = visit.query("days")
    days = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in PERIODS else PERIODS[0]
    today = visit.local(visit.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=days)
    kinds = await _lines(visit, "kind", TicketKind, since)
    levels = await _lines(visit, "priority", Priority, since)
    return visit.show(
        "report.html",
        days=days,
        periods=[(one, visit.gettext("%(count)s days", count=one)) for one in PERIODS],
        tables=((visit.gettext("By kind"), kinds[0]), (visit.gettext("By priority"), levels[0])),
        charts=tuple(
            (title, bars(title, marks))
            for title, marks in (
                (visit.gettext("Tickets by kind"), kinds[1]),
                (visit.gettext("Median minutes to the solution, by priority"), levels[2]),
            )
        ),
    )


async def _lines(visit: Visit, field: str, choices: Any, since: datetime) -> tuple[list[Line], list[Mark], list[Mark]]:
    """The rows of a table, and the same as charts of counts and of medians; each leads to its tickets."""
    where = Ticket.created_at.at_least(since)
    found = {row[field]: row for row in await visit.desk.figures(Ticket, *MEASURES, by=(field,), where=where)}
    lines, counts, medians = [], [], []
    for one in choices:
        row = found.get(one.name)
        if row is None:
            continue
        label = visit.gettext(one.name.replace("_", " ").capitalize())
        href = visit.address(Ticket, query=f"{field}={one.value}&created_at-gte={since.date().isoformat()}")
        shown = tuple("–" if row[each.key] is None else visit.number(row[each.key]) for each in MEASURES)
        lines.append(Line(label, href, shown))
        counts.append(Mark(label, row["count"], visit.number(row["count"]), href))
        if row["solved"] is not None:
            medians.append(Mark(label, row["solved"], visit.number(row["solved"]), href))
    return lines, counts, medians


async def advise(visit: Visit) -> Reply:
    """Articles that fit what is being typed."""
    found = await suggestions(visit.desk, visit.query("subject")[:200])
    return visit.show("suggestions.html", part="found", found=_linked(visit, found))


def _linked(visit: Visit, found: Sequence[Any]) -> list[tuple[str, str, str]]:
    return [(one.question, visit.address(Article, one.id), one.answer) for one in found]


async def beside(visit: Visit, record: UUID) -> Mapping[str, Any] | None:
    """Articles that may solve a ticket which is open."""
    ticket = await visit.desk.get(Ticket, record, ("subject", "state"))
    if ticket.state not in OPEN or not visit.caller.allows("service_desk.article.read"):
        return None
    found = await suggestions(visit.desk, ticket.subject)
    return {"found": _linked(visit, found)} if found else None


async def caller_card(visit: Visit, record: UUID) -> Mapping[str, Any] | None:
    """What one needs to know of the customer while one is talking."""
    fields = ("customer", "customer.phones", "customer.level", "customer.address", "customer.remark", "customer.name")
    ticket = await visit.desk.get(Ticket, record, fields)
    if ticket.customer is None:
        return None
    same = Ticket.customer.eq(ticket.customer)
    return {
        "customer": ticket.customer,
        "href": visit.address(Customer, ticket.customer.id),
        "level": visit.gettext(ticket.customer.level.name.capitalize()) if ticket.customer.level else "",
        "open": visit.number(await visit.desk.count(Ticket, same & Ticket.state.is_in(OPEN))),
        "all": visit.number(await visit.desk.count(Ticket, same)),
        "tickets": visit.address(Ticket, query=f"customer={ticket.customer.id}"),
    }


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """The queue, the report, suggestions."""
    return (
        Page("queue", queue, permission=READ, menu="Queue", icon="inbox", place=5),
        Page("report", report, permission=READ, menu="Response times", icon="chart-column", place=60),
        Page("suggestions", advise, permission="service_desk.article.read"),
    )


@hookimpl
def tradepost_panels() -> Sequence[Inset]:
    """The customer and the suggestions on a ticket's page."""
    return (
        Inset(Ticket, "The customer", "customer.html", caller_card, "sales.customer.read", place=10),
        Inset(Ticket, "Articles that may help", "found.html", beside, place=20),
    )
