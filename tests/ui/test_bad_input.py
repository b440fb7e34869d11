"""Bad input on pages: each is refused by its place with a message for people; none is a fault of ours."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import httpx
import pytest

from core.cursors import cursor_signature
from core.query import Order
from core.roles import Grant, Role
from tests.ui.conftest import SYSTEM, Firm, Pages
from tradepost.sales import Customer

CUSTOMERS = "/sales/customers"
NEW = f"{CUSTOMERS}/new"
SOMEBODY = "0192f1d2-3b4c-7d5e-8f60-718293a4b5c6"


def said(answer: httpx.Response) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def cursor(model: str, path: str, value: object) -> str:
    return json.dumps([cursor_signature(model, [Order(path)]), value, SOMEBODY]).encode().hex()


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("nope=1", 400, "There is no field nope"),
        ("owner.password=x", 400, "There is no field owner.password"),
        ("_sort=nope", 400, "There is no field nope"),
        ("name-near=x", 400, "name-near: no such way to filter"),
        ("name=%00", 400, "name: a text holds no character U+0000"),
        ("_q=a%00b", 400, "a text holds no character U+0000"),
        ("employees=99999999999", 422, "Employees: Write a number between -2147483648 and"),
        ("employees-gt=many", 422, "Employees: Write a number like 1234"),
        ("industry=nope", 422, "Industry: Choose one of:"),
        ("next_contact=2026-02-30", 422, "Next contact: Write a day like 2026-11-22"),
        ("next_contact-lte=9999-12-31", 422, "Next contact: This day is out of range"),
        ("parent=nope", 422, "Parent company: Choose a record"),
        ("_after=x", 400, "The cursor does not belong to this list"),
        (f"_before={cursor('sales.lead', 'name', 'A')}", 400, "The cursor does not belong to this list"),
        (
            f"_sort=name&_after={cursor('sales.customer', 'region', 'A')}",
            400,
            "The cursor does not belong to this list",
        ),
    ],
)
async def test_an_address_that_makes_no_sense_is_refused_by_name(
    admin: Pages, query: str, status: int, message: str
) -> None:
    answer = await admin.get(f"{CUSTOMERS}?{query}")
    assert (answer.status_code, message in said(answer)) == (status, True), said(answer)


async def test_a_field_that_may_not_be_read_is_told_as_one_that_does_not_exist(firm: Firm) -> None:
    await firm.user("ann", "Salesperson")
    (role,) = await firm.all(Role, where=Role.name.eq("Salesperson"))
    (grant,) = await firm.all(
        Grant, where=Grant.role.eq(role.value("id")) & Grant.permission.eq("sales.customer.read"), fields=("id",)
    )
    await firm.kernel.operations.update(SYSTEM, Grant, grant.value("id"), {"hidden": ["region"]})
    ann = await firm.signed_in("ann")
    for query in ("{0}=x", "{0}-empty=yes", "_sort={0}", "_sort=-{0}", "parent.{0}=x"):
        hidden, unknown = [await ann.get(f"{CUSTOMERS}?{query.format(name)}") for name in ("region", "nowhere")]
        assert (hidden.status_code, unknown.status_code) == (400, 400)
        assert said(hidden) == said(unknown).replace("nowhere", "region")


@pytest.mark.parametrize(
    "address",
    [
        f"{CUSTOMERS}/nope", f"{CUSTOMERS}/%00/edit", "/files/%00", "/choose/nope?x.text=a", f"{CUSTOMERS}/choose/nope",
        f"{CUSTOMERS}/filter/%00", f"{CUSTOMERS}/import/%00", "/core/roles/nope/permissions", "/%00", "/%ff",
    ],
)  # fmt: skip
async def test_an_address_of_nothing_is_not_found(admin: Pages, address: str) -> None:
    assert (await admin.get(address)).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        f"{NEW}?parent=nope", f"{NEW}?parent=%00&name=%00", "/search?q=%00", "/search?q=" + "x" * 4_000,
        "/search?q=%22*",
        "/admin/audit?model=%00&verb=%00&user=nope&before=99999999999999999999999", "/bin?model=%00",
        f"{CUSTOMERS}?_view=%00&_columns=%00,nope&_nope=1", f"{CUSTOMERS}/export?_view=%00&_columns=%00,nope",
    ],
)  # fmt: skip
async def test_what_means_nothing_in_an_address_is_passed_over(admin: Pages, address: str) -> None:
    assert (await admin.get(address)).status_code == 200


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Fill this in"),
        ({"name": "a\0b"}, "Remove the control character U+0000"),
        ({"name": "x" * 201}, "Shorten this to 200 characters"),
        ({"employees": "99999999999"}, "Write a number between -2147483648 and 2147483647"),
        ({"annual_turnover": "10000000000000.01"}, "10000000000000.01 is out of range"),
        ({"next_contact": "0001-01-01T00:00"}, "This time is out of range"),
        ({"next_contact": "9999-12-31T23:59"}, "This time is out of range"),
        ({"industry": "nope"}, "Choose one of:"),
        ({"parent": SOMEBODY}, "Nothing with this name is found"),
        ({"parent.text": "a\0b"}, "a text holds no character U+0000"),
        ({"website": "javascript:alert(1)"}, "Write a web address"),
    ],
)
async def test_a_form_with_a_bad_value_comes_back_marked_and_nothing_is_made(
    firm: Firm, admin: Pages, given: dict[str, str], message: str
) -> None:
    answer = await admin.post(NEW, {"name": "Acme", "anyway": "1"} | given)
    assert (answer.status_code in (400, 422), message in said(answer)) == (True, True), said(answer)
    assert await firm.all(Customer) == []


async def test_a_company_gets_its_parent_by_form(firm: Firm, admin: Pages) -> None:
    top = await firm.make(Customer, name="Top")
    assert 'value="Top"' in (await admin.get(f"{NEW}?parent={top.value('id')}")).text
    answer = await admin.post(NEW, {"name": "Below", "parent": str(top.value("id")), "parent.text": "Top"})
    assert answer.status_code == 303
    (below,) = await firm.all(Customer, where=Customer.name.eq("Below"), fields=("name", "parent.name"))
    assert below.parent is not None
    assert below.parent.name == "Top"


@pytest.mark.parametrize("version", ["0", "-1", "", "x", "99999999999999999999"])
async def test_a_stale_form_shows_both_values_and_saves_nothing(firm: Firm, admin: Pages, version: str) -> None:
    acme = await firm.make(Customer, name="Acme")
    answer = await admin.post(f"{CUSTOMERS}/{acme.value('id')}/edit", {"name": "Mine", "version": version})
    assert answer.status_code == 409
    assert "Name: theirs “Acme”, yours “Mine”" in said(answer)
    assert [one.name for one in await firm.all(Customer)] == ["Acme"]


@pytest.mark.parametrize(
    ("address", "form", "status"),
    [
        (f"{CUSTOMERS}/views", {"name": "a\0b"}, 422),
        (f"{CUSTOMERS}/views", {"name": "x" * 200}, 422),
        (f"{CUSTOMERS}/bulk", {"verb": "archive", "id": ["nope", SOMEBODY]}, 404),
        (f"{CUSTOMERS}/bulk", {"verb": "nope", "id": SOMEBODY}, 404),
        (f"{CUSTOMERS}/export", {"format": "csv", "id": "nope"}, 404),
        ("/settings", {"language": "xx", "zone": "No/Where"}, 422),
        ("/settings/tokens", {"name": "a\0b"}, 422),
        ("/settings/tokens/nope/end", {}, 404),
        ("/admin/company", {"name": "a\0b", "currency": "ZZZ"}, 422),
        ("/sign-in", {"login": "a\0b", "password": "\0"}, 422),
        (NEW, {f"field{number}": "1" for number in range(3_000)}, 422),
    ],
    ids=["view", "long view", "bulk", "verb", "export", "settings", "token", "end", "company", "sign-in", "fields"],
)
async def test_forms_that_nobody_fills_in_by_hand_are_refused(
    firm: Firm, admin: Pages, address: str, form: dict[str, Any], status: int
) -> None:
    await firm.make(Customer, name="Acme")
    assert (await admin.post(address, form)).status_code == status
    assert [one.name for one in await firm.all(Customer)] == ["Acme"]


UPLOADS = {
    "empty": (b"", "The file is empty"),
    "no text": (bytes(range(256)), "This is no text file; save it as CSV or XLSX"),
    "encoding": (b"Name\nAcme\n\xff\xff\n", "Line 3 cannot be read as UTF-8; save the file as UTF-8"),
    "two of a name": (b"Name,Name\na,b\n", "Two columns are called Name; rename one"),
    "no name": (b"Name,,Region\na,b,c\n", "Column 2 has no name in the first row"),
    "no workbook": (b"PK\x03\x04 but no archive", "This workbook cannot be read; save it again as XLSX"),
}


@pytest.mark.parametrize(("content", "message"), UPLOADS.values(), ids=UPLOADS)
async def test_a_malformed_file_is_refused_by_its_place(firm: Firm, admin: Pages, content: bytes, message: str) -> None:
    answer = await admin.post(f"{CUSTOMERS}/import", files={"file": ("a.csv", content)})
    assert (answer.status_code, message in said(answer)) == (422, True), said(answer)
    assert await firm.all(Customer) == []


async def test_an_attachment_that_is_too_large_says_how_large_it_may_be(
    firm: Firm, admin: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = await firm.make(Customer, name="Acme")
    monkeypatch.setattr(firm.kernel.files, "limit", 1 << 20)
    address = f"{CUSTOMERS}/{acme.value('id')}/files"
    answer = await admin.post(address, files={"file": ("a.bin", b"x" * ((1 << 20) + 1))})
    assert answer.status_code == 413
    assert "The file is larger than 1 MB" in said(answer)
    assert await firm.kernel.files.of(SYSTEM, Customer, acme.value("id")) == []
