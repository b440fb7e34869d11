"""The settings of visits: the zone of their hours, how ways are reckoned, and how near a check-in must be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from tradepost import Option, Refused, hookimpl
from tradepost.fields import decimal, integer, text

Ask = Callable[[str], Awaitable[Any]]
MOST_SECONDS = 60


@hookimpl
def tradepost_settings() -> Sequence[Option]:
    """Zone, distances, the time that a route may take."""
    return (
        Option("zone", text(64, default="UTC", label="Time zone", help="As in Asia/Shanghai or Europe/Berlin")),
        Option(
            "factor",
            decimal(2, default=Decimal("1.30"), minimum=1, label="Detour", help="A way is so much longer than a line"),
        ),
        Option("speed", integer(default=40, minimum=1, label="Speed in km/h", help="On the average, with all stops")),
        Option(
            "table",
            text(
                255,
                label="Address of a service of distances",
                help="It speaks OSRM's table protocol: https://host/table/v1/driving; empty: straight lines",
            ),
        ),
        Option("seconds", integer(default=2, minimum=1, label="Seconds in which routes are planned")),
        Option("near", integer(default=300, minimum=1, label="Metres within which a check-in counts as on site")),
    )


@dataclass(frozen=True)
class Reckoning:
    """How ways and times are reckoned."""

    zone: ZoneInfo
    factor: Decimal
    speed: int
    table: str
    seconds: int


async def reckoning(option: Ask) -> Reckoning:
    """The settings as they are; `Refused` names what makes no sense. `option` is that of a desk or a unit of work."""
    names = ("zone", "factor", "speed", "table", "seconds")
    zone, factor, speed, table, seconds = [await option(f"visits.{one}") for one in names]
    if zone not in available_timezones():
        raise Refused("There is no time zone %(zone)s; an administrator can correct it", code="zone", zone=zone)
    return Reckoning(ZoneInfo(zone), factor, speed, table or "", min(seconds, MOST_SECONDS))
