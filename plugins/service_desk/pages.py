"""The queue, the suggestions beside a form, and what stands on a ticket's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from plugins.service_desk.choices import OPEN, UNPICKED
from plugins.service_desk.knowledge import suggestions
from plugins.service_desk.models import Agreement, Article, Speciality, Ticket
from plugins.service_desk.report import report
from tradepost import Condition, User, hookimpl
from tradepost.pages import Inset, Page, Reply, Visit
from tradepost.sales import Customer

READ = "service_desk.ticket.read"
QUEUED = 100
SHOWN = 5


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
        "agreements": await _agreements(visit, ticket.customer),
    }


async def _agreements(visit: Visit, customer: Customer) -> list[tuple[str, str, str]]:
    """What is owed to a customer today: names, addresses, last days."""
    if not visit.caller.allows("service_desk.agreement.read"):
        return []
    today = visit.local(visit.now()).date()
    valid = Agreement.starts_on.at_most(today) & (Agreement.ends_on.empty() | Agreement.ends_on.at_least(today))
    found = await visit.desk.find(Agreement, where=valid & Agreement.customer.eq(customer), limit=SHOWN)
    return [
        (one.name, visit.address(Agreement, one.id), visit.day(one.ends_on) if one.ends_on else "") for one in found
    ]


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """The queue, the report, suggestions."""
    return (
        Page("queue", queue, permission=READ, menu="Queue", icon="inbox", place=5),
        Page("report", report, permission=READ, menu="Service report", icon="chart-column", place=60),
        Page("suggestions", advise, permission="service_desk.article.read"),
    )


@hookimpl
def tradepost_panels() -> Sequence[Inset]:
    """The customer and the suggestions on a ticket's page."""
    return (
        Inset(Ticket, "The customer", "customer.html", caller_card, "sales.customer.read", place=10),
        Inset(Ticket, "Articles that may help", "found.html", beside, place=20),
    )
