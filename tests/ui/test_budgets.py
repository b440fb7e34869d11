"""What a page may weigh on the wire, brotli-compressed, with 50 rows of ten columns."""

from __future__ import annotations

import re

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.money import Money
from tests.ui.conftest import Firm, Pages
from tradepost.sales import Customer
from ui.words import FOLDER

KILO = 1_000
COLUMNS = "name,level,industry,source,region,annual_turnover,employees,phones,email,owner"


def weight(body: bytes, quality: int = 4) -> int:
    return len(brotli.compress(body, quality=quality))


def static(name: str) -> bytes:
    return (FOLDER / "static" / name).read_bytes()


def test_our_script_and_style_stay_small():
    assert (
        sum(weight(static(one), 11) for one in ("app.js", "records.js", "drafts.js", "beside.js", "worker.js"))
        <= 12 * KILO
    )
    assert weight(static("app.css"), 11) <= 15 * KILO


@pytest.fixture
async def fifty(firm: Firm) -> None:
    for number in range(50):
        await firm.make(
            Customer,
            name=f"Customer {number * 7919}",
            region=f"Region {number % 9}",
            annual_turnover=Money(number * 123_457, "USD"),
            employees=number * 37,
            phones=[f"+86 10 6552 {number:04}"],
            email=f"office{number}@example{number}.com",
        )


async def test_a_list_page_keeps_its_budget(fifty: None, admin: Pages):
    page = await admin.get(f"/sales/customers?_columns={COLUMNS}")
    assert page.text.count("<tr data-row=") == 50
    addresses = sorted(set(re.findall(r"/s/[0-9a-f]+/[\w./-]+", page.text)))
    parts = [await admin.get(one, accept_encoding="br") for one in addresses]
    assert all(one.headers["cache-control"] == "public, max-age=31536000, immutable" for one in parts)
    sizes = {one: int(part.headers["content-length"]) for one, part in zip(addresses, parts, strict=True)}
    assert weight(page.content) + sum(sizes.values()) <= 60 * KILO
    fragment = await admin.part(f"/sales/customers?_columns={COLUMNS}&_sort=name")
    assert fragment.text.lstrip().startswith('<div id="listing"')
    assert weight(fragment.content) <= 15 * KILO
