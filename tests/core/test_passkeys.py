"""Passkeys: made, asked for beside the password or in its place, and what is not accepted."""

from __future__ import annotations

import asyncio
import json

import pytest

from core.access import By, Origin
from core.database import KEY
from core.errors import Forbidden, NotFound, Refused, SecondFactorNeeded, Unauthenticated
from core.first_steps import first_steps
from core.passkeys import Passkeys, Place, fresh_nonce
from core.policies import Policies
from core.second_step import SecondStep
from core.settings import load_settings
from core.sign_in import SignIn
from tests.core.test_sign_in import Clock, add_user
from tests.devices import Device, text

PASSWORD = "mayflower teapot"
ORIGIN = Origin("192.0.2.7", "Firefox", "r1")
PLACE = Place("crm.example", "https://crm.example")


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


@pytest.fixture
def passkeys(database, registry, sign_in, steps, clock) -> Passkeys:
    return Passkeys(registry, database, sign_in, steps, place=PLACE, clock=clock)


async def with_passkey(sign_in, passkeys, clock, device: Device, login: str = "admin"):
    """The caller's session, with a passkey on a device, and his recovery codes."""
    _, caller = await sign_in.sign_in(login, PASSWORD, ORIGIN)
    nonce = fresh_nonce(clock)
    offer = await passkeys.offer(caller, "Harbour", nonce)
    return caller, await passkeys.add(caller, "Phone", device.made(offer), nonce, "")


async def halfway(sign_in) -> str:
    with pytest.raises(SecondFactorNeeded) as needed:
        await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    return str(needed.value.secret)


async def test_a_passkey_lets_in_without_a_password(database, sign_in, passkeys, clock):
    device = Device()
    caller, codes = await with_passkey(sign_in, passkeys, clock, device)
    assert len(codes) == 10
    nonce = fresh_nonce(clock)
    question = await passkeys.question(nonce)
    assert json.loads(question) | {"challenge": ""} == {
        "challenge": "",
        "timeout": 60000,
        "rpId": "crm.example",
        "allowCredentials": [],
        "userVerification": "required",
    }
    session, entered = await passkeys.enter(device.signed(question), nonce, ORIGIN)
    assert (entered.by, entered.user_id) == (By.SESSION, caller.user_id)
    assert await sign_in.caller_of_session(session, ORIGIN) is not None
    (view,) = await passkeys.of(caller)
    assert (view.name, view.seen_at) == ("Phone", clock())
    rows = await database.read(KEY, "SELECT verb, title FROM core_entry ORDER BY number DESC LIMIT 2")
    assert rows == [("sign_in", "passkey"), ("add_factor", "Phone")]


async def test_a_passkey_is_asked_for_beside_the_password(sign_in, steps, passkeys, clock):
    device = Device()
    caller, codes = await with_passkey(sign_in, passkeys, clock, device)
    secret, nonce = await halfway(sign_in), fresh_nonce(clock)
    question = await passkeys.question(nonce, caller.user_id)
    assert [one["id"] for one in json.loads(question)["allowCredentials"]] == [text(device.name)]
    _, entered = await passkeys.second(secret, device.signed(question), nonce, ORIGIN, "")
    assert entered.user_id == caller.user_id
    with pytest.raises(Unauthenticated):
        await passkeys.second(secret, device.signed(question), nonce, ORIGIN, "")
    await steps.by_code(await halfway(sign_in), codes[0], ORIGIN)


async def test_an_answer_is_good_once(sign_in, passkeys, clock):
    device = Device()
    await with_passkey(sign_in, passkeys, clock, device)
    nonce = fresh_nonce(clock)
    answer = device.signed(await passkeys.question(nonce))
    ended = await asyncio.gather(*(passkeys.enter(answer, nonce, ORIGIN) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["Refused", "Refused", "tuple"]


NO_ANSWERS = {"nothing": "", "no JSON": "{", "a number": "7", "large": json.dumps({"id": "x" * 20_000})}


@pytest.mark.parametrize(
    "forged",
    [
        *NO_ANSWERS,
        "elsewhere", "unverified", "another key", "unknown", "another challenge", "another browser", "late", "early",
        "second for first",
    ],
)  # fmt: skip
async def test_what_is_not_the_answer_of_this_browser_now_is_refused(database, sign_in, passkeys, clock, forged):
    device = Device()
    caller, _ = await with_passkey(sign_in, passkeys, clock, device)
    nonce = fresh_nonce(clock)
    question, given = await passkeys.question(nonce), nonce
    match forged:
        case "elsewhere":
            device.origin = "https://crm.example.evil.example"
        case "unverified":
            device.verifies = False
        case "another key":
            device.key = Device().key
        case "unknown":
            device.name = Device().name
        case "another challenge":
            question = json.dumps(json.loads(question) | {"challenge": text(b"x" * 32)})
        case "another browser":
            given = fresh_nonce(clock)
        case "late":
            clock.pass_by(minutes=11)
        case "early":
            given = nonce = f"9{nonce}"
            question = await passkeys.question(nonce)
        case "second for first":
            question = await passkeys.question(nonce, caller.user_id)
    answer = NO_ANSWERS[forged] if forged in NO_ANSWERS else device.signed(question)
    sessions = await database.read(KEY, "SELECT count(*) FROM core_session")
    with pytest.raises(Refused, match="This passkey was not accepted"):
        await passkeys.enter(answer, given, ORIGIN)
    assert await database.read(KEY, "SELECT count(*) FROM core_session") == sessions
    assert await database.read(KEY, "SELECT count(*) FROM core_ceremony") == [(1,)]  # the one that made the passkey


async def test_a_device_whose_count_goes_back_was_copied(sign_in, passkeys, clock):
    device = Device(count=7)
    await with_passkey(sign_in, passkeys, clock, device)
    for count, good in ((8, True), (8, False), (5, False), (9, True)):
        device.count, nonce = count, fresh_nonce(clock)
        answer = device.signed(await passkeys.question(nonce))
        if good:
            await passkeys.enter(answer, nonce, ORIGIN)
        else:
            with pytest.raises(Refused):
                await passkeys.enter(answer, nonce, ORIGIN)


async def test_another_users_passkey_is_no_second_factor(database, registry, sign_in, passkeys, clock):
    await add_user(database, registry, "kim", password=await sign_in.passwords.hash(PASSWORD))
    mine, his = Device(), Device()
    caller, _ = await with_passkey(sign_in, passkeys, clock, mine)
    await with_passkey(sign_in, passkeys, clock, his, "kim")
    secret, nonce = await halfway(sign_in), fresh_nonce(clock)
    question = await passkeys.question(nonce, caller.user_id)
    for _ in range(5):
        with pytest.raises(Refused):
            await passkeys.second(secret, his.signed(question), nonce, ORIGIN, "")
    with pytest.raises(Unauthenticated):  # five wrong ones are enough
        await passkeys.second(secret, mine.signed(question), nonce, ORIGIN, "")


async def test_a_disabled_user_has_no_passkey(database, sign_in, passkeys, clock):
    device = Device()
    await with_passkey(sign_in, passkeys, clock, device)
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_user SET enabled = FALSE")
    nonce = fresh_nonce(clock)
    with pytest.raises(Refused):
        await passkeys.enter(device.signed(await passkeys.question(nonce)), nonce, ORIGIN)


async def test_a_passkey_is_removed_by_its_user_only(database, registry, sign_in, steps, passkeys, clock):
    await add_user(database, registry, "kim", password=await sign_in.passwords.hash(PASSWORD))
    device = Device()
    caller, _ = await with_passkey(sign_in, passkeys, clock, device)
    _, kim = await sign_in.sign_in("kim", PASSWORD, ORIGIN)
    (view,) = await passkeys.of(caller)
    with pytest.raises(NotFound):
        await passkeys.remove(kim, view.id, PASSWORD)
    clock.pass_by(minutes=16)
    with pytest.raises(Refused, match="This is not your present password"):
        await passkeys.remove(caller, view.id, "")
    assert len(await passkeys.of(caller)) == 1
    await passkeys.remove(caller, view.id, PASSWORD)
    standing = await steps.standing(caller)
    assert (standing.passkeys, standing.codes) == (0, 0)
    await sign_in.sign_in("admin", PASSWORD, ORIGIN)


async def test_a_passkey_made_for_another_session_or_by_a_token_is_not_kept(sign_in, passkeys, clock, database):
    _, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    _, other = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    program = await sign_in.caller_of_token(await sign_in.create_token(caller, "one"), ORIGIN)
    nonce = fresh_nonce(clock)
    answer = Device().made(await passkeys.offer(caller, "Harbour", nonce))
    with pytest.raises(Refused):
        await passkeys.add(other, "Phone", answer, nonce, "")
    with pytest.raises(Forbidden):
        await passkeys.add(program, "Phone", answer, nonce, PASSWORD)
    assert await database.read(KEY, "SELECT count(*) FROM core_passkey") == [(0,)]
    await passkeys.add(caller, "Phone", answer, nonce, "")
    with pytest.raises(Refused):
        await passkeys.add(caller, "Phone", answer, nonce, "")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://crm.example/", PLACE),
        ("https://crm.example:8443", Place("crm.example", "https://crm.example:8443")),
        ("http://localhost:8000", Place("localhost", "http://localhost:8000")),
        ("http://crm.example", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]", None),
        ("", None),
    ],
)
def test_passkeys_are_good_at_a_name_with_tls_or_on_this_machine(address, place):
    assert Place.of(address) == place


async def test_without_a_place_there_are_none(database, registry, sign_in, steps):
    none = Passkeys(registry, database, sign_in, steps, place=None)
    with pytest.raises(Refused, match="Passkeys need TRADEPOST_PUBLIC_URL"):
        await none.question(fresh_nonce())
