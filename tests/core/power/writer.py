"""Commits one number after another and says so when each is safe: `python writer.py FILE ours|careless`."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from itertools import count

from core.boot import boot
from core.database import KEY, connect


def say(number: int) -> None:
    """Acknowledge a commit."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


async def ours(path: str) -> None:
    """As Tradepost commits."""
    database = await connect(f"sqlite://{path}", boot([]))
    async with database.begin(KEY) as connection:
        await connection.run(KEY, "CREATE TABLE said (number int)")
    for number in count():
        async with database.begin(KEY) as connection:
            await connection.run(KEY, f"INSERT INTO said VALUES ({number})")
        say(number)


def careless(path: str) -> None:
    """As SQLite commits when it is told to be quick."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE said (number int)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in count():
        connection.execute("INSERT INTO said VALUES (?)", [number])
        say(number)


if __name__ == "__main__":
    if sys.argv[2] == "ours":
        asyncio.run(ours(sys.argv[1]))
    careless(sys.argv[1])
