"""A record's page, its form, and what may go wrong: nothing typed is lost, nothing is half done."""

from __future__ import annotations

import re

import pytest

from core.blobs import store_of
from core.money import Money
from core.roles import Assignment
from core.settings import load_settings
from core.users import User
from tests.buckets import BucketServer
from tests.ui.conftest import SYSTEM, Firm, Pages
from tradepost.sales import Contact, Customer, FollowUp, Lead, Pipeline, Product


@pytest.fixture
async def acme(firm: Firm) -> Customer:
    return await firm.make(
        Customer, name="Acme <Ltd>", level="key", phones=["+86 10 6552 9988"], annual_turnover=Money(123_456, "USD")
    )


@pytest.mark.requirement("CU-7", "L-4", "CU-9", "SE-5", "CU-16")
async def test_the_page_gathers_facts_relations_and_history(firm: Firm, acme: Customer, admin: Pages):
    record = acme.value("id")
    await firm.make(Contact, name="王小明", customer=acme)
    await firm.make(FollowUp, subject="First call", customer=acme)
    await admin.post(f"/sales/customers/{record}/edit", {"level": "minor", "version": "1"})
    text = (await admin.get(f"/sales/customers/{record}")).text
    assert "<h1>Acme &lt;Ltd&gt;</h1>" in text
    assert '<a href="tel:+86 10 6552 9988">' in text
    assert "$1,234.56" in text
    assert "王小明" in text
    assert "First call" in text
    assert "<del>Key</del> → <ins>Minor</ins>" in text
    assert f'href="/sales/contacts/new?customer={record}"' in text


@pytest.mark.requirement("L-2", "CU-1", "CT-1")
async def test_a_form_makes_a_record(firm: Firm, acme: Customer, admin: Pages):
    form = (await admin.get(f"/sales/contacts/new?customer={acme.value('id')}")).text
    assert f'name="customer" value="{acme.value("id")}"' in form
    assert 'value="Acme &lt;Ltd&gt;"' in form
    made = await admin.post(
        "/sales/contacts/new",
        {
            "name": "Ann",
            "customer": str(acme.value("id")),
            "customer.text": "Acme <Ltd>",
            "emails": "a@example.com\nb@example.com",
        },
    )
    assert made.status_code == 303
    (contact,) = await firm.all(Contact)
    assert (contact.name, contact.customer, contact.emails) == ("Ann", acme, ("a@example.com", "b@example.com"))
    assert "Contact created" in (await admin.get(made.headers["location"])).text


async def test_a_form_that_is_sent_again_makes_nothing_new_and_loses_nothing(firm: Firm, acme: Customer, admin: Pages):
    form = (await admin.get("/sales/contacts/new")).text
    (once,) = re.findall(r'name="once" value="([0-9a-f-]{36})"', form)
    sent = {"name": "Ann", "customer": str(acme.value("id")), "customer.text": "Acme <Ltd>", "once": once}
    first = await admin.post("/sales/contacts/new", sent)
    again = await admin.post("/sales/contacts/new", sent)
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    (contact,) = await firm.all(Contact)
    assert contact.value("version") == 1, "nothing was written the second time"

    await admin.post("/sales/contacts/new", sent | {"post": "Buyer"})
    (contact,) = await firm.all(Contact)
    assert contact.post == "Buyer"
    overtaken = await admin.post("/sales/contacts/new", sent | {"post": "Owner"})
    assert overtaken.status_code == 409
    assert "Nothing was saved yet" in overtaken.text
    assert f'action="{first.headers["location"]}/edit"' in overtaken.text
    (contact,) = await firm.all(Contact)
    assert contact.post == "Buyer"


async def test_the_form_of_one_user_is_nothing_to_another(firm: Firm, acme: Customer, admin: Pages):
    await firm.user("ann", "Salesperson")
    ann, once = await firm.signed_in("ann"), "0193e0a0-0000-7000-8000-000000000001"
    for pages in (admin, ann):
        assert (
            await pages.post("/sales/leads/new", {"company": f"Of {pages is ann}", "once": once})
        ).status_code == 303
    one, other = await firm.all(Lead)
    assert one.value("id") != other.value("id")
    assert all(lead.value("id").version == 7 for lead in (one, other))
    await admin.post("/sales/leads/new", {"company": "Third", "once": str(one.value("id"))})
    assert len(await firm.all(Lead)) == 3


async def test_a_wrong_form_keeps_what_was_typed_and_says_what_to_do_beside_the_field(firm: Firm, admin: Pages):
    answer = await admin.post(
        "/sales/leads/new", {"company": "", "email": "nonsense", "person": 'Ann "A"', "level": "key"}
    )
    assert answer.status_code == 422
    assert re.search(r'id="f-company" [^>]*aria-describedby="f-company-error[^"]*" aria-invalid="true"', answer.text)
    assert "Write a mail address like name@example.com" in answer.text
    assert 'value="Ann &#34;A&#34;"' in answer.text
    assert '<option value="key" selected>' in answer.text
    assert await firm.all(Lead) == []


async def test_a_link_is_found_by_name_where_no_script_runs(firm: Firm, acme: Customer, admin: Pages):
    await firm.make(Customer, name="Beta One")
    await firm.make(Customer, name="Beta Two")
    found = await admin.post("/sales/contacts/new", {"name": "Ann", "customer": "", "customer.text": "acme"})
    assert found.status_code == 303
    several = await admin.post("/sales/contacts/new", {"name": "Bob", "customer": "", "customer.text": "beta"})
    assert several.status_code == 422
    choices = re.findall(r'type="radio" name="customer.pick" value="([^"]+)"> ([^<]+)<', several.text)
    assert [text for _, text in choices] == ["Beta One", "Beta Two"]
    picked = await admin.post(
        "/sales/contacts/new", {"name": "Bob", "customer.pick": choices[1][0], "customer.text": "beta"}
    )
    assert picked.status_code == 303
    assert {one.name: one.customer.name for one in await firm.all(Contact, fields=("name", "customer.name"))} == {
        "Ann": "Acme <Ltd>",
        "Bob": "Beta Two",
    }


@pytest.mark.requirement("CU-5", "L-21")
async def test_a_lookalike_is_pointed_out_before_saving(firm: Firm, acme: Customer, admin: Pages):
    form = {"company": "ACME <ltd>"}
    warned = await admin.post("/sales/leads/new", form)
    assert (warned.status_code, f"/sales/customers/{acme.value('id')}" in warned.text) == (422, True)
    assert await firm.all(Lead) == []
    assert (await admin.post("/sales/leads/new", form | {"anyway": "yes"})).status_code == 303
    assert len(await firm.all(Lead)) == 1


async def test_who_comes_second_sees_both_values_and_loses_nothing(firm: Firm, acme: Customer, admin: Pages):
    address = f"/sales/customers/{acme.value('id')}/edit"
    await admin.post(address, {"name": "Theirs", "version": "1"})
    answer = await admin.post(address, {"name": "Mine", "version": "1"})
    assert answer.status_code == 409
    assert "Name: theirs “Theirs”, yours “Mine”" in answer.text
    assert 'value="Mine"' in answer.text
    assert (await firm.all(Customer))[0].name == "Theirs"
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version
    assert (await admin.post(address, {"name": "Mine", "version": version[1]})).status_code == 303
    assert (await firm.all(Customer))[0].name == "Mine"


@pytest.mark.requirement("CU-15", "L-7", "CT-6", "PR-6", "OP-12")
async def test_files_are_attached_saved_and_removed(acme: Customer, admin: Pages):
    address = f"/sales/customers/{acme.value('id')}"
    sent = await admin.post(f"{address}/files", files={"file": ("名片 <1>.txt", b"Ann Lee", "text/html")})
    assert sent.status_code == 303
    text = (await admin.get(address)).text
    link = re.search(r'href="(/files/[^"]+)">([^<]+)<', text)
    assert link
    assert link[2].startswith("名片")
    saved = await admin.get(link[1])
    assert saved.content == b"Ann Lee"
    assert saved.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E5%90%8D%E7%89%87")
    assert saved.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert (await admin.post(f"{link[1]}/remove", {"back": address})).headers["location"] == address
    assert (await admin.get(link[1])).status_code == 404


async def test_an_archived_record_says_so_and_can_come_back(firm: Firm, acme: Customer, admin: Pages):
    record = acme.value("id")
    assert (await admin.post(f"/sales/customers/{record}/archive")).headers["location"] == "/sales/customers"
    text = (await admin.get(f"/sales/customers/{record}")).text
    assert "This record is in the recycle bin." in text
    assert f'action="/sales/customers/{record}/purge"' in text
    await admin.post(f"/sales/customers/{record}/purge")
    assert (await admin.get(f"/sales/customers/{record}")).status_code == 404
    assert await firm.all(Customer) == []


async def test_what_one_may_not_see_is_not_found_and_what_one_may_not_do_is_refused(
    firm: Firm, acme: Customer, admin: Pages
):
    lead = await firm.make(Lead, company="Somebody else's")
    await firm.user("ann", "Salesperson")
    await firm.user("bob", "Auditor")
    ann, bob = await firm.signed_in("ann"), await firm.signed_in("bob")
    hidden, random = (
        await ann.get(f"/sales/leads/{lead.value('id')}"),
        await ann.get("/sales/leads/01a205eb-0000-7000-8000-000000000000"),
    )
    assert (hidden.status_code, random.status_code) == (404, 404)
    assert hidden.text == random.text
    seen = (await bob.get(f"/sales/leads/{lead.value('id')}")).text
    assert "/edit" not in seen
    refused = await bob.post(f"/sales/leads/{lead.value('id')}/edit", {"company": "Mine", "version": "1"})
    assert (refused.status_code, "sales.lead.update" in refused.text) == (403, True)
    assert [one.company for one in await firm.all(Lead)] == ["Somebody else's"]


async def test_a_new_part_keeps_to_its_whole(firm: Firm, admin: Pages):
    pipeline = (await firm.make(Pipeline, name="Direct")).value("id")
    text = (await admin.get(f"/sales/stages/new?pipeline={pipeline}")).text
    assert re.search(rf'<a class="button plain" href="/sales/pipelines/{pipeline}"[^>]*>Cancel</a>', text)
    form = {"pipeline": str(pipeline), "name": "Talking", "win_rate": "10", "another": "yes"}
    made = await admin.post("/sales/stages/new", form)
    assert made.headers["location"] == f"/sales/stages/new?pipeline={pipeline}"
    text = (await admin.get("/sales/stages/new")).text
    assert re.search(r'<a class="button plain" href="/sales/stages"[^>]*>Cancel</a>', text)


async def test_a_record_without_a_name_is_called_by_what_it_links_to(firm: Firm, admin: Pages):
    await firm.user("ann", "Auditor")
    (ann,) = await firm.all(User, where=User.login.eq("ann"))
    (assignment,) = await firm.all(Assignment, where=Assignment.user.eq(ann))
    assert "<h1>Auditor · Ann</h1>" in (await admin.get(f"/core/assignments/{assignment.id}")).text


async def test_fields_of_many_values_say_how_they_are_kept_apart(admin: Pages):
    text = (await admin.get("/sales/leads/new")).text
    assert '<span class="hint" id="f-phones-help">One in each line</span>' in text


async def test_a_heading_stands_as_the_column_below_it(firm: Firm, admin: Pages):
    product = await firm.make(Product, code="T1", name="Tea", price=Money(1250, "USD"))
    text = (await admin.get(f"/sales/products/{product.value('id')}")).text
    prices = text.partition("Price changes")[2].partition("</table>")[0]
    assert '<th scope="col">Price</th>' in prices
    assert '<td class="first" data-label="Price">' in prices


async def test_the_history_names_the_files_that_came_and_went(acme: Customer, admin: Pages):
    address = f"/sales/customers/{acme.value('id')}"
    await admin.post(f"{address}/files", files={"file": ("terms.txt", b"Net 30", "text/plain")})
    text = (await admin.get(address)).text
    history = text.partition("<h2>History</h2>")[2]
    assert "attached a file" in history
    assert "terms.txt" in history
    removal = re.search(r'action="(/files/[^"]+/remove)"', text)
    assert removal
    await admin.post(removal[1])
    assert "<del>terms.txt</del>" in (await admin.get(address)).text


async def test_a_storage_that_does_not_answer_is_told_and_nothing_is_attached(
    firm: Firm, acme: Customer, admin: Pages, bucket_server: BucketServer
):
    address = f"/sales/customers/{acme.value('id')}"
    assert (await admin.post(f"{address}/files", files={"file": ("a.txt", b"a", "text/plain")})).status_code == 303
    link = re.search(r'href="(/files/[^"]+)">', (await admin.get(address)).text)
    assert link
    firm.kernel.files._store = store_of(load_settings(**bucket_server.named("no-such-bucket")))
    sent = await admin.post(f"{address}/files", files={"file": ("b.txt", b"b", "text/plain")})
    assert sent.status_code == 502
    assert "The storage of files does not answer" in sent.text
    assert "no-such-bucket" not in sent.text
    assert [one.name for one in await firm.kernel.files.of(SYSTEM, Customer, acme.value("id"))] == ["a.txt"]
    assert (await admin.get(link[1])).status_code == 404
