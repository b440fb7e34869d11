"""Plan against fact: what was planned, what was done of it, and what was found on site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from plugins.visits.choices import VisitState
from plugins.visits.models import Visit
from plugins.visits.settings import reckoning
from tradepost import Condition, Desk, Question, hookimpl
from tradepost.figures import Function, Measure

COUNT = Measure("count", Function.COUNT)
FACTS = (
    COUNT,
    Measure("minutes", Function.MEDIAN, "minutes"),
    Measure("late", Function.MEDIAN, "late_minutes"),
    Measure("way", Function.SUM, "way"),
)


@dataclass(frozen=True)
class Fulfilment:
    """What somebody was to do in some days, and did."""

    person: UUID | None
    planned: int
    done: int
    called_off: int
    missed: int
    unplanned: int
    doubtful: int
    minutes: int | None
    late: int | None
    metres: int

    @property
    def percent(self) -> int | None:
        """Of what was planned and is due by now, how much was done."""
        due = self.done - self.unplanned + self.called_off + self.missed
        return round(100 * (self.done - self.unplanned) / due) if due else None


async def fulfilment(desk: Desk, since: date, until: date) -> list[Fulfilment]:
    """Plan against fact from one day to another, for each person."""
    within = Visit.day.at_least(since) & Visit.day.at_most(until)
    return await fulfilled(desk, within, await today_of(desk))


async def today_of(desk: Desk) -> date:
    """The day in the zone of the visits."""
    return datetime.now(UTC).astimezone((await reckoning(desk.option)).zone).date()


async def fulfilled(desk: Desk, within: Condition, today: date) -> list[Fulfilment]:
    """Plan against fact of some visits, for each person."""
    done = Visit.state.eq(VisitState.DONE)
    planned = ~Visit.state.eq(VisitState.DUE) & ~Visit.planned_at.empty()
    missed = Visit.state.eq(VisitState.PLANNED) & Visit.day.below(today)
    counts = {
        "planned": await _by_person(desk, within & planned),
        "called_off": await _by_person(desk, within & planned & Visit.state.eq(VisitState.CALLED_OFF)),
        "missed": await _by_person(desk, within & missed),
        "unplanned": await _by_person(desk, within & done & Visit.planned_at.empty()),
        "doubtful": await _by_person(desk, within & Visit.doubtful.eq(True)),
    }
    rows = await desk.figures(Visit, *FACTS, by=("owner",), where=within & done)
    facts = {row["owner"]: row for row in rows}
    people = sorted({*facts, *(who for each in counts.values() for who in each)}, key=str)
    return [_row(who, facts.get(who), {name: each.get(who, 0) for name, each in counts.items()}) for who in people]


async def _by_person(desk: Desk, where: Condition) -> dict[str | None, int]:
    return {row["owner"]: row["count"] for row in await desk.figures(Visit, COUNT, by=("owner",), where=where)}


def _row(who: str | None, facts: Mapping[str, Any] | None, counts: Mapping[str, int]) -> Fulfilment:
    found = facts or {"count": 0, "minutes": None, "late": None, "way": 0}
    return Fulfilment(
        UUID(who) if who else None,
        done=found["count"],
        minutes=found["minutes"],
        late=found["late"],
        metres=int(found["way"] or 0),
        **counts,
    )


def total(rows: Sequence[Fulfilment]) -> Fulfilment:
    """All people together; times are of nobody."""
    sums = {
        name: sum(getattr(one, name) for one in rows)
        for name in ("planned", "done", "called_off", "missed", "unplanned", "doubtful", "metres")
    }
    return Fulfilment(None, minutes=None, late=None, **sums)


@hookimpl
def tradepost_graphql() -> Sequence[Question]:
    """Plan against fact."""
    return (Question("fulfilment", fulfilment, "visits.visit.read"),)
