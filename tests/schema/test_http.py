from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.async_api import async_playwright
from starlette.applications import Starlette

from core.access import Origin, system
from core.cursors import cursor_signature
from core.database import KEY
from core.finder import Found
from core.query import Order
from core.users import User
from schema.routes import routes
from tests.schema.conftest import PASSWORD, Ask, Shop
from tradepost.testing import missing

GRAPHQL = "application/graphql-response+json"
QUERY = "{ me { login } }"
AUDIT = "graphql-http@1.22.4"


@asynccontextmanager
async def serving(shop: Shop) -> AsyncIterator[str]:
    """A real server on a free port of this machine."""
    app = Starlette(routes=routes(shop))  # type: ignore[arg-type]  # the parts of a kernel that routes ask
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@pytest.fixture(scope="session")
def audits(run_folder: Path) -> Path:
    """The audits of the npm package graphql-http, fetched from npm or from its cache."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed; the audit of graphql-http needs it")
    folder = run_folder / "graphql-http"
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [str(npm), "pack", "--silent", "--prefer-offline", AUDIT],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        missing(f"{AUDIT} cannot be had from npm: {done.stderr.strip()[:200]}")
    subprocess.run(["tar", "xzf", done.stdout.strip(), "--strip-components=1"], cwd=folder, check=True)
    return folder / "lib" / "audits" / "index.mjs"


async def test_the_audit_of_graphql_over_http_has_no_error_and_no_warning(shop: Shop, token: str, audits: Path) -> None:
    async with serving(shop) as address:
        process = await asyncio.create_subprocess_exec(
            "node", str(Path(__file__).with_name("audit.mjs")), str(audits), f"{address}/graphql", token,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
    report = json.loads(out)
    assert report["failed"] == []
    assert report["total"] >= 60


def authorized(token: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **headers}


@pytest.mark.parametrize(
    ("content", "body", "status", "message"),
    [
        ("text/plain", b"{}", 415, "Send application/json in UTF-8"),
        ("application/x-www-form-urlencoded", b"query={me{login}}", 415, "Send application/json in UTF-8"),
        ("application/json; charset=latin1", b"{}", 415, "Send application/json in UTF-8"),
        ("application/json", b"[]", 400, "The body is one object with a query; there is no batching"),
        ("application/json", b'[{"query": "{ a }"}]', 400, "The body is one object with a query; there is no batching"),
        ("application/json", b'{"query": 1}', 400, "query is a text and must be given"),
        ("application/json", b'{"query": "{ me { login } }", "variables": []}', 400, "variables is an object"),
        ("application/json", b'{"query": "{ me { login } }", "operationName": 1}', 400, "operationName is a text"),
        ("application/json", b" " * 1_048_577, 413, "A request has at most 1048576 bytes"),
    ],
)  # fmt: skip
async def test_what_is_no_graphql_request_is_refused(
    client: httpx.AsyncClient, token: str, content: str, body: bytes, status: int, message: str
) -> None:
    response = await client.post("/graphql", content=body, headers=authorized(token, **{"Content-Type": content}))
    assert (response.status_code, response.json()["errors"][0]["message"]) == (status, message)


@pytest.mark.parametrize("secret", ["", "tp_nonsense", "x"])
async def test_nobody_is_told_nothing(client: httpx.AsyncClient, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    for query in (QUERY, "{ __schema { types { name } } }", "{ nonsense"):
        response = await client.post("/graphql", json={"query": query}, headers=headers)
        assert response.status_code == 401
        assert response.json() == {"errors": [{"message": "Please sign in", "extensions": {"code": "unauthenticated"}}]}


async def test_a_session_works_from_our_own_pages_only(shop: Shop, client: httpx.AsyncClient) -> None:
    secret, _ = await shop.sign_in.sign_in("admin", PASSWORD, Origin())
    cookie = {"Cookie": f"tradepost={secret}"}

    async def post(**headers: str) -> int:
        response = await client.post("/graphql", json={"query": QUERY}, headers={**cookie, **headers})
        return response.status_code

    assert await post() == 403
    assert await post(Origin="http://shop.test") == 200
    assert await post(Origin="http://evil.test") == 403
    assert await post(**{"Sec-Fetch-Site": "same-origin"}) == 200
    assert await post(**{"Sec-Fetch-Site": "cross-site", "Origin": "http://shop.test"}) == 403
    assert await post(**{"Sec-Fetch-Site": "same-site"}) == 403
    await shop.sign_in.end(secret, Origin())
    assert await post(Origin="http://shop.test") == 401


async def test_a_get_request_asks_and_never_changes(shop: Shop, client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get("/graphql", params={"query": QUERY}, headers=authorized(token))
    assert answer.json() == {"data": {"me": {"login": "admin"}}}
    mutation = 'mutation { shopCustomerCreate(input: {name: "X"}) { record { id } } }'
    refused = await client.get("/graphql", params={"query": mutation}, headers=authorized(token))
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")
    assert (await shop.database.read(KEY, "SELECT count(*) FROM shop_customer"))[0][0] == 0
    other = await client.put("/graphql", json={"query": QUERY}, headers=authorized(token))
    assert other.status_code == 405


async def test_each_media_type_has_its_statuses(client: httpx.AsyncClient, token: str) -> None:
    async def post(accept: str, query: str) -> tuple[int, str]:
        response = await client.post("/graphql", json={"query": query}, headers=authorized(token, Accept=accept))
        return response.status_code, response.headers["content-type"]

    assert await post(GRAPHQL, QUERY) == (200, f"{GRAPHQL}; charset=utf-8")
    assert await post(f"{GRAPHQL};q=0.9, */*", "{ nope }") == (400, f"{GRAPHQL}; charset=utf-8")
    assert await post("application/json", "{ nope }") == (200, "application/json; charset=utf-8")
    assert await post("", QUERY) == (200, "application/json; charset=utf-8")


async def test_errors_tell_a_code_and_nothing_of_what_is_inside(
    ask: Ask, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask("{ nope }") == {
        "errors": [
            {
                "message": "Cannot query field 'nope' on type 'Query'.",
                "extensions": {"code": "unknown_field"},
                "locations": [{"line": 1, "column": 3}],
            }
        ]
    }

    async def broken(*_: object) -> bytes:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(shop.reader, "answer", broken)
    answer = await ask("{ shopCustomers { totalCount } }")
    request = answer["errors"][0]["extensions"].pop("request")
    assert answer == {
        "data": None,
        "errors": [{"message": "Something went wrong; it has been noted", "extensions": {"code": "internal"}}],
    }
    assert f"The GraphQL request {request} failed" in caplog.text
    assert "hunter2" in caplog.text
    created = await ask('mutation { shopCustomerCreate(input: {name: "X"}) { record { id } } }')
    assert "hunter2" not in json.dumps(created)
    assert created["errors"][0]["extensions"]["code"] == "internal"


async def test_a_right_that_was_revoked_is_gone_at_the_next_request(ask: Ask, shop: Shop) -> None:
    (admin,) = await shop.reader.records(system("a test"), User)
    secret = await shop.sign_in.create_token(system("a test"), "other", user_id=admin.id)
    assert (await ask(QUERY, secret))["data"] == {"me": {"login": "admin"}}
    query = "{ shopCustomers { totalCount } }"
    assert (await ask(query, secret))["data"] == {"shopCustomers": {"totalCount": 0}}
    async with shop.database.begin(KEY) as connection:
        await connection.run(KEY, f"UPDATE core_token SET ended_at = {shop.database.dialect.now} WHERE name = 'other'")
    for asked in (query, QUERY, "{ __typename }", "{ __schema { queryType { name } } }"):
        assert [one["extensions"]["code"] for one in (await ask(asked, secret))["errors"]] == ["unauthenticated"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("NAME", 1),
        ("NAME", "a\0b"),
        ("EMPLOYEES", "x"),
        ("EMPLOYEES", 2**31),
        ("TURNOVER", 2**63),
        ("SINCE", 20_261_122),
        ("SCORE", 1.5),
        ("INDUSTRY", 7),
    ],
)
async def test_a_cursor_that_somebody_made_up_does_no_harm(ask: Ask, field: str, value: object) -> None:
    path = field.lower()
    made_up = [cursor_signature("shop.customer", [Order(path)]), value, "0192f1d2-3b4c-7d5e-8f60-718293a4b5c6"]
    answer = await ask(
        f"query ($c: String) {{ shopCustomers(after: $c, order: [{{field: {field}}}]) {{ nodes {{ id }} }} }}",
        c=json.dumps(made_up).encode().hex(),
    )
    assert [one["message"] for one in answer["errors"]] == ["The cursor does not belong to this list"]


async def test_a_field_that_is_skipped_leaves_an_empty_answer(ask: Ask) -> None:
    assert await ask("{ shopCustomers @skip(if: true) { totalCount } }") == {"data": {}}
    assert await ask("{ shopCustomers { nodes @skip(if: true) { id } } }") == {"data": {"shopCustomers": {}}}


async def test_search_reads_its_hits_again_as_the_caller(ask: Ask, shop: Shop) -> None:
    made = await ask('mutation { shopCustomerCreate(input: {name: "Tea House"}) { record { id } } }')
    record = made["data"]["shopCustomerCreate"]["record"]["id"]
    gone = "0192f1d2-3b4c-7d5e-8f60-718293a4b5c6"
    shop.finder.found[:] = [  # type: ignore[attr-defined]
        Found("shop.customer", record, "Tea House", "Tea House", "name"),
        Found("shop.card", gone, "Tea card"),
    ]
    query = """query ($text: String!) { search(text: $text) { title field snippet
                 record { __typename id ... on ShopCustomer { name } } } }"""
    answer = await ask(query, text="Tea")
    assert answer["data"]["search"] == [
        {
            "title": "Tea House",
            "field": "name",
            "snippet": "Tea House",
            "record": {"__typename": "ShopCustomer", "id": record, "name": "Tea House"},
        },
        {"title": "Tea card", "field": "", "snippet": "", "record": None},
    ]
    assert (await ask(query, text="coffee"))["data"] == {"search": []}


async def test_introspection_beside_planned_fields(ask: Ask) -> None:
    answer = await ask(
        """{ __typename a: shopCustomers { totalCount }
             __type(name: "ShopCard") { name description interfaces { name } } }"""
    )
    assert answer["data"] == {
        "__typename": "Query",
        "a": {"totalCount": 0},
        "__type": {
            "name": "ShopCard",
            "description": "A loyalty card held by a customer.",
            "interfaces": [{"name": "Node"}],
        },
    }


async def test_graphiql_runs_from_our_own_files_under_its_policy(shop: Shop) -> None:
    secret, _ = await shop.sign_in.sign_in("admin", PASSWORD, Origin())
    async with serving(shop) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page()
        faults: list[str] = []
        page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda one: faults.append(str(one)))
        await page.context.add_cookies([{"name": "tradepost", "value": secret, "url": address}])
        await page.goto(f"{address}/graphiql")
        await page.get_by_role("button", name="Execute query").click()
        await page.locator(".result-window").get_by_text('"admin"').wait_for()
        await page.get_by_role("button", name="Show Documentation Explorer").click()
        await browser.close()
    assert faults == []


async def test_graphiql_is_for_those_who_are_signed_in(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphiql")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in?next=/graphiql")


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


async def test_a_request_that_takes_too_long_is_given_up_and_nobody_waits_for_it(
    shop: Shop, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = shop.database.read

    async def slow(key: object, sql: str, values: Sequence[object] = ()) -> object:
        return await (read(KEY, ENDLESS) if "shop_customer" in sql else read(KEY, sql, values))

    monkeypatch.setattr(shop.database, "read", slow)
    hurried = replace(shop, settings=shop.settings.model_copy(update={"time_limit": 1}))
    async with serving(hurried) as address, httpx.AsyncClient() as client:
        headers = {"Authorization": f"Bearer {token}"}
        question = {"query": "{ shopCustomers { totalCount } }"}
        refused = await client.post(f"{address}/graphql", json=question, headers=headers, timeout=20)
        answered = await client.post(f"{address}/graphql", json={"query": QUERY}, headers=headers)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["extensions"]["code"]) == (503, "timeout")
    assert answered.json() == {"data": {"me": {"login": "admin"}}}
