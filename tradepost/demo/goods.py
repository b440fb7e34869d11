"""The sample company's goods: bodies, warehouses, suppliers, stock with lots, orders on their way to the customers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TypeAlias

from core.access import Caller
from core.app import Kernel
from core.departments import Department
from core.work import Work
from tradepost.distribution import (
    Body,
    Document,
    DocumentKind,
    DocumentLine,
    Fulfilment,
    Place,
    Stocktake,
    StocktakeLine,
    Supplier,
    Supply,
    Tier,
)
from tradepost.sales import Collection, Customer, Order, OrderLine, PaymentMethod, Product

ORDERS = 80
BODIES = (
    ("Lantern Pumps", Tier.HEAD_OFFICE, "", "Sales"),
    ("Asia branch", Tier.BRANCH, "Lantern Pumps", "Sales Asia"),
    ("West branch", Tier.BRANCH, "Lantern Pumps", "Sales West"),
    ("上海办事处", Tier.OFFICE, "Asia branch", "上海"),
    ("北京代理", Tier.AGENT, "Asia branch", "北京"),
    ("서울 사무소", Tier.OFFICE, "Asia branch", "서울"),
    ("London office", Tier.OFFICE, "West branch", "London"),
    ("Chicago dealer", Tier.DEALER, "West branch", "Chicago"),
)
WAREHOUSES = (("Central warehouse", "Lantern Pumps"), ("上海仓库", "Asia branch"), ("London depot", "West branch"))
SUPPLIERS = (("Tidewater Castings", "TC"), ("Northern Seals", "NS"), ("海河电机", "HH"))
Lot: TypeAlias = tuple[str | None, date | None]
FATES = ("draft", "confirm", "confirm", "allocate", "ship", "ship", "ship", "partly", "return")


async def store(kernel: Kernel, caller: Caller, chance: Random) -> None:
    """Make the records."""
    await kernel.operations.run(caller, lambda work: Storing(work, chance).run())


class Storing:
    """Makes all of them in one unit of work."""

    def __init__(self, work: Work, chance: Random) -> None:
        self.work = work
        self.chance = chance
        self.places: list[Place] = []
        self.products: list[Product] = []

    async def run(self) -> None:
        """The network, then its stock, then what is ordered."""
        goods = Product.on_shelf.eq(True) & ~Product.category.eq("Service")
        self.products = await self.work.find(Product, where=goods, order=("code",))
        await self._open()
        await self._buy()
        customers = await self.work.find(Customer, where=~Customer.owner.empty(), order=("created_at",), limit=ORDERS)
        for number, customer in enumerate(customers):
            await self._sell(customer, number)
        await self._count()

    async def _open(self) -> None:
        bodies: dict[str, Body] = {}
        for name, tier, above, staff in BODIES:
            (department,) = await self.work.find(Department, where=Department.name.eq(staff), limit=1)
            parent = bodies[above].id if above else None
            bodies[name] = await self.work.create(Body, name=name, tier=tier, parent=parent, staff=department.id)
        for name, body in WAREHOUSES:
            self.places.append(await self.work.create(Place, name=name, body=bodies[body].id))

    async def _buy(self) -> None:
        """Suppliers, and what came from them in lots, of which some expire soon."""
        for place, (name, number) in enumerate(SUPPLIERS):
            supplier = await self.work.create(Supplier, name=name, number=number, contact="Sales desk")
            for product in self.products[place :: len(SUPPLIERS)]:
                given = {"code": f"{number}-{product.code}", "days": self.chance.randint(7, 60)}
                await self.work.create(Supply, supplier=supplier.id, product=product.id, **given)
            lot = f"{number}26A", (self.work.now + timedelta(days=self.chance.choice((20, 200, 400)))).date()
            for warehouse in self.places:
                lines = [(one, self.chance.randint(40, 160)) for one in self.products[place :: len(SUPPLIERS)]]
                await self._document(DocumentKind.PURCHASE, warehouse, lines, lot, supplier=supplier.id)
        for product in self.products[::2]:
            await self.work.act(self.places[0], "set_safety_stock", product=product.id, quantity=Decimal(120))
        moved = [(one, 10) for one in self.products[:3]]
        await self._document(DocumentKind.TRANSFER, self.places[0], moved, to_warehouse=self.places[1].id)

    async def _document(
        self,
        kind: DocumentKind,
        warehouse: Place,
        lines: list[tuple[Product, int]],
        lot: Lot = (None, None),
        **values: object,
    ) -> Document:
        made = await self.work.create(Document, kind=kind, warehouse=warehouse.id, **values)
        for product, quantity in lines:
            given = {"product": product.id, "quantity": Decimal(quantity), "lot": lot[0], "expires_on": lot[1]}
            await self.work.create(DocumentLine, document=made.id, **given)
        return await self.work.act(made, "confirm")

    async def _sell(self, customer: Customer, number: int) -> None:
        """An order of a customer, and how far it has come."""
        today = self.work.now.date()
        days = {
            "placed_on": today - timedelta(days=number % 40),
            "required_on": today + timedelta(days=number % 25 - 5),
        }
        order = await self.work.create(Order, customer=customer.id, owner=customer.owner, **days)
        for product in self.chance.sample(self.products, 2):
            given = {"product": product.id, "quantity": Decimal(self.chance.randint(1, 6))}
            await self.work.create(OrderLine, order=order.id, **given)
        fate = FATES[number % len(FATES)]
        if fate != "draft":
            await self.work.act(order, "confirm")
            await self._fulfil(order, fate, self.places[number % len(self.places)])
            await self._collect(order, number)

    async def _collect(self, order: Order, number: int) -> None:
        """Every third order was paid, every third is to be paid within a month."""
        amount = (await self.work.get(Order, order.id)).total
        if number % 3 == 0:
            paid = {"received_on": self.work.now.date(), "method": PaymentMethod.BANK_TRANSFER}
            await self.work.create(Collection, order=order.id, amount=amount, **paid)
        elif number % 3 == 1:
            due = self.work.now.date() + timedelta(days=30)
            await self.work.create(Collection, order=order.id, amount=amount, due_on=due)

    async def _fulfil(self, order: Order, fate: str, warehouse: Place) -> None:
        if fate == "confirm":
            return
        (todo,) = await self.work.find(Fulfilment, where=Fulfilment.order.eq(order))
        await self.work.act(todo, "allocate", warehouse=warehouse.id)
        if fate == "allocate":
            return
        (document,) = await self.work.find(Document, where=Document.order.eq(order))
        lines = await self.work.find(DocumentLine, where=DocumentLine.document.eq(document))
        if fate == "partly":
            document = await self.work.act(document, "release")
            await self.work.archive(lines[0])
        await self.work.act(document, "confirm")
        if fate == "return":
            back = [(lines[0].product, 1)]
            await self._document(DocumentKind.CUSTOMER_RETURN, warehouse, back, order=order.id)

    async def _count(self) -> None:
        """A count that is confirmed, and one that goes on."""
        for warehouse in self.places[:2]:
            count = await self.work.create(Stocktake, warehouse=warehouse.id, remark="Yearly count")
            count = await self.work.act(count, "prepare")
            lines = await self.work.find(StocktakeLine, where=StocktakeLine.stocktake.eq(count), limit=4)
            if warehouse is self.places[0]:
                for line in lines:
                    await self.work.change(line, counted=Decimal(self.chance.randint(30, 120)))
                await self.work.act(count, "confirm")
