"""The solver: PyVRP, behind the port of `routing`. It is imported when something is to be solved, and not before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from plugins.visits.routing import NoPlan, Plan, Route, Shift, Stop, Task, Unserved, Window, driven, lateness, reason

if TYPE_CHECKING:
    from numpy import ndarray
    from pyvrp import Client, ClientGroup, Depot, ProblemData, Solution, VehicleType

ENOUGH = 20_000
"""So many steps without a better plan, and the search ends before its time."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A stop in one of its windows; of those of one stop at most one is chosen."""

    stop: Stop
    window: Window | None


@dataclass(frozen=True)
class _Fleet:
    """Shifts that are alike, as one kind of vehicle."""

    shifts: tuple[Shift, ...]

    @property
    def first(self) -> Shift:
        return self.shifts[0]


def solve(task: Task, *, seconds: float, seed: int = 1) -> Plan:
    """The best plan that PyVRP finds; locked stops go first, and the search begins where they end."""
    locked = {key: shift for shift in task.shifts for key in shift.locked}
    prefixes = {one.key: driven(task, one, [task.by_key[key] for key in one.locked]) for one in task.shifts}
    free = tuple(one for one in task.stops if one.key not in locked)
    rest = [_after(task, one, prefixes[one.key]) for one in task.shifts]
    found = _search(replace(task, stops=free, shifts=tuple(rest)), seconds, seed)
    routes, unserved = [], set(task.by_key) - set(locked)
    for shift in task.shifts:
        order = [task.by_key[key] for key in (*shift.locked, *found.get(shift.key, ()))]
        unserved -= {one.key for one in order}
        if order:
            routes.append(driven(task, shift, order))
    left = [one for one in task.stops if one.key in unserved]
    if any(one.priority is None for one in left):
        raise NoPlan
    return Plan(tuple(routes), tuple(Unserved(one.key, reason(task, one)) for one in left))


def _after(task: Task, shift: Shift, prefix: Route) -> Shift:
    """What is left of a shift behind its locked stops."""
    if not prefix.calls:
        return shift
    last = prefix.calls[-1]
    return replace(shift, start=task.by_key[last.stop].place, begins=last.leaves, locked=())


def _search(task: Task, seconds: float, seed: int) -> dict[str, tuple[str, ...]]:
    """The stops of each shift in order, by keys."""
    from pyvrp import solve as search
    from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement

    choices = [one for stop in task.stops for one in _choices(task, stop)]
    fleets = _fleets(task.shifts)
    if not choices or not fleets:
        return {}
    data = _problem(task, choices, fleets)
    stop = MultipleCriteria([MaxRuntime(seconds), NoImprovement(ENOUGH)])
    best = search(data, stop, seed=seed, collect_stats=False).best
    if not best.is_feasible():
        raise NoPlan
    return _read(task, choices, fleets, best)


def _choices(task: Task, stop: Stop) -> Iterator[_Choice]:
    """The windows of a stop in which somebody works; one without windows is one choice."""
    if stop.windows is None:
        yield _Choice(stop, None)
    for one in stop.windows or ():
        if one.opens <= one.closes and any(
            each.begins <= one.closes and one.opens <= each.ends for each in task.shifts
        ):
            yield _Choice(stop, one)


def _fleets(shifts: Sequence[Shift]) -> list[_Fleet]:
    def alike(one: Shift) -> tuple[str, int, int, int, int, int]:
        return (one.worker, one.start, one.end, one.begins, one.ends, -1 if one.capacity is None else one.capacity)

    usable = sorted((one for one in shifts if one.begins <= one.ends), key=alike)
    return [_Fleet(tuple(group)) for _, group in groupby(usable, alike)]


def _problem(task: Task, choices: Sequence[_Choice], fleets: Sequence[_Fleet]) -> ProblemData:
    from pyvrp import Location, ProblemData

    ends = sorted({place for one in fleets for place in (one.first.start, one.first.end)})
    places = [*ends, *(one.stop.place for one in choices)]
    workers = sorted({one.first.worker for one in fleets}) if any(one.stop.only for one in choices) else [""]
    metres, durations = _matrices(task, places, choices, workers)
    clients, groups = _clients(task, choices, len(ends))
    return ProblemData(
        locations=[Location(0, 0) for _ in places],
        clients=clients,
        depots=_depots(ends),
        vehicle_types=_vehicles(fleets, ends, workers, loaded=any(one.stop.load for one in choices)),
        distance_matrices=metres,
        duration_matrices=durations,
        groups=groups,
    )


def _matrices(
    task: Task, places: Sequence[int], choices: Sequence[_Choice], workers: Sequence[str]
) -> tuple[list[ndarray[Any, Any]], list[ndarray[Any, Any]]]:
    """For each worker the way between all places; to whom he may not go there is none."""
    import numpy as np
    from pyvrp.constants import MAX_VALUE

    chosen = np.ix_(places, places)
    metres, durations = (np.asarray(one, dtype=np.int64)[chosen] for one in (task.matrix.metres, task.matrix.seconds))
    first = len(places) - len(choices)
    found: tuple[list[ndarray[Any, Any]], list[ndarray[Any, Any]]] = ([], [])
    for worker in workers:
        barred = [first + at for at, one in enumerate(choices) if one.stop.only and worker not in one.stop.only]
        for table, into in zip((metres, durations), found, strict=True):
            own = table.copy()
            own[:, barred] = MAX_VALUE
            np.fill_diagonal(own, 0)
            into.append(own)
    return found


def _clients(task: Task, choices: Sequence[_Choice], first: int) -> tuple[list[Client], list[ClientGroup]]:
    """A client for each choice; those of one stop exclude each other."""
    from pyvrp import Client, ClientGroup
    from pyvrp.constants import MAX_VALUE

    dearest = 4 * max((max(row) for row in task.matrix.metres), default=0) + 1
    loaded = any(one.stop.load for one in choices)
    clients: list[Client] = []
    groups: list[ClientGroup] = []
    for _, several in groupby(enumerate(choices), lambda pair: pair[1].stop.key):
        members = list(several)
        alone, stop = len(members) == 1, members[0][1].stop
        for at, one in members:
            window = one.window or Window(0, MAX_VALUE)
            clients.append(
                Client(
                    first + at,
                    delivery=[stop.load] if loaded else [],
                    service_duration=stop.service,
                    tw_early=window.opens,
                    tw_late=window.closes,
                    prize=0 if stop.priority is None else dearest * stop.priority,
                    required=alone and stop.priority is None,
                    group=None if alone else len(groups),
                )
            )
        if not alone:
            groups.append(ClientGroup([at for at, _ in members], required=stop.priority is None))
    return clients, groups


def _depots(ends: Sequence[int]) -> list[Depot]:
    from pyvrp import Depot

    return [Depot(at) for at in range(len(ends))]


def _vehicles(
    fleets: Sequence[_Fleet], ends: Sequence[int], workers: Sequence[str], *, loaded: bool
) -> list[VehicleType]:
    from pyvrp import VehicleType
    from pyvrp.constants import MAX_VALUE

    return [
        VehicleType(
            num_available=len(one.shifts),
            capacity=[MAX_VALUE if one.first.capacity is None else one.first.capacity] if loaded else [],
            start_depot=ends.index(one.first.start),
            end_depot=ends.index(one.first.end),
            tw_early=one.first.begins,
            tw_late=one.first.ends,
            profile=workers.index(one.first.worker) if len(workers) > 1 else 0,
        )
        for one in fleets
    ]


def _read(
    task: Task, choices: Sequence[_Choice], fleets: Sequence[_Fleet], best: Solution
) -> dict[str, tuple[str, ...]]:
    """The routes that PyVRP found, given to the shifts of each kind in turn."""
    waiting = [iter(one.shifts) for one in fleets]
    found: dict[str, tuple[str, ...]] = {}
    for route in best.routes():
        shift = next(waiting[route.vehicle_type()])
        stops = [choices[one.idx].stop for one in route if one.is_client()]
        if lateness(task, shift, driven(task, shift, stops)):
            raise NoPlan
        found[shift.key] = tuple(one.key for one in stops)
    return found
