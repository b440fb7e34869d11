"""How a lead becomes a customer, a contact and an opportunity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from plugins.sales.choices import LeadStatus, StageKind
from plugins.sales.models import Contact, Customer, FollowUp, Lead, Opportunity, Pipeline
from plugins.sales.opportunities import first_stage
from tradepost import Model, Money, Refused, Work

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Conversion:
    """The steps of converting one lead, in one unit of work."""

    work: Work
    lead: Lead

    async def run(
        self, customer: Customer | None, *, opportunity: bool, pipeline: Pipeline | None, amount: Money | None
    ) -> Lead:
        """Make what is wished of the lead; an existing customer may take it up."""
        if self.lead.status is LeadStatus.CONVERTED:
            raise Refused("The lead was converted already")
        customer = customer or await self._customer()
        contact = await self._contact(customer)
        made = await self._opportunity(customer, contact, pipeline, amount) if opportunity else None
        await self._carry(customer, contact, made)
        return await self.work.change(
            self.lead,
            status=LeadStatus.CONVERTED,
            converted_at=self.work.now,
            customer=customer,
            contact=contact,
            opportunity=made,
        )

    async def _owned(self, record: M) -> M:
        """What is made of a lead belongs to whom the lead belongs to."""
        owner = self.lead.owner
        return await self.work.change(record, owner=owner) if owner else record

    async def _customer(self) -> Customer:
        lead = self.lead
        made = await self.work.create(
            Customer,
            name=lead.company,
            level=lead.level,
            industry=lead.industry,
            source=lead.source,
            address=lead.address,
            phones=lead.phones,
            email=lead.email,
            next_contact=lead.next_contact,
            remark=lead.remark,
        )
        return await self._owned(made)

    async def _contact(self, customer: Customer) -> Contact:
        lead = self.lead
        made = await self.work.create(
            Contact,
            name=lead.person or lead.company[:120],
            customer=customer,
            post=lead.post,
            phones=lead.phones,
            emails=(lead.email,) if lead.email else (),
            next_contact=lead.next_contact,
        )
        return await self._owned(made)

    async def _opportunity(
        self, customer: Customer, contact: Contact, pipeline: Pipeline | None, amount: Money | None
    ) -> Opportunity:
        stage = await first_stage(self.work, pipeline, StageKind.OPEN)
        made = await self.work.create(
            Opportunity,
            name=customer.name,
            customer=customer,
            contact=contact,
            pipeline=stage.pipeline,
            stage=stage,
            amount=amount,
            source=self.lead.source,
            next_contact=self.lead.next_contact,
        )
        return await self._owned(made)

    async def _carry(self, customer: Customer, contact: Contact, made: Opportunity | None) -> None:
        """Follow-ups and files stay on the lead and are found on what it became, too."""
        for follow_up in await self.work.find(FollowUp, where=FollowUp.lead.eq(self.lead)):
            await self.work.change(follow_up, customer=customer, contact=contact, opportunity=made)
        await self.work.copy_files(self.lead, customer)
