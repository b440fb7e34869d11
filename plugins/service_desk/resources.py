"""How tickets, replies, skills, service levels and articles are shown, found, checked and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from plugins.service_desk.choices import OPEN, UNPICKED, Satisfaction, TicketState
from plugins.service_desk.clocks import answered, moved, set_alarms, terms_of
from plugins.service_desk.models import (
    Agreement,
    Article,
    InternalNote,
    Replacement,
    Reply,
    ServiceLevel,
    Skill,
    Speciality,
    Ticket,
)
from plugins.service_desk.settings import business_hours
from tradepost import Refused, Resource, User, Work, action
from tradepost.fields import note

Text = Annotated[str, note(required=True)]
GONE = "Somebody else has picked this ticket up already"
OTHERS = {
    "contact": "This contact is of another customer",
    "agreement": "This agreement is with another customer",
}
IS_OPEN = Ticket.state.is_in(OPEN)
IS_DONE = Ticket.state.is_in((TicketState.SOLVED, TicketState.CLOSED))


class Tickets(Resource[Ticket]):
    """Tickets, and their way to a solution."""

    columns = ("subject", "number", "customer", "kind", "priority", "state", "owner", "resolution_due", "created_at")
    filters = ("state", "kind", "priority", "skill", "product", "owner", "breached", "resolution_due", "created_at")
    form: ClassVar = {
        "What": ("subject", "kind", "priority", "skill", "channel", "description"),
        "About": ("customer", "contact", "agreement", "product", "faulty"),
        "Outcome": ("solution", "satisfaction"),
    }
    search = ("subject", "number", "customer.name", "description", "solution")
    board = "state"
    related = ("replies", "internal_notes", "replacements", "articles")
    timeline = "created_at"
    advice = "suggestions"
    icon = "headphones"
    menu = 10

    @action(bulk=False, when=Ticket.state.is_in(UNPICKED), otherwise=GONE)
    async def pick(self, work: Work, ticket: Ticket) -> Ticket:
        """Take the ticket up yourself."""
        if ticket.skill is not None:
            me = [one for one in (work.caller.user_id,) if one]
            mine = Speciality.skill.eq(ticket.skill) & Speciality.user.where(User.id.is_in(me))
            known = work.elevated("whoever picks a ticket up has the skill that it needs")
            if not await known.find(Speciality, where=mine, limit=1):
                needed = (await known.get(Skill, ticket.skill.id)).name
                raise Refused("It needs the skill %(skill)s, which you do not have", code="skill", skill=needed)
        return await self._move(work, ticket, TicketState.ASSIGNED, owner=work.caller.user_id)

    @action(label="The customer answered", when=Ticket.state.eq(TicketState.WAITING))
    async def resume(self, work: Work, ticket: Ticket, text: Annotated[str | None, note()] = None) -> Ticket:
        """Go on with the ticket; the clock runs again."""
        if text:
            await work.create(Reply, ticket=ticket, text=text, from_customer=True)
        return await self._move(work, ticket, TicketState.ASSIGNED)

    @action(bulk=False, label="Reply to the customer")
    async def reply(self, work: Work, ticket: Ticket, text: Text, *, wait: bool = False) -> Ticket:
        """Write what the customer was told; then, if wished, wait for an answer."""
        await work.create(Reply, ticket=ticket, text=text)
        ticket = await answered(work, ticket)
        return await self._move(work, ticket, TicketState.WAITING) if wait and ticket.state in OPEN else ticket

    @action(bulk=False, when=IS_OPEN)
    async def solve(self, work: Work, ticket: Ticket, solution: Text) -> Ticket:
        """Say how it was solved."""
        ticket = await answered(work, ticket)
        return await self._move(work, ticket, TicketState.SOLVED, solution=solution)

    @action(when=Ticket.state.eq(TicketState.SOLVED))
    async def close(self, work: Work, ticket: Ticket, satisfaction: Satisfaction | None = None) -> Ticket:
        """Close the ticket, with what the customer says of it."""
        said = {"satisfaction": satisfaction} if satisfaction else {}
        return await self._move(work, ticket, TicketState.CLOSED, **said)

    @action(when=IS_DONE)
    async def reopen(self, work: Work, ticket: Ticket) -> Ticket:
        """Take the ticket up again: it was not solved after all."""
        return await self._move(work, ticket, TicketState.REOPENED)

    @action(label="Wait for the customer", when=Ticket.state.is_in((*UNPICKED, TicketState.ASSIGNED)))
    async def wait(self, work: Work, ticket: Ticket) -> Ticket:
        """Stop the clock until the customer answers."""
        return await self._move(work, ticket, TicketState.WAITING)

    @action(bulk=False, label="Add an internal note")
    async def remark(self, work: Work, ticket: Ticket, text: Text) -> Ticket:
        """Tell colleagues something that the customer never sees."""
        await work.create(InternalNote, ticket=ticket, text=text)
        return ticket

    @action(when=IS_OPEN)
    async def assign(self, work: Work, ticket: Ticket, user: User) -> Ticket:
        """Give the ticket to a colleague."""
        return await self._move(work, ticket, TicketState.ASSIGNED, owner=user.id)

    @action(bulk=False, label="Put into the question bank")
    async def promote(self, work: Work, ticket: Ticket) -> Ticket:
        """Make an article of the enquiry and its answer."""
        if not ticket.solution:
            raise Refused("Write the solution first", code="required")
        await work.create(
            Article,
            question=ticket.subject,
            answer=ticket.solution,
            skill=ticket.skill,
            product=ticket.product,
            ticket=ticket,
        )
        return ticket

    async def _move(self, work: Work, ticket: Ticket, state: TicketState, **values: object) -> Ticket:
        return await work.change(ticket, **moved(ticket, state, work.now, await business_hours(work)), **values)

    async def complete(self, work: Work, before: Ticket | None, after: Ticket) -> Mapping[str, object]:
        """Give it its number and its terms."""
        if before is None:
            number = f"T{await work.number('service_desk.ticket'):06}"
            return {"number": after.number or number, **await terms_of(work, after, after.created_at)}
        if (before.priority, before.waited_minutes) != (after.priority, after.waited_minutes):
            return await terms_of(work, after, after.created_at)
        return {}

    async def check(self, work: Work, before: Ticket | None, after: Ticket) -> None:
        """Hold contact, agreement and customer together."""
        known = work.elevated("whether something belongs to a customer is no secret to who names both")
        for name, message in OTHERS.items():
            one = after.value(name)
            if one is None or (before and (before.value(name), before.customer) == (one, after.customer)):
                continue
            found = await known.get(type(one), one.id)
            if after.customer is None or found.value("customer") != after.customer:
                raise Refused(message, field=name)

    async def changed(self, work: Work, before: Ticket | None, after: Ticket) -> None:
        """Have the terms looked after when they are set or moved."""
        terms = (after.response_due, after.resolution_due)
        if after.resolution_due and (before is None or (before.response_due, before.resolution_due) != terms):
            await set_alarms(work, after)


class Agreements(Resource[Agreement]):
    """Agreements, and what they promise."""

    columns = ("name", "number", "customer", "product", "starts_on", "ends_on")
    filters = ("customer", "product", "owner", "starts_on", "ends_on")
    form: ClassVar = {
        "What": ("name", "number", "services"),
        "With whom": ("customer", "product"),
        "From and until": ("starts_on", "ends_on"),
    }
    related = ("tickets",)
    timeline = "starts_on"
    icon = "handshake"
    menu = 15

    async def check(self, work: Work, before: Agreement | None, after: Agreement) -> None:
        """Nothing ends before it starts."""
        if after.starts_on and after.ends_on and after.ends_on < after.starts_on:
            raise Refused("It ends before it starts", field="ends_on")


class Replacements(Resource[Replacement]):
    """Parts that were replaced."""

    columns = ("part", "quantity", "serial", "remark", "created_at")
    menu = None


class Replies(Resource[Reply]):
    """What was said to and by customers."""

    columns = ("created_at", "text", "from_customer", "created_by")
    timeline = ""
    icon = "message-circle"
    menu = None


class InternalNotes(Resource[InternalNote]):
    """What colleagues told each other."""

    columns = ("created_at", "text", "warning", "created_by")
    icon = "lock"
    menu = None


class Articles(Resource[Article]):
    """The question bank."""

    columns = ("question", "skill", "product", "updated_at")
    filters = ("skill", "product", "updated_at")
    form: ClassVar = {"Article": ("question", "answer"), "About": ("skill", "product")}
    search = ("question", "answer")
    icon = "book-open"
    menu = 20


class Skills(Resource[Skill]):
    """Skills, and who has them."""

    columns = ("name", "description")
    related = ("specialities",)
    icon = "wrench"
    menu = 30


class Specialities(Resource[Speciality]):
    """Who has which skill."""

    columns = ("user", "skill", "remark")
    menu = None


class ServiceLevels(Resource[ServiceLevel]):
    """How soon tickets are answered and solved."""

    columns = ("name", "priority", "response_minutes", "resolution_minutes", "warning_minutes")
    icon = "clock"
    menu = 40

    async def check(self, work: Work, before: ServiceLevel | None, after: ServiceLevel) -> None:
        """Nothing is solved before it is answered."""
        if after.resolution_minutes < after.response_minutes:
            raise Refused("The resolution takes at least as long as the response", field="resolution_minutes")
