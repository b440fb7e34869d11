"""Many records changed at once: previewed, whole or refused whole, or without what is refused."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from core.editing import Edit
from core.errors import Forbidden, NotFound, Refused


@pytest.fixture
async def three(world, models):
    ann = await world.caller("ann")
    made = [
        await world.operations.create(ann, models.Company, {"name": name, "remark": remark})
        for name, remark in (("Ace", "old"), ("Bay", "new"), ("Cay", "old"))
    ]
    return [one.id for one in made]


async def remarks(world):
    return [row[0] for row in await world.rows("SELECT remark FROM shop_company ORDER BY name")]


async def test_a_preview_counts_and_shows_examples_and_changes_nothing(world, models, three):
    before = await world.counts()
    job = Edit(models.Company, {"remark": "new"}, three, preview=True)
    report = await world.operations.update_many(await world.caller("ann"), job)
    assert (report.changed, report.same, report.refused, report.written) == (2, 1, 0, False)
    assert [(one.title, one.changes) for one in report.examples] == [
        ("Ace", {"remark": ["old", "new"]}),
        ("Cay", {"remark": ["old", "new"]}),
    ]
    assert await world.counts() == before


@pytest.mark.requirement("SE-1", "SE-5")
async def test_what_was_previewed_is_written_and_audited_record_by_record(world, models, three):
    ann = await world.caller("ann")
    where = models.Company.remark.contains("o") | models.Company.name.eq("Bay")
    seen = await world.operations.update_many(ann, Edit(models.Company, {"remark": "new"}, where=where, preview=True))
    job = Edit(models.Company, {"remark": "new"}, where=where, seen=seen.mark)
    report = await world.operations.update_many(ann, job)
    assert (report.changed, report.same, report.written) == (2, 1, True)
    assert await remarks(world) == ["new", "new", "new"]
    verbs = await world.rows("SELECT verb, title FROM core_entry ORDER BY number DESC LIMIT 2")
    assert sorted(tuple(one) for one in verbs) == [("update", "Ace"), ("update", "Cay")]


async def test_what_changed_since_the_preview_is_not_overwritten(world, models, three):
    ann = await world.caller("ann")
    seen = await world.operations.update_many(ann, Edit(models.Company, {"remark": "new"}, three, preview=True))
    await world.operations.update(ann, models.Company, three[0], {"tier": "gold"})  # another field: no matter
    again = await world.operations.update_many(ann, Edit(models.Company, {"remark": "new"}, three, preview=True))
    assert again.mark == seen.mark
    await world.operations.update(ann, models.Company, three[0], {"remark": "theirs"})
    before = await world.counts()
    with pytest.raises(Refused) as refusal:
        await world.operations.update_many(ann, Edit(models.Company, {"remark": "new"}, three, seen=seen.mark))
    assert [one.code for one in refusal.value.problems] == ["changed"]
    assert await world.counts() == before
    assert await remarks(world) == ["theirs", "new", "old"]


async def test_one_refusal_stops_all_unless_it_is_left(world, models, three):
    ann = await world.caller("ann")
    job = Edit(models.Company, {"name": "Bay"}, three)  # a name is unique
    before = await world.counts()
    report = await world.operations.update_many(ann, job)
    assert (report.changed, report.same, report.refused, report.written) == (0, 1, 2, False)
    assert [(one.title, one.problems[0].code) for one in report.kept] == [("Ace", "taken"), ("Cay", "taken")]
    assert await world.counts() == before
    await world.operations.archive(ann, models.Company, three[2])
    left = await world.operations.update_many(ann, Edit(models.Company, {"remark": "x"}, three, leave=True))
    assert (left.changed, left.refused, left.written) == (2, 1, True)
    assert [one.problems[0].code for one in left.kept] == ["archived"]
    assert await remarks(world) == ["x", "x", "old"]


async def test_rights_and_fields_are_those_of_a_single_change(world, models, three):
    ann, bea, bob = [await world.caller(one) for one in ("ann", "bea", "bob")]
    before = await world.counts()
    for values, code in (({"points": 7}, "readonly"), ({}, "required"), ({"tier": "none"}, "unknown_choice")):
        with pytest.raises(Refused) as refusal:
            await world.operations.update_many(ann, Edit(models.Company, values, three))
        assert [one.code for one in refusal.value.problems] == [code]
    for ids in (three, [uuid4()]):
        with pytest.raises(NotFound):
            await world.operations.update_many(bob, Edit(models.Company, {"remark": "mine"}, ids))
    report = await world.operations.update_many(bea, Edit(models.Company, {"remark": "mine"}, three))  # she sees them
    assert (report.changed, report.refused, report.written) == (0, 3, False)
    assert {one.problems[0].code for one in report.kept} == {"forbidden"}
    with pytest.raises(Forbidden):
        await world.operations.update_many(
            replace(ann, read_only=True), Edit(models.Company, {"remark": "mine"}, three)
        )
    assert await world.counts() == before
