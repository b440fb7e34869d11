"""Subscriptions over real sockets: what is told to whom, and until when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from websockets.exceptions import InvalidStatus

import core.live
import schema.sockets
from core.access import Caller, Origin
from core.roles import Assignment
from schema.documents import Limits
from schema.routes import endpoint
from tests.schema.conftest import Shop
from tests.schema.shop import Customer
from tests.schema.streams import (
    CHANGED,
    PATIENCE,
    SYSTEM,
    Socket,
    caller_of,
    events,
    listening,
    make,
    opened,
    serving,
    session,
    talking,
)
from tests.schema.test_mutations import clerk


async def begun(shop: Shop, socket: Socket, query: str = CHANGED, key: str = "1", **variables: object) -> None:
    """Subscribe, and wait until it listens."""
    count = len(shop.hub._listeners) + 1
    await socket.subscribe(query, key, **variables)
    await listening(shop.hub, count)


async def test_a_change_is_told_to_who_sees_the_record_and_to_nobody_else(shop: Shop, token: str, address: str):
    secret = await clerk(shop)
    async with talking(address, token) as admins, talking(address, secret) as clerks:
        await begun(shop, admins)
        await begun(shop, clerks)
        foreign = await make(shop, name="Not his")
        assert await admins.data() == {"shopCustomerChanged": [{"id": str(foreign.id), "name": "Not his"}]}
        own = await make(shop, await caller_of(shop, secret), name="His")
        told = {"shopCustomerChanged": [{"id": str(own.id), "name": "His"}]}
        assert await admins.data() == told
        assert await clerks.data() == told, "and of the other one nothing was said before"
        await shop.operations.update(SYSTEM, Customer, own.id, {"owner": None})
        assert (await admins.data())["shopCustomerChanged"][0]["id"] == str(own.id)
        other = await make(shop, await caller_of(shop, secret), name="His, too")
        assert await clerks.data() == {"shopCustomerChanged": [{"id": str(other.id), "name": "His, too"}]}


async def test_a_delivery_is_one_statement_however_much_changed(shop: Shop, token: str, address: str):
    async with talking(address, token) as socket:
        await begun(shop, socket, "subscription { shopCustomerChanged { name contacts { nodes { name } } } }")
        await socket.say("ping")
        assert await socket.hear() == {"type": "pong"}
        made = [await make(shop, name=f"{number:02}") for number in range(4)]
        told = {one["name"] for one in (await socket.data())["shopCustomerChanged"]}
        while len(told) < 4:
            told |= {one["name"] for one in (await socket.data())["shopCustomerChanged"]}
        sent: list[str] = []
        shop.database.listeners.append(sent.append)
        shop.hub.publish({"shop.customer": [one.id for one in made]})
        shop.hub.publish({"shop.customer": [made[0].id], "shop.card": [made[1].id]})
        rows = (await socket.data())["shopCustomerChanged"]
        assert sorted(one["name"] for one in rows) == ["00", "01", "02", "03"]
        assert len(sent) == 1, sent


async def test_more_than_fits_in_a_message_is_told_by_several(shop: Shop, token: str, address: str):
    made = [await make(shop, name=str(number)) for number in range(60)]
    async with talking(address, token) as socket:
        await begun(shop, socket, "subscription { shopCustomerChanged { name } }")
        shop.hub.publish({"shop.customer": [one.id for one in made]})
        first, second = (await socket.data())["shopCustomerChanged"], (await socket.data())["shopCustomerChanged"]
    assert (len(first), len(second)) == (50, 10)
    assert {one["name"] for one in (*first, *second)} == {str(number) for number in range(60)}


async def test_one_record_and_a_filter_narrow_what_is_told(shop: Shop, token: str, address: str):
    tea, oil = await make(shop), await make(shop, name="Oil Mill")
    query = """subscription ($id: ID, $filter: ShopCustomerFilter) {
        told: shopCustomerChanged(id: $id, filter: $filter) { name industry } }"""
    async with talking(address, token) as socket:
        await begun(shop, socket, query, "one", id=str(oil.id))
        await begun(shop, socket, query, "some", filter={"industry": {"eq": "RETAIL"}})
        await shop.operations.update(SYSTEM, Customer, tea.id, {"industry": "retail"})
        row = {"name": "Tea House", "industry": "RETAIL"}
        assert await socket.hear() == {"type": "next", "id": "some", "payload": {"data": {"told": [row]}}}
        await shop.operations.update(SYSTEM, Customer, tea.id, {"industry": "transport"})
        await shop.operations.archive(SYSTEM, Customer, oil.id)
        oil_row = {"name": "Oil Mill", "industry": None}
        assert await socket.hear() == {"type": "next", "id": "one", "payload": {"data": {"told": [oil_row]}}}


async def test_a_right_that_is_taken_away_ends_what_it_allowed(shop: Shop, address: str):
    secret = await clerk(shop)
    async with talking(address, secret) as socket:
        await begun(shop, socket)
        (given,) = await shop.reader.records(SYSTEM, Assignment)
        his = await caller_of(shop, secret)
        await shop.operations.archive(SYSTEM, Assignment, given.id)
        await make(shop, owner=his.user_id)
        told = await socket.hear()
        assert told["type"] == "next"
        assert told["payload"]["data"] is None
        assert [one["extensions"]["code"] for one in told["payload"]["errors"]] == ["forbidden"]
        assert await socket.hear() == {"type": "complete", "id": "1"}
        await listening(shop.hub, 0)


@pytest.mark.parametrize("query", ["{ id remark }", '(filter: {remark: {eq: "x"}}) { id }'])
async def test_a_hidden_field_is_refused_like_one_that_is_not_there(shop: Shop, address: str, query: str):
    async with talking(address, await clerk(shop, ["remark"])) as socket:
        await socket.subscribe(f"subscription {{ shopCustomerChanged{query} }}")
        told = await socket.hear()
        assert told["type"] == "error"
        assert [one["extensions"]["code"] for one in told["payload"]] == ["unknown_field"]
        await socket.subscribe("subscription { shopCardChanged { id } }")
        told = await socket.hear()
        assert [one["extensions"]["code"] for one in told["payload"]["errors"]] == ["forbidden"]


async def test_ones_notifications_are_told_when_they_change(shop: Shop, admin: Caller, token: str, address: str):
    async with talking(address, token) as socket:
        await begun(shop, socket, "subscription { coreNotificationsChanged(unread: true) { id kind } }")
        shop.hub.ring(UUID(int=1))
        await shop.notifications.read(admin)
        assert await socket.data() == {"coreNotificationsChanged": []}


async def test_a_query_and_a_mutation_are_answered_once(shop: Shop, token: str, address: str):
    async with talking(address, token) as socket:
        await socket.subscribe("{ me { login } }")
        assert await socket.data() == {"me": {"login": "admin"}}
        assert await socket.hear() == {"type": "complete", "id": "1"}
        await socket.subscribe('mutation { shopCustomerCreate(input: {name: "Tea"}) { record { name } } }', "2")
        assert await socket.data() == {"shopCustomerCreate": {"record": {"name": "Tea"}}}
        assert await socket.hear() == {"type": "complete", "id": "2"}
        await socket.say("ping", payload={"a": 1})
        assert await socket.hear() == {"type": "pong"}
        await begun(shop, socket, key="3")
        await socket.say("complete", id="3")
        await listening(shop.hub, 0)
        await socket.say("complete", id="unknown")
        await socket.subscribe("{ me { login } }", "3")
        assert await socket.data() == {"me": {"login": "admin"}}


# Who it is


async def test_a_page_of_ours_comes_with_its_session_and_goes_with_it(shop: Shop, address: str):
    cookie, _ = await session(shop)
    async with opened(address, origin=f"http://{address}", cookie=cookie) as socket:
        await socket.say("connection_init")
        assert await socket.hear() == {"type": "connection_ack"}
        await begun(shop, socket)
        await shop.sign_in.end(cookie.partition("=")[2], Origin())
        assert await socket.closed() == (4401, "The session or token has ended")
    await listening(shop.hub, 0)


async def test_a_token_that_ends_closes_its_connection(shop: Shop, token: str, admin: Caller, address: str):
    (one,) = await shop.sign_in.tokens_of(admin)
    async with talking(address, token) as socket:
        await begun(shop, socket)
        await shop.sign_in.end_token(admin, one.id)
        assert await socket.closed() == (4401, "The session or token has ended")


async def test_a_session_that_ended_elsewhere_tells_nothing_more(shop: Shop, address: str):
    """Nobody rings: another process ended it, and Redis is away."""
    cookie, _ = await session(shop)
    async with opened(address, origin=f"http://{address}", cookie=cookie) as socket:
        await socket.say("connection_init")
        await socket.hear()
        await begun(shop, socket)
        ring, shop.hub.ring = shop.hub.ring, lambda user: None  # type: ignore[method-assign]  # a ring that is lost on its way
        await shop.sign_in.end(cookie.partition("=")[2], Origin())
        shop.hub.ring = ring  # type: ignore[method-assign]  # it comes again
        await make(shop)
        assert await socket.closed() == (4401, "The session or token has ended")


async def test_a_quiet_stream_is_looked_after(shop: Shop, address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(core.live, "BEAT", 0.1)
    cookie, _ = await session(shop)
    async with opened(address, origin=f"http://{address}", cookie=cookie) as socket:
        await socket.say("connection_init")
        await socket.hear()
        await begun(shop, socket)
        shop.hub.ring = lambda user: None  # type: ignore[method-assign]  # as above
        await shop.sign_in.end(cookie.partition("=")[2], Origin())
        assert await socket.closed() == (4401, "The session or token has ended")


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", "http://127.0.0.1"])
async def test_a_page_of_another_site_opens_nothing(shop: Shop, address: str, origin: str):
    cookie, _ = await session(shop)
    with pytest.raises(InvalidStatus) as refused:
        async with opened(address, origin=origin, cookie=cookie):
            pass
    assert refused.value.response.status_code == 403


async def test_a_cookie_without_an_origin_is_nobody(shop: Shop, address: str):
    cookie, _ = await session(shop)
    async with opened(address, cookie=cookie) as socket:
        await socket.say("connection_init")
        assert await socket.closed() == (4403, "Forbidden")


@pytest.mark.parametrize("payload", [None, {}, {"Authorization": "Bearer tp_wrong"}, {"authorization": "tp_wrong"}])
async def test_nobody_is_let_in(shop: Shop, address: str, payload: object):
    async with opened(address) as socket:
        await socket.say("connection_init", payload=payload)
        assert await socket.closed() == (4403, "Forbidden")


async def test_another_protocol_is_refused(shop: Shop, address: str):
    with pytest.raises(InvalidStatus) as refused:
        async with opened(address, protocols=("graphql-ws",)):
            pass
    assert refused.value.response.status_code == 403


# What is no such message


BEFORE: list[tuple[str | bytes, int]] = [
    ("", 4400),
    ("no json", 4400),
    (b"{}", 4400),
    ("[]", 4400),
    ("{}", 4400),
    ('{"type": 1}', 4400),
    ('{"type": "connection_init", "payload": 1}', 4400),
    ('{"type": "subscribe", "id": "1", "payload": {"query": "{ me { id } }"}}', 4401),
    ('{"type": "complete", "id": "1"}', 4401),
    ('{"type": "' + "x" * 2_000_000 + '"}', 1009),
]


@pytest.mark.parametrize(("frame", "code"), BEFORE, ids=range(len(BEFORE)))
async def test_a_malformed_beginning_closes(shop: Shop, address: str, frame: str | bytes, code: int):
    async with opened(address) as socket:
        await socket.connection.send(frame)
        assert (await socket.closed())[0] == code
    assert shop.hub._listeners == {}


AFTER: list[tuple[dict[str, Any], int]] = [
    ({"type": "connection_init"}, 4429),
    ({"type": "nonsense"}, 4400),
    ({"type": "subscribe"}, 4400),
    ({"type": "subscribe", "id": ""}, 4400),
    ({"type": "subscribe", "id": "x" * 101, "payload": {"query": "{ me { id } }"}}, 4400),
    ({"type": "subscribe", "id": "1"}, 4400),
    ({"type": "subscribe", "id": "1", "payload": []}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": ""}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": "{ me { id } }", "variables": []}}, 4400),
    ({"type": "complete"}, 4400),
    ({"type": "subscribe", "id": "taken", "payload": {"query": CHANGED}}, 4409),
]


@pytest.mark.parametrize(("message", "code"), AFTER, ids=range(len(AFTER)))
async def test_a_malformed_message_closes(shop: Shop, token: str, address: str, message: dict[str, Any], code: int):
    async with talking(address, token) as socket:
        await begun(shop, socket, key="taken")
        await socket.connection.send(orjson.dumps(message).decode())
        assert (await socket.closed())[0] == code
    await listening(shop.hub, 0)


async def test_who_says_nothing_is_sent_away(shop: Shop, token: str, address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(schema.sockets, "INIT_SECONDS", 0.1)
    async with opened(address) as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")
    monkeypatch.setattr(schema.sockets, "INIT_SECONDS", PATIENCE)
    monkeypatch.setattr(schema.sockets, "IDLE_SECONDS", 0.2)
    async with talking(address, token) as socket:
        assert await socket.closed() == (1000, "Nothing is subscribed")


# Limits


async def refusal(socket: Socket, query: str) -> str:
    await socket.subscribe(query)
    told = await socket.hear()
    assert told["type"] == "error", told
    code: str = told["payload"][0]["extensions"]["code"]
    return code


async def test_the_limits_of_documents_hold(shop: Shop, token: str):
    small = endpoint(shop)  # type: ignore[arg-type]  # as above
    small.subscriptions.renewed.graphql.limits = replace(Limits(), depth=4, cost=600)
    async with serving(small) as address, talking(address, token) as socket:
        deep = "{ parent { parent { parent { parent { id } } } } }"
        assert await refusal(socket, f"subscription {{ shopCustomerChanged {deep} }}") == "bad_query"
        wide = "{ contacts(first: 20) { nodes { id } } }"
        assert await refusal(socket, f"subscription {{ shopCustomerChanged {wide} }}") == "bad_query"
        assert await refusal(socket, "subscription { a: shopCustomerChanged { id } b: shopCardChanged { id } }")
        assert await refusal(socket, "subscription { shopCustomerChanged { nonsense } }") == "unknown_field"
        assert await refusal(socket, "subscription { __typename }") == "bad_query"
        assert await refusal(socket, "subscription { shopCardChanged @skip(if: true) { id } }") == "bad_query"
    assert shop.hub._listeners == {}


async def test_a_connection_has_so_many_subscriptions_and_no_more(shop: Shop, token: str):
    settings = shop.settings.model_copy(update={"subscription_limit": 2})
    few = endpoint(replace(shop, settings=settings))  # type: ignore[arg-type]  # as above
    async with serving(few) as address, talking(address, token) as socket:
        await begun(shop, socket, key="1")
        await begun(shop, socket, key="2")
        await socket.subscribe(CHANGED, "3")
        told = await socket.hear()
        assert (told["type"], told["id"]) == ("error", "3")
        assert told["payload"][0]["extensions"]["code"] == "too_many"
        await socket.say("complete", id="1")
        await listening(shop.hub, 1)
        await begun(shop, socket, key="3")


async def test_a_subscription_is_no_request(client: httpx.AsyncClient, token: str):
    answer = await client.post("/graphql", json={"query": CHANGED}, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "bad_query"


# The end


async def test_a_server_that_ends_says_so(shop: Shop, token: str, address: str):
    headers = {"Authorization": f"Bearer {token}"}
    async with talking(address, token) as socket, events(address, {"query": CHANGED}, headers) as stream:
        await begun(shop, socket)
        await listening(shop.hub, 2)
        shop.hub.end()
        assert await socket.closed() == (1001, "The server ends")
        assert [one async for one in stream] == [], "cut off, not complete: the client comes back"


async def test_who_goes_leaves_nothing_behind(shop: Shop, token: str, address: str):
    async with talking(address, token) as socket:
        await begun(shop, socket, key="1")
        await begun(shop, socket, key="2")
        socket.connection.transport.abort()
    await listening(shop.hub, 0)
