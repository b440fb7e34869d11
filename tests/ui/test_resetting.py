"""The pages of a password by mail, asked without a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from core.jobs import Worker
from core.settings import Settings, load_settings
from core.users import User
from tests.smtp import MailServer
from tests.ui.conftest import PASSWORD, Firm, Pages, caller_of

NEW = "an entirely different phrase"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer() as made:
        yield made


@pytest.fixture
def settings(tmp_path, database_url: str, server: MailServer) -> Settings:
    return load_settings(
        data=tmp_path / "data",
        database_url=database_url,
        admin_password=PASSWORD,
        mail_url=server.url,
        mail_from="crm@crm.example",
        public_url="https://crm.example",
    )


async def mailed(firm: Firm, server: MailServer) -> str:
    """The path of the newest link."""
    await Worker(firm.kernel.database, firm.kernel.outbox).drain()
    return str(re.findall(r"https://crm\.example(/sign-in/new-password/\w+)", server.letters[-1][2])[-1])


async def kim(firm: Firm) -> None:
    user = await firm.user("kim")
    await firm.kernel.operations.update(await caller_of(firm, "admin"), User, user, {"email": "kim@shop.example"})


async def test_the_answer_is_the_same_whether_there_is_such_an_account(firm: Firm, server: MailServer):
    await kim(firm)
    nobody = firm.pages()
    assert 'href="/sign-in/forgotten"' in (await nobody.get("/sign-in")).text
    answers = [await nobody.post("/sign-in/forgotten", {"login": one}) for one in ("kim", "nobody", "kim@shop.example")]
    assert {(one.status_code, one.text) for one in answers} == {(200, answers[0].text)}
    assert "a mail with a link is on its way" in answers[0].text
    await mailed(firm, server)
    assert server.recipients == ["kim@shop.example"] * 2


async def test_a_link_leads_to_a_form_and_holds_once(firm: Firm, server: MailServer):
    await kim(firm)
    nobody = firm.pages()
    await nobody.post("/sign-in/forgotten", {"login": "kim"})
    path = await mailed(firm, server)
    text = (await nobody.get(path)).text
    assert 'value="kim" autocomplete="username"' in text
    assert 'autocomplete="new-password"' in text
    unlike = await nobody.post(path, {"password": NEW, "repeated": "other"})
    assert (unlike.status_code, 'id="f-repeated-error"' in unlike.text) == (422, True)
    short = await nobody.post(path, {"password": "short", "repeated": "short"})
    assert (short.status_code, 'id="f-password-error"' in short.text) == (422, True)
    done = await nobody.post(path, {"password": NEW, "repeated": NEW})
    assert (done.status_code, "Your password is set." in done.text, 'value="kim"' in done.text) == (200, True, True)
    assert (await nobody.get(path)).status_code == 410
    signed_in = await nobody.post("/sign-in", {"login": "kim", "password": NEW})
    assert signed_in.status_code == 303


async def test_a_link_sends_nobody_to_where_its_asker_says_that_we_are(firm: Firm, server: MailServer):
    await kim(firm)
    host = {"Host": "evil.example", "Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"}
    await firm.pages().post("/sign-in/forgotten", {"login": "kim"}, headers=host)
    await mailed(firm, server)
    assert "evil.example" not in server.letters[-1][2]


async def test_an_administrator_invites_by_a_button_on_the_user(firm: Firm, admin: Pages, server: MailServer):
    made = await admin.post("/core/users/new", {"login": "lee", "name": "Lee", "email": "lee@shop.example"})
    user = made.headers["location"]
    assert f'{user}/do/invite"' in (await admin.get(user)).text
    assert (await admin.post(f"{user}/do/invite")).status_code == 303
    path = await mailed(firm, server)
    nobody = firm.pages()
    await nobody.post(path, {"password": NEW, "repeated": NEW})
    assert (await nobody.post("/sign-in", {"login": "lee", "password": NEW})).status_code == 303


async def test_pages_are_in_the_language_of_the_browser(firm: Firm):
    nobody = firm.pages()
    assert "忘记密码？" in (await nobody.get("/sign-in", accept_language="zh-CN,zh;q=0.9")).text
    assert "링크 보내기" in (await nobody.get("/sign-in/forgotten", accept_language="ko-KR")).text
