"""The surfaces that make records: over GraphQL and by form, linked to what stands in one slot after another."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from core.fields import Kind as Holds
from core.registry import ModelSpec, camel
from tests.contract.company import ME, TEAM, Slot, letters, value
from tests.contract.reading import stem
from tests.contract.visits import Visit
from tests.contract.writing import another_user, done_by_page, mutated

PERMISSIONS = {"GraphQL": "sales.lead.read", "form": "sales.lead.export"}
"""What a new grant is of: its role has another already."""


@dataclass(frozen=True)
class Maker:
    """One way to make records."""

    name: str
    make: Callable[[Visit, ModelSpec, dict[str, Any]], Awaitable[bool]]
    reached: Callable[[Visit], bool]


DAY = "2026-11-23"


def unwritten(spec: ModelSpec) -> bool:
    """Whether only code writes it, as it does a history."""
    return all(one.traits.readonly for one in spec.own.values())


def links_of(visit: Visit, spec: ModelSpec, slot: Slot) -> dict[str, UUID]:
    """What a new record is linked to: by every link that may be written, the record in that slot.

    Of what is unwritten it is every link, so that the attempt is a real one.
    """
    return {
        name: visit.company.at(str(one.target), slot).id
        for name, one in spec.own.items()
        if one.kind is Holds.LINK and one.target != spec.label and (unwritten(spec) or not one.traits.readonly)
    }


def values(visit: Visit, spec: ModelSpec, slot: Slot, by: str) -> dict[str, Any]:
    """The values of a new record: what is required, a title, links."""
    canary = f"zq{letters(f'{spec.label} {slot} {by}', 10)}qz"
    found: dict[str, Any] = {
        name: value(spec, name, canary)
        for name, one in spec.own.items()
        if one.kind in (Holds.TEXT, Holds.NOTE, Holds.EMAIL) and (one.traits.required or name == spec.title)
    }
    found |= {
        name: next(iter(one.traits.choices)) if one.traits.choices else 1
        for name, one in spec.own.items()
        if one.kind in (Holds.CHOICE, Holds.INTEGER) and one.traits.required and one.traits.default is None
    }
    found |= {name: DAY for name, one in spec.own.items() if one.kind is Holds.DATE and one.traits.required}
    if spec.label == "core.grant":
        found["permission"] = PERMISSIONS[by]
    links = {name: str(one) for name, one in links_of(visit, spec, slot).items()}
    if spec.label == "core.assignment":
        links["user"] = another_user(visit, visit.company.at(spec.label, slot), ("GraphQL", "form").index(by))
    return found | links


def may_make(visit: Visit, spec: ModelSpec, slot: Slot) -> bool:
    """He has the right, sees all that it is linked to, may change what it is a part of, and reaches his own."""
    rights, records = visit.rights, visit.company.records
    if unwritten(spec) or not rights.kind.scope or rights.kind.value == "read-only token":
        return False
    links = dict(links_of(visit, spec, slot))
    if spec.label == "core.assignment":
        links.pop("user")  # another one is chosen, whom he sees
    whole = records[links.pop(str(spec.meta.part_of))] if spec.parent else None
    if any(not rights.sees(records[one]) or records[one].archived for one in links.values()):
        return False
    return rights.writes(whole) and not whole.archived if whole else rights.reaches(ME, TEAM)


async def by_graphql(visit: Visit, spec: ModelSpec, given: dict[str, Any]) -> bool:
    if unwritten(spec):  # there is no such mutation to be called
        return False
    fields = ", ".join(
        f"{camel(name)}: {one.name if isinstance(one, Enum) else json.dumps(one)}" for name, one in given.items()
    )
    (done,) = await mutated(visit, [f"{stem(spec)}Create(input: {{ {fields} }}) {{ errors {{ code }} }}"])
    return done


async def by_form(visit: Visit, spec: ModelSpec, given: dict[str, Any]) -> bool:
    written = {name: one.value if isinstance(one, Enum) else one for name, one in given.items()}
    return done_by_page(await visit.post(f"{spec.path}/new", written | {"anyway": "1"}))


MAKERS = (
    Maker("GraphQL", by_graphql, lambda _: True),
    Maker("form", by_form, lambda visit: visit.kind.pages),
)


def slots_of(visit: Visit, spec: ModelSpec) -> list[Slot]:
    """The slots that matter: one where nothing is linked to, else those that are asked for."""
    linked = any(one.kind is Holds.LINK and one.target != spec.label for one in spec.own.values())
    asked: list[Slot] = [one.slot for one in visit.asked(spec) if one.slot and one.slot is not Slot.CROSSED]
    return asked if linked else [Slot.MINE]


def placed_rightly(spec: ModelSpec, row: dict[str, Any]) -> bool:
    """A new record is its maker's and of his department; a part has no owner but its whole's."""
    wanted = [None, None] if spec.parent else [str(ME), str(TEAM)]
    return [one and str(UUID(one)) for one in (row["owner"][0], row["department"][0])] == wanted
