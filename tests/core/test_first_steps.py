from types import SimpleNamespace

import pytest

from core.access import Scope
from core.boot import boot
from core.database import KEY
from core.errors import BootError, SettingsError
from core.first_steps import create_roles, first_steps
from core.hooks import RoleDefault, hookimpl
from core.passwords import Passwords
from core.plugin import Plugin
from core.settings import load_settings


def offering(name, *roles):
    return Plugin(name, hooks=[SimpleNamespace(tradepost_roles=hookimpl(lambda: roles), __name__=name)])


CLERK = RoleDefault("Clerk", "Keeps the books", (("core.user.read", Scope.ALL),))
CLERK_AGAIN = RoleDefault(
    "Clerk", "Another help", (("core.user.read", Scope.OWN), ("core.department.read", Scope.TREE))
)
WATCHMAN = RoleDefault("Watchman", "", (("core.department.read", Scope.DEPARTMENT),))


@pytest.fixture(scope="session")
def plugins():
    return (offering("books", CLERK), offering("gate", CLERK_AGAIN, WATCHMAN))


GRANTS = (
    "SELECT r.name, g.permission, g.scope FROM core_grant g JOIN core_role r ON r.id = g.role_id"
    " ORDER BY r.name, g.permission"
)
EXPECTED = [
    ("Clerk", "core.department.read", "tree"),
    ("Clerk", "core.user.read", "all"),
    ("Watchman", "core.department.read", "department"),
]


@pytest.mark.requirement("PM-2", "PM-7", "PM-8")
async def test_an_empty_database_gets_a_department_an_administrator_and_the_roles(database, registry):
    steps = await first_steps(database, registry, load_settings(language="zh_Hans"))
    assert steps.roles == ("Clerk", "Watchman")
    assert await database.read(KEY, "SELECT name FROM core_department") == [("办公室",)]
    sql = (
        "SELECT u.login, u.name, u.language, u.password, d.name FROM core_user u JOIN core_department d"
        " ON d.id = u.department_id WHERE u.administrator AND u.enabled"
    )
    ((*user, stored, department),) = await database.read(KEY, sql)
    assert (user, department) == (["admin", "管理员", "zh_Hans"], "办公室")
    passwords = Passwords()
    assert await passwords.verify(stored, steps.password) is True
    passwords.close()
    assert await database.read(KEY, GRANTS) == EXPECTED
    assert await database.read(KEY, "SELECT name, CAST(content AS TEXT) FROM core_setting") == [("rights", "1")]


async def test_a_second_time_changes_nothing(database, registry):
    await first_steps(database, registry, load_settings())
    again = await first_steps(database, registry, load_settings())
    assert (again.roles, again.password) == ((), "")
    assert await database.read(KEY, "SELECT count(*) FROM core_user") == [(1,)]
    assert await database.read(KEY, GRANTS) == EXPECTED


async def test_a_given_password_is_used_and_not_told(database, registry):
    steps = await first_steps(database, registry, load_settings(admin_password="mayflower teapot"))
    assert steps.password == ""
    ((stored,),) = await database.read(KEY, "SELECT password FROM core_user")
    passwords = Passwords()
    assert await passwords.verify(stored, "mayflower teapot") is True
    passwords.close()


async def test_a_given_password_that_is_too_weak_is_refused_and_nothing_is_made(database, registry):
    with pytest.raises(
        SettingsError, match="TRADEPOST_ADMIN_PASSWORD: password: A password has at least 12 characters"
    ):
        await first_steps(database, registry, load_settings(admin_password="short"))
    for table in ("user", "department", "setting", "role"):
        assert await database.read(KEY, f"SELECT count(*) FROM core_{table}") == [(0,)]


async def test_a_role_that_was_renamed_or_archived_does_not_come_back_changed(database, registry):
    await first_steps(database, registry, load_settings())
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_grant SET scope = 'own'")
        assert await create_roles(connection, registry) == ()
    assert {row[2] for row in await database.read(KEY, GRANTS)} == {"own"}


def test_a_grant_of_no_permission_stops_the_boot_by_name():
    with pytest.raises(BootError) as refused:
        boot((offering("books", RoleDefault("Clerk", "", (("core.user.reed", Scope.ALL),))),))
    assert refused.value.faults == (
        "books: the role Clerk is granted core.user.reed, which is no permission; correct it",
    )
