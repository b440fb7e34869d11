"""Counting, safety stock, expiry: what is told, and told once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import Refused
from tests.plugins.distribution.conftest import Depot
from tradepost.distribution import (
    Balance,
    Document,
    DocumentKind,
    Stock,
    Stocktake,
    StocktakeLine,
    StocktakeState,
    StockWarning,
    Supplier,
    Supply,
    WarningKind,
)
from tradepost.sales import Product


@pytest.mark.requirement("WH-10")
async def test_a_count_finds_and_loses_what_differs_and_can_be_taken_back(depot: Depot) -> None:
    cup = await depot.make(Product, code="C", name="Cup", price="1 USD")
    await depot.move("purchase", 10)
    await depot.move("purchase", 5, lot="A", expires_on=date(2027, 1, 1))
    await depot.move("purchase", 7, product=cup.id)
    count = await depot.make(Stocktake, warehouse=depot.places["Main"].id)
    await depot.act(count, "prepare")
    lines = {
        (one.product.id, one.lot): one
        for one in await depot.all(StocktakeLine, where=StocktakeLine.stocktake.eq(count))
    }
    assert set(lines) == {(depot.tea.id, None), (depot.tea.id, "A"), (cup.id, None)}
    with pytest.raises(Refused, match="Nothing was counted"):
        await depot.act(count, "confirm")
    update = depot.kernel.operations.update
    await update(depot.who, StocktakeLine, lines[depot.tea.id, None].id, {"counted": "8.5"})
    await update(depot.who, StocktakeLine, lines[depot.tea.id, "A"].id, {"counted": "6"})
    await depot.move("sale", 1, product=cup.id)  # while it is counted, the others go on
    await depot.act(count, "confirm")
    found = {one.id: (one.expected, one.difference) for one in await depot.all(StocktakeLine)}
    assert found[lines[depot.tea.id, None].id] == (Decimal(10), Decimal("-1.5"))
    assert found[lines[depot.tea.id, "A"].id] == (Decimal(5), Decimal(1))
    assert found[lines[cup.id, None].id] == (None, None)
    assert await depot.levels() == {"Main": (Decimal("14.5"), Decimal(0))}
    assert await depot.levels(cup) == {"Main": (Decimal(6), Decimal(0))}
    documents = await depot.all(Document, where=Document.stocktake.eq(count))
    assert {one.kind for one in documents} == {DocumentKind.FOUND, DocumentKind.LOST}
    with pytest.raises(Refused, match="open count"):
        await update(depot.who, StocktakeLine, lines[cup.id, None].id, {"counted": "1"})
    assert (await depot.act(count, "void")).state is StocktakeState.VOID
    assert await depot.levels() == {"Main": (Decimal(15), Decimal(0))}


async def test_nothing_is_counted_twice(depot: Depot) -> None:
    count = await depot.make(Stocktake, warehouse=depot.places["Main"].id)
    await depot.make(StocktakeLine, stocktake=count.id, product=depot.tea.id, counted=Decimal(3))
    with pytest.raises(Refused, match="another line already"):
        await depot.make(StocktakeLine, stocktake=count.id, product=depot.tea.id, counted=Decimal(3))
    await depot.act(count, "confirm")
    assert await depot.levels() == {"Main": (Decimal(3), Decimal(0))}
    await depot.consistent()


@pytest.mark.requirement("WH-7", "WH-8")
async def test_too_little_stock_is_warned_of_once_until_there_was_enough_again(depot: Depot) -> None:
    main = depot.places["Main"]
    await depot.act(main, "set_safety_stock", product=depot.tea.id, quantity="5")
    await depot.work()
    assert [one.kind for one in await depot.all(StockWarning)] == [WarningKind.SAFETY_STOCK]
    await depot.move("purchase", 8)
    (stock,) = await depot.all(Stock)
    assert stock.low is False
    kept = await depot.act(await depot.document("sale", 4), "reserve")
    await depot.move("sale", 1)
    await depot.work()
    (stock,) = await depot.all(Stock)
    assert (stock.low, stock.available) == (True, Decimal(3))
    warned = await depot.all(StockWarning, order=("created_at",))
    assert [one.kind for one in warned] == [WarningKind.SAFETY_STOCK] * 2
    await depot.act(kept, "void")
    (stock,) = await depot.all(Stock)
    assert stock.low is False
    await depot.act(stock, "set_safety_stock", quantity="0")
    await depot.move("sale", 7)
    await depot.work()
    assert len(await depot.all(StockWarning)) == 2


@pytest.mark.requirement("WH-9")
async def test_a_lot_that_expires_soon_is_warned_of_once(depot: Depot) -> None:
    today = datetime.now(UTC).date()
    await depot.move("purchase", 3, lot="SOON", expires_on=today + timedelta(days=20))
    await depot.move("purchase", 3, lot="LATER", expires_on=today + timedelta(days=200))
    await depot.move("purchase", 3)
    for _ in range(2):
        await depot.job("expiry")
        await depot.work()
    (warning,) = await depot.all(StockWarning)
    assert (warning.kind, warning.lot, warning.quantity) == (WarningKind.EXPIRY, "SOON", Decimal(3))
    assert [one.lot for one in await depot.all(Balance, where=Balance.expiring.eq(True))] == ["SOON"]


@pytest.mark.requirement("PR-9", "PR-10")
async def test_suppliers_sell_products_to_us_and_purchases_name_them(depot: Depot) -> None:
    supplier = await depot.make(Supplier, name="Hill Gardens", number="S1", phones=["+86 138 0013 8000"])
    own = await depot.make(Product, code="C", name="Cup", price="1 USD")
    await depot.make(Supply, supplier=supplier.id, product=depot.tea.id, code="HG-7", price="3 USD", days=14)
    bought = await depot.all(Product, where=Product.code.eq("T"), fields=("supplies.code", "supplies.price"))
    assert [one.code for one in bought[0].supplies] == ["HG-7"]
    (ours,) = await depot.all(Product, where=Product.code.eq("C"), fields=("supplies.code",))
    assert (ours.id, list(ours.supplies)) == (own.id, [])
    came = await depot.move("purchase", 5)
    given = {"supplier": supplier.id}
    draft = await depot.document("purchase", 5)
    await depot.kernel.operations.update(depot.who, Document, draft.id, given)
    await depot.act(draft, "confirm")
    assert [one.id for one in await depot.all(Document, where=Document.supplier.eq(supplier))] == [draft.id]
    assert came.supplier is None
