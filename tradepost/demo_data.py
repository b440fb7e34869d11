"""The made-up company of the demonstration: always the same for the same day, and made without a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeAlias

from core.fields import Position
from core.money import Money, exponent
from tradepost.demo_words import CHINESE, ENGLISH, KOREAN, PRODUCTS, SUBJECTS, Market
from tradepost.sales import DecisionRole, Industry, LeadStatus, Level, Method, Reason, Source, StageKind

Values: TypeAlias = dict[str, Any]
SEED = 20_261_122
CUSTOMERS = 2_000
LEADS = 600
OPPORTUNITIES = 1_500
FOLLOW_UPS = 3_000
TEAMS: tuple[tuple[str, str, Market], ...] = (
    ("Asia", "上海", CHINESE),
    ("Asia", "北京", CHINESE),
    ("Asia", "서울", KOREAN),
    ("Europe and America", "London", ENGLISH),
    ("Europe and America", "Boston", ENGLISH),
)
AGENTS = 4
STAGES: tuple[tuple[str, StageKind, int], ...] = (
    ("Prospecting", StageKind.OPEN, 10),
    ("Engaging", StageKind.OPEN, 30),
    ("Proposal", StageKind.OPEN, 50),
    ("Negotiation", StageKind.OPEN, 75),
    ("Won", StageKind.WON, 100),
    ("Lost", StageKind.LOST, 0),
)
SHARES = (3, 3, 2, 2, 6, 4)
RATES = {"USD": Decimal(1), "CNY": Decimal(7), "KRW": Decimal(1_380)}


@dataclass(frozen=True)
class Person:
    """Somebody who works at the company: where he stands, and the index of his superior."""

    login: str
    name: str
    role: str
    job_title: str
    department: str
    language: str = "en"
    superior: int | None = None
    team: int | None = None


@dataclass(frozen=True)
class Company:
    """All that the demonstration begins with. Links are indexes into the lists, `owner` one into `people`."""

    departments: tuple[tuple[str, str], ...]
    people: tuple[Person, ...]
    products: tuple[Values, ...]
    customers: list[Values] = field(default_factory=list)
    contacts: list[Values] = field(default_factory=list)
    leads: list[Values] = field(default_factory=list)
    opportunities: list[Values] = field(default_factory=list)
    lines: list[Values] = field(default_factory=list)
    follow_ups: list[Values] = field(default_factory=list)


def make_company(today: date) -> Company:
    """The company as it is on a day."""
    company = Company(_departments(), tuple(_people()), tuple(_products()))
    maker = Maker(Random(SEED), today, company)  # noqa: S311  # it shall be the same each time
    maker.make()
    return company


def _departments() -> tuple[tuple[str, str], ...]:
    regions = dict.fromkeys(region for region, _, _ in TEAMS)
    return (*((region, "") for region in regions), *((team, region) for region, team, _ in TEAMS))


def _people() -> Iterator[Person]:
    yield Person("director", "Dana Whitfield", "Sales director", "Sales director, Asia", "Asia")
    yield Person("director.west", "Martin Clarke", "Sales director", "Sales director, West", "Europe and America")
    yield Person("auditor", "Iris Novak", "Auditor", "Internal audit", "")
    count = 3
    for place, (region, team, market) in enumerate(TEAMS):
        language = {CHINESE: "zh_Hans", KOREAN: "ko"}.get(market, "en")
        above = 0 if region == "Asia" else 1
        login = "teamlead" if place == 0 else f"teamlead.{place + 1}"
        lead, count = count, count + 1 + AGENTS
        yield Person(login, market.person(place, place), "Team lead", "Team lead", team, language, above, place)
        for one in range(AGENTS):
            login = "sales" if place == one == 0 else f"sales.{place + 1}.{one + 1}"
            name = market.person(5 + one, 3 + one)
            yield Person(login, name, "Salesperson", "Sales", team, language, lead, place)


def _products() -> Iterator[Values]:
    for number, (category, name, price) in enumerate(PRODUCTS, 1):
        on_shelf = number % 10 != 0
        unit = "day" if name.endswith("a day") else "piece"
        minor = int(Decimal(price) * 100)
        yield {
            "code": f"P-{number:03}",
            "name": name,
            "category": category,
            "unit": unit,
            "price": Money(minor, "USD"),
            "on_shelf": on_shelf,
        }


class Maker:
    """Makes the records one after another from one source of chance."""

    def __init__(self, random: Random, today: date, company: Company) -> None:
        self.random = random
        self.today = today
        self.company = company
        self.sellers = [number for number, one in enumerate(company.people) if one.team is not None]
        self.on_shelf = [number for number, one in enumerate(company.products) if one["on_shelf"]]

    def make(self) -> None:
        """Fill the company's lists."""
        for number in range(CUSTOMERS):
            self._customer(number)
        for number in range(LEADS):
            self.company.leads.append(self._lead(number))
        for number in range(OPPORTUNITIES):
            self._opportunity(number)
        for number in range(FOLLOW_UPS):
            self.company.follow_ups.append(self._follow_up(number))

    def _seller(self) -> tuple[int, Market]:
        seller = self.random.choice(self.sellers)
        team = self.company.people[seller].team or 0
        return seller, TEAMS[team][2]

    def _name(self, market: Market) -> str:
        sizes = (len(market.first), len(market.second), len(market.trades), len(market.forms))
        return market.company(*(self.random.randrange(one) for one in sizes))

    def _person(self, market: Market) -> str:
        return market.person(self.random.randrange(len(market.family)), self.random.randrange(len(market.given)))

    def _phone(self, market: Market) -> str:
        return f"{market.dialling} {self.random.randrange(10_000):04}"

    def _money(self, market: Market, low: int, high: int) -> Money:
        amount = Decimal(self.random.randrange(low, high, 100)) * RATES[market.currency]
        return Money(int(amount.scaleb(exponent(market.currency))), market.currency)

    def _moment(self, first: int, last: int) -> datetime:
        day = self.today + timedelta(days=self.random.randint(first, last))
        return datetime.combine(day, time(self.random.randint(1, 9), self.random.choice((0, 15, 30, 45))), UTC)

    def _sometimes(self, share: float, value: Any) -> Any:
        return value if self.random.random() < share else None

    def _customer(self, number: int) -> None:
        seller, market = self._seller()
        city, latitude, longitude = self.random.choice(market.cities)
        parent = self.random.randrange(number) if number > 50 and self.random.random() < 0.05 else None
        self.company.customers.append(
            {
                "name": self._name(market),
                "parent": parent,
                "level": self.random.choice(list(Level)),
                "industry": self.random.choice(list(Industry)),
                "source": self.random.choice(list(Source)),
                "region": city,
                "annual_turnover": self._sometimes(0.7, self._money(market, 500_000, 90_000_000)),
                "employees": self._sometimes(0.8, self.random.randrange(5, 5_000)),
                "founded": self.random.randrange(1950, self.today.year),
                "address": f"{city} {self.random.randrange(1, 300)}",
                "position": Position(self._near(latitude), self._near(longitude)),
                "website": f"https://www{number}.{market.host}",
                "phones": (self._phone(market),),
                "email": f"office{number}@{market.host}",
                "tags": self._sometimes(0.2, ("reference",)) or (),
                "next_contact": self._sometimes(0.4, self._moment(-5, 30)),
                "owner": seller,
            }
        )
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            self._contact(number, seller, market)

    def _near(self, degrees: str) -> Decimal:
        return Decimal(degrees) + Decimal(self.random.randrange(-80_000, 80_000)).scaleb(-6)

    def _contact(self, customer: int, seller: int, market: Market) -> None:
        number = len(self.company.contacts)
        self.company.contacts.append(
            {
                "name": self._person(market),
                "customer": customer,
                "post": self.random.choice(market.posts),
                "decision_role": self._sometimes(0.8, self.random.choice(list(DecisionRole))),
                "phones": (self._phone(market),),
                "emails": (f"person{number}@{market.host}",),
                "birthday": self._sometimes(0.3, date(1960 + number % 40, 1 + number % 12, 1 + number % 28)),
                "owner": seller,
            }
        )

    def _lead(self, number: int) -> Values:
        seller, market = self._seller()
        statuses = [one for one in LeadStatus if one is not LeadStatus.CONVERTED]
        return {
            "company": self._name(market),
            "person": self._person(market),
            "post": self.random.choice(market.posts),
            "phones": (self._phone(market),),
            "email": f"lead{number}@{market.host}",
            "address": self.random.choice(market.cities)[0],
            "source": self.random.choice(list(Source)),
            "status": self.random.choice(statuses),
            "industry": self.random.choice(list(Industry)),
            "level": self._sometimes(0.6, self.random.choice(list(Level))),
            "next_contact": self._sometimes(0.5, self._moment(-5, 20)),
            "owner": seller,
        }

    def _opportunity(self, number: int) -> None:
        customer = self.random.randrange(len(self.company.customers))
        seller = self.company.customers[customer]["owner"]
        market = TEAMS[self.company.people[seller].team or 0][2]
        stage = self.random.choices(range(len(STAGES)), SHARES)[0]
        product = self.random.choice(self.on_shelf)
        engaged = self.today - timedelta(days=self.random.randint(20, 400))
        values: Values = {
            "name": f"{self.company.customers[customer]['name']}: {self.company.products[product]['name']}",
            "number": f"O-{number + 1:05}",
            "customer": customer,
            "stage": stage,
            "amount": self._money(market, 1_000, 200_000),
            "source": self.random.choice(list(Source)),
            "engaged_on": engaged,
            "owner": seller,
        }
        if STAGES[stage][1] is StageKind.OPEN:
            values["expected_close"] = self.today + timedelta(days=self.random.randint(1, 120))
            values["next_contact"] = self._sometimes(0.6, self._moment(-5, 20))
        else:
            values["closed_on"] = min(engaged + timedelta(days=self.random.randint(5, 390)), self.today)
            values["reason"] = self.random.choice(list(Reason))
        self.company.opportunities.append(values)
        self._line(number, product)

    def _line(self, opportunity: int, product: int) -> None:
        self.company.lines.append(
            {
                "opportunity": opportunity,
                "product": product,
                "quantity": Decimal(self.random.randint(1, 20)),
                "price": self.company.products[product]["price"],
                "discount": Decimal(self.random.choice((0, 0, 5, 10))),
            }
        )

    def _follow_up(self, number: int) -> Values:
        at = self._moment(-120, -1)
        values: Values = {
            "subject": self.random.choice(SUBJECTS),
            "method": self.random.choice(list(Method)),
            "at": at,
        }
        if number % 4 == 0:
            lead = self.random.randrange(len(self.company.leads))
            return values | {"lead": lead, "owner": self.company.leads[lead]["owner"]}
        opportunity = self.random.randrange(len(self.company.opportunities))
        about = self.company.opportunities[opportunity]
        return values | {"opportunity": opportunity, "customer": about["customer"], "owner": about["owner"]}
