"""A turn of a mailing: what a job may write down of it, until it is paused or another turn has begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from plugins.marketing.choices import MailingState, RecipientState
from plugins.marketing.gathering import suppressed
from plugins.marketing.mailings import SEND
from plugins.marketing.models import Mailing, Recipient
from tradepost import Condition, NotFound, Office, Work
from tradepost.mail import Delivery, Fate

MOST_ATTEMPTS = 6
FIRST_WAIT = timedelta(minutes=5)
WAITING = (RecipientState.WAITING, RecipientState.DEFERRED)
STATES = {
    Fate.SENT: RecipientState.SENT,
    Fate.REFUSED: RecipientState.REFUSED,
    Fate.DEFERRED: RecipientState.DEFERRED,
    Fate.UNKNOWN: RecipientState.UNKNOWN,
}
INTERRUPTED = "Tradepost was interrupted while it was handed over: it may have been sent"
OUT_OF_SIGHT = "The sender does not see this customer any more"


@dataclass(frozen=True)
class Turn:
    """One call of the job for a mailing; each has a name of its own, and only the latest counts."""

    office: Office
    mailing: UUID
    name: str

    async def begin(self) -> Mailing | None:
        """The mailing, being sent; what a worker that died had in hand is flagged. `None`: it is not our turn."""

        async def body(work: Work) -> Mailing | None:
            mailing = await self._mine(work, MailingState.SCHEDULED, MailingState.SENDING)
            if mailing is None:
                return None
            for one in await work.find(Recipient, where=_under_way(mailing)):
                await work.change(one, state=RecipientState.UNKNOWN, said=INTERRUPTED, at=work.now)
            return await work.change(mailing, state=MailingState.SENDING, problem=None)

        return await self.office.run(body)

    async def _mine(self, work: Work, *states: MailingState) -> Mailing | None:
        try:
            (found,) = await work.locked(Mailing, [self.mailing])
        except NotFound:
            return None  # it was purged
        mine = found.turn == self.name and found.state in states and found.archived_at is None
        return found if mine else None

    async def claim(self, most: int) -> list[Recipient] | None:
        """The next recipients, marked as under way or as suppressed meanwhile; `None` if the turn is over."""

        async def body(work: Work) -> list[Recipient] | None:
            mailing = await self._mine(work, MailingState.SENDING)
            if mailing is None:
                return None
            due = Recipient.due_at.empty() | Recipient.due_at.at_most(work.now)
            where = Recipient.mailing.eq(mailing) & Recipient.state.is_in(WAITING) & due
            found = await work.find(Recipient, where=where, order=("id",), limit=most)
            stopped = await suppressed(work, [one.address for one in found])
            return [await work.change(one, **_claimed(one, stopped, work.now)) for one in found]

        return await self.office.run(body)

    async def settle(self, told: Sequence[tuple[Recipient, Delivery | None]], left: Sequence[Recipient] = ()) -> None:
        """Keep what became of some; `left` were not written to and wait again."""

        async def body(work: Work) -> None:
            for one, delivery in told:
                now = await work.get(Recipient, one.id)
                await work.change(now, **_fate(now, delivery, work.now))
            for one in left:
                now = await work.get(Recipient, one.id)
                await work.change(now, state=RecipientState.WAITING, attempts=now.attempts - 1, at=None)

        await self.office.run(body)

    async def go_on(self, after: timedelta) -> None:
        """Have the next turn come after a while."""

        async def body(work: Work) -> None:
            mailing = await self._mine(work, MailingState.SENDING)
            if mailing is not None:
                await _next(work, mailing, work.now + after)

        await self.office.run(body)

    async def rest(self) -> None:
        """Nobody is due: come again for those who are to be tried later, or be done."""

        async def body(work: Work) -> None:
            mailing = await self._mine(work, MailingState.SENDING)
            if mailing is None:
                return
            where = Recipient.mailing.eq(mailing) & Recipient.state.is_in(WAITING)
            later = await work.find(Recipient, where=where, order=("due_at",), limit=1)
            if later:
                await _next(work, mailing, max(work.now, later[0].due_at or work.now))
            else:
                await work.change(mailing, state=MailingState.DONE, finished_at=work.now, turn=None)

        await self.office.run(body)

    async def stop(self, problem: str) -> None:
        """Pause the mailing, and say why."""

        async def body(work: Work) -> None:
            mailing = await self._mine(work, MailingState.SENDING)
            if mailing is not None:
                await work.change(mailing, state=MailingState.PAUSED, problem=problem, turn=None)

        await self.office.run(body)


async def _next(work: Work, mailing: Mailing, at: datetime) -> None:
    # A name of its own: should the event of this turn be handed out again, it finds its turn over.
    name = str(uuid4())
    await work.later(SEND, at, {"mailing": str(mailing.id), "turn": name})
    await work.change(mailing, turn=name)


def _under_way(mailing: Mailing) -> Condition:
    return Recipient.mailing.eq(mailing) & Recipient.state.eq(RecipientState.SENDING)


def _claimed(one: Recipient, stopped: set[str], at: datetime) -> Mapping[str, object]:
    if one.address.casefold() in stopped:
        return {"state": RecipientState.SUPPRESSED, "at": at}
    return {"state": RecipientState.SENDING, "attempts": one.attempts + 1, "at": at}


def _fate(one: Recipient, delivery: Delivery | None, at: datetime) -> Mapping[str, object]:
    """What is kept of a delivery; what was put off too often is given up."""
    if delivery is None:
        return {"state": RecipientState.SKIPPED, "said": OUT_OF_SIGHT, "at": at}
    values: dict[str, object] = {"state": STATES[delivery.fate], "said": delivery.said or None, "at": at}
    if delivery.fate is not Fate.DEFERRED:
        return values | {"due_at": None}
    if one.attempts >= MOST_ATTEMPTS:
        return values | {"state": RecipientState.REFUSED, "due_at": None}
    return values | {"due_at": at + FIRST_WAIT * 2 ** (one.attempts - 1)}
