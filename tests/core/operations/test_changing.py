"""Changing and handing over: only what differs, only within reach, one winner per version."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from core.access import system
from core.database import Dialect
from core.errors import Conflict, Forbidden, NotFound, Refused, Unauthenticated
from core.money import Money
from core.users import User


def problems(refusal):
    return [(one.field, one.code) for one in refusal.value.problems]


@pytest.fixture
async def tea(world, models):
    return await world.operations.create(await world.caller("ann"), models.Company, {"name": "Tea", "remark": "old"})


@pytest.mark.requirement("SE-1", "SE-5")
async def test_only_what_differs_is_written_and_told(world, models, tea, statements):
    ann = await world.caller("ann")
    statements.clear()
    values = {"name": "Tea", "remark": "new", "turnover": {"amount": "5", "currency": "USD"}}
    changed = await world.operations.update(ann, models.Company, tea.id, values, version=1)
    assert (changed.remark, changed.turnover, changed.version) == ("new", Money(500, "USD"), 2)
    (update,) = [one for one in statements if one.startswith("UPDATE shop_company")]
    assert "remark" in update
    assert "name" not in update
    rows = await world.rows("SELECT verb, changes FROM core_entry ORDER BY number DESC LIMIT 1")
    assert rows[0][0] == "update"
    assert json.loads(rows[0][1]) == {
        "remark": ["old", "new"],
        "turnover": [None, {"amount": "5.00", "currency": "USD"}],
    }
    rows = await world.rows("SELECT name, payload FROM core_event ORDER BY id DESC LIMIT 1")
    assert rows[0][0] == "shop.company.update"
    assert json.loads(rows[0][1]) == {"fields": ["remark", "turnover"]}


async def test_an_update_that_changes_nothing_is_nothing(world, models, tea):
    before, verbs = await world.counts(), await world.verbs()
    same = await world.operations.update(await world.caller("ann"), models.Company, tea.id, {"name": " Tea "}, 99)
    assert same.version == 1
    assert (await world.counts(), await world.verbs()) == (before, verbs)


async def test_a_stale_version_is_a_conflict_that_shows_both_values(world, models, tea):
    ann = await world.caller("ann")
    await world.operations.update(ann, models.Company, tea.id, {"remark": "theirs"}, version=1)
    before = await world.counts()
    with pytest.raises(Conflict) as conflict:
        await world.operations.update(ann, models.Company, tea.id, {"remark": "mine", "name": "Tea"}, version=1)
    assert (conflict.value.theirs, conflict.value.yours) == ({"remark": "theirs"}, {"remark": "mine"})
    assert await world.counts() == before


async def test_out_of_sight_is_not_found_and_out_of_reach_is_forbidden(world, models, tea):
    bob, bea, before = await world.caller("bob"), await world.caller("bea"), await world.counts()
    messages = set()
    for record in (tea.id, uuid4()):
        with pytest.raises(NotFound) as refusal:
            await world.operations.update(bob, models.Company, record, {"name": "Mine"})
        messages.add(str(refusal.value))
    assert messages == {"Not found"}
    with pytest.raises(Forbidden, match=r"shop\.company\.update"):
        await world.operations.update(bea, models.Company, tea.id, {"name": "Mine"})
    with pytest.raises(Forbidden):
        await world.operations.update(
            replace(await world.caller("ann"), read_only=True), models.Company, tea.id, {"name": "Mine"}
        )
    assert await world.counts() == before


async def test_read_only_and_locked_fields(world, models, tea):
    ann, before = await world.caller("ann"), await world.counts()
    for name in ("points", "pin", "version", "id", "created_at"):
        with pytest.raises(Refused) as refusal:
            await world.operations.update(ann, models.Company, tea.id, {name: "7"})
        assert problems(refusal) == [(name, "readonly")]
    locked = replace(ann, policy=replace(ann.policy, locked=frozenset({"shop.company.remark"})))
    with pytest.raises(Refused) as refusal:
        await world.operations.update(locked, models.Company, tea.id, {"remark": "x"})
    assert problems(refusal) == [("remark", "locked")]
    assert await world.counts() == before


async def test_what_is_hidden_from_a_caller_is_not_in_what_he_gets_back(world, models, tea):
    ann = await world.caller("ann")
    blind = replace(ann, policy=replace(ann.policy, hidden=frozenset({"shop.company.remark"})))
    found = await world.operations.update(blind, models.Company, tea.id, {"name": "Tea 2"})
    assert "remark" not in set(found.loaded())
    assert "pin" not in set(found.loaded())


async def test_a_revoked_right_binds_at_once(world, models, tea):
    ann = await world.caller("ann")
    await world.alter("DELETE FROM core_grant WHERE permission = 'shop.company.update'")
    await world.alter("UPDATE core_setting SET content = '2' WHERE name = 'rights'")
    before = await world.counts()
    with pytest.raises(Forbidden):
        await world.operations.update(ann, models.Company, tea.id, {"name": "Mine"})
    await world.alter("UPDATE core_session SET ended_at = created_at")
    with pytest.raises(Unauthenticated):
        await world.operations.update(ann, models.Company, tea.id, {"name": "Mine"})
    assert await world.counts() == before


async def test_a_granted_right_is_there_at_once(world, models, tea):
    bob = await world.caller("bob")
    await world.alter("UPDATE core_grant SET scope = 'all' WHERE permission LIKE 'shop.company.%'")
    await world.alter("UPDATE core_setting SET content = '2' WHERE name = 'rights'")
    assert (await world.operations.update(bob, models.Company, tea.id, {"name": "Bobs"})).name == "Bobs"


async def test_nobody_changes_a_record_out_of_his_own_reach(world, models, tea):
    root, boss = world.people["root"], await world.caller("boss")
    ann = await world.caller("ann")
    before = await world.counts()
    with pytest.raises(Refused) as refusal:
        await world.operations.update(ann, models.Company, tea.id, {"owner": root})
    assert problems(refusal) == [(None, "out_of_scope")]
    assert await world.counts() == before
    changed = await world.operations.update(boss, models.Company, tea.id, {"owner": world.people["bob"]})
    assert (changed.owner.id, changed.department.id) == (world.people["bob"], world.departments["west"])
    other = await world.operations.create(await world.caller("bea"), models.Company, {"name": "Beas"})
    mine = await world.operations.create(ann, models.Company, {"name": "Mine"})
    line = await world.operations.create(ann, models.Line, {"company": mine.id, "label": "one"})
    with pytest.raises(Refused) as refusal:
        await world.operations.update(ann, models.Line, line.id, {"company": other.id})
    assert problems(refusal) == [(None, "out_of_scope")]


async def test_a_part_is_moved_to_what_one_does_not_see_as_little_as_to_what_is_not_there(world, models, tea):
    """Nobody learns by it whether a record exists."""
    await world.alter("UPDATE core_grant SET scope = 'own' WHERE permission LIKE 'shop.company.%'")
    await world.alter("UPDATE core_setting SET content = '2' WHERE name = 'rights'")
    ann, bob = await world.caller("ann"), await world.caller("bob")
    other = await world.operations.create(bob, models.Company, {"name": "Bobs"})
    line = await world.operations.create(ann, models.Line, {"company": tea.id, "label": "one"})
    before = await world.counts()
    for company in (other.id, uuid4()):
        with pytest.raises(Refused) as refusal:
            await world.operations.update(ann, models.Line, line.id, {"company": company})
        assert problems(refusal) == [("company", "unknown_record")]
    assert await world.counts() == before


async def test_what_is_only_appended_to_is_never_changed(world, models, tea):
    ann = await world.caller("ann")
    await world.operations.update(ann, models.Company, tea.id, {"tier": "gold"})
    ((promotion,),) = await world.rows("SELECT id FROM shop_promotion")
    record = UUID(str(promotion))
    for attempt in (
        world.operations.update(ann, models.Promotion, record, {"company": tea.id}),
        world.operations.archive(ann, models.Promotion, record),
    ):
        with pytest.raises(Refused) as refusal:
            await attempt
        assert problems(refusal) == [(None, "append_only")]


async def test_what_is_only_appended_to_is_not_handed_over(world, models):
    keeper = system("a test")
    made = await world.operations.create(keeper, models.Reading, {"name": "one"})
    before = await world.counts()
    with pytest.raises(Refused) as refusal:
        await world.operations.transfer(keeper, models.Reading, [made.id], world.people["bob"])
    assert problems(refusal) == [(None, "append_only")]
    assert await world.counts() == before


async def test_an_archived_record_is_restored_before_it_is_changed(world, models, tea):
    ann = await world.caller("ann")
    await world.operations.archive(ann, models.Company, tea.id)
    with pytest.raises(Refused, match="recycle bin"):
        await world.operations.update(ann, models.Company, tea.id, {"name": "x"})
    with pytest.raises(Refused, match="recycle bin"):
        await world.operations.create(ann, models.Line, {"company": tea.id, "label": "x"})
    with pytest.raises(Refused, match="recycle bin"):
        await world.operations.act(ann, models.Company, [tea.id], "award", {"points": 1})
    with pytest.raises(Refused, match="recycle bin"):
        await world.operations.transfer(ann, models.Company, [tea.id], world.people["bea"])


async def test_of_twenty_at_once_one_wins_each_version(world, models, tea):
    callers = [await world.caller("ann") for _ in range(20)]

    async def attempt(number):
        try:
            await world.operations.update(callers[number], models.Company, tea.id, {"remark": f"n{number}"}, version=1)
        except Conflict as conflict:
            return conflict
        return number

    results = await asyncio.gather(*map(attempt, range(20)))
    (winner,) = [one for one in results if isinstance(one, int)]
    assert {one.theirs["remark"] for one in results if isinstance(one, Conflict)} == {f"n{winner}"}
    found = await world.reader.get(callers[0], models.Company, tea.id)
    assert (found.remark, found.version) == (f"n{winner}", 2)
    assert await world.verbs() == ["create", "update"]


async def test_twenty_actions_at_once_all_count(world, models, tea, statements):
    ann = await world.caller("ann")
    awards = [world.operations.act(ann, models.Company, [tea.id], "award", {"points": 1}) for _ in range(20)]
    await asyncio.gather(*awards)
    found = await world.reader.get(ann, models.Company, tea.id)
    assert (found.points, found.version) == (20, 21)
    if world.database.dialect is Dialect.POSTGRES:
        assert any("FROM shop_company" in one and one.endswith("ORDER BY id FOR UPDATE") for one in statements)


@pytest.mark.requirement("PM-11")
async def test_a_transfer_takes_the_new_owners_department(world, models, tea):
    ann, bob = await world.caller("ann"), world.people["bob"]
    other = await world.operations.create(ann, models.Company, {"name": "Other"})
    moved = await world.operations.transfer(ann, models.Company, [other.id, tea.id], bob)
    assert [one.id for one in moved] == [other.id, tea.id]
    assert {(one.owner.id, one.department.id) for one in moved} == {(bob, world.departments["west"])}
    assert (await world.verbs())[-2:] == ["transfer", "transfer"]
    names = await world.rows("SELECT name FROM core_event ORDER BY id DESC LIMIT 2")
    assert names == [("shop.company.transfer",), ("shop.company.transfer",)]
    with pytest.raises(NotFound):
        await world.operations.transfer(ann, models.Company, [tea.id], ann.user_id)


async def test_a_transfer_is_all_or_nothing(world, models, tea):
    ann, bob = await world.caller("ann"), world.people["bob"]
    beas = await world.operations.create(await world.caller("bea"), models.Company, {"name": "Beas"})
    line = await world.operations.create(ann, models.Line, {"company": tea.id, "label": "one"})
    before = await world.counts()
    with pytest.raises(Forbidden):
        await world.operations.transfer(ann, models.Company, [tea.id, beas.id], bob)
    with pytest.raises(NotFound):
        await world.operations.transfer(ann, models.Company, [tea.id, uuid4()], bob)
    with pytest.raises(Refused):
        await world.operations.transfer(ann, models.Company, [tea.id], uuid4())
    with pytest.raises(Refused, match="part of"):
        await world.operations.transfer(ann, models.Line, [line.id], bob)
    assert await world.counts() == before


async def test_a_share_opens_one_record_and_no_more_than_its_giver_has(world, models, tea):
    ann, bob = await world.caller("ann"), await world.caller("bob")
    await world.alter("UPDATE core_grant SET scope = 'own' WHERE permission = 'shop.company.read'")
    with pytest.raises(NotFound):
        await world.reader.get(bob, models.Company, tea.id)
    share = await world.operations.share(ann, models.Company, tea.id, user=bob.user_id, reason="holiday")
    assert (await world.reader.get(bob, models.Company, tea.id)).name == "Tea"
    with pytest.raises(Forbidden):
        await world.operations.update(bob, models.Company, tea.id, {"name": "Bobs"})
    await world.operations.unshare(ann, share)
    with pytest.raises(NotFound):
        await world.reader.get(bob, models.Company, tea.id)
    await world.operations.share(
        ann, models.Company, tea.id, department=world.departments["west"], writes=True, expires_at="2999-01-01T00:00Z"
    )
    assert (await world.operations.update(bob, models.Company, tea.id, {"name": "Bobs"})).name == "Bobs"
    assert (await world.verbs())[1:] == ["share", "refused update", "unshare", "share", "update"]
    before = await world.counts()
    for given, field in (
        ({}, "user"),
        ({"user": bob.user_id, "department": world.departments["west"]}, "user"),
        ({"user": uuid4()}, "user"),
        ({"user": bob.user_id, "expires_at": "2020-01-01T00:00Z"}, "expires_at"),
    ):
        with pytest.raises(Refused) as refusal:
            await world.operations.share(ann, models.Company, tea.id, **given)
        assert refusal.value.problems[0].field == field
    with pytest.raises(NotFound):
        await world.operations.share(await world.caller("bea"), models.Company, tea.id, user=bob.user_id)
    with pytest.raises(NotFound):
        await world.operations.unshare(ann, uuid4())
    assert await world.counts() == before


async def test_changes_of_people_make_their_rights_out_of_date(world, models, tea):
    root = await world.caller("root")
    bob = await world.caller("bob")
    await world.operations.update(root, User, bob.user_id, {"department": world.departments["east"]})
    assert (await world.policies.fresh(bob.user_id)).number == bob.policy.number + 1
    assert (await world.reader.get(bob, models.Company, tea.id)).name == "Tea"
    rights = (await world.policies.fresh(bob.user_id)).rights
    await world.operations.update(root, User, bob.user_id, {"superior": world.people["boss"]})
    assert (await world.policies.fresh(bob.user_id)).rights == rights + 1
