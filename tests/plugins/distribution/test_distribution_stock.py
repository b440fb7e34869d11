"""Goods never vanish: what is held equals what was moved, and is never less than nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.errors import Refused
from tests.plugins.distribution.conftest import Depot
from tradepost.distribution import (
    Balance,
    Direction,
    Document,
    DocumentLine,
    DocumentState,
    Move,
    Place,
    PlaceKind,
    Stock,
)


@pytest.mark.requirement("WH-1", "WH-2", "WH-4", "LG-4")
async def test_goods_come_in_are_transferred_and_go_out(depot: Depot) -> None:
    came = await depot.move("purchase", 10)
    moved = await depot.move("transfer", 4, to="South")
    sold = await depot.move("sale", "1.5", "South")
    assert [one.direction for one in (came, moved, sold)] == [
        Direction.INBOUND,
        Direction.TRANSFER,
        Direction.OUTBOUND,
    ]
    assert await depot.levels() == {"Main": (Decimal(6), Decimal(0)), "South": (Decimal("2.5"), Decimal(0))}
    await depot.consistent()


@pytest.mark.requirement("WH-11")
async def test_each_kind_of_movement_comes_from_and_goes_to_its_place(depot: Depot) -> None:
    await depot.move("purchase", 10)
    for kind in ("customer_return", "found", "sale", "supplier_return", "lost"):
        await depot.move(kind, 2)
    moves = await depot.all(Move, order=("created_at",), fields=("from_place.kind", "to_place.kind"))
    ours, *outside = PlaceKind.WAREHOUSE, PlaceKind.SUPPLIER, PlaceKind.CUSTOMER, PlaceKind.LOSS
    supplier, customer, loss = outside
    assert [(one.from_place.kind, one.to_place.kind) for one in moves] == [
        (supplier, ours),
        (customer, ours),
        (loss, ours),
        (ours, customer),
        (ours, supplier),
        (ours, loss),
    ]
    assert await depot.levels() == {"Main": (Decimal(8), Decimal(0))}
    await depot.consistent()


async def test_what_is_not_there_does_not_go_out_and_nothing_of_it_is_kept(depot: Depot) -> None:
    await depot.move("purchase", 1)
    draft = await depot.document("sale", "1.001")
    with pytest.raises(Refused, match="not enough stock of Tea"):
        await depot.act(draft, "confirm")
    assert await depot.levels() == {"Main": (Decimal(1), Decimal(0))}
    assert len(await depot.all(Move)) == 1
    assert (await depot.now(draft)).state is DocumentState.DRAFT


@pytest.mark.requirement("WH-3", "WH-6")
async def test_voiding_moves_the_goods_back_by_a_move_of_its_own(depot: Depot) -> None:
    await depot.move("purchase", 5, lot="A", expires_on=date(2027, 1, 1))
    out = await depot.move("sale", 2)
    await depot.act(out, "void")
    assert await depot.stock() == {("Main", "A"): Decimal(5)}
    moves = await depot.all(Move, where=Move.document.eq(out), order=("created_at",))
    assert [one.reverses for one in moves] == [None, moves[0]]
    with pytest.raises(Refused):
        await depot.act(out, "void")
    await depot.consistent()


async def test_goods_that_have_left_cannot_be_taken_back_from_their_warehouse(depot: Depot) -> None:
    came = await depot.move("purchase", 5)
    await depot.move("sale", 1)
    with pytest.raises(Refused, match="not enough stock"):
        await depot.act(came, "void")
    assert (await depot.now(came)).state is DocumentState.CONFIRMED


async def test_what_expires_first_goes_out_first(depot: Depot) -> None:
    await depot.move("purchase", 3, lot="B", expires_on=date(2027, 6, 1))
    await depot.move("purchase", 3, lot="A", expires_on=date(2027, 1, 1))
    await depot.move("sale", 4)
    assert await depot.stock() == {("Main", "B"): Decimal(2)}
    await depot.move("sale", 1, lot="B")
    with pytest.raises(Refused, match="not enough of lot A of Tea"):
        await depot.move("sale", 1, lot="A")
    with pytest.raises(Refused, match="another expiry date"):
        await depot.move("purchase", 1, lot="B", expires_on=date(2028, 1, 1))
    await depot.consistent()


async def test_nobody_enters_a_move_or_stock(depot: Depot) -> None:
    came = await depot.move("purchase", 1)
    main = depot.places["Main"].id
    forged = {"source": "mine", "at": "2026-01-01T00:00:00Z", "quantity": "9", "from_place": main, "to_place": main}
    with pytest.raises(Refused):
        await depot.make(Move, document=came.id, product=depot.tea.id, **forged)
    with pytest.raises(Refused):
        await depot.make(Stock, place=main, product=depot.tea.id, on_hand="9")
    for model, field in ((Balance, "quantity"), (Stock, "on_hand"), (Document, "state")):
        (one,) = await depot.all(model)
        with pytest.raises(Refused):
            await depot.kernel.operations.update(depot.who, model, one.id, {field: "void" if field == "state" else "9"})
        with pytest.raises(Refused):
            await depot.kernel.operations.archive(depot.who, model, one.id)
    with pytest.raises(Refused, match="goods in this place"):
        await depot.kernel.operations.archive(depot.who, Place, main)
    await depot.consistent()


async def test_what_has_moved_or_is_reserved_is_not_changed(depot: Depot) -> None:
    came = await depot.move("purchase", 5)
    kept = await depot.act(await depot.document("sale", 1), "reserve")
    for one in (came, kept):
        with pytest.raises(Refused, match="Only a draft"):
            await depot.kernel.operations.update(depot.who, Document, one.id, {"warehouse": depot.places["South"].id})
        (line,) = await depot.all(DocumentLine, where=DocumentLine.document.eq(one))
        with pytest.raises(Refused, match="Only a draft"):
            await depot.kernel.operations.update(depot.who, DocumentLine, line.id, {"quantity": "4"})
    await depot.consistent()


@pytest.mark.requirement("LG-6", "LG-7", "WH-5")
async def test_an_outbound_request_reserves_is_changed_after_its_release_and_then_confirmed(depot: Depot) -> None:
    await depot.move("purchase", 5)
    wanted = await depot.act(await depot.document("sale", 4), "reserve")
    assert await depot.levels() == {"Main": (Decimal(5), Decimal(4))}
    for kind, to in (("sale", {}), ("transfer", {"to": "South"})):
        with pytest.raises(Refused, match="not enough stock"):
            await depot.move(kind, 2, **to)
    with pytest.raises(Refused, match="not enough stock"):
        await depot.act(await depot.document("sale", 2), "reserve")
    await depot.act(wanted, "release")
    (line,) = await depot.all(DocumentLine, where=DocumentLine.document.eq(wanted))
    await depot.kernel.operations.update(depot.who, DocumentLine, line.id, {"quantity": "3"})
    await depot.act(wanted, "reserve")
    assert await depot.levels() == {"Main": (Decimal(5), Decimal(3))}
    await depot.act(wanted, "confirm")
    assert await depot.levels() == {"Main": (Decimal(2), Decimal(0))}
    await depot.act(await depot.act(await depot.document("sale", 2), "reserve"), "void")
    assert await depot.levels() == {"Main": (Decimal(2), Decimal(0))}
    await depot.consistent()


async def test_what_is_lost_is_lost_even_if_it_was_reserved(depot: Depot) -> None:
    await depot.move("purchase", 5)
    wanted = await depot.act(await depot.document("sale", 4), "reserve")
    await depot.move("lost", 3)
    assert await depot.levels() == {"Main": (Decimal(2), Decimal(4))}
    with pytest.raises(Refused, match="not enough stock"):
        await depot.act(wanted, "confirm")
    await depot.act(wanted, "release")
    await depot.consistent()


async def test_goods_go_on_an_earlier_day_only_if_there_were_enough_then(depot: Depot) -> None:
    spring, summer, autumn = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 7, 10))
    await depot.move("purchase", 5, at=summer)
    with pytest.raises(Refused, match="not enough stock"):
        await depot.move("sale", 1, at=spring)
    await depot.move("sale", 4, at=autumn)
    with pytest.raises(Refused, match="not enough stock"):
        await depot.move("sale", 2, at=summer)
    sold = await depot.move("sale", 1, at=summer)
    assert (sold.at, [one.at for one in await depot.all(Move, where=Move.document.eq(sold))]) == (summer, [summer])
    with pytest.raises(Refused, match="in the future"):
        await depot.document("purchase", 1, at=datetime(2999, 1, 1, tzinfo=UTC))
    await depot.consistent()


async def test_a_transfer_needs_another_warehouse(depot: Depot) -> None:
    with pytest.raises(Refused, match="Fill this in"):
        await depot.document("transfer", 1)
    with pytest.raises(Refused, match="another warehouse"):
        await depot.document("transfer", 1, to="Main")
    assert await depot.all(Document) == []
