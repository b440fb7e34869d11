"""Signing in by another service: who is believed, who is nobody here, and what is bound to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from joserfc.jwk import RSAKey

from core.access import By, Origin
from core.database import KEY
from core.egress import Egress
from core.errors import Forbidden, NotFound, Refused, SecondFactorNeeded
from core.first_steps import first_steps
from core.ids import new_id
from core.oidc import Client, Elsewhere, Trip
from core.policies import Policies
from core.second_step import SecondStep
from core.settings import load_settings
from core.sign_in import SignIn
from tests.core.test_sign_in import Clock, add_user
from tests.oidc import Provider

PASSWORD = "mayflower teapot"
ORIGIN = Origin("192.0.2.7", "Firefox", "r1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def provider(clock) -> AsyncIterator[Provider]:
    async with Provider(clock=lambda: clock().timestamp()) as made:
        yield made


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
def elsewhere(database, registry, sign_in, steps, clock, provider) -> Elsewhere:
    client = Client(provider.issuer, provider.client, provider.secret, "Company login", provider.back)
    return Elsewhere(registry, database, sign_in, steps, client=client, egress=Egress(["localhost"]), clock=clock)


def agreed(provider: Provider, address: str) -> dict[str, str]:
    """What a browser comes back with that went where it was sent."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    back = provider.authorize(asked)
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


async def connected(elsewhere, sign_in, provider, login: str = "admin"):
    _, caller = await sign_in.sign_in(login, PASSWORD, ORIGIN)
    address, trip = await elsewhere.begin("/settings/factors", caller)
    await elsewhere.connect(caller, trip, agreed(provider, address))
    return caller


async def test_who_is_connected_signs_in_without_a_password(database, elsewhere, sign_in, provider, clock):
    caller = await connected(elsewhere, sign_in, provider)
    address, trip = await elsewhere.begin("/sales/leads")
    session, entered = await elsewhere.enter(trip, agreed(provider, address), ORIGIN, "")
    assert (entered.by, entered.user_id) == (By.SESSION, caller.user_id)
    assert await sign_in.caller_of_session(session, ORIGIN) is not None
    rows = await database.read(KEY, "SELECT verb, title FROM core_entry ORDER BY number")
    assert rows[-2:] == [("connect", provider.issuer), ("sign_in", "elsewhere")]
    assert provider.asked.count("GET /keys") == 1  # what the service says of itself is remembered for an hour
    clock.pass_by(minutes=61)
    address, trip = await elsewhere.begin("/")
    await elsewhere.enter(trip, agreed(provider, address), ORIGIN, "")
    assert provider.asked.count("GET /keys") == 2


async def test_nobody_is_connected_by_his_mail_address(database, registry, elsewhere, sign_in, provider):
    async with database.begin(KEY) as connection:
        await connection.run(
            KEY, "UPDATE core_user SET email = 'admin@crm.example', email_folded = 'admin@crm.example'"
        )
    address, trip = await elsewhere.begin("/")
    with pytest.raises(Refused, match="No account is connected with you there"):
        await elsewhere.enter(trip, agreed(provider, address), ORIGIN, "")
    assert await database.read(KEY, "SELECT count(*) FROM core_session") == [(0,)]
    assert await database.read(KEY, "SELECT count(*) FROM core_identity") == [(0,)]


async def test_a_second_factor_is_asked_for_as_after_a_password(elsewhere, sign_in, steps, provider, clock):
    caller = await connected(elsewhere, sign_in, provider)
    app = pyotp.TOTP(await steps.propose(caller, ""))
    await steps.confirm(caller, app.at(clock()))
    address, trip = await elsewhere.begin("/")
    with pytest.raises(SecondFactorNeeded) as needed:
        await elsewhere.enter(trip, agreed(provider, address), ORIGIN, "")
    clock.pass_by(seconds=30)
    await steps.by_code(needed.value.secret, app.at(clock()), ORIGIN)


LIES = {
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "for another client": {"claims": {"aud": "somebody-else"}},
    "for several, not by us": {"claims": {"aud": ["tradepost", "other"], "azp": "other"}},
    "another nonce": {"claims": {"nonce": "x"}},
    "no nonce": {"claims": {"nonce": None}},
    "long over": {"claims": {"exp": 1_000_000}},
    "no end": {"claims": {"exp": None}},
    "nobody": {"claims": {"sub": ""}},
    "a number": {"claims": {"sub": 7}},
    "very long": {"claims": {"sub": "x" * 256}},
    "another key": {"key": RSAKey.generate_key(2048, {"kid": "one"})},
    "unsigned": {"token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzdWJqZWN0LTcifQ."},
    "no token": {"token": None},
    "nonsense": {"token": "a.b.c"},
    "signed by the public key": {"public": True},
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_is_not_said_by_the_service_to_us_now_is_not_believed(database, elsewhere, sign_in, provider, lie):
    await connected(elsewhere, sign_in, provider)
    provider.lies = LIES[lie]
    before = await database.read(KEY, "SELECT count(*) FROM core_session")
    address, trip = await elsewhere.begin("/")
    with pytest.raises(Refused, match="The other service's answer was not accepted"):
        await elsewhere.enter(trip, agreed(provider, address), ORIGIN, "")
    assert await database.read(KEY, "SELECT count(*) FROM core_session") == before


@pytest.mark.parametrize(
    "change", ["state", "no state", "no code", "another code", "issuer", "another browser", "purpose"]
)
async def test_what_comes_back_belongs_to_the_browser_that_went(elsewhere, sign_in, provider, change, clock):
    caller = await connected(elsewhere, sign_in, provider)
    address, trip = await elsewhere.begin("/")
    said = agreed(provider, address)
    match change:
        case "state":
            said["state"] = "x"
        case "no state":
            del said["state"]
        case "no code":
            del said["code"]
        case "another code":
            said["code"] = "x"
        case "issuer":
            said["iss"] = "https://evil.example"
        case "another browser":
            trip = Trip.begin("in", "/", clock())
        case "purpose":
            address, trip = await elsewhere.begin("/", caller)
            said = agreed(provider, address)
    with pytest.raises(Refused, match="The other service's answer was not accepted"):
        await elsewhere.enter(trip, said, ORIGIN, "")


async def test_a_code_of_another_trip_is_refused_by_its_verifier(elsewhere, sign_in, provider):
    await connected(elsewhere, sign_in, provider)
    address, _ = await elsewhere.begin("/")
    stolen = agreed(provider, address)["code"]
    address, trip = await elsewhere.begin("/")
    with pytest.raises(Refused):
        await elsewhere.enter(trip, agreed(provider, address) | {"code": stolen}, ORIGIN, "")


async def test_a_trip_takes_ten_minutes_at_most(clock):
    trip = Trip.begin("in", "/a|b", clock())
    assert Trip.of(trip.cookie, clock()) == trip
    clock.pass_by(minutes=11)
    for cookie in (trip.cookie, "", "x", "|", "1|in|/", f"{'9' * 30}.x|in|/"):
        assert Trip.of(cookie, clock()) is None


async def test_an_account_there_is_connected_with_one_user_here(database, registry, elsewhere, sign_in, provider):
    await add_user(database, registry, "kim", password=await sign_in.passwords.hash(PASSWORD))
    caller = await connected(elsewhere, sign_in, provider)
    with pytest.raises(Refused, match="connected with somebody already"):
        await connected(elsewhere, sign_in, provider, "kim")
    _, kim = await sign_in.sign_in("kim", PASSWORD, ORIGIN)
    (one,) = await elsewhere.connected(caller)
    with pytest.raises(NotFound):
        await elsewhere.disconnect(kim, one, PASSWORD)
    await elsewhere.disconnect(caller, one, PASSWORD)
    address, trip = await elsewhere.begin("/")
    with pytest.raises(Refused, match="No account is connected"):
        await elsewhere.enter(trip, agreed(provider, address), ORIGIN, "")


async def test_connecting_needs_a_fresh_session_and_ends_in_the_same(elsewhere, sign_in, provider, clock):
    _, caller = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    _, other = await sign_in.sign_in("admin", PASSWORD, ORIGIN)
    address, trip = await elsewhere.begin("/", caller)
    with pytest.raises(Refused, match="not accepted"):
        await elsewhere.connect(other, trip, agreed(provider, address))
    program = await sign_in.caller_of_token(await sign_in.create_token(caller, "one"), ORIGIN)
    with pytest.raises(Refused):
        await elsewhere.begin("/", program)
    clock.pass_by(minutes=16)
    with pytest.raises(Refused, match="Sign in again first"):
        await elsewhere.begin("/", caller)
    with pytest.raises(Forbidden):
        await elsewhere.disconnect(program, new_id(), PASSWORD)


async def test_a_disabled_user_is_nobody(database, elsewhere, sign_in, provider):
    await connected(elsewhere, sign_in, provider)
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_user SET enabled = FALSE")
    address, trip = await elsewhere.begin("/")
    with pytest.raises(Refused, match="No account is connected"):
        await elsewhere.enter(trip, agreed(provider, address), ORIGIN, "")


async def test_a_service_that_changes_its_keys_is_asked_again(elsewhere, sign_in, provider):
    await connected(elsewhere, sign_in, provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    address, trip = await elsewhere.begin("/")
    await elsewhere.enter(trip, agreed(provider, address), ORIGIN, "")


async def test_a_service_that_gives_itself_another_name_is_not_asked(elsewhere, provider):
    provider.lies = {"issuer": "https://evil.example"}
    with pytest.raises(Refused, match="The other service does not answer"):
        await elsewhere.begin("/")


async def test_a_service_that_is_away_is_a_refusal(database, registry, sign_in, steps, unused_tcp_port):
    client = Client(f"http://localhost:{unused_tcp_port}", "tradepost", "x", "Company", "https://crm.example/back")
    away = Elsewhere(registry, database, sign_in, steps, client=client, egress=Egress(["localhost"]))
    with pytest.raises(Refused, match="The other service does not answer"):
        await away.begin("/")


async def test_without_a_service_there_is_no_such_page(database, registry, sign_in, steps):
    none = Elsewhere(registry, database, sign_in, steps, client=Client("", "", "", "", ""), egress=Egress())
    with pytest.raises(NotFound):
        await none.begin("/")
