"""Following up a call with one hand: its outcome, a note and the next contact, in a few presses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from plugins.sales.choices import Method
from plugins.sales.models import Contact, Customer, FollowUp, Lead
from tradepost import Field, Model, NotFound, Work, hookimpl
from tradepost.fields import choice, note
from tradepost.pages import Entered, Inset, Page, Reply, Visit

CREATE = "sales.follow_up.create"
ABOUT: Mapping[str, type[Model]] = {"lead": Lead, "customer": Customer, "contact": Contact}


class Outcome(Enum):
    """How a call went."""

    SPOKEN = "spoken"
    NOT_REACHED = "not_reached"
    MESSAGE = "message"
    WRONG_NUMBER = "wrong_number"


class Again(Enum):
    """When to get in touch again."""

    OPEN = "open"
    TOMORROW = "tomorrow"
    WEEK = "week"
    MONTH = "month"


DAYS = {Again.TOMORROW: 1, Again.WEEK: 7, Again.MONTH: 30}
INPUTS: Mapping[str, Field[Any]] = {
    "outcome": choice(Outcome, default=Outcome.SPOKEN, required=True),
    "again": choice(Again, default=Again.OPEN, required=True),
    "note": note(),
}


async def show_call(visit: Visit) -> Reply:
    """The form after a call."""
    return await _form(visit)


async def log_call(visit: Visit) -> Reply:
    """Keep the call as a follow-up of the record, and when the next contact is due."""
    entered = await visit.entered(INPUTS)
    kind, record = _about(visit)
    if entered.problems:
        return await _form(visit, entered)
    outcome, again = entered.values["outcome"], entered.values["again"]
    due = visit.now() + timedelta(days=DAYS[again]) if again in DAYS else None
    subject = visit.gettext("Call: %(outcome)s", outcome=_outcomes(visit)[outcome])

    async def body(work: Work) -> None:
        values = {"subject": subject, "method": Method.PHONE, "note": entered.values.get("note"), "next_contact": due}
        await work.create(FollowUp, **values, **{kind: record})

    await visit.run(body)
    return visit.goto(visit.address(ABOUT[kind], record), visit.gettext("The call is noted"))


async def _form(visit: Visit, entered: Entered | None = None) -> Reply:
    kind, record = _about(visit)
    (remark,) = visit.controls({"note": INPUTS["note"]}, entered)
    written = entered.written if entered else {}
    chosen = {name: written.get(name, (first, ""))[0] for name, first in (("outcome", "spoken"), ("again", "open"))}
    return visit.show(
        "call.html",
        part="form",
        status=422 if entered else 200,
        action=_address(kind, record),
        back=visit.address(ABOUT[kind], record),
        title=await visit.title(ABOUT[kind], record),
        outcomes=[(one.value, text) for one, text in _outcomes(visit).items()],
        times=[(one.value, text) for one, text in _times(visit).items()],
        chosen=chosen,
        remark=remark,
    )


def _outcomes(visit: Visit) -> dict[Outcome, str]:
    return {
        Outcome.SPOKEN: visit.gettext("Spoken to"),
        Outcome.NOT_REACHED: visit.gettext("Not reached"),
        Outcome.MESSAGE: visit.gettext("Message left"),
        Outcome.WRONG_NUMBER: visit.gettext("Wrong number"),
    }


def _times(visit: Visit) -> dict[Again, str]:
    return {
        Again.OPEN: visit.gettext("Open, no date"),
        Again.TOMORROW: visit.gettext("Tomorrow"),
        Again.WEEK: visit.gettext("In a week"),
        Again.MONTH: visit.gettext("In a month"),
    }


def _about(visit: Visit) -> tuple[str, UUID]:
    kind = visit.param("kind")
    if kind not in ABOUT:
        raise NotFound
    return kind, visit.id()


def _address(kind: str, record: UUID) -> str:
    return f"/sales/call/{kind}/{record}"


def _beside(kind: str) -> Inset:
    async def load(_: Visit, record: UUID) -> Mapping[str, Any] | None:
        return {"address": _address(kind, record)}

    return Inset(ABOUT[kind], "Calls", "after_call.html", load, CREATE, place=5)


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """The form after a call."""
    return (Page("call/{kind}/{id}", show_call, log_call, permission=CREATE),)


@hookimpl
def tradepost_panels() -> Sequence[Inset]:
    """The way to the form, on the pages of those who can be called."""
    return tuple(_beside(kind) for kind in ABOUT)
