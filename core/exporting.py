"""Exports: the records that a caller may export, as rows of a CSV file or a workbook, read page by page."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from core.access import Caller, Policy
from core.codec import decode
from core.conditions import EVERYTHING, Compare, Condition, Op, Slot, all_of
from core.cursors import decode_cursor
from core.errors import UnknownField
from core.fields import LISTS, Kind, Position
from core.mapping import PARTS
from core.money import Money
from core.query import Archived, Function, Info, Listing, Measure, Nodes, Order, Page, PageInfo, Read, Summary
from core.reading import Reader
from core.records import selection_of
from core.registry import FieldSpec, ModelSpec, Registry
from core.sorting import default_order
from core.tables import guarded
from core.workbooks import Workbook

PAGE = 1_000


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

    `mark` writes the byte order mark by which Excel recognises UTF-8; `progress` is told how many records are read.
    """

    model: str
    where: Condition = EVERYTHING
    ids: tuple[UUID, ...] | None = None
    columns: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()
    archived: Archived = Archived.WITHOUT
    mark: bool = True
    progress: Callable[[int], None] | None = None

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
        done = 0
        while True:
            answer = await self.reader.answer(self.caller, self._read(edge), tuple(edge or ()))
            found = orjson.loads(answer)["list"]
            yield [[self._value(column, row) for column in self.columns] for row in found["nodes"]]
            done += len(found["nodes"])
            if self.export.progress:
                self.export.progress(done)
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
        return guarded(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value


async def xlsx_blocks(exporter: Exporter) -> AsyncIterator[bytes]:
    """A workbook, written row by row to a file of its own and then handed out in blocks."""
    with NamedTemporaryFile(suffix=".xlsx") as file:
        with Workbook(Path(file.name), exporter.spec.humans) as book:
            book.head([column.heading for column in exporter.columns])
            async for rows in exporter.rows():
                for row in rows:
                    book.row(row)
        while block := file.read(1 << 16):
            yield block
