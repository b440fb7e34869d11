"""The index follows what is done through operations: event, worker, document, hit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest

from core.access import By, Caller, Policy
from core.database import KEY, Database
from core.events import Outbox
from core.fields import phones, text
from core.ids import born, now
from core.jobs import Worker
from core.links import link
from core.model import Meta, Model
from core.operations import Operations
from core.plugin import Plugin
from core.policies import Policies
from core.reading import Reader
from core.resource import Resource
from core.rows import insert
from core.settings import Setting
from core.users import User
from search.embedded import EmbeddedEngine
from search.finding import RecordFinder
from search.indexing import Indexing
from search.specs import IndexPlan, index_plans


class Shop(Model):
    """Somebody who sells."""

    name = text(120, required=True, search=True)
    phones = phones()


class Order(Model):
    """Something that was ordered."""

    title = text(120, required=True, search=True)
    shop = link(Shop, back="orders")


class Wish(Model):
    """A part of an order."""

    meta = Meta(part_of="order")

    order = link(Order, required=True, back="wishes")
    words = text(120, required=True, search=True)


class Orders(Resource[Order]):
    search = ("title", "shop.name")


@pytest.fixture(scope="module")
def plugins():
    return [Plugin("trade", models=[Shop, Order, Wish], resources=[Orders])]


@dataclass(frozen=True)
class App:
    """The parts of an app that search meets."""

    caller: Caller
    operations: Operations
    worker: Worker
    finder: RecordFinder
    indexing: Indexing
    engine: EmbeddedEngine
    plans: Mapping[str, IndexPlan]

    async def found(self, words: str) -> list[str]:
        return sorted(one.title for one in await self.finder.find(self.caller, words))

    async def documents(self, model: type[Model]) -> int:
        """How many records of a model are in its index."""
        plan = self.plans[self.operations.registry.spec(model).label]
        state = await self.engine.stats(plan.index)
        assert state is not None
        return state.documents

    async def after_work(self, words: str) -> list[str]:
        await self.worker.drain()
        return await self.found(words)


@pytest.fixture
async def app(database: Database, registry, tmp_path: Path) -> AsyncIterator[App]:
    engine, plans = EmbeddedEngine(tmp_path / "search.db"), index_plans(registry)
    policies = Policies(database)
    reader = Reader(registry, database, policies)
    indexing = Indexing(engine, reader, plans)
    outbox = Outbox(registry, dict(indexing.handlers()))
    person = born(now()) | {"login": "ann", "name": "Ann", "administrator": True}
    async with database.begin(KEY) as connection:
        await insert(connection, registry.spec(User), person)
        await insert(connection, registry.spec(Setting), born(now()) | {"name": "rights", "content": 1})
    caller = Caller(await policies.of(UUID(str(person["id"]))), By.JOB)
    operations = Operations(registry, database, reader, policies, outbox)
    await indexing.prepare()
    yield App(
        caller, operations, Worker(database, outbox), RecordFinder(engine, reader, plans), indexing, engine, plans
    )
    await engine.close()


async def test_the_index_follows_the_life_of_a_record(app: App) -> None:
    shop = await app.operations.create(app.caller, Shop, {"name": "Tea House", "phones": ["+86 138 1234 5678"]})
    assert await app.found("tea") == []
    assert await app.after_work("tea") == ["Tea House"]
    assert await app.found("13812345678") == ["Tea House"]
    await app.operations.update(app.caller, Shop, shop.id, {"name": "Coffee House"})
    assert await app.after_work("coffee") == ["Coffee House"]
    assert await app.found("tea") == []
    await app.operations.archive(app.caller, Shop, shop.id)
    assert await app.found("coffee") == []
    assert await app.after_work("coffee") == []
    await app.operations.restore(app.caller, Shop, shop.id)
    assert await app.after_work("coffee") == ["Coffee House"]
    await app.operations.archive(app.caller, Shop, shop.id)
    await app.operations.purge(app.caller, Shop, shop.id)
    assert await app.after_work("coffee") == []


async def test_parts_leave_the_index_and_come_back_with_their_whole(app: App) -> None:
    order = await app.operations.create(app.caller, Order, {"title": "First"})
    await app.operations.create(app.caller, Wish, {"order": order.id, "words": "Jasmine"})
    assert await app.after_work("jasmine") == ["Jasmine"]
    await app.operations.archive(app.caller, Order, order.id)
    await app.worker.drain()
    assert await app.documents(Wish) == 0
    await app.operations.restore(app.caller, Order, order.id)
    assert await app.after_work("jasmine") == ["Jasmine"]
    await app.operations.archive(app.caller, Order, order.id)
    await app.operations.purge(app.caller, Order, order.id)
    await app.worker.drain()
    assert await app.documents(Wish) == 0


async def test_a_name_is_changed_in_the_documents_of_linked_records(app: App) -> None:
    shop = await app.operations.create(app.caller, Shop, {"name": "Tea House"})
    await app.operations.create(app.caller, Order, {"title": "First", "shop": shop.id})
    assert await app.after_work("tea") == ["First", "Tea House"]
    await app.operations.update(app.caller, Shop, shop.id, {"name": "Coffee House"})
    assert await app.after_work("coffee") == ["Coffee House", "First"]
    assert await app.found("tea") == []


async def test_an_event_that_comes_twice_and_late_does_no_harm(app: App) -> None:
    shop = await app.operations.create(app.caller, Shop, {"name": "Tea House"})
    claimed = await app.worker.claim()
    news = [happening for _, happening in claimed]
    await app.operations.update(app.caller, Shop, shop.id, {"name": "Coffee House"})
    await app.worker.drain()
    await app.indexing.deliver(news)
    await app.indexing.deliver(news)
    assert await app.found("coffee") == ["Coffee House"]
    assert await app.found("tea") == []


async def test_a_caller_without_rights_finds_nothing_of_it(app: App) -> None:
    await app.operations.create(app.caller, Shop, {"name": "Tea House"})
    await app.worker.drain()
    stranger = replace(app.caller, policy=Policy(user_id=app.caller.user_id), by=By.SYSTEM)
    assert await app.finder.find(stranger, "tea") == []


async def test_an_engine_that_is_away_is_waited_for(app: App, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "away" / "search.db"
    path.parent.mkdir()
    path.write_bytes(b"this is no database " * 500)
    engine, reader = EmbeddedEngine(path), app.finder._reader
    plans = index_plans(reader.registry)
    await app.operations.create(app.caller, Shop, {"name": "Tea House"})
    preparing = asyncio.create_task(Indexing(engine, reader, plans).prepare_patiently(0.01))
    await asyncio.sleep(0.1)
    assert not preparing.done()
    path.unlink()
    await preparing
    assert [one.title for one in await RecordFinder(engine, reader, plans).find(app.caller, "tea")] == ["Tea House"]
    await engine.close()
