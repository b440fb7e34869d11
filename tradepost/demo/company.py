"""The sample company: departments three levels deep, teams in four countries, and who leads whom."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from uuid import UUID

from core.access import Caller
from core.app import Kernel
from core.departments import Department
from core.roles import Assignment, Role
from core.users import User
from core.work import Work
from tradepost.demo.words import AMERICAN, CHINESE, ENGLISH, KOREAN, Tongue

PASSWORD = "paper-lantern-harbour"
TEAM_SIZE = 4


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the demo to sign in as."""

    login: str
    what: str
    password: str = PASSWORD


ACCOUNTS = (
    Account("admin", "administrator: everything, and how it is set up"),
    Account("director", "sales director: all that the sales department does"),
    Account("lead", "team lead in London: the team's leads and opportunities"),
    Account("sales", "salesperson in London: own leads and opportunities"),
    Account("agent", "service agent: the queue, tickets, the question bank"),
    Account("warehouse", "warehouse keeper: goods in, out and counted"),
    Account("dispatcher", "dispatcher: allocates orders to warehouses"),
    Account("marketer", "marketer: segments, campaigns, mailings, forms"),
    Account("visitor", "field representative in London: the day's visits, with their route"),
    Account("auditor", "auditor: reads everything, changes nothing"),
    Account("sales.cn", "上海的销售人员，界面为简体中文"),
    Account("sales.kr", "서울의 영업 사원, 한국어 화면"),
)


@dataclass(frozen=True, slots=True)
class Team:
    """A department that sells in one market, and its salespeople."""

    tongue: Tongue
    department: UUID
    people: tuple[UUID, ...]


LOGINS = {"London": ("lead", "sales"), "上海": ("", "sales.cn"), "서울": ("", "sales.kr")}
"""Offices in which a team lead and a salesperson have a login to sign in with."""

MARKETS: tuple[tuple[str, str, Tongue, int], ...] = (
    ("Sales Asia", "上海", CHINESE, 2),
    ("Sales Asia", "北京", CHINESE, 1),
    ("Sales Asia", "서울", KOREAN, 2),
    ("Sales West", "London", ENGLISH, 2),
    ("Sales West", "Chicago", AMERICAN, 2),
)
"""Region, office, market, and how many shares of the customers it has."""


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is hired for."""

    role: str
    department: Department
    tongue: Tongue
    superior: User | None = None


async def found(kernel: Kernel, caller: Caller, chance: Random) -> list[Team]:
    """Make the departments and their people; the teams."""

    async def body(work: Work) -> list[Team]:
        return await Founding(work, chance).run()

    return await kernel.operations.run(caller, body)


class Founding:
    """Makes the company in one unit of work."""

    def __init__(self, work: Work, chance: Random) -> None:
        self.work = work
        self.chance = chance
        self.hired = 0

    async def run(self) -> list[Team]:
        """Departments, then people from the top down."""
        (top,) = await self.work.find(Department, where=Department.parent.empty())
        await self.work.change(top, name="Lantern Pumps")
        sales = await self.work.create(Department, name="Sales", parent=top.id)
        office = await self.work.create(Department, name="Head office", parent=top.id)
        director = await self._hire(Post("Sales director", sales, ENGLISH), "Dana Whitfield", "director")
        await self._hire(Post("Auditor", office, ENGLISH), "Arno Petersen", "auditor")
        service = await self.work.create(Department, name="Service", parent=top.id)
        await self._hire(Post("Service agent", service, ENGLISH), "Grace Okafor", "agent")
        logistics = await self.work.create(Department, name="Logistics", parent=top.id)
        await self._hire(Post("Warehouse keeper", logistics, ENGLISH), "Wilma Larsen", "warehouse")
        await self._hire(Post("Dispatcher", logistics, ENGLISH), "Derek Osei", "dispatcher")
        marketing = await self.work.create(Department, name="Marketing", parent=top.id)
        await self._hire(Post("Marketer", marketing, ENGLISH), "Mira Solberg", "marketer")
        regions: dict[str, Department] = {}
        teams: list[Team] = []
        for region, place, tongue, _ in MARKETS:
            if region not in regions:
                regions[region] = await self.work.create(Department, name=region, parent=sales.id)
            department = await self.work.create(Department, name=place, parent=regions[region].id)
            teams.append(await self._open(department, tongue, director, LOGINS.get(place, ("", ""))))
        return teams

    async def _open(self, department: Department, tongue: Tongue, director: User, logins: tuple[str, str]) -> Team:
        lead_post = Post("Team lead", department, tongue, director)
        lead = await self._hire(lead_post, tongue.person(self.chance), logins[0])
        post = Post("Salesperson", department, tongue, lead)
        people = [
            await self._hire(post, tongue.person(self.chance), login) for login in (logins[1], *[""] * (TEAM_SIZE - 1))
        ]
        if logins[0]:
            await self._hire(Post("Field representative", department, tongue, lead), "Fay Collins", "visitor")
        return Team(tongue, department.id, (lead.id, *(one.id for one in people)))

    async def _hire(self, post: Post, name: str, login: str) -> User:
        self.hired += 1
        made = await self.work.create(
            User,
            login=login or f"user{self.hired:02}",
            name=name,
            department=post.department.id,
            superior=post.superior.id if post.superior else None,
            job_title=post.role,
            language=post.tongue.language,
            zone=post.tongue.zone,
        )
        (role,) = await self.work.find(Role, where=Role.name.eq(post.role))
        await self.work.create(Assignment, role=role.id, user=made.id)
        return made
