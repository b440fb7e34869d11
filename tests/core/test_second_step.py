"""The second step of signing in: codes of an app, recovery codes, who must have a factor, and lost ones."""

from __future__ import annotations

import asyncio
import re

import pyotp
import pytest

from core.access import By, Origin, system
from core.accounts import Accounts
from core.credentials import digest
from core.database import KEY
from core.errors import Forbidden, Refused, SecondFactorNeeded, Unauthenticated
from core.factors import step_of
from core.first_steps import first_steps
from core.policies import Policies
from core.roles import Assignment, Role
from core.second_step import SecondStep
from core.settings import load_settings
from core.sign_in import SignIn
from core.users import User
from tests.core.test_sign_in import Clock

PASSWORD = "mayflower teapot"
ORIGIN = Origin("192.0.2.7", "Firefox", "r1")
ELSEWHERE = Origin("198.51.100.9", "Chrome", "r2")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sign_in(database, registry, clock):
    await first_steps(database, registry, load_settings(admin_password=PASSWORD))
    made = SignIn(registry, database, Policies(database), load_settings(session_lifetime=300), clock)
    yield made
    await made.close()


@pytest.fixture
def steps(database, registry, sign_in, clock) -> SecondStep:
    return SecondStep(registry, database, sign_in, clock)


async def halfway(sign_in, login: str = "admin") -> str:
    with pytest.raises(SecondFactorNeeded) as needed:
        await sign_in.sign_in(login, PASSWORD, ORIGIN)
    return str(needed.value.secret)


async def with_app(sign_in, steps, clock):
    """The administrator, with an app: his session, the app, his recovery codes. The code that set it up is used."""
    _, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    app = pyotp.TOTP(await steps.propose(caller, ""))
    codes = await steps.confirm(caller, app.at(clock()))
    clock.pass_by(seconds=30)
    return caller, app, codes


async def audited(database, count: int) -> list[tuple[str, str, str]]:
    rows = await database.read(KEY, f'SELECT verb, "by", title FROM core_entry ORDER BY number DESC LIMIT {count}')
    return [(verb, by, title or "") for verb, by, title in reversed(rows)]


async def test_who_has_an_app_signs_in_with_its_code(database, sign_in, steps, clock):
    _, app, _ = await with_app(sign_in, steps, clock)
    secret = await halfway(sign_in)
    ((stored,),) = await database.read(KEY, "SELECT digest FROM core_halfway")
    assert (stored, secret in stored) == (digest(secret), False)
    session, caller = await steps.by_code(secret, app.at(clock()), ORIGIN)
    assert (caller.by, caller.policy.login) == (By.SESSION, "admin")
    assert await sign_in.caller_of_session(session, ORIGIN) == caller
    assert await audited(database, 2) == [
        ("first_step", "anonymous", "password"),
        ("sign_in", "session", "app"),
    ]


async def test_who_is_half_signed_in_is_nobody_anywhere_else(sign_in, steps, clock):
    caller, _, _ = await with_app(sign_in, steps, clock)
    secret = await halfway(sign_in)
    assert await sign_in.caller_of_session(secret, ORIGIN) is None
    assert await sign_in.caller_of_token(secret, ORIGIN) is None
    session, _ = await sign_in.let_in(caller.user_id, ORIGIN, "", "test")
    with pytest.raises(Unauthenticated):
        await steps.comer(session)


async def test_a_code_is_good_once_and_for_half_a_minute_to_either_side(sign_in, steps, clock):
    _, app, _ = await with_app(sign_in, steps, clock)
    code = app.at(clock())
    await steps.by_code(await halfway(sign_in), code, ORIGIN)
    with pytest.raises(Refused, match="This code is not right"):
        await steps.by_code(await halfway(sign_in), code, ELSEWHERE)
    clock.pass_by(seconds=90)
    with pytest.raises(Refused, match="This code is not right"):
        await steps.by_code(await halfway(sign_in), app.at(clock(), counter_offset=-2), ORIGIN)
    await steps.by_code(await halfway(sign_in), app.at(clock(), counter_offset=1), ORIGIN)
    with pytest.raises(Refused, match="This code is not right"):  # the one of now is older than what was used
        await steps.by_code(await halfway(sign_in), app.at(clock()), ORIGIN)


def test_the_steps_beside_the_present_one_fit():
    clock, key = Clock(), pyotp.random_base32()
    app, now = pyotp.TOTP(key), int(clock().timestamp()) // 30
    fitting = [step_of(key, app.at(clock(), counter_offset=one), clock()) for one in (-2, -1, 0, 1, 2)]
    assert fitting[1:4] == [now - 1, now, now + 1]
    assert step_of(key, "", clock()) is None
    assert step_of(key, "１２３４５６", clock()) is None


async def test_of_two_who_give_the_same_code_at_once_one_is_let_in(sign_in, steps, clock):
    _, app, _ = await with_app(sign_in, steps, clock)
    secrets = [await halfway(sign_in) for _ in range(3)]
    code = app.at(clock())
    ended = await asyncio.gather(*(steps.by_code(one, code, ORIGIN) for one in secrets), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["Refused", "Refused", "tuple"]


async def test_half_signed_in_is_good_for_ten_minutes_and_once(sign_in, steps, clock):
    _, app, _ = await with_app(sign_in, steps, clock)
    secret = await halfway(sign_in)
    await steps.by_code(secret, app.at(clock()), ORIGIN)
    clock.pass_by(seconds=60)
    with pytest.raises(Unauthenticated):
        await steps.by_code(secret, app.at(clock()), ORIGIN)
    late = await halfway(sign_in)
    clock.pass_by(minutes=11)
    with pytest.raises(Unauthenticated):
        await steps.by_code(late, app.at(clock()), ORIGIN)


async def test_five_wrong_codes_are_enough(database, sign_in, steps, clock):
    _, app, _ = await with_app(sign_in, steps, clock)
    secret = await halfway(sign_in)
    for _ in range(5):
        with pytest.raises(Refused, match="This code is not right"):
            await steps.by_code(secret, "000000", ORIGIN)
    with pytest.raises(Unauthenticated):
        await steps.by_code(secret, app.at(clock()), ORIGIN)
    with pytest.raises(Refused, match="Too many attempts"):  # whatever address, whoever knows the password
        await steps.by_code(await halfway(sign_in), app.at(clock()), ELSEWHERE)
    assert [one[0] for one in await audited(database, 3)] == ["second_factor_refused"] * 2 + ["first_step"]


async def test_a_recovery_code_lets_in_once(database, sign_in, steps, clock):
    caller, _, codes = await with_app(sign_in, steps, clock)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", one) for one in codes)
    stored = str(await database.read(KEY, "SELECT digest FROM core_recovery_code"))
    assert not any(one in stored for one in codes)
    await steps.by_code(await halfway(sign_in), codes[0].lower().replace("-", " "), ORIGIN)
    with pytest.raises(Refused):
        await steps.by_code(await halfway(sign_in), codes[0], ORIGIN)
    assert (await steps.standing(caller)).codes == 9
    await steps.renew_codes(caller, PASSWORD)
    with pytest.raises(Refused):
        await steps.by_code(await halfway(sign_in), codes[1], ORIGIN)


async def test_another_password_ends_what_is_half_way(sign_in, steps, clock, database, registry):
    caller, app, _ = await with_app(sign_in, steps, clock)
    secret = await halfway(sign_in)
    await Accounts(registry, database, sign_in).change_password(caller, PASSWORD, "an entirely different phrase")
    with pytest.raises(Unauthenticated):
        await steps.by_code(secret, app.at(clock()), ORIGIN)


async def test_what_a_browser_left_open_is_not_enough_to_change_factors(sign_in, steps, clock):
    caller, _, _ = await with_app(sign_in, steps, clock)
    clock.pass_by(minutes=16)
    for change in (steps.propose, steps.renew_codes, steps.remove_app):
        with pytest.raises(Refused, match="This is not your present password"):
            await change(caller, "")
    assert (await steps.standing(caller)).app
    await steps.remove_app(caller, PASSWORD)
    standing = await steps.standing(caller)
    assert (standing.app, standing.codes) == (False, 0)
    await sign_in.sign_in("admin", PASSWORD, ORIGIN)


async def test_tokens_change_no_factors(sign_in, steps, clock):
    caller, app, _ = await with_app(sign_in, steps, clock)
    program = await sign_in.caller_of_token(await sign_in.create_token(caller, "one"), ORIGIN)
    for change in (steps.propose, steps.renew_codes, steps.remove_app):
        with pytest.raises(Forbidden):
            await change(program, PASSWORD)
    with pytest.raises(Forbidden):
        await steps.confirm(program, app.at(clock()))


async def test_the_present_app_holds_until_another_is_confirmed(sign_in, steps, clock):
    caller, app, _ = await with_app(sign_in, steps, clock)
    other = pyotp.TOTP(await steps.propose(caller, PASSWORD))
    await steps.by_code(await halfway(sign_in), app.at(clock()), ORIGIN)
    with pytest.raises(Refused):
        await steps.by_code(await halfway(sign_in), other.at(clock()), ORIGIN)
    assert await steps.confirm(caller, other.at(clock())) == []
    clock.pass_by(seconds=60)
    with pytest.raises(Refused):
        await steps.by_code(await halfway(sign_in), app.at(clock()), ORIGIN)
    await steps.by_code(await halfway(sign_in), other.at(clock()), ORIGIN)


# Who must have one


async def test_a_role_asks_for_a_factor_which_is_set_up_before_the_first_session(kernel):
    kim = await kernel.operations.create(system("a test"), User, {"login": "kim", "name": "Kim"})
    await kernel.accounts.set_password(system("a test"), kim.id, PASSWORD)
    role = await kernel.operations.create(system("a test"), Role, {"name": "Auditors", "second_factor": True})
    await kernel.sign_in.sign_in("kim", PASSWORD, ORIGIN)
    await kernel.operations.create(system("a test"), Assignment, {"role": role.id, "user": kim.id})
    secret = await halfway(kernel.sign_in, "kim")
    comer, key = await kernel.second_step.propose_to(secret)
    assert (comer.login, comer.standing.has, comer.standing.required) == ("kim", False, True)
    assert (await kernel.second_step.propose_to(secret))[1] == key
    with pytest.raises(Refused):
        await kernel.second_step.set_up(secret, "000000", ORIGIN)
    with pytest.raises(Refused):
        await kernel.second_step.by_code(secret, pyotp.TOTP(key).now(), ORIGIN)
    session, codes = await kernel.second_step.set_up(secret, pyotp.TOTP(key).now(), ORIGIN)
    assert len(codes) == 10
    caller = await kernel.sign_in.caller_of_session(session, ORIGIN)
    with pytest.raises(Refused, match="Your work needs a second factor"):
        await kernel.second_step.remove_app(caller, PASSWORD)
    assert (await kernel.second_step.standing(caller)).app


async def test_whoever_has_a_factor_cannot_set_up_another_with_his_password_alone(sign_in, steps, clock):
    await with_app(sign_in, steps, clock)
    secret = await halfway(sign_in)
    with pytest.raises(Forbidden):
        await steps.propose_to(secret)
    with pytest.raises(Forbidden):
        await steps.set_up(secret, "000000", ORIGIN)


async def test_the_company_asks_everybody(kernel):
    _, admin = await kernel.sign_in.sign_in("admin", *await _known(kernel), ORIGIN)
    await kernel.options.change(admin, {"core.second_factor": True})
    with pytest.raises(SecondFactorNeeded):
        await kernel.sign_in.sign_in("admin", PASSWORD, ORIGIN)
    await kernel.options.change(admin, {"core.second_factor": False})
    await kernel.sign_in.sign_in("admin", PASSWORD, ORIGIN)


async def _known(kernel) -> tuple[str]:
    """The administrator's password, from now on."""
    (admin,) = await kernel.reader.records(system("a test"), User, where=User.login.eq("admin"))
    await kernel.accounts.set_password(system("a test"), admin.id, PASSWORD)
    return (PASSWORD,)


@pytest.mark.requirement("SE-1")
async def test_an_administrator_takes_a_lost_factor_away_which_is_remembered(kernel, database):
    kim = await kernel.operations.create(system("a test"), User, {"login": "kim", "name": "Kim"})
    await kernel.accounts.set_password(system("a test"), kim.id, PASSWORD)
    _, caller = await kernel.sign_in.sign_in("kim", PASSWORD, ORIGIN)
    key = await kernel.second_step.propose(caller, "")
    await kernel.second_step.confirm(caller, pyotp.TOTP(key).now())
    waiting = await halfway(kernel.sign_in, "kim")
    with pytest.raises(Forbidden):
        await kernel.operations.act(caller, User, [kim.id], "take_factors", {})
    _, admin = await kernel.sign_in.sign_in("admin", *await _known(kernel), ORIGIN)
    await kernel.operations.act(admin, User, [kim.id], "take_factors", {})
    with pytest.raises(Unauthenticated):
        await kernel.second_step.comer(waiting)
    with pytest.raises(Unauthenticated):
        await kernel.second_step.standing(caller)
    await kernel.sign_in.sign_in("kim", PASSWORD, ORIGIN)
    rows = await database.read(KEY, "SELECT verb, record FROM core_entry WHERE verb = 'take_factors'")
    assert rows == [("take_factors", str(kim.id))]


@pytest.mark.parametrize("action", ["take_factors", "sign_out"])
async def test_what_takes_a_password_for_oneself_is_not_had_without_it(kernel, action):
    _, admin = await kernel.sign_in.sign_in("admin", *await _known(kernel), ORIGIN)
    key = await kernel.second_step.propose(admin, "")
    await kernel.second_step.confirm(admin, pyotp.TOTP(key).now())
    with pytest.raises(Refused, match="Do this for yourself in your own settings"):
        await kernel.operations.act(admin, User, [admin.user_id], action, {})
    assert (await kernel.second_step.standing(admin)).app
