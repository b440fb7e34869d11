from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from core.access import By, Origin, system
from core.attempts import Attempts
from core.credentials import SECRET_LENGTH, _check, digest, new_token, well_formed
from core.database import KEY
from core.departments import Department
from core.errors import Forbidden, NotFound, Refused, Unauthenticated
from core.first_steps import first_steps
from core.ids import born, new_id, now
from core.policies import Policies, bump_user
from core.reading import Reader
from core.rows import insert
from core.settings import load_settings
from core.sign_in import SignIn
from core.users import User

PASSWORD = "mayflower teapot"
ORIGIN = Origin("192.0.2.7", "Firefox", "r1")
ELSEWHERE = Origin("198.51.100.9", "Chrome", "r2")


class Clock:
    """The present, moved by hand."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: int) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def policies(database, registry):
    await first_steps(database, registry, load_settings(admin_password=PASSWORD))
    return Policies(database)


@pytest.fixture
async def sign_in(database, registry, policies, clock):
    made = SignIn(registry, database, policies, load_settings(session_idle=60, session_lifetime=300), clock)
    yield made
    await made.close()


async def add_user(database, registry, login: str, **values: object):
    row = born(now()) | {"login": login, "name": login, "enabled": True}
    async with database.begin(KEY) as connection:
        await insert(connection, registry.spec(User), row | values)
    return row["id"]


async def audited(database):
    return await database.read(KEY, 'SELECT verb, "by", address, program FROM core_entry ORDER BY number')


def code(refusal) -> str:
    return str(refusal.value.problems[0].code)


async def test_signing_in_makes_a_session_whose_secret_is_stored_nowhere(database, sign_in, clock):
    secret, caller = await sign_in.sign_in("ADMIN", PASSWORD, ORIGIN)
    assert (caller.policy.login, caller.policy.everything, caller.by, caller.origin) == (
        "admin",
        True,
        By.SESSION,
        ORIGIN,
    )
    ((digest, address, program),) = await database.read(KEY, "SELECT digest, address, program FROM core_session")
    assert (address, program) == ("192.0.2.7", "Firefox")
    assert secret not in digest
    assert await sign_in.caller_of_session(secret, ORIGIN) == caller


async def test_a_known_session_or_token_costs_no_statement(sign_in, statements):
    secret, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    token = await sign_in.create_token(caller, "report")
    await sign_in.caller_of_token(token, ORIGIN)
    await sign_in.settle()
    statements.clear()
    assert await sign_in.caller_of_session(secret, ELSEWHERE) is not None
    assert await sign_in.caller_of_token(token, ELSEWHERE) is not None
    assert statements == []


@pytest.mark.parametrize(
    ("login", "password"),
    [("admin", "mayflower teapoT"), ("nobody", PASSWORD), ("disabled", PASSWORD), ("admin", ""), ("admin", "x" * 5000)],
)
async def test_a_wrong_login_or_password_is_refused_alike(database, registry, sign_in, login, password):
    stored = await sign_in.passwords.hash(PASSWORD)
    await add_user(database, registry, "disabled", enabled=False, password=stored)
    with pytest.raises(Refused, match="The login or the password is wrong") as refusal:
        await sign_in.sign_in(login, password, ORIGIN)
    assert code(refusal) == "wrong_credentials"
    assert await database.read(KEY, "SELECT count(*) FROM core_session") == [(0,)]
    assert await audited(database) == [("sign_in_refused", "anonymous", "192.0.2.7", "Firefox")]


async def test_a_user_without_a_password_cannot_sign_in(database, registry, sign_in):
    await add_user(database, registry, "robot")
    with pytest.raises(Refused):
        await sign_in.sign_in("robot", "", ORIGIN)


async def test_signing_in_ends_the_session_that_the_browser_came_with(sign_in):
    first, _ = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    second, _ = await sign_in.sign_in("admin", PASSWORD, ORIGIN, first)
    assert await sign_in.caller_of_session(first, ORIGIN) is None
    assert await sign_in.caller_of_session(second, ORIGIN) is not None


async def test_a_session_ends_after_rest_and_after_its_lifetime(sign_in, clock):
    secret, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    for _ in range(5):
        clock.pass_by(minutes=59)
        assert await sign_in.caller_of_session(secret, ORIGIN) is not None
        await sign_in.settle()
    (view,) = await sign_in.sessions_of(caller)
    assert view.expires_at - view.created_at == timedelta(minutes=300)
    clock.pass_by(minutes=6)
    assert await sign_in.caller_of_session(secret, ORIGIN) is None
    rested, _ = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    clock.pass_by(minutes=60)
    assert await sign_in.caller_of_session(rested, ORIGIN) is None


async def test_the_use_of_a_session_is_noted_at_most_once_a_minute(sign_in, clock, statements):
    secret, _ = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    statements.clear()
    for _ in range(3):
        clock.pass_by(seconds=29)
        await sign_in.caller_of_session(secret, ORIGIN)
        await sign_in.settle()
    assert len([one for one in statements if one.startswith("UPDATE core_session")]) == 1


async def test_a_session_is_listed_and_ended_by_its_user_only(database, registry, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    await add_user(database, registry, "other", password=stored)
    here, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    await sign_in.sign_in("admin", PASSWORD, ELSEWHERE)
    _, other = await sign_in.sign_in("other", PASSWORD, ELSEWHERE)
    views = await sign_in.sessions_of(caller)
    assert {one.program for one in views} == {"Firefox", "Chrome"}
    with pytest.raises(NotFound):
        await sign_in.end_session(other, views[0].id)
    assert len(await sign_in.sessions_of(caller)) == 2
    assert await sign_in.end_others(caller) == 1
    assert [one.id for one in await sign_in.sessions_of(caller)] == [caller.credential]
    await sign_in.end(here, ORIGIN)
    assert await sign_in.caller_of_session(here, ORIGIN) is None
    assert len(await sign_in.sessions_of(other)) == 1


async def test_an_ended_session_reads_nothing_even_where_it_is_remembered(database, registry, policies, sign_in):
    _, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    reader = Reader(registry, database, policies)
    assert await reader.count(caller, User) == 1
    async with database.begin(KEY) as connection:  # by another process
        await connection.run(KEY, "UPDATE core_session SET ended_at = created_at")
    with pytest.raises(Unauthenticated):
        await reader.count(caller, User)


async def test_a_disabled_user_is_out_at_the_next_read_of_any_process(database, registry, policies, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    user = await add_user(database, registry, "clerk", password=stored, administrator=True)
    secret, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_user SET enabled = FALSE WHERE login = 'clerk'")
        await bump_user(connection, user)
    with pytest.raises(Unauthenticated):
        await Reader(registry, database, policies).count(caller, User)
    await policies.fresh(user)
    assert await sign_in.caller_of_session(secret, ORIGIN) is None


async def test_a_revoked_right_binds_the_next_read_of_another_process(database, registry, policies, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    user = await add_user(database, registry, "clerk", password=stored, administrator=True)
    _, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    reader = Reader(registry, database, policies)
    assert await reader.count(caller, User) == 2
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_user SET administrator = FALSE WHERE login = 'clerk'")
        await bump_user(connection, user)
    with pytest.raises(Forbidden):
        await reader.count(caller, User)


async def test_a_new_right_binds_the_next_read_of_another_process(database, registry, policies, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    user = await add_user(database, registry, "clerk", password=stored)
    _, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    reader = Reader(registry, database, policies)
    with pytest.raises(Forbidden):
        await reader.count(caller, User)
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_user SET administrator = TRUE WHERE login = 'clerk'")
        await bump_user(connection, user)
    assert await reader.count(caller, User) == 2


async def test_an_old_hash_is_renewed_when_its_user_signs_in(database, registry, sign_in):
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    await add_user(database, registry, "veteran", password=old)
    await sign_in.sign_in("veteran", PASSWORD, ORIGIN)
    ((stored,),) = await database.read(KEY, "SELECT password FROM core_user WHERE login = 'veteran'")
    assert stored != old
    assert not sign_in.passwords.outdated(stored)
    assert await sign_in.passwords.verify(stored, PASSWORD)


async def test_many_attempts_must_wait_and_another_address_need_not(sign_in):
    for _ in range(10):
        with pytest.raises(Refused, match="The login or the password is wrong"):
            await sign_in.sign_in("admin", "wrong password", ORIGIN)
    with pytest.raises(Refused, match="Too many attempts to sign in; try again in 15 minutes") as refusal:
        await sign_in.sign_in("Admin", PASSWORD, ORIGIN)
    assert code(refusal) == "too_many_attempts"
    with pytest.raises(Refused, match="Too many attempts"):
        await sign_in.sign_in("admin", PASSWORD, Origin("192.0.2.200"))  # a neighbour of the first address
    await sign_in.sign_in("admin", PASSWORD, ELSEWHERE)


async def test_an_account_has_so_many_attempts_from_everywhere_and_an_address_on_everybody():
    attempts = Attempts()
    for place in range(50):
        await attempts.admit("admin", f"10.0.{place}.1")
        await attempts.failed("admin", f"10.0.{place}.1")
    with pytest.raises(Refused, match="Too many attempts"):
        await attempts.admit("admin", "10.1.0.1")
    for user in range(100):
        await attempts.admit(f"user{user}", "2001:db8::1")
        await attempts.failed(f"user{user}", "2001:db8::1")
    with pytest.raises(Refused, match="Too many attempts"):
        await attempts.admit("someone", "2001:db8::2")
    await attempts.admit("someone", "2001:db8:1::2")


async def test_success_forgives_the_attempts_before_it():
    attempts = Attempts()
    for _ in range(30):
        await attempts.admit("admin", "10.0.0.1")
        await attempts.succeeded("admin", "10.0.0.1")


async def test_without_redis_attempts_are_still_counted(unused_tcp_port):
    attempts = Attempts(f"redis://127.0.0.1:{unused_tcp_port}")
    for _ in range(10):
        await attempts.admit("admin", "10.0.0.1")
    with pytest.raises(Refused, match="Too many attempts"):
        await attempts.admit("admin", "10.0.0.1")


@pytest.mark.requirement("SE-1")
async def test_who_came_and_went_and_from_where_is_remembered(database, sign_in):
    secret, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    await sign_in.create_token(caller, "report")
    (view,) = await sign_in.tokens_of(caller)
    await sign_in.end_token(caller, view.id)
    await sign_in.end_others(caller)
    await sign_in.end(secret, ELSEWHERE)
    verbs = ("sign_in", "create_token", "end_token", "end_other_sessions")
    entries = [(verb, "session", "192.0.2.7", "Firefox") for verb in verbs]
    assert await audited(database) == [*entries, ("sign_out", "session", "198.51.100.9", "Chrome")]
    users = await database.read(KEY, "SELECT DISTINCT user_id FROM core_entry")
    assert [str(one) for (one,) in users] == [str(caller.user_id)]


# Tokens


def test_a_token_says_itself_whether_it_can_be_one():
    token = new_token()
    assert token.startswith("tp_")
    assert len(token) == 61
    assert well_formed(token)
    changed = token[:20] + ("a" if token[20] != "a" else "b") + token[21:]
    for wrong in (
        "",
        "tp_",
        changed,
        token[3:],
        token + "x",
        token[:-1],
        f"tp_{token}",
        token.replace("tp_", "tp_é"),
        f"tp_a_{token[12:]}",
    ):
        assert not well_formed(wrong)


@pytest.mark.requirement("AX-1")
async def test_a_token_has_the_rights_of_its_user_until_it_ends(database, sign_in, clock, statements):
    _, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    text = await sign_in.create_token(caller, "report", read_only=True)
    ((digest,),) = await database.read(KEY, "SELECT digest FROM core_token")
    assert text not in digest
    program = await sign_in.caller_of_token(text, ELSEWHERE)
    assert (program.by, program.read_only, program.user_id) == (By.TOKEN, True, caller.user_id)
    assert program.allows("core.user.read")
    assert program.allows("core.user.export")
    assert not program.allows("core.user.update")
    (view,) = await sign_in.tokens_of(caller)
    assert (view.name, view.read_only, view.expires_at) == ("report", True, clock() + timedelta(days=365))
    await sign_in.settle()
    ((seen_at,),) = [(one.seen_at,) for one in await sign_in.tokens_of(caller)]
    assert seen_at == clock()
    statements.clear()
    assert await sign_in.caller_of_token(f"{text[:-1]}?", ORIGIN) is None
    assert statements == []
    clock.pass_by(days=365)
    assert await sign_in.caller_of_token(text, ORIGIN) is None


async def test_a_token_is_ended_by_its_user_only(database, registry, sign_in, policies):
    _, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    stored = await sign_in.passwords.hash(PASSWORD)
    user = await add_user(database, registry, "other", password=stored, administrator=True)
    _, other = await sign_in.sign_in("other", PASSWORD, ORIGIN)
    text = await sign_in.create_token(system("the command line"), "robot", user_id=user)
    program = await sign_in.caller_of_token(text, ORIGIN)
    assert await Reader(registry, database, policies).count(program, User) == 2
    (view,) = await sign_in.tokens_of(other)
    with pytest.raises(NotFound):
        await sign_in.end_token(caller, view.id)
    await sign_in.end_token(other, view.id)
    with pytest.raises(Unauthenticated):
        await Reader(registry, database, policies).count(program, User)
    assert await sign_in.tokens_of(other) == []


async def test_tokens_make_no_tokens_and_nobody_makes_one_for_another(database, registry, sign_in, clock):
    _, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    program = await sign_in.caller_of_token(await sign_in.create_token(caller, "one"), ORIGIN)
    with pytest.raises(Forbidden):
        await sign_in.create_token(program, "two")
    with pytest.raises(Forbidden):
        await sign_in.create_token(caller, "two", user_id=new_id())
    for name, end in (("", None), ("x" * 121, None), ("two", clock()), ("two", clock() + timedelta(days=2000))):
        with pytest.raises(Refused):
            await sign_in.create_token(caller, name, expires_at=end)
    assert await database.read(KEY, "SELECT count(*) FROM core_token") == [(1,)]


async def test_sign_ins_at_the_same_time_each_get_a_session(sign_in):
    results = await asyncio.gather(*(sign_in.sign_in("admin", PASSWORD, ORIGIN) for _ in range(5)))
    secrets = {secret for secret, _ in results}
    assert len(secrets) == 5
    assert len(await sign_in.sessions_of(results[0][1])) == 5


async def test_processes_count_together_in_redis(redis_url):
    here, there = Attempts(redis_url), Attempts(redis_url)
    for one in (here, there) * 5:
        await one.admit("admin", "10.0.0.1")
    for one in (here, there):
        with pytest.raises(Refused, match="Too many attempts"):
            await one.admit("admin", "10.0.0.1")
    await here.succeeded("admin", "10.0.0.1")
    await there.admit("admin", "10.0.0.1")
    await here.close()
    await there.close()


async def test_a_user_signs_in_by_his_login_his_mail_address_or_his_mobile_number(database, registry, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    kim = await add_user(database, registry, "kim", password=stored, email="Kim@shop.example", mobile="138 1234-5678")
    for login in ("KIM", "kim@SHOP.example", "13812345678", "138-1234 5678", "１３８１２３４５６７８"):
        _, caller = await sign_in.sign_in(login, PASSWORD, ORIGIN)
        assert caller.user_id == kim


async def test_what_several_users_have_is_nobodys_and_a_login_comes_first(database, registry, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    await add_user(database, registry, "one", password=stored, mobile="555 123", email="desk@shop.example")
    await add_user(database, registry, "two", password=stored, mobile="555123", email="desk@shop.example")
    three = await add_user(database, registry, "desk@shop.example", password=stored)
    with pytest.raises(Refused, match="The login or the password is wrong"):
        await sign_in.sign_in("555123", PASSWORD, ORIGIN)
    _, caller = await sign_in.sign_in("desk@shop.example", PASSWORD, ORIGIN)
    assert caller.user_id == three


async def test_attempts_are_of_an_account_however_it_is_named(database, registry, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    await add_user(database, registry, "kim", password=stored, email="kim@shop.example", mobile="555123")
    for login in ["kim", "kim@shop.example"] * 5:
        with pytest.raises(Refused, match="The login or the password is wrong"):
            await sign_in.sign_in(login, "wrong password", ORIGIN)
    with pytest.raises(Refused, match="Too many attempts"):
        await sign_in.sign_in("555123", PASSWORD, ORIGIN)


# Scopes of tokens


async def test_a_token_for_some_permissions_has_no_others_of_its_users(database, registry, policies, sign_in):
    _, admin = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    text = await sign_in.create_token(admin, "report", scopes=["core.user.read", "core.user.read"])
    program = await sign_in.caller_of_token(text, ELSEWHERE)
    assert program.allows("core.user.read")
    assert not program.allows("core.department.read")
    assert not program.policy.everything
    reader = Reader(registry, database, policies)
    assert await reader.count(program, User) == 1
    with pytest.raises(Forbidden):
        await reader.count(program, Department)
    (view,) = await sign_in.tokens_of(admin)
    assert (view.scopes, view.prefix) == (["core.user.read"], text[:11])


async def test_a_token_has_of_its_scopes_what_its_user_has_at_that_moment(database, registry, policies, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    user = await add_user(database, registry, "clerk", password=stored, administrator=True)
    _, caller = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    text = await sign_in.create_token(caller, "report", scopes=["core.user.read"])
    program = await sign_in.caller_of_token(text, ORIGIN)
    reader = Reader(registry, database, policies)
    assert await reader.count(program, User) == 2
    async with database.begin(KEY) as connection:  # by another process
        await connection.run(KEY, "UPDATE core_user SET administrator = FALSE WHERE login = 'clerk'")
        await bump_user(connection, user)
    with pytest.raises(Forbidden):
        await reader.count(program, User)
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_user SET administrator = TRUE WHERE login = 'clerk'")
        await bump_user(connection, user)
    assert await reader.count(program, User) == 2
    with pytest.raises(Forbidden):  # the rights that are compiled anew stay within the scopes
        await reader.count(program, Department)


async def test_a_token_is_for_permissions_that_exist_and_that_its_maker_has(database, registry, sign_in):
    stored = await sign_in.passwords.hash(PASSWORD)
    await add_user(database, registry, "clerk", password=stored)
    _, clerk = await sign_in.sign_in("clerk", PASSWORD, ORIGIN)
    _, admin = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    for caller, scopes, wanted in (
        (admin, [], "required"),
        (admin, ["core.user.fly"], "unknown"),
        (clerk, ["core.user.read"], "beyond"),
    ):
        with pytest.raises(Refused) as refusal:
            await sign_in.create_token(caller, "report", scopes=scopes)
        assert code(refusal) == wanted
    assert await database.read(KEY, "SELECT count(*) FROM core_token") == [(0,)]


async def test_a_token_from_before_tokens_had_names_still_holds(database, registry, sign_in):
    _, admin = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    await sign_in.create_token(admin, "old")
    secret = "a" * SECRET_LENGTH
    old = f"tp_{secret}{_check(secret)}"
    async with database.begin(KEY) as connection:
        await connection.run(KEY, f"UPDATE core_token SET prefix = NULL, digest = '{digest(old)}'")
    assert await sign_in.caller_of_token(old, ORIGIN) is not None
    (view,) = await sign_in.tokens_of(admin)
    assert (view.prefix, view.scopes) == ("", None)
