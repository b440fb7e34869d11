"""Two hundred open subscriptions: each gets its change by one statement, and lists are answered meanwhile."""

from __future__ import annotations

import asyncio
import resource
from contextlib import AsyncExitStack

import httpx

from core.live import MOST_WAITING
from tests.schema.conftest import Shop
from tests.schema.streams import CHANGED, Socket, listening, make, talking

MANY = 200
LISTS = 20
MEGABYTE = 1_024  # of what the system counts in kilobytes


async def test_all_are_told_while_lists_are_used(shop: Shop, token: str, address: str):
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://{address}"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sockets: list[Socket] = [await stack.enter_async_context(talking(address, token)) for _ in range(MANY)]
        for one in sockets:
            await one.subscribe(CHANGED)
        await listening(shop.hub, MANY)
        for one in sockets:
            await one.say("ping")
            assert await one.hear() == {"type": "pong"}
        made = await make(shop)
        told = {"shopCustomerChanged": [{"id": str(made.id), "name": "Tea House"}]}
        assert [await one.data() for one in sockets] == [told] * MANY

        sent: list[str] = []
        shop.database.listeners.append(sent.append)
        changes = asyncio.gather(*(one.data() for one in sockets))
        shop.hub.publish({"shop.customer": [made.id]})
        query = {"query": "{ shopCustomers { nodes { name } } }"}
        headers = {"Authorization": f"Bearer {token}"}
        for _ in range(LISTS):
            answer = await client.post("/graphql", json=query, headers=headers)
            assert answer.json() == {"data": {"shopCustomers": {"nodes": [{"name": "Tea House"}]}}}
        assert await changes == [told] * MANY
        assert len(sent) == MANY + LISTS, "a statement for each stream and each list"
        shop.hub.publish({"shop.card": [made.id]})
        for _ in range(3 * MOST_WAITING):
            shop.hub.publish({"shop.customer": [made.id]})
        assert max(queue.qsize() for queue in shop.hub._listeners) == MOST_WAITING, "who does not keep up is forgotten"
        assert [await one.data() for one in sockets] == [told] * MANY
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100 * MEGABYTE, "both ends of two hundred connections"
    await listening(shop.hub, 0)
