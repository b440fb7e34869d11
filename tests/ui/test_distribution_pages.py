"""The pages of distribution: stock by warehouse, dispatch, an order's goods; for those who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.access import Origin
from core.plugin import Plugin
from tests.ui.conftest import SYSTEM
from tradepost import distribution, sales
from tradepost.distribution import Document, DocumentLine, DocumentState, Fulfilment, Place, Stock
from tradepost.sales import Customer, Order, OrderLine, Product


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, distribution.plugin)


@pytest.fixture
async def goods(firm: Any) -> dict[str, Any]:
    """Tea in two warehouses, and a confirmed order of it."""
    tea = await firm.make(Product, code="T", name="Tea <green>", price="8 USD")
    places = [await firm.make(Place, name=name) for name in ("Main", "South")]
    for place, quantity, at in zip(places, (4, 9), (datetime(2026, 3, 1, 12, tzinfo=UTC), None), strict=True):
        document = await firm.make(Document, kind="purchase", warehouse=place.id, at=at)
        await firm.make(DocumentLine, document=document.id, product=tea.id, quantity=Decimal(quantity))
        await act(firm, document, "confirm")
    customer = await firm.make(Customer, name="Harbour Trading")
    order = await firm.make(Order, customer=customer.id, required_on="2026-03-05")
    await firm.make(OrderLine, order=order.id, product=tea.id, quantity=Decimal(6))
    await act(firm, order, "confirm")
    return {"tea": tea, "main": places[0], "south": places[1], "customer": customer, "order": order}


async def act(firm: Any, record: Any, name: str, **inputs: object) -> None:
    await firm.kernel.operations.act(SYSTEM, type(record), [record.id], name, inputs)


@pytest.mark.requirement("WH-1", "LG-4")
async def test_stock_is_shown_by_warehouse_now_and_on_any_day(firm, goods):
    await firm.user("wil", "Warehouse keeper")
    wil = await firm.signed_in("wil")
    page = (await wil.get("/distribution/stock-by-warehouse")).text
    assert "Tea &lt;green&gt;" in page
    assert "<span>4</span>" in page
    assert "<span>9</span>" in page
    assert 'data-label="In all">13<' in page
    past = (await wil.get("/distribution/stock-by-warehouse?day=2026-03-01&q=tea")).text
    assert "At the end of Mar 1, 2026" in past
    assert "<span>4</span>" in past
    assert "South" not in past
    for query in ("day=2026-02-28", "q=coffee"):
        assert "There is no stock" in (await wil.get(f"/distribution/stock-by-warehouse?{query}")).text
    wrong = await wil.get("/distribution/stock-by-warehouse?day=yesterday")
    assert (wrong.status_code, "Write a day like 2026-11-22" in wrong.text) == (422, True)
    await firm.user("nobody")
    nobody = await firm.signed_in("nobody")
    for path in ("stock-by-warehouse", "dispatch"):
        assert (await nobody.get(f"/distribution/{path}")).status_code == 403


@pytest.mark.requirement("LG-5")
async def test_a_dispatcher_allocates_an_order_and_the_warehouse_ships_it(firm, goods):
    await firm.user("dee", "Dispatcher")
    await firm.user("wil", "Warehouse keeper")
    dee, wil = await firm.signed_in("dee"), await firm.signed_in("wil")
    page = (await dee.get("/distribution/dispatch")).text
    assert "6 × Tea &lt;green&gt;" in page
    assert page.index(">South<") < page.index(">Main –")  # what has all of it comes first
    (todo,) = await firm.all(Fulfilment)
    sent = {"fulfilment": str(todo.id), "warehouse": str(goods["main"].id)}
    refused = await dee.post("/distribution/dispatch", sent)
    assert (refused.status_code, "There is not enough stock of Tea &lt;green&gt;" in refused.text) == (422, True)
    assert (await dee.post("/distribution/dispatch", {"fulfilment": "x"})).status_code == 422
    assert await firm.all(Document, where=Document.order.eq(goods["order"])) == []
    assert (await wil.post("/distribution/dispatch", sent)).status_code in (403, 404)
    done = await dee.post("/distribution/dispatch", sent | {"warehouse": str(goods["south"].id)})
    assert done.status_code == 303
    assert "Nothing waits" in (await dee.get("/distribution/dispatch")).text
    (document,) = await firm.all(Document, where=Document.order.eq(goods["order"]))
    assert document.state is DocumentState.RESERVED
    assert (await dee.post(f"/distribution/documents/{document.id}/do/confirm")).status_code == 403
    assert (await wil.post(f"/distribution/documents/{document.id}/do/confirm")).status_code == 303
    (stock,) = await firm.all(Stock, where=Stock.place.eq(goods["south"]))
    assert (stock.on_hand, stock.reserved) == (Decimal(3), Decimal(0))


@pytest.mark.requirement("DI-12", "DI-16")
async def test_an_order_shows_its_goods_and_shipments_and_so_does_the_customer(firm, goods):
    (todo,) = await firm.all(Fulfilment)
    await act(firm, todo, "allocate", warehouse=goods["south"].id)
    (document,) = await firm.all(Document, where=Document.order.eq(goods["order"]))
    ann = await firm.user("ann", "Salesperson")
    await firm.kernel.operations.transfer(SYSTEM, Order, [goods["order"].id], ann)
    pages = await firm.signed_in("ann")
    address = f"/sales/orders/{goods['order'].id}"
    page = (await pages.get(address)).text
    panel = page[page.index('aria-label="Stock and logistics"') :]
    assert 'data-label="Ordered">6<' in panel
    assert 'data-label="Reserved">6<' in panel
    assert "Main: 4, South: 3" in panel
    await act(firm, document, "confirm")
    admin = await firm.signed_in("admin")
    for path in (address, f"/sales/customers/{goods['customer'].id}"):
        page = (await admin.get(path)).text
        assert f'data-row="/distribution/documents/{document.id}' in page
    assert document.number in page[page.index('aria-label="Timeline"') :]
    assert 'data-label="Shipped">6<' in (await admin.get(address)).text


async def test_distribution_is_read_in_chinese_and_korean(firm, goods):
    user = await firm.user("wil", "Warehouse keeper")
    pages = await firm.signed_in("wil")
    for language, words in (("zh_Hans", ("各仓库存", "合计")), ("ko", ("창고별 재고", "합계"))):
        caller = await firm.kernel.sign_in.caller_of_session(
            pages.client.cookies[firm.kernel.settings.session_cookie("http")], Origin()
        )
        await firm.kernel.accounts.set_preferences(caller, language=language, zone="UTC")
        await firm.kernel.policies.fresh(user)
        page = (await pages.get("/distribution/stock-by-warehouse")).text
        assert [one in page for one in words] == [True, True]
