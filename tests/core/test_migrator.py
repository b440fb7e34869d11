"""Migrations: drafted from the declarations, applied on filled tables, on both databases."""

from __future__ import annotations

import asyncio
import importlib
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import uuid4

import pytest

from core import migrator
from core.boot import boot
from core.database import KEY, Database, DatabaseFault, Dialect, LinkViolation, UniqueViolation, connect
from core.drafts import create_tables, make
from core.migrator import MigrationError, Step, migrate, on_disk, pending
from core.model import Model
from core.plugin import Plugin
from core.registry import Registry
from tradepost.cluster import Cluster

CORE = list(on_disk(boot([])))

HEAD = """
from decimal import Decimal
from enum import Enum

from core.fields import boolean, choice, date, decimal, integer, money, note, phones, position, tags, text
from core.links import link
from core.model import Meta, Model
"""


class Package:
    """A plugin's package on disk, whose models are written anew by each test."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = f"{name}_{uuid4().hex[:8]}"
        self.short = name
        self.folder = folder / self.name
        self.folder.mkdir()
        (self.folder / "__init__.py").touch()

    def plugin(self, models: str, needs: tuple[str, ...] = (), *, head: str = "") -> Plugin:
        (self.folder / "models.py").write_text(HEAD + head + dedent(models))
        for name in [one for one in sys.modules if one.startswith(self.name)]:
            del sys.modules[name]
        importlib.invalidate_caches()
        module = importlib.import_module(f"{self.name}.models")
        classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Model)]
        own = [one for one in classes if one.__module__ == module.__name__]
        return Plugin(self.short, models=own, needs=needs)

    def text(self, number: int) -> str:
        (path,) = (self.folder / "migrations").glob(f"{number:04d}_*.py")
        return path.read_text()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return Package(tmp_path, "shop")


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, dialect: Dialect, tmp_path: Path) -> Iterator[str]:
    if dialect is Dialect.SQLITE:
        yield f"sqlite://{tmp_path / 'empty.sqlite'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"empty_{uuid4().hex}"
    cluster.create(name)
    yield cluster.address(name)
    cluster.drop(name)


@pytest.fixture
async def fresh(cluster: Cluster, dialect: Dialect, tmp_path: Path) -> AsyncIterator[Database]:
    name = f"fresh_{uuid4().hex}"
    if dialect is Dialect.POSTGRES:
        cluster.create(name)
    sqlite = f"sqlite://{tmp_path / 'fresh.sqlite'}"
    opened = await connect(sqlite if dialect is Dialect.SQLITE else cluster.address(name), boot([]))
    yield opened
    await opened.close()


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    opened = await connect(empty_url, boot([]))
    yield opened
    await opened.close()


async def insert(database: Database, table: str, **values: object) -> str:
    record = str(uuid4())
    values = {"id": record, "created_at": "2026-11-22", "updated_at": "2026-11-22", **values}
    literals = ["NULL" if one is None else f"'{one}'" for one in values.values()]
    async with database.begin(KEY) as connection:
        await connection.run(KEY, f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(literals)})")
    return record


async def columns(database: Database) -> set[tuple[Any, ...]]:
    """All columns with their types, defaults, collations and links; those that may be empty are not told apart."""
    if database.dialect is Dialect.SQLITE:
        found = await database.read(
            KEY,
            'SELECT t.name, c.name, c.type, c.dflt_value, f."table", f.on_delete FROM sqlite_master t'
            " JOIN pragma_table_info(t.name) c"
            " LEFT JOIN pragma_foreign_key_list(t.name) f ON f.\"from\" = c.name WHERE t.type = 'table'",
        )
        return set(found)
    found = await database.read(
        KEY,
        "SELECT table_name::text, column_name::text, data_type::text, column_default::text, collation_name::text"
        " FROM information_schema.columns WHERE table_schema = 'public'",
    )
    links = "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
    return {*found, *await database.read(KEY, links)}


async def indexes(database: Database) -> set[tuple[Any, ...]]:
    """All indexes, as they were made."""
    if database.dialect is Dialect.SQLITE:
        return set(await database.read(KEY, "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    return set(await database.read(KEY, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"))


async def schema(database: Database) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    return await columns(database), await indexes(database)


async def drafted(plugin: Plugin, *others: Plugin) -> Registry:
    """The registry, after its differences were written as a migration."""
    registry = boot([*others, plugin])
    await make(registry, plugin.name)
    return registry


# The kernel's own ----------------------------------------------------------------------------------------------------


async def test_migrating_and_making_tables_at_once_give_the_same(empty: Database, database: Database) -> None:
    assert await pending(empty, boot([])) == CORE
    assert await migrate(empty, boot([])) == CORE
    assert await schema(empty) == await schema(database)
    assert await pending(empty, boot([])) == []
    assert await migrate(empty, boot([])) == []
    assert await migrate(database, boot([])) == []


async def test_nothing_to_do_costs_two_statements(database: Database, statements: list[str]) -> None:
    assert await migrate(database, boot([])) == []
    assert len(statements) == 2


async def test_text_is_compared_by_its_bytes_everywhere(database: Database) -> None:
    if database.dialect is Dialect.SQLITE:
        return
    other = await database.read(
        KEY,
        "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('text', 'character varying', 'character') AND collation_name IS DISTINCT FROM 'C'"
        " AND table_name <> 'tradepost_migration'",
    )
    assert other == []


# Changes -------------------------------------------------------------------------------------------------------------

ALL_KINDS = """
    class Tier(Enum):
        BASIC = "basic"
        GOLD = "gold"


    class Customer(Model):
        name = text(required=True)


    class Order(Model):
        meta = Meta(order=("-placed", "title"), together=(("customer", "title"),))
        title = text(required=True, unique=True)
        remark = note()
        tier = choice(Tier, default=Tier.GOLD)
        rows = integer(default=0)
        weight = decimal(3, default=Decimal("1.5"))
        price = money()
        paid = boolean(default=True)
        placed = date()
        place = position()
        numbers = phones()
        words = tags()
        customer = link(Customer, required=True)
        previous = link("self")
"""


async def test_every_kind_of_field_has_its_columns_and_constant_defaults(shop: Package, empty: Database) -> None:
    registry = await drafted(shop.plugin(ALL_KINDS))
    assert await migrate(empty, registry) == [*CORE, Step("shop", "0001_initial")]
    customer = await insert(empty, "shop_customer", name="Ada", name_folded="ada")
    await insert(empty, "shop_order", title="One", title_folded="one", customer_id=customer)
    names = "tier, rows, weight, paid, numbers, numbers_folded, words, words_folded, place_latitude, price_currency"
    (row,) = await empty.read(KEY, f"SELECT {names} FROM shop_order")
    assert row[:3] == ("gold", 0, 1500)
    assert bool(row[3]) is True
    assert row[4:] == ("[]", "", "[]", "", None, None)
    await insert(empty, "shop_order", title="Two", title_folded="two", customer_id=customer)
    with pytest.raises(UniqueViolation) as caught:
        await insert(empty, "shop_order", title="one", title_folded="one", customer_id=customer)
    assert caught.value.columns in {("title_folded",), ("customer_id", "title_folded")}
    with pytest.raises(DatabaseFault):
        await insert(empty, "shop_order", title="Three", title_folded="three")
    assert await empty.read(KEY, "SELECT count(*) FROM shop_order") == [(2,)]


async def test_drafting_again_finds_no_difference(shop: Package) -> None:
    plugin = shop.plugin(ALL_KINDS)
    assert [path.name for path in await make(boot([plugin]), "shop")] == ["0001_initial.py"]
    assert await make(boot([plugin]), "shop") == []
    assert "shop_" not in "".join(re.findall(r"^(?:from|import) .*$", shop.text(1), re.MULTILINE))


async def test_a_change_of_help_label_or_length_is_no_migration(shop: Package) -> None:
    await make(boot([shop.plugin("class Customer(Model):\n    name = text(20)\n")]), "shop")
    again = shop.plugin(
        'class Customer(Model):\n    """Who buys; always."""\n    name = text(40, label="N", help="H; x")\n'
    )
    assert await make(boot([again]), "shop", check=True) == []


async def test_a_plugin_without_migrations_is_not_passed_over(shop: Package, empty: Database) -> None:
    registry = boot([shop.plugin(FILLED)])
    with pytest.raises(MigrationError, match="shop has models but no migrations"):
        await migrate(empty, registry)
    assert await schema(empty) == (set(), set())


async def test_check_says_what_would_be_written_and_writes_nothing(shop: Package) -> None:
    registry = boot([shop.plugin("class Customer(Model):\n    name = text()\n")])
    assert [path.name for path in await make(registry, "shop", check=True)] == ["0001_initial.py"]
    assert not (shop.folder / "migrations").exists()


FILLED = """
    class Customer(Model):
        name = text(required=True, unique=True)
        city = text()


    class Visit(Model):
        customer = link(Customer, required=True)
        also = link(Customer)
        title = text()
"""


async def filled(shop: Package, database: Database) -> tuple[str, str]:
    await migrate(database, await drafted(shop.plugin(FILLED)))
    customer = await insert(database, "shop_customer", name="Ada", name_folded="ada", city="Bonn", city_folded="bonn")
    visit = await insert(database, "shop_visit", customer_id=customer, also_id=customer, title="x", title_folded="x")
    return customer, visit


async def test_a_rename_is_never_guessed(shop: Package, empty: Database) -> None:
    await filled(shop, empty)
    registry = await drafted(shop.plugin(FILLED.replace("city = text()", "town = text()")))
    assert "RenameField" not in shop.text(2)
    assert await migrate(empty, registry) == [Step("shop", "0002_changes")]
    assert await empty.read(KEY, "SELECT name, town, town_folded FROM shop_customer") == [("Ada", None, None)]


async def test_a_rename_is_declared_by_editing_the_draft(shop: Package, empty: Database) -> None:
    await filled(shop, empty)
    (shop.folder / "migrations" / "0002_rename.py").write_text(
        dedent("""
        from tortoise import migrations
        from tortoise.migrations import operations as ops


        class Migration(migrations.Migration):
            dependencies = [("shop", "0001_initial")]
            operations = [
                ops.RenameField(model_name="Customer", old_name="city", new_name="town"),
                ops.RenameField(model_name="Customer", old_name="city_folded", new_name="town_folded"),
            ]
        """)
    )
    registry = boot([shop.plugin(FILLED.replace("city = text()", "town = text()"))])
    assert await make(registry, "shop", check=True) == []
    await migrate(empty, registry)
    assert await empty.read(KEY, "SELECT name, town, town_folded FROM shop_customer") == [("Ada", "Bonn", "bonn")]


async def test_a_required_field_can_be_added_to_a_filled_table(shop: Package, empty: Database) -> None:
    await filled(shop, empty)
    changed = FILLED.replace("city = text()", "city = text(required=True)")
    changed += "        purpose = text(required=True)\n        length = integer(default=30)\n"
    registry = await drafted(shop.plugin(changed))
    await migrate(empty, registry)
    assert await empty.read(KEY, "SELECT purpose, length FROM shop_visit") == [(None, 30)]
    assert await make(registry, "shop", check=True) == []


async def test_a_column_that_is_altered_keeps_rows_indexes_and_links(shop: Package, empty: Database) -> None:
    customer, visit = await filled(shop, empty)
    before = await schema(empty)
    loosened = FILLED.replace("name = text(required=True, unique=True)", "name = text(unique=True)")
    registry = await drafted(shop.plugin(loosened))
    assert "AlterField" in shop.text(2)
    await migrate(empty, registry)
    assert await empty.read(KEY, "SELECT count(*) FROM shop_visit v JOIN shop_customer c ON c.id = v.customer_id") == [
        (1,)
    ]
    assert await schema(empty) == before
    with pytest.raises(UniqueViolation):
        await insert(empty, "shop_customer", name="ADA", name_folded="ada")
    with pytest.raises(LinkViolation):
        await insert(empty, "shop_visit", customer_id=str(uuid4()))
    assert [str(row[0]) for row in await empty.read(KEY, "SELECT id FROM shop_customer")] == [customer]
    assert [str(row[0]) for row in await empty.read(KEY, "SELECT id FROM shop_visit")] == [visit]


FINAL = """
    class Customer(Model):
        name = text(required=True, search=True)
        street = text(unique=True)
        since = date(required=True)
        size = integer(default=3)


    class Visit(Model):
        customer = link(Customer, required=True)
        title = text()
        meta = Meta(together=(("customer", "title"),), indexes=(("title", "customer"),))
"""


async def test_migrated_in_steps_or_at_once_the_tables_are_the_same(
    shop: Package, empty: Database, fresh: Database
) -> None:
    await filled(shop, empty)
    registry = await drafted(shop.plugin(FINAL))
    assert await migrate(empty, registry) == [Step("shop", "0002_changes")]
    assert await make(registry, "shop", check=True) == []
    assert await empty.read(KEY, "SELECT name, street, size, since FROM shop_customer") == [("Ada", None, 3, None)]
    await create_tables(fresh, registry)
    assert await columns(empty) == await columns(fresh)
    assert await indexes(empty) == await indexes(fresh)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("size = integer()", "size = text()"),
        ("size = decimal(2)", "size = decimal(3)"),
        ("size = link(Customer)", "size = text()"),
        ("size = link(Customer)", 'size = link("self")'),
        ("size = date()", "size = boolean()"),
    ],
)
async def test_a_field_that_changes_its_kind_is_refused_with_the_way_to_go(
    shop: Package, before: str, after: str
) -> None:
    models = "class Customer(Model):\n    name = text()\n\n\nclass Order(Model):\n    "
    await make(boot([shop.plugin(models + before + "\n")]), "shop")
    registry = boot([shop.plugin(models + after + "\n")])
    with pytest.raises(MigrationError, match=r"shop: Order.size changes its kind, scale or target"):
        await make(registry, "shop")
    assert [path.name for path in sorted((shop.folder / "migrations").glob("0*"))] == ["0001_initial.py"]


async def test_tables_that_link_to_each_other_and_themselves_can_go_together(shop: Package, empty: Database) -> None:
    models = """
        class Customer(Model):
            parent = link("self")
            name = text()


        class Order(Model):
            meta = Meta(together=(("customer", "title"),))
            customer = link(Customer, required=True)
            title = text()


        class Other(Model):
            name = text()
    """
    await migrate(empty, await drafted(shop.plugin(models)))
    customer = await insert(empty, "shop_customer", name="Ada", name_folded="ada")
    await insert(empty, "shop_order", customer_id=customer, title="x", title_folded="x")
    registry = await drafted(shop.plugin("class Other(Model):\n    name = text()\n"))
    assert await migrate(empty, registry) == [Step("shop", "0002_changes")]
    assert {row[0] for row in await columns(empty) if str(row[0]).startswith("shop_")} == {"shop_other"}
    assert await make(registry, "shop", check=True) == []


async def test_a_failing_migration_leaves_nothing_behind(shop: Package, empty: Database) -> None:
    await filled(shop, empty)
    await insert(empty, "shop_customer", name="Bob", name_folded="bob", city="Bonn", city_folded="bonn")
    before = await schema(empty)
    registry = await drafted(
        shop.plugin(FILLED.replace("city = text()", "city = text(unique=True)\n        age = integer()"))
    )
    with pytest.raises(UniqueViolation):
        await migrate(empty, registry)
    assert await schema(empty) == before
    assert await pending(empty, registry) == [Step("shop", "0002_changes")]


@pytest.mark.parametrize("statement", [1, 2, 3, 5, 12, 20])
async def test_a_migration_that_is_cut_off_at_any_statement_is_run_again(empty: Database, statement: int) -> None:
    left = [statement]

    def cut(_: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise ConnectionAbortedError

    empty.listeners.append(cut)
    with pytest.raises(ConnectionAbortedError):
        await migrate(empty, boot([]))
    empty.listeners.clear()
    assert await schema(empty) == (set(), set())
    assert await migrate(empty, boot([])) == CORE
    assert await pending(empty, boot([])) == []


async def test_a_migration_that_breaks_links_is_refused(shop: Package, empty: Database) -> None:
    await filled(shop, empty)
    (shop.folder / "migrations" / "0002_purge.py").write_text(
        dedent("""
        from tortoise import migrations
        from tortoise.migrations import operations as ops


        class Migration(migrations.Migration):
            dependencies = [("shop", "0001_initial")]
            operations = [ops.SQLOperation("DELETE FROM shop_customer", [])]
        """)
    )
    with pytest.raises(LinkViolation):
        await migrate(empty, boot([shop.plugin(FILLED)]))
    assert await empty.read(KEY, "SELECT count(*) FROM shop_customer") == [(1,)]


async def test_a_migration_may_run_statements_and_python(shop: Package, empty: Database) -> None:
    await filled(shop, empty)
    (shop.folder / "migrations" / "0002_fill.py").write_text(
        dedent("""
        from tortoise import migrations
        from tortoise.migrations import operations as ops


        async def shout(apps, editor):
            for row in await editor.client.execute_query_dict("SELECT id, name FROM shop_customer"):
                await editor.client.execute_script(f"UPDATE shop_customer SET city = '{row['name'].upper()}'")


        class Migration(migrations.Migration):
            dependencies = [("shop", "0001_initial")]
            operations = [
                ops.SQLOperation("UPDATE shop_customer SET name = 'Eve; or not'", []),
                ops.RunPython(shout),
            ]
        """)
    )
    await migrate(empty, boot([shop.plugin(FILLED)]))
    assert await empty.read(KEY, "SELECT name, city FROM shop_customer") == [("Eve; or not", "EVE; OR NOT")]


async def test_two_processes_that_migrate_at_once_run_each_migration_once(empty_url: str) -> None:
    async def run() -> list[Step]:
        database = await connect(empty_url, boot([]))
        try:
            return await migrate(database, boot([]))
        finally:
            await database.close()

    ran = await asyncio.gather(run(), run(), run())
    assert sorted(step for steps in ran for step in steps) == CORE


async def test_who_opens_a_new_file_waits_for_another_who_writes_to_it(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(connect(f"sqlite:///{tmp_path}/new.db", boot([])))
        early, _ = await asyncio.wait([opening], timeout=0.3)
        other.execute("COMMIT")
        database = await opening
        assert not early
        assert await database.read(KEY, "PRAGMA journal_mode") == [("wal",)]
        await database.close()


# Several plugins -----------------------------------------------------------------------------------------------------


async def test_a_plugin_added_later_depends_on_the_ones_it_links_to(
    shop: Package, tmp_path: Path, empty: Database
) -> None:
    first = shop.plugin("class Customer(Model):\n    name = text()\n")
    await migrate(empty, await drafted(first))
    club = Package(tmp_path, "club")
    head = f"from {shop.name}.models import Customer\n"
    module = sys.modules[f"{shop.name}.models"]
    second = club.plugin("class Card(Model):\n    customer = link(Customer, required=True)\n", ("shop",), head=head)
    assert module is sys.modules[f"{shop.name}.models"]
    registry = boot([second, first])
    await make(registry, "club")
    assert f"dependencies = [('core', '{CORE[-1].name}'), ('shop', '0001_initial')]" in club.text(1)
    assert await migrate(empty, registry) == [Step("club", "0001_initial")]


async def test_a_plugin_cannot_be_drafted_before_those_it_links_to(shop: Package, tmp_path: Path) -> None:
    first = shop.plugin("class Customer(Model):\n    name = text()\n")
    club = Package(tmp_path, "club")
    head = f"from {shop.name}.models import Customer\n"
    second = club.plugin("class Card(Model):\n    customer = link(Customer, required=True)\n", ("shop",), head=head)
    with pytest.raises(MigrationError, match="club links to shop, which has no migrations"):
        await make(boot([first, second]), "club")
    assert list((club.folder).glob("migrations/0*.py")) == []


async def test_links_in_a_circle_are_put_in_order(empty: Database) -> None:
    await migrate(empty, boot([]))
    user = await insert(empty, "core_user", login="a", login_folded="a", name="A", name_folded="a")
    department = await insert(empty, "core_department", name="D", name_folded="d", owner_id=user)
    async with empty.begin(KEY) as connection:
        assert await connection.run(KEY, f"UPDATE core_user SET department_id = '{department}'") == 1
    with pytest.raises(LinkViolation):
        async with empty.begin(KEY) as connection:
            await connection.run(KEY, "DELETE FROM core_department")
    assert await empty.read(KEY, "SELECT count(*) FROM core_department") == [(1,)]


# Under load ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", [Dialect.POSTGRES], indirect=False)
async def test_a_migration_gives_way_to_who_uses_its_table_and_nobody_waits_behind_it(
    dialect, empty, empty_url, shop, caplog
):
    models = "class Card(Model):\n    name = text(20)\n"
    await migrate(empty, await drafted(shop.plugin(models)))
    card = await insert(empty, "shop_card", name="Gold", custom="{}")
    registry = await drafted(shop.plugin(models + "    points = integer()\n"))
    other = await connect(empty_url, boot([]))
    try:
        async with empty.begin(KEY) as connection:
            await connection.rows(KEY, "SELECT name FROM shop_card")
            migrating = asyncio.create_task(migrate(other, registry))
            while "the migration tries again" not in caplog.text:
                async with asyncio.timeout(5):
                    assert await empty.read(KEY, "SELECT name FROM shop_card") == [("Gold",)]
            assert not migrating.done()
        assert [one.plugin for one in await migrating] == ["shop"]
    finally:
        await other.close()
    assert await empty.read(KEY, "SELECT id::text, points FROM shop_card") == [(card, None)]


@pytest.mark.parametrize("dialect", [Dialect.POSTGRES], indirect=False)
async def test_a_migration_says_so_when_its_table_is_in_use_all_the_time(dialect, empty, empty_url, shop, monkeypatch):
    monkeypatch.setattr(migrator, "LONGEST_WAIT", 0.0)
    models = "class Card(Model):\n    name = text(20)\n"
    await migrate(empty, await drafted(shop.plugin(models)))
    registry = await drafted(shop.plugin(models + "    points = integer()\n"))
    before = await columns(empty)
    other = await connect(empty_url, boot([]))
    try:
        async with empty.begin(KEY) as connection:
            await connection.rows(KEY, "SELECT name FROM shop_card")
            with pytest.raises(MigrationError, match="were in use for 0 minutes without a break"):
                await migrate(other, registry)
        assert await columns(empty) == before
        assert len(await pending(other, registry)) == 1
    finally:
        await other.close()
