"""What a plugin declares beside its models: settings, reactions, jobs, pages, questions, numbers, states of actions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest

from core.access import Caller, Origin, system
from core.boot import boot
from core.database import KEY
from core.errors import BootError, Forbidden, Refused, Unauthenticated
from core.fields import choice, integer, money, tags, text
from core.hooks import hookimpl
from core.jobs import Worker
from core.links import link
from core.office import Offices
from core.plugin import Plugin
from core.roles import Grant, Role
from schema.execute import Request
from schema.routes import graphql
from tradepost import Desk, Happening, Job, Model, Office, On, Option, Question, Resource, Work, action, sales
from tradepost.figures import Function, Measure
from tradepost.pages import Inset, Page, Reply, Visit
from tradepost.sales import Customer


class State(Enum):
    OPEN = "open"
    DONE = "done"


class Errand(Model):
    """Something to be done."""

    name = text(80, required=True)
    number = text(20, unique=True, readonly=True)
    state = choice(State, default=State.OPEN, readonly=True)
    minutes = integer(default=0)
    customer = link(Customer, back="errands")


class Errands(Resource[Errand]):
    timeline = "created_at"

    async def complete(self, work: Work, before: Errand | None, after: Errand) -> dict[str, object]:
        minutes = {"minutes": 1} if after.minutes == 0 else {}
        return minutes | ({} if before else {"number": f"E{await work.number('errands.errand'):04}"})

    @action(when=Errand.state.eq(State.OPEN))
    async def finish(self, work: Work, errand: Errand) -> Errand:
        """Say that it is done."""
        await work.later("errands.praise", work.now, {"errand": str(errand.id)})
        return await work.change(errand, state=State.DONE)


async def rename(work: Work, happening: Happening) -> None:
    errand = await work.get(Errand, UUID(str(happening.record)))
    await work.change(errand, name=f"{errand.name} ({await work.option('errands.mark')})")


async def praise(office: Office, happening: Happening) -> None:
    async def body(work: Work) -> None:
        await work.change(await work.get(Errand, UUID(happening.payload["errand"])), minutes=99)

    await office.run(body)


async def tidy(office: Office, _: Happening) -> None:
    for one in await office.desk.find(Errand, where=Errand.name.eq("old (seen)")):
        await office.run(partial(Work.archive, record=one))


async def board(visit: Visit) -> Reply:
    found = await visit.desk.find(Errand, order=("name",))
    return visit.data([[one.name, visit.number(one.minutes)] for one in found])


async def report(visit: Visit) -> Reply:
    await visit.limit("report", 2, 5)
    (customer,) = await visit.sent("customer")

    async def body(work: Work) -> Errand:
        return await work.create(Errand, name=f"asked by {customer}")

    await visit.receive("public report", body)
    return visit.data("thanks")


async def photo(visit: Visit) -> Reply:
    found = await visit.attach("photo", Errand, UUID(visit.query("errand")))
    return visit.data([[one.name, one.size] for one in found])


ASKED: list[UUID] = []
"""The records about which the panel for administrators was asked."""


async def nothing(visit: Visit, record: UUID) -> None:
    assert (await visit.desk.get(Errand, record)).id == record


async def for_administrators(visit: Visit, record: UUID) -> None:
    ASKED.append(record)


@dataclass
class Load:
    """How much there is to do."""

    name: str
    minutes: int | None
    customer: UUID | None


@dataclass
class Loads:
    """All of it."""

    total: int
    parts: list[Load]


async def load(desk: Desk, customer: Customer, least: int = 0) -> Loads:
    """How much there is to do for a customer."""
    where = Errand.customer.eq(customer) & Errand.minutes.at_least(least)
    found = await desk.find(Errand, where=where, order=("name",))
    ((row),) = await desk.figures(Errand, Measure("n", Function.SUM, "minutes"), where=where)
    return Loads(row["n"], [Load(one.name, one.minutes, customer.id) for one in found])


SYSTEM = system("test")
HOOKS = SimpleNamespace(
    __name__="errands",
    tradepost_settings=hookimpl(lambda: [Option("mark", text(20, default="seen")), Option("words", tags())]),
    tradepost_events=hookimpl(lambda: [On("rename", ["errands.errand.create"], rename)]),
    tradepost_jobs=hookimpl(lambda: [Job("praise", praise), Job("tidy", tidy, every=timedelta(hours=1))]),
    tradepost_pages=hookimpl(
        lambda: [
            Page("board", board, permission="errands.errand.read", menu="Errand board", place=5),
            Page("photo", take=photo),
            Page("report", take=report, public=True, embedded=True),
        ]
    ),
    tradepost_panels=hookimpl(
        lambda: [
            Inset(Errand, "Not for you", "none.html", for_administrators, permission="errands.errand.unknown"),
            Inset(Errand, "Nothing to tell", "none.html", nothing),
        ]
    ),
    tradepost_graphql=hookimpl(lambda: [Question("load", load, "errands.errand.read")]),
)
PLUGIN = Plugin("errands", models=[Errand], resources=[Errands], hooks=[HOOKS], needs=["sales"])


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin, PLUGIN)


async def worked(firm: Any) -> None:
    worker = Worker(firm.kernel.database, firm.kernel.outbox)
    async with firm.kernel.database.begin(KEY) as connection:
        await firm.kernel.outbox.plant(connection, datetime.now(UTC))
    for _ in range(3):  # what is due within this millisecond is due for SQLite a millisecond later
        await asyncio.sleep(0.01)
        await worker.drain()


async def test_values_that_follow_are_written_with_the_record_and_numbers_have_no_gap(firm):
    first = await firm.make(Errand, name="a")
    with pytest.raises(Refused):
        await firm.make(Errand, name=None)
    second = await firm.make(Errand, name="b", minutes=7)
    assert [(one.number, one.minutes, one.version) for one in (first, second)] == [("E0001", 1, 1), ("E0002", 7, 1)]


async def test_an_action_is_refused_and_not_offered_in_another_state(firm, admin):
    errand = await firm.make(Errand, name="a")
    page = f"/errands/errands/{errand.id}"
    assert f'{page}/do/finish"' in (await admin.get(page)).text
    assert (await admin.post(f"{page}/do/finish")).status_code == 303
    assert f'{page}/do/finish"' not in (await admin.get(page)).text
    again = await admin.post(f"{page}/do/finish")
    assert again.status_code == 422
    assert "This cannot be done to it as it stands now" in again.text
    (after,) = await firm.all(Errand)
    assert (after.state, after.version) == (State.DONE, 2)


async def test_hook_tradepost_events_and_jobs_are_worked_on(firm):
    errand = await firm.make(Errand, name="a")
    await firm.make(Errand, name="b")
    await firm.kernel.operations.act(SYSTEM, Errand, [errand.id], "finish", {})
    await worked(firm)
    found = {one.name: one.minutes for one in await firm.all(Errand)}
    assert found == {"a (seen)": 99, "b (seen)": 1}


async def test_a_periodic_job_runs_and_stays(firm):
    await firm.make(Errand, name="old")
    await worked(firm)
    async with firm.kernel.database.begin(KEY) as connection:
        await connection.run(KEY, "UPDATE core_event SET due_at = created_at WHERE handler = 'errands.tidy'")
    await worked(firm)
    assert await firm.all(Errand) == []
    async with firm.kernel.database.begin(KEY) as connection:
        rows = await connection.rows(KEY, "SELECT handler FROM core_event WHERE handler = 'errands.tidy'")
    assert len(rows) == 1


async def ours(firm):
    return {name: value for name, value in (await firm.kernel.options.all()).items() if name.startswith("errands.")}


async def test_hook_tradepost_settings_are_set_by_an_administrator(firm, admin):
    page = await admin.get("/admin/company")
    assert 'name="errands.mark" type="text" value="seen"' in page.text
    company = {"name": "Tea Ltd", "currency": "USD", "language": "en"}
    refused = await admin.post("/admin/company", {**company, "errands.mark": "x" * 30, "errands.words": ""})
    assert refused.status_code == 422
    assert await ours(firm) == {"errands.mark": "seen", "errands.words": ()}
    assert (await firm.kernel.companies.get()).name == ""
    await admin.post("/admin/company", {**company, "errands.mark": "read", "errands.words": "one\ntwo"})
    assert await ours(firm) == {"errands.mark": "read", "errands.words": ("one", "two")}
    assert await firm.kernel.options.get("errands.mark") == "read"
    await firm.user("nobody")
    theirs = await (await firm.signed_in("nobody")).post("/admin/company", {**company, "errands.mark": "mine"})
    assert theirs.status_code == 403
    assert await firm.kernel.options.get("errands.mark") == "read"


async def test_hook_tradepost_pages_open_for_whom_they_are_meant(firm, admin):
    await firm.make(Errand, name="b", minutes=1200)
    answer = await admin.get("/errands/board")
    assert (answer.status_code, answer.json()) == (200, [["b", "1,200"]])
    home = (await admin.get("/")).text
    assert home.index('href="/errands/board"') < home.index('href="/errands/errands"')  # in the order of their places
    await firm.user("nobody")
    nobody = await firm.signed_in("nobody")
    assert (await nobody.get("/errands/board")).status_code == 403
    assert 'href="/errands/board"' not in (await nobody.get("/")).text
    stranger = await firm.pages().get("/errands/board")
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/sign-in?next=/errands/board")


async def test_a_public_page_takes_what_anybody_sends_from_anywhere_but_not_too_often(firm, admin):
    elsewhere = {"headers": {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}}
    answer = await admin.post("/errands/report", {"customer": "Li"}, **elsewhere)
    assert (answer.status_code, answer.json()) == (200, "thanks")
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    (made,) = await firm.all(Errand)
    assert (made.name, made.created_by) == ("asked by Li", None)
    await admin.post("/errands/report", {"customer": "Li"}, **elsewhere)
    third = await admin.post("/errands/report", {"customer": "Li"}, **elsewhere)
    assert third.status_code == 422
    assert len(await firm.all(Errand)) == 2


async def test_a_page_attaches_what_was_sent_to_records_that_the_visitor_may_change(firm, admin):
    errand = await firm.make(Errand, name="a")
    sent = {"files": [("photo", ("shelf.png", b"\x89PNG\r\n")), ("other", ("no.png", b"x")), ("photo", ("", b""))]}
    answer = await admin.post(f"/errands/photo?errand={errand.id}", **sent)
    assert answer.json() == [["shelf.png", 6]]
    files = [one.name for one in await firm.kernel.files.of(SYSTEM, Errand, errand.id)]
    assert files == ["shelf.png"]
    await firm.user("nobody")
    theirs = await (await firm.signed_in("nobody")).post(f"/errands/photo?errand={errand.id}", **sent)
    assert theirs.status_code == 403
    assert [one.name for one in await firm.kernel.files.of(SYSTEM, Errand, errand.id)] == files


async def asked(firm: Any, caller: Caller, query: str, variables: dict[str, Any] | None = None) -> Any:
    return orjson.loads((await graphql(firm.kernel).answer(caller, Request(query, variables or {}))).body)


async def test_hook_tradepost_graphql_asks_in_the_shape_that_was_selected(firm, admin):
    customer = await firm.make(Customer, name="Tea Ltd")
    await firm.make(Errand, name="a", minutes=5, customer=customer.id)
    await firm.make(Errand, name="b", minutes=9, customer=customer.id)
    caller = await firm.kernel.sign_in.caller_of_session(
        admin.client.cookies[firm.kernel.settings.session_cookie("http")], Origin()
    )
    query = "query Q($c: ID!) { errandsLoad(customer: $c, least: 6) { t: total parts { name minutes __typename } } }"
    assert await asked(firm, caller, query, {"c": str(customer.id)}) == {
        "data": {"errandsLoad": {"t": 9, "parts": [{"name": "b", "minutes": 9, "__typename": "ErrandsLoad"}]}}
    }
    out_of_sight = await asked(firm, caller, query, {"c": str(UUID(int=7))})
    assert out_of_sight["errors"][0]["extensions"]["code"] == "not_found"


async def test_a_question_is_for_those_who_have_its_permission(firm):
    await firm.user("nobody")
    pages = await firm.signed_in("nobody")
    cookie = pages.client.cookies[firm.kernel.settings.session_cookie("http")]
    caller = await firm.kernel.sign_in.caller_of_session(cookie, Origin())
    customer = await firm.make(Customer, name="Tea Ltd")
    answer = await asked(firm, caller, f'{{ errandsLoad(customer: "{customer.id}") {{ total }} }}')
    assert answer["errors"][0]["extensions"]["code"] == "forbidden"


async def test_hook_tradepost_panels_is_asked_for_those_who_may_see_it_and_may_have_nothing_to_tell(firm):
    errand = await firm.make(Errand, name="a")
    reading = await firm.make(Role, name="Reader")
    values = {"role": reading.id, "permission": "errands.errand.read", "scope": "all"}
    await firm.make(Grant, **values)
    await firm.user("reader", "Reader")
    ASKED.clear()
    page = await (await firm.signed_in("reader")).get(f"/errands/errands/{errand.id}")
    assert ASKED == []
    await (await firm.signed_in()).get(f"/errands/errands/{errand.id}")
    assert [errand.id] == ASKED
    assert page.status_code == 200
    assert "Not for you" not in page.text
    assert "Nothing to tell" not in page.text


async def test_the_timeline_of_a_customer_shows_what_others_have_with_it(firm, admin):
    customer = await firm.make(Customer, name="Tea Ltd")
    await firm.make(Errand, name="Bring the samples", customer=customer.id)
    page = (await admin.get(f"/sales/customers/{customer.id}")).text
    start = page.index('aria-label="Timeline"')
    assert "Bring the samples" in page[start : page.index("</section>", start)]
    await firm.user("seller", "Salesperson")
    assert "Bring the samples" not in (await (await firm.signed_in("seller")).get("/")).text


async def test_a_job_on_behalf_of_somebody_has_his_rights(firm):
    user = await firm.user("nobody")
    kernel = firm.kernel
    office = Offices(kernel.operations, kernel.files, kernel.options, kernel.policies, kernel.mailer).of("a test")
    his = await office.on_behalf(user)
    with pytest.raises(Forbidden):
        await his.desk.get(Errand, (await firm.make(Errand, name="a")).id)
    with pytest.raises(Unauthenticated):
        await office.on_behalf(UUID(int=9))


def test_boot_refuses_handlers_of_one_name_and_options_that_cannot_be_kept():
    hooks = SimpleNamespace(
        __name__="wrong",
        tradepost_jobs=hookimpl(lambda: [Job("same", tidy), Job("same", praise)]),
        tradepost_settings=hookimpl(lambda: [Option("price", money())]),
    )
    with pytest.raises(BootError) as refusal:
        boot([Plugin("wrong", hooks=[hooks])])
    assert "wrong: two handlers have the name same; rename one" in str(refusal.value)
    assert "wrong: the option price is a money, which no option can be" in str(refusal.value)
