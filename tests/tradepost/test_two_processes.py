"""Two servers on one database, with Redis between them: one tells what is done in the other, and nothing else."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.schema.streams import PATIENCE, Socket, opened, talking
from tests.tradepost.conftest import Tradepost
from tests.tradepost.test_running import running

CHANGED = "subscription { salesLeadChanged { company } }"
MAKE = "mutation ($name: String!) { salesLeadCreate(input: {company: $name}) { record { id } errors { message } } }"


async def ask(address: str, token: str, query: str, **variables: object) -> Any:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        answer = await client.post(
            f"http://{address}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"},
        )
    found = answer.json()
    assert "errors" not in found, found
    return found["data"]


async def heard(socket: Socket, address: str, token: str, name: str) -> Any:
    """The next message of a socket, after a lead was made elsewhere; again until the two have found each other."""
    while True:
        await ask(address, token, MAKE, name=name)
        try:
            return await asyncio.wait_for(socket.hear(), 2)
        except TimeoutError:
            continue


async def story(here: str, there: str, admin: str, ann: str) -> None:
    async with talking(here, admin) as admins, talking(here, ann) as anns:
        await admins.subscribe(CHANGED)
        await anns.subscribe(CHANGED)
        assert (await heard(admins, there, admin, "Not hers"))["payload"]["data"] == {
            "salesLeadChanged": [{"company": "Not hers"}]
        }
        told = await heard(anns, there, ann, "Hers")
        assert told["payload"]["data"] == {"salesLeadChanged": [{"company": "Hers"}]}, "of the others she is not told"
        given = await ask(there, admin, '{ coreAssignments(filter: {user: {login: {eq: "ann"}}}) { nodes { id } } }')
        (one,) = given["coreAssignments"]["nodes"]
        await ask(there, admin, "mutation ($id: ID!) { coreAssignmentArchive(id: $id) { errors { code } } }", **one)
        while told["payload"].get("data"):
            told = await heard(anns, there, admin, "Not hers either")
        assert [each["extensions"]["code"] for each in told["payload"]["errors"]] == ["forbidden"]
        assert await anns.hear() == {"type": "complete", "id": "1"}


async def signed_out(here: str, there: str, password: str) -> None:
    """Who signs out at one server is out at the other, at once."""
    async with httpx.AsyncClient(headers={"Origin": f"http://{there}"}, timeout=PATIENCE) as client:
        answer = await client.post(f"http://{there}/sign-in", data={"login": "ann", "password": password})
        cookie = f"tradepost={answer.cookies['tradepost']}"
        async with opened(here, origin=f"http://{here}", cookie=cookie) as socket:
            await socket.say("connection_init")
            assert await socket.hear() == {"type": "connection_ack"}
            await socket.subscribe("subscription { coreNotificationsChanged { id } }")
            await socket.say("ping")
            assert await socket.hear() == {"type": "pong"}
            await client.post(f"http://{there}/sign-out")
            assert await socket.closed() == (4401, "The session or token has ended")
        with pytest.raises(InvalidStatus):
            async with opened(here, origin="http://elsewhere.example", cookie=cookie):
                pass


def test_what_one_does_the_other_tells(company: Tradepost, redis_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEPOST_REDIS_URL", redis_url)
    password = company("user", "create", "ann", "--role", "Salesperson").last
    admin, ann = (company("token", "create", "--user", one, "--name", "test").last for one in ("admin", "ann"))
    serve = ("serve", "--port", "0")
    with running(*serve) as (process, said), running(*serve, "--no-worker") as (_, also):
        here, there = (one.strip().removeprefix("Tradepost is at http://") for one in (said, also))
        asyncio.run(story(here, there, admin, ann))
        asyncio.run(signed_out(here, there, password))

        async def ended() -> None:
            async with talking(here, admin) as socket:
                await socket.subscribe(CHANGED)
                await socket.say("ping")
                await socket.hear()
                process.send_signal(signal.SIGTERM)
                assert (await socket.closed())[0] in (1001, 1012)

        asyncio.run(ended())
        assert process.wait(PATIENCE) in (0, -signal.SIGTERM)
