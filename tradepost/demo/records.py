"""The sample company's work: products, customers, contacts, leads, opportunities in every stage, follow-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from core.access import Caller
from core.app import Kernel
from core.ids import now
from core.money import Money, exponent
from core.work import Work
from tradepost.demo.company import MARKETS, Team
from tradepost.demo.words import PRODUCTS, Tongue
from tradepost.sales import (
    Contact,
    Customer,
    DecisionRole,
    FollowUp,
    Industry,
    Lead,
    LeadStatus,
    Level,
    Method,
    Opportunity,
    OpportunityLine,
    Pipeline,
    Product,
    Reason,
    Source,
    Stage,
    StageKind,
)

Row = Mapping[str, object]
Tell = Callable[[int, int], None]
CUSTOMERS = 2_000
SHARE_OF_LEADS = 0.25
SHARE_OF_OPPORTUNITIES = 0.6
BATCH = 250


@dataclass(frozen=True, slots=True)
class Selling:
    """A pipeline with its stages in order, and the products on the shelf."""

    pipeline: UUID
    stages: tuple[Stage, ...]
    products: tuple[Product, ...]


async def fill(kernel: Kernel, caller: Caller, teams: Sequence[Team], chance: Random, tell: Tell) -> None:
    """Make the records of all teams, in one unit of work; `tell` hears how many customers are done."""
    selling = await kernel.operations.run(caller, _shelves)

    await kernel.operations.run(caller, lambda work: Filling(work, selling, chance).run(teams, tell))


async def _shelves(work: Work) -> Selling:
    products = [
        await work.create(
            Product,
            code=f"{category[:2].upper()}-{number:03}",
            name=name,
            category=category,
            unit="day" if category == "Service" else "piece",
            price=Money(price * 100, "USD"),
            on_shelf=number % 12 != 0,
        )
        for number, (category, name, price) in enumerate(PRODUCTS, 1)
    ]
    pipeline = await work.create(Pipeline, name="Machines and parts")
    await work.act(pipeline, "add_stages")
    stages = await work.find(Stage, where=Stage.pipeline.eq(pipeline), order=("place",))
    return Selling(pipeline.id, tuple(stages), tuple(one for one in products if one.on_shelf))


class Filling:
    """Makes the records in one unit of work."""

    def __init__(self, work: Work, selling: Selling, chance: Random) -> None:
        self.work = work
        self.selling = selling
        self.chance = chance
        self.today = now()
        self.names: set[str] = set()

    async def run(self, teams: Sequence[Team], tell: Tell) -> None:
        """All teams, a batch of customers at a time."""
        shares = [market[3] for market in MARKETS]
        done = 0
        for team, share in zip(teams, shares, strict=True):
            wanted = CUSTOMERS * share // sum(shares) if team is not teams[-1] else CUSTOMERS
            while (size := min(BATCH, wanted, CUSTOMERS - done)) > 0:
                await self._some(team, size)
                wanted -= size
                done += size
                tell(done, CUSTOMERS)

    async def _some(self, team: Team, size: int) -> None:
        customers = await self.work.create_all(Customer, [self._customer(team) for _ in range(size)])
        contacts = await self.work.create_all(
            Contact, [self._contact(team, one) for one in customers for _ in range(self.chance.choice((1, 1, 2)))]
        )
        by_customer = {one.customer.id: one for one in contacts}
        chosen = [one for one in customers if self.chance.random() < SHARE_OF_OPPORTUNITIES]
        opportunities = await self.work.create_all(
            Opportunity, [self._opportunity(team, one, by_customer[one.id]) for one in chosen]
        )
        await self.work.create_all(OpportunityLine, [self._line(one, team.tongue) for one in opportunities])
        leads = await self.work.create_all(Lead, [self._lead(team) for _ in range(int(size * SHARE_OF_LEADS))])
        await self.work.create_all(
            FollowUp, [self._follow_up(team, _about(one), one.owner.id) for one in opportunities]
        )
        await self.work.create_all(FollowUp, [self._follow_up(team, {"lead": one.id}, one.owner.id) for one in leads])

    def _customer(self, team: Team) -> Row:
        tongue, chance = team.tongue, self.chance
        city = chance.choice(tongue.cities)
        return {
            "name": self._unused(tongue),
            "owner": chance.choice(team.people),
            "department": team.department,
            "level": chance.choices(tuple(Level), (2, 6, 3))[0],
            "industry": chance.choice(tuple(Industry)),
            "source": chance.choice(tuple(Source)),
            "region": city,
            "annual_turnover": self._money(tongue, 200, 90_000),
            "employees": int(chance.lognormvariate(4, 1.2)) + 1,
            "founded": chance.randint(1921, 2024),
            "address": f"{chance.choice(tongue.streets)} {chance.randint(1, 280)}, {city}",
            "phones": (self._phone(tongue),),
            "next_contact": self._soon() if chance.random() < 0.4 else None,
        }

    def _contact(self, team: Team, customer: Customer) -> Row:
        tongue = team.tongue
        return {
            "name": tongue.person(self.chance),
            "customer": customer.id,
            "owner": customer.owner.id,
            "department": team.department,
            "post": self.chance.choice(tongue.posts),
            "decision_role": self.chance.choice(tuple(DecisionRole)),
            "phones": (self._phone(tongue),),
        }

    def _opportunity(self, team: Team, customer: Customer, contact: Contact) -> Row:
        chance = self.chance
        stage = chance.choices(self.selling.stages, (22, 18, 12, 8, 24, 16)[: len(self.selling.stages)])[0]
        engaged = self.today.date() - timedelta(days=chance.randint(5, 400))
        closed = stage.kind is not StageKind.OPEN
        until = min(self.today.date(), engaged + timedelta(days=chance.randint(10, 160)))
        return {
            "name": f"{customer.name}: {chance.choice(team.tongue.deals)}",
            "customer": customer.id,
            "contact": contact.id,
            "owner": customer.owner.id,
            "department": team.department,
            "pipeline": self.selling.pipeline,
            "stage": stage.id,
            "amount": self._money(team.tongue, 2, 400),
            "source": chance.choice(tuple(Source)),
            "engaged_on": engaged,
            "expected_close": until if closed else self.today.date() + timedelta(days=chance.randint(-10, 120)),
            "closed_on": until if closed else None,
            "reason": chance.choice(tuple(Reason)) if closed else None,
            "next_contact": None if closed or chance.random() < 0.4 else self._soon(),
        }

    def _line(self, opportunity: Opportunity, tongue: Tongue) -> Row:
        product = self.chance.choice(self.selling.products)
        price = product.price or Money(0, "USD")
        return {
            "opportunity": opportunity.id,
            "product": product.id,
            "price": _in(tongue, price.amount * tongue.scale / 1_000),
            "quantity": Decimal(self.chance.randint(1, 40)),
            "discount": Decimal(self.chance.choice((0, 0, 0, 5, 10))),
        }

    def _lead(self, team: Team) -> Row:
        tongue, chance = team.tongue, self.chance
        statuses = (LeadStatus.NEW, LeadStatus.CONTACTED, LeadStatus.QUALIFIED, LeadStatus.UNQUALIFIED)
        return {
            "company": self._unused(tongue),
            "person": tongue.person(chance),
            "owner": chance.choice(team.people),
            "department": team.department,
            "post": chance.choice(tongue.posts),
            "phones": (self._phone(tongue),),
            "source": chance.choice(tuple(Source)),
            "status": chance.choices(statuses, (5, 4, 3, 1))[0],
            "industry": chance.choice(tuple(Industry)),
            "level": chance.choice(tuple(Level)),
            "next_contact": self._soon() if chance.random() < 0.5 else None,
        }

    def _follow_up(self, team: Team, links: Row, owner: UUID) -> Row:
        return {
            "subject": self.chance.choice(team.tongue.subjects),
            "method": self.chance.choice(tuple(Method)),
            "at": self.today - timedelta(hours=self.chance.randint(1, 24 * 60)),
            "owner": owner,
            "department": team.department,
            **links,
        }

    def _unused(self, tongue: Tongue) -> str:
        while (name := tongue.company(self.chance)) in self.names:
            name = f"{name} {self.chance.choice(tongue.cities)}"
            if name not in self.names:
                break
        self.names.add(name)
        return name

    def _phone(self, tongue: Tongue) -> str:
        return tongue.dial + "".join(self.chance.choices("0123456789", k=6))

    def _money(self, tongue: Tongue, least: int, most: int) -> Money:
        return _in(tongue, Decimal(self.chance.randint(least, most)) * tongue.scale)

    def _soon(self) -> datetime:
        day = self.today + timedelta(days=self.chance.randint(-6, 40))
        return day.replace(hour=self.chance.randint(1, 15), minute=self.chance.choice((0, 30)), second=0, microsecond=0)


def _about(opportunity: Opportunity) -> Row:
    customer = opportunity.customer
    return {"opportunity": opportunity.id, "customer": customer.id if customer else None}


def _in(tongue: Tongue, amount: Decimal) -> Money:
    return Money(int(amount) * 10 ** exponent(tongue.currency), tongue.currency)
