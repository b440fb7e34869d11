"""What distribution remembers: bodies, places, suppliers, documents, the ledger of moves, and the stock."""

from __future__ import annotations

from decimal import Decimal

from plugins.distribution.choices import (
    KEPT,
    Direction,
    DocumentKind,
    DocumentState,
    FulfilmentState,
    PlaceKind,
    StocktakeState,
    Tier,
    WarningKind,
)
from tradepost import Department, Meta, Model
from tradepost.fields import (
    boolean,
    choice,
    date,
    decimal,
    email,
    integer,
    link,
    moment,
    money,
    note,
    phones,
    text,
    url,
)
from tradepost.sales import Customer, Order, Product


class Body(Model):
    """A part of the distribution network: the head office, a branch, an office, an agent or a dealer."""

    meta = Meta(plural="bodies", order=("name",), key=("name",))

    name = text(200, required=True, unique=True, search=True)
    tier = choice(Tier, required=True)
    parent = link("self", back="subordinates", label="Above it")
    staff = link(Department, label="Its department", help="Orders that belong to this department are its orders")
    address = text(255)
    remark = note()


class Supplier(Model):
    """A company that goods are bought from."""

    meta = Meta(order=("name",), key=("name",))

    name = text(200, required=True, search=True)
    number = text(64, unique=True, search=True, help="By which it is known elsewhere")
    contact = text(120, search=True, label="Contact person")
    phones = phones()
    email = email(search=True)
    website = url()
    address = text(255, search=True)
    remark = note()


class Supply(Model):
    """A product that a supplier sells to us."""

    meta = Meta(
        title="code",
        plural="supplies",
        part_of="supplier",
        order=("created_at",),
        key=("supplier.number", "product.code"),
    )

    supplier = link(Supplier, required=True, back="supplies")
    product = link(Product, required=True, back="supplies")
    code = text(64, label="Their code", help="By which the supplier knows it")
    price = money(minimum=0, label="Purchase price")
    days = integer(minimum=0, label="Delivery time", help="In days")


class Place(Model):
    """Where goods are: a warehouse, on the way, or outside with suppliers, with customers, or lost."""

    meta = Meta(order=("name",), key=("name",))

    name = text(200, required=True, unique=True, search=True)
    kind = choice(PlaceKind, default=PlaceKind.WAREHOUSE)
    body = link(Body, back="places")
    address = text(255)


OURS = Place.kind.is_in(KEPT)


class Stocktake(Model):
    """A count of what is really in a warehouse."""

    meta = Meta(title="number", key=("number",))

    number = text(64, unique=True, search=True, help="The next one if left empty")
    warehouse = link(Place, required=True, back="stocktakes", where=OURS)
    state = choice(StocktakeState, default=StocktakeState.COUNTING, readonly=True)
    confirmed_at = moment(readonly=True)
    remark = note()


class StocktakeLine(Model):
    """What was counted of a product."""

    meta = Meta(
        title="lot", order=("created_at",), part_of="stocktake", key=("stocktake.number", "product.code", "lot")
    )

    stocktake = link(Stocktake, required=True, back="lines")
    product = link(Product, required=True, back="stocktake_lines")
    lot = text(64)
    expires_on = date(help="Of a lot that was not known yet")
    counted = decimal(3, minimum=0, help="Empty: it was not counted")
    expected = decimal(3, readonly=True, help="What there should have been when the count was confirmed")
    difference = decimal(3, readonly=True)


class Document(Model):
    """Goods that come in, go out or are transferred; they move when it is confirmed."""

    meta = Meta(
        title="number",
        key=("number",),
        indexes=(("state", "created_at"), ("direction", "created_at"), ("customer", "at")),
    )

    number = text(64, unique=True, search=True, help="The next one if left empty")
    kind = choice(DocumentKind, required=True)
    direction = choice(Direction, readonly=True)
    state = choice(DocumentState, default=DocumentState.DRAFT, readonly=True)
    warehouse = link(Place, required=True, back="documents", where=OURS)
    to_warehouse = link(Place, back="arrivals", where=OURS, label="To", help="Of a transfer; else it is left empty")
    order = link(Order, back="shipments", help="Of a sale or its return")
    customer = link(Customer, back="shipments", help="That of the order, if there is one")
    supplier = link(Supplier, back="documents", help="Of a purchase or its return")
    stocktake = link(Stocktake, back="documents", readonly=True)
    at = moment(label="When", help="When the goods moved; the moment of confirming it if left empty")
    confirmed_at = moment(readonly=True)
    remark = note()


class DocumentLine(Model):
    """Goods of a document."""

    meta = Meta(title="lot", order=("created_at",), part_of="document", key=("document.number", "product.code", "lot"))

    document = link(Document, required=True, back="lines")
    product = link(Product, required=True, back="document_lines")
    quantity = decimal(3, default=Decimal(1), minimum=0)
    lot = text(64, help="Printed on the goods; if left empty, what expires first goes out first")
    expires_on = date(help="Of the lot, when it comes in")


class Move(Model):
    """A quantity that went from one place to another; never changed, only reversed by another."""

    meta = Meta(
        title="source",
        part_of="document",
        append_only=True,
        order=("-at", "source"),
        indexes=(("product", "at"), ("from_place", "product", "at"), ("to_place", "product", "at")),
    )

    document = link(Document, required=True, back="moves", readonly=True)
    source = text(100, required=True, unique=True, readonly=True, help="What it follows from; never twice")
    at = moment(required=True, readonly=True, label="When")
    product = link(Product, required=True, back="moves", readonly=True)
    from_place = link(Place, required=True, back="moves_out", readonly=True, label="From")
    to_place = link(Place, required=True, back="moves_in", readonly=True, label="To")
    lot = text(64, readonly=True)
    expires_on = date(readonly=True)
    quantity = decimal(3, required=True, readonly=True)
    reverses = link("self", back="reversals", readonly=True)


class Stock(Model):
    """How much of a product is in a warehouse now, and how much of it is reserved."""

    meta = Meta(title="name", order=("name",), together=(("place", "product"),))

    name = text(420, search=True, readonly=True, help="The product and the warehouse")
    place = link(Place, required=True, back="stocks", readonly=True, label="Warehouse")
    product = link(Product, required=True, back="stocks", readonly=True)
    on_hand = decimal(3, default=Decimal(0), readonly=True)
    reserved = decimal(3, default=Decimal(0), readonly=True)
    available = decimal(3, default=Decimal(0), readonly=True, help="On hand and not reserved")
    safety_stock = decimal(
        3, default=Decimal(0), readonly=True, help="A warning comes when less than this is available"
    )
    low = boolean(readonly=True, label="Below safety stock")


class Balance(Model):
    """How much of a lot is in a warehouse now; it follows from the moves."""

    meta = Meta(title="lot", part_of="stock", order=("expires_on",), indexes=(("stock", "lot"),))

    stock = link(Stock, required=True, back="balances", readonly=True)
    lot = text(64, readonly=True)
    expires_on = date(readonly=True)
    quantity = decimal(3, default=Decimal(0), readonly=True)
    expiring = boolean(readonly=True, help="It was warned of")


class StockWarning(Model):
    """A warning that was given about stock, once for each time that it came to it."""

    meta = Meta(title="lot", part_of="stock", append_only=True)

    stock = link(Stock, required=True, back="warnings", readonly=True)
    kind = choice(WarningKind, required=True, readonly=True)
    lot = text(64, readonly=True)
    expires_on = date(readonly=True)
    quantity = decimal(3, readonly=True, label="Available then")


class Fulfilment(Model):
    """An order as distribution sees it: whose it is, and how far its goods have come."""

    meta = Meta(title="number", order=("required_on", "number"), indexes=(("state", "required_on"), ("body", "state")))

    number = text(64, search=True, readonly=True)
    order = link(Order, required=True, back="fulfilments", readonly=True)
    customer = link(Customer, back="fulfilments", readonly=True)
    body = link(Body, back="fulfilments", readonly=True, help="That sells it")
    state = choice(FulfilmentState, default=FulfilmentState.OPEN, readonly=True)
    required_on = date(readonly=True)
