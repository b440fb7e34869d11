"""The clocks of a ticket: when it is due, how long it took, and the warning before a term is missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from plugins.service_desk.choices import OPEN, TermWarning, TicketState
from plugins.service_desk.hours import BusinessHours
from plugins.service_desk.models import InternalNote, ServiceLevel, Ticket
from plugins.service_desk.settings import business_hours
from tradepost import Happening, Job, NotFound, Office, On, Work, hookimpl

TERMS = ("response", "resolution")
STARTED = {"response": "responded_at", "resolution": "solved_at"}


async def terms_of(work: Work, ticket: Ticket, opened: datetime) -> dict[str, object]:
    """When a ticket is due, from its priority and the time that the customer took; nothing without a service level."""
    level = await level_of(work, ticket)
    if level is None:
        return {"response_due": None, "resolution_due": None}
    hours = await business_hours(work)
    return {
        "response_due": hours.after(opened, level.response_minutes),
        "resolution_due": hours.after(opened, level.resolution_minutes + ticket.waited_minutes),
    }


async def level_of(work: Work, ticket: Ticket) -> ServiceLevel | None:
    """The service level of a ticket's priority."""
    known = work.elevated("terms go by the service levels, whoever may read these")
    where, newest = ServiceLevel.priority.eq(ticket.priority), ("-created_at",)
    return next(iter(await known.find(ServiceLevel, where=where, order=newest, limit=1)), None)


def moved(ticket: Ticket, state: TicketState, at: datetime, hours: BusinessHours) -> dict[str, object]:
    """What a change of state means for the clocks."""
    values: dict[str, object] = {"state": state}
    waited = ticket.waited_minutes
    if ticket.waiting_since is not None and state is not TicketState.WAITING:
        waited += hours.minutes(ticket.waiting_since, at)
        values |= {"waiting_since": None, "waited_minutes": waited}
    if state is TicketState.WAITING:
        values["waiting_since"] = at
    if state is TicketState.SOLVED:
        values |= {"solved_at": at, "resolution_minutes": max(0, hours.minutes(ticket.created_at, at) - waited)}
        values["breached"] = ticket.breached or _late(ticket.resolution_due, ticket, at, hours)
    if state is TicketState.REOPENED:
        values |= {"solved_at": None, "resolution_minutes": None}
    return values


def _late(due: datetime | None, ticket: Ticket, at: datetime, hours: BusinessHours) -> bool:
    """Whether a term was missed; while the customer is waited for it moves on with the clock."""
    if due is None:
        return False
    if ticket.waiting_since is not None:
        due = hours.after(due, hours.minutes(ticket.waiting_since, at))
    return at > due


async def answered(work: Work, ticket: Ticket) -> Ticket:
    """The first public reply stops the first clock."""
    if ticket.responded_at is not None:
        return ticket
    hours = await business_hours(work)
    late = ticket.response_due is not None and work.now > ticket.response_due
    return await work.change(
        ticket,
        responded_at=work.now,
        response_minutes=hours.minutes(ticket.created_at, work.now),
        breached=ticket.breached or late,
    )


async def set_alarms(work: Work, ticket: Ticket) -> None:
    """Have the terms of a ticket looked at shortly before they end, and when they end."""
    level = await level_of(work, ticket)
    if level is None:
        return
    hours = await business_hours(work)
    for term in TERMS:
        due = ticket.value(f"{term}_due")
        minutes = level.response_minutes if term == "response" else level.resolution_minutes + ticket.waited_minutes
        payload = {"ticket": str(ticket.id), "term": term, "due": due.isoformat()}
        warn = hours.after(ticket.created_at, max(0, minutes - level.warning_minutes))
        await work.later("service_desk.watch", max(warn, work.now), payload | {"over": False})
        await work.later("service_desk.watch", max(due, work.now), payload | {"over": True})


async def watch(office: Office, happening: Happening) -> None:
    """Warn of a term that is about to end, or say that it was missed; of one that moved or was kept nothing."""
    told = happening.payload

    async def body(work: Work) -> None:
        try:
            ticket = await work.get(Ticket, UUID(told["ticket"]))
        except NotFound:
            return  # it was purged
        term, due = told["term"], ticket.value(f"{told['term']}_due")
        kept = ticket.value(STARTED[term]) is not None or ticket.waiting_since is not None
        if due is None or due.isoformat() != told["due"] or kept or ticket.state not in OPEN:
            return
        if told["over"] and work.now >= due:
            work.emit(ticket, "breach", {"term": term})
            await work.change(ticket, breached=True)
        elif not told["over"] and work.now < due:
            work.emit(ticket, "warn", {"term": term})
            await work.change(ticket, warned_at=work.now)

    await office.run(body)


async def tell(work: Work, happening: Happening) -> None:
    """Write the warning where colleagues look."""
    ticket = await work.get(Ticket, happening.record or UUID(int=0))
    told = "overdue" if happening.name.endswith(".breach") else "due_soon"
    await work.create(InternalNote, ticket=ticket, warning=TermWarning(f"{happening.payload['term']}_{told}"))


@hookimpl
def tradepost_events() -> Sequence[On]:
    """Telling of terms."""
    return (On("tell", ("service_desk.ticket.warn", "service_desk.ticket.breach"), tell),)


@hookimpl
def tradepost_jobs() -> Sequence[Job]:
    """Looking after the terms."""
    return (Job("watch", watch),)
