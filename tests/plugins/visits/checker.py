"""A judge of routes that shares no line with the solver: floats, its own reader, every rule written out again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from plugins.visits.routing import Plan, Task

EPSILON = 1e-6


@dataclass
class Judged:
    """What is wrong with a plan, and how far it goes."""

    faults: list[str] = field(default_factory=list)
    distance: float = 0.0


def judge_solomon(text: str, routes: Sequence[Sequence[str]]) -> Judged:
    """Routes of an instance against its own text, in exact distances."""
    rows = {
        words[0]: [float(one) for one in words[1:]] for line in text.splitlines() if len(words := line.split()) == 7
    }
    vehicles, capacity = next([int(one) for one in line.split()] for line in text.splitlines() if _two(line))
    judged = Judged()
    if len(routes) > vehicles:
        judged.faults.append(f"{len(routes)} vehicles of {vehicles}")
    seen = [key for route in routes for key in route]
    if sorted(seen) != sorted(set(rows) - {"0"}):
        judged.faults.append("not everybody is visited once")
    for route in routes:
        if sum(rows[key][2] for key in route) > capacity:
            judged.faults.append(f"too much load: {route}")
        here, now = rows["0"], rows["0"][3]
        for key in (*route, "0"):
            there = rows[key]
            way = math.hypot(here[0] - there[0], here[1] - there[1])
            judged.distance += way
            now = max(now + way, there[3])
            if now > there[4] + EPSILON:
                judged.faults.append(f"{key} is reached at {now}, closed since {there[4]}")
            here, now = there, now + there[5]
    return judged


def _two(line: str) -> bool:
    words = line.split()
    return len(words) == 2 and all(one.isdigit() for one in words)


def judge(task: Task, plan: Plan) -> list[str]:
    """What is wrong with a plan of several people and days."""
    stops = {one.key: one for one in task.stops}
    shifts = {one.key: one for one in task.shifts}
    faults: list[str] = []
    seen = [call.stop for route in plan.routes for call in route.calls]
    named = [one.stop for one in plan.unserved]
    if sorted(seen + named) != sorted(stops):
        faults.append("somebody is visited twice, or neither visited nor named")
    if len({route.shift for route in plan.routes}) != len(plan.routes):
        faults.append("a shift has two routes")
    for route in plan.routes:
        shift = shifts[route.shift]
        order = [call.stop for call in route.calls]
        if tuple(order[: len(shift.locked)]) != shift.locked:
            faults.append(f"{route.shift}: the locked stops do not come first")
        place, now = shift.start, shift.begins
        for call in route.calls:
            stop = stops[call.stop]
            if stop.only and shift.worker not in stop.only:
                faults.append(f"{stop.key} is not for {shift.worker}")
            if call.arrives < now + task.matrix.seconds[place][stop.place]:
                faults.append(f"{stop.key} is reached faster than one can")
            if call.begins < call.arrives or call.leaves < call.begins + stop.service:
                faults.append(f"{stop.key} is hurried")
            if stop.windows is not None and not any(one.opens <= call.begins <= one.closes for one in stop.windows):
                faults.append(f"{stop.key} is closed at {call.begins}")
            place, now = stop.place, call.leaves
        if now + task.matrix.seconds[place][shift.end] > min(shift.ends, route.returns):
            faults.append(f"{route.shift} ends too late")
    return faults
