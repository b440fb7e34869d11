from __future__ import annotations

import random
from datetime import timedelta

import pytest

from core.access import By, Caller, Scope
from core.database import KEY
from core.departments import Department
from core.errors import Forbidden, NotFound
from core.explanations import Explanations
from core.fields import text
from core.ids import born, now
from core.links import link
from core.model import Meta, Model
from core.plugin import Plugin
from core.policies import Policies
from core.reading import Reader
from core.roles import Assignment, Grant, Role, Share
from core.rows import insert
from core.sessions import Session
from core.settings import Setting
from core.users import User


class Order(Model):
    """What somebody wants."""

    name = text()


class Line(Model):
    """A line of an order."""

    meta = Meta(part_of="order")

    order = link(Order, required=True, back="lines")
    name = text()


@pytest.fixture(scope="session")
def plugins():
    return (Plugin("shop", models=[Order, Line]),)


class Company:
    """Writes rows as they are, and remembers them as plain lists: the reference needs no more."""

    def __init__(self, database, registry):
        self.database, self.registry = database, registry
        self.departments, self.users, self.roles, self.orders, self.shares = [], [], {}, [], []
        self.parents, self.bosses, self.homes, self.assigned = {}, {}, {}, {}

    async def add(self, model, /, **values):
        row = born(now()) | values
        async with self.database.begin(KEY) as connection:
            await insert(connection, self.registry.spec(model), row)
        return row["id"]

    async def caller(self, policies, user):
        session = await self.add(Session, user=user, seen_at=now(), expires_at=now() + timedelta(days=1), digest="x")
        return Caller(await policies.fresh(user), By.SESSION, session)

    async def hire(self, dice):
        for place in range(6):
            parent = dice.choice(self.departments) if place else None
            self.departments.append(await self.add(Department, name="d", parent=parent))
            self.parents[self.departments[-1]] = parent
        for place in range(8):
            superior, home = dice.choice([None, *self.users]), dice.choice(self.departments)
            user = await self.add(User, login=f"u{place}", name="n", superior=superior, department=home)
            self.users.append(user)
            self.bosses[user], self.homes[user], self.assigned[user] = superior, home, set()

    async def grant(self, dice):
        for scope in Scope:
            role, chosen = await self.add(Role, name=scope.value), dice.sample(self.departments, 2)
            listed = [str(one) for one in chosen]
            await self.add(Grant, role=role, permission="shop.order.read", scope=scope, departments=listed)
            self.roles[role] = (scope, chosen)
        for user in self.users[:-1]:
            for role in dice.sample(list(self.roles), dice.choice([1, 1, 2])):
                if self.roles[role][0] is not Scope.ALL or dice.random() < 0.2:
                    await self.add(Assignment, role=role, user=user)
                    self.assigned[user].add(role)

    async def sell(self, dice):
        for _ in range(12):
            values = {"owner": dice.choice([None, *self.users]), "department": dice.choice([None, *self.departments])}
            order = await self.add(Order, name="o", **values)
            self.orders.append((order, values, await self.add(Line, name="l", order=order)))

    async def share(self, dice):
        places = {"user": self.users, "to_department": self.departments, "role": list(self.roles)}
        for _ in range(6):
            order, (kind, among) = dice.choice(self.orders)[0], dice.choice(list(places.items()))
            to, days = dice.choice(among), dice.choice([None, 1, -1])
            ends = now() + timedelta(days=days) if days else None
            await self.add(Share, model="shop.order", record=str(order), expires_at=ends, **{kind: to})
            if days != -1:
                self.shares.append((order, kind, to))

    def reaching(self, user, owner, department):
        """The roles whose scope holds the record: the table of scopes, read out loud."""
        truth = {
            Scope.OWN: lambda _: owner == user,
            Scope.REPORTS: lambda _: user in chain(owner, self.bosses),
            Scope.DEPARTMENT: lambda _: department == self.homes[user],
            Scope.TREE: lambda _: self.homes[user] in chain(department, self.parents),
            Scope.CHOSEN: lambda chosen: department in chosen,
            Scope.ALL: lambda _: True,
        }
        return {one for one in self.assigned[user] if truth[self.roles[one][0]](self.roles[one][1])}

    def opened(self, user, order):
        """Whether a share opens the record to somebody who may read orders at all."""
        mine = {"user": {user}, "to_department": {self.homes[user]}, "role": self.assigned[user]}
        return bool(self.assigned[user]) and any(one == order and to in mine[kind] for one, kind, to in self.shares)


def chain(start, upper):
    found = []
    while start is not None:
        found.append(start)
        start = upper[start]
    return found


@pytest.fixture
async def company(database, registry):
    made = Company(database, registry)
    await made.add(Setting, name="rights", content=1)
    return made


@pytest.fixture
def policies(database):
    return Policies(database)


@pytest.fixture
def explanations(registry, database, policies):
    return Explanations(registry, database, policies)


@pytest.mark.requirement("PM-11", "PM-12", "PM-13", "PM-14", "PM-15", "PM-16", "PM-18", "PM-19")
@pytest.mark.parametrize("seed", range(4))
async def test_what_is_explained_is_what_is_seen(company, policies, explanations, registry, database, seed):
    dice = random.Random(seed)
    for step in (company.hire, company.grant, company.sell, company.share):
        await step(dice)
    reader = Reader(registry, database, policies)
    for user in company.users:
        caller = await company.caller(policies, user)
        seen, lines = set(), set()
        if caller.allows("shop.order.read"):
            seen = {one.id for one in await reader.records(caller, Order)}
            lines = {one.id for one in await reader.records(caller, Line)}
        for order, values, line in company.orders:
            reached, opened = company.reaching(user, **values), company.opened(user, order)
            assert (order in seen, line in lines) == (bool(reached or opened),) * 2
            if not reached and not opened:
                with pytest.raises(NotFound):
                    await explanations.explain(caller, Order, order)
                continue
            grounds = await explanations.explain(caller, Line, line)
            assert grounds == await explanations.explain(caller, Order, order)
            assert {one.role for one in grounds if one.scope} == reached
            assert any(one.share for one in grounds) is opened


async def test_only_administrators_ask_about_others(company, policies, explanations):
    admin = await company.add(User, login="admin", name="n", administrator=True)
    clerk = await company.add(User, login="clerk", name="n")
    order = await company.add(Order, name="o", owner=clerk)
    asking, other = await company.caller(policies, admin), await company.caller(policies, clerk)
    assert await explanations.explain(asking, Order, order, clerk) == ()
    assert [one.scope for one in await explanations.explain(asking, Order, order)] == [Scope.ALL]
    with pytest.raises(Forbidden):
        await explanations.explain(other, Order, order, admin)
    with pytest.raises(NotFound):
        await explanations.explain(other, Order, order)
    with pytest.raises(NotFound):
        await explanations.explain(asking, Order, admin)
