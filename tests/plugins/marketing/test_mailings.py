"""Mailings: whom they reach, what they may say, and that nobody gets two."""

from __future__ import annotations

import email
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy

import pytest

from core.errors import Refused
from core.roles import Grant, Role
from core.users import User
from tests.plugins.marketing.conftest import SYSTEM
from tradepost.marketing import Mailing, MailingState, Recipient, Segment, Suppression
from tradepost.sales import Contact, Customer

EVERYBODY: dict[str, object] = {"all": []}


def read(content: bytes) -> email.message.EmailMessage:
    found = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(found, email.message.EmailMessage)
    return found


@pytest.mark.requirement("MK-1", "MK-14", "MK-16")
async def test_each_customer_of_a_segment_gets_one_mail_of_his_own(house):
    mia = await house.as_("mia")
    await house.make(Customer, name="Tea & Co", email="tea@x.example", region="Shunde", industry="food")
    await house.make(Customer, name="Tea Branch", email="Tea@x.example", industry="food")
    await house.make(Customer, name="Steel", email="steel@x.example", industry="manufacturing")
    await house.make(Customer, name="Silent", industry="food")
    await house.make(Customer, name="Stopped", email="stopped@x.example", industry="food")
    await house.make(Suppression, address="Stopped@x.example")
    mailing = await house.mailing(
        mia,
        {"all": [{"field": "industry", "how": "in", "value": ["food"]}]},
        subject="For {{ name }}",
        body="Dear {{ customer.name }} in {{customer.region}}",
        html="<p>Dear {{ customer.name }}</p>",
    )
    assert (await house.act(mia, mailing, "start")).state is MailingState.SENDING
    await house.send()
    assert await house.states(mailing) == {"stopped@x.example": "suppressed", "tea@x.example": "sent"}
    ((to, content),) = house.server.taken
    found = read(content)
    assert (to, found["Subject"]) == ("tea@x.example", "For Tea & Co")
    text, html = (one.get_content().replace("\r", "") for one in found.iter_parts())
    assert text.startswith("Dear Tea & Co in Shunde\n\n-- \nUnsubscribe: https://crm.example/marketing/leave/")
    assert html.startswith("<p>Dear Tea &amp; Co</p>")
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    done = await house.now(mailing)
    assert (done.state, done.finished_at is not None, done.problem) == (MailingState.DONE, True, None)


@pytest.mark.requirement("MK-2")
async def test_files_go_with_each_mail(house):
    mia = await house.as_("mia")
    await house.make(Customer, name="Tea", email="tea@x.example")
    mailing = await house.mailing(mia, EVERYBODY)

    async def content() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7 offer"

    await house.kernel.files.attach(mia, Mailing, mailing.id, "offer.pdf", content())
    await house.act(mia, mailing, "start")
    await house.send()
    ((_, sent),) = house.server.taken
    assert [(one.get_filename(), one.get_content()) for one in read(sent).iter_attachments()] == [
        ("offer.pdf", b"%PDF-1.7 offer")
    ]


async def test_contacts_are_written_to_with_their_own_fields_and_each_address_once(house):
    mia = await house.as_("mia")
    tea = await house.make(Customer, name="Tea", email="office@x.example")
    for name, address in (("Ann", "ann@x.example"), ("Bob", "office@x.example"), ("Cid", "")):
        await house.make(Contact, name=name, customer=tea.id, post="Buyer", emails=[address] if address else [])
    contacts = await house.mailing(mia, EVERYBODY, audience="contacts", body="{{ contact.name }}, {{contact.post}}")
    await house.act(mia, contacts, "start")
    await house.send()
    assert await house.states(contacts) == {"ann@x.example": "sent", "office@x.example": "sent"}
    texts = {to: read(sent).get_content().partition("\r")[0] for to, sent in house.server.taken}
    assert texts == {"ann@x.example": "Ann, Buyer", "office@x.example": "Bob, Buyer"}
    both = await house.mailing(await house.person("max", "Marketer"), EVERYBODY, audience="both")
    await house.act(mia, both, "start")
    await house.send()
    assert await house.states(both) == {"ann@x.example": "sent", "office@x.example": "sent"}


@pytest.mark.parametrize(
    "body",
    [
        "{{ customer.annual_turnover }}",
        "{{ customer.password }}",
        "{{ customer.__class__ }}",
        "{{ 7*7 }}",
        "{{ contact.name }}",
        "{{ customer }}",
        "{{ customer.owner }}",
        "{{ customer.owner.password }}",
        "{{\ncustomer.secret\n}}",
        "{{}}",
    ],
)
async def test_a_merge_field_that_its_author_may_not_see_is_refused_by_name(house, body):
    mia = await house.as_("mia")
    hidden = replace(mia.policy, hidden=frozenset({"sales.customer.annual_turnover"}))
    segment = await house.make(Segment, mia, name="All", conditions=EVERYBODY)
    for field in ("subject", "body", "html"):
        given = {"subject": "x", "body": "x"} | {field: body.replace("\n", "") if field == "subject" else body}
        with pytest.raises(Refused, match="There is no merge field") as refusal:
            await house.make(Mailing, replace(mia, policy=hidden), segment=segment.id, **given)
        assert refusal.value.problems[0].field == field
    assert await house.all(Mailing) == []


async def test_a_value_runs_no_code_and_is_no_markup(house):
    mia = await house.as_("mia")
    await house.make(Customer, name="{{ customer.region }} <b>{% x %}", email="a@x.example", region="secret")
    mailing = await house.mailing(mia, EVERYBODY, html="<i>{{ name }}</i> {% raw %}")
    await house.act(mia, mailing, "start")
    await house.send()
    text, html = (one.get_content() for one in read(house.server.taken[0][1]).iter_parts())
    assert text.startswith("Hello {{ customer.region }} <b>{% x %}")
    assert html.startswith("<i>{{ customer.region }} &lt;b&gt;{% x %}</i> {% raw %}")


async def test_it_reaches_no_further_than_its_senders_sight(house):
    role = await house.make(Role, name="Own")
    for permission in (
        "sales.customer.read",
        "marketing.mailing.read",
        "marketing.mailing.start",
        "marketing.segment.read",
    ):
        await house.make(Grant, role=role.id, permission=permission, scope="own")
    for permission in ("marketing.mailing.create", "marketing.segment.create", "marketing.mailing.update"):
        await house.make(Grant, role=role.id, permission=permission, scope="own")
    ann = await house.person("ann", "Own")
    await house.make(Customer, name="Hers", email="hers@x.example", owner=house.people["ann"])
    await house.make(Customer, name="Other", email="other@x.example")
    mailing = await house.mailing(ann, EVERYBODY)
    await house.act(ann, mailing, "start")
    await house.send()
    assert house.server.recipients == ["hers@x.example"]


async def test_what_the_server_says_is_kept_and_what_is_put_off_is_tried_again(house):
    mia = await house.as_("mia")
    answers = {"gone@x.example": "550 no such user", "full@x.example": "452 full", "lost@x.example": "drop"}
    at = {"lost@x.example": "DATA"}
    house.server.decide = lambda command, about: answers.get(about, "") if command == at.get(about, "RCPT") else ""
    for name in ("gone", "full", "lost", "fine"):
        await house.make(Customer, name=name, email=f"{name}@x.example")
    mailing = await house.mailing(mia, EVERYBODY)
    await house.act(mia, mailing, "start")
    await house.send()
    wanted = {"fine": "sent", "full": "deferred", "gone": "refused", "lost": "unknown"}
    assert await house.states(mailing) == {f"{name}@x.example": state for name, state in wanted.items()}
    said = {one.address: one.said for one in await house.all(Recipient)}
    assert said["gone@x.example"] == "550 no such user"
    assert (await house.now(mailing)).state is MailingState.SENDING
    answers.clear()
    await house.elapse()
    await house.send()
    assert await house.states(mailing) == {f"{n}@x.example": s for n, s in (wanted | {"full": "sent"}).items()}
    assert (await house.now(mailing)).state is MailingState.DONE
    assert sorted(house.server.recipients) == ["fine@x.example", "full@x.example"]


async def test_what_is_put_off_too_often_is_given_up(house):
    mia = await house.as_("mia")
    house.server.decide = lambda command, _: "451 later" if command == "RCPT" else ""
    await house.make(Customer, name="Tea", email="tea@x.example")
    mailing = await house.mailing(mia, EVERYBODY)
    await house.act(mia, mailing, "start")
    for _ in range(8):
        await house.send()
        await house.elapse()
    (found,) = await house.all(Recipient)
    assert (found.state.value, found.attempts, found.said) == ("refused", 6, "451 later")
    assert (await house.now(mailing)).state is MailingState.DONE


async def test_a_fault_of_ours_pauses_it_and_says_why_and_it_goes_on_where_it_stopped(house):
    mia = await house.as_("mia")
    blocked = ["553 sender not allowed"]
    house.server.decide = lambda command, _: blocked[0] if command == "MAIL" and blocked else ""
    for number in range(3):
        await house.make(Customer, name=f"C{number}", email=f"c{number}@x.example")
    mailing = await house.mailing(mia, EVERYBODY)
    await house.act(mia, mailing, "start")
    await house.send()
    paused = await house.now(mailing)
    assert (paused.state, set((await house.states(mailing)).values())) == (MailingState.PAUSED, {"waiting"})
    assert "takes nothing from" in paused.problem
    blocked.clear()
    await house.act(mia, paused, "resume")
    await house.send()
    assert house.server.recipients == ["c0@x.example", "c1@x.example", "c2@x.example"]
    assert (await house.now(mailing)).problem is None


async def test_a_pause_stops_it_between_slices_and_the_throttle_holds(house):
    mia = await house.as_("mia")
    for number in range(5):
        await house.make(Customer, name=f"C{number}", email=f"c{number}@x.example")
    mailing = await house.mailing(mia, EVERYBODY, per_minute=2)
    await house.act(mia, mailing, "start")
    await house.send()
    assert len(house.server.taken) == 2, "two a minute"
    await house.act(mia, await house.now(mailing), "pause")
    await house.elapse()
    await house.send()
    assert len(house.server.taken) == 2
    await house.make(Suppression, address="c4@x.example")
    await house.act(mia, await house.now(mailing), "resume")
    for _ in range(4):
        await house.send()
        await house.elapse()
    assert sorted(house.server.recipients) == [f"c{number}@x.example" for number in range(4)]
    assert (await house.states(mailing))["c4@x.example"] == "suppressed"


async def test_a_scheduled_one_waits_and_one_under_way_is_not_changed(house):
    mia = await house.as_("mia")
    await house.make(Customer, name="Tea", email="tea@x.example")
    mailing = await house.mailing(mia, EVERYBODY)
    with pytest.raises(Refused, match="This time is over"):
        await house.act(mia, mailing, "start", at=datetime.now(UTC) - timedelta(hours=1))
    await house.act(mia, mailing, "start", at=datetime.now(UTC) + timedelta(hours=1))
    await house.send()
    assert house.server.taken == []
    with pytest.raises(Refused, match="not changed any more"):
        await house.kernel.operations.update(mia, Mailing, mailing.id, {"body": "Other"})
    with pytest.raises(Refused, match="begun already"):
        await house.act(mia, await house.now(mailing), "start")
    await house.elapse()
    await house.send()
    assert house.server.recipients == ["tea@x.example"]


async def test_a_test_mail_goes_to_ones_own_address_and_says_what_stood_in_its_way(house):
    mia = await house.as_("mia")
    await house.make(Customer, name="Tea", email="tea@x.example")
    mailing = await house.mailing(mia, EVERYBODY)
    await house.act(mia, mailing, "test", address="mia@shop.example")
    await house.send()
    assert house.server.recipients == ["mia@shop.example"]
    assert "Hello Tea" in read(house.server.taken[0][1]).get_content()
    assert await house.all(Recipient) == []
    house.server.decide = lambda command, _: "550 unknown" if command == "RCPT" else ""
    await house.act(mia, mailing, "test", address="mia@shop.example")
    await house.send()
    assert (await house.now(mailing)).problem == "Test mail: 550 unknown"


async def test_whoever_may_not_sign_in_any_more_sends_nothing(house):
    mia = await house.as_("mia")
    await house.make(Customer, name="Tea", email="tea@x.example")
    mailing = await house.mailing(mia, EVERYBODY)
    await house.act(mia, mailing, "start")
    await house.act(SYSTEM, await house.kernel.reader.get(SYSTEM, User, house.people["mia"]), "disable")
    await house.send()
    found = await house.now(mailing)
    assert (found.state, found.problem) == (MailingState.PAUSED, "The sender may not sign in any more")
    assert house.server.taken == []
