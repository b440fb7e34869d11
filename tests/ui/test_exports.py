"""The export page: what the list shows, how much that is, and what a workbook cannot hold."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import orjson
import pytest

from core import exchange
from core.audit import Entry
from core.tables import open_table
from tests.ui.conftest import Firm, Pages
from tradepost.sales import Lead
from ui import exports


@pytest.mark.requirement("L-9", "CU-17")
async def test_a_list_is_exported_as_it_stands(firm: Firm, admin: Pages):
    for company, level in (("Acme", "key"), ("Blue", "minor")):
        await firm.make(Lead, company=company, level=level)
    page = (await admin.get("/sales/leads/export?level=key&_columns=company,level")).text
    assert "<strong>1 record</strong> · All records that fit the filters" in page
    assert re.search(r'value="shown"[^>]* checked> What the list shows.*?<p[^>]*>Company, Level</p>', page, re.DOTALL)
    shown = {"query": "level=key&_columns=company,level", "columns": "shown", "format": "csv"}
    answer = await admin.post("/sales/leads/export", shown)
    assert answer.headers["content-disposition"] == 'attachment; filename="leads.csv"'
    assert answer.content.decode("utf-8-sig").splitlines() == ["Company,Level", "Acme,key"]
    blue = next(one for one in await firm.all(Lead) if one.company == "Blue")
    chosen = await admin.post("/sales/leads/export", {"id": str(blue.value("id")), "format": "csv"})
    assert "Blue" in chosen.text
    assert "Acme" not in chosen.text


async def test_a_workbook_that_would_be_too_long_is_refused_before_it_begins(
    firm: Firm, admin: Pages, monkeypatch: pytest.MonkeyPatch
):
    for company in ("Acme", "Blue"):
        await firm.make(Lead, company=company)
    for module in (exchange, exports):
        monkeypatch.setattr(module, "LARGEST_SHEET", 1)  # nobody waits for a million records here
    page = (await admin.get("/sales/leads/export")).text
    assert re.search(r'value="xlsx" disabled', page)
    assert "A workbook holds 1 records." in page
    before = len(await firm.all(Entry))
    answer = await admin.post("/sales/leads/export", {"columns": "shown", "format": "xlsx"})
    assert (answer.status_code, "export fewer, or as CSV" in answer.text) == (422, True)
    assert len(await firm.all(Entry)) == before
    whole = await admin.post("/sales/leads/export", {"columns": "shown", "format": "csv"})
    assert (whole.status_code, len(whole.text.splitlines())) == (200, 3)


async def rested(pages: Pages, address: str) -> str:
    """The page of an export when nobody works on it any more."""
    while True:
        page = (await pages.get(address)).text
        if "every 1s" not in page:
            return page
        await asyncio.sleep(0.05)


@pytest.mark.requirement("CU-17", "PM-9")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_long_export_is_written_in_the_background_for_its_user_alone(
    firm: Firm, admin: Pages, monkeypatch: pytest.MonkeyPatch, form: str, tmp_path: Path
):
    monkeypatch.setattr(exports, "LONG", 2)
    companies = [f"Lead {number}" for number in range(5)]
    for company in companies:
        await firm.make(Lead, company=company)
    asked = {"query": "_columns=company&_sort=company", "columns": "shown", "format": form}
    address = (await admin.post("/sales/leads/export", asked)).headers["location"]
    assert "The file is written" in await rested(admin, address)
    answer = await admin.get(f"{address}/file")
    assert answer.headers["content-disposition"] == f'attachment; filename="leads.{form}"'
    file = tmp_path / f"leads.{form}"
    file.write_bytes(answer.content)
    assert [row.cells for row in open_table(file).rows] == [(company,) for company in companies]
    assert [one.changes["records"] for one in await firm.all(Entry) if one.verb == "export"] == [[None, 5]]
    await firm.user("dora", "Sales director")
    dora = await firm.signed_in("dora")
    for path in (address, f"{address}/file"):
        assert (await dora.get(path)).status_code == 404


async def test_a_long_export_whose_process_ended_says_so(firm: Firm, admin: Pages, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exports, "LONG", 0)
    await firm.make(Lead, company="Acme")
    asked = {"query": "level-empty=yes", "columns": "shown", "format": "csv"}
    address = (await admin.post("/sales/leads/export", asked)).headers["location"]
    await rested(admin, address)
    path = firm.kernel.settings.data / "exports" / address.rpartition("/")[2] / "job.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"written": False, "beat": 0}))
    page = await rested(admin, address)
    assert "The export was interrupted; begin it again" in page
    assert 'href="/sales/leads/export?level-empty=yes"' in page
    assert (await admin.get(f"{address}/file")).status_code == 404
