from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.access import By, Caller, Scope, system
from core.credentials import as_id, digest
from core.database import KEY
from core.departments import Department
from core.errors import Forbidden, NotFound, Refused, Unauthenticated
from core.events import Outbox
from core.fields import text
from core.first_steps import first_steps
from core.ids import born, new_id, now
from core.links import link
from core.model import Meta, Model
from core.operations import Operations
from core.plugin import Plugin
from core.policies import Policies
from core.reading import Reader
from core.roles import Assignment, Grant, Role
from core.rows import insert
from core.sessions import Session
from core.settings import load_settings
from core.users import User


class Order(Model):
    """What somebody wants."""

    name = text(required=True)


class Line(Model):
    """A line of an order."""

    meta = Meta(part_of="order")

    order = link(Order, required=True, back="lines")
    name = text(required=True)


@pytest.fixture(scope="session")
def plugins():
    return (Plugin("shop", models=[Order, Line]),)


class Office:
    """A company under test: its parts wired, and callers made by login."""

    def __init__(self, registry, database):
        self.registry, self.database = registry, database
        self.policies = Policies(database)
        self.reader = Reader(registry, database, self.policies)
        self.operations = Operations(registry, database, self.reader, self.policies, Outbox(registry, {}))
        self.people = {}

    async def user(self, login, **values):
        made = await self.operations.create(system("test"), User, {"login": login, "name": login.title(), **values})
        self.people[login] = made.id
        return made.id

    async def caller(self, login):
        user = self.people[login]
        row = born(now()) | {"user": user, "digest": digest(login), "seen_at": now()}
        async with self.database.begin(KEY) as connection:
            spec = self.registry.spec(Session)
            await insert(connection, spec, row | {"expires_at": now() + timedelta(days=1)})
        return Caller(await self.policies.fresh(user), By.SESSION, as_id(row["id"]))

    async def role(self, name, *grants):
        role = await self.operations.create(system("test"), Role, {"name": name})
        for permission, scope in grants:
            values = {"role": role.id, "permission": permission, "scope": scope}
            await self.operations.create(system("test"), Grant, values)
        return role.id

    async def act(self, caller, action, login, **inputs):
        (user,) = await self.operations.act(caller, User, [self.people[login]], action, inputs)
        return user

    async def state(self):
        """All that a refusal must leave as it was."""
        found = []
        for table, columns in {
            "core_user": "login, enabled, administrator, superior_id, version, archived_at",
            "core_department": "name, parent_id, version, archived_at",
            "core_grant": "permission, scope",
            "core_assignment": "role_id, user_id, archived_at",
            "core_session": "digest, ended_at",
        }.items():
            found += await self.database.read(KEY, f"SELECT {columns} FROM {table} ORDER BY 1, 2")
        return found


@pytest.fixture
async def office(database, registry):
    await first_steps(database, registry, load_settings(admin_password="mayflower teapot"))
    made = Office(registry, database)
    ((admin,),) = await database.read(KEY, "SELECT id FROM core_user")
    made.people["admin"] = as_id(admin)
    return made


@pytest.fixture
async def admin(office):
    return await office.caller("admin")


async def refused(office, code, work):
    before = await office.state()
    with pytest.raises(Refused) as refusal:
        await work
    assert [one.code for one in refusal.value.problems] == [code]
    assert await office.state() == before


# Departments


@pytest.mark.requirement("PM-1", "PM-2")
async def test_the_department_tree_is_kept_in_place(office, admin):
    operations = office.operations
    ((top,),) = await office.database.read(KEY, "SELECT id FROM core_department")
    await operations.update(admin, Department, as_id(top), {"name": "Headquarters"})
    east = await operations.create(admin, Department, {"name": "East", "parent": str(top)})
    port = await operations.create(admin, Department, {"name": "Port", "parent": east.id})
    await operations.update(admin, Department, port.id, {"parent": str(top)})
    await operations.archive(admin, Department, east.id)
    names = [one.name for one in await office.reader.records(admin, Department)]
    assert names == ["Headquarters", "Port"]


@pytest.mark.requirement("PM-1")
async def test_a_department_is_never_below_itself(office, admin):
    one = await office.operations.create(admin, Department, {"name": "one"})
    two = await office.operations.create(admin, Department, {"name": "two", "parent": one.id})
    three = await office.operations.create(admin, Department, {"name": "three", "parent": two.id})
    for parent in (one, two, three):
        await refused(office, "circle", office.operations.update(admin, Department, one.id, {"parent": parent.id}))


@pytest.mark.requirement("PM-1")
async def test_a_department_with_people_or_departments_is_not_deleted(office, admin):
    one = await office.operations.create(admin, Department, {"name": "one"})
    two = await office.operations.create(admin, Department, {"name": "two", "parent": one.id})
    await office.user("clerk", department=two.id)
    await refused(office, "linked", office.operations.archive(admin, Department, one.id))
    with pytest.raises(Refused, match="1 users belong to this department; move them first"):
        await office.operations.archive(admin, Department, two.id)


# Users


@pytest.mark.requirement("PM-4")
async def test_an_administrator_makes_users(office, admin):
    chief = await office.operations.create(admin, User, {"login": "13800138000", "name": "王小明", "sex": "male"})
    values = {"login": "kim", "name": "김민수", "email": "kim@example.com", "job_title": "Sales", "superior": chief.id}
    made = await office.operations.create(admin, User, values)
    user = await office.reader.get(admin, User, made.id)
    assert (user.superior.id, user.enabled, user.administrator) == (chief.id, True, False)
    with pytest.raises(Refused) as refusal:
        await office.operations.create(admin, User, {"login": "KIM", "name": "other"})
    assert [(one.field, one.code) for one in refusal.value.problems] == [("login", "taken")]


@pytest.mark.requirement("PM-12")
async def test_nobody_reports_to_himself_by_any_way(office, admin):
    one = await office.user("one")
    two = await office.user("two", superior=one)
    three = await office.user("three", superior=two)
    for superior in (one, two, three):
        await refused(office, "circle", office.operations.update(admin, User, one, {"superior": superior}))


async def test_two_changes_at_once_make_no_circle(office, admin):
    one, two = await office.user("one"), await office.user("two")
    results = await asyncio.gather(
        office.operations.update(admin, User, one, {"superior": two}),
        office.operations.update(admin, User, two, {"superior": one}),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in results) == ["Refused", "User"]
    rows = await office.database.read(KEY, "SELECT login FROM core_user WHERE superior_id IS NOT NULL")
    assert len(rows) == 1


@pytest.mark.requirement("PM-5")
async def test_users_are_never_deleted(office, admin):
    await office.user("clerk")
    await refused(office, "kept", office.operations.archive(admin, User, office.people["clerk"]))
    await refused(office, "not_archived", office.operations.purge(admin, User, office.people["clerk"]))


async def test_a_disabled_user_is_out_at_once_and_stays_out_when_enabled_again(office, admin):
    await office.user("clerk")
    clerk = await office.caller("clerk")
    await office.act(admin, "disable", "clerk")
    with pytest.raises(Unauthenticated):
        await office.operations.create(clerk, Order, {"name": "o"})
    await office.act(admin, "enable", "clerk")
    with pytest.raises(Unauthenticated):
        await office.operations.create(clerk, Order, {"name": "o"})
    fresh = await office.caller("clerk")
    with pytest.raises(Forbidden):
        await office.operations.create(fresh, Order, {"name": "o"})


@pytest.mark.requirement("PM-5")
async def test_an_account_is_handed_over_with_its_records_and_reports(office, admin):
    head = await office.user("head")
    leaver = await office.user("leaver", superior=head)
    heir = await office.user("heir", superior=leaver)
    await office.user("junior", superior=leaver)
    await office.operations.create(admin, Order, {"name": "kept"})
    owned = {(await office.operations.create(admin, Order, {"name": "o", "owner": leaver})).id for _ in range(3)}
    gone = await office.caller("leaver")
    await office.act(admin, "hand_over", "leaver", successor=heir)
    orders = await office.reader.records(admin, Order)
    assert {one.id for one in orders if one.owner.id == heir} == owned
    superiors = await office.database.read(KEY, "SELECT login, superior_id, enabled FROM core_user ORDER BY login")
    assert [(login, str(superior), bool(enabled)) for login, superior, enabled in superiors] == [
        ("admin", "None", True),
        ("head", "None", True),
        ("heir", str(head), True),
        ("junior", str(heir), True),
        ("leaver", str(head), False),
    ]
    with pytest.raises(Unauthenticated):
        await office.reader.count(gone, User)
    entries = await office.database.read(KEY, "SELECT verb, reason FROM core_entry WHERE model = 'shop.order'")
    assert entries.count(("transfer", "The account of Leaver is handed over")) == 3


async def test_an_account_is_handed_to_another_enabled_user_only(office, admin):
    leaver = await office.user("leaver")
    out = await office.user("out")
    await office.act(admin, "disable", "out")
    for successor in (leaver, out, new_id()):
        await refused(office, "unknown_record", office.act(admin, "hand_over", "leaver", successor=successor))


# Administrators


@pytest.mark.requirement("PM-8")
async def test_administrators_appoint_and_dismiss_each_other_and_one_remains(office, admin):
    await office.user("deputy")
    assert (await office.act(admin, "appoint", "deputy")).administrator is True
    deputy = await office.caller("deputy")
    await office.act(deputy, "dismiss", "admin")
    await refused(office, "last", office.act(deputy, "dismiss", "deputy"))
    await refused(office, "himself", office.act(deputy, "disable", "deputy"))
    with pytest.raises(Forbidden):
        await office.act(admin, "appoint", "admin")
    (count,) = await office.database.read(KEY, "SELECT count(*) FROM core_user WHERE administrator")
    assert count == (1,)


@pytest.mark.requirement("PM-8")
async def test_two_administrators_cannot_dismiss_each_other_at_once(office, admin):
    await office.user("deputy")
    await office.act(admin, "appoint", "deputy")
    deputy = await office.caller("deputy")
    results = await asyncio.gather(
        office.act(admin, "dismiss", "deputy"), office.act(deputy, "dismiss", "admin"), return_exceptions=True
    )
    (refusal,) = (one for one in results if isinstance(one, Exception))
    assert isinstance(refusal, Refused | Forbidden)  # as the last one, or as one who is not any more
    (count,) = await office.database.read(KEY, "SELECT count(*) FROM core_user WHERE administrator")
    assert count == (1,)


@pytest.mark.requirement("PM-8")
async def test_nobody_else_touches_an_administrator_or_makes_one(office, admin):
    verbs = ("read", "update", "enable", "appoint", "hand_over", "transfer")
    role = await office.role("Personnel", *((f"core.user.{verb}", Scope.ALL) for verb in verbs))
    await office.user("clerk")
    await office.user("other")
    await office.operations.act(admin, Role, [role], "assign", {"user": office.people["clerk"]})
    clerk = await office.caller("clerk")
    before = await office.state()
    for work in (
        office.operations.update(clerk, User, office.people["admin"], {"name": "x"}),
        office.act(clerk, "disable", "admin"),
        office.act(clerk, "dismiss", "admin"),
        office.act(clerk, "hand_over", "admin", successor=office.people["other"]),
        office.act(clerk, "appoint", "clerk"),
        office.act(clerk, "appoint", "other"),
    ):
        with pytest.raises(Forbidden):
            await work
    with pytest.raises(Refused):
        await office.operations.update(clerk, User, office.people["other"], {"administrator": True})
    assert await office.state() == before
    await office.act(clerk, "disable", "other")


# Roles


@pytest.mark.requirement("PM-6", "PM-20")
async def test_a_role_is_given_taken_and_given_again(office, admin):
    role = await office.role("Clerk", ("shop.order.create", Scope.OWN), ("shop.order.read", Scope.OWN))
    await office.user("clerk")
    clerk = await office.caller("clerk")
    for action, allowed in (("assign", True), ("assign", True), ("withdraw", False), ("assign", True)):
        await office.operations.act(admin, Role, [role], action, {"user": office.people["clerk"]})
        clerk = await office.caller("clerk")
        assert clerk.allows("shop.order.create") is allowed
    order = await office.operations.create(clerk, Order, {"name": "mine"})
    await office.operations.act(admin, Role, [role], "withdraw", {"user": office.people["clerk"]})
    with pytest.raises(Forbidden):
        await office.operations.create(clerk, Order, {"name": "another"})
    with pytest.raises(Forbidden):
        await office.reader.get(clerk, Order, order.id)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"permission": "shop.order.reed"}, "unknown"),
        ({"permission": "shop.order.read", "scope": "chosen"}, "required"),
        ({"permission": "shop.order.read", "scope": "chosen", "departments": [str(new_id())]}, "unknown_record"),
        ({"permission": "shop.order.read", "scope": "chosen", "departments": ["x"]}, "unknown_record"),
        ({"permission": "shop.order.read", "hidden": ["price"]}, "unknown"),
        ({"permission": "shop.order.read", "hidden": ["core.user.login"]}, "unknown"),
        ({"permission": "shop.order.read", "hidden": "name"}, "invalid"),
    ],
)
@pytest.mark.requirement("PM-6", "PM-9", "PM-15")
async def test_a_grant_of_what_is_not_there_is_refused(office, admin, values, code):
    role = await office.role("Clerk")
    await refused(office, code, office.operations.create(admin, Grant, {"role": role, **values}))


@pytest.mark.requirement("PM-9", "PM-18")
async def test_a_grant_hides_fields_of_the_model_and_of_its_parts(office, admin):
    role = await office.role("Clerk")
    values = {"role": role, "permission": "shop.order.read", "scope": "all", "hidden": ["name", "shop.line.name"]}
    await office.operations.create(admin, Grant, values)
    await office.user("clerk")
    await office.operations.act(admin, Role, [role], "assign", {"user": office.people["clerk"]})
    clerk = await office.caller("clerk")
    assert clerk.policy.hidden == {"shop.order.name", "shop.line.name"}


@pytest.mark.requirement("PM-17", "PM-21")
async def test_who_manages_roles_gives_no_wider_a_scope_than_he_has(office, admin):
    role = [(f"core.role.{verb}", Scope.ALL) for verb in ("read", "update", "create", "assign")]
    tree = [("core.user.read", Scope.ALL), ("core.department.read", Scope.ALL), ("shop.order.read", Scope.TREE)]
    personnel = await office.role("Personnel", *role, *tree)
    wide = await office.role("Wide", ("shop.order.read", Scope.ALL))
    narrow = await office.role("Narrow")
    far = await office.operations.create(admin, Department, {"name": "far"})
    near = await office.operations.create(admin, Department, {"name": "near"})
    await office.user("clerk", department=near.id)
    await office.user("other")
    await office.operations.act(admin, Role, [personnel], "assign", {"user": office.people["clerk"]})
    clerk, other = await office.caller("clerk"), office.people["other"]

    def grant(scope, *departments):
        chosen = {"departments": [str(one) for one in departments]} if departments else {}
        return {"role": narrow, "permission": "shop.order.read", "scope": scope} | chosen

    await refused(office, "beyond", office.operations.create(clerk, Grant, grant("all")))
    await refused(office, "beyond", office.operations.create(clerk, Grant, grant("chosen", near.id, far.id)))
    await refused(office, "beyond", office.operations.act(clerk, Role, [wide], "assign", {"user": other}))
    made = await office.operations.create(clerk, Grant, grant("own"))
    for wanted in (grant("tree"), grant("chosen", near.id)):
        await office.operations.update(clerk, Grant, made.id, wanted)
    await refused(office, "beyond", office.operations.update(clerk, Grant, made.id, {"scope": "all"}))
    (kept,) = await office.reader.records(admin, Grant, where=Grant.id.eq(made.id))
    assert (kept.scope, kept.departments) == (Scope.CHOSEN, [str(near.id)])


@pytest.mark.requirement("PM-21")
async def test_who_manages_roles_cannot_give_more_than_he_has(office, admin):
    verbs = ("read", "update", "create", "assign")
    grants = [("core.user.read", Scope.ALL), ("shop.order.read", Scope.ALL)]
    personnel = await office.role("Personnel", *((f"core.role.{verb}", Scope.ALL) for verb in verbs), *grants)
    strong = await office.role("Strong", ("shop.order.purge", Scope.ALL))
    weak = await office.role("Weak", ("shop.order.read", Scope.ALL))
    await office.user("clerk")
    await office.user("other")
    await office.operations.act(admin, Role, [personnel], "assign", {"user": office.people["clerk"]})
    clerk = await office.caller("clerk")
    operations, other = office.operations, office.people["other"]
    grant = {"role": weak, "permission": "shop.order.purge", "scope": "all"}
    await refused(office, "beyond", operations.create(clerk, Grant, grant))
    await refused(office, "beyond", operations.act(clerk, Role, [strong], "assign", {"user": other}))
    await refused(office, "beyond", operations.create(clerk, Assignment, {"role": strong, "user": other}))
    himself = {"user": office.people["clerk"]}
    await refused(office, "himself", operations.act(clerk, Role, [weak], "assign", himself))
    await operations.act(clerk, Role, [weak], "assign", {"user": other})
    assert (await office.caller("other")).allows("shop.order.read")


async def test_without_the_permission_a_role_is_not_even_there(office, admin):
    role = await office.role("Clerk")
    await office.user("clerk")
    clerk = await office.caller("clerk")
    with pytest.raises(Forbidden):
        await office.operations.act(clerk, Role, [role], "assign", {"user": office.people["clerk"]})
    with pytest.raises((Forbidden, NotFound)):
        await office.operations.update(clerk, Role, role, {"name": "x"})
