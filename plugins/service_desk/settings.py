"""The desk's settings: when it is open, and where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from zoneinfo import available_timezones

from holidays import list_supported_countries

from plugins.service_desk.hours import DAYS, BusinessHours
from tradepost import Option, Refused, Work, hookimpl
from tradepost.fields import tags, text


@hookimpl
def tradepost_settings() -> Sequence[Option]:
    """Opening hours, time zone, days and public holidays."""
    return (
        Option("opens", text(5, default="09:00", label="The desk opens at", help="Hours and minutes: 09:00")),
        Option("closes", text(5, default="18:00", label="The desk closes at", help="Hours and minutes: 18:00")),
        Option("zone", text(64, default="UTC", label="Time zone", help="As in Asia/Shanghai or Europe/Berlin")),
        Option("days", tags(label="Days of the week", help="mon, tue, wed …; empty: Monday to Friday")),
        Option("country", text(2, label="Country of public holidays", help="Two letters: CN, KR, DE")),
    )


async def business_hours(work: Work) -> BusinessHours:
    """The opening hours as they are set; `Refused` names the setting that makes no sense."""
    values = {
        name: await work.option(f"service_desk.{name}") for name in ("opens", "closes", "zone", "days", "country")
    }
    days = frozenset(one.lower()[:3] for one in values["days"]) or frozenset(DAYS[:5])
    opens, closes = _clock(values["opens"]), _clock(values["closes"])
    country = (values["country"] or "").upper()
    known = values["zone"] in available_timezones() and (not country or country in list_supported_countries())
    if not known or closes <= opens or not days <= {*DAYS}:
        raise _unusable()
    return BusinessHours(values["zone"], opens, closes, days, country)


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise _unusable() from None


def _unusable() -> Refused:
    return Refused(
        "The opening hours of the service desk make no sense; an administrator can correct them", code="hours"
    )
