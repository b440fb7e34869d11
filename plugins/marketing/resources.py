"""How segments, campaigns, forms and what belongs to them are shown, checked and changed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from plugins.marketing.choices import CampaignStage
from plugins.marketing.models import Campaign, Enquiry, Form, FormQuestion, Member, Recipient, Segment, Suppression
from tradepost import Condition, Refused, Resource, Work, action
from tradepost.criteria import Criteria
from tradepost.sales import Customer

ADDRESS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
STAGES = tuple(CampaignStage)
MOST_MEMBERS = 1_000
ALL: dict[str, object] = {"all": []}


def condition_of(criteria: Criteria, segment: Segment) -> Condition:
    """What a customer of a segment fulfils, as far as whoever asks may know it."""
    return criteria.condition(Customer, segment.conditions or ALL)


class Segments(Resource[Segment]):
    """Saved conditions on customers."""

    columns = ("name", "description", "owner", "updated_at")
    form: ClassVar = {"Segment": ("name", "description")}
    related = ("campaigns", "mailings")
    icon = "funnel"
    menu = 10

    async def check(self, work: Work, before: Segment | None, after: Segment) -> None:
        """Keep conditions only that make sense, on what their author may see."""
        if before is None or before.conditions != after.conditions:
            try:
                condition_of(work.criteria, after)
            except Refused as fault:
                (one, *_) = fault.problems
                place = ".".join(str(int(step) + 1) for step in (one.field or "").split(".") if step.isdigit())
                if not place:
                    raise Refused(problems=[replace(one, field="conditions")]) from None
                told = one.message % dict(one.values)
                raise Refused(
                    "Condition %(place)s: %(fault)s", field="conditions", code=one.code, place=place, fault=told
                ) from None


class Campaigns(Resource[Campaign]):
    """Campaigns, from the idea to what was learnt."""

    columns = ("name", "kind", "stage", "starts_on", "ends_on", "budget", "cost", "owner")
    filters = ("stage", "kind", "owner", "starts_on", "segment")
    form: ClassVar = {
        "What": ("name", "kind", "segment"),
        "When and for how much": ("starts_on", "ends_on", "budget", "cost"),
        "Plan and result": ("plan", "evaluation"),
    }
    board = "stage"
    amount = "budget"
    related = ("members", "mailings", "enquiries", "forms")
    timeline = "starts_on"
    icon = "megaphone"
    menu = 5

    @action(when=Campaign.stage.is_in(STAGES[:-1]), otherwise="The campaign is closed already")
    async def advance(self, work: Work, campaign: Campaign) -> Campaign:
        """Go on to the next stage."""
        return await work.change(campaign, stage=STAGES[STAGES.index(campaign.stage) + 1])

    @action(when=Campaign.stage.is_in(STAGES[1:]), otherwise="The campaign is at its first stage")
    async def go_back(self, work: Work, campaign: Campaign) -> Campaign:
        """Go back to the stage before."""
        return await work.change(campaign, stage=STAGES[STAGES.index(campaign.stage) - 1])

    @action(bulk=False, label="Add the segment's customers")
    async def enlist(self, work: Work, campaign: Campaign, segment: Segment) -> Campaign:
        """Make the customers of a segment members, those who are not yet."""
        where = condition_of(work.criteria, segment)
        found = await work.find(Customer, where=where, fields=("name",), limit=MOST_MEMBERS + 1)
        if len(found) > MOST_MEMBERS:
            raise Refused("More than %(most)s customers; narrow the segment", field="segment", most=MOST_MEMBERS)
        there = await work.find(Member, where=Member.campaign.eq(campaign), fields=("customer",))
        known = {one.customer.id for one in there if one.customer}
        rows = [{"campaign": campaign, "customer": one} for one in found if one.id not in known]
        if rows:
            await work.create_all(Member, rows)
        return campaign

    async def check(self, work: Work, before: Campaign | None, after: Campaign) -> None:
        """Nothing ends before it starts."""
        if after.starts_on and after.ends_on and after.ends_on < after.starts_on:
            raise Refused("It ends before it starts", field="ends_on")


class Members(Resource[Member]):
    """Customers of campaigns, and what they made of it."""

    columns = ("customer", "answer", "remark", "updated_at")
    timeline = "created_at"
    icon = "megaphone"
    menu = None


class Recipients(Resource[Recipient]):
    """To whom mailings went."""

    columns = ("address", "name", "customer", "state", "said", "at")
    filters = ("mailing", "state", "at")
    timeline = "at"
    icon = "mail"
    menu = None


class Suppressions(Resource[Suppression]):
    """Addresses that no mailing is sent to."""

    columns = ("address", "reason", "remark", "created_at")
    icon = "ban"
    menu = 40


class Forms(Resource[Form]):
    """Forms on the web."""

    columns = ("name", "address", "active", "campaign", "source")
    form: ClassVar = {
        "Form": ("name", "address", "introduction", "thanks", "active"),
        "What it asks beside name and e-mail": ("asks_phone", "asks_post", "asks_address", "asks_message"),
        "What becomes of it": ("campaign", "source"),
    }
    related = ("questions", "enquiries")
    icon = "clipboard-list"
    menu = 30

    async def check(self, work: Work, before: Form | None, after: Form) -> None:
        """Hold to addresses that fit into a web address."""
        if not ADDRESS.fullmatch(after.address):
            raise Refused("Write small letters, digits and hyphens", field="address")


class FormQuestions(Resource[FormQuestion]):
    """Questions of one's own."""

    columns = ("question", "required", "place")
    menu = None


class Enquiries(Resource[Enquiry]):
    """What was sent by forms."""

    columns = ("summary", "form", "campaign", "lead", "created_at")
    filters = ("form", "campaign", "created_at")
    timeline = "created_at"
    icon = "inbox"
    menu = 35
