"""The sample company's visits: sites around London with their classes, a form, two people who travel, a fortnight done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from core.access import Caller
from core.app import Kernel
from core.departments import Department
from core.fields import Position
from core.roles import Assignment, Role
from core.users import User
from core.work import Work
from tradepost.sales import Customer
from tradepost.visits import (
    Answer,
    AnswerKind,
    Excuse,
    FormQuestion,
    Importance,
    Site,
    SiteClass,
    Traveller,
    Visit,
    VisitForm,
    VisitPlan,
    VisitState,
)

SITES, PAST_DAYS, A_DAY = 40, 14, 4
NOON = 12
LATITUDE, LONGITUDE = 51.5074, -0.1278
CLASSES = (("A", 7, 45, Importance.HIGH), ("B", 14, 30, Importance.NORMAL), ("C", 28, 20, Importance.LOW))
QUESTIONS = (
    ("Pumps on the shelf", AnswerKind.NUMBER, (), "pieces", True),
    ("Where do they stand?", AnswerKind.CHOICE, ("Entrance", "Middle", "Back"), None, True),
    ("Photo of the shelf", AnswerKind.PHOTO, (), None, False),
    ("What do others offer?", AnswerKind.NOTE, (), None, False),
)
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFERS = ("A discount of ten percent", "Nothing new", "A longer guarantee", "Free delivery this month")


async def travel(kernel: Kernel, caller: Caller, logins: Sequence[str], chance: Random) -> None:
    """Make the visits' records; `logins` are those of the people who travel."""
    await kernel.options.change(caller, {"visits.zone": "Europe/London"})
    await kernel.operations.run(caller, lambda work: Travelling(work, chance).run(logins))


class Travelling:
    """Makes the visits in one unit of work."""

    def __init__(self, work: Work, chance: Random) -> None:
        self.work = work
        self.chance = chance

    async def run(self, logins: Sequence[str]) -> None:
        """Classes, form, plan, sites, what was done, and what comes next."""
        people = [await self._person(one, "Field representative") for one in logins]
        await self._person("lead", "Visit supervisor")
        classes = [
            await self.work.create(SiteClass, name=name, every_days=days, minutes=minutes, importance=importance)
            for name, days, minutes, importance in CLASSES
        ]
        form, questions = await self._form()
        owner, today = people[0].id, self.work.now.date()
        plan = await self.work.create(VisitPlan, name="London", form=form, owner=owner)
        for person in people:
            start = self._place(0.02)
            await self.work.create(Traveller, plan=plan, user=person.id, days=EVERY_DAY, start=start)
        sites = await self._sites(plan, classes, owner)
        for number in range(PAST_DAYS, 0, -1):
            for person in people:
                await self._past(plan, person, today - timedelta(days=number), sites, questions)
        coming = today if self.work.now.hour < NOON else today + timedelta(days=1)  # a day that is not half over
        await self.work.act(plan, "generate", until=coming)
        await self.work.act(plan, "route", day=coming, days=1)

    async def _person(self, login: str, role: str) -> User:
        """Somebody, with a role for visits."""
        (person,) = await self.work.find(User, where=User.login.eq(login))
        (given,) = await self.work.find(Role, where=Role.name.eq(role))
        if not await self.work.find(Assignment, where=Assignment.user.eq(person) & Assignment.role.eq(given)):
            await self.work.create(Assignment, role=given.id, user=person.id)
        return person

    async def _form(self) -> tuple[VisitForm, list[FormQuestion]]:
        form = await self.work.create(VisitForm, name="Visit of a shop")
        return form, [
            await self.work.create(
                FormQuestion,
                form=form,
                question=question,
                kind=kind,
                options=options,
                unit=unit,
                required=required,
                place=place,
            )
            for place, (question, kind, options, unit, required) in enumerate(QUESTIONS, 1)
        ]

    def _place(self, spread: float) -> Position:
        latitude, longitude = (self.chance.gauss(middle, spread) for middle in (LATITUDE, LONGITUDE))
        return Position(Decimal(f"{latitude:.6f}"), Decimal(f"{longitude:.6f}"))

    async def _sites(self, plan: VisitPlan, classes: Sequence[SiteClass], owner: object) -> list[Site]:
        (office,) = await self.work.find(Department, where=Department.name.eq("London"))
        customers = await self.work.find(
            Customer, where=Customer.department.eq(office), limit=SITES, fields=("name", "address")
        )
        made = []
        for number, customer in enumerate(customers):
            made.append(
                await self.work.create(
                    Site,
                    name=customer.name,
                    customer=customer.id,
                    owner=owner,
                    plan=plan,
                    site_class=classes[(0, 1, 1, 2)[number % 4]],
                    address=f"{(customer.address or '').partition(',')[0]}, London",
                    position=self._place(0.06) if number % 20 != 19 else None,
                    opens="09:00" if number % 3 else "10:00",
                    closes="17:30",
                    remark="Ask for the shop manager." if number % 5 == 0 else None,
                )
            )
        return made

    async def _past(
        self, plan: VisitPlan, person: User, day: date, sites: Sequence[Site], questions: Sequence[FormQuestion]
    ) -> None:
        """What somebody did on a day: mostly all of it."""
        for place, site in enumerate(self.chance.sample(sites, A_DAY), 1):
            planned = datetime.combine(day, time(8 + place * 2), UTC)
            common = {
                "site": site,
                "plan": plan,
                "owner": person.id,
                "day": day,
                "place": place,
                "planned_at": planned,
                "way": self.chance.randint(900, 9_000),
            }
            fate = self.chance.random()
            if fate < 0.08:
                excuse = self.chance.choice(list(Excuse))
                await self.work.create(Visit, state=VisitState.CALLED_OFF, excuse=excuse, **common)
            elif fate < 0.14:
                await self.work.create(Visit, state=VisitState.PLANNED, **common)
            else:
                await self._done(site, common, planned, questions)

    async def _done(
        self, site: Site, common: dict[str, object], planned: datetime, questions: Sequence[FormQuestion]
    ) -> None:
        late, minutes = self.chance.choice((0, 0, 0, 5, 12, 25)), self.chance.randint(15, 50)
        away = self.chance.choice((12, 30, 44, 75, 900))
        arrived = planned + timedelta(minutes=late)
        visit = await self.work.create(
            Visit,
            state=VisitState.DONE,
            arrived_at=arrived,
            arrived_metres=away,
            late_minutes=late,
            left_at=arrived + timedelta(minutes=minutes),
            left_metres=away,
            minutes=minutes,
            doubtful=away > 300,
            **common,
        )
        await self.work.change(site, last_visit=planned.date())
        given = (
            {"number": Decimal(self.chance.randint(0, 24))},
            {"chosen": self.chance.choice(QUESTIONS[1][2])},
            None,
            {"remark": self.chance.choice(OFFERS)},
        )
        for question, values in zip(questions, given, strict=True):
            if values is not None:
                await self.work.create(
                    Answer, visit=visit, field=question, question=question.question, **dict[str, object](values)
                )
