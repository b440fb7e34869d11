"""A password by mail: who gets a link, what it is good for, and what ends it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pyotp
import pytest

from core import resets as resetting
from core.access import ANONYMOUS, Caller, Origin, system
from core.app import Kernel
from core.credentials import as_moment
from core.database import KEY
from core.errors import Forbidden, Refused, SecondFactorNeeded, Unauthenticated
from core.first_steps import first_steps
from core.jobs import Worker
from core.policies import on_behalf
from core.settings import load_settings
from core.users import User
from tests.smtp import MailServer
from tradepost.app import wired

PASSWORD = "mayflower teapot"
NEW = "an entirely different phrase"
ORIGIN = Origin("192.0.2.7", "Firefox", "r1")
LINK = re.compile(r"https://crm\.example(/sign-in/new-password/)(\w{43})\b")


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer() as made:
        yield made


@pytest.fixture
async def firm(database, database_url, registry, server, tmp_path) -> AsyncIterator[Kernel]:
    settings = load_settings(
        data=tmp_path,
        database_url=database_url,
        admin_password=PASSWORD,
        mail_url=server.url,
        mail_from="Tradepost <crm@crm.example>",
        public_url="https://crm.example/",
        _env_file=None,
    )
    await first_steps(database, registry, settings)
    made = wired(settings, registry, database)
    yield made
    await made.sign_in.close()
    await made.engine.close()


async def add(firm: Kernel, login: str, password: str = "", **values: object):
    made = await firm.operations.create(system("a test"), User, {"login": login, "name": login.title(), **values})
    if password:
        await firm.accounts.set_password(system("a test"), made.id, password)
    return made.id


async def drain(firm: Kernel) -> None:
    await Worker(firm.database, firm.outbox).drain()


def links(server: MailServer) -> list[str]:
    return [match[2] for *_, text in server.letters if (match := LINK.search(text))]


async def asked(firm: Kernel, server: MailServer, login: str = "kim@shop.example") -> str:
    """The newest link that somebody was sent."""
    await firm.resets.ask(login, ORIGIN)
    await drain(firm)
    return links(server)[-1]


async def gone(firm: Kernel, link: str, password: str = NEW) -> None:
    with pytest.raises(Refused, match="This link does not hold any more"):
        await firm.resets.redeem(link, password, ORIGIN)


async def test_a_link_is_mailed_and_sets_the_password_once(firm, server):
    kim = await add(firm, "kim", PASSWORD, email="kim@shop.example")
    _, before = await firm.sign_in.sign_in("kim", PASSWORD, ORIGIN)
    link = await asked(firm, server)
    ((to, subject, text),) = server.letters
    assert (to, subject) == ("kim@shop.example", "A new password for Tradepost")
    assert text.startswith("Kim, somebody asked for a new password for your account.")
    assert (await firm.resets.holder(link)).login == "kim"
    ((digest, bound),) = await firm.database.read(KEY, "SELECT digest, bound FROM core_ticket")
    assert link not in digest + bound
    await firm.resets.redeem(link, NEW, ORIGIN)
    with pytest.raises(Unauthenticated):
        await firm.sign_in.sessions_of(before)
    _, caller = await firm.sign_in.sign_in("kim", NEW, ORIGIN)
    assert caller.user_id == kim
    await gone(firm, link, "a third phrase that is long")
    await firm.sign_in.sign_in("kim", NEW, ORIGIN)


async def test_letters_are_in_the_language_of_who_gets_them(firm, server):
    kim = await add(firm, "kim", PASSWORD, email="kim@shop.example")
    caller = await on_behalf(firm.policies, kim, "a test")
    await firm.accounts.set_preferences(caller, language="ko")
    await asked(firm, server)
    ((_, subject, text),) = server.letters
    assert subject == "Tradepost의 새 비밀번호"
    assert "30분" in text


@pytest.mark.parametrize(
    "login", ["nobody", "disabled", "unreachable", "invited", "shared@shop.example", "", "x" * 5000]
)
async def test_who_cannot_be_reached_gets_nothing_and_nobody_is_told(firm, server, login):
    off = await add(firm, "disabled", PASSWORD, email="off@shop.example")
    await firm.operations.act(system("a test"), User, [off], "disable", {})
    await add(firm, "unreachable", PASSWORD)
    await add(firm, "invited", email="invited@shop.example")
    for one in ("one", "two"):
        await add(firm, one, PASSWORD, email="shared@shop.example")
    assert await firm.resets.ask(login, ORIGIN) is None
    await drain(firm)
    assert server.taken == []
    assert await firm.database.read(KEY, "SELECT count(*) FROM core_ticket") == [(0,)]


async def test_asking_takes_the_same_statements_whether_there_is_somebody_or_not(firm, statements):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    counts = []
    for login in ("kim", "nobody"):
        statements.clear()
        await firm.resets.ask(login, ORIGIN)
        counts.append([one.partition(" ")[0] for one in statements])
    assert counts[0] == counts[1] == ["INSERT"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE core_user SET password = '$argon2id$other' WHERE login = 'kim'",
        "UPDATE core_user SET email = 'kim@elsewhere.example' WHERE login = 'kim'",
        "UPDATE core_user SET enabled = FALSE WHERE login = 'kim'",
        "UPDATE core_ticket SET expires_at = created_at",
        "UPDATE core_ticket SET used_at = created_at",
    ],
)
async def test_a_link_ends_with_what_it_was_made_for(firm, server, change):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    link = await asked(firm, server)
    before = await firm.database.read(KEY, "SELECT password FROM core_user WHERE login = 'kim'")
    async with firm.database.begin(KEY) as connection:
        await connection.run(KEY, change)
    await gone(firm, link)
    after = await firm.database.read(KEY, "SELECT password FROM core_user WHERE login = 'kim'")
    assert after == before or "password" in change


async def test_a_link_holds_for_thirty_minutes(firm, server):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    await asked(firm, server)
    columns = "SELECT created_at, expires_at FROM core_ticket"
    ((made, ends),) = [[as_moment(one) for one in row] for row in await firm.database.read(KEY, columns)]
    assert ends - made == timedelta(minutes=30)


async def test_a_new_password_ends_the_other_links(firm, server):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    first, second = await asked(firm, server), await asked(firm, server)
    await firm.resets.redeem(second, NEW, ORIGIN)
    await gone(firm, first)


async def test_of_two_who_use_a_link_at_once_one_sets_the_password(firm, server):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    link = await asked(firm, server)
    passwords = [f"a phrase with a number {one}" for one in range(4)]
    ended = await asyncio.gather(*(firm.resets.redeem(link, one, ORIGIN) for one in passwords), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["NoneType", "Refused", "Refused", "Refused"]
    await firm.sign_in.sign_in("kim", passwords[[one is None for one in ended].index(True)], ORIGIN)


async def test_a_weak_password_leaves_the_link_as_it_is(firm, server):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    link = await asked(firm, server)
    for weak in ("short", "kim@shop.example", "password1234"):
        with pytest.raises(Refused) as refusal:
            await firm.resets.redeem(link, weak, ORIGIN)
        assert refusal.value.problems[0].field == "password"
    await firm.resets.redeem(link, NEW, ORIGIN)


@pytest.mark.parametrize("made_up", ["", "x", "a" * 43, "é" * 43, "a" * 5000, "a\0b"], ids=len)
async def test_a_made_up_link_holds_for_nobody(firm, server, made_up):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    await asked(firm, server)
    with pytest.raises(Refused, match="This link does not hold any more"):
        await firm.resets.holder(made_up)


async def test_nobody_is_flooded_with_mail(firm, server):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    for _ in range(5):
        await firm.resets.ask("kim", ORIGIN)
    await drain(firm)
    assert len(server.taken) == 3


async def test_one_address_asks_ten_times_in_a_while(firm):
    for _ in range(10):
        await firm.resets.ask("nobody", ORIGIN)
    with pytest.raises(Refused, match="That was too often"):
        await firm.resets.ask("somebody", ORIGIN)
    await firm.resets.ask("somebody", Origin("198.51.100.9"))


async def test_a_mail_that_was_deferred_is_sent_later_with_another_link(firm, server, monkeypatch):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    server.decide = lambda command, _: "451 later" if command == "RCPT" else ""
    await firm.resets.ask("kim", ORIGIN)
    await drain(firm)
    assert server.taken == []
    server.decide = lambda *_: ""
    async with firm.database.begin(KEY) as connection:
        await connection.run(
            KEY, f"UPDATE core_event SET due_at = {firm.database.dialect.now} WHERE handler = 'core.reset'"
        )
    await drain(firm)
    (link,) = links(server)
    await firm.resets.redeem(link, NEW, ORIGIN)


@pytest.mark.requirement("SE-1")
async def test_who_asked_and_who_set_the_password_stands_in_the_audit(firm, server):
    kim = await add(firm, "kim", PASSWORD, email="kim@shop.example")
    await firm.resets.redeem(await asked(firm, server), NEW, Origin("198.51.100.9", "Chrome", "r2"))
    rows = await firm.database.read(
        KEY, 'SELECT verb, "by", record, address, program FROM core_entry ORDER BY number DESC LIMIT 2'
    )
    assert rows == [
        ("reset_password", "anonymous", str(kim), "198.51.100.9", "Chrome"),
        ("ask_reset", "anonymous", str(kim), "192.0.2.7", "Firefox"),
    ]


# Invitation


async def administrator(firm: Kernel) -> Caller:
    _, caller = await firm.sign_in.sign_in("admin", PASSWORD, ORIGIN)
    return caller


async def test_who_is_invited_chooses_his_first_password(firm, server):
    kim = await add(firm, "kim", email="kim@shop.example")
    await firm.operations.act(await administrator(firm), User, [kim], "invite", {})
    await drain(firm)
    ((to, subject, text),) = server.letters
    assert (to, subject) == ("kim@shop.example", "Your account at Tradepost")
    assert "You sign in as kim." in text
    (link,) = links(server)
    await firm.resets.redeem(link, NEW, ORIGIN)
    _, caller = await firm.sign_in.sign_in("kim@shop.example", NEW, ORIGIN)
    assert caller.user_id == kim
    await gone(firm, link)


@pytest.mark.parametrize(
    ("values", "password", "code"), [({}, "", "unreachable"), ({"email": "kim@shop.example"}, PASSWORD, "chosen")]
)
async def test_who_has_no_address_or_a_password_is_not_invited(firm, server, values, password, code):
    kim = await add(firm, "kim", password, **values)
    with pytest.raises(Refused) as refusal:
        await firm.operations.act(await administrator(firm), User, [kim], "invite", {})
    assert refusal.value.problems[0].code == code
    await drain(firm)
    assert server.taken == []


async def test_a_password_that_was_set_meanwhile_ends_an_invitation(firm, server):
    kim = await add(firm, "kim", email="kim@shop.example")
    await firm.operations.act(await administrator(firm), User, [kim], "invite", {})
    await drain(firm)
    await firm.accounts.set_password(system("a test"), kim, PASSWORD)
    await gone(firm, links(server)[0])


async def test_only_who_may_invites(firm):
    kim = await add(firm, "kim", PASSWORD, email="kim@shop.example")
    _, caller = await firm.sign_in.sign_in("kim", PASSWORD, ORIGIN)
    with pytest.raises(Forbidden):
        await firm.operations.act(caller, User, [kim], "invite", {})


async def test_without_mail_nothing_is_promised(kernel, administrator):
    assert resetting.RESET not in kernel.outbox.handlers
    with pytest.raises(Refused, match="Mail is not set up here"):
        await kernel.resets.ask("admin", ANONYMOUS.origin)
    made = await kernel.operations.create(
        system("a test"), User, {"login": "kim", "name": "Kim", "email": "kim@shop.example"}
    )
    with pytest.raises(Refused, match="Mail is not set up"):
        await kernel.operations.act(administrator, User, [made.id], "invite", {})


async def test_a_link_replaces_no_second_factor(firm, server):
    await add(firm, "kim", PASSWORD, email="kim@shop.example")
    _, caller = await firm.sign_in.sign_in("kim", PASSWORD, ORIGIN)
    app = pyotp.TOTP(await firm.second_step.propose(caller, ""))
    await firm.second_step.confirm(caller, app.now())
    await firm.resets.redeem(await asked(firm, server), NEW, ORIGIN)
    with pytest.raises(SecondFactorNeeded):
        await firm.sign_in.sign_in("kim", NEW, ORIGIN)
