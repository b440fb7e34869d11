"""Two warehouses with tea, an order, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from core.access import By, Caller
from core.app import Kernel
from core.departments import Department
from core.events import Happening
from core.jobs import Worker
from core.plugin import Plugin
from core.roles import Assignment, Role
from core.users import User
from tradepost import distribution, sales
from tradepost.distribution import Balance, Document, DocumentLine, DocumentState, Move, Place, PlaceKind, Stock
from tradepost.sales import Customer, Order, OrderLine, Product


@dataclass
class Depot:
    """The kernel, its administrator, a product and the warehouses."""

    kernel: Kernel
    who: Caller
    tea: Product
    places: dict[str, Place]

    async def make(self, model: type[Any], **values: object) -> Any:
        """A new record."""
        return await self.kernel.operations.create(self.who, model, values)

    async def all(self, model: type[Any], **options: Any) -> list[Any]:
        """All records of a model."""
        return await self.kernel.reader.records(self.who, model, **options)

    async def now(self, record: Any) -> Any:
        """A record as it is."""
        return await self.kernel.reader.get(self.who, type(record), record.id)

    async def act(self, record: Any, name: str, **inputs: object) -> Any:
        """An action on one record."""
        return (await self.kernel.operations.act(self.who, type(record), [record.id], name, inputs))[0]

    async def person(self, login: str, *roles: str) -> Caller:
        """Somebody of the head office with roles."""
        (office,) = await self.all(Department, limit=1)
        made = await self.make(User, login=login, name=login.title(), department=office.id)
        for name in roles:
            (role,) = await self.all(Role, where=Role.name.eq(name))
            await self.make(Assignment, role=role.id, user=made.id)
        return Caller(await self.kernel.policies.fresh(made.id), By.JOB)

    async def document(self, kind: str, quantity: object, warehouse: str = "Main", **more: Any) -> Document:
        """A draft with one line of tea."""
        given: dict[str, Any] = {name: more.pop(name) for name in ("order", "at", "customer") if name in more}
        if "to" in more:
            given["to_warehouse"] = self.places[more.pop("to")].id
        made: Document = await self.make(Document, kind=kind, warehouse=self.places[warehouse].id, **given)
        line = {"product": self.tea.id, "quantity": Decimal(str(quantity))} | more
        await self.make(DocumentLine, document=made.id, **line)
        return made

    async def move(self, kind: str, quantity: object, warehouse: str = "Main", **more: Any) -> Document:
        """A confirmed one."""
        made: Document = await self.act(await self.document(kind, quantity, warehouse, **more), "confirm")
        return made

    async def ordered(self, quantity: object = 1) -> Order:
        """A confirmed order of tea."""
        customers = await self.all(Customer, limit=1)
        customer = customers[0] if customers else await self.make(Customer, name="Tea Ltd")
        order = await self.make(Order, customer=customer.id)
        await self.make(OrderLine, order=order.id, product=self.tea.id, quantity=Decimal(str(quantity)))
        made: Order = await self.act(order, "confirm")
        return made

    async def work(self) -> None:
        """Do what waits in the outbox."""
        await Worker(self.kernel.database, self.kernel.outbox).drain()

    async def job(self, name: str) -> None:
        """Do a job of distribution's now."""
        key = f"distribution.{name}"
        happening = Happening(uuid4(), key, "", None, {}, None, datetime.now(UTC), 1)
        await self.kernel.outbox.handlers[key].deliver([happening])

    async def levels(self, product: Product | None = None) -> dict[str, tuple[Decimal, Decimal]]:
        """What is on hand and reserved, by warehouse."""
        found = await self.all(Stock, where=Stock.product.eq(product or self.tea), fields=("*", "place.name"))
        return {one.place.name: (one.on_hand, one.reserved) for one in found}

    async def stock(self) -> dict[tuple[str, str | None], Decimal]:
        """What is held by place and lot."""
        found = await self.all(Balance, fields=("*", "stock.place.name"))
        return {(one.stock.place.name, one.lot): one.quantity for one in found if one.quantity}

    async def recomputed(self) -> dict[tuple[str, str | None], Decimal]:
        """The same from the moves alone."""
        found: dict[tuple[str, str | None], Decimal] = {}
        kept = {one.id: name for name, one in self.places.items() if one.kind is PlaceKind.WAREHOUSE}
        for one in await self.all(Move):
            for place, sign in ((one.from_place, -1), (one.to_place, 1)):
                if place.id in kept:
                    key = kept[place.id], one.lot
                    found[key] = found.get(key, Decimal(0)) + sign * one.quantity
        return {key: value for key, value in found.items() if value}

    async def consistent(self) -> None:
        """Nothing vanished: lots, stock and moves agree, reservations are those of documents, nothing is below 0."""
        assert await self.stock() == await self.recomputed()
        lots: dict[Any, Decimal] = {}
        for one in await self.all(Balance):
            assert one.quantity >= 0
            lots[one.stock.id] = lots.get(one.stock.id, Decimal(0)) + one.quantity
        kept: dict[Any, Decimal] = {}
        documents = {one.id: one for one in await self.all(Document, where=Document.state.eq(DocumentState.RESERVED))}
        for line in await self.all(DocumentLine):
            if line.document.id in documents:
                key = documents[line.document.id].warehouse.id, line.product.id
                kept[key] = kept.get(key, Decimal(0)) + line.quantity
        for one in await self.all(Stock):
            assert one.on_hand == lots.get(one.id, 0) >= 0
            assert one.reserved == kept.get((one.place.id, one.product.id), 0)
            assert one.available == one.on_hand - one.reserved


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, distribution.plugin)


@pytest.fixture
async def depot(kernel: Kernel, administrator: Caller) -> Depot:
    tea = await kernel.operations.create(administrator, Product, {"code": "T", "name": "Tea", "price": "8 USD"})
    made = Depot(kernel, administrator, tea, {})
    for name in ("Main", "South"):
        made.places[name] = await made.make(Place, name=name)
    return made
