"""The pages of marketing, and what stands on the pages of segments, mailings, campaigns and forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from plugins.marketing.builder import in_segment, show_builder, take_builder
from plugins.marketing.choices import Answer, MailingState, RecipientState
from plugins.marketing.merging import known_paths
from plugins.marketing.models import Campaign, Form, Mailing, Member, Recipient, Segment
from plugins.marketing.public import show_form, show_leave, take_form, take_leave
from tradepost import hookimpl
from tradepost.figures import Function, Measure
from tradepost.pages import Inset, Page, Reply, Visit

COUNT = Measure("count", Function.COUNT)
MOVING = (MailingState.SCHEDULED, MailingState.SENDING)
UNSETTLED = ("waiting", "deferred", "sending")


async def progress(visit: Visit) -> Reply:
    """How far a mailing is."""
    record = visit.id()
    return visit.show("progress.html", part="progress", values=await how_far(visit, record), standing=True)


async def how_far(visit: Visit, record: UUID) -> Mapping[str, Any]:
    """How many of a mailing's recipients are in which state; the states' lists."""
    mailing = await visit.desk.get(Mailing, record)
    rows = await visit.desk.figures(Recipient, COUNT, by=("state",), where=Recipient.mailing.eq(mailing))
    counts = {row["state"]: row["count"] for row in rows}
    total = sum(counts.values())
    left = sum(counts.get(one.upper(), 0) for one in UNSETTLED)
    return {
        "id": record,
        "moving": mailing.state in MOVING,
        "state": visit.gettext(mailing.state.name.capitalize()),
        "problem": visit.gettext(mailing.problem) if mailing.problem else "",
        "total": total,
        "settled": total - left,
        "shown": visit.number(total - left),
        "of": visit.number(total),
        "states": [
            (
                visit.gettext(one.name.capitalize()),
                visit.number(counts[one.name]),
                visit.address(Recipient, query=f"mailing={record}&state={one.value}"),
            )
            for one in RecipientState
            if counts.get(one.name)
        ],
    }


async def fields_of(visit: Visit, record: UUID) -> Mapping[str, Any] | None:
    """The merge fields that may be written into a mailing that is not under way yet."""
    mailing = await visit.desk.get(Mailing, record, ("state", "audience"))
    if mailing.state is not MailingState.DRAFT:
        return None
    return {"fields": list(known_paths(visit.desk.criteria, mailing.audience))}


async def answers(visit: Visit, record: UUID) -> Mapping[str, Any] | None:
    """What the members of a campaign made of it."""
    campaign = await visit.desk.get(Campaign, record, ("id",))
    rows = await visit.desk.figures(Member, COUNT, by=("answer",), where=Member.campaign.eq(campaign))
    found = {row["answer"]: row["count"] for row in rows}
    lines = [
        (
            visit.gettext(one.name.replace("_", " ").capitalize()),
            visit.number(found[one.name]),
            visit.address(Member, query=f"campaign={record}&answer={one.value}"),
        )
        for one in Answer
        if found.get(one.name)
    ]
    return {"lines": lines} if lines else None


async def embedding(visit: Visit, record: UUID) -> Mapping[str, Any] | None:
    """Where a form is, and what another site is given to show it."""
    form = await visit.desk.get(Form, record)
    href = visit.outside(f"/marketing/form/{form.address}")
    return {"href": href, "active": form.active, "title": form.name}


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """The builder, the progress of a mailing, forms, and the way out."""
    return (
        Page("conditions/{id}", show_builder, take_builder, permission="marketing.segment.read"),
        Page("progress/{id}", progress, permission="marketing.mailing.read"),
        Page("form/{address}", show_form, take_form, public=True, embedded=True),
        Page("leave/{token}", show_leave, take_leave, public=True),
    )


@hookimpl
def tradepost_panels() -> Sequence[Inset]:
    """Who is in a segment, how far a mailing is, what came of a campaign, how a form is embedded."""
    return (
        Inset(Segment, "In the segment", "segment.html", in_segment, "sales.customer.read", place=10),
        Inset(Mailing, "Progress", "panel.html", how_far, place=10),
        Inset(Mailing, "Merge fields", "fields.html", fields_of, place=20),
        Inset(Campaign, "Answers", "answers.html", answers, place=10),
        Inset(Form, "On the web", "embed.html", embedding, place=10),
    )
