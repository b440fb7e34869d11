"""One's own account over GraphQL: password, sessions and tokens, as a session of one's own changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from core.access import Origin
from core.database import KEY
from tests.schema.conftest import PASSWORD, Ask, Shop

NEW = "an entirely different phrase"
CHANGE = "mutation ($current: String!, $new: String!) { corePasswordChange(current: $current, new: $new) { %s } }"


@pytest.fixture
async def session(shop: Shop) -> str:
    secret, _ = await shop.sign_in.sign_in("admin", PASSWORD, Origin("192.0.2.7", "Firefox"))
    return secret


async def send(client: httpx.AsyncClient, session: str, query: str, **variables: object) -> dict[str, Any]:
    """Ask as the page of a browser does."""
    headers = {"Cookie": f"tradepost={session}", "Sec-Fetch-Site": "same-origin"}
    response = await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_token_is_made_shown_once_listed_and_ended(client: httpx.AsyncClient, session: str, ask: Ask):
    made = await send(
        client,
        session,
        'mutation { coreTokenCreate(name: "report", scopes: ["shop.customer.read"]) { token errors { code } } }',
    )
    text = made["data"]["coreTokenCreate"]["token"]
    listed = await send(client, session, "{ coreTokens { id name prefix readOnly scopes } }")
    one = next(each for each in listed["data"]["coreTokens"] if each["name"] == "report")
    assert one | {"id": ""} == {
        "id": "",
        "name": "report",
        "prefix": text[:11],
        "readOnly": True,
        "scopes": ["shop.customer.read"],
    }
    assert (await ask("{ shopCustomers { totalCount } }", text))["data"] == {"shopCustomers": {"totalCount": 0}}
    refused = await ask("{ coreUsers { totalCount } }", text)
    assert [each["extensions"]["code"] for each in refused["errors"]] == ["forbidden"]
    permissions = await ask("{ me { administrator permissions { name } } }", text)
    assert permissions["data"]["me"] == {"administrator": False, "permissions": [{"name": "shop.customer.read"}]}
    ended = await send(client, session, "mutation ($id: ID!) { coreTokenEnd(id: $id) { done } }", id=one["id"])
    assert ended["data"] == {"coreTokenEnd": {"done": True}}
    gone = await ask("{ shopCustomers { totalCount } }", text)
    assert [each["extensions"]["code"] for each in gone["errors"]] == ["unauthenticated"]


async def test_what_a_token_cannot_be_stands_in_the_errors(client: httpx.AsyncClient, session: str, shop: Shop):
    answer = await send(
        client,
        session,
        'mutation { coreTokenCreate(name: "x", scopes: ["shop.fly"]) { token errors { field code } } }',
    )
    assert answer["data"]["coreTokenCreate"] == {"token": None, "errors": [{"field": "scopes", "code": "unknown"}]}
    assert await shop.database.read(KEY, "SELECT count(*) FROM core_token") == [(0,)]


async def test_a_token_changes_no_password_and_makes_no_token(ask: Ask, shop: Shop):
    for query, variables in (
        (CHANGE % "done", {"current": PASSWORD, "new": NEW}),
        ('mutation { coreTokenCreate(name: "two") { token } }', {}),
    ):
        answer = await ask(query, **variables)
        assert [one["extensions"]["code"] for one in answer["errors"]] == ["forbidden"]
    assert await shop.database.read(KEY, "SELECT count(*) FROM core_token") == [(1,)]


async def test_sessions_are_listed_and_ended(client: httpx.AsyncClient, session: str, shop: Shop):
    other, caller = await shop.sign_in.sign_in("admin", PASSWORD, Origin("198.51.100.9", "Chrome"))
    third, _ = await shop.sign_in.sign_in("admin", PASSWORD, Origin("198.51.100.9", "Safari"))
    listed = await send(client, session, "{ coreSessions { id address program } }")
    assert {one["program"] for one in listed["data"]["coreSessions"]} == {"Firefox", "Chrome", "Safari"}
    query = "mutation ($id: ID!) { coreSessionEnd(id: $id) { done } }"
    assert (await send(client, session, query, id=str(caller.credential)))["data"] == {"coreSessionEnd": {"done": True}}
    assert (await send(client, other, "{ me { login } }"))["errors"][0]["extensions"]["code"] == "unauthenticated"
    assert (await send(client, third, "{ me { login } }"))["data"] == {"me": {"login": "admin"}}
    await send(client, session, "mutation { coreOtherSessionsEnd { done } }")
    assert (await send(client, third, "{ me { login } }"))["errors"][0]["extensions"]["code"] == "unauthenticated"
    assert (await send(client, session, "{ me { login } }"))["data"] == {"me": {"login": "admin"}}


async def test_the_password_is_changed_with_the_present_one(client: httpx.AsyncClient, session: str, shop: Shop):
    wrong = await send(client, session, CHANGE % "done errors { field code }", current="x", new=NEW)
    assert wrong["data"]["corePasswordChange"] == {
        "done": False,
        "errors": [{"field": "current", "code": "wrong_credentials"}],
    }
    done = await send(client, session, CHANGE % "done errors { code }", current=PASSWORD, new=NEW)
    assert done["data"]["corePasswordChange"] == {"done": True, "errors": []}
    await shop.sign_in.sign_in("admin", NEW, Origin())


async def test_attempts_inside_documents_are_counted(client: httpx.AsyncClient, session: str, shop: Shop):
    codes = []
    for _ in range(11):
        answer = await send(client, session, CHANGE % "errors { code }", current="a wrong password", new=NEW)
        codes += [one["code"] for one in answer["data"]["corePasswordChange"]["errors"]]
    assert codes == ["wrong_credentials"] * 10 + ["too_many_attempts"]
    right = await send(client, session, CHANGE % "errors { code }", current=PASSWORD, new=NEW)
    assert right["data"]["corePasswordChange"]["errors"] == [{"code": "too_many_attempts"}]


TWICE: Mapping[str, str] = {
    "aliases": """mutation {
        a: corePasswordChange(current: "one", new: "x") { done }
        b: corePasswordChange(current: "two", new: "x") { done }
    }""",
    "a fragment": """mutation { ...Both a: corePasswordChange(current: "one", new: "x") { done } }
        fragment Both on Mutation { b: corePasswordChange(current: "two", new: "x") { done } }""",
    "one that is skipped": """mutation { a: corePasswordChange(current: "one", new: "x") { done }
        b: coreTokenCreate(name: "x") @skip(if: true) { token } }""",
    "one of each": """mutation { a: coreTokenCreate(name: "x") { token }
        b: corePasswordChange(current: "two", new: "x") { done } }""",
}


@pytest.mark.parametrize("document", TWICE.values(), ids=TWICE)
async def test_a_document_tries_one_password_at_most(
    client: httpx.AsyncClient, session: str, shop: Shop, document: str
):
    answer = await send(client, session, document)
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["bad_query"]
    assert await shop.database.read(KEY, "SELECT count(*) FROM core_token") == [(0,)]
    _, caller = await shop.sign_in.sign_in("admin", PASSWORD, Origin("203.0.113.1"))
    for _ in range(10):  # nothing was counted: nothing was tried
        await shop.sign_in.attempts.admit(str(caller.user_id), "127.0.0.1")


async def test_a_batch_of_documents_is_refused(client: httpx.AsyncClient, session: str):
    headers = {"Cookie": f"tradepost={session}", "Sec-Fetch-Site": "same-origin"}
    one = {"query": CHANGE % "done", "variables": {"current": "x", "new": NEW}}
    response = await client.post("/graphql", json=[one, one], headers=headers)
    assert response.status_code == 400
