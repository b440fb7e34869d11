"""Workbooks (XLSX) written row by row: figures and days as such, text never as a formula, nothing cut in silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from core.errors import TooLarge
from core.tables import guarded

LARGEST_SHEET = 1_048_575
LONGEST_CELL = 32_767
EXACT_DIGITS = 15
SHEET_NAME = 31
NARROW, WIDE = 10, 40
FIRST_YEAR = 1900
"""The year with which the calendar of spreadsheets begins; days before it are text."""

OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def too_many() -> TooLarge:
    """What is said where a table does not fit into a sheet."""
    return TooLarge("A workbook holds %(most)s records; export fewer, or as CSV", most=f"{LARGEST_SHEET:,}")


class Workbook:
    """A sheet that is written row by row, and beside it a list of the cells that had to be cut."""

    def __init__(self, path: Path, title: str) -> None:
        self._book: Any = xlsxwriter.Workbook(str(path), OPTIONS)
        self._sheet: Any = self._book.add_worksheet(title.translate(FORBIDDEN).strip("' ")[:SHEET_NAME] or None)
        self._bold: Any = self._book.add_format({"bold": True})
        self._formats: dict[str, Any] = {}
        self._names: Sequence[str] = ()
        self._cut: list[tuple[int, str, int]] = []
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, fault: type[BaseException] | None, *_: object) -> None:
        if fault is None and self._cut:
            self._tell_cuts()
        if fault is None and self._names:
            self._sheet.autofilter(0, 0, self.rows, len(self._names) - 1)
        self._book.close()

    def head(self, names: Sequence[str]) -> None:
        """Name the columns; the names stay in view."""
        self._names = names
        self._sheet.freeze_panes(1, 0)
        for place, name in enumerate(names):
            self._sheet.set_column(place, place, min(max(len(name) + 4, NARROW), WIDE))
            self._sheet.write_string(0, place, name, self._bold)

    def row(self, values: Sequence[object]) -> None:
        """Write the next row; `TooLarge` when the sheet is full."""
        self.rows += 1
        if self.rows > LARGEST_SHEET:
            raise too_many()
        for place, value in enumerate(values):
            if value is not None and value != "":
                self._write(place, value)

    def _write(self, place: int, value: object) -> None:
        sheet, at = self._sheet, (self.rows, place)
        if isinstance(value, bool):
            sheet.write_boolean(*at, value)
        elif isinstance(value, int | Decimal) and _exact(value):
            sheet.write_number(*at, value, self._number(value))
        elif isinstance(value, datetime) and value.year >= FIRST_YEAR:
            sheet.write_datetime(*at, value.replace(tzinfo=None), self._format("yyyy-mm-dd hh:mm:ss"))
        elif isinstance(value, date) and value.year >= FIRST_YEAR:
            sheet.write_datetime(*at, value, self._format("yyyy-mm-dd"))
        else:
            sheet.write_string(*at, self._short(place, _text(value)))

    def _number(self, value: int | Decimal) -> Any:
        """A decimal shows the digits that it has: a column of amounts stands in line."""
        exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
        return self._format(f"0.{'0' * -exponent}") if isinstance(exponent, int) and exponent < 0 else None

    def _format(self, code: str) -> Any:
        if code not in self._formats:
            self._formats[code] = self._book.add_format({"num_format": code})
        return self._formats[code]

    def _short(self, place: int, text: str) -> str:
        """Text as a cell can hold it; what is cut says so, here and on a sheet of its own."""
        if len(text.encode("utf-16-le")) <= 2 * LONGEST_CELL:
            return text
        name = self._names[place] if place < len(self._names) else ""
        self._cut.append((self.rows + 1, name, len(text)))
        ending = f"… (cut; {len(text):,} characters)"
        units = 2 * (LONGEST_CELL - len(ending))
        return text.encode("utf-16-le")[:units].decode("utf-16-le", "ignore") + ending

    def _tell_cuts(self) -> None:
        sheet = self._book.add_worksheet("Cut texts")
        note = f"A cell holds {LONGEST_CELL:,} characters. A CSV file holds these texts whole."
        for number, line in enumerate([("Row", "Column", "Characters", note), *self._cut]):
            for place, value in enumerate(line):
                sheet.write(number, place, value)


def _exact(value: int | Decimal) -> bool:
    """Whether a spreadsheet, which knows 15 digits, holds a figure as it is."""
    digits = str(abs(value)) if isinstance(value, int) else "".join(map(str, value.as_tuple().digits))
    return len(digits.strip("0")) <= EXACT_DIGITS


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    text = str(value)
    return guarded(text) if text.startswith("'") else text  # import takes one away
