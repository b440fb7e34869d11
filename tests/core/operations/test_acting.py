"""Actions: their rights, their inputs, several records as one unit of work, and what code may write."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from core.access import system
from core.creating import create
from core.database import KEY
from core.errors import Forbidden, NotFound, Refused, UnknownField
from core.events import News, Outbox
from core.ids import now
from core.jobs import Worker
from core.model import Model
from core.writing import Step


@pytest.fixture
async def two(world, models):
    ann = await world.caller("ann")
    return [await world.operations.create(ann, models.Company, {"name": name}) for name in ("One", "Two")]


async def test_an_action_writes_read_only_fields_of_its_record(world, models, two):
    ann = await world.caller("ann")
    ids = [one.id for one in reversed(two)]
    found = await world.operations.act(ann, models.Company, ids, "award", {"points": "5"})
    assert [(one.id, one.points, one.version) for one in found] == [(one, 5, 2) for one in ids]
    rows = await world.rows("SELECT verb, record, changes FROM core_entry ORDER BY number")
    assert [row[0] for row in rows] == ["create", "create", "award", "award"]
    assert [json.loads(row[2]) for row in rows[2:]] == [{"points": [0, 5]}] * 2
    events = await world.rows("SELECT name FROM core_event ORDER BY id")
    assert [row[0] for row in events][-2:] == ["shop.company.award", "shop.company.award"]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, [("points", "required")]),
        ({"points": "many"}, [("points", "invalid")]),
        ({"points": 1, "extra": 2}, [("extra", "unknown")]),
        ({"points": 0}, [("points", "invalid")]),
    ],
)
async def test_inputs_are_refused_by_name(world, models, two, inputs, expected):
    ann, before = await world.caller("ann"), await world.counts()
    with pytest.raises(Refused) as refusal:
        await world.operations.act(ann, models.Company, [one.id for one in two], "award", inputs)
    assert [(one.field, one.code) for one in refusal.value.problems] == expected
    assert await world.counts() == before


async def test_rights_to_an_action(world, models, two):
    before = await world.counts()
    for login, expected in (("bob", NotFound), ("bea", Forbidden)):
        with pytest.raises(expected):
            await world.operations.act(await world.caller(login), models.Company, [two[0].id], "award", {"points": 1})
    ann = await world.caller("ann")
    only_reading = replace(ann, read_only=True)
    with pytest.raises(Forbidden):
        await world.operations.act(only_reading, models.Company, [two[0].id], "award", {"points": 1})
    for ids in ([uuid4()], [two[0].id, uuid4()]):
        with pytest.raises(NotFound):
            await world.operations.act(ann, models.Company, ids, "award", {"points": 1})
    with pytest.raises(UnknownField):
        await world.operations.act(ann, models.Company, [two[0].id], "nonsense", {})
    with pytest.raises(Refused, match="Choose one record"):
        await world.operations.act(ann, models.Company, [one.id for one in two], "gift", {"product": uuid4()})
    assert await world.counts() == before


async def test_a_record_as_input_is_one_that_the_caller_sees(world, models, two):
    ann = await world.caller("ann")
    tea = await world.operations.create(system("test"), models.Product, {"name": "Tea"})
    away = await world.operations.create(system("test"), models.Product, {"name": "Coffee", "on_shelf": False})
    before = await world.counts()
    for given in (uuid4(), away.id):
        with pytest.raises(Refused) as refusal:
            await world.operations.act(ann, models.Company, [two[0].id], "gift", {"product": given})
        assert [(one.field, one.code) for one in refusal.value.problems] == [("product", "unknown_record")]
    assert await world.counts() == before
    (company,) = await world.operations.act(ann, models.Company, [two[0].id], "gift", {"product": str(tea.id)})
    assert company.remark == "Tea"
    (deal,) = await world.reader.records(ann, models.Deal)
    assert (deal.name, deal.owner.id, deal.company.id) == ("A gift", ann.user_id, company.id)
    assert (await world.verbs())[-2:] == ["gift", "create"]


async def test_an_action_that_changes_nothing_is_remembered_and_told(world, models, two):
    ann = await world.caller("ann")
    (same,) = await world.operations.act(ann, models.Company, [two[0].id], "empty_handed", {})
    assert same.version == 1
    assert (await world.verbs())[-1] == "empty_handed"


async def test_another_record_is_changed_only_as_the_caller_might(world, models, two):
    ann = await world.caller("ann")
    beas = await world.operations.create(await world.caller("bea"), models.Company, {"name": "Beas"})
    before = await world.counts()
    with pytest.raises(Forbidden):
        await world.operations.act(ann, models.Company, [two[0].id], "borrow", {"other": beas.id})
    assert await world.counts() == before
    await world.operations.act(ann, models.Company, [two[0].id], "borrow", {"other": two[1].id})
    assert (await world.verbs())[-2:] == ["borrow", "update"]


async def test_work_finds_makes_changes_moves_and_tells(world, models, two):
    ann = await world.caller("ann")

    async def story(work):
        (one,) = await work.find(models.Company, where=models.Company.name.eq("one"))
        with pytest.raises(Refused):
            await work.change(one, version=7)
        one = await work.change(one, remark="r1")
        assert (await work.get(models.Company, one.id)).remark == "r1"
        one = await work.act(one, "award", points=2)
        await work.archive(two[1])
        await work.restore(two[1])
        bob = await work.get(world.registry.models["core.user"].model, world.people["bob"])
        await work.transfer(two[1], bob)
        work.emit(one, "praised", {"how": "much"})
        return one

    one = await world.operations.run(ann, story)
    assert isinstance(one, Model)
    assert one.points == 2
    assert await world.verbs() == ["create"] * 2 + ["update", "award", "archive", "restore", "transfer", "praised"]
    rows = await world.rows("SELECT payload FROM core_event WHERE name = 'shop.company.praised'")
    assert json.loads(rows[0][0]) == {"how": "much"}


async def test_what_changes_after_an_event_was_told_stands_in_it_beside_its_own_words(world, models, two):
    ann = await world.caller("ann")

    async def story(work):
        one = await work.get(models.Company, two[0].id)
        work.emit(one, "praised", {"how": "much"})
        await work.change(one, remark="r1")

    await world.operations.run(ann, story)
    rows = await world.rows("SELECT payload FROM core_event WHERE name = 'shop.company.praised'")
    assert json.loads(rows[0][0]) == {"how": "much", "fields": ["remark"]}


async def test_code_acts_as_its_caller_unless_elevated(world, models, two):
    bob = await world.caller("bob")

    async def steal(work):
        await work.change(two[0], remark="bobs")

    async def elevated(work):
        await work.elevated("the seller is away").change(two[0], remark="bobs", points=9)

    before = await world.counts()
    with pytest.raises(NotFound):
        await world.operations.run(bob, steal)
    assert await world.counts() == before
    await world.operations.run(bob, elevated)
    rows = await world.rows("SELECT verb, reason, user_id FROM core_entry ORDER BY number DESC LIMIT 1")
    assert [str(one) for one in rows[0]] == ["update", "the seller is away", str(bob.user_id)]

    async def unreasoned(work):
        work.elevated("")

    with pytest.raises(ValueError, match="Say why"):
        await world.operations.run(bob, unreasoned)


async def test_many_records_cost_as_many_statements_as_one(world, models, two, statements):
    ann, spec = await world.caller("ann"), world.registry.spec(models.Company)

    def making(*names):
        return lambda unit, who: create(Step(unit, who, spec), [{"name": name} for name in names])

    counts = []
    for names in (("C0", "C1"), [f"D{one}" for one in range(20)]):
        statements.clear()
        assert [row["name"] for row in await world.operations.unit(ann, making(*names))] == list(names)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    before = await world.counts()
    with pytest.raises(Refused):
        await world.operations.unit(ann, making("E1", "E1"))
    assert await world.counts() == before


async def test_a_part_that_fails_leaves_the_rest(world, models, two):
    ann, spec = await world.caller("ann"), world.registry.spec(models.Company)
    lost = []

    async def lose(step):
        async with step.unit.part():
            lost.extend(await create(step, [{"name": "Lost"}]))
            await create(step, [{"name": "Forbidden Ltd"}])

    async def body(unit, who):
        step = Step(unit, who, spec)
        async with unit.part():
            await create(step, [{"name": "Kept"}])
        with pytest.raises(Refused, match="Choose another name"):
            await lose(step)
        with pytest.raises(Refused, match="parent: Choose a record"):
            await create(step, [{"name": "Daughter", "parent": lost[0]["id"]}])
        await unit.flush(who)
        await create(step, [{"name": "Last"}])

    world.operations.outbox.woken.clear()
    await world.operations.unit(ann, body)
    names = [row[0] for row in await world.rows("SELECT name FROM shop_company ORDER BY id")]
    assert names == ["One", "Two", "Kept", "Last"]
    titles = [row[0] for row in await world.rows("SELECT title FROM core_entry ORDER BY number")]
    assert titles == ["One", "Two", "Kept", "Last"]
    assert world.operations.outbox.woken.is_set()


async def test_a_handler_works_in_a_unit_of_its_own_and_once_for_each_event(world, models, two):
    seen = []

    async def react(work, happening):
        seen.append(happening.name)
        company = await work.get(models.Company, happening.record)
        await work.change(company, remark=happening.name)

    handler = world.operations.handler(react, ("shop.company.award",))
    assert handler.patterns == ("shop.company.award",)
    outbox = Outbox(world.registry, {"thanks": handler})
    async with world.database.begin(KEY) as connection:
        news = News(("shop.company.award",), "shop.company", two[0].id)
        await outbox.write(connection, now() - timedelta(seconds=1), None, [news])
    ((_, event),) = await Worker(world.database, outbox).claim()
    world.operations.outbox = outbox
    await handler.deliver([event])
    await handler.deliver([event])  # as after a crash before anybody noted that it was done
    assert seen == ["shop.company.award"]
    assert (await world.reader.get(await world.caller("ann"), models.Company, two[0].id)).remark == seen[0]
    rows = await world.rows('SELECT verb, reason, "by" FROM core_entry ORDER BY number DESC LIMIT 1')
    assert rows == [("update", "event shop.company.award", "system")]
