"""Importing: natural keys, links by name, mappings, refusals by row and column, all rows or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from core.errors import Forbidden, Problem, Refused
from core.exchange import Import
from core.exporting import Export, Format
from core.findings import Report
from core.mapping import ImportMap, read_map
from core.money import Money
from core.query import Order
from tests.plugins.sales.conftest import SYSTEM, Firm
from tradepost.sales import Customer, Industry, Lead, Opportunity, OpportunityLine, Product, StageChange

CUSTOMERS = "Name,Industry,Employees,Parent company,Phones\nAcme,retail,12,Top,555 0100; 555 0101\nTop,,,,\n"


def written(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mapped(**content: Any) -> ImportMap:
    return read_map(orjson.dumps(content))


def figures(report: Report) -> tuple[int, int, int, int]:
    return (report.created, report.updated, report.unchanged, report.refused)


def told(report: Report) -> list[tuple[int, str, str, str]]:
    return [(one.row, one.column, one.cell, str(one.problem)) for one in report.findings]


async def load(firm: Firm, path: Path, model: str = "sales.customer", **more: Any) -> Report:
    return await firm.exchange.run(more.pop("caller", SYSTEM), Import(model, path, **more))


@pytest.mark.requirement("CU-3")
async def test_columns_called_as_fields_need_no_mapping(firm: Firm, tmp_path: Path) -> None:
    report = await load(firm, written(tmp_path, CUSTOMERS))
    assert (figures(report), report.written) == ((2, 0, 0, 0), True)
    acme, top = await firm.all(Customer)
    assert (acme.name, acme.industry, acme.employees, acme.parent) == ("Acme", Industry.RETAIL, 12, top)
    assert acme.phones == ("555 0100", "555 0101")


async def test_a_second_import_changes_nothing_and_a_third_what_differs(firm: Firm, tmp_path: Path) -> None:
    file = written(tmp_path, CUSTOMERS)
    await load(firm, file)
    again = await load(firm, file)
    assert (figures(again), again.written) == ((0, 0, 2, 0), False)
    assert [one.version for one in await firm.all(Customer)] == [1, 1]
    changed = await load(firm, written(tmp_path, CUSTOMERS.replace("12", "14")))
    assert figures(changed) == (0, 1, 1, 0)
    assert [(one.name, one.employees, one.version) for one in await firm.all(Customer)] == [
        ("Acme", 14, 2),
        ("Top", None, 1),
    ]
    kept = await load(
        firm,
        written(tmp_path, CUSTOMERS),
        mapping=mapped(fields={"name": "Name", "employees": "Employees"}, existing="skip"),
    )
    assert figures(kept) == (0, 0, 2, 0)


async def test_a_dry_run_says_what_would_happen(firm: Firm, tmp_path: Path) -> None:
    report = await load(firm, written(tmp_path, CUSTOMERS), dry_run=True)
    assert (figures(report), report.written) == ((2, 0, 0, 0), False)
    assert await firm.all(Customer) == []


async def test_a_file_is_refused_whole_and_every_fault_is_named(firm: Firm, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "Name,Industry,Employees,Email\nGood,retail,1,a@b.example\n,retail,1,\nX,tea,-3,nowhere\nShort,1\nY,,4000000000,\n",
    )
    report = await load(firm, file)
    assert (figures(report), report.written) == ((1, 0, 0, 4), False)
    assert told(report)[0] == (3, "Name", "", "name: Fill this in")
    assert [(row, column, cell) for row, column, cell, _ in told(report)[1:]] == [
        (4, "Industry", "tea"),
        (4, "Employees", "-3"),
        (4, "Email", "nowhere"),
        (5, "", ""),
        (6, "Employees", "4000000000"),
    ]
    assert told(report)[4][3] == "The row has 2 cells, but there are 4 columns"
    assert await firm.all(Customer) == []


async def test_equal_problems_are_told_together_with_what_was_perhaps_meant(firm: Firm, tmp_path: Path) -> None:
    await firm.make(Product, code="P", name="GTX Pro")
    lines = "".join(f"{number},{'GTXPro' if number % 3 else 'GTX Pro'}\n" for number in range(1, 31))
    fields = {
        "number": "id",
        "name": "product",
        "stage.name": {"constant": "Prospecting"},
        "pipeline.name": {"constant": "Machines"},
        "lines.product.name": "product",
    }
    file = written(tmp_path, f"id,product\n{lines}")
    report = await load(firm, file, "sales.opportunity", mapping=mapped(fields=fields), dry_run=True)
    assert figures(report) == (10, 0, 0, 20)
    (group,) = report.groups
    assert (group.column, group.cell, group.count, group.rows[:3], group.likely, group.mappable) == (
        "product",
        "GTXPro",
        20,
        [2, 3, 5],
        "GTX Pro",
        True,
    )
    assert group.problem == Problem(
        "There is no %(model)s %(name)s", None, "unknown_record", (("model", "product"), ("name", "GTXPro"))
    )
    fields["lines.product.name"] = {"column": "product", "values": {group.cell: group.likely}}
    whole = await load(firm, file, "sales.opportunity", mapping=mapped(fields=fields))
    assert figures(whole) == (30, 0, 0, 0)
    assert len(await firm.all(OpportunityLine)) == 30
    assert len(await firm.all(StageChange)) == 30
    assert figures(await load(firm, file, "sales.opportunity", mapping=mapped(fields=fields))) == (0, 0, 30, 0)


async def test_rows_of_one_record_join_their_parts(firm: Firm, tmp_path: Path) -> None:
    for code in ("P", "Q"):
        await firm.make(Product, code=code, name=code)
    mapping = mapped(
        fields={
            "number": "order",
            "name": "order",
            "stage.name": {"constant": "Proposal"},
            "pipeline.name": {"constant": "Machines"},
            "lines.product.code": "product",
            "lines.quantity": "quantity",
        }
    )
    file = written(tmp_path, "order,product,quantity\nO-1,P,1\nO-1,Q,2.5\nO-2,P,3\n")
    report = await load(firm, file, "sales.opportunity", mapping=mapping)
    assert figures(report) == (2, 1, 0, 0)
    assert figures(await load(firm, file, "sales.opportunity", mapping=mapping)) == (0, 0, 3, 0)
    (first,) = await firm.all(
        Opportunity, where=Opportunity.number.eq("O-1"), fields=("lines.product.code", "lines.quantity")
    )
    assert sorted((line.product.code, line.quantity) for line in first.lines) == [
        ("P", Decimal(1)),
        ("Q", Decimal("2.5")),
    ]
    changed = written(tmp_path, "order,product,quantity\nO-1,P,1\nO-1,Q,4\n")
    assert figures(await load(firm, changed, "sales.opportunity", mapping=mapping)) == (0, 1, 1, 0)


async def test_rows_that_contradict_each_other_are_refused(firm: Firm, tmp_path: Path) -> None:
    report = await load(firm, written(tmp_path, "Name,Employees\nAcme,1\nacme,1\nACME,2\n"))
    assert figures(report) == (1, 0, 0, 2)
    assert told(report) == [
        (3, "Name", "acme", "An earlier row says otherwise about this record"),
        (4, "Name", "ACME", "An earlier row says otherwise about this record"),
    ]
    same = await load(firm, written(tmp_path, "Name,Employees\nAcme,1\nAcme,1\n"))
    assert figures(same) == (1, 0, 1, 0)


async def test_values_are_made_of_columns(firm: Firm, tmp_path: Path) -> None:
    mapping = mapped(
        formats=["%m/%d/%Y"],
        currency="USD",
        fields={
            "name": {"columns": ["first", "last"], "between": ", "},
            "annual_turnover": {"column": "revenue", "times": 1_000_000},
            "industry": {"column": "sector", "values": {"technolgy": "technology"}},
            "region": {"constant": "Korea"},
            "owner.login": {"column": "agent", "make": "login"},
            "next_contact": {"column": "call", "zone": "Asia/Seoul", "formats": ["%m/%d/%Y %H:%M"]},
        },
    )
    text = "first,last,revenue,sector,agent,call\nTea,House,1100.04,technolgy,LI,12/31/2026 09:30\nAlone,,,,Wang,\n"
    report = await load(firm, written(tmp_path, text), mapping=mapping)
    assert figures(report) == (2, 0, 0, 0)
    alone, tea = await firm.all(Customer)
    assert (tea.name, tea.annual_turnover, tea.industry, tea.region) == (
        "Tea, House",
        Money(110_004_000_000, "USD"),
        Industry.TECHNOLOGY,
        "Korea",
    )
    assert tea.next_contact is not None
    assert tea.next_contact.isoformat() == "2026-12-31T00:30:00+00:00"
    assert (alone.name, alone.annual_turnover, alone.owner.id) == ("Alone", None, firm.people["wang"])
    assert tea.owner.id == firm.people["li"]
    assert (
        tea.department.id == (await firm.all(Customer, await firm.as_("li"), fields=("department",)))[0].department.id
    )


async def test_missing_records_are_made_where_the_mapping_says_so(firm: Firm, tmp_path: Path) -> None:
    file = written(tmp_path, "name,company\nAnn,Acme\nBob,acme\nEve,\n")
    fields = {"name": "name", "customer.name": "company"}
    refused = await load(firm, file, "sales.contact", mapping=mapped(fields=fields))
    assert figures(refused) == (0, 0, 0, 3)
    assert [str(one.problem) for one in refused.findings] == [
        "There is no customer Acme",
        "There is no customer acme",
        "customer: Fill this in",
    ]
    assert await firm.all(Customer) == []
    made = await load(
        firm, file, "sales.contact", mapping=mapped(fields=fields, create_missing=["customer"]), good_rows=True
    )
    assert figures(made) == (2, 0, 0, 1)
    assert [one.name for one in await firm.all(Customer)] == ["Acme"]


async def test_a_name_that_several_have_is_not_guessed(firm: Firm, tmp_path: Path) -> None:
    for _ in range(2):
        await firm.make(Customer, name="Twin")
    contact = await load(
        firm,
        written(tmp_path, "name,company\nAnn,Twin\n"),
        "sales.contact",
        mapping=mapped(fields={"name": "name", "customer.name": "company"}),
    )
    assert told(contact) == [(2, "company", "Twin", "2 records are called Twin")]
    customer = await load(firm, written(tmp_path, "name,employees\ntwin,3\n"))
    assert told(customer) == [(2, "name", "twin", "2 records have this natural key")]


async def test_what_a_plugin_refuses_is_told_by_its_column(firm: Firm, tmp_path: Path) -> None:
    file = written(tmp_path, "company,status\nA,new\nB,converted\nC,new\n")
    report = await load(firm, file, "sales.lead", good_rows=True)
    assert figures(report) == (2, 0, 0, 1)
    assert told(report) == [(3, "status", "converted", "status: Convert the lead instead")]
    assert [one.company for one in await firm.all(Lead, order=("company",))] == ["A", "C"]


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ({"fields": {"name": "Nom"}}, ["name: The file has no column Nom, but Name, Size"]),
        ({"fields": {"nmae": "Name"}}, ["nmae: There is no field nmae"]),
        ({"fields": {"custom": "Name"}}, ["custom: There is no field custom"]),
        ({"fields": {"created_at": "Name"}}, ["created_at: The field created_at cannot be written"]),
        ({"fields": {"parent.nmae": "Name"}}, ["parent.nmae: There is no field parent.nmae"]),
        ({"fields": {"owner.password": "Name"}}, ["owner.password: There is no field owner.password"]),
        ({"fields": {"name.more": "Name"}}, ["name.more: There is no field name.more"]),
        (
            {"fields": {"contacts.name": "Name"}},
            ["contacts.name: contacts.name is not a part of the record; import it by itself"],
        ),
        (
            {"fields": {"name": "Name"}, "key": ["email"]},
            ["email: The key names email, which is not mapped"],
        ),
        (
            {"fields": {"name": "Name"}, "create_missing": ["parent"]},
            ["parent: create_missing names parent, which is no link of this import"],
        ),
    ],
)
async def test_mappings_that_do_not_fit(
    firm: Firm, tmp_path: Path, content: Mapping[str, Any], problems: list[str]
) -> None:
    with pytest.raises(Refused) as refusal:
        await load(firm, written(tmp_path, "Name,Size\nAcme,1\n"), mapping=mapped(**content))
    assert [str(one) for one in refusal.value.problems] == problems
    assert await firm.all(Customer) == []


def test_mapping_files_that_are_malformed() -> None:
    with pytest.raises(Refused, match="The mapping is no JSON: line 2"):
        read_map(b'{"fields":\n oops}')
    with pytest.raises(Refused) as refusal:
        read_map(b'{"fields": {"name": {"colunm": "Name"}}, "existing": "delete"}')
    assert [str(one).partition(" (")[0] for one in refusal.value.problems] == [
        "The mapping is wrong at fields.name.colunm: Extra inputs are not permitted",
        "The mapping is wrong at existing: Input should be 'update' or 'skip'",
    ]


async def test_unknown_columns_are_named(firm: Firm, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        await load(firm, written(tmp_path, "Name,Shoe size\nAcme,44\n"))
    assert [str(one) for one in refusal.value.problems] == [
        "Shoe size: No field is called Shoe size; map the column, or leave it out"
    ]
    report = await load(firm, written(tmp_path, "Name,Shoe size\nAcme,44\n"), mapping=mapped(fields={"name": "Name"}))
    assert [str(one) for one in report.notes] == ["Columns not used: Shoe size"]


@pytest.mark.requirement("PM-9")
async def test_imports_keep_to_the_caller_s_rights(firm: Firm, tmp_path: Path) -> None:
    file = written(tmp_path, "company\nAcme\n")
    with pytest.raises(Forbidden, match=r"sales\.lead\.import"):
        await load(firm, file, "sales.lead", caller=await firm.as_("li"))
    lead = await firm.as_("lead")
    await firm.make(Lead, await firm.as_("kim"), company="Acme")
    report = await load(firm, file, "sales.lead", caller=lead)
    assert figures(report) == (1, 0, 0, 0)
    assert [one.owner.id for one in await firm.all(Lead, lead)] == [firm.people["lead"]]
    locked = replace(lead, policy=replace(lead.policy, locked=frozenset({"sales.lead.company"})))
    with pytest.raises(Refused, match="The field company cannot be written"):
        await firm.exchange.plan(locked, Import("sales.lead", file, mapping=mapped(fields={"company": "company"})))


async def test_a_workbook_is_imported_as_it_was_exported(firm: Firm, tmp_path: Path) -> None:
    customer = await firm.make(
        Customer,
        name="Acme",
        annual_turnover="12.50 USD",
        phones=["+86 21 5550 0100"],
        tags=["vip"],
        position={"latitude": "31.2304", "longitude": "121.4737"},
        employees=3,
    )
    path = tmp_path / "customers.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Id", "Name", "Annual turnover", "Annual turnover currency", "Employees"])
        sheet.write_row(1, 0, [str(customer.id), "Acme", 12.5, "USD", 4])
    assert figures(await load(firm, path)) == (0, 1, 0, 0)
    assert [(one.employees, one.version) for one in await firm.all(Customer)] == [(4, 2)]


async def test_a_csv_export_is_imported_again_without_a_change(firm: Firm, tmp_path: Path) -> None:
    await load(firm, written(tmp_path, CUSTOMERS.replace("Acme", "=Acme").replace("555 0100", "+86 21 5550")))
    columns = (
        "id",
        "name",
        "industry",
        "employees",
        "parent",
        "phones",
        "position",
        "annual_turnover",
        "tags",
        "owner",
    )
    export = Export("sales.customer", columns=columns, order=(Order("name"),))
    blocks = [block async for block in await firm.exchange.export(SYSTEM, export)]
    again = await load(firm, written(tmp_path, b"".join(blocks).decode()))
    assert figures(again) == (0, 0, 2, 0)


@pytest.mark.parametrize("form", list(Format))
async def test_a_whole_export_is_imported_again_without_a_change(firm: Firm, tmp_path: Path, form: Format) -> None:
    stage = firm.stages["Lost"]
    acme = await firm.make(
        Customer, name="-Acme", next_contact="2026-12-01T09:30:15Z", remark="two\nlines", employees=0
    )
    for number in ("1", "2"):
        given: dict[str, Any] = {"number": number, "amount": "12.50 USD", "closed_on": "2026-11-20", "reason": "price"}
        await firm.make(
            Opportunity, name="=Deal", customer=acme.id, pipeline=stage.pipeline.id, stage=stage.id, **given
        )
    for model, count in (("sales.customer", 1), ("sales.opportunity", 2)):
        blocks = [block async for block in await firm.exchange.export(SYSTEM, Export(model), form)]
        file = tmp_path / f"{model}.{form.value}"
        file.write_bytes(b"".join(blocks))
        report = await load(firm, file, model)
        assert (figures(report), report.findings) == ((0, 0, count, 0), [])


async def test_an_opportunity_is_lost_without_a_reason_on_import(firm: Firm, tmp_path: Path) -> None:
    fields = {
        "number": "id",
        "name": "id",
        "stage.name": "stage",
        "pipeline.name": {"constant": "Machines"},
        "closed_on": "closed",
    }
    await load(
        firm, written(tmp_path, "id,stage,closed\nA,Proposal,\n"), "sales.opportunity", mapping=mapped(fields=fields)
    )
    report = await load(
        firm,
        written(tmp_path, "id,stage,closed\nA,Lost,2026-01-31\n"),
        "sales.opportunity",
        mapping=mapped(fields=fields),
    )
    assert figures(report) == (0, 1, 0, 0)
    (lost,) = await firm.all(Opportunity)
    assert (lost.stage.name, lost.closed_on, lost.reason) == ("Lost", date(2026, 1, 31), None)
