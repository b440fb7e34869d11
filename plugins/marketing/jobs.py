"""Sending mailings and test mails: jobs of some seconds, each mail written down before it is handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import monotonic
from uuid import UUID

from plugins.marketing.choices import MailingState, RecipientState
from plugins.marketing.gathering import END, gather
from plugins.marketing.letters import Letters
from plugins.marketing.merging import Person
from plugins.marketing.models import Mailing, Recipient, Segment
from plugins.marketing.resources import condition_of
from plugins.marketing.turns import Turn
from tradepost import (
    Desk,
    Forbidden,
    Happening,
    Job,
    NotFound,
    Office,
    Refused,
    Unauthenticated,
    UnknownField,
    Work,
    hookimpl,
)
from tradepost.mail import Delivery, Fate, MailFault, MailLine
from tradepost.sales import Contact, Customer

SLICE = 20
MOST_SECONDS = 5.0
LONGEST = 300
OURS = (MailFault, Refused, NotFound, Unauthenticated, UnknownField, Forbidden)
"""What stops a mailing until somebody mends it."""


def _told(fault: Exception) -> str:
    """What stands in the way, as the mailing keeps it; it is translated where it is shown."""
    message = str(fault) or type(fault).__name__
    if isinstance(fault, Unauthenticated):
        message = "The sender may not sign in any more"
    if isinstance(fault, NotFound):
        message = "The segment is gone, or out of the sender's sight"
    return message[:LONGEST]


async def send(office: Office, happening: Happening) -> None:
    """Go on with a mailing for some seconds, then ask to be called again."""
    turn = Turn(office, UUID(happening.payload["mailing"]), str(happening.payload["turn"]))
    mailing = await turn.begin()
    if mailing is None:
        return
    try:
        await _go_on(turn, mailing)
    except OURS as fault:
        await turn.stop(_told(fault))


async def _go_on(turn: Turn, mailing: Mailing) -> None:
    office = turn.office
    desk = (await office.on_behalf(mailing.sender.id if mailing.sender else UUID(int=0))).desk
    while mailing.reached != END:
        mailing = await gather(office, desk, mailing)
        if mailing.state is not MailingState.SENDING:
            return
    letters = await Letters.of(office, mailing, desk.caller.zone)
    pace = timedelta(minutes=1) / mailing.per_minute
    started, after = monotonic(), timedelta()
    async with office.mailer.line() as line:
        while not after and monotonic() - started < MOST_SECONDS:
            began = monotonic()
            some = await turn.claim(min(SLICE, mailing.per_minute))
            if some is None:
                return
            if not some:
                await turn.rest()
                return
            handed = await _hand_over(turn, line, letters, desk, some)
            after = max(timedelta(), pace * handed - timedelta(seconds=monotonic() - began))
    await turn.go_on(after)


async def _hand_over(turn: Turn, line: MailLine, letters: Letters, desk: Desk, some: Sequence[Recipient]) -> int:
    """Send to each that is under way, and keep what became of it; how many that were."""
    under_way = [one for one in some if one.state is RecipientState.SENDING]
    told: list[tuple[Recipient, Delivery | None]] = []
    try:
        seen = await _seen(desk, letters, under_way)
        for one in under_way:
            customer, contact = seen[one.id]
            lost = customer is None or (one.contact is not None and contact is None)
            told.append((one, None if lost else await line.send(letters.to(one, customer, contact))))
    except OURS:
        await turn.settle(told, under_way[len(told) :])
        raise
    await turn.settle(told)
    return len(told)


async def _seen(
    desk: Desk, letters: Letters, some: Sequence[Recipient]
) -> Mapping[UUID, tuple[Customer | None, Contact | None]]:
    """What merge fields read of each recipient, as the sender sees it now; nothing where he sees it no more."""
    ids = [one.customer.id for one in some if one.customer]
    found = await desk.find(Customer, where=Customer.id.is_in(ids), fields=("id", *letters.of_customer))
    customers = {one.id: one for one in found}
    contacts: dict[UUID, Contact] = {}
    ids = [one.contact.id for one in some if one.contact]
    if ids:
        persons = await desk.find(Contact, where=Contact.id.is_in(ids), fields=("id", *letters.of_contact))
        contacts = {one.id: one for one in persons}
    return {
        one.id: (
            customers.get(one.customer.id) if one.customer else None,
            contacts.get(one.contact.id) if one.contact else None,
        )
        for one in some
    }


async def test(office: Office, happening: Happening) -> None:
    """Send a test mail, and say on the mailing what stood in its way."""
    mailing = await office.desk.get(Mailing, UUID(happening.payload["mailing"]))
    try:
        desk = (await office.on_behalf(happening.user_id or UUID(int=0))).desk
        problem = await _test(office, desk, mailing, str(happening.payload["address"]), str(happening.id))
    except OURS as fault:
        problem = _told(fault)

    async def body(work: Work) -> None:
        await work.change(await work.get(Mailing, mailing.id), problem=problem)

    await office.run(body)


async def _test(office: Office, desk: Desk, mailing: Mailing, address: str, key: str) -> str | None:
    letters = await Letters.of(office, mailing, desk.caller.zone)
    where = condition_of(desk.criteria, await desk.get(Segment, mailing.segment.id))
    fields = ("name", *letters.of_customer)
    found = await desk.find(Customer, where=where, order=("name",), limit=1, fields=fields)
    if not found:
        raise Refused("Nobody is in the segment")
    mine = Contact.customer.eq(found[0])
    persons = (
        await desk.find(Contact, where=mine, limit=1, fields=("name", *letters.of_contact))
        if letters.of_contact
        else []
    )
    person = Person(persons[0].name if persons else found[0].name, found[0], persons[0] if persons else None)
    async with office.mailer.line() as line:
        delivery = await line.send(letters.write(address, person, key, "test"))
    return None if delivery.fate is Fate.SENT else f"Test mail: {delivery.said}"[:LONGEST]


@hookimpl
def tradepost_jobs() -> Sequence[Job]:
    """Sending, and sending a test."""
    return (Job("send", send), Job("test", test, attempts=1))
