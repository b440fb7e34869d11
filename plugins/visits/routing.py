"""What a route is made of: stops, shifts, the way between them, and the plan that a solver makes of these.

Times are whole seconds since a moment that the caller chooses, distances whole metres. Nothing here knows a solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Protocol


class NoPlan(Exception):
    """What must be visited cannot all be visited."""


class Why(Enum):
    """Why a stop is in no route."""

    NO_POSITION = "no_position"
    CLOSED = "closed"
    TOO_FAR = "too_far"
    NO_TIME = "no_time"


@dataclass(frozen=True, slots=True)
class Window:
    """When a stop may begin: not before `opens`, not after `closes`."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody to be visited.

    - `place`: its row in the matrix.
    - `windows`: when the service may begin; `None`: whenever; empty: never.
    - `priority`: of two that do not both fit, the higher goes first; `None`: it must be visited.
    - `only`: the workers who may do it; of none, anybody.
    """

    key: str
    place: int
    service: int = 0
    windows: tuple[Window, ...] | None = None
    priority: int | None = 1
    load: int = 0
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shift:
    """A worker's time of one day: from where and when to where and when.

    - `locked`: stops that come first, in this order, whatever else is found; the rest goes on from there.
    - `capacity`: how much load fits; of none, any.
    """

    key: str
    worker: str
    start: int
    end: int
    begins: int
    ends: int
    locked: tuple[str, ...] = ()
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """The way from each place to each: metres and seconds."""

    metres: Sequence[Sequence[int]]
    seconds: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Task:
    """What is to be planned."""

    stops: tuple[Stop, ...]
    shifts: tuple[Shift, ...]
    matrix: Matrix

    @cached_property
    def by_key(self) -> dict[str, Stop]:
        """The stops by their keys."""
        return {one.key: one for one in self.stops}


@dataclass(frozen=True, slots=True)
class Call:
    """A stop of a route: how far it was to there, when one arrives, begins and leaves."""

    stop: str
    metres: int
    arrives: int
    begins: int
    leaves: int


@dataclass(frozen=True, slots=True)
class Route:
    """What one shift does, in order; `metres` and `returns` include the way to its end."""

    shift: str
    calls: tuple[Call, ...]
    metres: int
    returns: int


@dataclass(frozen=True, slots=True)
class Unserved:
    """A stop that is in no route, and why."""

    stop: str
    why: Why


@dataclass(frozen=True, slots=True)
class Plan:
    """The routes that have stops, and what did not fit."""

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...] = ()

    @property
    def metres(self) -> int:
        """The way of all routes."""
        return sum(one.metres for one in self.routes)


class Solver(Protocol):
    """Finds a good plan within some seconds; the same for the same `seed` where it is not stopped by the clock."""

    def __call__(self, task: Task, *, seconds: float, seed: int = 1) -> Plan:
        """The best plan found; `NoPlan` where there is none with all that must be visited."""


def driven(task: Task, shift: Shift, order: Iterable[Stop]) -> Route:
    """A shift that visits stops in an order, each as early as can be. It may be late; `lateness` tells."""
    matrix = task.matrix
    here, now, metres = shift.start, shift.begins, 0
    calls: list[Call] = []
    for stop in order:
        arrives = now + matrix.seconds[here][stop.place]
        way = matrix.metres[here][stop.place]
        metres += way
        begins = _opened(stop, arrives)
        here, now = stop.place, begins + stop.service
        calls.append(Call(stop.key, way, arrives, begins, now))
    returns = now + matrix.seconds[here][shift.end]
    return Route(shift.key, tuple(calls), metres + matrix.metres[here][shift.end], returns)


def _opened(stop: Stop, arrives: int) -> int:
    """When a stop that is reached at a time begins: at once, unless it opens later; too late stays too late."""
    later = [max(arrives, one.opens) for one in stop.windows or () if arrives <= one.closes]
    return min(later, default=arrives)


def lateness(task: Task, shift: Shift, route: Route) -> int:
    """The seconds by which a route misses windows and the end of its shift; 0: it can be done."""
    missed = max(0, route.returns - shift.ends)
    for call in route.calls:
        windows = task.by_key[call.stop].windows
        if windows is not None and not any(one.opens <= call.begins <= one.closes for one in windows):
            missed += call.begins - max((one.closes for one in windows if one.closes < call.begins), default=0)
    return missed


def reason(task: Task, stop: Stop) -> Why:
    """Why a stop is in no route: nobody works while it is open, it is too far for a day, or there was no time."""
    allowed = [one for one in task.shifts if not stop.only or one.worker in stop.only]
    open_while = [one for one in allowed if _overlaps(stop, one)]
    if not open_while:
        return Why.CLOSED
    alone = [(one, driven(task, one, (stop,))) for one in open_while]
    if all(lateness(task, shift, route) for shift, route in alone):
        return Why.TOO_FAR
    return Why.NO_TIME


def _overlaps(stop: Stop, shift: Shift) -> bool:
    return stop.windows is None or any(
        one.opens <= shift.ends and one.closes >= shift.begins and one.opens <= one.closes for one in stop.windows
    )
