"""The stream of a tab: it tells its visitor of what he sees, and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeAlias

import orjson
import pytest
from starlette.requests import Request

from core.jobs import Worker
from core.roles import Assignment
from tests.ui.conftest import SYSTEM, Firm, Pages, caller_of
from tradepost.sales import Lead
from ui.live import Watching
from ui.requests import visitor_of
from ui.site import build_site

Stream: TypeAlias = AsyncGenerator[tuple[str, Any], None]
PATIENCE = 90


async def stream_of(firm: Firm, pages: Pages, query: str) -> Stream:
    """What the stream of a tab tells, event by event."""
    cookies = "; ".join(f"{one.name}={one.value}" for one in pages.client.cookies.jar)
    headers = [(b"host", b"testserver"), (b"cookie", cookies.encode())]
    scope = {"type": "http", "method": "GET", "path": "/live", "query_string": query.encode(), "headers": headers}
    request = Request(scope | {"scheme": "http", "server": ("testserver", 80), "client": None})
    visitor = await (await visitor_of(build_site(firm.kernel), request)).proven()
    async with aclosing(Watching(visitor).told()) as events:
        async for event in events:
            name, _, data = event.decode().partition("\n")
            if name.startswith("event: "):
                yield name.removeprefix("event: "), orjson.loads(data.removeprefix("data: ").strip() or "null")


async def heard(stream: Stream, count: int = 1) -> list[tuple[str, Any]]:
    """The next events of a stream; it fails where they do not come."""
    async with asyncio.timeout(PATIENCE):
        return [await anext(stream) for _ in range(count)]


@pytest.mark.requirement("OF-9")
async def test_a_tab_is_told_of_changes_that_its_visitor_sees_and_of_no_others(firm: Firm):
    ann = await firm.user("ann", "Salesperson")
    stream = stream_of(firm, await firm.signed_in("ann"), "model=sales.lead")
    assert await heard(stream, 2) == [("bell", 0), ("editing", [])]
    await firm.make(Lead, company="Not hers")
    hers = await firm.make(Lead, company="Hers", owner=ann)
    assert await heard(stream) == [("changed", {"model": "sales.lead", "records": [str(hers.id)]})]
    await firm.make(Lead, company="Not hers either")
    await firm.kernel.operations.archive(SYSTEM, Lead, hers.id)
    assert await heard(stream) == [("changed", {"model": "sales.lead", "records": [str(hers.id)]})]


@pytest.mark.requirement("OF-8", "OF-9")
async def test_the_bell_rings_when_somebody_is_told_something(firm: Firm):
    ann = await firm.user("ann", "Salesperson")
    stream = stream_of(firm, await firm.signed_in("ann"), "")
    assert await heard(stream, 2) == [("bell", 0), ("editing", [])]
    lead = await firm.make(Lead, company="Harbour Trading")
    await firm.kernel.operations.transfer(await caller_of(firm, "admin"), Lead, [lead.id], ann)
    await Worker(firm.kernel.database, firm.kernel.outbox).drain()
    assert await heard(stream) == [("bell", 1)]
    await firm.kernel.notifications.read(await caller_of(firm, "ann"))
    assert await heard(stream) == [("bell", 0)]


async def test_who_edits_a_record_is_told_to_those_who_see_it(firm: Firm, admin: Pages):
    ann = await firm.user("ann", "Salesperson")
    await firm.user("bob", "Salesperson")
    lead = await firm.make(Lead, company="Harbour Trading", owner=ann)
    hers = stream_of(firm, await firm.signed_in("ann"), f"model=sales.lead&record={lead.id}")
    assert await heard(hers, 2) == [("bell", 0), ("editing", [])]
    form = stream_of(firm, admin, f"model=sales.lead&editing={lead.id}")
    assert await heard(form, 2) == [("bell", 0), ("editing", [])], "oneself is not told"
    assert await heard(hers) == [("editing", ["Administrator"])]
    his = stream_of(firm, await firm.signed_in("bob"), f"model=sales.lead&record={lead.id}")
    assert await heard(his, 2) == [("bell", 0), ("editing", [])], "he does not see the record"
    await form.aclose()
    assert await heard(hers) == [("editing", [])]
    forged = stream_of(firm, await firm.signed_in("bob"), f"model=sales.lead&editing={lead.id}")
    assert await heard(forged, 2) == [("bell", 0), ("editing", [])]
    assert firm.kernel.hub.editors("sales.lead", str(lead.id)) == [], "who does not see it edits nothing"


async def test_a_stream_ends_with_its_session_and_with_the_server(firm: Firm):
    ann = await firm.user("ann", "Salesperson")
    pages = await firm.signed_in("ann")
    stream = stream_of(firm, pages, "model=sales.lead")
    assert await heard(stream, 2) == [("bell", 0), ("editing", [])]
    other = stream_of(firm, await firm.signed_in("ann"), "")
    assert await heard(other, 2) == [("bell", 0), ("editing", [])]
    await pages.post("/sign-out")
    await firm.make(Lead, company="Hers", owner=ann)
    assert await heard(stream) == [("gone", "")]
    firm.kernel.hub.end()
    assert [one async for one in other] == []


@pytest.mark.requirement("OF-9")
async def test_a_right_that_is_taken_away_is_missing_in_an_open_stream(firm: Firm):
    ann = await firm.user("ann", "Salesperson")
    stream = stream_of(firm, await firm.signed_in("ann"), "model=sales.lead")
    assert await heard(stream, 2) == [("bell", 0), ("editing", [])]
    (given,) = await firm.all(Assignment)
    await firm.kernel.operations.archive(SYSTEM, Assignment, given.id)
    await firm.make(Lead, company="Hers", owner=ann)
    firm.kernel.hub.ring(ann)
    assert await heard(stream) == [("bell", 0)], "of the lead nothing is told"


@pytest.mark.requirement("OF-9")
async def test_of_a_record_that_goes_out_of_sight_the_tab_that_shows_it_is_told_once(firm: Firm):
    ann = await firm.user("ann", "Salesperson")
    hers, foreign = await firm.make(Lead, company="Hers", owner=ann), await firm.make(Lead, company="Not hers")
    shown = f"model=sales.lead&shown={hers.id},{foreign.id}"
    stream = stream_of(firm, await firm.signed_in("ann"), shown)
    assert await heard(stream, 2) == [("bell", 0), ("editing", [])]
    for _ in range(2):
        await firm.kernel.operations.update(SYSTEM, Lead, foreign.id, {"remark": "Nobody may know"})
    await firm.kernel.operations.update(SYSTEM, Lead, hers.id, {"owner": None})
    told = {"model": "sales.lead", "records": [str(hers.id)]}
    assert await heard(stream) == [("changed", told)], "it leaves her list; of the other one she never knew"
    await firm.kernel.operations.update(SYSTEM, Lead, hers.id, {"remark": "Nor of this"})
    new = await firm.make(Lead, company="Hers, too", owner=ann)
    assert await heard(stream) == [("changed", {"model": "sales.lead", "records": [str(new.id)]})]
    await firm.kernel.operations.update(SYSTEM, Lead, new.id, {"owner": None})
    assert await heard(stream) == [("changed", {"model": "sales.lead", "records": [str(new.id)]})], "what it told of"


async def test_a_form_that_was_opened_from_a_list_says_which_record_it_is_of(firm: Firm, admin: Pages):
    lead = await firm.make(Lead, company="Acme")
    text = (await admin.get(f"/sales/leads/{lead.id}/edit?_q=Acme&_sort=company")).text
    assert f'data-live="model=sales.lead&editing={lead.id}"' in text
