"""How far places are from each other: along a great circle times a factor, or as a configured service says."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from plugins.visits.routing import Matrix
from plugins.visits.settings import Reckoning
from tradepost import Position
from tradepost.egress import Egress, EgressFault

EARTH_METRES = 6_371_008.8
LARGEST_TABLE = 32 * 1_048_576
UNREACHABLE = 10_000_000
"""Metres and seconds between places that the service knows no way between: more than any day has."""


class NoTable(Exception):
    """The service of distances gave no usable answer; its text says why."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways between places, and what was wrong with the service if lines were taken instead."""

    matrix: Matrix
    fault: str = ""


def metres(one: Position, other: Position) -> int:
    """The distance of two places along a great circle."""
    a, b, c, d = (math.radians(value) for value in (one.latitude, one.longitude, other.latitude, other.longitude))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return round(2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(half))))


def lines(places: Sequence[Position], factor: float, speed: int) -> Matrix:
    """Great circles times a factor, driven at a speed in km/h."""
    ways = [[round(metres(one, other) * factor) for other in places] for one in places]
    return Matrix(ways, [[math.ceil(way * 3.6 / speed) for way in row] for row in ways])


async def ways(places: Sequence[Position], by: Reckoning, egress: Egress) -> Ways:
    """The ways between places: from the service where there is one that answers, else along lines."""
    straight = lines(places, float(by.factor), by.speed)
    if not by.table:
        return Ways(straight)
    try:
        return Ways(await table(places, by.table, egress))
    except NoTable as fault:
        return Ways(straight, str(fault)[:255])


async def table(places: Sequence[Position], address: str, egress: Egress) -> Matrix:
    """The ways between places as a service of OSRM's table protocol knows them; `NoTable` says what is wrong."""
    points = ";".join(f"{one.longitude},{one.latitude}" for one in places)
    try:
        way_out = replace(egress, largest=LARGEST_TABLE)
        answer = await way_out.fetch(f"{address.rstrip('/')}/{points}?annotations=duration%2Cdistance")
        said = json.loads(answer.body)
    except EgressFault as fault:
        raise NoTable(str(fault)) from fault
    except ValueError as fault:
        raise NoTable(f"{type(fault).__name__}: {fault}") from fault
    if answer.status != 200 or not isinstance(said, dict) or said.get("code") != "Ok":
        told = said.get("message", "") if isinstance(said, dict) else ""
        raise NoTable(f"HTTP {answer.status} {told}".strip())
    return Matrix(*(_square(said.get(name), len(places)) for name in ("distances", "durations")))


def _square(rows: Any, size: int) -> list[list[int]]:
    """A table as whole numbers, rounded up; of what is no square of numbers nothing is believed."""
    try:
        found = [[UNREACHABLE if one is None else math.ceil(one) for one in row] for row in rows]
    except (TypeError, ValueError, OverflowError):
        raise NoTable("The answer is no table of numbers") from None
    if len(found) != size or any(len(row) != size for row in found) or any(one < 0 for row in found for one in row):
        raise NoTable("The answer is no table of the places that were asked for")
    return found
