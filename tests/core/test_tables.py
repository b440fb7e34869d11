"""Tables in files: every encoding and delimiter that we promise, and every fault with its place."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from core import tables
from core.errors import Refused, TooLarge
from core.tables import Row, open_table

CHINESE = "名称,城市\n上海明华贸易有限公司,上海\n北京新技术公司的客户,北京\n"
KOREAN = "이름,도시\n한국전자 주식회사,서울\n부산물산,부산\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "utf-16"),
        (CHINESE, "utf-16-be"),
        (CHINESE, "gb18030"),
        (CHINESE, "gbk"),
        (KOREAN, "euc-kr"),
        (KOREAN, "utf-8"),
        (KOREAN, "utf-16-le"),
    ],
)
@pytest.mark.requirement("CU-3")
def test_encodings_are_found_out(tmp_path: Path, text: str, encoding: str) -> None:
    # UTF-16 without a mark is told by the zero bytes of ASCII, of which a table has plenty
    text = text if "16-" not in encoding else text + "abcdefghijklmnopqrstuvwxyz0123456789,x\n"
    file = tmp_path / "a.csv"
    file.write_bytes(text.encode(encoding))
    table = open_table(file)
    lines = [tuple(line.split(",")) for line in text.splitlines()]
    assert table.columns == lines[0]
    assert [row.cells for row in table.rows] == lines[1:]


def test_bytes_of_no_encoding_are_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"name,city\nOne,Paris\nTwo,\xff\xff\n")
    with pytest.raises(Refused, match="Line 3 cannot be read as UTF-8; save the file as UTF-8"):
        open_table(file)


def test_a_chosen_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("name\nZürich\n".encode("latin-1"))
    with pytest.raises(Refused, match="Line 2 cannot be read as UTF-8"):
        list(open_table(file, encoding="UTF-8").rows)
    assert [row.cells for row in open_table(file, encoding="latin-1").rows] == [("Zürich",)]
    with pytest.raises(Refused, match="klingon is no encoding"):
        open_table(file, encoding="klingon")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_out_of_the_header(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f'name{delimiter}"a, b; c"{delimiter}z\n1{delimiter}"x{delimiter}y"{delimiter}3\n')
    table = open_table(file)
    assert table.columns == ("name", "a, b; c", "z")
    assert list(table.rows) == [Row(2, ("1", f"x{delimiter}y", "3"))]


def test_rows_are_numbered_as_an_editor_shows_them(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('name,note\n\nA,"two\nlines"\n  ,\nB,x\n')
    assert [row.number for row in open_table(file).rows] == [3, 5, 6]


def test_a_row_of_another_width_is_a_fault_of_that_row(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n")
    assert [row.fault for row in open_table(file).rows] == [
        "",
        "The row has 2 cells, but there are 3 columns",
        "The row has 4 cells, but there are 3 columns",
        "",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The first row must name the columns"),
        (b"a,,c\n", "Column 2 has no name in the first row"),
        (b"a,b,a\n", "Two columns are called a; rename one"),
        (b'a,b\n1,2\n"x,2\n3,4\n', "Line 3 opens a quotation mark that is never closed"),
        (b'a,b\n1,2\n"x"y,2\n', "Line 3: double the quotation mark inside a quoted cell"),
        (b"a,b\n" + bytes(range(256)), "This is no text file; save it as CSV or XLSX"),
        (b"PK\x03\x04 but no archive", "This workbook cannot be read; save it again as XLSX"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with pytest.raises(Refused) as refusal:
        list(open_table(file).rows)
    assert str(refusal.value) == message


def test_workbooks_are_read_with_their_kinds_of_cell(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("Deals")
        sheet.write_row(1, 0, ["name", "amount", "day", "sure", "code"])
        sheet.write_row(2, 0, ["茶", 0.1 + 0.2])
        sheet.write_datetime(2, 2, date(2026, 11, 22), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_boolean(2, 3, True)
        sheet.write_number(2, 4, 4711)
        sheet.write_row(4, 0, ["B", 1, "", "", "x", "beyond"])
    table = open_table(file)
    assert table.columns == ("name", "amount", "day", "sure", "code")
    assert list(table.rows) == [
        Row(3, ("茶", Decimal("0.3"), date(2026, 11, 22), True, 4711)),
        Row(5, ("B", 1, "", "", "x"), "The row has a value to the right of the 5 columns"),
    ]
    with pytest.raises(Refused, match="There is no sheet Other, but Deals"):
        open_table(file, sheet="Other")


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (8 << 20))
    monkeypatch.setattr(tables, "LARGEST_UNPACKED", 4 << 20)
    with pytest.raises(TooLarge, match="The workbook unpacks to more than 4 MB"):
        open_table(file)


def test_a_file_of_200_mb_is_read_in_constant_memory(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    block = ('Acme Corporation,technology,1996,1100.04,2822,"Seoul, Korea"\n' * 4_000).encode()
    with file.open("wb") as out:
        out.write(b"account,sector,year,revenue,employees,office\n")
        for _ in range(200_000_000 // len(block) + 1):
            out.write(block)
    assert file.stat().st_size >= 200_000_000
    count = (
        "import resource, sys; from pathlib import Path; from core.tables import open_table;"
        "resource.setrlimit(resource.RLIMIT_DATA, (96 << 20, 96 << 20));"
        "print(sum(1 for _ in open_table(Path(sys.argv[1])).rows))"
    )
    done = subprocess.run([sys.executable, "-c", count, str(file)], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 4_000 * (200_000_000 // len(block) + 1)
