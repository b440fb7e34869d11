"""Every model, on every surface that writes, for every kind of caller: what is refused changes nothing at all."""

from __future__ import annotations

import pytest

from core.registry import ModelSpec
from tests.contract.changes import changes, rows_of
from tests.contract.conftest import Enter
from tests.contract.evaluator import Kind
from tests.contract.visits import Visit
from tests.contract.writing import LAST, SURFACES, Records, Surface


async def faults_of(visit: Visit, surface: Surface, spec: ModelSpec) -> list[str]:
    """Where a surface does something else than it ought to, first with what it must refuse."""
    found = []
    records = [one for one in visit.company.slots(spec.label) if surface.about(visit, one)]
    well = [one for one in records if surface.may(visit, one)]
    for several, allowed in (([one for one in records if one not in well], False), (well, True)):
        found += await _faults(visit, surface, spec, several, allowed=allowed)
    leaks, visit.leaks = visit.leaks, []
    return [*found, *leaks]


async def _faults(visit: Visit, surface: Surface, spec: ModelSpec, records: Records, *, allowed: bool) -> list[str]:
    before = await rows_of(visit)
    done = await surface.do(visit, spec, records)
    made = changes(before, await rows_of(visit))
    wanted = {one for record in records for one in surface.effect(visit, record)} if allowed else set()
    wrong = [str(one.slot) for one, did in zip(records, done, strict=True) if did is not allowed]
    found = [f"{spec.label} {surface.name}: {'refused' if allowed else 'done'} {wrong}"] if wrong else []
    if made != wanted:
        names = {str(one.id): str(one.slot) for one in visit.company.records.values()}
        told = [
            [(label, names.get(one, one), *sorted(fields)) for label, one, fields in many]
            for many in (made - wanted, wanted - made)
        ]
        found.append(f"{spec.label} {surface.name}: changed too much {told[0]}, too little {told[1]}")
    return found


@pytest.mark.requirement("PM-9", "PM-11", "PM-12", "PM-13", "PM-14", "PM-15", "PM-16", "PM-17", "PM-21", "SE-3")
@pytest.mark.parametrize("kind", list(Kind), ids=lambda one: one.value)
async def test_every_write_is_refused_without_a_trace_or_does_just_what_it_says(enter: Enter, kind: Kind):
    faults = []
    async with enter(kind) as visit:
        for surfaces in (SURFACES, LAST):
            for spec in visit.surfaced:
                for surface in surfaces:
                    if surface.applies(spec):
                        faults += await faults_of(visit, surface, spec)
    assert not faults, "\n".join(faults)
