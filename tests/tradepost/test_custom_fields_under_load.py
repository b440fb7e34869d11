"""A field is added while two processes read and write: nobody is refused, and both have it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from core.access import Origin, system
from core.settings import Settings
from core.users import User
from tests.tradepost.test_running import running
from tradepost.app import open_kernel

PASSWORD = "correct horse battery staple"
SYSTEM = system("a test")
ADD = (
    "mutation ($input: CoreCustomFieldCreateInput!) { coreCustomFieldCreate(input: $input)"
    " { record { name } errors { field message } } }"
)
CREATE = (
    "mutation ($input: SalesCustomerCreateInput!) { salesCustomerCreate(input: $input)"
    " { record { id } errors { field message } } }"
)
READ = "{ salesCustomers(first: 5) { nodes { name owner { name } } totalCount } }"
USE = '{ salesCustomers(filter: {xRating: {contains: "good"}}, order: [{field: X_RATING}]) { nodes { name xRating } } }'

Body = dict[str, Any]


async def secret_of_a_session(settings: Settings) -> str:
    """The administrator is signed in."""
    async with open_kernel(settings) as kernel:
        (user,) = await kernel.reader.records(SYSTEM, User)
        await kernel.accounts.set_password(SYSTEM, user.id, PASSWORD)
        return (await kernel.sign_in.sign_in("admin", PASSWORD, Origin()))[0]


def client_of(address: str, secret: str) -> httpx.AsyncClient:
    """A client of one process, with a session."""
    cookies = {"tradepost": secret}
    return httpx.AsyncClient(base_url=address, headers={"Origin": address}, cookies=cookies, timeout=60)


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> Body:
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    body: Body = answer.json()
    return body


class Load:
    """Reads and writes that go on until they are told to end; what went wrong is kept."""

    def __init__(self, clients: list[httpx.AsyncClient]) -> None:
        self.clients = clients
        self.done = 0
        self.faults: list[str] = []
        self.ended = asyncio.Event()

    async def _on(self, work: Callable[[int], Awaitable[str]]) -> None:
        while not self.ended.is_set():
            try:
                fault = await work(self.done)
            except httpx.HTTPError as error:
                fault = repr(error)
            self.done += 1
            if fault:
                self.faults.append(fault)

    def works(self) -> list[Callable[[int], Awaitable[str]]]:
        """What is done at each process: lists and records over GraphQL, a page."""

        def of(client: httpx.AsyncClient) -> list[Callable[[int], Awaitable[str]]]:
            async def read(_: int) -> str:
                return str((await ask(client, READ)).get("errors", ""))

            async def write(number: int) -> str:
                body = await ask(client, CREATE, input={"name": f"Customer {number} of {id(client)}"})
                return str(body.get("errors", "") or body["data"]["salesCustomerCreate"]["errors"] or "")

            async def page(_: int) -> str:
                answer = await client.get("/sales/customers")
                return "" if answer.status_code == 200 else answer.text

            return [read, write, page]

        return [work for client in self.clients for work in of(client)]

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            for work in self.works():
                group.create_task(self._on(work))
            try:
                yield
            finally:
                self.ended.set()

    async def until(self, done: int) -> None:
        """Wait until so many more requests were answered."""
        wanted = self.done + done
        while self.done < wanted:
            await asyncio.sleep(0.01)


@pytest.mark.requirement("OB-2")
async def test_a_field_is_added_under_load_and_no_request_fails(company, settings: Settings) -> None:
    with running("serve", "--port", "0") as (_, first), running("serve", "--port", "0") as (_, second):
        addresses = [said.removeprefix("Tradepost is at ").strip() for said in (first, second)]
        async with AsyncExitStack() as stack:
            secret = await secret_of_a_session(settings)
            one, other = [await stack.enter_async_context(client_of(address, secret)) for address in addresses]
            load = Load([one, other])
            async with load.going():
                await load.until(40)
                added = await ask(one, ADD, input={"object": "sales.customer", "label": "Rating", "kind": "TEXT"})
                assert added["data"]["coreCustomFieldCreate"] == {"record": {"name": "x_rating"}, "errors": []}
                for client in (one, other):
                    made = await ask(client, CREATE, input={"name": f"Rated {id(client)}", "xRating": "good"})
                    assert made["data"]["salesCustomerCreate"]["errors"] == []
                    await client.get("/sales/customers/new")
                    assert 'name="x_rating"' in (await client.get("/sales/customers/new")).text
                for client in (one, other):
                    found = (await ask(client, USE))["data"]["salesCustomers"]["nodes"]
                    assert [node["xRating"] for node in found] == ["good", "good"]
                await load.until(40)
            assert load.faults == []
