"""The audit chain: gapless under concurrency, and no edit, removal, addition or move goes unseen."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from core.access import ANONYMOUS, By, Caller, Origin, Policy, system
from core.audit import BEGINNING, Head, Note, head, record, verify
from core.database import KEY, Dialect, UniqueViolation

AT = datetime(2026, 11, 22, 23, 54, 56, 123456, tzinfo=UTC)
ID = UUID("0199a000-0000-7000-8000-000000000001")
NOTE = Note(
    "sales.deal.update", "sales.deal", ID, "王小明's deal", {"a": ["1.50", None], "b": [{"x": 1.0}, [2.5, 1e16]]}
)


async def write(database, registry, *notes, caller=None):
    async with database.begin(KEY) as connection:
        await record(connection, registry, caller or system("a test"), AT, notes)


async def alter(database, sql):
    async with database.begin(KEY) as connection:
        assert await connection.run(KEY, sql) == 1


async def test_entries_are_numbered_and_sound(database, registry):
    assert (await verify(database, registry)).sound
    await write(database, registry, NOTE)
    await write(database, registry, NOTE, Note("sign in"), NOTE)
    await write(database, registry)
    verdict = await verify(database, registry)
    assert (verdict.entries, verdict.faults) == (4, ())
    assert verdict.head == await head(database)
    rows = await database.read(KEY, "SELECT number, verb, previous FROM core_entry ORDER BY number")
    assert [row[:2] for row in rows] == [(1, NOTE.verb), (2, NOTE.verb), (3, "sign in"), (4, NOTE.verb)]
    assert rows[0][2] == BEGINNING


async def test_who_and_where_from_are_kept(database, registry):
    async with database.begin(KEY) as connection:
        user = str(ID)
        columns = "id, login, login_folded, name, name_folded, created_at, updated_at"
        at = "'2026-11-22T00:00:00.000000Z'"
        await connection.run(
            KEY, f"INSERT INTO core_user ({columns}) VALUES ('{user}', 'li', 'li', 'Li', 'li', {at}, {at})"
        )
    origin = Origin("2001:db8::1", "Firefox", "r" * 80)
    caller = Caller(Policy(ID, "li"), By.SESSION, origin=origin, reason="x" * 300)
    await write(database, registry, NOTE, caller=caller)
    assert (await verify(database, registry)).sound
    row = (await database.read(KEY, 'SELECT "by", address, program, request, reason, user_id FROM core_entry'))[0]
    assert row[:4] == ("session", "2001:db8::1", "Firefox", "r" * 64)
    assert (row[4], str(row[5])) == ("x" * 255, user)


TAMPERED = [
    ("UPDATE core_entry SET title = 'another' WHERE number = 2", "Entry 2 was altered"),
    ("UPDATE core_entry SET changes = '{}' WHERE number = 2", "Entry 2 was altered"),
    ("UPDATE core_entry SET at = '2026-11-22T00:00:00.000000Z' WHERE number = 3", "Entry 3 was altered"),
    ("DELETE FROM core_entry WHERE number = 2", "Entry 2 is missing"),
    ("DELETE FROM core_entry WHERE number = 1", "Entry 1 is missing"),
    ("DELETE FROM core_entry WHERE number = 3", "The chain ends at entry 2, but was at 3"),
    ("DELETE FROM core_setting WHERE name = 'audit'", "The head of the chain is missing"),
]


@pytest.mark.parametrize(("sql", "fault"), TAMPERED)
async def test_tampering_is_named(database, registry, sql, fault):
    await write(database, registry, NOTE, NOTE, NOTE)
    await alter(database, sql)
    assert fault in (await verify(database, registry)).faults


async def test_two_entries_that_changed_places_are_found(database, registry):
    await write(database, registry, NOTE, Note("other"), NOTE)
    for before, after in ((1, -1), (2, 1), (-1, 2)):
        await alter(database, f"UPDATE core_entry SET number = {after} WHERE number = {before}")
    faults = (await verify(database, registry)).faults
    assert "Entry 1 was altered" in faults
    assert "Entry 2 was altered" in faults


async def test_a_cut_end_with_a_forged_head_needs_the_checkpoint(database, registry):
    await write(database, registry, NOTE)
    early = await head(database)
    await write(database, registry, NOTE)
    kept = await head(database)
    await alter(database, "DELETE FROM core_entry WHERE number = 2")
    forged = f'{{"number": 1, "digest": "{early.digest}"}}'
    await alter(database, f"UPDATE core_setting SET content = '{forged}' WHERE name = 'audit'")
    assert (await verify(database, registry)).sound
    assert (await verify(database, registry, kept)).faults == ("The chain ends at entry 1, but was at 2",)
    assert (await verify(database, registry, Head(1, "f" * 64))).faults == (
        "Entry 1 is not the one that stood there before",
    )


async def test_a_chain_that_was_moved_goes_on(database, registry):
    await write(database, registry, NOTE, NOTE)
    await alter(database, "DELETE FROM core_setting WHERE name = 'audit'")
    await write(database, registry, NOTE)
    assert (await verify(database, registry)).sound
    assert (await head(database)).number == 3


async def test_parallel_writers_leave_no_gap(database, registry):
    await asyncio.gather(*(write(database, registry, *[NOTE] * (1 + one % 3)) for one in range(20)))
    verdict = await verify(database, registry)
    assert (verdict.entries, verdict.faults) == (sum(1 + one % 3 for one in range(20)), ())


async def write_and_fail(database, registry):
    async with database.begin(KEY) as connection:
        await record(connection, registry, ANONYMOUS, AT, [NOTE])
        await connection.run(KEY, "INSERT INTO core_entry SELECT * FROM core_entry WHERE number = 1")


async def test_what_is_rolled_back_was_never_there(database, registry):
    await write(database, registry, NOTE)
    before = await head(database)
    with pytest.raises(UniqueViolation):
        await write_and_fail(database, registry)
    assert await head(database) == before
    await write(database, registry, NOTE)
    assert (await verify(database, registry)).sound


async def test_one_entry_costs_one_statement_on_postgresql(database, registry, statements):
    await write(database, registry, NOTE)
    statements.clear()
    await write(database, registry, NOTE)
    assert len(statements) == (1 if database.dialect is Dialect.POSTGRES else 3)
