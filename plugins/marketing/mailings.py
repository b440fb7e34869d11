"""How a mailing is checked, begun, paused and gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import uuid4

from plugins.marketing.choices import MailingState
from plugins.marketing.merging import check_text
from plugins.marketing.models import Mailing, Segment
from plugins.marketing.resources import condition_of
from tradepost import Refused, Resource, Work, action
from tradepost.fields import email

SEND, TEST = "marketing.send", "marketing.test"
TEXTS = ("subject", "body", "html")
SETTLED = (*TEXTS, "segment", "audience")
BEGUN = (MailingState.SCHEDULED, MailingState.SENDING)
Address = Annotated[str, email(required=True)]


class Mailings(Resource[Mailing]):
    """Mailings, and how far they have come."""

    columns = ("subject", "segment", "campaign", "state", "starts_at", "finished_at", "owner")
    filters = ("state", "campaign", "segment", "owner", "starts_at")
    form: ClassVar = {
        "To whom": ("segment", "audience", "campaign"),
        "What": ("subject", "body", "html"),
        "How fast": ("per_minute",),
    }
    related = ("recipients",)
    timeline = "starts_at"
    icon = "mail"
    menu = 20

    @action(bulk=False, label="Send a test mail")
    async def test(self, work: Work, mailing: Mailing, address: Address) -> Mailing:
        """Send it to one address of yours, as the first customer of the segment would get it."""
        payload = {"mailing": str(mailing.id), "address": address}
        await work.later(TEST, work.now, payload)
        return mailing

    @action(bulk=False, when=Mailing.state.eq(MailingState.DRAFT), otherwise="It was begun already")
    async def start(self, work: Work, mailing: Mailing, at: datetime | None = None) -> Mailing:
        """Send it to everybody in the segment, now or at a time."""
        await self._texts_may_be_sent(work, mailing)
        condition_of(work.criteria, await work.get(Segment, mailing.segment.id))
        if at is not None and at < work.now:
            raise Refused("This time is over", field="at")
        state = MailingState.SCHEDULED if at else MailingState.SENDING
        return await self._go(work, mailing, state, at or work.now, sender=work.caller.user_id)

    @action(bulk=False, when=Mailing.state.is_in(BEGUN), otherwise="It is not being sent")
    async def pause(self, work: Work, mailing: Mailing) -> Mailing:
        """Stop after the mails that are under way."""
        return await work.change(mailing, state=MailingState.PAUSED, turn=None)

    @action(bulk=False, when=Mailing.state.eq(MailingState.PAUSED), otherwise="It is not paused")
    async def resume(self, work: Work, mailing: Mailing) -> Mailing:
        """Go on with those who have not got it yet."""
        return await self._go(work, mailing, MailingState.SENDING, work.now, problem=None)

    async def _go(self, work: Work, mailing: Mailing, state: MailingState, at: datetime, **values: object) -> Mailing:
        turn = str(uuid4())
        await work.later(SEND, at, {"mailing": str(mailing.id), "turn": turn})
        first = {} if mailing.starts_at and mailing.starts_at <= work.now else {"starts_at": at}
        return await work.change(mailing, state=state, turn=turn, **first, **values)

    async def check(self, work: Work, before: Mailing | None, after: Mailing) -> None:
        """Hold to merge fields that its author may see, and to the text once it is under way."""
        changed: Sequence[str] = [name for name in SETTLED if before is None or before.value(name) != after.value(name)]
        if before is not None and before.state is not MailingState.DRAFT and changed:
            raise Refused("It is under way and is not changed any more", field=changed[0], code="state")
        if changed:
            await self._texts_may_be_sent(work, after)

    async def _texts_may_be_sent(self, work: Work, mailing: Mailing) -> None:
        for name in TEXTS:
            check_text(work.criteria, mailing.audience, name, mailing.value(name))
