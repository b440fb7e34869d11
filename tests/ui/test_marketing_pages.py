"""The pages of marketing: the builder, the progress of a mailing, public forms and the way out, for whom they are."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import pytest

from core.plugin import Plugin
from tests.ui.conftest import SYSTEM
from tradepost import marketing, sales
from tradepost.marketing import Campaign, Enquiry, Form, FormQuestion, Mailing, Member, Recipient, Segment, Suppression
from tradepost.sales import Customer, FollowUp, Lead

ROWS = {"match": "all", "n": "1", "0.field": "region", "0.how": "contains", "0.value": "Shunde"}


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, marketing.plugin)


def counted(page: str) -> str:
    found = re.search(r'<strong id="count">(.*?)</strong>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found.group(1)).strip()


@pytest.mark.requirement("MK-1", "MK-3", "MK-13")
async def test_conditions_are_put_together_without_a_script_and_counted_on_the_way(firm):
    await firm.user("mia", "Marketer")
    north = await firm.make(Customer, name="North", region="Shunde", industry="technology")
    await firm.make(Customer, name="South", region="Shunde", industry="food")
    await firm.make(Customer, name="Far", region="Busan", industry="technology")
    segment = await firm.make(Segment, name="Electronics")
    mia = await firm.signed_in("mia")
    address = f"/marketing/conditions/{segment.id}"
    assert counted((await mia.get(address)).text) == "Customers: 3"
    added = await mia.post(address, {"match": "all", "n": "0", "step": "add:"})
    assert 'name="0.field"' in added.text
    assert counted(added.text) == "Complete the conditions to see the count"
    assert counted((await mia.post(address, ROWS)).text) == "Customers: 2"
    industry = {"1.field": "industry", "1.how": "in", "1.value": ["technology", "energy"]}
    behind = {"2.mode": "none", "2.behind": "follow_ups", "2.match": "all", "2.n": "1"}
    days = {"2.0.field": "at", "2.0.how": "last_days", "2.0.value": "90"}
    whole = ROWS | {"n": "3"} | industry | behind | days
    page = await mia.post(address, whole)
    assert counted(page.text) == "Customers: 1"
    assert 'value="technology" checked' in page.text
    fewer = await mia.post(address, whole | {"step": "remove:1"})
    assert counted(fewer.text) == "Customers: 2"
    part = await mia.client.post(address, data=whole, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert "<html" not in part.text
    assert counted(part.text) == "Customers: 1"
    saved = await mia.post(address, whole | {"step": "save"})
    assert (saved.status_code, saved.headers["location"]) == (303, f"/marketing/segments/{segment.id}")
    (kept,) = await firm.all(Segment)
    assert kept.conditions == {
        "all": [
            {"field": "region", "how": "contains", "value": "Shunde"},
            {"field": "industry", "how": "in", "value": ["technology", "energy"]},
            {"none": "follow_ups", "where": {"all": [{"field": "at", "how": "last_days", "value": "90"}]}},
        ]
    }
    shown = (await mia.get(f"/marketing/segments/{segment.id}")).text
    assert f'href="/sales/customers/{north.id}"' in shown
    await firm.make(FollowUp, subject="Call", customer=north.id)
    assert counted((await mia.get(address)).text) == "Customers: 0"


async def test_what_is_wrong_stands_beside_its_row_and_nothing_is_kept(firm):
    await firm.user("mia", "Marketer")
    segment = await firm.make(Segment, name="All", conditions={"all": []})
    mia = await firm.signed_in("mia")
    address = f"/marketing/conditions/{segment.id}"
    wrong = {"match": "all", "n": "1", "0.field": "employees", "0.how": "gt", "0.value": "many", "step": "save"}
    page = await mia.post(address, wrong)
    assert page.status_code == 422
    assert "Write a number" in page.text
    assert 'value="many"' in page.text
    for step in ("remove:9.9", "add:7", "remove:x", "nonsense"):
        assert (await mia.post(address, ROWS | {"step": step})).status_code == 200
    assert (await mia.post(address, {"n": "999999999", "match": "all"})).status_code == 200
    (kept,) = await firm.all(Segment)
    assert kept.conditions == {"all": []}
    await firm.user("seller", "Salesperson")
    seller = await firm.signed_in("seller")
    refused = await seller.post(address, ROWS | {"step": "save"})
    assert refused.status_code == 403
    (kept,) = await firm.all(Segment)
    assert kept.conditions == {"all": []}
    await firm.user("nobody")
    assert (await (await firm.signed_in("nobody")).get(address)).status_code == 403
    assert (await mia.get("/marketing/conditions/nonsense")).status_code == 404


@pytest.mark.requirement("MK-5", "MK-6", "MK-9")
async def test_a_campaign_goes_through_its_stages_and_shows_all_that_belongs_to_it(firm):
    await firm.user("mia", "Marketer")
    await firm.user("max", "Marketer")
    customer = await firm.make(Customer, name="Harbour", region="Shunde")
    segment = await firm.make(Segment, name="Shunde", conditions={"field": "region", "how": "eq", "value": "Shunde"})
    mia, other = await firm.signed_in("mia"), await firm.signed_in("max")
    made = await mia.post("/marketing/campaigns/new", {"name": "Spring fair", "kind": "event", "plan": "Book the hall"})
    address = made.headers["location"]
    assert (await other.post(f"{address}/do/advance")).status_code == 303, "the team works on it together"
    assert (await other.post(f"{address}/do/enlist", {"segment": str(segment.id), "ready": "1"})).status_code == 303
    await other.post(f"{address}/do/enlist", {"segment": str(segment.id), "ready": "1"})
    (member,) = await firm.all(Member)
    assert member.customer.id == customer.id
    (campaign,) = await firm.all(Campaign)
    assert campaign.stage.value == "planned"
    page = (await mia.get(address)).text
    assert "Book the hall" in page
    assert "Harbour" in page
    theirs = (await mia.get(f"/sales/customers/{customer.id}")).text
    assert "Spring fair" in theirs[theirs.index('aria-label="Timeline"') :]
    board = (await mia.get("/marketing/campaigns/board")).text
    assert "Spring fair" in board
    await firm.user("nobody")
    assert (await (await firm.signed_in("nobody")).post(f"{address}/do/advance")).status_code in (403, 404)
    (campaign,) = await firm.all(Campaign)
    assert campaign.stage.value == "planned"


@pytest.mark.requirement("MK-21", "MK-22")
async def test_a_form_that_anybody_fills_in_becomes_a_lead_of_its_campaign(firm):
    mia_id = await firm.user("mia", "Marketer")
    campaign = await firm.make(Campaign, name="Spring fair")
    form = await firm.make(
        Form, name="Ask us", address="ask-us", campaign=campaign.id, source="campaign", owner=mia_id, thanks="Danke"
    )
    await firm.make(FormQuestion, form=form.id, question="How many pumps?", required=True)
    anybody = firm.pages()
    page = await anybody.get("/marketing/form/ask-us")
    assert page.status_code == 200
    assert "How many pumps?" in page.text
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    sent = {"company": "Tea <b>", "person": "Ann", "email": "ann@tea.example", "phones": "+86 138 0013 8000"}
    wrong = await anybody.post("/marketing/form/ask-us", sent | {"email": "nonsense"})
    assert wrong.status_code == 422
    assert "Fill this in" in wrong.text
    assert await firm.all(Lead) == []
    done = await anybody.client.post(
        "/marketing/form/ask-us",
        data=sent | {"q0": "Three", "message": "Soon"},
        headers={"Origin": "https://tea.example"},
    )
    assert done.status_code == 200
    assert "Danke" in done.text
    (lead,) = await firm.all(Lead)
    assert (lead.company, lead.person, lead.email, lead.source.value) == (
        "Tea <b>",
        "Ann",
        "ann@tea.example",
        "campaign",
    )
    assert (lead.owner.id, lead.remark) == (mia_id, "Soon\nHow many pumps?: Three")
    (enquiry,) = await firm.all(Enquiry)
    assert (enquiry.lead.id, enquiry.campaign.id, enquiry.form.id) == (lead.id, campaign.id, form.id)
    mia = await firm.signed_in("mia")
    assert "Ask us" in (await mia.get(f"/sales/leads/{lead.id}")).text
    shown = html.unescape((await mia.get(f"/marketing/forms/{form.id}")).text)
    assert '<iframe src="http://testserver/marketing/form/ask-us"' in shown


async def test_programs_and_the_hasty_leave_no_lead(firm):
    await firm.make(Form, name="Ask us", address="ask-us")
    anybody = firm.pages()
    sent = {"person": "Ann", "email": "ann@tea.example"}
    trapped = await anybody.post("/marketing/form/ask-us", sent | {"homepage": "https://spam.example"})
    assert trapped.status_code == 200
    assert await firm.all(Lead) == []
    answers = [await anybody.post("/marketing/form/ask-us", sent) for _ in range(12)]
    assert answers[-1].status_code == 422
    assert len(await firm.all(Lead)) == 9
    form = (await firm.all(Form))[0]
    await firm.kernel.operations.update(SYSTEM, Form, form.id, {"active": False})
    assert (await anybody.get("/marketing/form/ask-us")).status_code == 404
    assert (await anybody.post("/marketing/form/ask-us", sent)).status_code == 404
    assert (await anybody.get("/marketing/form/nothing")).status_code == 404


@pytest.mark.requirement("MK-14")
async def test_the_link_of_a_mail_unsubscribes_with_one_click_and_only_on_purpose(firm):
    segment = await firm.make(Segment, name="All")
    mailing = await firm.make(Mailing, subject="News", body="Hello", segment=segment.id)
    made = await firm.kernel.operations.run(
        SYSTEM,
        lambda work: work.create(Recipient, mailing=mailing, address="Ann@tea.example", token="s3cret"),
    )
    anybody = firm.pages()
    link = f"/marketing/leave/{made.id.hex}-s3cret"
    looked = await anybody.get(link)
    assert "Ann@tea.example" in looked.text
    assert await firm.all(Suppression) == [], "a program that opens links beforehand unsubscribes nobody"
    for wrong in (f"/marketing/leave/{made.id.hex}-other", f"/marketing/leave/{made.id.hex}", "/marketing/leave/x-y"):
        assert (await anybody.post(wrong)).status_code == 404
    assert await firm.all(Suppression) == []
    one_click = await anybody.client.post(link, data={"List-Unsubscribe": "One-Click"}, headers={"Origin": "null"})
    assert one_click.status_code == 200
    (found,) = await firm.all(Suppression)
    assert (found.address.casefold(), found.reason.value) == ("ann@tea.example", "unsubscribed")
    assert (await anybody.post(link)).status_code == 200
    assert len(await firm.all(Suppression)) == 1
    (recipient,) = await firm.all(Recipient)
    assert recipient.left_at is not None
    assert (await anybody.post("/marketing/leave/test")).status_code == 200
    assert len(await firm.all(Suppression)) == 1


@pytest.mark.requirement("MK-8")
async def test_the_progress_of_a_mailing_is_followed_by_all_who_look(firm):
    await firm.user("mia", "Marketer")
    await firm.user("max", "Marketer")
    segment = await firm.make(Segment, name="All")
    mailing = await firm.make(Mailing, subject="News", body="Hello {{ name }}", segment=segment.id)
    mia, other = await firm.signed_in("mia"), await firm.signed_in("max")
    page = (await mia.get(f"/marketing/mailings/{mailing.id}")).text
    assert "{{ customer.name }}" in page, "what may be written is offered"
    assert (await mia.post(f"/marketing/mailings/{mailing.id}/do/start", {"ready": "1"})).status_code == 303
    for state, count in (("sent", 3), ("waiting", 1)):
        for number in range(count):
            address = f"{state}{number}@x.example"
            await firm.kernel.operations.run(
                SYSTEM,
                lambda work, state=state, address=address: work.create(
                    Recipient, mailing=mailing, address=address, state=state
                ),
            )
    part = await other.part(f"/marketing/progress/{mailing.id}")
    assert "<html" not in part.text
    assert "3 of 4 settled" in part.text
    assert 'hx-trigger="every 2s"' in part.text
    assert f'href="/marketing/recipients?mailing={mailing.id}&amp;state=sent"' in part.text
    assert "3 of 4 settled" in (await other.get(f"/marketing/mailings/{mailing.id}")).text
    await firm.user("seller", "Salesperson")
    assert (await (await firm.signed_in("seller")).get(f"/marketing/progress/{mailing.id}")).status_code == 403


async def test_a_condition_on_a_link_names_the_record_and_each_kind_of_value_has_its_control(firm):
    mia_id = await firm.user("mia", "Marketer")
    await firm.make(Customer, name="Hers", owner=mia_id, annual_turnover={"amount": "500", "currency": "CNY"})
    await firm.make(Customer, name="Other")
    segment = await firm.make(Segment, name="Hers")
    mia = await firm.signed_in("mia")
    address = f"/marketing/conditions/{segment.id}"
    typed = {"match": "all", "n": "2", "0.field": "owner", "0.how": "eq", "0.value.text": "Mia"}
    money = {"1.field": "annual_turnover", "1.how": "gte", "1.value": "500", "1.value.currency": "CNY"}
    page = await mia.post(address, typed | money)
    assert counted(page.text) == "Customers: 1"
    assert f'name="0.value" value="{mia_id}"' in page.text
    assert "<option selected>CNY</option>" in page.text
    assert (await mia.post(address, typed | money | {"0.value": str(mia_id), "step": "save"})).status_code == 303
    again = (await mia.get(address)).text
    assert 'name="0.value.text" value="Mia"' in again
    assert counted(again) == "Customers: 1"
    flag = {"match": "all", "n": "1", "0.field": "next_contact", "0.how": "gte", "0.value": "2026-11-28"}
    assert 'type="date" value="2026-11-28"' in (await mia.post(address, flag)).text
