"""The door to the database: what it lets through, what it refuses, and how transactions behave."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.database import (
    KEY,
    Busy,
    Connection,
    Database,
    DatabaseFault,
    Dialect,
    Key,
    LinkViolation,
    UniqueViolation,
    connect,
)
from core.engines import Shut
from core.errors import DoorShut, SettingsError
from core.registry import Registry

MADE = "2026-11-22T00:00:00.000000Z"


async def add_setting(connection: Connection, name: str, record: str | None = None) -> None:
    values = [record or str(uuid4()), name, name, MADE]
    if connection.dialect is Dialect.POSTGRES:
        sql = (
            "INSERT INTO core_setting (id, name, name_folded, created_at, updated_at)"
            " VALUES ($1, $2, $3, $4::text::timestamptz, $4::text::timestamptz)"
        )
    else:
        sql = "INSERT INTO core_setting (id, name, name_folded, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)"
    await connection.run(KEY, sql, values)


async def names(database: Database) -> list[str]:
    return [row[0] for row in await database.read(KEY, "SELECT name FROM core_setting ORDER BY name")]


async def test_a_transaction_is_committed_at_its_end(database: Database) -> None:
    async with database.begin(KEY) as connection:
        await add_setting(connection, "one")
        assert await connection.rows(KEY, "SELECT name FROM core_setting") == [("one",)]
        assert await names(database) == []
    assert await names(database) == ["one"]


async def test_an_exception_rolls_the_transaction_back(database: Database) -> None:
    async def work() -> None:
        async with database.begin(KEY) as connection:
            await add_setting(connection, "one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()
    assert await names(database) == []


async def test_a_cancelled_transaction_is_rolled_back_and_frees_the_writer(database: Database) -> None:
    entered = asyncio.Event()

    async def work() -> None:
        async with database.begin(KEY) as connection:
            await add_setting(connection, "one")
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.begin(KEY) as connection:
        await add_setting(connection, "two")
    assert await names(database) == ["two"]


async def test_a_part_may_fail_alone(database: Database) -> None:
    async def fail(connection: Connection) -> None:
        async with connection.part(KEY):
            await add_setting(connection, "two")
            await add_setting(connection, "one")

    async with database.begin(KEY) as connection:
        await add_setting(connection, "one")
        with pytest.raises(UniqueViolation):
            await fail(connection)
        await add_setting(connection, "three")
    assert await names(database) == ["one", "three"]


async def test_run_tells_how_many_rows_changed(database: Database) -> None:
    async with database.begin(KEY) as connection:
        for name in ("one", "two", "three"):
            await add_setting(connection, name)
        assert await connection.run(KEY, "UPDATE core_setting SET version = 2 WHERE name <> 'two'") == 2
        assert await connection.run(KEY, "DELETE FROM core_setting WHERE name = 'nothing'") == 0


async def test_once_is_a_transaction_of_one_statement(database: Database, statements: list[str]) -> None:
    async with database.begin(KEY) as connection:
        await add_setting(connection, "one")
        await add_setting(connection, "two")
    statements.clear()
    assert await database.once(KEY, "UPDATE core_setting SET version = version + 1 WHERE name = 'one'") == 1
    assert await database.read(KEY, "SELECT name, version FROM core_setting ORDER BY name") == [("one", 2), ("two", 1)]
    assert len(statements) == 2
    with pytest.raises(UniqueViolation):
        await database.once(KEY, "UPDATE core_setting SET name_folded = 'same'")
    assert await database.read(KEY, "SELECT name_folded FROM core_setting ORDER BY name") == [("one",), ("two",)]
    with pytest.raises(DoorShut):
        await database.once(Key(), "DELETE FROM core_setting")
    assert await names(database) == ["one", "two"]


async def test_a_unique_violation_names_table_and_columns(database: Database) -> None:
    async with database.begin(KEY) as connection:
        await add_setting(connection, "one")
    with pytest.raises(UniqueViolation) as caught:
        async with database.begin(KEY) as connection:
            await add_setting(connection, "one")
    assert (caught.value.table, caught.value.columns) == ("core_setting", ("name_folded",))
    assert await names(database) == ["one"]


async def test_a_unique_violation_names_each_of_several_columns(database: Database) -> None:
    place = database.dialect.place
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "CREATE TABLE pair (a int, b int, UNIQUE (a, b))")
    with pytest.raises(UniqueViolation) as caught:
        async with database.begin(KEY) as connection:
            await connection.run_many(KEY, f"INSERT INTO pair VALUES ({place(1)}, {place(2)})", [(1, 2), (1, 2)])
    assert (caught.value.table, caught.value.columns) == ("pair", ("a", "b"))


async def test_a_link_to_nothing_is_refused(database: Database) -> None:
    place, nobody = database.dialect.place, str(uuid4())
    async with database.begin(KEY) as connection:
        await add_setting(connection, "one")
    with pytest.raises(LinkViolation):
        async with database.begin(KEY) as connection:
            await connection.run(KEY, f"UPDATE core_setting SET owner_id = {place(1)}", [nobody])
    assert await database.read(KEY, "SELECT owner_id FROM core_setting") == [(None,)]


async def test_other_faults_are_ours_too(database: Database) -> None:
    with pytest.raises(DatabaseFault):
        await database.read(KEY, "SELECT nothing FROM nowhere")


async def test_a_read_changes_nothing_on_sqlite(database: Database) -> None:
    if database.dialect is Dialect.POSTGRES:
        return
    async with database.begin(KEY) as connection:
        await add_setting(connection, "one")
    with pytest.raises(DatabaseFault, match="readonly"):
        await database.read(KEY, "DELETE FROM core_setting")
    assert await names(database) == ["one"]


async def test_sqlite_is_set_for_durability(database: Database) -> None:
    if database.dialect is Dialect.POSTGRES:
        return
    async with database.begin(KEY) as connection:
        pragmas = {
            name: (await connection.rows(KEY, f"PRAGMA {name}"))[0][0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


# The door ------------------------------------------------------------------------------------------------------------


async def test_without_the_key_nothing_is_read_or_begun(database: Database) -> None:
    for false in (Key(), None, object()):
        key: Any = false
        with pytest.raises(DoorShut):
            await database.read(key, "SELECT 1")
        with pytest.raises(DoorShut):
            async with database.begin(key):
                pass


async def test_without_the_key_an_open_transaction_refuses(database: Database, statements: list[str]) -> None:
    async with database.begin(KEY) as connection:
        for call in (connection.rows, connection.records, connection.run):
            with pytest.raises(DoorShut):
                await call(Key(), "DELETE FROM core_setting")
        with pytest.raises(DoorShut):
            await connection.run_many(Key(), "DELETE FROM core_setting", [()])
    assert statements == []


async def test_a_connection_refuses_when_its_transaction_has_ended(database: Database) -> None:
    async with database.begin(KEY) as connection:
        pass
    with pytest.raises(DoorShut, match="ended"):
        await connection.run(KEY, "SELECT 1")


@pytest.mark.parametrize(
    "name",
    [
        "execute_query",
        "execute_query_dict",
        "execute_query_dict_with_affected",
        "execute_insert",
        "execute_many",
        "execute_script",
        "db_create",
        "db_delete",
    ],
)
async def test_tortoises_own_methods_always_refuse(database: Database, name: str) -> None:
    method = getattr(database.engine, name)
    async with database.begin(KEY):
        with pytest.raises(DoorShut):
            await method("DELETE FROM core_setting", [])
        with pytest.raises(DoorShut):
            await asyncio.create_task(method("DELETE FROM core_setting", []))


async def test_tortoise_gets_no_connection_and_no_transaction(database: Database) -> None:
    for name in ("acquire_connection", "_in_transaction"):
        with pytest.raises(DoorShut):
            getattr(database.engine, name)()


async def test_every_public_method_of_a_tortoise_client_is_shut_or_ours(database: Database) -> None:
    engine = type(database.engine)
    ours = {name for one in (engine, Shut) for name in vars(one)}
    harmless = {"executor_class", "query_class", "schema_generator", "capabilities", "DSN_TEMPLATE"}
    harmless |= {"connection_class", "loop", "create_pool", "create_connection", "close"}
    public = {name for name in dir(engine) if not name.startswith("_")}
    assert public - ours - harmless == set()


def impatient_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("engines", "sqlite", "postgres"):
        monkeypatch.setattr(f"core.{module}.PATIENCE", 0.2)


# Many at once --------------------------------------------------------------------------------------------------------


async def test_reads_do_not_wait_behind_a_write(database: Database) -> None:
    async with database.begin(KEY) as connection:
        await add_setting(connection, "one")
        before = time.perf_counter()
        assert await asyncio.gather(*(names(database) for _ in range(8))) == [[]] * 8
        assert time.perf_counter() - before < 1


async def test_a_transaction_left_open_by_another_process_is_busy(
    database: Database, registry: Registry, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient_from_here(monkeypatch)
    impatient = await connect(database_url, registry)
    try:
        async with database.begin(KEY) as connection:
            await add_setting(connection, "one")
            await connection.run(KEY, "UPDATE core_setting SET version = 2")
            with pytest.raises(Busy):
                async with impatient.begin(KEY) as other:
                    await add_setting(other, "one")
    finally:
        await impatient.close()
    assert await names(database) == ["one"]


async def test_a_unit_of_work_inside_another_is_busy_rather_than_waiting_for_its_own_end(
    database: Database, registry: Registry, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient_from_here(monkeypatch)
    small = await connect(database_url + ("" if "sqlite" in database_url else "&pool_size=1"), registry)
    try:
        async with small.begin(KEY) as connection:
            await add_setting(connection, "one")
            with pytest.raises(Busy):
                await small.begin(KEY).__aenter__()
            await add_setting(connection, "two")
        assert await names(small) == ["one", "two"]
    finally:
        await small.close()


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


async def test_a_cancelled_read_ends_in_the_database_too(database: Database) -> None:
    for _ in range(12):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await database.read(KEY, ENDLESS)
    before = time.perf_counter()
    assert await names(database) == []
    assert time.perf_counter() - before < 5


async def test_a_cancelled_statement_frees_the_writer(database: Database) -> None:
    async def work() -> None:
        async with database.begin(KEY) as connection:
            await add_setting(connection, "one")
            await connection.rows(KEY, ENDLESS)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work(), 0.1)
    async with database.begin(KEY) as connection:
        await add_setting(connection, "two")
    assert await names(database) == ["two"]


async def test_units_of_work_that_read_do_not_wait_for_each_others_connections(database: Database) -> None:
    async def work(number: int) -> None:
        async with database.begin(KEY) as connection:
            await add_setting(connection, str(number))
            await asyncio.gather(*(names(database) for _ in range(3)))

    await asyncio.gather(*(work(number) for number in range(20)))
    assert len(await names(database)) == 20


async def test_a_connection_that_the_server_ended_is_replaced(database: Database) -> None:
    if database.dialect is Dialect.SQLITE:
        return
    await asyncio.gather(*(names(database) for _ in range(4)))
    ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    await database.read(KEY, f"{ended} AND datname = current_database()")
    await asyncio.sleep(0.1)
    assert await asyncio.gather(*(names(database) for _ in range(6))) == [[]] * 6
    async with database.begin(KEY) as connection:
        await add_setting(connection, "one")
    assert await names(database) == ["one"]


async def test_a_refusal_is_rolled_back_without_a_word_in_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UniqueViolation):
        async with database.begin(KEY) as connection:
            await connection.run_many(KEY, "INSERT INTO tradepost_migration VALUES ('a', 'b', 'c')", [(), ()])
    assert caplog.records == []


WRITER = """
import asyncio, sys
from core.boot import boot
from core.database import KEY, connect

async def main() -> None:
    database = await connect(sys.argv[1], boot([]))
    for _ in range(50):
        async with database.begin(KEY) as connection:
            row, = await connection.rows(KEY, "SELECT number FROM tally" + sys.argv[2])
            await connection.run(KEY, "UPDATE tally SET number = " + str(row[0] + 1))
    await database.close()

asyncio.run(main())
"""


async def test_three_processes_with_fifty_transactions_each_lose_none(database: Database, database_url: str) -> None:
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "CREATE TABLE tally (number int)")
        await connection.run(KEY, "INSERT INTO tally VALUES (0)")
    lock = " FOR UPDATE" if database.dialect is Dialect.POSTGRES else ""
    root = Path(__file__).parents[2]
    writers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, database_url, lock, cwd=root)
        for _ in range(3)
    ]
    assert [await one.wait() for one in writers] == [0, 0, 0]
    assert await database.read(KEY, "SELECT number FROM tally") == [(150,)]


async def test_a_new_sqlite_file_is_readable_by_its_owner_alone(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite3"
    made = await connect(f"sqlite://{file}", registry)
    await made.close()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(DatabaseFault, match=r"/nowhere/new\.sqlite3: No such file or directory"):
        await connect(f"sqlite://{tmp_path}/nowhere/new.sqlite3", registry)


@pytest.mark.parametrize("url", ["sqlite://relative.db", "sqlite://", "mysql://root@host/name", "nonsense"])
async def test_an_unknown_address_is_refused(url: str, registry: Registry) -> None:
    with pytest.raises(SettingsError, match="TRADEPOST_DATABASE_URL"):
        await connect(url, registry)
