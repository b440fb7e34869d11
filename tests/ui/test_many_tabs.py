"""Two hundred open tabs: the stream of each tells its change, and lists are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import orjson
import pytest

import core.live
from core.users import User
from tests.schema.streams import listening, serving
from tests.ui.conftest import PASSWORD, Firm
from tradepost.sales import Lead

MANY = 200
LISTS = 5
PATIENCE = 90


async def told(response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, orjson.loads(line.removeprefix("data: "))


async def next_change(stream: AsyncIterator[tuple[str, Any]]) -> Any:
    async with asyncio.timeout(PATIENCE):
        async for name, data in stream:
            if name == "changed":
                return data
    raise AssertionError("the stream ended")


async def test_all_are_told_while_lists_are_used(firm: Firm, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(core.live, "GATHERING", 0.05)
    lead = await firm.make(Lead, company="Harbour Trading")
    limits = httpx.Limits(max_connections=None)
    async with serving(firm.app) as address, AsyncExitStack() as stack:
        site = f"http://{address}"
        opened = httpx.AsyncClient(base_url=site, headers={"Origin": site}, limits=limits, timeout=PATIENCE)
        client = await stack.enter_async_context(opened)
        answer = await client.post("/sign-in", data={"login": "admin", "password": PASSWORD})
        assert answer.status_code == 303
        tabs = [
            told(await stack.enter_async_context(client.stream("GET", "/live?model=sales.lead"))) for _ in range(MANY)
        ]
        assert [await anext(one) for one in tabs] == [("bell", 0)] * MANY
        assert [await anext(one) for one in tabs] == [("editing", [])] * MANY
        await listening(firm.kernel.hub, MANY)
        await client.get("/sales/leads")
        sent: list[str] = []
        firm.kernel.database.listeners.append(sent.append)
        await client.get("/sales/leads")
        each = len(sent)
        sent.clear()
        changes = asyncio.gather(*(next_change(one) for one in tabs))
        firm.kernel.hub.publish({"sales.lead": [lead.id], "core.role": [lead.id]})
        pages = [(await client.get("/sales/leads")).text for _ in range(LISTS)]
        assert all("Harbour Trading" in page for page in pages)
        assert await changes == [{"model": "sales.lead", "records": [str(lead.id)]}] * MANY
        assert len(sent) <= 2 * MANY + LISTS * each, "of each stream whether he holds, and what he sees"
        sent.clear()
        firm.kernel.hub.publish({"core.role": [lead.id]})
        firm.kernel.hub.ring((await firm.all(User, where=User.login.eq("admin")))[0].value("id"))
        assert [await anext(one) for one in tabs] == [("bell", 0)] * MANY
        firm.kernel.hub.end()
    await listening(firm.kernel.hub, 0)
