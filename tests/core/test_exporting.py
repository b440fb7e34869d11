"""Exports: every row once, by key; what the caller may export; what a spreadsheet makes of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from core.access import By, Caller, Policy, Reach, Scope, system
from core.boot import boot
from core.conditions import Compare, Op
from core.database import KEY, Database
from core.errors import UnknownField
from core.exporting import Export, Exporter, csv_blocks, export_columns, xlsx_blocks
from core.fields import Position
from core.ids import born
from core.money import Money
from core.plugin import Plugin
from core.query import Order
from core.reading import Reader
from core.registry import Registry
from core.rows import insert, insert_many
from core.tables import open_table
from tradepost.sales import Customer, Level, plugin

AT = datetime(2026, 11, 22, 23, 54, 56, tzinfo=UTC)
ME, OFFICE, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


class Fixed:
    """Policies of a test: one for everybody."""

    async def fresh(self, user_id: UUID) -> Policy:
        raise AssertionError(user_id)


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (plugin,)


@pytest.fixture
async def reader(database: Database, registry: Registry) -> Reader:
    row = born(AT) | {"name": "Office"}
    async with database.begin(KEY) as connection:
        for place, login in ((ME, "me"), (OTHER, "other")):
            user = row | {"id": place, "login": login, "name": login.title(), "enabled": True}
            await insert(connection, registry.spec("core.user"), user)
        await insert(connection, registry.spec("core.department"), row | {"id": OFFICE})
        acme = born(AT) | {
            "name": "=Acme",
            "owner": ME,
            "department": OFFICE,
            "level": Level.KEY,
            "annual_turnover": Money(-120_050, "USD"),
            "position": Position(Decimal("31.2304"), Decimal("121.4737")),
            "phones": ("+86 21 5550 0100", "02"),
            "employees": 12,
            "next_contact": AT,
        }
        tea = (
            born(AT)
            | dict.fromkeys(list(acme)[5:])
            | {"name": "茶, 上海", "owner": OTHER, "parent": acme["id"], "phones": ()}
        )
        await insert(connection, registry.spec(Customer), acme)
        await insert(connection, registry.spec(Customer), tea)
    return Reader(registry, database, Fixed())


def salesperson(export: Scope) -> Caller:
    reaches = {
        name: Reach(frozenset({scope}))
        for name, scope in (
            ("sales.customer.read", Scope.ALL),
            ("sales.customer.export", export),
            ("core.user.read", Scope.ALL),
            ("core.department.read", Scope.ALL),
        )
    }
    return Caller(Policy(ME, department=OFFICE, departments=(OFFICE,), reports=(ME,), reaches=reaches), By.SYSTEM)


async def table(exporter: Exporter) -> list[list[str]]:
    content = b"".join([block async for block in csv_blocks(exporter)])
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


CHOSEN = ("name", "parent", "owner", "level", "annual_turnover", "position", "phones", "employees", "next_contact")


@pytest.mark.requirement("CU-17")
async def test_a_csv_file_holds_what_was_asked_for(reader: Reader) -> None:
    caller = replace(system("test"), zone="Asia/Shanghai")
    export = Export("sales.customer", columns=CHOSEN, order=(Order("employees"),))
    assert await table(Exporter(reader, caller, export)) == [
        [
            "Name",
            "Parent company",
            "Owner",
            "Level",
            "Annual turnover",
            "Annual turnover currency",
            "Position latitude",
            "Position longitude",
            "Phones",
            "Employees",
            "Next contact",
        ],
        [
            "'=Acme",
            "",
            "me",
            "key",
            "-1200.50",
            "USD",
            "31.230400",
            "121.473700",
            "'+86 21 5550 0100, 02",
            "12",
            "2026-11-23 07:54:56+08:00",
        ],
        ["茶, 上海", "'=Acme", "other", *[""] * 8],
    ]


async def test_the_byte_order_mark_is_optional(reader: Reader) -> None:
    export = Export("sales.customer", columns=("name",), mark=False)
    blocks = [block async for block in csv_blocks(Exporter(reader, system("test"), export))]
    assert blocks[0] == b"Name\r\n"


async def test_a_workbook_keeps_the_kinds_of_its_cells(reader: Reader, tmp_path: Path) -> None:
    export = Export("sales.customer", columns=CHOSEN, order=(Order("employees"),))
    file = tmp_path / "customers.xlsx"
    file.write_bytes(b"".join([block async for block in xlsx_blocks(Exporter(reader, system("test"), export))]))
    rows = [row.cells for row in open_table(file).rows]
    assert rows[0] == (
        "=Acme",
        "",
        "me",
        "key",
        Decimal("-1200.5"),
        "USD",
        Decimal("31.2304"),
        Decimal("121.4737"),
        "+86 21 5550 0100, 02",
        12,
        datetime(2026, 11, 22, 23, 54, 56),  # noqa: DTZ001  # cells of workbooks have no zone
    )
    assert rows[1][:3] == ("茶, 上海", "=Acme", "other")


@pytest.mark.requirement("PM-9", "PM-17")
@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (Scope.OWN, ["'=Acme"]),
        (Scope.REPORTS, ["'=Acme"]),
        (Scope.DEPARTMENT, ["'=Acme"]),
        (Scope.TREE, ["'=Acme"]),
        (Scope.CHOSEN, []),
        (Scope.ALL, ["'=Acme", "茶, 上海"]),
    ],
)
async def test_exporting_may_reach_less_far_than_reading(reader: Reader, scope: Scope, names: list[str]) -> None:
    export = Export("sales.customer", columns=("name",), order=(Order("employees"),))
    assert [row[0] for row in (await table(Exporter(reader, salesperson(scope), export)))[1:]] == names


@pytest.mark.requirement("L-9")
async def test_selected_records_and_all_that_match(reader: Reader, registry: Registry, database: Database) -> None:
    spec, count = registry.spec("sales.lead"), 2_345
    leads = [born(AT) | {"company": f"Lead {number:05}"} for number in range(count)]
    async with database.begin(KEY) as connection:
        await insert_many(connection, spec, leads)
    every = Export("sales.lead", columns=("company",), order=(Order("company"),))
    rows = await table(Exporter(reader, system("test"), every))
    assert [row[0] for row in rows[1:]] == [f"Lead {number:05}" for number in range(count)]
    ids = (UUID(str(leads[7]["id"])), UUID(str(leads[3]["id"])))
    assert await table(Exporter(reader, system("test"), replace(every, ids=ids))) == [
        ["Company"],
        ["Lead 00003"],
        ["Lead 00007"],
    ]
    some = replace(every, where=Compare("company", Op.CONTAINS, "lead 0001"))
    assert len(await table(Exporter(reader, system("test"), some))) == 11


async def test_default_columns_are_all_that_may_be_read_and_can_be_imported_again() -> None:
    registry = boot((plugin,))
    policy = Policy(None, hidden=frozenset({"sales.opportunity.amount"}))
    names = [one.name for one in export_columns(registry, registry.spec("sales.opportunity"), policy)]
    assert names[:8] == [
        "name",
        "number",
        "customer.name",
        "contact.customer.name",
        "contact.name",
        "pipeline.name",
        "stage.pipeline.name",
        "stage.name",
    ]
    assert "amount" not in names
    assert "custom" not in names


def test_an_unknown_column_is_refused() -> None:
    registry = boot((plugin,))
    with pytest.raises(UnknownField, match=r"sales\.customer has no field nothing"):
        export_columns(registry, registry.spec("sales.customer"), Policy(None), ("nothing",))
    with pytest.raises(UnknownField, match=r"core\.user has no field password"):
        export_columns(registry, registry.spec("sales.customer"), Policy(None), ("owner.password",))
