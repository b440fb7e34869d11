"""Warnings of too little stock and of lots that expire: each is told once, by an event, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from plugins.distribution.choices import WarningKind
from plugins.distribution.models import Balance, Stock, StockWarning
from tradepost import Happening, Job, Office, On, Option, Work, hookimpl
from tradepost.fields import integer


async def look_at_lots(office: Office, _: Happening) -> None:
    """Tell once of each lot that expires soon."""
    await office.run(mark_expiring)


async def mark_expiring(work: Work) -> None:
    """Mark the lots that expire soon, and tell of those that were not marked before."""
    last = work.now.date() + timedelta(days=await work.option("distribution.expiry_days"))
    soon = Balance.expires_on.at_most(last) & Balance.quantity.above(Decimal(0)) & Balance.expiring.eq(False)
    for one in await work.find(Balance, where=soon):
        work.emit(await work.change(one, expiring=True), "expire")


async def warn_low(work: Work, happening: Happening) -> None:
    """Keep that there was too little."""
    stock = await work.get(Stock, happening.record or UUID(int=0))
    await work.create(StockWarning, stock=stock, kind=WarningKind.SAFETY_STOCK, quantity=stock.available)


async def warn_expiring(work: Work, happening: Happening) -> None:
    """Keep that a lot was about to expire."""
    lot = await work.get(Balance, happening.record or UUID(int=0))
    given = {"lot": lot.lot, "expires_on": lot.expires_on, "quantity": lot.quantity}
    await work.create(StockWarning, stock=lot.stock, kind=WarningKind.EXPIRY, **given)


@hookimpl
def tradepost_events() -> Sequence[On]:
    """Keeping what was warned of."""
    return (
        On("low", ("distribution.stock.low",), warn_low),
        On("expire", ("distribution.balance.expire",), warn_expiring),
    )


@hookimpl
def tradepost_jobs() -> Sequence[Job]:
    """Looking at expiry dates."""
    return (Job("expiry", look_at_lots, every=timedelta(hours=6)),)


@hookimpl
def tradepost_settings() -> Sequence[Option]:
    """How early a warning comes."""
    return (Option("expiry_days", integer(default=30, minimum=0, label="Days of warning before a lot expires")),)
