"""Every model, made over GraphQL and by form, by every kind of caller: one row of his own more, or nothing at all."""

from __future__ import annotations

import pytest

from core.registry import ModelSpec
from tests.contract.changes import NEW, Rows, changes, rows_of, values_of
from tests.contract.company import Slot
from tests.contract.conftest import Enter
from tests.contract.creating import MAKERS, Maker, may_make, placed_rightly, slots_of, values
from tests.contract.evaluator import Kind
from tests.contract.visits import Visit

ADDED_UP = {"sales.order_line": ("sales.order", frozenset({"total", "version"}))}
"""Parts whose making changes a figure of their whole."""


def fault_of(visit: Visit, spec: ModelSpec, before: Rows, after: Rows, *, made: bool) -> str:
    """What is wrong with the rows that a creation left; parts may come with their whole."""
    changed = changes(visit, before, after)
    own = [one for one in changed if one[0] == spec.label]
    others = [
        (label, sorted(fields))
        for label, _, fields in changed
        if label != spec.label
        and ADDED_UP.get(spec.label) != (label, fields)
        and (fields != NEW or visit.kernel.registry.models[label].parent != spec.label)
    ]
    rightly = [one[2] == NEW and placed_rightly(spec, values_of(spec, after[one[0], one[1]])) for one in own]
    return "" if rightly == [True] * made and not others else f"rows {own}, and besides {others}"


async def faults_of(visit: Visit, spec: ModelSpec, maker: Maker) -> list[str]:
    """Where making records ends otherwise than it ought to."""
    found = []
    before = await rows_of(visit)
    slots = slots_of(visit, spec)
    for slot in slots:
        wanted = maker.reached(visit) and may_make(visit, spec, slot)
        done = await maker.make(visit, spec, values(visit, spec, slot, maker.name))
        after = await rows_of(visit) if done or wanted or slot is slots[-1] else before
        fault = fault_of(visit, spec, before, after, made=wanted)
        if done is not wanted or fault:
            found.append(f"{spec.label} by {maker.name} at {slot}: done {done}, wanted {wanted}; {fault}")
        before = after
    leaks, visit.leaks = visit.leaks, []
    return [*found, *leaks]


@pytest.mark.requirement("PM-9", "PM-11", "PM-12", "PM-13", "PM-14", "PM-15", "PM-16", "PM-17", "PM-21", "SE-3")
@pytest.mark.parametrize("kind", list(Kind), ids=lambda one: one.value)
async def test_a_new_record_is_ones_own_and_linked_to_what_one_sees_or_is_not_made(enter: Enter, kind: Kind):
    async with enter(kind) as visit:
        assert {one for spec in visit.surfaced for one in slots_of(visit, spec)} >= {Slot.FAR, Slot.NOBODY, Slot.SHARED}
        faults = [fault for spec in visit.turns for maker in MAKERS for fault in await faults_of(visit, spec, maker)]
    assert not faults, "\n".join(faults)
