from __future__ import annotations

import json
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import NOBODY, Reach, Scope
from core.database import KEY
from core.departments import Department
from core.ids import born, new_id, now
from core.policies import Policies, bump_rights, bump_user
from core.roles import Assignment, Grant, Role
from core.rows import insert
from core.settings import Setting
from core.users import User


@dataclass
class Company:
    """A company as plain lists: the reference needs no more."""

    departments: list[int | None] = field(default_factory=list)
    users: list[tuple[int | None, int | None, bool]] = field(default_factory=list)
    roles: list[list[tuple[str, Scope, list[int], list[str]]]] = field(default_factory=list)
    assignments: set[tuple[int, int]] = field(default_factory=set)

    def closure(self, start, above):
        found = {start} if start is not None else set()
        while True:
            more = {one for one, upper in enumerate(above) if upper in found} - found
            if not more:
                return found
            found |= more


@st.composite
def companies(draw):
    count = draw(st.integers(1, 7))
    place = st.none() | st.integers(0, count - 1)
    departments = draw(st.lists(place, min_size=count, max_size=count))
    people = draw(st.integers(1, 9))
    users = draw(
        st.lists(
            st.tuples(place, st.none() | st.integers(0, people - 1), st.sampled_from([True, True, True, False])),
            min_size=people,
            max_size=people,
        )
    )
    permission = st.sampled_from(["sales.customer.read", "sales.customer.update", "core.user.read"])
    grant = st.tuples(
        permission,
        st.sampled_from(list(Scope)),
        st.lists(st.integers(0, count - 1), max_size=2),
        st.lists(st.sampled_from(["turnover", "sales.contact.birthday"]), max_size=2),
    )
    roles = draw(st.lists(st.lists(grant, max_size=3, unique_by=lambda one: one[0]), max_size=3))
    assignments = set()
    if roles:
        pair = st.tuples(st.integers(0, len(roles) - 1), st.integers(0, people - 1))
        assignments = draw(st.sets(pair, max_size=8))
    return Company(departments, users, roles, assignments)


async def stored(database, registry, company: Company):
    ids = {kind: [new_id() for _ in range(len(getattr(company, kind)))] for kind in ("departments", "users", "roles")}

    def at(kind, place):
        return None if place is None else ids[kind][place]

    async with database.begin(KEY) as connection:
        for table in ("assignment", "grant", "role", "setting"):
            await connection.run(KEY, f"DELETE FROM core_{table}")
        await connection.run(KEY, "UPDATE core_user SET superior_id = NULL, department_id = NULL")
        await connection.run(KEY, "DELETE FROM core_user")
        await connection.run(KEY, "UPDATE core_department SET parent_id = NULL")
        await connection.run(KEY, "DELETE FROM core_department")

        async def put(model, values):
            await insert(connection, registry.spec(model), born(now()) | values)

        await put(Setting, {"name": "rights", "content": 7})
        for place in ids["departments"]:
            await put(Department, {"id": place, "name": "d"})
        for place, (department, _, enabled) in zip(ids["users"], company.users, strict=True):
            await put(
                User,
                {
                    "id": place,
                    "login": str(place),
                    "name": "n",
                    "department": at("departments", department),
                    "enabled": enabled,
                },
            )
        cast = "::uuid" if database.dialect.value == "postgres" else ""
        link = "UPDATE core_{} SET {} = {}{} WHERE id = {}{}"
        one, two = database.dialect.place(1), database.dialect.place(2)
        for place, parent in zip(ids["departments"], company.departments, strict=True):
            if parent is not None:
                sql = link.format("department", "parent_id", one, cast, two, cast)
                await connection.run(KEY, sql, [str(at("departments", parent)), str(place)])
        for place, (_, superior, _) in zip(ids["users"], company.users, strict=True):
            if superior is not None:
                sql = link.format("user", "superior_id", one, cast, two, cast)
                await connection.run(KEY, sql, [str(at("users", superior)), str(place)])
        for place, grants in zip(ids["roles"], company.roles, strict=True):
            await put(Role, {"id": place, "name": str(place)})
            for permission, scope, chosen, hidden in grants:
                values = {"role": place, "permission": permission, "scope": scope}
                values |= {"departments": [str(at("departments", n)) for n in chosen], "hidden": hidden}
                await put(Grant, values)
        for role, user in sorted(company.assignments):
            await put(Assignment, {"role": at("roles", role), "user": at("users", user)})
    return ids


def expected(company: Company, ids, user: int):
    """The reference: the definitions read out loud."""
    department, _, enabled = company.users[user]
    if not enabled:
        return None
    roles = [role for role, other in company.assignments if other == user]
    grants = [grant for role in roles for grant in company.roles[role]]
    reaches: dict[str, tuple[set[Scope], set[UUID]]] = {}
    hidden, locked = set(), set()
    for permission, scope, chosen, names in grants:
        scopes, places = reaches.setdefault(permission, (set(), set()))
        scopes.add(scope)
        if scope is Scope.CHOSEN:
            places.update(ids["departments"][one] for one in chosen)
        label, _, verb = permission.rpartition(".")
        full = {one if "." in one else f"{label}.{one}" for one in names}
        locked |= full
        hidden |= full if verb == "read" else set()
    below = company.closure(department, company.departments)
    reports = company.closure(user, [superior for _, superior, _ in company.users])
    return {
        "departments": {ids["departments"][one] for one in below},
        "reports": {ids["users"][one] for one in reports},
        "roles": {ids["roles"][one] for one in roles},
        "reaches": {one: Reach(frozenset(a), tuple(sorted(b))) for one, (a, b) in reaches.items()},
        "hidden": hidden,
        "locked": locked,
    }


@pytest.mark.requirement("PM-3", "PM-6", "PM-12", "PM-14", "PM-15", "PM-20", "PM-21")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(company=companies())
async def test_policies_are_what_the_definitions_say(database, registry, company):
    ids = await stored(database, registry, company)
    policies = Policies(database)
    for place, user_id in enumerate(ids["users"]):
        policy = await policies.of(user_id)
        wanted = expected(company, ids, place)
        if wanted is None:
            assert policy == NOBODY
            continue
        found = {
            "departments": set(policy.departments),
            "reports": set(policy.reports),
            "roles": set(policy.roles),
            "reaches": dict(policy.reaches),
            "hidden": set(policy.hidden),
            "locked": set(policy.locked),
        }
        assert found == wanted
        assert (policy.user_id, policy.rights, policy.number) == (user_id, 7, 1)


ONE = Company(
    [None], [(0, None, True), (0, 0, True)], [[("sales.customer.read", Scope.OWN, [], ["turnover"])]], {(0, 0)}
)


async def test_a_policy_is_one_statement_and_then_none(database, registry, statements):
    ids = await stored(database, registry, ONE)
    policies = Policies(database)
    statements.clear()
    first = await policies.of(ids["users"][0])
    assert len(statements) == 1
    assert await policies.of(ids["users"][0]) is first
    assert len(statements) == 1
    assert first.allows("sales.customer.read")
    assert not first.allows("sales.customer.update")


async def test_the_unknown_and_the_disabled_are_nobody_each_time_they_ask(database, registry):
    ids = await stored(database, registry, ONE)
    policies = Policies(database)
    assert await policies.of(new_id()) is NOBODY
    user = ids["users"][0]
    await policies.of(user)
    async with database.begin(KEY) as connection:
        await connection.run(KEY, f"UPDATE core_user SET enabled = {'FALSE'}")
    assert await policies.fresh(user) is NOBODY
    assert await policies.of(user) is NOBODY


@pytest.mark.requirement("PM-8")
async def test_an_administrator_reaches_everything_and_nothing_is_hidden_from_him(database, registry):
    ids = await stored(database, registry, ONE)
    async with database.begin(KEY) as connection:
        await connection.run(KEY, f"UPDATE core_user SET administrator = {'TRUE'}")
    policy = await Policies(database).of(ids["users"][0])
    assert (policy.everything, policy.hidden, policy.locked) == (True, frozenset(), frozenset())
    assert policy.reach("whatever.there.is") == Reach(frozenset({Scope.ALL}))


async def test_bumps_change_the_numbers_that_policies_are_stamped_with(database, registry):
    ids = await stored(database, registry, ONE)
    first, second = ids["users"]
    async with database.begin(KEY) as connection:
        await bump_rights(connection)
        await bump_user(connection, first)
    policies = Policies(database)
    stamps = [(one.rights, one.number) for one in (await policies.of(first), await policies.of(second))]
    assert stamps == [(8, 2), (8, 1)]
    ((content,),) = await database.read(KEY, "SELECT CAST(content AS TEXT) FROM core_setting WHERE name = 'rights'")
    assert json.loads(content) == 8


async def test_an_archived_role_or_assignment_or_grant_gives_nothing(database, registry):
    for table in ("role", "assignment", "grant"):
        ids = await stored(database, registry, ONE)
        async with database.begin(KEY) as connection:
            await connection.run(KEY, f"UPDATE core_{table} SET archived_at = created_at")
        policy = await Policies(database).of(ids["users"][0])
        assert dict(policy.reaches) == {}
