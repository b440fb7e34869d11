"""Subscriptions as their clients meet them: a real server, a WebSocket, a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from core.access import Caller, Origin, system
from core.live import Hub
from tests.schema.shop import Customer

if TYPE_CHECKING:
    from tests.schema.conftest import Shop

PROTOCOL = "graphql-transport-ws"
PATIENCE = 90
SYSTEM = system("a test")
CHANGED = "subscription { shopCustomerChanged { id name } }"
Message = dict[str, Any]


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """A real server on a free port of this machine; its address without the scheme."""
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


async def listening(hub: Hub, count: int) -> None:
    """Wait until so many listen: what is told before is not theirs."""
    async with asyncio.timeout(PATIENCE):
        while len(hub._listeners) != count:
            await asyncio.sleep(0.01)


@dataclass
class Socket:
    """One end of a WebSocket."""

    connection: ClientConnection

    async def say(self, type: str, **values: object) -> None:
        await self.connection.send(orjson.dumps({"type": type, **values}).decode())

    async def hear(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            found: Message = orjson.loads(await self.connection.recv())
        return found

    async def subscribe(self, query: str, key: str = "1", **variables: object) -> None:
        await self.say("subscribe", id=key, payload={"query": query, "variables": variables})

    async def data(self) -> Any:
        """The data of the next message, which is one."""
        message = await self.hear()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def closed(self) -> tuple[int | None, str | None]:
        """With which code and reason the server closes, whatever it says before."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed:
                return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def opened(
    address: str, *, origin: str | None = None, cookie: str = "", protocols: tuple[str, ...] = (PROTOCOL,)
) -> AsyncIterator[Socket]:
    """A WebSocket on which nothing was said."""
    headers = {"Cookie": cookie} if cookie else {}
    async with connect(
        f"ws://{address}/graphql",
        origin=origin,  # type: ignore[arg-type]  # a text of its own type
        subprotocols=protocols,  # type: ignore[arg-type]  # likewise
        additional_headers=headers,
        proxy=None,
    ) as connection:
        yield Socket(connection)


@asynccontextmanager
async def talking(address: str, token: str) -> AsyncIterator[Socket]:
    """A WebSocket of a program with a token, acknowledged."""
    async with opened(address) as socket:
        await socket.say("connection_init", payload={"Authorization": f"Bearer {token}"})
        assert await socket.hear() == {"type": "connection_ack"}
        yield socket


@asynccontextmanager
async def events(
    address: str, body: Mapping[str, object], headers: Mapping[str, str]
) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
    """The events of a stream, each with its data."""
    wanted = {"Accept": "text/event-stream", **headers}
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream("POST", f"http://{address}/graphql", json=body, headers=wanted) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")

        async def told() -> AsyncIterator[tuple[str, Any]]:
            name, data = "", ""
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:"):
                    data += line.removeprefix("data:").strip()
                elif not line and name:
                    yield name, orjson.loads(data) if data else None
                    name, data = "", ""

        yield told()


async def session(shop: Shop) -> tuple[str, Caller]:
    """A cookie of the administrator, and who it is of."""
    secret, caller = await shop.sign_in.sign_in("admin", shop.settings.admin_password.get_secret_value(), Origin())
    return f"{shop.settings.session_cookie('http')}={secret}", caller


async def caller_of(shop: Shop, token: str) -> Caller:
    found = await shop.sign_in.caller_of_token(token, Origin())
    assert found is not None
    return found


async def make(shop: Shop, caller: Caller = SYSTEM, **values: object) -> Customer:
    return await shop.operations.create(caller, Customer, {"name": "Tea House", **values})
