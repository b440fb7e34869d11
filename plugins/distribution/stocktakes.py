"""Counting what is really there, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from plugins.distribution.choices import DocumentKind, DocumentState, StocktakeState
from plugins.distribution.documents import carry_out, take_back
from plugins.distribution.ledger import Ledger
from plugins.distribution.models import Balance, Document, DocumentLine, Place, Stock, Stocktake, StocktakeLine
from tradepost import Refused, Resource, Work, action

COUNTING = Stocktake.state.eq(StocktakeState.COUNTING)


class Stocktakes(Resource[Stocktake]):
    """Counts of what is really in a warehouse."""

    columns = ("number", "warehouse", "state", "confirmed_at", "owner", "created_at")
    filters = ("warehouse", "state", "confirmed_at", "owner")
    form: ClassVar = {"Stocktake": ("number", "warehouse", "remark")}
    related = ("lines", "documents")
    icon = "clipboard-list"
    menu = 40

    @action(label="List what should be there", when=COUNTING)
    async def prepare(self, work: Work, stocktake: Stocktake) -> Stocktake:
        """Add a line for each product and lot that should be there; what was counted is written beside it."""
        await work.get(Place, stocktake.warehouse.id)
        ours = work.elevated("who counts a warehouse counts all that is in it")
        lines = await ours.find(StocktakeLine, where=StocktakeLine.stocktake.eq(stocktake))
        known = {(one.product, one.lot or "") for one in lines}
        stocks = {one: one.product for one in await ours.find(Stock, where=Stock.place.eq(stocktake.warehouse))}
        where = Balance.stock.where(Stock.place.eq(stocktake.warehouse)) & Balance.quantity.above(Decimal(0))
        for one in await ours.find(Balance, where=where, order=("created_at",)):
            product = stocks[one.stock]
            if (product, one.lot or "") not in known:
                given = {"product": product, "lot": one.lot, "expires_on": one.expires_on}
                await work.create(StocktakeLine, stocktake=stocktake, **given)
        return stocktake

    @action(when=COUNTING)
    async def confirm(self, work: Work, stocktake: Stocktake) -> Stocktake:
        """Take what was counted over into the stock: the difference is found or lost."""
        await work.get(Place, stocktake.warehouse.id)
        ours = work.elevated("who counts a warehouse counts all that is in it")
        lines = await ours.find(StocktakeLine, where=StocktakeLine.stocktake.eq(stocktake), order=("created_at",))
        counted = [one for one in lines if one.counted is not None]
        if not counted:
            raise Refused("Nothing was counted")
        ledger = await Ledger.of(work, [stocktake.warehouse])
        done = [await _compared(work, ledger, stocktake, one) for one in counted]
        await _write(work, stocktake, DocumentKind.FOUND, [one for one in done if (one.difference or 0) > 0])
        await _write(work, stocktake, DocumentKind.LOST, [one for one in done if (one.difference or 0) < 0])
        return await work.change(stocktake, state=StocktakeState.CONFIRMED, confirmed_at=work.now)

    @action(when=~Stocktake.state.eq(StocktakeState.VOID), danger=True)
    async def void(self, work: Work, stocktake: Stocktake) -> Stocktake:
        """Take the count back, and what was found or lost by it."""
        ours = work.elevated("a count is taken over as a whole")
        where = Document.stocktake.eq(stocktake) & Document.state.eq(DocumentState.CONFIRMED)
        for one in await ours.find(Document, where=where, order=("created_at",)):
            await take_back(ours, one)
        return await work.change(stocktake, state=StocktakeState.VOID)

    async def complete(self, work: Work, before: Stocktake | None, after: Stocktake) -> Mapping[str, object]:
        """Give it the next number."""
        return {} if after.number else {"number": f"C{await work.number('distribution.stocktake'):06}"}

    async def check(self, work: Work, before: Stocktake | None, after: Stocktake) -> None:
        """A count stays in its warehouse once it was confirmed."""
        if before is not None and before.state is not StocktakeState.COUNTING and before.warehouse != after.warehouse:
            raise Refused("Only an open count can be changed", field="warehouse", code="state")

    async def changed(self, work: Work, before: Stocktake | None, after: Stocktake) -> None:
        """What was taken over does not go into the recycle bin."""
        if after.archived_at is not None and after.state is StocktakeState.CONFIRMED:
            raise Refused("Void the count instead", code="state")


async def _compared(work: Work, ledger: Ledger, stocktake: Stocktake, line: StocktakeLine) -> StocktakeLine:
    """A line with what there should have been."""
    stock = await ledger.stock(stocktake.warehouse, line.product)
    found = [one.quantity for one in await ledger.balances(stock) if (one.lot or "") == (line.lot or "")]
    expected = sum(found, Decimal(0))
    return await work.change(line, expected=expected, difference=(line.counted or Decimal(0)) - expected)


async def _write(work: Work, stocktake: Stocktake, kind: DocumentKind, lines: list[StocktakeLine]) -> None:
    """A document of what was found, or lost."""
    if not lines:
        return
    ours = work.elevated("a count is taken over as a whole")
    number = f"{stocktake.number} {kind.value}"
    document = await ours.create(Document, number=number, kind=kind, warehouse=stocktake.warehouse, stocktake=stocktake)
    for one in lines:
        given = {"product": one.product, "lot": one.lot, "expires_on": await _expiry(ours, stocktake, one)}
        await ours.create(DocumentLine, document=document, quantity=abs(one.difference or Decimal(0)), **given)
    await carry_out(ours, document)


async def _expiry(ours: Work, stocktake: Stocktake, line: StocktakeLine) -> object:
    """A lot that is known keeps its expiry date."""
    where = Balance.stock.where(Stock.place.eq(stocktake.warehouse) & Stock.product.eq(line.product))
    known = [one for one in await ours.find(Balance, where=where) if (one.lot or "") == (line.lot or "")]
    return known[0].expires_on if known and known[0].quantity else line.expires_on


class StocktakeLines(Resource[StocktakeLine]):
    """What was counted."""

    columns = ("stocktake", "product", "lot", "expires_on", "expected", "counted", "difference")
    menu = None

    async def check(self, work: Work, before: StocktakeLine | None, after: StocktakeLine) -> None:
        """A line stays with its count."""
        if before is not None and before.stocktake != after.stocktake:
            raise Refused("A line stays with its count", field="stocktake")

    async def changed(self, work: Work, before: StocktakeLine | None, after: StocktakeLine) -> None:
        """Only an open count changes; nothing is counted twice in it."""
        (stocktake,) = await work.locked(Stocktake, [after.stocktake.id])
        if stocktake.state is not StocktakeState.COUNTING:
            raise Refused("Only an open count can be changed", code="state")
        where = StocktakeLine.stocktake.eq(stocktake) & StocktakeLine.product.eq(after.product)
        same = [one for one in await work.find(StocktakeLine, where=where) if (one.lot or "") == (after.lot or "")]
        if len(same) > 1:
            raise Refused("This is counted in another line already", field="product", code="taken")
