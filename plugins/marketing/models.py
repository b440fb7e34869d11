"""What marketing remembers: segments, campaigns and their members, mailings, who gets no mail, forms and enquiries."""

from __future__ import annotations

from plugins.marketing.choices import (
    Answer,
    Audience,
    CampaignStage,
    MailingState,
    Measure,
    RecipientState,
    SuppressionReason,
)
from tradepost import Meta, Model, User
from tradepost.fields import boolean, choice, data, date, email, integer, link, moment, money, note, text
from tradepost.sales import Contact, Customer, Lead, Source


class Segment(Model):
    """Customers that fulfil some conditions, now and whenever one looks."""

    meta = Meta(order=("name",), key=("name",))

    name = text(120, required=True, unique=True, search=True)
    description = note(search=True)
    conditions = data(readonly=False)


class Campaign(Model):
    """Something done to win customers, with its plan, its cost and whom it is for."""

    meta = Meta(order=("-starts_on", "name"), key=("name",), indexes=(("stage", "starts_on"),))

    name = text(200, required=True, search=True)
    kind = choice(Measure, default=Measure.EMAIL)
    stage = choice(CampaignStage, default=CampaignStage.IDEA, readonly=True)
    segment = link(Segment, back="campaigns", help="Whom it is for")
    starts_on = date()
    ends_on = date()
    budget = money(minimum=0)
    cost = money(minimum=0, help="What it has cost so far")
    plan = note(search=True, help="What is to be done by whom until when")
    evaluation = note(search=True, help="What came of it, and what to do better")


class Member(Model):
    """A customer that a campaign is for."""

    meta = Meta(part_of="campaign", order=("created_at",))

    campaign = link(Campaign, required=True, back="members")
    customer = link(Customer, required=True, back="campaign_members")
    answer = choice(Answer, default=Answer.CHOSEN)
    remark = text(200)


class Mailing(Model):
    """A mail to each customer or contact of a segment."""

    meta = Meta(title="subject", indexes=(("state", "created_at"),))

    subject = text(200, required=True, search=True, help="May hold merge fields, too")
    state = choice(MailingState, default=MailingState.DRAFT, readonly=True)
    segment = link(Segment, required=True, back="mailings", help="To whom it goes")
    audience = choice(Audience, default=Audience.CUSTOMERS, help="Whose addresses are written to")
    campaign = link(Campaign, back="mailings")
    body = note(required=True, label="Text", help="Merge fields: {{ name }}, {{ customer.region }}, {{ contact.post }}")
    html = note(label="Designed text (HTML)", help="Beside the plain text, for programs that show it")
    per_minute = integer(default=600, minimum=1, label="Mails a minute", help="As many as the mail server allows")
    sender = link(User, readonly=True, help="With whose rights it is sent")
    starts_at = moment(readonly=True)
    finished_at = moment(readonly=True)
    problem = text(300, readonly=True, help="What it waits for")
    reached = data()  # how far its recipients are gathered
    turn = data()  # which of its jobs is at work


class Recipient(Model):
    """A person to whom a mailing goes, and what became of it."""

    meta = Meta(
        title="address",
        part_of="mailing",
        order=("created_at",),
        together=(("mailing", "address"),),
        indexes=(("mailing", "state"),),
    )

    mailing = link(Mailing, required=True, back="recipients", readonly=True)
    address = text(254, required=True, readonly=True)
    name = text(200, readonly=True)
    customer = link(Customer, back="mails", readonly=True)
    contact = link(Contact, back="mails", readonly=True)
    state = choice(RecipientState, default=RecipientState.WAITING, readonly=True)
    at = moment(readonly=True, label="When")
    said = text(300, readonly=True, help="What the mail server said")
    attempts = integer(default=0, readonly=True)
    due_at = moment(readonly=True, help="When it is tried again")
    left_at = moment(readonly=True, help="When the person unsubscribed with this mail")
    token = data()


class Suppression(Model):
    """An address that no mailing is ever sent to."""

    meta = Meta(title="address", order=("address",), key=("address",))

    address = email(required=True, unique=True, search=True)
    reason = choice(SuppressionReason, default=SuppressionReason.ASKED)
    remark = text(200)


class Form(Model):
    """A form on the web whose answers become leads."""

    meta = Meta(title="name", order=("name",), key=("address",))

    name = text(120, required=True, search=True, help="Its heading")
    address = text(60, required=True, unique=True, help="The last part of its address: small letters, digits, hyphens")
    introduction = note(help="Stands above the questions")
    thanks = text(300, default="Thank you. We will get in touch.", help="Shown once it is sent")
    campaign = link(Campaign, back="forms")
    source = choice(Source, default=Source.WEBSITE, help="Given to the leads")
    active = boolean(default=True, help="Only then it can be filled in")
    asks_phone = boolean(default=True, label="Asks for a phone number")
    asks_post = boolean(label="Asks what the person does")
    asks_address = boolean(label="Asks for the postal address")
    asks_message = boolean(default=True, label="Asks for a message")


class FormQuestion(Model):
    """A question of one's own on a form."""

    meta = Meta(part_of="form", order=("place", "created_at"), title="question")

    form = link(Form, required=True, back="questions")
    question = text(200, required=True)
    required = boolean(label="Must be answered")
    place = integer(default=0, minimum=0, help="Questions stand in the order of their places")


class Enquiry(Model):
    """What somebody asked, by a form or otherwise, and the lead that it became."""

    meta = Meta(plural="enquiries", title="summary", indexes=(("campaign", "created_at"),))

    summary = text(200, required=True, search=True)
    form = link(Form, back="enquiries", readonly=True)
    campaign = link(Campaign, back="enquiries")
    lead = link(Lead, back="enquiries")
    answers = note(search=True)
