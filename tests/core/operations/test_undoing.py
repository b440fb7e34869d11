"""What was done is taken back through the door that it came by: by him who did it, or from a record's history."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from core.access import Origin
from core.editing import Edit
from core.errors import Conflict, Forbidden, NotFound, Refused


async def asking(world, login):
    """A caller as one request has him, and the id of that request."""
    request = str(uuid4())
    return replace(await world.caller(login), origin=Origin(request=request)), request


@pytest.fixture
async def tea(world, models):
    values = {"name": "Tea", "remark": "old", "turnover": {"amount": "5", "currency": "USD"}}
    return await world.operations.create(await world.caller("ann"), models.Company, values)


async def read(world, models, record):
    found = await world.operations.reader.get(await world.caller("root"), models.Company, record)
    return found.remark, found.tier.value, str(found.turnover)


async def entry(world):
    return (await world.rows("SELECT number FROM core_entry ORDER BY number DESC LIMIT 1"))[0][0]


@pytest.mark.requirement("SE-1", "SE-5")
async def test_an_update_is_taken_back_and_that_stands_in_the_audit(world, models, tea):
    ann, request = await asking(world, "ann")
    before = await read(world, models, tea.id)
    values = {"remark": "new", "tier": "gold", "turnover": {"amount": "7", "currency": "EUR"}}
    await world.operations.update(ann, models.Company, tea.id, values)
    assert await read(world, models, tea.id) != before
    undone = await world.operations.undo(ann, request)
    assert undone.ids == (tea.id,)
    assert await read(world, models, tea.id) == before
    assert (await world.rows("SELECT reason FROM core_entry WHERE verb = 'update' ORDER BY number"))[-1] == ("undo",)


async def test_many_changed_together_are_taken_back_together(world, models, tea):
    ann, request = await asking(world, "ann")
    milk = await world.operations.create(await world.caller("ann"), models.Company, {"name": "Milk", "remark": "m"})
    await world.operations.update_many(ann, Edit(models.Company, {"remark": "same"}, [tea.id, milk.id]))
    assert len((await world.operations.undo(ann, request)).ids) == 2
    assert [(await read(world, models, one.id))[0] for one in (tea, milk)] == ["old", "m"]


async def test_a_transfer_and_a_new_and_an_archived_record_are_taken_back(world, models, tea):
    root, request = await asking(world, "root")
    (bob,) = await world.rows("SELECT id FROM core_user WHERE login = 'bob'")
    await world.operations.transfer(root, models.Company, [tea.id], UUID(str(bob[0])))
    await world.operations.undo(root, request)
    found = await world.operations.reader.get(root, models.Company, tea.id)
    assert found.owner.id == (await world.caller("ann")).user_id
    root, request = await asking(world, "root")
    await world.operations.archive(root, models.Company, tea.id)
    await world.operations.undo(root, request)
    root, request = await asking(world, "root")
    made = await world.operations.create(root, models.Company, {"name": "New"})
    await world.operations.undo(root, request)
    states = await world.rows("SELECT name, archived_at IS NULL FROM shop_company ORDER BY name")
    assert [(name, bool(there)) for name, there in states] == [("New", False), ("Tea", True)]
    assert made.archived_at is None


async def test_what_was_changed_since_is_not_overwritten(world, models, tea):
    ann, request = await asking(world, "ann")
    await world.operations.update(ann, models.Company, tea.id, {"remark": "new"})
    number = await entry(world)
    await world.operations.update(await world.caller("ann"), models.Company, tea.id, {"tier": "gold"})  # no matter
    await world.operations.update(await world.caller("ann"), models.Company, tea.id, {"remark": "theirs"})
    before = await world.counts()
    with pytest.raises(Refused) as refusal:
        await world.operations.undo(ann, request)
    assert [one.code for one in refusal.value.problems] == ["changed"]
    with pytest.raises(Conflict) as conflict:
        await world.operations.revert(await world.caller("ann"), models.Company, tea.id, number)
    assert (conflict.value.theirs, conflict.value.yours) == ({"remark": "theirs"}, {"remark": "old"})
    assert await world.counts() == before


async def test_one_change_of_the_history_is_taken_back_by_whoever_may_change_the_record(world, models, tea):
    await world.operations.update(await world.caller("ann"), models.Company, tea.id, {"remark": "new"})
    number = await entry(world)
    await world.operations.update(await world.caller("ann"), models.Company, tea.id, {"tier": "gold"})
    for login, error in (("bob", NotFound), ("bea", Forbidden)):
        with pytest.raises(error):
            await world.operations.revert(await world.caller(login), models.Company, tea.id, number)
    with pytest.raises(NotFound):
        await world.operations.revert(await world.caller("root"), models.Company, tea.id, number + 1000)
    with pytest.raises(NotFound):
        await world.operations.revert(await world.caller("root"), models.Company, uuid4(), number)
    done = await world.operations.revert(await world.caller("root"), models.Company, tea.id, number)
    assert (done.remark, done.tier.value) == ("old", "gold")


async def test_nobody_takes_back_what_another_did_nor_an_action(world, models, tea):
    ann, request = await asking(world, "ann")
    await world.operations.update(ann, models.Company, tea.id, {"remark": "new"})
    for login, which in (("root", request), ("ann", str(uuid4()))):
        with pytest.raises(NotFound):
            await world.operations.undo(await world.caller(login), which)
    root, request = await asking(world, "root")
    await world.operations.act(root, models.Company, [tea.id], "award", {"points": 3})
    with pytest.raises(Refused) as refusal:
        await world.operations.undo(root, request)
    assert [one.code for one in refusal.value.problems] == ["not_undoable"]
