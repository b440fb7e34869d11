"""Refused rows, handed back as a table: as they came, and beside them which row, which field and why."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, TypeAlias

from core.errors import Problem
from core.exporting import cell_text
from core.import_rows import Draft, Finding
from core.tables import REMARK
from core.workbooks import LARGEST_SHEET, Workbook

Words: TypeAlias = Callable[[Problem], str]

TITLE = Problem("Refused rows")
HEADS = (Problem("Row"), Problem("Field"), Problem("What is wrong"))


def in_english(problem: Problem) -> str:
    """A problem as it was written; its field stands beside it."""
    return problem.message % dict(problem.values) if problem.values else problem.message


class Refusals:
    """Files of refused rows, CSV or XLSX by their names; made when there is a first row."""

    def __init__(self, paths: Sequence[Path], columns: Sequence[str], words: Words) -> None:
        self._paths = paths
        self._columns = columns
        self._words = words
        self._files = ExitStack()
        self._writers: list[Callable[[Sequence[Any]], object]] = []

    def __enter__(self) -> Self:
        for path in self._paths:
            path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def write(self, drafts: Sequence[Draft]) -> None:
        """Put rows into the files."""
        if drafts and not self._writers:
            self._writers = [
                (self._workbook if path.suffix.lower() == ".xlsx" else self._csv)(path) for path in self._paths
            ]
        for draft in drafts:
            line = [*draft.row.cells, *self._remarks(draft)]
            for write in self._writers:
                write(line)

    @property
    def _heads(self) -> list[str]:
        return [*self._columns, *(f"{REMARK}{self._words(one)}" for one in HEADS)]

    def _remarks(self, draft: Draft) -> Iterator[object]:
        findings = list(draft.all_findings())
        yield draft.row.number
        yield ", ".join(dict.fromkeys(one.column or one.path for one in findings if one.column or one.path))
        yield "; ".join(self._told(one, alone=len(findings) == 1) for one in findings)

    def _told(self, one: Finding, *, alone: bool) -> str:
        words = self._words(one.problem)
        return words if alone or not one.column else f"{one.column}: {words}"

    def _writer(self, path: Path) -> Callable[[Sequence[Any]], object]:
        return self._workbook(path) if path.suffix.lower() == ".xlsx" else self._csv(path)

    def _csv(self, path: Path) -> Callable[[Sequence[Any]], object]:
        file = self._files.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
        writer = csv.writer(file)
        writer.writerow([cell_text(one) for one in self._heads])
        return lambda line: writer.writerow([cell_text(cell) for cell in line])

    def _workbook(self, path: Path) -> Callable[[Sequence[Any]], object]:
        book = self._files.enter_context(Workbook(path, self._words(TITLE)))
        book.head(self._heads)
        return lambda line: book.row(line) if book.rows < LARGEST_SHEET else None
