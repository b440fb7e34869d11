"""What the service desk remembers: tickets and what was said about them, skills, service levels, knowledge."""

from __future__ import annotations

from decimal import Decimal

from plugins.service_desk.choices import Channel, Priority, Satisfaction, TermWarning, TicketKind, TicketState
from tradepost import Meta, Model, User
from tradepost.fields import boolean, choice, date, decimal, integer, link, moment, note, text
from tradepost.sales import Contact, Customer, Product


class Skill(Model):
    """Something that not everybody can help with."""

    meta = Meta(order=("name",), key=("name",))

    name = text(80, required=True, unique=True, search=True)
    description = note()


class Speciality(Model):
    """A skill that somebody has."""

    meta = Meta(plural="specialities", part_of="skill", order=("user.name",))

    skill = link(Skill, required=True, back="specialities")
    user = link(User, required=True)
    remark = text(200, help="A certificate, for example")


class ServiceLevel(Model):
    """How soon a ticket of a priority is answered and solved, in business hours."""

    meta = Meta(title="name", order=("priority", "name"), key=("name",))

    name = text(80, required=True)
    priority = choice(Priority, required=True, help="Of several levels for one priority the newest counts")
    response_minutes = integer(required=True, minimum=1, help="Business minutes until the first public reply")
    resolution_minutes = integer(required=True, minimum=1, help="Business minutes until it is solved")
    warning_minutes = integer(default=30, minimum=0, help="Business minutes before either that a warning comes")


class Agreement(Model):
    """What we owe a customer in service, from one day to another."""

    meta = Meta(order=("-starts_on",), key=("number",), indexes=(("customer", "ends_on"), ("ends_on",)))

    name = text(200, required=True, search=True, help="What it is about, in one line")
    number = text(64, unique=True, search=True, help="By which it is known to both sides")
    customer = link(Customer, required=True, back="agreements")
    product = link(Product, back="agreements", help="What is served; empty: everything that the customer has")
    starts_on = date(required=True)
    ends_on = date(help="The last day; empty: until further notice")
    services = note(search=True, help="What is owed: inspections, spare parts, times")


class Ticket(Model):
    """Something that a customer wants of us, until it is solved."""

    meta = Meta(
        title="subject",
        key=("number",),
        indexes=(("state", "created_at"), ("customer", "created_at"), ("kind", "created_at")),
    )

    subject = text(200, required=True, search=True, help="What it is about, in one line")
    number = text(32, unique=True, readonly=True, search=True, help="By which everybody names it")
    kind = choice(TicketKind, default=TicketKind.REQUEST)
    customer = link(Customer, back="tickets")
    contact = link(Contact, back="tickets")
    agreement = link(Agreement, back="tickets", help="Under which it is served")
    product = link(Product, back="tickets", help="What it is about, or what is faulty")
    faulty = boolean(label="The product is faulty")
    channel = choice(Channel, default=Channel.PHONE)
    priority = choice(Priority, default=Priority.NORMAL)
    skill = link(Skill, back="tickets", help="What one must know to solve it; empty: anybody may")
    description = note(search=True)
    solution = note(search=True, help="How it was solved")
    satisfaction = choice(Satisfaction, help="What the customer says of it")
    state = choice(TicketState, default=TicketState.NEW, readonly=True)
    response_due = moment(readonly=True, help="When the first public reply is due")
    resolution_due = moment(readonly=True, help="When it is to be solved; later by the time that the customer took")
    responded_at = moment(readonly=True)
    solved_at = moment(readonly=True)
    waiting_since = moment(readonly=True, help="Since when the customer is waited for")
    waited_minutes = integer(default=0, readonly=True, help="Business minutes that the customer took")
    response_minutes = integer(readonly=True, help="Business minutes until the first public reply")
    resolution_minutes = integer(readonly=True, help="Business minutes until it was solved, without the waiting")
    warned_at = moment(readonly=True, help="When a term was about to be missed")
    breached = boolean(readonly=True, help="A term was missed")


class Reply(Model):
    """What the customer was told, or said."""

    meta = Meta(plural="replies", part_of="ticket", append_only=True, order=("created_at",))

    ticket = link(Ticket, required=True, back="replies", readonly=True)
    text = note(required=True, readonly=True)
    from_customer = boolean(readonly=True)


class InternalNote(Model):
    """What colleagues tell each other about a ticket; the customer never sees it."""

    meta = Meta(part_of="ticket", append_only=True, order=("created_at",))

    ticket = link(Ticket, required=True, back="internal_notes", readonly=True)
    text = note(readonly=True)
    warning = choice(TermWarning, readonly=True, help="Of a term, told by Tradepost itself")


class Replacement(Model):
    """A part that was replaced to solve a ticket."""

    meta = Meta(part_of="ticket", order=("created_at",))

    ticket = link(Ticket, required=True, back="replacements")
    part = link(Product, required=True, back="replacements")
    quantity = decimal(3, default=Decimal(1), minimum=0)
    serial = text(64, search=True, label="Serial number", help="Of the new part")
    remark = text(200, help="What was wrong with the old one")


class Article(Model):
    """A question with its answer, for everybody in the firm."""

    meta = Meta(title="question", order=("question",))

    question = text(200, required=True, search=True)
    answer = note(required=True, search=True)
    skill = link(Skill, back="articles")
    product = link(Product, back="articles")
    ticket = link(Ticket, back="articles", readonly=True, help="The enquiry that it came from")
