"""Exports: the records that a caller may export, as rows of a CSV file or a workbook, read page by page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from core.access import Caller, Policy
from core.codec import decode
from core.conditions import EVERYTHING, Compare, Condition, Op, Slot, all_of
from core.cursors import decode_cursor
from core.errors import TooLarge, UnknownField
from core.fields import LISTS, Kind, Position
from core.mapping import PARTS
from core.money import Money
from core.query import Archived, Function, Info, Listing, Measure, Nodes, Order, Page, PageInfo, Read, Summary
from core.reading import Reader
from core.records import selection_of
from core.registry import FieldSpec, ModelSpec, Registry
from core.sorting import default_order

PAGE = 1_000
RISKY = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)
SHEET_NAME = 31
LARGEST_SHEET = 1_048_575


class Format(Enum):
    """What an export is written as."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class ExportColumn:
    """A column: the path of its field, the part of a compound value, and its heading."""

    path: str
    field: FieldSpec
    heading: str
    part: str = ""

    @property
    def name(self) -> str:
        """The path that an import knows it by."""
        return f"{self.path}.{self.part}" if self.part and self.part != "amount" else self.path


@dataclass(frozen=True)
class Export:
    """What is exported: some ids or all that fulfil a condition, which columns, in which order.

    `mark` writes the byte order mark by which Excel recognises UTF-8.
    """

    model: str
    where: Condition = EVERYTHING
    ids: tuple[UUID, ...] | None = None
    columns: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()
    archived: Archived = Archived.WITHOUT
    mark: bool = True

    @property
    def condition(self) -> Condition:
        """The condition, selected ids included."""
        return self.where if self.ids is None else all_of((Compare("id", Op.IN, self.ids), self.where))


def export_columns(
    registry: Registry, spec: ModelSpec, policy: Policy, paths: Sequence[str] = ()
) -> list[ExportColumn]:
    """The columns of some paths, by default of every field that the caller may read; links by their natural keys."""
    chosen = paths or [
        name
        for name, one in spec.fields.items()
        if one.kind not in (Kind.SECRET, Kind.DATA) and f"{spec.label}.{name}" not in policy.hidden
    ]
    return [column for path in chosen for column in _columns(registry, spec, path, path, "")]


def _columns(registry: Registry, spec: ModelSpec, path: str, rest: str, heading: str) -> Iterator[ExportColumn]:
    head, _, below = rest.partition(".")
    found = spec.fields.get(head)
    if found is None or found.kind in (Kind.SECRET, Kind.DATA) or (below and found.target is None):
        raise UnknownField(spec.label, rest)
    label = f"{heading} {found.traits.label.lower()}" if heading else found.traits.label
    if found.target is None:
        for part in PARTS.get(found.kind, ("",)):
            yield ExportColumn(path, found, f"{label} {part}" if part not in ("", "amount") else label, part)
        return
    target = registry.models[found.target]
    if below:
        yield from _columns(registry, target, path, below, label)
        return
    key = target.meta.key or (target.title,)
    for one in key:
        inner = _columns(registry, target, f"{path}.{one}", one, label)
        yield from (ExportColumn(c.path, c.field, label, c.part) for c in inner) if len(key) == 1 else inner


class Exporter:
    """Reads exports for one caller."""

    def __init__(self, reader: Reader, caller: Caller, export: Export) -> None:
        self.reader = reader
        self.caller = caller
        self.export = export
        self.spec = reader.registry.spec(export.model)
        self.columns = export_columns(reader.registry, self.spec, caller.policy, export.columns)
        self.order = export.order or default_order(self.spec)
        self.zone = ZoneInfo(caller.zone)

    async def rows(self) -> AsyncIterator[list[list[object]]]:
        """The values of the columns, page by page."""
        edge: tuple[object, ...] | None = None
        while True:
            answer = await self.reader.answer(self.caller, self._read(edge), tuple(edge or ()))
            found = orjson.loads(answer)["list"]
            yield [[self._value(column, row) for column in self.columns] for row in found["nodes"]]
            info = found["info"]
            if not info["next"]:
                return
            edge = decode_cursor(info["end"], self.spec.label, self.order)

    @property
    def permission(self) -> str:
        """What it takes to export: it may reach less far than reading, but what is shared is in its reach, too."""
        return self.reader.registry.permission(self.spec, "export")

    def count(self) -> Read:
        """How many records those are, as the read of a number."""
        export, measures = self.export, (Measure("n", Function.COUNT),)
        counted = Summary(self.spec.label, (), measures, export.condition, export.archived, permission=self.permission)
        return Read((("rows", counted),))

    def _read(self, edge: tuple[object, ...] | None) -> Read:
        after = edge and tuple(None if one is None else Slot(place) for place, one in enumerate(edge))
        select = selection_of(
            self.reader.registry, self.spec, [column.path for column in self.columns], self.caller.policy
        )
        listing = Listing(
            self.spec.label,
            where=self.export.condition,
            order=self.order,
            page=Page(PAGE, after),
            parts=(Nodes("nodes", select), PageInfo("info", (("next", Info.HAS_NEXT), ("end", Info.END)))),
            archived=self.export.archived,
            permission=self.permission,
        )
        return Read((("list", listing),))

    def _value(self, column: ExportColumn, row: Mapping[str, Any]) -> object:
        value: Any = row
        for name in column.path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        found = decode(column.field, value)
        if isinstance(found, Money):
            return found.currency if column.part == "currency" else found.amount
        if isinstance(found, Position):
            return found.latitude if column.part == "latitude" else found.longitude
        if column.field.kind in LISTS:
            return ", ".join(found)
        if isinstance(found, datetime):
            return found.astimezone(self.zone)
        return found.value if isinstance(found, Enum) else found


async def csv_blocks(exporter: Exporter) -> AsyncIterator[bytes]:
    """A CSV file (RFC 4180, UTF-8), block by block."""
    yield (b"\xef\xbb\xbf" if exporter.export.mark else b"") + _lines([[one.heading for one in exporter.columns]])
    async for rows in exporter.rows():
        if rows:
            yield _lines([[cell_text(value) for value in row] for row in rows])


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def cell_text(value: object) -> object:
    """A value as text. What a spreadsheet would take for a formula gets an apostrophe, which import takes off."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(RISKY) and not NUMBER.match(value) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value


async def xlsx_blocks(exporter: Exporter) -> AsyncIterator[bytes]:
    """A workbook, written row by row to a file of its own and then handed out in blocks."""
    with NamedTemporaryFile(suffix=".xlsx") as file:
        await _write_book(exporter, Path(file.name))
        while block := file.read(1 << 16):
            yield block


async def _write_book(exporter: Exporter, path: Path) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(exporter.spec.humans[:SHEET_NAME])
        bold = book.add_format({"bold": True})
        formats: dict[type, object] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(exporter.columns):
            sheet.write_string(0, place, column.heading, bold)
        number = 0
        async for rows in exporter.rows():
            for row in rows:
                number += 1
                if number > LARGEST_SHEET:
                    raise TooLarge("A workbook holds 1,048,575 records; export fewer, or as CSV")
                for place, value in enumerate(row):
                    _write_cell(sheet, (number, place), value, formats)


def _write_cell(sheet: Any, place: tuple[int, int], value: object, formats: Mapping[type, object]) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_datetime(*place, value.replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(*place, value, formats[date])
    elif isinstance(value, bool):
        sheet.write_boolean(*place, value)
    elif isinstance(value, int | Decimal):
        sheet.write_number(*place, value)
    else:
        sheet.write_string(*place, str(value))
