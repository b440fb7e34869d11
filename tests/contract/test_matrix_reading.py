"""Every model, on every surface that reads, for every kind of caller: exactly the records that he may see."""

from __future__ import annotations

import pytest

from core.registry import ModelSpec
from tests.contract.conftest import Enter
from tests.contract.evaluator import Kind
from tests.contract.reading import SURFACES, Surface
from tests.contract.visits import Visit


async def faults_of_model(visit: Visit, surface: Surface, spec: ModelSpec) -> list[str]:
    """Where a surface shows something else of a model than it ought to."""
    shown, wanted = await surface.shown(visit, spec), surface.wanted(visit, spec)
    if shown == wanted:
        return []
    names = {one.id: f"{one.slot or one.title}" for one in visit.company.records.values()}
    more, less = ([names.get(one, str(one)) for one in many] for many in (shown - wanted, wanted - shown))
    return [f"{spec.label} by {surface.name}: too many {more}, too few {less}"]


async def faults_of(visit: Visit, surface: Surface) -> list[str]:
    """Where a surface shows something else than it ought to, or tells it by the way."""
    found = []
    for spec in visit.turns:
        if surface.applies(spec):
            found += await faults_of_model(visit, surface, spec)
    leaks, visit.leaks = visit.leaks, []
    return [*found, *leaks]


@pytest.mark.requirement("PM-9", "PM-11", "PM-12", "PM-13", "PM-14", "PM-15", "PM-16", "PM-21", "SE-3")
@pytest.mark.parametrize("kind", list(Kind), ids=lambda one: one.value)
async def test_every_surface_shows_exactly_what_the_caller_may_see(enter: Enter, kind: Kind):
    async with enter(kind) as visit:
        faults = [fault for surface in SURFACES for fault in await faults_of(visit, surface)]
    assert not faults, "\n".join(faults)
