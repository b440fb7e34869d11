"""A part of a unit of work may fail alone: then it was not done, was not told, and nothing remembers it."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.access import Caller, system
from core.audit import Entry
from core.creating import create
from core.database import KEY
from core.errors import NotFound, Refused
from core.work import Work
from core.writing import Step, Unit
from tests.plugins.sales.conftest import Firm
from tradepost.sales import Customer

SYSTEM = system("test")


async def test_a_failed_part_leaves_nothing_behind(firm: Firm) -> None:
    async def body(unit: Unit, caller: Caller) -> None:
        step, work = Step(unit, caller, unit.registry.spec(Customer)), Work(unit, caller)
        (kept,) = await create(step, [{"name": "Kept"}])
        lost: list[UUID] = []

        async def fail() -> None:
            async with unit.part():
                (row,) = await create(step, [{"name": "Lost"}])
                lost.append(row["id"])
                assert (await work.get(Customer, row["id"])).name == "Lost"
                raise Refused("not this one")

        with pytest.raises(Refused, match="not this one"):
            await fail()
        with pytest.raises(NotFound):
            await work.get(Customer, lost[0])
        async with unit.part():
            await work.change(await work.get(Customer, kept["id"]), name="Kept on")
        assert (await work.get(Customer, kept["id"])).name == "Kept on"

    await firm.operations.unit(SYSTEM, body)
    assert [one.name for one in await firm.all(Customer)] == ["Kept on"]
    table = firm.reader.registry.spec(Entry).table
    rows = await firm.operations.database.read(
        KEY, f"SELECT verb, title FROM {table} WHERE model = 'sales.customer' ORDER BY number"
    )
    assert [tuple(row) for row in rows] == [("create", "Kept"), ("update", "Kept on")]


async def test_a_long_unit_is_flushed_and_its_audit_stays_whole(firm: Firm) -> None:
    async def body(unit: Unit, caller: Caller) -> None:
        step = Step(unit, caller, unit.registry.spec(Customer))
        for number in range(3):
            await create(step, [{"name": f"Customer {number}"}])
            await unit.flush(caller)

    await firm.operations.unit(SYSTEM, body)
    table = firm.reader.registry.spec(Entry).table
    rows = await firm.operations.database.read(
        KEY, f"SELECT title FROM {table} WHERE model = 'sales.customer' ORDER BY number"
    )
    assert [row[0] for row in rows] == ["Customer 0", "Customer 1", "Customer 2"]
