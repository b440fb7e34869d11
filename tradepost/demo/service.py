"""The sample company's service desk: skills, service levels, a question bank, tickets in every state."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from core.access import Caller
from core.app import Kernel
from core.users import User
from core.work import Work
from tradepost.sales import Customer, Product
from tradepost.service_desk import (
    Agreement,
    Article,
    Channel,
    Priority,
    Replacement,
    ServiceLevel,
    Skill,
    Speciality,
    Ticket,
    TicketKind,
)

TICKETS = 60
LEVELS = (
    (Priority.LOW, 480, 4_800),
    (Priority.NORMAL, 240, 2_400),
    (Priority.HIGH, 60, 960),
    (Priority.URGENT, 15, 240),
)
ARTICLES = (
    (
        "How is the seal of a pump changed?",
        "Close the valve, loosen the four screws of the lid, lay the new seal in dry.",
    ),
    (
        "Why does a pump hum but not turn?",
        "Mostly the impeller is blocked. Switch it off, open the lid, remove what blocks it.",
    ),
    ("水泵漏水怎么办？", "关闭阀门，检查密封圈；如有裂纹请更换密封圈。"),
    ("发票抬头如何修改？", "请把正确的抬头和税号发给我们，三个工作日内重开。"),
    ("펌프에서 물이 새면 어떻게 하나요?", "밸브를 잠그고 패킹을 확인한 뒤 교체하십시오."),
)
SUBJECTS = (
    (TicketKind.COMPLAINT, "The pump leaks at the seal"),
    (TicketKind.COMPLAINT, "Delivered with a scratched housing"),
    (TicketKind.REQUEST, "Please send a technician"),
    (TicketKind.REQUEST, "A second manual is needed"),
    (TicketKind.QUESTION, "How is the seal changed?"),
    (TicketKind.COMPLAINT, "水泵漏水"),
    (TicketKind.QUESTION, "发票抬头如何修改"),
    (TicketKind.REQUEST, "펌프 점검을 요청합니다"),
)
FATES = ("new", "new", "pick", "wait", "solve", "close")


async def serve(kernel: Kernel, caller: Caller, agent: str, chance: Random) -> None:
    """Make the desk's records; `agent` is the login of whom the tickets are assigned to."""
    await kernel.operations.run(caller, lambda work: _serve(work, agent, chance))


async def _serve(work: Work, agent: str, chance: Random) -> None:
    (person,) = await work.find(User, where=User.login.eq(agent))
    skills = [await work.create(Skill, name=name) for name in ("Hydraulics", "Electrics", "Invoices")]
    for skill in skills[:2]:
        await work.create(Speciality, skill=skill.id, user=person.id)
    for priority, response, resolution in LEVELS:
        await work.create(
            ServiceLevel,
            name=priority.name.capitalize(),
            priority=priority,
            response_minutes=response,
            resolution_minutes=resolution,
        )
    for question, answer in ARTICLES:
        await work.create(Article, question=question, answer=answer, skill=skills[0].id)
    customers = await work.find(Customer, limit=TICKETS, fields=("name",))
    products = await work.find(Product, where=Product.unit.eq("piece"), fields=("name",))
    for number, customer in enumerate(customers):
        kind, subject = SUBJECTS[number % len(SUBJECTS)]
        ticket = await work.create(
            Ticket,
            subject=subject,
            kind=kind,
            customer=customer.id,
            product=chance.choice(products).id,
            faulty=kind is TicketKind.COMPLAINT,
            channel=chance.choice(list(Channel)),
            priority=chance.choice(list(Priority)),
            skill=chance.choice((None, *skills[:2])),
        )
        if number % 5 == 0:
            await _agree(work, customer)
        if number % 3 == 0:
            await work.create(Replacement, ticket=ticket, part=chance.choice(products).id)
        await _go_on(work, ticket, person, FATES[number % len(FATES)])


async def _agree(work: Work, customer: Customer) -> None:
    """An agreement that has run for half a year."""
    await work.create(
        Agreement,
        name="Yearly inspection",
        number=f"SA-{customer.id.hex[-6:].upper()}",
        customer=customer,
        starts_on=work.now.date() - timedelta(days=180),
        ends_on=work.now.date() + timedelta(days=185),
        services="One inspection a year; seals are included; answers within four hours.",
    )


async def _go_on(work: Work, ticket: Ticket, person: User, fate: str) -> None:
    """How far a ticket has come."""
    if fate == "new":
        return
    ticket = await work.act(ticket, "assign", user=person.id)
    if fate == "wait":
        await work.act(ticket, "reply", text="Which serial number does the pump have?", wait=True)
    elif fate in ("solve", "close"):
        await work.act(ticket, "solve", solution="A new seal was sent and fitted.")
        if fate == "close":
            await work.act(ticket, "close", satisfaction="good")
