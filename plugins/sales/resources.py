"""How products, pipelines, leads, customers, contacts and follow-ups are shown, found, checked and changed."""

from __future__ import annotations

from typing import ClassVar

from plugins.sales.choices import LeadStatus, Level, StageKind
from plugins.sales.conversion import Conversion
from plugins.sales.models import (
    Contact,
    Customer,
    FollowUp,
    Lead,
    Pipeline,
    PriceChange,
    Product,
    Stage,
    StageChange,
)
from tradepost import Money, Refused, Resource, Work, action

DEEPEST_GROUP = 50
USUAL_STAGES = (("Prospecting", 10), ("Engaging", 30), ("Proposal", 50), ("Negotiation", 70))


class Products(Resource[Product]):
    """Products, with their prices as they were."""

    columns = ("name", "code", "category", "unit", "price", "on_shelf")
    filters = ("category", "on_shelf")
    search = ("name", "code", "category")
    form: ClassVar = {"Product": ("name", "code", "category", "unit"), "Sale": ("price", "on_shelf", "description")}
    related = ("price_changes", "opportunity_lines", "order_lines")
    icon = "package"
    menu = 60

    @action(permission="shelve")
    async def put_on_shelf(self, work: Work, product: Product) -> Product:
        """Let the product be chosen for opportunities."""
        return await work.change(product, on_shelf=True)

    @action(permission="shelve")
    async def take_off_shelf(self, work: Work, product: Product) -> Product:
        """Keep the product from being chosen; where it was chosen, it stays."""
        return await work.change(product, on_shelf=False)

    async def changed(self, work: Work, before: Product | None, after: Product) -> None:
        """Keep the history of the price."""
        if after.price != (before.price if before else None):
            await work.create(PriceChange, product=after, price=after.price)


class Pipelines(Resource[Pipeline]):
    """Ways of selling."""

    columns = ("name", "description")
    related = ("stages",)
    icon = "git-branch"
    menu = 70

    @action(label="Add the usual stages")
    async def add_stages(self, work: Work, pipeline: Pipeline) -> Pipeline:
        """Give the pipeline the stages that most companies begin with."""
        if await work.find(Stage, where=Stage.pipeline.eq(pipeline), limit=1):
            raise Refused("The pipeline has stages already")
        for place, (name, rate) in enumerate(USUAL_STAGES, 1):
            await work.create(Stage, pipeline=pipeline, name=name, win_rate=rate, place=place)
        last = len(USUAL_STAGES) + 1
        await work.create(Stage, pipeline=pipeline, name="Won", kind=StageKind.WON, win_rate=100, place=last)
        await work.create(Stage, pipeline=pipeline, name="Lost", kind=StageKind.LOST, win_rate=0, place=last + 1)
        return pipeline


class Stages(Resource[Stage]):
    """Steps of pipelines."""

    columns = ("name", "pipeline", "kind", "win_rate", "place")
    menu = None

    async def check(self, work: Work, before: Stage | None, after: Stage) -> None:
        """Hold the win rate to a percentage."""
        if after.win_rate > 100:
            raise Refused("Write 100 or less", field="win_rate")


class StageChanges(Resource[StageChange]):
    """The history of opportunities."""

    columns = ("opportunity", "from_stage", "to_stage", "days", "created_at", "created_by", "reason")
    filters = ("from_stage", "to_stage", "to_stage.kind", "reason", "created_at")
    menu = None


class PriceChanges(Resource[PriceChange]):
    """The history of prices."""

    columns = ("product", "price", "created_by", "created_at")
    menu = None


class Leads(Resource[Lead]):
    """Leads, and how they become customers."""

    columns = ("company", "person", "phones", "status", "source", "level", "owner", "next_contact", "created_at")
    filters = ("status", "source", "industry", "level", "owner", "next_contact", "created_at")
    form: ClassVar = {
        "Who": ("company", "person", "post", "phones", "email", "address"),
        "What": ("source", "status", "industry", "level", "next_contact", "remark"),
    }
    board = "status"
    search = ("company", "person", "phones", "email", "address")
    related = ("follow_ups",)
    duplicates = ("company", "person", "phones", "email")
    due = "next_contact"
    icon = "funnel"
    menu = 10

    @action()
    async def convert(
        self,
        work: Work,
        lead: Lead,
        *,
        customer: Customer | None = None,
        opportunity: bool = False,
        pipeline: Pipeline | None = None,
        amount: Money | None = None,
    ) -> Lead:
        """Make a customer and a contact of the lead, and an opportunity if wished; follow-ups and files go along."""
        return await Conversion(work, lead).run(customer, opportunity=opportunity, pipeline=pipeline, amount=amount)

    async def check(self, work: Work, before: Lead | None, after: Lead) -> None:
        """Only converting makes a lead converted."""
        if after.status is LeadStatus.CONVERTED and after.customer is None:
            raise Refused("Convert the lead instead", field="status")


class Customers(Resource[Customer]):
    """Customers, with all that belongs to them."""

    columns = ("name", "level", "industry", "region", "phones", "owner", "next_contact", "created_at")
    filters = ("level", "industry", "source", "region", "owner", "department", "next_contact", "created_at")
    form: ClassVar = {
        "Company": ("name", "number", "parent", "level", "industry", "source", "tags"),
        "Reaching it": ("phones", "email", "website", "address", "region", "position", "next_contact"),
        "Figures": ("annual_turnover", "employees", "founded", "remark"),
    }
    search = ("name", "number", "phones", "email", "tags", "region", "address", "parent.name")
    related = ("contacts", "opportunities", "orders", "follow_ups", "subsidiaries", "leads")
    duplicates = ("name", "phones", "email")
    due = "next_contact"
    icon = "building"
    menu = 20

    @action(permission="grade")
    async def grade(self, work: Work, customer: Customer, level: Level) -> Customer:
        """Change the level of the customer."""
        return await work.change(customer, level=level)

    async def check(self, work: Work, before: Customer | None, after: Customer) -> None:
        """Keep companies from being parents of themselves."""
        parent = after.parent
        if parent is None or (before is not None and before.parent == parent):
            return
        for _ in range(DEEPEST_GROUP):
            if parent == after:
                raise Refused("A company cannot be a part of itself", field="parent")
            above = await work.elevated("a circle of parents may lie outside of one's reach").get(Customer, parent.id)
            if above.parent is None:
                return
            parent = above.parent
        raise Refused("The parents of this company are nested too deeply", field="parent")


class Contacts(Resource[Contact]):
    """People at customers."""

    columns = ("name", "customer", "post", "decision_role", "phones", "emails", "owner", "next_contact")
    filters = ("customer", "decision_role", "owner", "next_contact")
    form: ClassVar = {
        "Person": ("name", "customer", "post", "decision_role", "birthday"),
        "Reaching them": ("phones", "emails", "next_contact", "remark"),
    }
    search = ("name", "customer.name", "phones", "emails", "post")
    related = ("customer.opportunities", "follow_ups", "leads")
    duplicates = ("name", "phones", "emails")
    icon = "contact"
    menu = 30


class FollowUps(Resource[FollowUp]):
    """What was said to whom."""

    columns = ("at", "method", "subject", "customer", "contact", "opportunity", "lead", "owner", "next_contact")
    filters = ("method", "at", "owner", "next_contact")
    form: ClassVar = {
        "Follow-up": ("subject", "method", "at", "note", "next_contact"),
        "About": ("customer", "contact", "opportunity", "lead"),
    }
    search = ("subject", "note")
    timeline = "at"
    icon = "message-circle"
    menu = 50

    async def check(self, work: Work, before: FollowUp | None, after: FollowUp) -> None:
        """A follow-up is about something."""
        if not any((after.lead, after.customer, after.contact, after.opportunity)):
            raise Refused("Choose whom or what it is about", field="customer")

    async def changed(self, work: Work, before: FollowUp | None, after: FollowUp) -> None:
        """Fill in when it was, and tell the records when the next contact is due."""
        if after.at is None:
            after = await work.change(after, at=work.now)
        if after.next_contact is None or (before is not None and before.next_contact == after.next_contact):
            return
        due = work.elevated("whoever follows up says when the next contact is due")
        for record in (after.lead, after.customer, after.contact, after.opportunity):
            if record is not None:
                await due.change(record, next_contact=after.next_contact)
