"""The sample company's marketing: segments, campaigns with members, a mailing that went out, a form and its enquiries."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from core.access import Caller
from core.app import Kernel
from core.money import money
from core.users import User
from core.work import Work
from tradepost.marketing import (
    Answer,
    Audience,
    Campaign,
    CampaignStage,
    Enquiry,
    Form,
    FormQuestion,
    Mailing,
    MailingState,
    Measure,
    Member,
    Recipient,
    RecipientState,
    Segment,
    Suppression,
    SuppressionReason,
)
from tradepost.sales import Contact, Customer, Lead, Source

MEMBERS, RECIPIENTS, ENQUIRIES = 24, 40, 6
OPEN = {"some": "opportunities", "where": {"all": [{"field": "stage.kind", "how": "in", "value": ["open"]}]}}
SILENT = {"none": "follow_ups", "where": {"all": [{"field": "at", "how": "last_days", "value": 14}]}}
SEGMENTS = (
    ("Open business, silent for 14 days", {"all": [OPEN, SILENT]}),
    ("制造业重点客户", {"all": [{"field": "industry", "how": "in", "value": ["manufacturing"]}, OPEN]}),
    ("주요 고객", {"all": [{"field": "level", "how": "in", "value": ["key"]}]}),
)
CAMPAIGNS = (
    ("Pump fair in Hannover", Measure.EVENT, CampaignStage.PLANNED, 60, 40_000),
    ("Seals that last: newsletter", Measure.EMAIL, CampaignStage.RUNNING, -10, 3_000),
    ("春季客户答谢会", Measure.EVENT, CampaignStage.RUNNING, -3, 12_000),
    ("신제품 출시 안내", Measure.EMAIL, CampaignStage.IDEA, 90, 5_000),
    ("Trade journal advertisement", Measure.ADVERTISING, CampaignStage.CLOSED, -200, 8_000),
)
FATES = (*[RecipientState.SENT] * 17, RecipientState.REFUSED, RecipientState.UNKNOWN, RecipientState.SUPPRESSED)


async def promote(kernel: Kernel, caller: Caller, marketer: str, chance: Random) -> None:
    """Make the records of marketing; `marketer` is the login of whose they are."""
    await kernel.operations.run(caller, lambda work: _promote(work, marketer, chance))


async def _promote(work: Work, marketer: str, chance: Random) -> None:
    (person,) = await work.find(User, where=User.login.eq(marketer))
    segments = [
        await work.create(Segment, name=name, conditions=conditions, owner=person.id) for name, conditions in SEGMENTS
    ]
    campaigns = [await _campaign(work, person, segments[0], row) for row in CAMPAIGNS]
    customers = await work.find(Customer, limit=200, fields=("name",))
    for campaign in campaigns[1:3]:
        for customer in chance.sample(customers, min(MEMBERS, len(customers))):
            await work.create(Member, campaign=campaign, customer=customer.id, answer=chance.choice(list(Answer)))
    await _mailing(work, person, segments[0], campaigns[1])
    await _form(work, person, campaigns[0])


async def _campaign(
    work: Work, person: User, segment: Segment, row: tuple[str, Measure, CampaignStage, int, int]
) -> Campaign:
    name, kind, stage, days, budget = row
    start = work.now.date() + timedelta(days=days)
    return await work.create(
        Campaign,
        name=name,
        kind=kind,
        stage=stage,
        segment=segment.id,
        starts_on=start,
        ends_on=start + timedelta(days=30),
        budget=money(str(budget), "EUR"),
        cost=money(str(budget // 3), "EUR") if days < 0 else None,
        plan="1. Choose the segment. 2. Write and test the mail. 3. Call those who are interested.",
        owner=person.id,
    )


async def _mailing(work: Work, person: User, segment: Segment, campaign: Campaign) -> None:
    begun = work.now - timedelta(days=9)
    made = await work.create(
        Mailing,
        subject="Seals that last longer",
        body="Dear {{ name }},\n\nour new seals last twice as long. Shall we show you?\n\nLantern Pumps",
        segment=segment.id,
        audience=Audience.CONTACTS,
        campaign=campaign,
        state=MailingState.DONE,
        sender=person.id,
        starts_at=begun,
        finished_at=begun + timedelta(minutes=2),
        owner=person.id,
    )
    people = await work.find(Contact, limit=RECIPIENTS, fields=("name", "customer"))
    for number, one in enumerate(people):
        address = f"contact{number + 1}@customers.example"
        await work.change(one, emails=[address])
        state = FATES[number % len(FATES)]
        said = {RecipientState.SENT: "250 taken", RecipientState.REFUSED: "550 no such user"}.get(state)
        values = {"address": address, "name": one.name, "state": state, "said": said, "at": begun}
        await work.create(Recipient, mailing=made, customer=one.customer, contact=one.id, **values)
        if state is RecipientState.SUPPRESSED:
            await work.create(Suppression, address=address, reason=SuppressionReason.UNSUBSCRIBED, owner=person.id)


async def _form(work: Work, person: User, campaign: Campaign) -> None:
    form = await work.create(
        Form,
        name="Ask for an offer",
        address="offer",
        introduction="Tell us what you pump, and we will answer within a day.",
        campaign=campaign,
        owner=person.id,
    )
    await work.create(FormQuestion, form=form, question="What do you pump?", required=True)
    leads = await work.find(Lead, where=Lead.source.eq(Source.WEBSITE), limit=ENQUIRIES)
    for lead in leads:
        told = {"form": form, "campaign": campaign, "lead": lead.id, "owner": person.id}
        await work.create(
            Enquiry, summary=f"{lead.company}: {form.name}"[:200], answers="What do you pump?: Water", **told
        )
