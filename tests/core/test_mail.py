"""What becomes of a message, whatever the server does; what goes over the line, and what never does."""

from __future__ import annotations

import asyncio
import base64
import email
import ssl
import subprocess
from email import policy

import pytest

from core import mail as mailing
from core.errors import SettingsError
from core.mail import Delivery, Fate, Mail, Mailer, MailFault, MailFile
from core.settings import load_settings
from tests.smtp import MailServer


def mailer(server: MailServer, **changes: str) -> Mailer:
    values = {"url": server.url, "sender": "News <news@shop.example>", "public_url": "https://crm.example/"}
    return Mailer(**(values | changes))


def message(to: str = "ann@tea.example", **changes: object) -> Mail:
    return Mail(**{"to": to, "subject": "Hello", "text": "Good day", "key": "k1", **changes})  # type: ignore[arg-type]  # as each test gives them


async def fates(server: MailServer, *messages: Mail, **changes: str) -> list[Fate]:
    async with mailer(server, **changes).line() as line:
        return [(await line.send(one)).fate for one in messages]


async def test_a_message_arrives_as_it_was_written():
    async with MailServer() as server:
        files = [MailFile("报价.pdf", "application/pdf", b"%PDF-1.7")]
        headers = {"List-Unsubscribe": "<https://crm.example/leave/1>"}
        sent = message(
            subject="茶 and\r\nmore", html="<p>Good <b>day</b></p>", text="日安", files=files, headers=headers
        )
        assert await fates(server, sent) == [Fate.SENT]
    ((to, content),) = server.taken
    found = email.message_from_bytes(content, policy=policy.default)
    assert to == "ann@tea.example"
    assert [found[one] for one in ("From", "To", "Subject", "Message-ID")] == [
        "News <news@shop.example>",
        "ann@tea.example",
        "茶 and more",
        "<k1@shop.example>",
    ]
    assert found["Date"].datetime.tzinfo is not None
    assert found["List-Unsubscribe"] == "<https://crm.example/leave/1>"
    bodies = [one.get_content().strip() for one in found.walk() if one.get_content_maintype() == "text"]
    assert bodies == ["日安", "<p>Good <b>day</b></p>"]
    assert [(one.get_filename(), one.get_content()) for one in found.iter_attachments()] == [("报价.pdf", b"%PDF-1.7")]
    assert content.isascii()


async def test_each_answer_of_the_server_is_a_fate_and_the_next_message_goes_on():
    answers = {
        ("RCPT", "gone@x.example"): "550 no such user",
        ("RCPT", "full@x.example"): "452 mailbox full",
        ("DATA", "spam@x.example"): "554 looks like spam",
        ("DATA", "slow@x.example"): "451 try later",
        ("RCPT", "cut@x.example"): "drop",
        ("DATA", "lost@x.example"): "drop",
        ("DATA", "taken@x.example"): "drop after taking",
    }
    wanted = ["refused", "deferred", "refused", "deferred", "deferred", "unknown", "unknown"]
    async with MailServer(lambda command, about: answers.get((command, about), "")) as server:
        several = [one for _, to in answers for one in (message(to), message("ann@tea.example"))]
        found = await fates(server, *several)
    assert [one.value for one in found[::2]] == wanted
    assert set(found[1::2]) == {Fate.SENT}, "whatever happened before"
    assert server.recipients == [*["ann@tea.example"] * 6, "taken@x.example", "ann@tea.example"]
    assert server.lines == 4, "the first, and one after each that broke"


async def test_what_the_server_says_is_kept():
    refusing = MailServer(lambda command, _: "550 5.1.1 unknown" if command == "RCPT" else "")
    async with refusing as server, mailer(server).line() as line:
        assert await line.send(message()) == Delivery(Fate.REFUSED, "550 5.1.1 unknown")


async def test_a_refused_sender_is_nobodys_fault_who_is_written_to():
    async with MailServer(lambda command, _: "553 not yours" if command == "MAIL" else "") as server:
        with pytest.raises(MailFault, match=r"takes nothing from news@shop\.example: 553 not yours"):
            await fates(server, message())
        server.decide = lambda command, _: "450 slowly" if command == "MAIL" else ""
        assert await fates(server, message()) == [Fate.DEFERRED]
    assert server.taken == []


async def test_a_server_that_does_not_answer_and_one_that_lets_nobody_in_are_told_apart():
    async with MailServer(lambda command, _: "535 wrong password" if command == "AUTH" else "") as server:
        with pytest.raises(MailFault, match="does not let us in: 535 wrong password"):
            await fates(server, message(), url=server.url.replace("//", "//bob:secret@"))
    with pytest.raises(MailFault, match="cannot be used"):
        await fates_at("smtp://127.0.0.1:1")


async def test_who_signs_in_is_who_the_settings_say():
    async with MailServer() as server:
        assert await fates(server, message(), url=server.url.replace("//", "//bob%40x:se%3Acret@")) == [Fate.SENT]
    (line,) = [one for one in server.spoken if one.startswith("AUTH")]
    assert base64.b64decode(line.split()[-1]) == b"\0bob@x\0se:cret"


async def test_a_password_goes_out_over_tls_alone(monkeypatch):
    monkeypatch.setattr(mailing, "_here", lambda host: False)
    async with MailServer() as server:
        with pytest.raises(MailFault, match="cannot be used"):
            await fates(server, message(), url=server.url.replace("//", "//bob:secret@"))
    assert [one for one in server.spoken if one.startswith("AUTH")] == []


@pytest.mark.parametrize(
    ("to", "features", "expected", "envelope"),
    [
        ("tee@bücher.example", (), Fate.SENT, "tee@xn--bcher-kva.example"),
        ("茶@tea.example", ("SMTPUTF8",), Fate.SENT, "茶@tea.example"),
        ("茶@tea.example", (), Fate.REFUSED, None),
        ("no address", (), Fate.REFUSED, None),
        ("two@x.example, three@x.example", (), Fate.REFUSED, None),
        ("a@x.example\r\nBcc: b@x.example", (), Fate.REFUSED, None),
    ],
)
async def test_addresses_that_are_not_plain_letters(to, features, expected, envelope):
    async with MailServer(features=features) as server:
        assert await fates(server, message(to)) == [expected]
    assert server.recipients == ([envelope] if envelope else [])


async def test_a_header_cannot_be_smuggled_in():
    async with MailServer() as server:
        assert await fates(server, message(headers={"X-Kind": "a\r\nBcc: b@x.example"})) == [Fate.REFUSED]
    assert server.taken == []


async def test_what_is_missing_is_named():
    async with MailServer() as server:
        with pytest.raises(MailFault, match="TRADEPOST_PUBLIC_URL must be set"):
            await fates(server, message(), public_url="")
        assert mailer(server).address("/leave") == "https://crm.example/leave"


@pytest.mark.parametrize(
    ("name", "value"),
    [("mail_url", "http://x"), ("mail_url", "smtp://"), ("mail_from", "nobody"), ("public_url", "crm.example")],
)
def test_settings_that_make_no_sense_are_named_without_the_password(name, value):
    with pytest.raises(SettingsError, match=f"TRADEPOST_{name.upper()}: must be"):
        load_settings(**{name: value})


@pytest.fixture
def certificate(tmp_path):
    """A certificate for this machine, with its key in one file."""
    found = tmp_path / "both.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    key = tmp_path / "key.pem"
    subprocess.run([*command.split(), "-keyout", key, "-out", found], check=True, capture_output=True)
    found.write_bytes(found.read_bytes() + key.read_bytes())
    return found


async def test_over_tls_from_the_first_byte(certificate, monkeypatch):
    offered = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    offered.load_cert_chain(certificate)
    server = MailServer()
    listening = await asyncio.start_server(server._serve, "localhost", 0, ssl=offered)
    port = listening.sockets[0].getsockname()[1]
    with pytest.raises(MailFault, match="cannot be used"):
        await fates_at(f"smtps://bob:secret@localhost:{port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert await fates_at(f"smtps://bob:secret@localhost:{port}") == [Fate.SENT]
    assert server.recipients == ["ann@tea.example"]
    listening.close()


async def fates_at(url: str) -> list[Fate]:
    async with Mailer(url, "news@shop.example", "https://crm.example").line() as line:
        return [(await line.send(message())).fate]
