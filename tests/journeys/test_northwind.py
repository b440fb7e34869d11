"""The example of a food distributor: `import.sh` on a migrated database; nothing that it ever shipped vanished."""

from __future__ import annotations

import csv
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.app import Kernel
from core.users import User
from schema.routes import routes as api
from tests.journeys.northwind_figures import Figures, Row, figures_of
from tests.journeys.test_crm_sales import ROOT, SYSTEM, Place, ask, filled
from tradepost.app import open_kernel
from tradepost.cluster import once
from tradepost.distribution import Balance, Move, PlaceKind, Stock
from tradepost.sales import Order
from tradepost.testing import missing

EXAMPLE = ROOT / "examples" / "northwind"
FILES = ("customers.csv", "suppliers.csv", "products.csv", "employees.csv", "orders.csv", "order_details.csv")
YEARS_END = date(1997, 12, 31)

COUNTS = """{
    customers: salesCustomers { totalCount }
    suppliers: distributionSuppliers { totalCount }
    products: salesProducts { totalCount }
    orders: salesOrders { totalCount }
    lines: salesOrderLines { totalCount }
    shipped: salesOrders(filter: {state: {eq: SHIPPED}}) { totalCount }
    open: salesOrders(filter: {state: {eq: CONFIRMED}}) { totalCount }
    waiting: distributionFulfilments(filter: {state: {eq: OPEN}}) { totalCount }
}"""

pytestmark = pytest.mark.requirement("CO-8")


@pytest.fixture(scope="module")
def files() -> Path:
    found = Path(os.environ.get("TRADEPOST_TEST_DATA") or ROOT.parent / "shared" / "data") / "northwind"
    if not found.is_dir():
        missing(f"the Northwind data are not at {found}; set TRADEPOST_TEST_DATA")
    return found


def rows_of(folder: Path, name: str) -> list[Row]:
    return list(csv.DictReader((folder / name).read_text("utf-8").splitlines()))


def figures_at(folder: Path, day: date = date.max) -> Figures:
    orders, lines, products = (rows_of(folder, one) for one in ("orders.csv", "order_details.csv", "products.csv"))
    return figures_of(orders, lines, products, day)


@pytest.fixture(scope="module")
def northwind(files: Path, run_folder: Path) -> Place:
    place = Place(run_folder / "northwind")
    once(place.folder, lambda: filled(place, EXAMPLE, files))
    return place


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[tuple[Kernel, httpx.AsyncClient]]:
    """The kernel, and a program with the administrator's token."""
    async with open_kernel(place.settings) as kernel:
        app = Starlette(routes=api(kernel))
        (admin,) = await kernel.reader.records(SYSTEM, User, where=User.login.eq("admin"))
        token = await kernel.sign_in.create_token(SYSTEM, "journey", user_id=admin.id)
        headers = {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://crm.test", headers=headers) as client:
            yield kernel, client


async def value_of(client: httpx.AsyncClient, customer: str = "") -> Decimal:
    where = f'filter: {{customer: {{number: {{eq: "{customer}"}}}}}}, ' if customer else ""
    query = f"""{{ salesOrdersSummary({where}measures: [{{function: SUM, field: TOTAL}}])
        {{ measures {{ amounts {{ amount currency }} }} }} }}"""
    (row,) = (await ask(client, query))["salesOrdersSummary"]
    (amount,) = row["measures"][0]["amounts"]
    assert amount["currency"] == "USD"
    return Decimal(amount["amount"])


async def stock_at(client: httpx.AsyncClient, day: date) -> dict[str, Decimal]:
    """Stock by product at the end of a day, as GraphQL answers it."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    products = (await ask(client, "{ salesProducts(first: 100) { nodes { id code } } }"))["salesProducts"]["nodes"]
    codes = {one["id"]: one["code"] for one in products}
    query = f'{{ distributionStockAt(at: "{moment.isoformat()}") {{ productId quantity }} }}'
    found = (await ask(client, query))["distributionStockAt"]
    return {codes[one["productId"]]: Decimal(one["quantity"]) for one in found}


async def test_the_numbers_of_records_and_the_values_of_orders(northwind: Place) -> None:
    async with opened(northwind) as (_, client):
        found = {name: one["totalCount"] for name, one in (await ask(client, COUNTS)).items()}
        assert found == {
            "customers": 91,
            "suppliers": 29,
            "products": 77,
            "orders": 830,
            "lines": 2_155,
            "shipped": 809,
            "open": 21,
            "waiting": 21,
        }
        assert await value_of(client) == Decimal("1265793.29")
        assert await value_of(client, "SAVEA") == Decimal("104361.96")


async def agrees(place: Place, files: Path) -> None:
    """Orders, values, the ledger and the stock are what the files say."""
    expected = figures_at(files)
    async with opened(place) as (kernel, client):
        counted = await ask(client, COUNTS)
        assert (counted["shipped"]["totalCount"], counted["open"]["totalCount"]) == (expected.shipped, expected.open)
        assert await value_of(client) == expected.value
        fields = ("quantity", "product.code", "from_place.kind", "to_place.kind", "reverses")
        moves: list[Any] = await kernel.reader.records(SYSTEM, Move, fields=fields)
        sums: dict[PlaceKind, Decimal] = {}
        for one in moves:
            for kind, sign in ((one.to_place.kind, 1), (one.from_place.kind, -1)):
                sums[kind] = sums.get(kind, Decimal(0)) + sign * one.quantity
        assert sum(sums.values()) == 0
        assert sums[PlaceKind.WAREHOUSE] == sum(expected.stock.values())
        stocks: list[Any] = await kernel.reader.records(SYSTEM, Stock, fields=("*", "product.code"))
        assert {one.product.code: one.on_hand for one in stocks if one.on_hand} == expected.stock
        assert {one.reserved for one in stocks} == {Decimal(0)}
        lots: list[Any] = await kernel.reader.records(SYSTEM, Balance, fields=("quantity", "stock.product.code"))
        assert {one.stock.product.code: one.quantity for one in lots if one.quantity} == expected.stock


@pytest.mark.requirement("DI-9", "WH-1", "LG-4")
async def test_the_ledger_sums_to_zero_and_ends_with_the_units_in_stock(northwind: Place, files: Path) -> None:
    await agrees(northwind, files)


async def test_the_stock_of_any_day_is_what_the_files_say(northwind: Place, files: Path) -> None:
    async with opened(northwind) as (_, client):
        for day in (YEARS_END, date(1998, 5, 6)):
            assert await stock_at(client, day) == figures_at(files, day).stock
        assert await stock_at(client, date(1996, 7, 2)) == {}


async def test_orders_were_shipped_on_their_days(northwind: Place, files: Path) -> None:
    days = {row["order_id"]: row["shipped_date"] or None for row in rows_of(files, "orders.csv")}
    async with opened(northwind) as (kernel, _):
        found = await kernel.reader.records(SYSTEM, Order, fields=("number", "shipped_on"))
    assert {one.number: one.shipped_on.isoformat() if one.shipped_on else None for one in found} == days


def test_a_second_import_ships_nothing_again(northwind: Place, files: Path) -> None:
    told = northwind.run(str(EXAMPLE / "import.sh"), str(files))
    assert " 0 created, 0 updated, 830 unchanged, 0 refused" in told
    assert " 0 created, 0 updated, 2,082 unchanged, 0 refused" in told
    assert told.count("Done: confirm of 0 records") == 2


async def test_a_variant_of_the_files_agrees_with_a_recomputation(files: Path, tmp_path: Path) -> None:
    chance = Random(5)
    source = {name: rows_of(files, name) for name in FILES}
    kept = {row["order_id"] for row in source["orders.csv"] if chance.random() < 0.1}
    orders = [dict(row) for row in source["orders.csv"] if row["order_id"] in kept]
    for row in orders:
        if chance.random() < 0.2:
            row["shipped_date"] = ""
    lines = [dict(row) for row in source["order_details.csv"] if row["order_id"] in kept]
    for row in lines:
        row["quantity"] = str(chance.randint(1, 90))
        row["discount"] = f"0.{chance.randint(0, 30):02}"
    chance.shuffle(lines)
    for name, rows in (source | {"orders.csv": orders, "order_details.csv": lines}).items():
        with (tmp_path / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    await agrees(filled(Place(tmp_path), EXAMPLE, tmp_path), tmp_path)


def test_the_recomputation_agrees_with_the_known_figures(files: Path) -> None:
    found = figures_at(files)
    assert (found.shipped, found.open, found.value) == (809, 21, Decimal("1265793.29"))
    assert found.values["SAVEA"] == Decimal("104361.96")
    units = {row["product_id"]: Decimal(row["units_in_stock"]) for row in rows_of(files, "products.csv")}
    assert found.stock == {product: quantity for product, quantity in units.items() if quantity}
