"""Numbers that are given out one after the other: of tickets, orders, documents."""

from __future__ import annotations

from datetime import datetime

from core.database import KEY, Connection, Dialect
from core.ids import born
from core.registry import Registry
from core.rows import insert_missing
from core.settings import Setting


async def next_number(connection: Connection, registry: Registry, name: str, at: datetime) -> int:
    """The next number of a counter, from 1. Whoever asks next waits until this transaction has ended: none is lost."""
    spec = registry.spec(Setting)
    key = f"number {name}"
    found = await _raise(connection, key)
    if found is None:
        await insert_missing(connection, spec, born(at, None) | {"name": key, "content": 0})
        found = await _raise(connection, key)
    if found is None:
        raise RuntimeError(f"the counter {name} could not be made")
    return found


async def _raise(connection: Connection, key: str) -> int | None:
    added = "CAST(CAST(content AS INTEGER) + 1 AS TEXT)"
    if connection.dialect is Dialect.POSTGRES:
        added = "to_jsonb(CAST(CAST(content AS TEXT) AS BIGINT) + 1)"
    where = f"name = {connection.dialect.place(1)}"
    sql = f"UPDATE core_setting SET content = {added} WHERE {where} RETURNING CAST(content AS TEXT)"
    rows = await connection.rows(KEY, sql, [key])
    return int(rows[0][0]) if rows else None
