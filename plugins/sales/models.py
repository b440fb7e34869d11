"""What sales remembers: products, pipelines, leads, customers, contacts, opportunities, orders, follow-ups."""

from __future__ import annotations

from decimal import Decimal

from plugins.sales.choices import (
    DecisionRole,
    Industry,
    LeadStatus,
    Level,
    Method,
    OrderKind,
    OrderState,
    PaymentMethod,
    Reason,
    Source,
    StageKind,
)
from tradepost import Meta, Model
from tradepost.fields import (
    boolean,
    choice,
    date,
    decimal,
    email,
    emails,
    integer,
    link,
    moment,
    money,
    note,
    phones,
    position,
    tags,
    text,
    url,
)


class Product(Model):
    """Something that the company sells."""

    meta = Meta(title="name", order=("name",), key=("code",), indexes=(("category", "name"),))

    code = text(64, required=True, unique=True, search=True, help="By which it is known in catalogues and imports")
    name = text(200, required=True, search=True)
    category = text(120, search=True)
    unit = text(32, default="piece", help="What a quantity of one means")
    price = money(minimum=0, label="List price")
    on_shelf = boolean(default=True, help="Only products on the shelf can be chosen for an opportunity")
    description = note()


class PriceChange(Model):
    """A list price that a product had from a day on."""

    meta = Meta(part_of="product", append_only=True, order=("-created_at",))

    product = link(Product, required=True, back="price_changes", readonly=True)
    price = money(readonly=True, help="The price from then on; empty if it was taken away")


class Pipeline(Model):
    """A way of selling, as a row of stages that an opportunity passes."""

    meta = Meta(order=("name",), key=("name",))

    name = text(120, required=True, unique=True, search=True)
    description = note()


class Stage(Model):
    """A step of a pipeline, with the chance that an opportunity in it is won."""

    meta = Meta(
        order=("pipeline.name", "place"),
        key=("pipeline.name", "name"),
        part_of="pipeline",
        together=(("pipeline", "name"),),
    )

    pipeline = link(Pipeline, required=True, back="stages")
    name = text(120, required=True)
    kind = choice(StageKind, default=StageKind.OPEN, help="Reaching a won or lost stage closes an opportunity")
    win_rate = integer(default=0, minimum=0, help="The chance of winning, in percent")
    place = integer(default=0, minimum=0, help="Stages are shown in the order of their places")


class Customer(Model):
    """A company or person that buys, or may buy."""

    meta = Meta(order=("name",), key=("name",), indexes=(("industry", "name"), ("level", "name")))

    name = text(200, required=True, search=True)
    number = text(64, unique=True, search=True, help="By which it is known elsewhere")
    parent = link("self", back="subsidiaries", label="Parent company")
    level = choice(Level, help="How much the customer matters")
    industry = choice(Industry)
    source = choice(Source)
    region = text(120, search=True)
    annual_turnover = money(minimum=0)
    employees = integer(minimum=0)
    founded = integer(minimum=0, label="Founded in", help="The year")
    address = text(255, search=True)
    position = position(help="Where it is on the map")
    website = url()
    phones = phones()
    email = email(search=True)
    tags = tags(search=True)
    next_contact = moment(help="When to get in touch again")
    remark = note()


class Contact(Model):
    """A person at a customer."""

    meta = Meta(order=("name",), key=("customer.name", "name"))

    name = text(120, required=True, search=True)
    customer = link(Customer, required=True, back="contacts")
    post = text(120, search=True, help="What the person does there")
    decision_role = choice(DecisionRole)
    phones = phones()
    emails = emails(label="E-mail addresses")
    birthday = date()
    next_contact = moment(help="When to get in touch again")
    remark = note()


class Opportunity(Model):
    """A chance to sell something."""

    meta = Meta(
        plural="opportunities",
        key=("number",),
        indexes=(("pipeline", "stage"), ("stage", "closed_on"), ("stage", "expected_close")),
    )

    name = text(200, required=True, search=True)
    number = text(64, unique=True, search=True, help="By which it is known elsewhere")
    customer = link(Customer, back="opportunities")
    contact = link(Contact, back="opportunities", help="With whom it is talked about")
    pipeline = link(Pipeline, required=True, back="opportunities")
    stage = link(Stage, required=True, back="opportunities")
    amount = money(minimum=0, label="Agreed amount")
    source = choice(Source)
    expected_close = date(help="When it is likely to be decided")
    engaged_on = date(help="When the customer began to talk about it")
    closed_on = date(help="When it was won or lost; today if left empty")
    reason = choice(Reason, help="Why it was won or lost")
    reason_remark = note(label="More about the reason")
    next_contact = moment(help="When to get in touch again")
    remark = note()


class OpportunityLine(Model):
    """A product that an opportunity is about."""

    meta = Meta(order=("created_at",), part_of="opportunity", key=("opportunity.number", "product.code"))

    opportunity = link(Opportunity, required=True, back="lines")
    product = link(Product, required=True, back="opportunity_lines", where=Product.on_shelf.eq(True))
    price = money(minimum=0, label="Agreed price", help="For one unit; empty means the list price")
    quantity = decimal(3, default=Decimal(1), minimum=0)
    discount = decimal(2, default=Decimal(0), minimum=0, help="In percent of the agreed price")
    remark = text(200)


class StageChange(Model):
    """A step that an opportunity took, and how far it had come before."""

    meta = Meta(part_of="opportunity", append_only=True, order=("-created_at",))

    opportunity = link(Opportunity, required=True, back="stage_changes", readonly=True)
    from_stage = link(Stage, readonly=True, label="From")
    to_stage = link(Stage, required=True, readonly=True, label="To")
    reason = choice(Reason, readonly=True)
    days = decimal(1, minimum=0, readonly=True, help="How long it had been in the stage that it left")


class Lead(Model):
    """A company or person that may become a customer."""

    meta = Meta(title="company", key=("company", "person"), indexes=(("status", "created_at"),))

    company = text(200, required=True, search=True, help="The company, or the person's own name")
    person = text(120, search=True, help="Whom to speak to")
    post = text(120, help="What the person does there")
    phones = phones()
    email = email(search=True)
    address = text(255, search=True)
    source = choice(Source)
    status = choice(LeadStatus, default=LeadStatus.NEW)
    industry = choice(Industry)
    level = choice(Level)
    next_contact = moment(help="When to get in touch again")
    remark = note()
    customer = link(Customer, back="leads", readonly=True, help="What it was converted to")
    contact = link(Contact, back="leads", readonly=True)
    opportunity = link(Opportunity, back="leads", readonly=True)
    converted_at = moment(readonly=True)


class FollowUp(Model):
    """Getting in touch once, and when to do so again."""

    meta = Meta(title="subject", order=("-at",), indexes=(("customer", "at"), ("opportunity", "at"), ("lead", "at")))

    subject = text(200, required=True, search=True, help="What it was about, in one line")
    method = choice(Method, default=Method.PHONE)
    at = moment(label="When", help="When it was; now if left empty")
    note = note(search=True)
    next_contact = moment(help="When to get in touch again; the records it is about are given this time")
    lead = link(Lead, back="follow_ups")
    customer = link(Customer, back="follow_ups")
    contact = link(Contact, back="follow_ups")
    opportunity = link(Opportunity, back="follow_ups")


class Order(Model):
    """What a customer has ordered, and on which terms: the contract."""

    meta = Meta(
        title="number",
        order=("-placed_on", "-number"),
        key=("number",),
        indexes=(("customer", "placed_on"), ("state", "placed_on")),
    )

    number = text(64, unique=True, search=True, help="By which it is known; the next one if left empty")
    kind = choice(OrderKind, default=OrderKind.SALES, help="Goods that are sold, or those of an engineering project")
    customer = link(Customer, required=True, back="orders")
    contact = link(Contact, back="orders")
    opportunity = link(Opportunity, back="orders", help="The opportunity that led to it")
    placed_on = date(label="Date", help="When it was placed; today if left empty")
    required_on = date(help="When the customer wants to have it")
    state = choice(OrderState, default=OrderState.DRAFT, readonly=True)
    total = money(readonly=True, help="The sum of its lines, each rounded half up")
    collected = money(readonly=True, help="What was paid of it so far")
    shipped_on = date(readonly=True)
    ship_to = text(255, label="Ship to", help="The address; that of the customer if left empty")
    terms = note(help="Of payment and delivery")
    remark = note()


class OrderLine(Model):
    """A product of an order, at the price that was agreed."""

    meta = Meta(order=("created_at",), part_of="order", key=("order.number", "product.code"))

    order = link(Order, required=True, back="lines")
    product = link(Product, required=True, back="order_lines", where=Product.on_shelf.eq(True))
    price = money(minimum=0, label="Agreed price", help="For one unit; the list price if left empty")
    quantity = decimal(3, default=Decimal(1), minimum=0)
    discount = decimal(2, default=Decimal(0), minimum=0, help="In percent of the agreed price")
    total = money(readonly=True, help="What the line comes to, rounded half up")
    remark = text(200)


class Collection(Model):
    """Money that a customer pays for an order."""

    meta = Meta(order=("due_on", "created_at"), part_of="order", indexes=(("received_on",), ("due_on",)))

    order = link(Order, required=True, back="collections")
    amount = money(minimum=0)
    due_on = date(help="When it is to be paid")
    received_on = date(help="When it was paid; empty: it is waited for")
    method = choice(PaymentMethod)
    remark = text(200)
