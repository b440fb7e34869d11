"""To whom a mailing goes: the recipients are written down once, when it begins, each address once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_urlsafe
from uuid import UUID

from plugins.marketing.choices import Audience, MailingState, RecipientState
from plugins.marketing.models import Mailing, Recipient, Segment, Suppression
from plugins.marketing.resources import condition_of
from tradepost import EVERYTHING, Condition, Desk, Office, Work
from tradepost.sales import Contact, Customer

AT_ONCE = 200
END = "end"
CUSTOMERS, CONTACTS = "customers", "contacts"


@dataclass(frozen=True)
class Place:
    """How far the gathering has come: of which list, behind which record."""

    of: str
    after: UUID | None = None

    @classmethod
    def of_mailing(cls, mailing: Mailing) -> Place:
        """Where a mailing goes on."""
        if mailing.reached:
            of, _, after = mailing.reached.partition(":")
            return cls(of, UUID(after) if after else None)
        return cls(CONTACTS if mailing.audience is Audience.CONTACTS else CUSTOMERS)

    def written(self) -> str:
        """As the mailing keeps it."""
        return f"{self.of}:{self.after}" if self.after else self.of

    def next(self, mailing: Mailing, last: UUID | None) -> Place:
        """Behind the last record found; after the last of all the next list, if there is one."""
        if last is not None:
            return Place(self.of, last)
        more = self.of == CUSTOMERS and mailing.audience is Audience.BOTH
        return Place(CONTACTS if more else END)


async def gather(office: Office, desk: Desk, mailing: Mailing) -> Mailing:
    """Write down the next recipients, found with the sender's rights; the mailing as it is afterwards."""
    place = Place.of_mailing(mailing)
    segment = await desk.get(Segment, mailing.segment.id)
    found = await _found(desk, place, condition_of(desk.criteria, segment))
    last = found[-1].id if len(found) == AT_ONCE else None
    people: dict[str, dict[str, object]] = {}
    for one in _people(found):
        people.setdefault(str(one["address"]).casefold(), one)

    async def body(work: Work) -> Mailing:
        (now,) = await work.locked(Mailing, [mailing.id])
        if now.reached != mailing.reached or now.state is not MailingState.SENDING:
            return now
        rows = await _new(work, mailing, people)
        if rows:
            await work.create_all(Recipient, rows)
        return await work.change(now, reached=place.next(mailing, last).written())

    return await office.run(body)


async def _found(desk: Desk, place: Place, where: Condition) -> Sequence[Customer | Contact]:
    if place.of == CUSTOMERS:
        behind = Customer.id.above(place.after) if place.after else EVERYTHING
        wanted = where & behind & Customer.email.empty(False)
        return await desk.find(Customer, where=wanted, order=("id",), limit=AT_ONCE, fields=("name", "email"))
    behind = Contact.id.above(place.after) if place.after else EVERYTHING
    wanted = Contact.customer.where(where) & behind & Contact.emails.empty(False)
    return await desk.find(
        Contact, where=wanted, order=("id",), limit=AT_ONCE, fields=("name", "emails", "customer.name")
    )


def _people(found: Sequence[Customer | Contact]) -> Iterator[dict[str, object]]:
    for one in found:
        if isinstance(one, Customer):
            yield {"address": one.email, "name": one.name, "customer": one.id, "contact": None}
        else:
            customer = one.customer.id if one.customer else None
            yield {"address": one.emails[0], "name": one.name, "customer": customer, "contact": one.id}


async def _new(work: Work, mailing: Mailing, people: Mapping[str, dict[str, object]]) -> list[dict[str, object]]:
    """The rows of those who are not written down yet; whoever gets no mail is marked so."""
    addresses = list(people)
    same = Recipient.mailing.eq(mailing) & Recipient.address.is_in(addresses)
    there = {one.address.casefold() for one in await work.find(Recipient, where=same, fields=("address",))}
    stopped = await suppressed(work, addresses)
    return [
        {
            **one,
            "mailing": mailing,
            "token": token_urlsafe(18),
            "state": RecipientState.SUPPRESSED if address in stopped else RecipientState.WAITING,
        }
        for address, one in people.items()
        if address not in there
    ]


async def suppressed(work: Work, addresses: Sequence[str]) -> set[str]:
    """Which of some addresses get no mail."""
    found = await work.find(Suppression, where=Suppression.address.is_in(addresses), fields=("address",))
    return {one.address.casefold() for one in found if one.address}
