"""The matrix proves something: without the scope in the compiler, not one of the surfaces that read passes it."""

from __future__ import annotations

import pytest

import search.finding
from core.finder import SearchScope
from core.predicates import Predicates
from tests.contract.conftest import Enter
from tests.contract.evaluator import Kind
from tests.contract.reading import SURFACES, Surface
from tests.contract.test_matrix_reading import faults_of_model
from tests.contract.visits import Visit


async def fails(visit: Visit, surface: Surface) -> bool:
    """Whether a surface tells of any model what it should not."""
    for spec in visit.surfaced:
        if surface.applies(spec):
            try:
                found = await faults_of_model(visit, surface, spec)
            except AssertionError:
                return True
            if found or visit.leaks:
                return True
    return False


@pytest.mark.requirement("PM-15", "SE-3")
async def test_without_the_scope_every_surface_that_reads_fails(enter: Enter, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Predicates, "scope", lambda *_, **__: "TRUE")
    # The search has a wall of its own before that one: what the index may propose.
    monkeypatch.setattr(search.finding, "search_scope", lambda *_: SearchScope.system("the wall is down"))
    async with enter(Kind.CHOSEN) as visit:
        passing = []
        for surface in SURFACES:
            visit.leaks = []
            if not await fails(visit, surface):
                passing.append(surface.name)
    assert passing == []


@pytest.mark.requirement("PM-15", "SE-3")
async def test_an_index_that_proposes_everything_tells_nothing(enter: Enter, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search.finding, "search_scope", lambda *_: SearchScope.system("the wall is down"))
    surface = next(one for one in SURFACES if one.name == "search")
    async with enter(Kind.CHOSEN) as visit:
        assert not await fails(visit, surface)
