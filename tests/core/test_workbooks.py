"""Workbooks: cells of their kinds, no formulas, no digit and no letter lost in silence."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import load_workbook

from core import workbooks
from core.errors import TooLarge
from core.tables import guarded, open_table, unguarded
from core.workbooks import LONGEST_CELL, Workbook

NEVER = ("=1+1", "+1 a", "-a", "@SUM(A1)", "\tx", "\rx", "\n=1", "＝1", "＋1", "－1", "＠x", "'=1", "''+a")


def written(folder: Path, *rows: tuple[object, ...], names: tuple[str, ...] = ("Name", "Value")) -> Path:
    path = folder / "book.xlsx"
    with Workbook(path, "A/B: [?]*") as book:
        book.head(names)
        for row in rows:
            book.row(row)
    return path


def test_cells_keep_their_kinds(tmp_path: Path) -> None:
    at = datetime(2026, 11, 22, 23, 54, 56, tzinfo=UTC)
    values = (12, Decimal("-1200.50"), True, date(2026, 11, 22), at, "0012", Decimal("0.000001"))
    path = written(tmp_path, *[(str(value), value) for value in values])
    assert [row.cells[1] for row in open_table(path).rows] == [
        12,
        Decimal("-1200.5"),
        True,
        date(2026, 11, 22),
        datetime(2026, 11, 22, 23, 54, 56),  # noqa: DTZ001  # cells of workbooks have no zone
        "0012",
        Decimal("0.000001"),
    ]
    assert load_workbook(str(path)).sheet_names == ["A B"]


def test_what_a_spreadsheet_cannot_hold_as_a_figure_or_a_day_is_text(tmp_path: Path) -> None:
    values = (1234567890123456, Decimal("12345678901234.567"), date(1899, 12, 31), datetime(1, 1, 2, tzinfo=UTC))
    path = written(tmp_path, *[("x", value) for value in values])
    assert [row.cells[1] for row in open_table(path).rows] == [
        "1234567890123456",
        "12345678901234.567",
        "1899-12-31",
        "0001-01-02 00:00:00+00:00",
    ]


@pytest.mark.requirement("CU-17")
@pytest.mark.parametrize("text", NEVER)
def test_no_text_becomes_a_formula_and_each_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, ("x", text))
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    (row,) = open_table(path).rows
    assert unguarded(row.cells[1]) == text.replace("\r", "\n") or unguarded(row.cells[1]) == text
    assert (guarded(text), unguarded(guarded(text))) == (f"'{text}", text)


@pytest.mark.parametrize("text", ["-1", "+12.5", "'", "'tis", "a=b", "1-2"])
def test_figures_and_plain_text_are_left_as_they_are(text: str) -> None:
    assert (guarded(text), unguarded(text)) == (text, text)


def test_a_text_that_no_cell_holds_is_cut_and_that_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, ("short", "x" * LONGEST_CELL), ("long", "茶" * 40_000), ("pairs", "𠮷" * 20_000))
    whole, cut, pairs = (str(row.cells[1]) for row in open_table(path).rows)
    assert whole == "x" * LONGEST_CELL
    assert (len(cut), cut[-24:]) == (LONGEST_CELL, "… (cut; 40,000 characters)"[-24:])
    assert len(pairs.encode("utf-16-le")) <= 2 * LONGEST_CELL
    told = [row.cells[:3] for row in open_table(path, sheet="Cut texts").rows]
    assert told == [(3, "Value", 40_000), (4, "Value", 20_000)]


def test_a_full_sheet_takes_no_further_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_SHEET", 2)  # filling a real one takes minutes
    with pytest.raises(TooLarge, match="A workbook holds 2 records; export fewer, or as CSV"):
        written(tmp_path, *[("x", number) for number in range(3)])
