"""What needs a right of its own, actions and purging: done within the caller's reach, and beyond it not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.access import system
from core.registry import ModelSpec, pascal
from tests.contract.changes import GONE, Rows, changes, rows_of
from tests.contract.company import ME, TEAM, Record
from tests.contract.conftest import Enter
from tests.contract.evaluator import Kind
from tests.contract.reading import MOST_ROOTS, stem
from tests.contract.visits import Visit
from tests.contract.writing import action_inputs

ABLE = (Kind.OWN, Kind.REPORTS, Kind.DEPARTMENT, Kind.TREE, Kind.CHOSEN, Kind.ALL)
DONE = "done"
REFUSED_BY_STATE = {
    # The company's records are not in the state that they need; tests/plugins/sales and tests/core show them done.
    "sales.pipeline.add_stages",
    "sales.opportunity.win",
    "sales.opportunity.lose",
    "sales.opportunity.reopen",
    "core.user.hand_over",
    "core.user.invite",  # the company sends no mail
    "distribution.document.reserve",  # the company's documents are purchases
    "distribution.document.release",  # and nothing is reserved for them
    "distribution.fulfilment.allocate",  # all orders are void by then
    "distribution.document.void",  # goods that were never there have moved with them
    "service_desk.ticket.pick",  # nobody has the skills of the company's tickets
    "service_desk.ticket.assign",  # nobody else may sign in
    "service_desk.ticket.resume",  # no customer is waited for
    "visits.visit.answer",  # it takes something to say
    "visits.visit.call_off",  # they have begun
    "visits.visit.promise",  # no time is planned
    "visits.visit.release",  # nothing is promised
}
FOR_ADMINISTRATORS = {"core.user.appoint", "core.user.dismiss"}
"""They take an administrator, which no permission amounts to."""

MAKERS = {"sales.lead.convert", "service_desk.ticket.promote"}
"""They make records of the caller's own, which he must reach."""


@dataclass
class Told:
    """What became of every attempt: `done`, `mend` where something else than rights stood in its way, or a code."""

    outcomes: dict[str, set[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def note(self, what: str, one: Record, outcome: str, wanted: str) -> None:
        """Compare an outcome with what the evaluator wants: a code, or nothing where he may."""
        self.outcomes.setdefault(what, set()).add(outcome)
        if (outcome not in (DONE, "mend")) if not wanted else (outcome != wanted):
            self.faults.append(f"{what} at {one.slot}: {outcome}, wanted {wanted or DONE}")


async def outcomes(visit: Visit, called: Sequence[str]) -> list[str]:
    """What became of each of some mutations."""
    found: list[str] = []
    for start in range(0, len(called), MOST_ROOTS):
        several = called[start : start + MOST_ROOTS]
        named = " ".join(f"r{number}: {one} {{ errors {{ code }} }}" for number, one in enumerate(several))
        answer = await visit.ask(f"mutation {{ {named} }}")
        codes: dict[str, str] = {one["path"][0]: one["extensions"]["code"] for one in answer.get("errors", ())}
        for number in range(len(several)):
            row: Any = (answer.get("data") or {}).get(f"r{number}")
            found.append(codes[f"r{number}"] if row is None else "mend" if row["errors"] else DONE)
    return found


def refusal(visit: Visit, one: Record, what: str = "") -> str:
    """How a record beyond the caller's reach is refused: what he does not see is not there."""
    makes = what not in MAKERS or visit.rights.reaches(ME, TEAM) or one.archived
    if visit.rights.writes(one) and makes and (what not in FOR_ADMINISTRATORS or one.archived):
        return ""
    return "forbidden" if visit.rights.sees(one) else "not_found"


def hangs_on_what_is_hidden(visit: Visit, one: Record) -> bool:
    """Whether a record links to one out of sight, which an action on it may need to look at."""
    return any(not visit.rights.sees(visit.company.records[to]) for to in one.links.values())


def strangers(visit: Visit, before: Rows, after: Rows) -> list[str]:
    """Rows that were there before, changed, and that the caller may not change."""
    records = {str(one.id): one for one in visit.company.records.values()}
    return [
        f"{label} {records[one].slot}: {sorted(fields)}"
        for label, one, fields in changes(visit, before, after)
        if one in records and (label, one) in before and not visit.rights.writes(records[one])
    ]


@pytest.mark.requirement("PM-9", "PM-11", "PM-12", "PM-13", "PM-14", "PM-15", "PM-16", "PM-21")
@pytest.mark.parametrize("kind", ABLE, ids=lambda one: one.value)
async def test_every_action_is_done_within_reach_and_not_found_beyond_it(enter: Enter, kind: Kind):
    told = Told()
    async with enter(kind) as visit:
        before = await rows_of(visit)
        for spec in visit.surfaced:
            for name, action in spec.actions.items():
                what, records = f"{spec.label}.{name}", visit.company.slots(spec.label)
                called = [
                    f'{stem(spec)}{pascal(name)}(id: "{one.id}"{action_inputs(visit, one, action)})' for one in records
                ]
                for one, outcome in zip(records, await outcomes(visit, called), strict=True):
                    if outcome == "not_found" and hangs_on_what_is_hidden(visit, one):
                        continue
                    told.note(what, one, outcome, refusal(visit, one, what))
        changed = strangers(visit, before, await rows_of(visit))
        actions = {f"{spec.label}.{name}" for spec in visit.surfaced for name in spec.actions}
    assert not told.faults, "\n".join(told.faults)
    assert not changed, "\n".join(changed)
    assert not visit.leaks, "\n".join(visit.leaks)
    never = REFUSED_BY_STATE | FOR_ADMINISTRATORS | (set() if visit.rights.reaches(ME, TEAM) else MAKERS)
    assert {what for what, found in told.outcomes.items() if DONE in found} == actions - never


async def binned(visit: Visit, spec: ModelSpec) -> list[Record]:
    """The records of a model, all that can be in the bin."""
    records = [one for one in visit.company.slots(spec.label) if one.archived or archived_well(visit, one)]
    for one in records:
        await visit.kernel.operations.archive(system("the matrix"), spec.model, one.id)
    return records


def with_parts(visit: Visit, done: set[str]) -> set[str]:
    """Some records and all that is a part of them."""
    parts = {str(one.id) for one in visit.company.records.values() if str(one.whole) in done}
    return done | with_parts(visit, parts) if parts - done else done


def archived_well(visit: Visit, one: Record) -> bool:
    """Whether a record can go to the bin, whoever sends it."""
    below = any(other.links.get("parent") == one.id for other in visit.company.of("core.department"))
    return one.label != "core.user" and not (one.label == "core.department" and below)


@pytest.mark.requirement("PM-9", "PM-11", "PM-12", "PM-13", "PM-14", "PM-15", "PM-16", "PM-21")
@pytest.mark.parametrize("kind", ABLE, ids=lambda one: one.value)
async def test_a_record_is_purged_within_reach_and_nothing_else_with_it(enter: Enter, kind: Kind):
    told = Told()
    async with enter(kind) as visit:
        models = [one for one in visit.surfaced if not one.meta.append_only]
        left = {spec.label: await binned(visit, spec) for spec in reversed(models)}
        before = await rows_of(visit)
        gone: set[str] = set()
        for spec in [*reversed(models), *reversed(models)]:  # what was linked to is free the second time
            records = [one for one in left[spec.label] if str(one.id) not in gone]
            found = await outcomes(visit, [f'{stem(spec)}Purge(id: "{one.id}")' for one in records])
            for one, outcome in zip(records, found, strict=True):
                told.note(spec.label, one, outcome, refusal(visit, one))
                gone |= {str(one.id)} if outcome == DONE else set()
        taken = with_parts(visit, gone)
        changed = changes(visit, before, await rows_of(visit))
    assert not told.faults, "\n".join(told.faults)
    assert [one for one in changed if one[1] not in taken or one[2] != GONE] == []
    assert {record for label, record, _ in changed if label in left} >= gone
    if kind is Kind.ALL:
        assert {label for label, found in told.outcomes.items() if DONE in found} == {*left}
