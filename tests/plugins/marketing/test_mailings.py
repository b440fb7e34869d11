"""Mailings: whom they reach, what they may say, and that nobody gets two."""

from __future__ import annotations

import email
from email import policy

import pytest

from core.errors import Refused
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
