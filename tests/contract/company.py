"""The company of the matrix: for every surfaced model one record in each slot, made from what the registry says of it.

A slot is a relation to the one user whose rights are tested. Each record carries a canary, a word that is nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

from core.fields import Kind as Holds
from core.money import Money
from core.registry import FieldSpec, ModelSpec, Registry

Row = dict[str, Any]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CANARY = re.compile(r"zq[a-p]{10}qz")


class Slot(Enum):
    """How a record stands to the user."""

    MINE = 1
    REPORT = 2
    COLLEAGUE = 3
    BELOW = 4
    SIBLING = 5
    FAR = 6
    NOBODY = 7
    SHARED = 8
    LENT = 9
    BINNED = 10
    CROSSED = 11


def number(kind: int, index: int) -> UUID:
    """A fixed id."""
    return UUID(f"0192f1d2-{kind:04x}-7000-8000-{index:012x}")


OFFICE, TEAM, CREW, SIBLING, FAR = (number(1, index) for index in range(101, 106))
PARENTS = {OFFICE: None, TEAM: OFFICE, CREW: TEAM, SIBLING: OFFICE, FAR: OFFICE}
ME, LEAD, REPORT, COLLEAGUE, BELOW, NEIGHBOUR, STRANGER = (number(2, index) for index in range(101, 108))
PEOPLE = {ME: TEAM, LEAD: FAR, REPORT: FAR, COLLEAGUE: TEAM, BELOW: CREW, NEIGHBOUR: SIBLING, STRANGER: FAR}
SUPERIORS = {LEAD: ME, REPORT: LEAD}
ROLE, ASSIGNMENT = number(3, 101), number(4, 101)
PLACES: dict[Slot, tuple[UUID | None, UUID | None]] = {
    Slot.MINE: (ME, FAR),
    Slot.REPORT: (REPORT, FAR),
    Slot.COLLEAGUE: (COLLEAGUE, TEAM),
    Slot.BELOW: (BELOW, CREW),
    Slot.SIBLING: (NEIGHBOUR, SIBLING),
    Slot.FAR: (STRANGER, FAR),
    Slot.NOBODY: (None, None),
    Slot.SHARED: (STRANGER, FAR),
    Slot.LENT: (STRANGER, FAR),
    Slot.BINNED: (ME, FAR),
    Slot.CROSSED: (ME, FAR),
}
GRANTED = "sales.customer.read"
FIXED = {
    ("core.grant", "permission"): GRANTED,
    ("core.custom_field", "object"): "core.department",
    ("core.custom_field", "name"): "x_{canary}",
    ("core.layout", "object"): "core.department",
    ("core.layout", "business_type"): "{canary}",
    ("core.layout", "type_field"): "",
}
"""Texts that may not be anything, and are not changed."""
"""A grant's title must name a permission; it carries no canary."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row as the evaluator knows it. `whole` is what it is a part of; `slot` is empty for the people around."""

    label: str
    id: UUID
    owner: UUID | None
    department: UUID | None
    archived: bool
    whole: UUID | None
    links: dict[str, UUID]
    title: str
    canary: str = ""
    slot: Slot | None = None


@dataclass
class Company:
    """All rows by label, and the records that they are."""

    registry: Registry
    rows: dict[str, list[Row]] = field(default_factory=dict)
    records: dict[UUID, Record] = field(default_factory=dict)

    def of(self, label: str) -> list[Record]:
        """The records of a model."""
        return [one for one in self.records.values() if one.label == label]

    def slots(self, label: str) -> list[Record]:
        """The records of a model that stand in a slot."""
        return [one for one in self.of(label) if one.slot]

    def at(self, label: str, slot: Slot) -> Record:
        """The record of a model in a slot."""
        return next(one for one in self.slots(label) if one.slot is slot)

    def add(self, spec: ModelSpec, row: Row, slot: Slot | None = None, canary: str = "") -> None:
        """Remember a row."""
        self.rows.setdefault(spec.label, []).append(row)
        links = {name: row[name] for name, one in spec.links.items() if row[name]}
        whole = row[str(spec.meta.part_of)] if spec.parent else None
        title = str(row[spec.title]) if spec.title != "id" else ""
        placed = (row["owner"], row["department"], row["archived_at"] is not None)
        self.records[row["id"]] = Record(spec.label, row["id"], *placed, whole, links, title, canary, slot)


def letters(text: str, length: int) -> str:
    """A word made of a text's digest; no two are alike enough for a search to take one for the other."""
    return "".join(chr(ord("a") + int(one, 16)) for one in sha256(text.encode()).hexdigest()[:length])


def word(label: str) -> str:
    """The word by which the records of a model are searched."""
    return letters(label, 14)


def canary_of(label: str, slot: Slot) -> str:
    """The word that is on one record alone."""
    return f"zq{letters(f'{label} {slot}', 10)}qz"


def company(registry: Registry) -> Company:
    """The people, their departments, the role whose grants are tested, and a record of every model in each slot."""
    made = Company(registry)
    around(made)
    for index, spec in enumerate(registry.surfaced(), 16):
        for slot in Slot:
            made.add(spec, _row(made, spec, number(index, slot.value), slot), slot, canary_of(spec.label, slot))
    return made


def around(made: Company) -> None:
    """The people, their departments, and the role with every permission that the user has."""
    registry = made.registry
    for one, parent in PARENTS.items():
        department: Row = {"name": f"Department {one.node % 100}", "parent": parent}
        made.add(registry.spec("core.department"), plain(registry.spec("core.department"), one) | department)
    for one, team in PEOPLE.items():
        login = f"person{one.node % 100}"
        person = {"login": login, "name": login, "department": team, "superior": SUPERIORS.get(one)}
        made.add(registry.spec("core.user"), plain(registry.spec("core.user"), one) | person)
    made.add(registry.spec("core.role"), plain(registry.spec("core.role"), ROLE) | {"name": "Tested"})
    given = {"role": ROLE, "user": ME}
    made.add(registry.spec("core.assignment"), plain(registry.spec("core.assignment"), ASSIGNMENT) | given)
    for index, permission in enumerate(registry.permissions()):
        spec = registry.spec("core.grant")
        made.add(spec, plain(spec, number(5, index)) | {"role": ROLE, "permission": permission.name})


def plain(spec: ModelSpec, record: UUID) -> Row:
    """A row with nothing but defaults."""
    row: Row = {name: _empty(one) for name, one in spec.own.items()}
    system = {"id": record, "created_at": NOW, "updated_at": NOW, "version": 1}
    nothing = dict.fromkeys(("owner", "department", "created_by", "updated_by", "archived_at", "custom"))
    return row | nothing | system


def _empty(one: FieldSpec) -> Any:
    return () if one.kind in (Holds.PHONES, Holds.EMAILS, Holds.TAGS) else one.traits.default


def _row(made: Company, spec: ModelSpec, record: UUID, slot: Slot) -> Row:
    owner, department = (None, None) if spec.parent else PLACES[slot]
    row = plain(spec, record) | {"owner": owner, "department": department}
    row["archived_at"] = NOW if slot is Slot.BINNED else None
    for name, one in spec.own.items():
        if one.kind is Holds.LINK:
            row[name] = _linked(made, spec, name, slot)
        elif row[name] in (None, ()):
            row[name] = value(spec, name, canary_of(spec.label, slot))
    return row


def _linked(made: Company, spec: ModelSpec, name: str, slot: Slot) -> UUID | None:
    """A link leads to the record in the same slot; in the crossed slot out of it, to one far away.

    Where links are unique together the last of them stays, or two records would be the same.
    """
    target = str(spec.fields[name].target)
    only = {one[-1] for one in spec.meta.together if all(spec.fields[each].kind is Holds.LINK for each in one)}
    crossed = slot is Slot.CROSSED and name != spec.meta.part_of and name not in only
    if target == spec.label and not crossed:
        return None
    return made.at(target, Slot.FAR if crossed else slot).id


def value(spec: ModelSpec, name: str, canary: str) -> Any:
    """A value of the kind that a field holds; every text has the canary in it."""
    one = spec.fields[name]
    if (spec.label, name) in FIXED:
        return FIXED[spec.label, name].format(canary=canary)
    title = f"{word(spec.label)} {canary}" if name == spec.title else canary
    choices = list(one.traits.choices or ())
    found: dict[Holds, Any] = {
        Holds.TEXT: title[: one.traits.max_length],
        Holds.NOTE: title,
        Holds.EMAIL: f"{title.replace(' ', '.')}@example.com",
        Holds.URL: f"https://example.com/{canary}",
        Holds.INTEGER: 7,
        Holds.DECIMAL: Decimal(7),
        Holds.MONEY: Money(1_250, "USD"),
        Holds.DATE: date(2026, 11, 22),
        Holds.MOMENT: NOW,
        Holds.CHOICE: choices[0] if choices else None,
        Holds.PHONES: ("+86 138 0013 8000",),
        Holds.EMAILS: (f"{canary}@example.com",),
        Holds.TAGS: (canary,),
    }
    return found.get(one.kind)


def shares(made: Company) -> Iterator[Row]:
    """What is opened to the user: some to look at, some to change, and one until yesterday."""
    spec = made.registry.spec("core.share")
    opened = ((Slot.SHARED, False, None), (Slot.LENT, True, None), (Slot.FAR, True, datetime(2020, 1, 1, tzinfo=UTC)))
    wholes = [one for one in made.registry.surfaced() if not one.parent]
    for index, (one, (slot, writes, expires)) in enumerate((one, open_) for one in wholes for open_ in opened):
        about = {"model": one.label, "record": str(made.at(one.label, slot).id), "user": ME}
        yield plain(spec, number(6, index)) | about | {"writes": writes, "expires_at": expires}
