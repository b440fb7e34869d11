"""The page on which a warehouse is counted, line by line, with a phone in one hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from plugins.distribution.choices import StocktakeState
from plugins.distribution.models import Stocktake, StocktakeLine
from tradepost import EVERYTHING, Refused, Work, hookimpl
from tradepost.pages import Inset, Page, Reply, Visit

UPDATE = "distribution.stocktake.update"
MOST = 1_000
LINES = ("lot", "expires_on", "counted", "product.name", "product.unit")


async def count(visit: Visit) -> Reply:
    """What is to be counted, with a place for each figure."""
    return await _form(visit, await _asked(visit), {}, {})


async def save(visit: Visit) -> Reply:
    """Keep the figures, all of them or none."""
    stocktake = await _asked(visit)
    lines = await _lines(visit, stocktake)
    written = {one.id: ((await visit.sent(str(one.id)))[:1] or [""])[0].strip() for one in lines}
    wrong: dict[UUID, str] = {}

    async def body(work: Work) -> None:
        for one in lines:
            try:
                await work.change(one, counted=written[one.id] or None)
            except Refused as refusal:
                problem = refusal.problems[0]
                wrong[one.id] = visit.gettext(problem.message, **dict(problem.values))
        if wrong:
            raise Refused("Mend the marked fields")

    try:
        await visit.run(body)
    except Refused:
        if not wrong:
            raise
        return await _form(visit, stocktake, written, wrong)
    return visit.goto(visit.address(Stocktake, stocktake.id), visit.gettext("Saved"))


async def _asked(visit: Visit) -> Stocktake:
    return await visit.desk.get(Stocktake, visit.id(), ("number", "state", "warehouse.name"))


async def _lines(visit: Visit, stocktake: Stocktake) -> list[StocktakeLine]:
    where = StocktakeLine.stocktake.eq(stocktake) & StocktakeLine.product.where(EVERYTHING)
    return await visit.desk.find(StocktakeLine, where=where, order=("product.name", "lot"), fields=LINES, limit=MOST)


async def _form(visit: Visit, stocktake: Stocktake, written: Mapping[UUID, str], wrong: Mapping[UUID, str]) -> Reply:
    rows = [_row(visit, one, written.get(one.id), wrong.get(one.id, "")) for one in await _lines(visit, stocktake)]
    return visit.show(
        "count.html",
        status=422 if wrong else 200,
        stocktake=stocktake,
        back=visit.address(Stocktake, stocktake.id),
        open=stocktake.state is StocktakeState.COUNTING,
        rows=rows,
    )


def _row(visit: Visit, line: StocktakeLine, written: str | None, error: str) -> dict[str, Any]:
    shown = "" if line.counted is None else f"{line.counted.normalize():f}"
    return {
        "id": str(line.id),
        "name": line.product.name,
        "unit": line.product.unit,
        "lot": line.lot or "",
        "expires": visit.day(line.expires_on) if line.expires_on else "",
        "value": shown if written is None else written,
        "error": error,
    }


async def beside(visit: Visit, record: UUID) -> Mapping[str, Any] | None:
    """The way to the page, while it is counted."""
    stocktake = await visit.desk.get(Stocktake, record, ("state",))
    if stocktake.state is not StocktakeState.COUNTING:
        return None
    where = StocktakeLine.stocktake.eq(stocktake)
    every = await visit.desk.count(StocktakeLine, where)
    done = await visit.desk.count(StocktakeLine, where & StocktakeLine.counted.at_least(Decimal(0)))
    values = {"done": visit.number(done), "all": visit.number(every)}
    return values | {"href": f"/distribution/count/{record}"} if every else None


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """Counting."""
    return (Page("count/{id}", count, save, permission=UPDATE),)


@hookimpl
def tradepost_panels() -> Sequence[Inset]:
    """The way to it."""
    return (Inset(Stocktake, "Count", "counting.html", beside, UPDATE, place=10),)
