"""Tables in files, CSV and XLSX, read row by row; every fault names its place."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TextIO, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook, load_workbook

from core.encodings import encoding_of
from core.errors import Refused, TooLarge

Cell: TypeAlias = str | int | Decimal | bool | date | datetime
DELIMITERS = ",;\t|"
LARGEST_CSV = 1 << 30
LARGEST_XLSX = 64 << 20
LARGEST_UNPACKED = 1 << 30
LONGEST_LINE = 1 << 22
BLOCK = 1 << 20
EXACT_DIGITS = 15
RISKY = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""How a text begins that a spreadsheet would take for a formula, or has an apostrophe before that."""

REMARK = "! "
"""How the name of a column begins that is no part of the table: refused rows are handed back with their reasons."""

FIGURE = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)


class Row(NamedTuple):
    """A row of a table: the number by which a person finds it in the file, and its cells; empty cells are `""`.

    `fault` says why the row itself is malformed; then its cells are as they could be read.
    """

    number: int
    cells: tuple[Cell, ...]
    fault: str = ""


@dataclass(frozen=True)
class Table:
    """An opened file: the names of its columns, and its rows, read once and forwards; `lines` is about how many."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    lines: int


def open_table(path: Path, *, encoding: str = "", delimiter: str = "", sheet: str = "") -> Table:
    """The table in a CSV or XLSX file; what is not told is found out. `Refused` names what is wrong, and where."""
    if not path.is_file():
        raise Refused("There is no file %(name)s", name=path.name)
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise Refused("The file is empty")
    if head.startswith(b"PK\x03\x04"):
        return _without_remarks(_workbook(path, sheet))
    _limit(path, LARGEST_CSV)
    return _without_remarks(_text(path, encoding_of(path, encoding), delimiter))


def _without_remarks(table: Table) -> Table:
    kept = [place for place, name in enumerate(table.columns) if not name.startswith(REMARK)]
    if len(kept) == len(table.columns):
        return table
    rows = (row._replace(cells=tuple(row.cells[place] for place in kept)) for row in table.rows)
    return Table(tuple(table.columns[place] for place in kept), rows, table.lines)


def guarded(text: str) -> str:
    """A text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if RISKY.match(text) and not FIGURE.match(text) else text


def unguarded(cell: Cell) -> Cell:
    """A cell without the apostrophe of `guarded`."""
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and RISKY.match(cell) else cell


def _limit(path: Path, most: int) -> None:
    if path.stat().st_size > most:
        raise TooLarge(f"The file is larger than {most >> 20} MB; import it in parts")


def _text(path: Path, encoding: str, delimiter: str) -> Table:
    records = _records(path, encoding, delimiter or _delimiter(path, encoding))
    first = next(records, None)
    if first is None:
        raise Refused("The file is empty")
    columns = _columns(first[1])
    return Table(columns, _rows(records, len(columns)), _lines(path, wide=encoding.startswith("utf-16")))


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter that splits the first line most often, outside of quotes."""
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline(BLOCK)
    outside = "".join(line.lstrip("\ufeff").split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(_of_bounded_length(file), delimiter=delimiter, strict=True)
        while True:
            start = reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as fault:
                raise _malformed(start, fault) from None
            yield start, record


def _of_bounded_length(file: TextIO) -> Iterator[str]:
    """The lines of a file; one without an end would fill the memory."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise Refused(
                "Line %(line)s is longer than %(length)s characters; this is no table",
                line=number,
                length=f"{LONGEST_LINE:,}",
            )
        yield line


def _malformed(line: int, fault: csv.Error) -> Refused:
    if "expected after" in str(fault):
        return Refused("Line %(line)s: double the quotation mark inside a quoted cell", code="quoting", line=line)
    if "line contains NUL" in str(fault):
        return Refused("Line %(line)s contains a zero byte; this is no CSV file", code="quoting", line=line)
    return Refused("Line %(line)s opens a quotation mark that is never closed", code="quoting", line=line)


def _lines(path: Path, *, wide: bool) -> int:
    """How many lines follow the first; quoted cells of several lines make it too many."""
    found, last = 0, b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found += block.count(b"\n")
            last = block
    ended = last.endswith((b"\n", b"\n\x00") if wide else b"\n")
    return max(found - ended, 0)


def _columns(cells: list[str]) -> tuple[str, ...]:
    names = tuple(cell.strip().removeprefix("\ufeff") for cell in cells)
    while names and not names[-1]:
        names = names[:-1]
    if not names:
        raise Refused("The first row must name the columns")
    for place, name in enumerate(names, 1):
        if not name:
            raise Refused("Column %(place)s has no name in the first row", code="header", place=place)
        if name in names[: place - 1]:
            raise Refused("Two columns are called %(name)s; rename one", code="header", name=name)
    return names


def _rows(records: Iterator[tuple[int, list[str]]], width: int) -> Iterator[Row]:
    for number, record in records:
        if not any(record):
            continue
        spare = record[width:]
        fault = ""
        if len(record) < width or any(spare):
            fault = f"The row has {len(record)} cells, but there are {width} columns"
        padded = record[:width] + [""] * (width - len(record))
        yield Row(number, tuple(padded), fault)


def _workbook(path: Path, sheet: str) -> Table:
    _limit(path, LARGEST_XLSX)
    _unpacks(path)
    try:
        book = load_workbook(str(path))
    except (CalamineError, OSError, ValueError):
        raise Refused("This workbook cannot be read; save it again as XLSX") from None
    found = book.get_sheet_by_name(_sheet(book, sheet))
    width, rows = found.width, enumerate(found.iter_rows(), 1)
    number, cells = next(((number, cells) for number, cells in rows if any(one != "" for one in cells)), (0, []))
    if not number or not width:
        raise Refused("The sheet %(name)s is empty", name=found.name)
    columns = _columns([str(_cell(one)) for one in cells])
    return Table(columns, _sheet_rows(rows, len(columns)), max(found.height - 1, 0))


def _sheet(book: CalamineWorkbook, wanted: str) -> str:
    names = list(book.sheet_names)
    if wanted and wanted not in names:
        raise Refused("There is no sheet %(name)s, but %(names)s", name=wanted, names=", ".join(names))
    if not names:
        raise Refused("The workbook has no sheet")
    return wanted or names[0]


def _unpacks(path: Path) -> None:
    """Refuse an archive that would fill the memory: what counts is what comes out, not what it declares."""
    try:
        with zipfile.ZipFile(path) as archive:
            total = 0
            for one in archive.infolist():
                with archive.open(one) as file:
                    while block := file.read(BLOCK):
                        total += len(block)
                        if total > LARGEST_UNPACKED:
                            raise TooLarge(
                                "The workbook unpacks to more than %(limit)s MB", limit=LARGEST_UNPACKED >> 20
                            )
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        raise Refused("This workbook cannot be read; save it again as XLSX") from None


def _sheet_rows(
    rows: Iterator[tuple[int, list[int | float | str | bool | time | date | datetime | timedelta]]], width: int
) -> Iterator[Row]:
    for number, cells in rows:
        read = [_cell(one) for one in cells]
        if all(one == "" for one in read):
            continue
        fault = ""
        if any(one != "" for one in read[width:]):
            fault = f"The row has a value to the right of the {width} columns"
        yield Row(number, tuple(read[:width]) + ("",) * (width - len(read)), fault)


def _cell(value: float | str | bool | time | date | datetime | timedelta) -> Cell:
    """A cell's value: a spreadsheet's numbers hold 15 digits, and what lies beyond is noise of their calculation."""
    if isinstance(value, float):
        exact = Decimal(f"{value:.{EXACT_DIGITS}g}")
        return int(exact) if exact == exact.to_integral_value() else exact
    return str(value) if isinstance(value, time | timedelta) else value
