"""Undoing an import: new records go, changed fields return, and what somebody has touched since stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.audit import Entry
from core.errors import Forbidden, NotFound, Refused
from core.exchange import Import
from core.import_runs import ImportRun, latest_runs
from core.import_undo import Undo, UndoReport
from core.query import Archived
from core.roles import Grant
from tests.plugins.sales.conftest import SYSTEM, Firm
from tests.plugins.sales.test_sales_import import mapped, written
from tradepost.sales import Contact, Customer, Industry, Level, Opportunity, OpportunityLine, Product

BEFORE = "Name,Industry,Employees,Phones,Annual turnover,Position latitude,Position longitude\n"
OLD = BEFORE + "Acme,retail,12,555 0100; 555 0101,1200.50 USD,31.2304,121.4737\nTop,,,,,,\n"
NEW = BEFORE + "Acme,technology,14,,9 EUR,,\nTop,retail,3,555 0102,1.25 USD,1.5,2.5\nFresh,retail,1,,,,\n"
FIELDS = ("name", "industry", "employees", "phones", "annual_turnover", "position")


async def imported(firm: Firm, folder: Path, text: str, **more: Any) -> ImportRun:
    """Import a file; what is kept of it."""
    caller, model = more.pop("caller", SYSTEM), more.pop("model", "sales.customer")
    report = await firm.exchange.run(caller, Import(model, written(folder, text), **more))
    assert (report.written, report.findings) == (True, [])
    return (await latest_runs(firm.reader, caller, firm.reader.registry.spec(model)))[0]


async def state(firm: Firm) -> list[tuple[object, ...]]:
    """All customers that are not in the bin, with what an import may give them."""
    return [tuple(one.value(name) for name in FIELDS) for one in await firm.all(Customer, order=("name",))]


async def everything(firm: Firm) -> tuple[object, ...]:
    """Whatever an undo could change, the audit included."""
    rows = await firm.all(Customer, archived=Archived.WITH, order=("name",))
    return [(one.name, one.version, one.archived_at) for one in rows], len(await firm.all(Entry))


def figures(report: UndoReport) -> tuple[int, int, int, bool]:
    return report.archived, report.restored, report.kept, report.written


def left(report: UndoReport) -> list[tuple[str, str]]:
    return [(one.title, str(one.problem)) for one in report.left]


@pytest.mark.requirement("CU-3")
async def test_an_undone_import_leaves_everything_as_it_was(firm: Firm, tmp_path: Path) -> None:
    await imported(firm, tmp_path, OLD)
    before = await state(firm)
    run = await imported(firm, tmp_path, NEW)
    assert (run.file, run.rows, run.created, run.updated) == ("file.csv", 3, 1, 2)
    assert (await state(firm)) != before
    assert figures(await firm.exchange.undo(SYSTEM, Undo(run.id))) == (1, 2, 0, True)
    assert await state(firm) == before
    assert [one.name for one in await firm.all(Customer, archived=Archived.ONLY)] == ["Fresh"]
    entries = await firm.all(Entry, where=Entry.reason.eq("undo of the import of file.csv"), order=("number",))
    assert sorted(one.verb for one in entries) == ["archive", "undo_import", "update", "update"]
    assert entries[-1].changes == {"archived": [None, 1], "restored": [None, 2], "left": [None, 0]}


async def test_what_was_touched_since_refuses_the_whole_or_is_left(firm: Firm, tmp_path: Path) -> None:
    await imported(firm, tmp_path, OLD)
    run = await imported(firm, tmp_path, f"{NEW}Alone,,,,,,\nFull,,,,,,\n")
    records = {one.name: one for one in await firm.all(Customer)}
    await firm.operations.update(SYSTEM, Customer, records["Top"].id, {"level": "key"})
    await firm.operations.update(SYSTEM, Customer, records["Alone"].id, {"employees": 7})
    await firm.make(Contact, name="Wei", customer=records["Full"].id)
    kept = await everything(firm)
    refused = await firm.exchange.undo(SYSTEM, Undo(run.id))
    assert figures(refused) == (1, 1, 3, False)
    assert sorted(left(refused)) == [
        ("Alone", "It was changed since"),
        ("Full", "Something that was written since belongs to it"),
        ("Top", "It was changed since"),
    ]
    assert await everything(firm) == kept
    assert figures(await firm.exchange.undo(SYSTEM, Undo(run.id, leave=True, dry_run=True))) == (1, 1, 3, False)
    assert await everything(firm) == kept
    done = await firm.exchange.undo(SYSTEM, Undo(run.id, leave=True))
    assert (figures(done), sorted(left(done))) == ((1, 1, 3, True), sorted(left(refused)))
    assert [(one.name, one.industry, one.level) for one in await firm.all(Customer, order=("name",))] == [
        ("Acme", Industry.RETAIL, None),
        ("Alone", None, None),
        ("Full", None, None),
        ("Top", Industry.RETAIL, Level.KEY),
    ]


async def test_an_import_is_undone_once(firm: Firm, tmp_path: Path) -> None:
    run = await imported(firm, tmp_path, OLD)
    await firm.exchange.undo(SYSTEM, Undo(run.id))
    kept = await everything(firm)
    with pytest.raises(Refused, match="This import was undone already"):
        await firm.exchange.undo(SYSTEM, Undo(run.id))
    assert await everything(firm) == kept


async def test_a_record_that_went_meanwhile_is_in_nobodys_way(firm: Firm, tmp_path: Path) -> None:
    run = await imported(firm, tmp_path, OLD)
    for one in await firm.all(Customer):
        await firm.operations.archive(SYSTEM, Customer, one.id)
    (top,) = await firm.all(Customer, where=Customer.name.eq("Top"), archived=Archived.ONLY)
    await firm.operations.purge(SYSTEM, Customer, top.id)
    assert figures(await firm.exchange.undo(SYSTEM, Undo(run.id))) == (0, 0, 0, True)


async def test_parts_go_with_their_whole_or_from_it(firm: Firm, tmp_path: Path) -> None:
    for code in ("P", "Q"):
        await firm.make(Product, code=code, name=code)
    fields = {
        "number": "order",
        "name": "order",
        "stage.name": {"constant": "Proposal"},
        "pipeline.name": {"constant": "Machines"},
        "lines.product.code": "product",
        "lines.quantity": "quantity",
    }
    more: dict[str, Any] = {"model": "sales.opportunity", "mapping": mapped(fields=fields)}
    await imported(firm, tmp_path, "order,product,quantity\nO-1,P,1\n", **more)
    run = await imported(firm, tmp_path, "order,product,quantity\nO-1,P,4\nO-1,Q,2\nO-2,Q,1\n", **more)
    assert figures(await firm.exchange.undo(SYSTEM, Undo(run.id))) == (2, 1, 0, True)
    assert [one.number for one in await firm.all(Opportunity)] == ["O-1"]
    lines = await firm.all(OpportunityLine, fields=("product.code", "quantity"))
    assert [(one.product.code, str(one.quantity)) for one in lines] == [("P", "1.000")]


@pytest.mark.requirement("PM-9")
async def test_only_who_may_import_undoes_and_only_his_own(firm: Firm, tmp_path: Path) -> None:
    director = await firm.as_("director")
    run = await imported(firm, tmp_path, OLD, caller=director)
    kept = await everything(firm)
    with pytest.raises(NotFound):
        await firm.exchange.undo(await firm.as_("kim"), Undo(run.id))
    other = await imported(firm, tmp_path, "Name\nMine\n")
    with pytest.raises(NotFound):
        await firm.exchange.undo(director, Undo(other.id))
    assert [one.id for one in await latest_runs(firm.reader, director)] == [run.id]
    assert {one.id for one in await latest_runs(firm.reader, SYSTEM)} == {run.id, other.id}
    assert (await everything(firm))[0] != kept[0]
    await firm.exchange.undo(SYSTEM, Undo(other.id))
    assert figures(await firm.exchange.undo(director, Undo(run.id))) == (2, 0, 0, True)


async def test_what_one_may_not_write_any_more_stays(firm: Firm, tmp_path: Path) -> None:
    run = await imported(firm, tmp_path, OLD, caller=await firm.as_("director"))
    grants = Grant.permission.eq("sales.customer.archive")
    for grant in await firm.all(Grant, where=grants):
        await firm.operations.archive(SYSTEM, Grant, grant.id)
    kept = await everything(firm)
    report = await firm.exchange.undo(await firm.as_("director"), Undo(run.id))
    assert (figures(report), sorted(left(report))) == (
        (0, 0, 2, False),
        [("Acme", "You may not change it"), ("Top", "You may not change it")],
    )
    assert await everything(firm) == kept
    for grant in await firm.all(Grant, where=Grant.permission.eq("sales.customer.import")):
        await firm.operations.archive(SYSTEM, Grant, grant.id)
    rows, _ = await everything(firm)
    with pytest.raises(Forbidden):
        await firm.exchange.undo(await firm.as_("director"), Undo(run.id, leave=True))
    assert (await everything(firm))[0] == rows
