"""The log tells what happened, to which request, and no secret."""

from __future__ import annotations

import io
import logging

import httpx
import orjson
import pytest

from core.ids import REQUEST
from core.logs import Lines, Objects, Veil
from core.settings import load_settings
from tests.tradepost.test_running import running

SECRETS = {
    "database_url": "postgresql://crm:pg-hunter%402@db/crm?statement_cache_size=0",
    "redis_url": "redis://:red-hunter2@cache:6379/0",
    "mail_url": "smtp://post:mail-hunter2@mail.example.com:587",
    "search_key": "meili-master-hunter2",
    "admin_password": "moon-over-hunter2-hills",
    "files_key": "AKIA0TRADEPOST",
    "files_secret": "s3-secret-hunter2",
}
TOKEN = "tp_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
PLANTED = (
    "connecting to postgresql://crm:pg-hunter%402@db/crm failed",
    "connecting as crm with pg-hunter@2 failed",
    "redis://:red-hunter2@cache:6379/0 is away",
    "the server refused mail-hunter2",
    "key meili-master-hunter2 is wrong",
    "the bucket refused s3-secret-hunter2",
    "first password moon-over-hunter2-hills",
    f"Authorization: Bearer {TOKEN}",
    f"token {TOKEN} was used",
    "Cookie: tradepost=hunter2-of-a-session; other=1",
    "{'password': 'hunter2-typed', 'login': 'mei'}",
    "https://bucket:s3-hunter2@files.example.com/x",
)


@pytest.fixture
def written(folder, request):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param(Veil(load_settings(**SECRETS))))
    log = logging.getLogger("tests.planted")
    log.addHandler(handler)
    log.propagate = False
    yield log, stream
    log.removeHandler(handler)
    log.propagate = True


@pytest.mark.parametrize("written", [Lines, Objects], indirect=True, ids=["text", "json"])
def test_planted_secrets_are_in_no_line(written):
    log, stream = written
    for one in PLANTED:
        log.error("%s", one)
        try:
            int(one)
        except ValueError:
            log.exception("It failed")
    told = stream.getvalue()
    assert told.count("***") >= 2 * len(PLANTED)
    assert [one for one in ("hunter", TOKEN) if one in told] == []


@pytest.mark.parametrize("written", [Objects], indirect=True, ids=["json"])
def test_each_line_of_json_is_an_object_with_the_request_it_belongs_to(written):
    log, stream = written
    before = REQUEST.set("0199-abc")
    log.error("two\nlines", extra={"told": {"jobs": 3}})
    REQUEST.reset(before)
    log.warning("none")
    first, second = map(orjson.loads, stream.getvalue().splitlines())
    assert (first["message"], first["level"], first["request"], first["jobs"]) == ("two\nlines", "error", "0199-abc", 3)
    assert "request" not in second


def test_a_server_tells_each_request_by_its_route_and_never_what_was_sent(company, monkeypatch):
    monkeypatch.setenv("TRADEPOST_LOG_FORMAT", "json")
    monkeypatch.setenv("TRADEPOST_LOG_LEVEL", "info")
    company("user", "create", "mei", "--role", "Auditor")
    token = company("token", "create", "--user", "mei", "--name", "reports").last
    with running("serve", "--port", "0") as (process, said):
        address = said.removeprefix("Tradepost is at ").strip()
        headers = {"Authorization": f"Bearer {token}", "Cookie": "tradepost=hunter2hunter2"}
        answers = [
            httpx.get(f"{address}/sign-in?next=/hunter2"),
            httpx.post(f"{address}/sign-in", data={"login": "mei", "password": "hunter2"}, headers=headers),
            httpx.post(f"{address}/graphql", json={"query": "{ me { login } }"}, headers=headers),
            httpx.get(f"{address}/sales/customers/0199aaaa-0000-7000-8000-000000000000", headers=headers),
        ]
        process.terminate()
        assert process.stdout is not None
        told = process.stdout.read()
    lines = [orjson.loads(one) for one in told.splitlines() if one.startswith("{")]
    requests = [one for one in lines if one["logger"] == "tradepost.request"]
    assert [(one["method"], one["route"], one["status"]) for one in requests] == [
        ("GET", "/sign-in", 200),
        ("POST", "/sign-in", answers[1].status_code),
        ("POST", "/graphql", 200),
        ("GET", "/sales/customers/{id}", 303),
    ]
    assert [one["request"] for one in requests] == [one.headers["x-request-id"] for one in answers]
    assert [one for one in ("hunter2", token, "0199aaaa") if one in told] == []
