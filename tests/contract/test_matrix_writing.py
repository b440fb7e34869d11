"""Every model, on every surface that writes, for every kind of caller: what is refused changes nothing at all."""

from __future__ import annotations

import pytest

from core.registry import ModelSpec
from tests.contract.changes import Change, Rows, changes, rows_of
from tests.contract.conftest import Enter
from tests.contract.evaluator import Kind
from tests.contract.visits import Visit
from tests.contract.writing import LAST, SURFACES, Records, Surface, settled

EDITS = frozenset({"update", "form", "import", "update many", "bulk edit"})
"""The surfaces that change one field of a record."""


def split(visit: Visit, surface: Surface, spec: ModelSpec) -> tuple[Records, Records]:
    """The records that a surface must refuse to change, and those that it changes."""
    records = [one for one in visit.asked(spec) if surface.about(visit, one)]
    well = [one for one in records if surface.may(visit, one) and not widens(visit, surface, spec)]
    return [one for one in records if one not in well], well


def widens(visit: Visit, surface: Surface, spec: ModelSpec) -> bool:
    """Whether it would give a wider scope than the caller has: every other one is, to him who has his own records."""
    return spec.label == "core.grant" and visit.kind is Kind.OWN and surface.name in EDITS


async def attempted(visit: Visit, surface: Surface, spec: ModelSpec, records: Records, *, allowed: bool) -> list[str]:
    """Which of some records a surface did not treat as it ought to."""
    done = await surface.do(visit, spec, records)
    wrong = [str(one.slot) for one, did in zip(records, done, strict=True) if did is not allowed]
    return [f"{spec.label} {surface.name}: {'refused' if allowed else 'done'} {wrong}"] if wrong else []


def unlike(visit: Visit, what: str, made: set[Change], wanted: set[Change]) -> list[str]:
    """The changes that should not be, and those that are missing."""
    if made == wanted:
        return []
    names = {str(one.id): str(one.slot) for one in visit.company.records.values()}
    more, less = (
        [(label, names.get(one, one), *sorted(fields)) for label, one, fields in many]
        for many in (made - wanted, wanted - made)
    )
    return [f"{what}: changed too much {more}, too little {less}"]


async def faults_of(
    visit: Visit, surfaces: tuple[Surface, ...], spec: ModelSpec, before: Rows
) -> tuple[list[str], Rows]:
    """Where surfaces do something else than they ought to; first what all must refuse, then what each does."""
    found: list[str] = []
    chosen = [(one, *split(visit, one, spec)) for one in surfaces if one.applies(spec)]
    for surface, refused, _ in chosen:
        found += await attempted(visit, surface, spec, refused, allowed=False)
    after = await rows_of(visit)
    found += unlike(visit, f"{spec.label}, all that is refused", changes(visit, before, after), set())
    for surface, _, well in chosen:
        if well:
            before = after
            found += await attempted(visit, surface, spec, well, allowed=True)
            after = await rows_of(visit)
            wanted = {change for one in well for change in surface.effect(visit, one)}
            found += unlike(
                visit, f"{spec.label} {surface.name}", settled(spec.label, changes(visit, before, after)), wanted
            )
    leaks, visit.leaks = visit.leaks, []
    return [*found, *leaks], after


@pytest.mark.requirement("PM-9", "PM-11", "PM-12", "PM-13", "PM-14", "PM-15", "PM-16", "PM-17", "PM-21", "SE-3")
@pytest.mark.parametrize("kind", list(Kind), ids=lambda one: one.value)
async def test_every_write_is_refused_without_a_trace_or_does_just_what_it_says(enter: Enter, kind: Kind):
    faults = []
    async with enter(kind) as visit:
        rows = await rows_of(visit)
        for surfaces in (SURFACES, LAST):
            for spec in visit.turns:
                found, rows = await faults_of(visit, surfaces, spec, rows)
                faults += found
    assert not faults, "\n".join(faults)
