"""The lower bound: one statement through the raw driver, its bytes out, over the same web server."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import aiosqlite
import asyncpg
from starlette.types import Receive, Scope, Send

RECORDED = "TRADEPOST_BENCH_RECORDED"


class Driver(Protocol):
    """Answers a statement with its first column."""

    async def fetch(self, sql: str, values: list[Any]) -> str:
        """The first column of the first row."""


class Postgres:
    """A pool of raw connections."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def fetch(self, sql: str, values: list[Any]) -> str:
        """The first column of the first row."""
        if self.pool is None:
            self.pool = await asyncpg.create_pool(self.address, min_size=8, max_size=8, reset=_no_reset)
        return str(await self.pool.fetchval(sql, *values))


async def _no_reset(_: object) -> None:
    return None


class Sqlite:
    """One raw connection, as the standard library gives it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.raw: aiosqlite.Connection | None = None

    async def fetch(self, sql: str, values: list[Any]) -> str:
        """The first column of the first row."""
        if self.raw is None:
            self.raw = await aiosqlite.connect(self.path)
        rows = await self.raw.execute_fetchall(sql, values)
        return str(next(iter(rows))[0])


def decoded(value: Any) -> Any:
    """A recorded parameter; moments are marked, for JSON has none."""
    return datetime.fromisoformat(value["moment"]) if isinstance(value, dict) else value


class Raw:
    """An ASGI application that answers `/W1` with what the statement recorded for W1 yields."""

    def __init__(self) -> None:
        recorded = json.loads(Path(os.environ[RECORDED]).read_text(encoding="utf-8"))
        url: str = recorded["url"]
        self.driver: Driver = Postgres(url) if url.startswith("postgres") else Sqlite(url.removeprefix("sqlite://"))
        self.statements = {
            f"/{name}": (sql, [decoded(one) for one in values])
            for name, (sql, values) in recorded["statements"].items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        sql, values = self.statements[scope["path"]]
        body = (await self.driver.fetch(sql, values)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})


app = Raw() if RECORDED in os.environ else None
