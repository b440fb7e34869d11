"""Subscriptions as server-sent events."""

from __future__ import annotations

import httpx
import pytest

from core.access import Origin
from tests.schema.conftest import Shop
from tests.schema.shop import Customer
from tests.schema.streams import CHANGED, SYSTEM, events, listening, make, session


async def test_events_tell_changes_until_the_session_ends(shop: Shop, address: str):
    cookie, _ = await session(shop)
    headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    async with events(address, {"query": CHANGED}, headers) as stream:
        await listening(shop.hub, 1)
        made = await make(shop, name="Tea House")
        told = {"data": {"shopCustomerChanged": [{"id": str(made.id), "name": "Tea House"}]}}
        assert await anext(stream) == ("next", told)
        await shop.sign_in.end(cookie.partition("=")[2], Origin())
        name, last = await anext(stream)
        assert (name, last["errors"][0]["extensions"]["code"]) == ("next", "unauthenticated")
        assert [one async for one in stream] == [("complete", None)]


async def test_events_tell_one_answer_of_a_query_and_what_is_refused(shop: Shop, token: str, address: str):
    headers = {"Authorization": f"Bearer {token}"}
    asked = {
        "{ shopCustomers { nodes { name } } }": {"data": {"shopCustomers": {"nodes": [{"name": "A"}, {"name": "B"}]}}}
    }
    await make(shop, name="A")
    await make(shop, name="B")
    for query, answer in asked.items():
        async with events(address, {"query": query}, headers) as stream:
            assert [one async for one in stream] == [("next", answer), ("complete", None)]
    async with events(address, {"query": "subscription { shopCustomerChanged { nonsense } }"}, headers) as stream:
        (name, told), last = [one async for one in stream]
    assert (name, told["errors"][0]["extensions"]["code"], last) == ("next", "unknown_field", ("complete", None))


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, 401),
        ("POST", {"Authorization": "Bearer tp_wrong"}, 401),
        ("POST", {"Sec-Fetch-Site": "cross-site", "Cookie": "session"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Cookie": "session"}, 403),
        ("PUT", {"Authorization": "token"}, 405),
        ("POST", {"Authorization": "token", "Content-Type": "text/plain"}, 415),
    ],
)
async def test_a_stream_is_refused_like_any_request(
    shop: Shop, token: str, address: str, method: str, headers: dict[str, str], status: int
):
    cookie, _ = await session(shop)
    given = {"session": cookie, "token": f"Bearer {token}"}
    sent = {"Accept": "text/event-stream", **{name: given.get(one, one) for name, one in headers.items()}}
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        answer = await client.request(method, "/graphql", params={"query": CHANGED}, headers=sent)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/json")


async def test_a_get_stream_changes_nothing(shop: Shop, token: str, address: str):
    query = 'mutation { shopCustomerCreate(input: {name: "Tea"}) { record { name } } }'
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        answer = await client.get("/graphql", params={"query": query}, headers=headers)
    assert "get_changes" in answer.text
    assert await shop.reader.count(SYSTEM, Customer) == 0
