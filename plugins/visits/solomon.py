"""Solomon's instances: the text form in which routing problems with time windows are compared."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plugins.visits.routing import Matrix, Plan, Shift, Stop, Task, Window
from tradepost import Refused

SCALE = 1_000
"""Coordinates and times are whole numbers, the ways between them are not: they are kept in thousandths."""
COLUMNS = 7


@dataclass(frozen=True)
class Instance:
    """An instance: its name, the coordinates by row, and the task that it sets."""

    name: str
    points: tuple[tuple[float, float], ...]
    task: Task

    def distance(self, plan: Plan) -> float:
        """The way of a plan in the instance's own measure, not rounded."""
        total = 0.0
        for route in plan.routes:
            rows = [0, *(self.task.by_key[one.stop].place for one in route.calls), 0]
            total += sum(math.dist(self.points[a], self.points[b]) for a, b in itertools.pairwise(rows))
        return total


def read(path: Path) -> Instance:
    """An instance from its file; `Refused` says what is wrong with it."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    tables = [row for row in _numbers(lines) if row]
    fleet = next((row for row in tables if len(row) == 2), None)
    rows = [row for row in tables if len(row) == COLUMNS]
    if fleet is None or not rows or [int(row[0]) for row in rows] != list(range(len(rows))):
        raise Refused("%(path)s is no instance of Solomon's", path=path)
    points = tuple((row[1], row[2]) for row in rows)
    stops = tuple(_stop(row) for row in rows[1:])
    begins, ends = (int(value) * SCALE for value in rows[0][4:6])
    shifts = tuple(
        Shift(str(number), "", 0, 0, begins, ends, capacity=int(fleet[1])) for number in range(1, int(fleet[0]) + 1)
    )
    return Instance(lines[0].strip() or path.stem, points, Task(stops, shifts, _matrix(points)))


def _numbers(lines: Sequence[str]) -> Iterator[list[float]]:
    for line in lines:
        try:
            yield [float(one) for one in line.split()]
        except ValueError:
            continue


def _stop(row: Sequence[float]) -> Stop:
    number, _, _, load, opens, closes, service = (int(value) for value in row)
    window = Window(opens * SCALE, closes * SCALE)
    return Stop(str(number), number, service * SCALE, (window,), priority=None, load=load)


def _matrix(points: Sequence[tuple[float, float]]) -> Matrix:
    """Ways rounded, times rounded up: what is in time here is in time."""
    ways = [[math.dist(one, other) * SCALE for other in points] for one in points]
    return Matrix(
        [[round(value) for value in row] for row in ways],
        [[math.ceil(value - 1e-6) for value in row] for row in ways],
    )
