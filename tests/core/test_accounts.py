from __future__ import annotations

import pytest

from core.access import Origin, system
from core.accounts import Accounts
from core.database import KEY
from core.errors import Forbidden, NotFound, Refused, Unauthenticated
from core.first_steps import first_steps
from core.ids import born, new_id, now
from core.looks import Density, Look, Theme
from core.policies import Policies
from core.rows import insert
from core.settings import load_settings
from core.sign_in import SignIn
from core.users import User

PASSWORD, NEW = "mayflower teapot", "harbour lantern 7"
ORIGIN = Origin("192.0.2.7", "Firefox", "r1")


@pytest.fixture
async def policies(database, registry):
    await first_steps(database, registry, load_settings(admin_password=PASSWORD))
    return Policies(database)


@pytest.fixture
async def sign_in(database, registry, policies):
    made = SignIn(registry, database, policies, load_settings())
    yield made
    await made.close()


@pytest.fixture
def accounts(database, registry, sign_in):
    return Accounts(registry, database, sign_in)


@pytest.fixture
async def clerk(database, registry, sign_in):
    row = born(now()) | {"login": "clerk", "name": "Kim Minsu", "password": await sign_in.passwords.hash(PASSWORD)}
    async with database.begin(KEY) as connection:
        await insert(connection, registry.spec(User), row)
    return row["id"]


async def stored_of(database):
    return await database.read(KEY, "SELECT login, password FROM core_user ORDER BY login")


async def verbs(database):
    return [row[0] for row in await database.read(KEY, "SELECT verb FROM core_entry ORDER BY number")]


async def test_a_user_changes_his_password_and_his_other_sessions_end(database, accounts, sign_in, clerk):
    here, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    _, other = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    await accounts.change_password(caller, PASSWORD, NEW)
    assert [one.id for one in await sign_in.sessions_of(caller)] == [caller.credential]
    assert await sign_in.caller_of_session(here, ORIGIN) is not None
    assert other.credential != caller.credential
    with pytest.raises(Refused):
        await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    await sign_in.sign_in("clerk", NEW, ORIGIN)
    assert (await verbs(database))[2] == "set_password"


@pytest.mark.parametrize(
    ("current", "new", "field", "code"),
    [
        ("wrong password", NEW, "current", "wrong_credentials"),
        (PASSWORD, "short", "password", "too_short"),
        (PASSWORD, "kim-minsu-2026", "password", "weak"),
    ],
)
async def test_a_refused_change_of_password_changes_nothing(
    database, accounts, sign_in, clerk, current, new, field, code
):
    _, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    before = await stored_of(database)
    with pytest.raises(Refused) as refusal:
        await accounts.change_password(caller, current, new)
    assert [(one.field, one.code) for one in refusal.value.problems] == [(field, code)]
    assert await stored_of(database) == before


async def test_guessing_the_present_password_is_limited_as_signing_in_is(accounts, sign_in, clerk):
    _, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    for _ in range(10):
        with pytest.raises(Refused, match="This is not your present password"):
            await accounts.change_password(caller, "wrong password", NEW)
    with pytest.raises(Refused, match="Too many attempts"):
        await accounts.change_password(caller, PASSWORD, NEW)


@pytest.mark.requirement("PM-4", "PM-8")
async def test_administrators_and_the_system_set_passwords_and_nobody_else(database, accounts, sign_in, clerk):
    _, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    _, admin = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    before = await stored_of(database)
    with pytest.raises(Forbidden):
        await accounts.set_password(caller, admin.user_id, NEW)
    program = await sign_in.caller_of_token(await sign_in.create_token(admin, "robot"), ORIGIN)
    with pytest.raises(Forbidden):
        await accounts.set_password(program, clerk, NEW)
    with pytest.raises(NotFound):
        await accounts.set_password(admin, new_id(), NEW)
    assert await stored_of(database) == before
    await accounts.set_password(admin, clerk, NEW)
    with pytest.raises(Unauthenticated):
        await sign_in.sessions_of(caller)
    with pytest.raises(Unauthenticated):
        await accounts.set_preferences(caller, language="ko")
    await accounts.set_password(system("the command line"), clerk, PASSWORD)
    await sign_in.sign_in("clerk", PASSWORD, ORIGIN)


async def test_preferences_reach_the_next_answer(database, policies, accounts, sign_in, clerk):
    secret, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    await accounts.set_preferences(caller, language="ko", zone="Asia/Seoul", look=Look(Theme.DARK, Density.DENSE))
    await policies.fresh(clerk)
    answered = await sign_in.caller_of_session(secret, ORIGIN)
    assert (answered.language, answered.zone) == ("ko", "Asia/Seoul")
    assert answered.policy.look == Look(Theme.DARK, Density.DENSE)


async def test_unknown_preferences_are_refused_by_field_and_nothing_is_set(database, accounts, sign_in, clerk):
    _, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    with pytest.raises(Refused) as refusal:
        await accounts.set_preferences(caller, language="tlh", zone="Mars/Olympus", look=Look(Theme.DARK))
    assert [one.field for one in refusal.value.problems] == ["language", "zone"]
    sql = "SELECT language, zone, look FROM core_user WHERE login = 'clerk'"
    assert await database.read(KEY, sql) == [("en", "UTC", None)]
