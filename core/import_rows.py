"""Rows of a table as drafts of records: values read, links as what they are to be found by, problems by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from core.codec import fold
from core.errors import Problem, Refused
from core.fields import TEXTUAL
from core.import_plan import ImportPlan, LinkPlan, Place, ValuePlan
from core.model import Model
from core.parse import parse
from core.registry import Back, FieldSpec
from core.tables import Cell, Row, unguarded

Key: TypeAlias = tuple[object, ...]
REMEMBERED = 5_000
LEFT = object()
"""An empty cell of a field that is never empty: it stays as it is."""


class Faults(tuple[Problem, ...]):
    """What is wrong with a cell, where its value would be."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of a row: the line, the column as the file calls it, the cell, and the field that it was meant for."""

    row: int
    column: str
    path: str
    cell: str
    problem: Problem


@dataclass(eq=False)
class Draft:
    """A record as a row describes it.

    `asked` holds, by link, what its record is to be found by; `wanted` the same without regard to case and width.
    """

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, tuple[object, ...]] = field(default_factory=dict)
    wanted: dict[str, Key] = field(default_factory=dict)
    parts: list[tuple[Back, Draft]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    id: UUID | None = None
    before: Mapping[str, Any] | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with it or its parts."""
        return not self.findings and all(part.sound for _, part in self.parts)

    def all_findings(self) -> Iterable[Finding]:
        """Its problems and those of its parts."""
        yield from self.findings
        for _, part in self.parts:
            yield from part.all_findings()

    def fault(self, place: Place, problem: Problem, cell: str | None = None) -> None:
        """Note a problem at a place."""
        shown = " ".join(str(self.row.cells[one]) for one in place.cells) if cell is None else cell
        self.findings.append(Finding(self.row.number, place.column, place.path, shown, problem))


class Drafter:
    """Makes drafts by a plan; remembers how it read a cell, since tables repeat themselves."""

    def __init__(self, plan: ImportPlan) -> None:
        self.plan = plan
        self._values = [(value, value.field.name, value.cell, dict[Cell, object]()) for value in plan.values]
        self._read: dict[tuple[str, type[object], object], object] = {}
        self._parts = tuple((back, Drafter(part)) for back, part in plan.parts)

    def draft(self, row: Row) -> Draft:
        """The draft of a row; a malformed row is not read."""
        draft = Draft(row)
        if row.fault:
            draft.findings.append(Finding(row.number, "", "", "", Problem(row.fault)))
            return draft
        self._fill(draft, row.cells)
        for link in self.plan.links:
            self._link(draft, link)
        for back, drafter in self._parts:
            part = drafter.draft(row)
            if part.wanted or part.findings or not drafter.plan.links:
                draft.parts.append((back, part))
        return draft

    def _fill(self, draft: Draft, cells: Sequence[Cell]) -> None:
        """The row's own values; a text in a column of its own, which most are, is looked up by itself."""
        for value, name, place, known in self._values:
            if place is None or type(cell := cells[place]) is not str:
                found = self._value(value, cells)
            elif cell in known:
                found = known[cell]
            else:
                if len(known) >= REMEMBERED:
                    known.clear()
                left = value.never_empty and not cell.strip()
                found = known[cell] = LEFT if left else _parsed(value.field, unguarded(cell), value.first)
            if type(found) is Faults:
                for problem in found:
                    draft.fault(value.first, problem)
            elif found is not LEFT:
                draft.values[name] = found

    def _value(self, value: ValuePlan, cells: Sequence[Cell]) -> object:
        raw: object
        if len(value.places) == 1:
            raw = value.first.raw(cells)
        else:
            raw = {part: place.raw(cells) for part, place in value.places.items()}
        if value.never_empty and _empty(raw):
            return LEFT
        return _parsed(value.field, raw, value.first)

    def _leaf(self, spec: FieldSpec, raw: object, place: Place) -> object:
        """A value that a record is to be found by."""
        key = (place.path, type(raw), raw)
        if key not in self._read:
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            self._read[key] = _parsed(spec, raw, place)
        return self._read[key]

    def _link(self, draft: Draft, link: LinkPlan) -> None:
        if link.empty(draft.row.cells):
            draft.values[link.field.name] = None
            if link.field.traits.required:
                draft.fault(link.places[0], Problem("Fill this in", link.field.name, "required"))
            return
        wanted: list[object] = []
        for leaf, place in zip(link.leaves, link.places, strict=True):
            found = self._leaf(leaf, place.raw(draft.row.cells), place)
            if isinstance(found, Faults):
                draft.fault(place, found[0])
                return
            wanted.append(found)
        if all(one is None for one in wanted):
            draft.values[link.field.name] = None
            return
        draft.asked[link.field.name] = tuple(wanted)
        draft.wanted[link.field.name] = comparable(wanted)


def _parsed(spec: FieldSpec, raw: object, place: Place) -> object:
    try:
        return parse(spec.name, spec.traits, raw, place.assume)
    except Refused as refusal:
        return Faults(refusal.problems)


def comparable(values: Sequence[object]) -> Key:
    """Values as they recognise a record: text without regard to case and width, links by their ids."""
    return tuple(
        fold(one) if isinstance(one, str) else one.value("id") if isinstance(one, Model) else one for one in values
    )


def key_of(draft: Draft, key: Sequence[str]) -> Key | None:
    """The natural key of a draft; `None` when it has none, all of it being empty."""
    found = comparable([draft.values.get(name) for name in key])
    return found if any(one is not None for one in found) else None


def _empty(raw: object) -> bool:
    raws = raw.values() if isinstance(raw, dict) else (raw,)
    return all(one is None or (isinstance(one, str) and not one.strip()) for one in raws)


def same(spec: FieldSpec, left: object, right: object) -> bool:
    """Whether a field would stay as it is."""
    if isinstance(left, Model):
        left = left.value("id")
    if isinstance(right, Model):
        right = right.value("id")
    return left == right or (spec.kind in TEXTUAL and not left and not right)
