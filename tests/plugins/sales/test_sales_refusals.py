"""Refused rows: handed back as they came, with the row, the field and the reason, to be mended and imported."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no types
from python_calamine import load_workbook

from core.refusals import in_english
from tests.plugins.sales.conftest import Firm
from tests.plugins.sales.test_sales_import import figures, load, mapped, written
from tradepost.sales import Customer

REFUSED = ("Name", "Employees", "! Row", "! Field", "! What is wrong")


@pytest.mark.requirement("CU-3")
async def test_good_rows_go_in_and_the_others_come_back_as_a_file(firm: Firm, tmp_path: Path) -> None:
    file = written(tmp_path, "Name,Employees\nGood,1\nBad,many\n=Worse,-1\nAlso good,2\n")
    errors = tmp_path / "errors.csv"
    report = await load(firm, file, good_rows=True, errors=[errors])
    assert (figures(report), report.written) == ((2, 0, 0, 2), True)
    assert [one.name for one in await firm.all(Customer)] == ["Also good", "Good"]
    assert [tuple(line) for line in csv.reader(errors.read_text(encoding="utf-8-sig").splitlines())] == [
        REFUSED,
        ("Bad", "many", "3", "Employees", "Write a number like 1234"),
        ("'=Worse", "-1", "4", "Employees", "Write 0 or more"),
    ]
    mended = errors.read_text(encoding="utf-8-sig").replace("many", "3").replace("-1", "4")
    assert figures(await load(firm, written(tmp_path, mended))) == (2, 0, 0, 0)


async def test_refused_rows_come_back_as_a_workbook_that_is_mended_and_imported(firm: Firm, tmp_path: Path) -> None:
    source = tmp_path / "source.xlsx"
    with xlsxwriter.Workbook(str(source), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Company", "Staff", "Since"])
        sheet.write_row(1, 0, ["=Acme", "many"])
        sheet.write_datetime(1, 2, date(1999, 1, 2), day)
        sheet.write_row(2, 0, ["", 7, "soon"])
    mapping = mapped(zone="UTC", fields={"name": "Company", "employees": "Staff", "next_contact": "Since"})
    back = tmp_path / "back.xlsx"
    report = await load(
        firm, source, mapping=mapping, good_rows=True, errors=[back], words=lambda one: f"{one.code}: {in_english(one)}"
    )
    assert figures(report) == (0, 0, 0, 2)
    with load_workbook(str(back)) as read:
        rows = read.get_sheet_by_index(0).to_python()
    assert rows[0] == ["Company", "Staff", "Since", "! invalid: Row", "! invalid: Field", "! invalid: What is wrong"]
    assert rows[1] == ["=Acme", "many", date(1999, 1, 2), 2, "Staff", "invalid: Write a number like 1234"]
    assert rows[2] == [
        "",
        7,
        "soon",
        3,
        "Company, Since",
        "Company: required: Fill this in; Since: invalid: Write a time like 2026-11-22 14:30",
    ]
    again = await load(firm, back, mapping=mapping, errors=[tmp_path / "third.csv"], dry_run=True)
    assert (again.refused, again.notes) == (2, ())  # the reasons are no columns of the table
    assert (tmp_path / "third.csv").read_text(encoding="utf-8-sig").splitlines()[0] == (
        "Company,Staff,Since,! Row,! Field,! What is wrong"
    )
