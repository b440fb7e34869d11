"""Imports beside each other and beside people: nothing is lost, nothing is made twice, what must not be is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.access import Caller
from core.audit import Entry, verify
from core.database import Database
from core.exchange import Exchange, Import
from core.findings import Report
from core.import_runs import latest_runs
from core.import_undo import Undo
from core.query import Archived
from tests.plugins.sales.conftest import SYSTEM, Firm
from tests.plugins.sales.test_sales_import import figures, told, written
from tradepost.sales import Customer

ROWS = 1_200
NAMES = [f"Customer {number:04}" for number in range(ROWS)]
SHEET = "Name,Employees\n" + "".join(f"{name},{number}\n" for number, name in enumerate(NAMES))


async def load(exchange: Exchange, path: Path, caller: Caller = SYSTEM, **more: Any) -> Report:
    return await exchange.run(caller, Import("sales.customer", path, **more))


async def names(firm: Firm) -> Sequence[str]:
    return [one.name for one in await firm.all(Customer, order=("name",), fields=("name",))]


@pytest.mark.requirement("CU-3")
async def test_the_same_file_twice_at_once_makes_each_record_once(firm: Firm, tmp_path: Path) -> None:
    file = written(tmp_path, SHEET)
    other = Exchange(firm.reader, firm.operations)  # as another process has one
    reports = await asyncio.gather(load(firm.exchange, file), load(other, file))
    assert sorted(map(figures, reports)) == [(0, 0, ROWS, 0), (ROWS, 0, 0, 0)]
    assert await names(firm) == NAMES


async def test_two_files_about_the_same_records_at_once_both_have_their_say(firm: Firm, tmp_path: Path) -> None:
    await load(firm.exchange, written(tmp_path, SHEET))
    one = written(tmp_path, SHEET.replace("Employees", "Region"), "one.csv")
    two = written(tmp_path, SHEET.replace("Employees", "Address"), "two.csv")
    other = Exchange(firm.reader, firm.operations)
    assert [figures(report) for report in await asyncio.gather(load(firm.exchange, one), load(other, two))] == [
        (0, ROWS, 0, 0),
        (0, ROWS, 0, 0),
    ]
    found = await firm.all(Customer, order=("name",))
    assert [(one.employees, one.region, one.address, one.version) for one in found] == [
        (number, str(number), str(number), 3) for number in range(ROWS)
    ]


async def test_what_somebody_edits_meanwhile_is_kept_where_the_file_says_nothing_of_it(
    firm: Firm, tmp_path: Path, database: Database, registry: Any
) -> None:
    await load(firm.exchange, written(tmp_path, SHEET))
    records = await firm.all(Customer, order=("name",), fields=("id",))
    file = written(tmp_path, SHEET.replace("Employees", "Region"))

    async def edit() -> None:
        for place in (0, 700, ROWS - 1):
            await firm.operations.update(SYSTEM, Customer, records[place].id, {"remark": f"seen {place}"})

    report, _ = await asyncio.gather(load(firm.exchange, file), edit())
    assert figures(report) == (0, ROWS, 0, 0)
    found = await firm.all(Customer, order=("name",))
    assert [one.region for one in found] == [str(number) for number in range(ROWS)]
    assert [(place, one.remark, one.version) for place, one in enumerate(found) if one.remark] == [
        (place, f"seen {place}", 3) for place in (0, 700, ROWS - 1)
    ]
    assert (await verify(database, registry)).sound


async def test_an_import_that_is_cancelled_in_the_middle_changed_nothing(
    firm: Firm, tmp_path: Path, database: Database, registry: Any
) -> None:
    before = len(await firm.all(Entry))
    begun = asyncio.Event()
    job = load(firm.exchange, file := written(tmp_path, SHEET), progress=lambda *_: begun.set())
    task = asyncio.create_task(job)
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await names(firm) == []
    assert (len(await firm.all(Entry)), await latest_runs(firm.reader, SYSTEM)) == (before, [])
    assert figures(await load(firm.exchange, file)) == (ROWS, 0, 0, 0)
    assert (await verify(database, registry)).sound


async def test_rows_that_together_would_make_what_must_not_be_are_refused_one_of_them(
    firm: Firm, tmp_path: Path
) -> None:
    await load(firm.exchange, written(tmp_path, "Name\nA\nB\nC\n"))
    circle = written(tmp_path, "Name,Parent company\nA,B\nB,A\nC,A\n")
    report = await load(firm.exchange, circle)
    assert told(report) == [(3, "Parent company", "A", "parent: A company cannot be a part of itself")]
    assert [one.parent for one in await firm.all(Customer)] == [None, None, None]
    assert figures(await load(firm.exchange, circle, good_rows=True)) == (0, 2, 0, 1)
    found = await firm.all(Customer, order=("name",), fields=("name", "parent.name"))
    assert [(one.name, one.parent and one.parent.name) for one in found] == [("A", "B"), ("B", None), ("C", "A")]


@pytest.mark.requirement("CU-3")
async def test_a_refused_row_among_many_is_named_and_the_others_go_in(firm: Firm, tmp_path: Path) -> None:
    await load(firm.exchange, written(tmp_path, "Name,Number\nOld,7\n"))
    lines = [f"{name},{number + 100}" for number, name in enumerate(NAMES)]
    lines[333] = f"{NAMES[333]},7"
    report = await load(firm.exchange, written(tmp_path, "\n".join(["Name,Number", *lines])), good_rows=True)
    assert (figures(report), told(report)) == (
        (ROWS - 1, 0, 0, 1),
        [(335, "Number", "7", "There is one like this already")],
    )
    assert await names(firm) == [*NAMES[:333], *NAMES[334:], "Old"]


@pytest.mark.requirement("CU-3")
async def test_many_records_are_undone_together(firm: Firm, tmp_path: Path, statements: list[str]) -> None:
    await load(firm.exchange, written(tmp_path, "\n".join(SHEET.splitlines()[:601])))
    before = [(one.name, one.employees) for one in await firm.all(Customer, order=("name",))]
    await load(firm.exchange, written(tmp_path, SHEET.replace(",", ",1").replace("1Employees", "Employees")))
    (run, *_) = await latest_runs(firm.reader, SYSTEM)
    statements.clear()
    report = await firm.exchange.undo(SYSTEM, Undo(run.id))
    assert (report.archived, report.restored, report.kept, report.written) == (600, 600, 0, True)
    assert len(statements) < 200
    assert [(one.name, one.employees) for one in await firm.all(Customer, order=("name",))] == before
    assert len(await firm.all(Customer, archived=Archived.ONLY)) == 600
