"""Commands: how good the routes are, on instances that everybody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from plugins.visits.routing import NoPlan
from plugins.visits.solomon import read
from plugins.visits.solver import solve
from tradepost import Command, Refused, hookimpl


def solve_file(file: Path, seconds: float = 18, seed: int = 1) -> Iterator[str]:
    """Solve an instance of Solomon's: print the routes, their distance and the number of vehicles."""
    instance = read(file)
    try:
        plan = solve(instance.task, seconds=seconds, seed=seed)
    except NoPlan:
        raise Refused("No routes were found that visit everybody; give it more seconds") from None
    for number, route in enumerate(plan.routes, 1):
        yield f"route {number}: {' '.join(call.stop for call in route.calls)}"
    yield f"distance {instance.distance(plan):.2f}"
    yield f"vehicles {len(plan.routes)}"


@hookimpl
def tradepost_commands() -> Sequence[Command]:
    """Solving an instance."""
    return (Command("solve", solve_file),)
