"""From the database through index and door to what a caller is shown, with every scope of rights."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from core.access import ANONYMOUS, By, Caller, Policy, Reach, Scope
from core.database import KEY, Database
from core.departments import Department
from core.errors import SearchUnavailable, UnknownField
from core.events import Happening
from core.fields import choice, note, phones, text
from core.finder import Engine, Found, Narrowed, SearchQuery, SearchScope
from core.ids import born, now
from core.links import link
from core.model import Meta, Model
from core.plugin import Plugin
from core.policies import Policies, bump_rights
from core.reading import Reader
from core.resource import Resource
from core.roles import Assignment, Grant, Role, Share
from core.rows import delete, insert, update
from core.settings import Setting
from core.users import User
from search.embedded import EmbeddedEngine
from search.finding import RecordFinder
from search.indexing import HANDLER, Indexing
from search.meilisearch import MeilisearchEngine
from search.specs import index_plans

NAMESPACE = UUID(int=7)


class Stage(Enum):
    OPEN = "open"
    WON = "won"


class Client(Model):
    """Somebody who buys."""

    name = text(120, required=True, search=True)
    phones = phones()
    remark = note(search=True)


class Deal(Model):
    """Something to be sold."""

    meta = Meta(title="subject")

    number = text(32, search=True)
    subject = text(120, required=True, search=True)
    stage = choice(Stage, default=Stage.OPEN)
    client = link(Client, back="deals")


class Deals(Resource[Deal]):
    search = ("number", "subject", "client.name")


class Line(Model):
    """A part of a deal."""

    meta = Meta(part_of="deal")

    deal = link(Deal, required=True, back="lines")
    product = text(120, required=True, search=True)


class Mark(Model):
    """Nothing to search in."""

    colour = text(32)


PLUGIN = Plugin("shop", models=[Client, Deal, Line, Mark], resources=[Deals])


@pytest.fixture(scope="module")
def plugins():
    return [PLUGIN]


def known(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


@dataclass(frozen=True)
class Company:
    """A database with an index, and the two ways to use them."""

    database: Database
    engine: Engine
    indexing: Indexing
    finder: RecordFinder
    sent: list[str]

    async def row(self, model: type[Model], name: str, /, **values: Any) -> None:
        async with self.database.begin(KEY) as connection:
            spec = self.finder._registry.spec(model)
            await insert(connection, spec, born(now()) | {"id": known(name)} | values)

    async def put(self, model: type[Model], name: str, /, **values: Any) -> None:
        await self.row(model, name, **values)
        await self.tell(self.finder._registry.spec(model).label, "create", name)

    async def change(self, model: type[Model], name: str, /, **values: Any) -> None:
        spec = self.finder._registry.spec(model)
        async with self.database.begin(KEY) as connection:
            assert await update(connection, spec, known(name), values)
        await self.tell(spec.label, "update", name)

    async def tell(self, label: str, verb: str, name: str) -> None:
        happening = Happening(known("event"), f"{label}.{verb}", label, known(name), {}, None, now(), 1)
        await self.indexing.deliver([happening])

    async def seen(self, caller: Caller, words: str, *models: type[Model]) -> set[str]:
        found = await self.finder.find(caller, words, models or None)
        names = {str(known(name)): name for name in NAMES}
        return {names[one.id] for one in found}


NAMES = ("head", "east", "west", "ann", "bob", "eve", "tea", "cup", "jar", "tea deal", "cup deal", "loose deal", "line")


@pytest.fixture
async def company(database: Database, registry, tmp_path: Path) -> AsyncIterator[Company]:
    engine = EmbeddedEngine(tmp_path / "search.db")
    reader, plans = Reader(registry, database, Policies(database)), index_plans(registry)
    made = Company(database, engine, Indexing(engine, reader, plans), RecordFinder(engine, reader, plans), [])
    database.listeners.append(made.sent.append)
    await made.row(Department, "head", name="Head office")
    await made.row(Department, "east", name="East", parent=known("head"))
    await made.row(Department, "west", name="West", parent=known("head"))
    for name, department in (("ann", "east"), ("bob", "west"), ("eve", "head")):
        await made.row(User, name, login=name, name=name.capitalize(), department=known(department))
    await made.row(Client, "tea", name="Tea Trading", remark="pays late", owner=known("ann"), department=known("east"))
    await made.row(
        Client, "cup", name="Cup Trading", phones=("+1 (415) 555-0132",), owner=known("bob"), department=known("west")
    )
    await made.row(Client, "jar", name="Jar Trading")
    deal = {"owner": known("ann"), "department": known("east")}
    await made.row(Deal, "tea deal", subject="Spring trading", client=known("tea"), **deal)
    await made.row(Deal, "cup deal", subject="Autumn trading", client=known("cup"), **deal)
    await made.row(Line, "line", deal=known("tea deal"), product="Trading card")
    await made.indexing.prepare()
    yield made
    await engine.close()


def grants(scope: Scope, *labels: str, chosen: tuple[UUID, ...] = ()) -> Mapping[str, Reach]:
    return {f"{label}.read": Reach(frozenset({scope}), chosen) for label in labels}


def caller(name: str, reaches: Mapping[str, Reach], **policy: Any) -> Caller:
    homes = {"ann": "east", "bob": "west", "eve": "head"}
    trees = {"east": ("east",), "west": ("west",), "head": ("head", "east", "west")}
    home = homes[name]
    below = {"eve": ("ann", "bob", "eve")}.get(name, (name,))
    made = Policy(
        user_id=known(name),
        login=name,
        department=known(home),
        departments=tuple(known(one) for one in trees[home]),
        reports=tuple(known(one) for one in below),
        reaches=reaches,
        number=1,
    )
    return Caller(replace(made, **policy), By.SYSTEM)


ADMINISTRATOR = Caller(Policy(user_id=known("eve"), everything=True), By.SYSTEM)


@pytest.mark.parametrize(
    ("who", "scope", "expected"),
    [
        ("ann", Scope.OWN, {"tea"}),
        ("bob", Scope.OWN, {"cup"}),
        ("eve", Scope.OWN, set()),
        ("eve", Scope.REPORTS, {"tea", "cup"}),
        ("ann", Scope.REPORTS, {"tea"}),
        ("ann", Scope.DEPARTMENT, {"tea"}),
        ("eve", Scope.DEPARTMENT, set()),
        ("eve", Scope.TREE, {"tea", "cup"}),
        ("ann", Scope.TREE, {"tea"}),
        ("ann", Scope.ALL, {"tea", "cup", "jar"}),
    ],
)
async def test_a_search_finds_what_the_scope_reaches(
    company: Company, who: str, scope: Scope, expected: set[str]
) -> None:
    assert await company.seen(caller(who, grants(scope, "shop.client")), "trading") == expected


async def test_a_search_finds_what_chosen_departments_and_several_grants_reach(company: Company) -> None:
    chosen = grants(Scope.CHOSEN, "shop.client", chosen=(known("west"),))
    assert await company.seen(caller("ann", chosen), "trading") == {"cup"}
    both = {"shop.client.read": Reach(frozenset({Scope.CHOSEN, Scope.OWN}), (known("west"),))}
    assert await company.seen(caller("ann", both), "trading") == {"cup", "tea"}
    head = grants(Scope.CHOSEN, "shop.client", chosen=(known("head"),))
    assert await company.seen(caller("ann", head), "trading") == set()


async def test_without_a_grant_nothing_is_found_and_nothing_is_asked(company: Company) -> None:
    company.sent.clear()
    assert await company.seen(caller("ann", {}), "trading") == set()
    assert await company.seen(ANONYMOUS, "trading") == set()
    assert await company.seen(ADMINISTRATOR, "  ") == set()
    assert company.sent == []


async def test_an_administrator_finds_all_and_a_part_by_the_rights_of_the_whole(company: Company) -> None:
    everything = {"tea", "cup", "jar", "tea deal", "cup deal", "line"}
    assert await company.seen(ADMINISTRATOR, "trading") == everything
    assert await company.seen(ADMINISTRATOR, "trading", Client) == {"tea", "cup", "jar"}
    assert await company.seen(ADMINISTRATOR, "trading", Mark) == set()
    deals = grants(Scope.OWN, "shop.deal")
    assert await company.seen(caller("ann", deals), "trading", Line) == {"line"}
    assert await company.seen(caller("bob", deals), "trading", Line) == set()


async def test_a_found_record_says_what_it_is_and_why(company: Company) -> None:
    assert await company.finder.find(ADMINISTRATOR, "tea tradi", [Client]) == [
        Found("shop.client", str(known("tea")), "Tea Trading")
    ]
    assert await company.finder.find(ADMINISTRATOR, "late", ["shop.client"]) == [
        Found("shop.client", str(known("tea")), "Tea Trading", "pays late", "remark")
    ]
    assert await company.finder.find(ADMINISTRATOR, "4155550132") == [
        Found("shop.client", str(known("cup")), "Cup Trading", "+1 (415) 555-0132", "phones")
    ]
    assert await company.finder.find(ADMINISTRATOR, "cup", [Deal]) == [
        Found("shop.deal", str(known("cup deal")), "Autumn trading", "Cup Trading", "client.name")
    ]


async def test_the_records_of_all_models_are_read_in_one_statement(company: Company) -> None:
    await company.seen(ADMINISTRATOR, "trading")
    company.sent.clear()
    assert len(await company.seen(ADMINISTRATOR, "trading")) == 6
    assert len(company.sent) == 1
    assert len(await company.finder.find(ADMINISTRATOR, "trading", limit=2)) == 2


async def test_a_linked_record_out_of_reach_does_not_lead_to_those_that_are_within(company: Company) -> None:
    rights = {**grants(Scope.OWN, "shop.deal"), **grants(Scope.OWN, "shop.client")}
    ann = caller("ann", rights)
    assert await company.seen(ann, "tea", Deal) == {"tea deal"}
    assert await company.seen(ann, "cup", Deal) == set()
    assert await company.seen(ann, "autumn", Deal) == {"cup deal"}
    assert await company.seen(caller("ann", grants(Scope.OWN, "shop.deal")), "tea", Deal) == set()


async def test_a_hidden_field_is_not_searched(company: Company) -> None:
    rights = grants(Scope.ALL, "shop.client", "shop.deal")
    assert await company.seen(caller("ann", rights), "late") == {"tea"}
    hidden = caller("ann", rights, hidden=frozenset({"shop.client.remark", "shop.client.phones"}))
    assert await company.seen(hidden, "late") == set()
    assert await company.seen(hidden, "4155550132") == set()
    assert await company.seen(hidden, "tea trading", Client) == {"tea"}
    nameless = caller("ann", rights, hidden=frozenset({"shop.client.name"}))
    assert await company.seen(nameless, "tea") == set()
    assert await company.finder.find(nameless, "late") == [
        Found("shop.client", str(known("tea")), "", "pays late", "remark")
    ]


@pytest.mark.parametrize("to", ["user", "to_department", "role"])
async def test_a_share_opens_a_record_until_it_ends(company: Company, to: str) -> None:
    bob = caller("bob", grants(Scope.OWN, "shop.client"), roles=(known("role"),))
    async with company.database.begin(KEY) as connection:
        if to == "role":
            spec = company.finder._registry.spec("core.role")
            await insert(connection, spec, born(now()) | {"id": known("role"), "name": "Role"})
    target = {"user": known("bob"), "to_department": known("west"), "role": known("role")}[to]
    await company.put(Share, "share", model="shop.client", record=str(known("tea")), **{to: target})
    await company.tell("shop.client", "share", "tea")
    assert await company.seen(bob, "trading") == {"cup", "tea"}
    await company.change(Share, "share", expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert await company.seen(bob, "trading") == {"cup"}


async def test_the_index_follows_changes_and_what_is_not_told_is_not_shown(company: Company) -> None:
    await company.change(Client, "tea", name="Coffee House", owner=known("bob"))
    assert await company.seen(ADMINISTRATOR, "coffee") == {"tea", "tea deal"}
    assert await company.seen(ADMINISTRATOR, "tea") == set()
    bob = caller("bob", grants(Scope.OWN, "shop.client"))
    assert await company.seen(bob, "coffee") == {"tea"}
    async with company.database.begin(KEY) as connection:
        spec = company.finder._registry.spec(Client)
        await update(connection, spec, known("tea"), {"owner": known("ann")})
    assert await company.seen(bob, "coffee") == set()


async def test_archived_and_purged_records_leave_the_index(company: Company) -> None:
    await company.change(Client, "tea", archived_at=now())
    assert await company.seen(ADMINISTRATOR, "trading", Client) == {"cup", "jar"}
    await company.change(Client, "tea", archived_at=None)
    assert await company.seen(ADMINISTRATOR, "trading", Client) == {"tea", "cup", "jar"}
    async with company.database.begin(KEY) as connection:
        await delete(connection, company.finder._registry.spec(Client), known("jar"))
    await company.tell("shop.client", "purge", "jar")
    index = SearchQuery("shop_client", "trading", SearchScope.system("a test"))
    assert {hit.id for hit in (await company.engine.search(index)).hits} == {str(known("tea")), str(known("cup"))}


async def test_a_department_that_moves_takes_its_records_along(company: Company) -> None:
    bob = caller("bob", grants(Scope.TREE, "shop.client", "shop.deal"), departments=(known("west"), known("east")))
    assert await company.seen(bob, "trading", Client) == {"cup"}
    await company.change(Department, "east", parent=known("west"))
    assert await company.seen(bob, "trading", Client) == {"cup", "tea"}
    assert await company.seen(bob, "trading", Line) == {"line"}


async def test_reindexing_builds_all_anew_and_tells_how_far_it_is(company: Company) -> None:
    async with company.database.begin(KEY) as connection:
        spec = company.finder._registry.spec(Client)
        for number in range(600):
            await insert(connection, spec, born(now()) | {"name": f"Silent {number:03}"})
    assert await company.seen(ADMINISTRATOR, "silent") == set()
    told: list[tuple[str, int, int]] = []
    await company.indexing.reindex(lambda *step: told.append(step), ["shop.client"])
    assert told == [("shop.client", 500, 603), ("shop.client", 603, 603)]
    assert len(await company.finder.find(ADMINISTRATOR, "silent", limit=100)) == 100
    assert await company.engine.builds("shop_client") == []
    assert await company.indexing.prepare() == ()


async def test_what_happens_while_an_index_is_built_is_in_it(company: Company) -> None:
    engine = company.engine
    swap = engine.swap

    async def swap_late(index: str, built: str) -> None:
        await company.put(Client, "loose deal", name="Latecomer trading")
        await company.change(Client, "tea", name="Renamed meanwhile")
        await swap(index, built)

    engine.swap = swap_late  # type: ignore[method-assign]
    await company.indexing.reindex(labels=["shop.client"])
    assert await company.seen(ADMINISTRATOR, "latecomer") == {"loose deal"}
    assert await company.seen(ADMINISTRATOR, "meanwhile", Client) == {"tea"}


async def test_a_build_that_fails_leaves_the_index_in_use(company: Company) -> None:
    def fail(*_: object) -> None:
        raise LookupError("no screen")

    with pytest.raises(LookupError):
        await company.indexing.reindex(fail, ["shop.client"])
    assert await company.engine.builds("shop_client") == []
    assert await company.seen(ADMINISTRATOR, "trading", Client) == {"tea", "cup", "jar"}


async def test_an_index_that_is_missing_is_said_to_be(company: Company) -> None:
    await company.engine.drop("shop_client")
    with pytest.raises(SearchUnavailable):
        await company.finder.find(ADMINISTRATOR, "trading", [Client])
    assert await company.seen(ADMINISTRATOR, "trading") == {"tea deal", "cup deal", "line"}
    assert await company.indexing.prepare() == ("shop.client",)
    assert await company.seen(ADMINISTRATOR, "trading", Client) == {"tea", "cup", "jar"}


async def test_records_are_found_through_a_server_as_through_the_embedded_engine(
    company: Company, meilisearch: tuple[str, str]
) -> None:
    url, key = meilisearch
    engine = MeilisearchEngine(url, key, prefix=f"test_{uuid4().hex[:12]}_")
    reader, plans = company.finder._reader, index_plans(company.finder._registry)
    there = replace(
        company,
        engine=engine,
        indexing=Indexing(engine, reader, plans),
        finder=RecordFinder(engine, reader, plans),
    )
    assert set(await there.indexing.prepare()) == set(plans)
    assert await there.seen(ADMINISTRATOR, "trading") == {"tea", "cup", "jar", "tea deal", "cup deal", "line"}
    assert await there.seen(caller("ann", grants(Scope.OWN, "shop.client", "shop.deal")), "cup") == set()
    await there.change(Client, "tea", name="Coffee House", owner=known("bob"))
    assert await there.seen(caller("bob", grants(Scope.OWN, "shop.client")), "cofee") == {"tea"}
    for finder in (company.finder, there.finder):
        found = await finder.narrow(
            ADMINISTRATOR, "spring", "shop.deal", {"stage": "open", "client": str(known("tea"))}
        )
        assert ([one.id for one in found.found], found.more) == ([str(known("tea deal"))], False)
        assert (await finder.narrow(ADMINISTRATOR, "spring", "shop.deal", {"stage": "won"})).found == ()
    await engine.close()


async def test_a_right_taken_away_in_the_meantime_takes_its_results_along(company: Company) -> None:
    await company.put(Setting, "rights", name="rights", content=1)
    await company.put(Role, "role", name="Role")
    await company.put(Assignment, "assignment", role=known("role"), user=known("ann"))
    for name, permission in (("clients", "shop.client.read"), ("deals", "shop.deal.read")):
        await company.put(Grant, name, role=known("role"), permission=permission, scope=Scope.ALL)
    stale = Caller(await Policies(company.database).of(known("ann")), By.JOB)
    assert await company.seen(stale, "trading") == {"tea", "cup", "jar", "tea deal", "cup deal", "line"}
    async with company.database.begin(KEY) as connection:
        await delete(connection, company.finder._registry.spec(Grant), known("clients"))
        await bump_rights(connection)
    assert await company.seen(stale, "trading") == {"tea deal", "cup deal", "line"}


def test_the_handler_hears_of_all_that_documents_hold(company: Company) -> None:
    patterns = company.indexing.handlers()[HANDLER].patterns
    assert {"shop.client.*", "shop.deal.*", "shop.line.*", "core.department.*", "core.user.*"} <= set(patterns)
    assert "shop.mark.*" not in patterns


async def test_a_change_of_other_fields_is_not_carried_to_linked_records(company: Company) -> None:
    company.sent.clear()

    async def told(*fields: str) -> int:
        company.sent.clear()
        news = Happening(
            known("x"), "shop.client.update", "shop.client", known("tea"), {"fields": [*fields]}, None, now(), 1
        )
        await company.indexing.deliver([news])
        return sum("FROM shop_deal" in one for one in company.sent)

    assert await told("remark", "phones") == 0
    assert await told("remark", "name") > 0


def test_index_specifications_follow_from_the_declarations(registry) -> None:
    plans = index_plans(registry)
    deal = plans["shop.deal"]
    assert (deal.index.uid, deal.index.searchable) == ("shop_deal", ("subject", "number", "client.name"))
    assert set(deal.index.filterable) == {"stage", "client", "owner", "department", "created_by", "updated_by"}
    assert plans["shop.line"].root == ("deal",)
    assert "shop.mark" not in plans
    assert "core.session" not in plans


async def test_each_model_gives_as_many_as_are_wanted_and_only_what_is_in_sight(company: Company) -> None:
    async def kinds(who: Caller, limit: int = 50) -> Mapping[str, int]:
        return (await company.finder.find_each(who, "trading", limit)).counts

    assert await kinds(ADMINISTRATOR) == {"shop.client": 3, "shop.deal": 2, "shop.line": 1}
    assert await kinds(ADMINISTRATOR, 2) == {"shop.client": 2, "shop.deal": 2, "shop.line": 1}
    assert await kinds(caller("ann", grants(Scope.OWN, "shop.client"))) == {"shop.client": 1}
    assert await kinds(caller("bob", grants(Scope.OWN, "shop.client", "shop.deal"))) == {"shop.client": 1}
    assert await kinds(ANONYMOUS) == {}
    assert await kinds(ADMINISTRATOR, 0) == {}


async def test_what_is_found_of_a_model_is_counted_by_its_choices_and_links(company: Company) -> None:
    await company.change(Deal, "cup deal", stage="won")
    found = await company.finder.narrow(ADMINISTRATOR, "trading", "shop.deal", {})
    counts = {one.field: [(each.value, each.label, each.count) for each in one.values] for one in found.facets}
    assert sorted(counts["stage"]) == [("open", "Open", 1), ("won", "Won", 1)]
    assert sorted(counts["client"]) == sorted(
        [(str(known("tea")), "Tea Trading", 1), (str(known("cup")), "Cup Trading", 1)]
    )
    assert not found.more
    won = await company.finder.narrow(ADMINISTRATOR, "trading", "shop.deal", {"stage": "won"})
    assert [one.id for one in won.found] == [str(known("cup deal"))]
    of_tea = {"client": str(known("tea")), "stage": "open"}
    assert len((await company.finder.narrow(ADMINISTRATOR, "trading", "shop.deal", of_tea)).found) == 1
    assert (await company.finder.narrow(ADMINISTRATOR, "trading", "shop.mark", {})) == Narrowed()
    assert (await company.finder.narrow(ADMINISTRATOR, " ", "shop.deal", {})) == Narrowed()


async def test_a_facet_counts_nothing_out_of_sight(company: Company) -> None:
    """Of bob's client ann is told nothing, though her deal is with it; nor of deals that are not hers."""
    await company.change(Deal, "tea deal", owner=known("bob"))
    ann = caller("ann", grants(Scope.OWN, "shop.deal", "shop.client"))
    found = await company.finder.narrow(ann, "autumn", "shop.deal", {})
    assert [one.id for one in found.found] == [str(known("cup deal"))]
    counts = {one.field: [(each.value, each.count) for each in one.values] for one in found.facets}
    assert counts["stage"] == [("open", 1)]
    assert "client" not in counts
    assert (await company.finder.narrow(ann, "autumn", "shop.deal", {"client": str(known("cup"))})).found == ()
    assert (await company.finder.narrow(ann, "spring", "shop.deal", {})) == Narrowed()


async def test_nobody_counts_or_narrows_by_a_field_that_he_may_not_read(company: Company) -> None:
    await company.put(Setting, "rights", name="rights", content=1)
    await company.row(Role, "counting", name="Counting")
    hidden = {"shop.deal.read": ["stage"], "shop.client.read": ["name"]}
    for permission, fields in hidden.items():
        given = {"permission": permission, "scope": Scope.ALL, "hidden": fields}
        await company.row(Grant, permission, role=known("counting"), **given)
    await company.row(Assignment, "given", role=known("counting"), user=known("ann"))
    ann = Caller(await company.finder._reader.policies.fresh(known("ann")), By.JOB)
    found = await company.finder.narrow(ann, "trading", "shop.deal", {})
    assert len(found.found) == 2
    assert {"stage", "client"}.isdisjoint({one.field for one in found.facets})
    for field in ("stage", "client", "subject", "nonsense"):
        with pytest.raises(UnknownField):
            await company.finder.narrow(ann, "trading", "shop.deal", {field: "open"})


async def test_a_late_index_neither_narrows_nor_counts(company: Company) -> None:
    """The index still has the deal as it was: the door has the last word."""
    spec = company.finder._registry.spec(Deal)
    async with company.database.begin(KEY) as connection:
        await update(connection, spec, known("tea deal"), {"stage": "won"})
    assert (await company.finder.narrow(ADMINISTRATOR, "spring", "shop.deal", {"stage": "open"})).found == ()
