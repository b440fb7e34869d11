"""The recycle bin: parts go and come with their whole, and purging names what still links."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.errors import Forbidden, NotFound, Refused
from core.query import Archived


@pytest.fixture
async def tree(world, models):
    """A company with a line and a detail of it."""
    ann = await world.caller("ann")
    company = await world.operations.create(ann, models.Company, {"name": "Tea"})
    line = await world.operations.create(ann, models.Line, {"company": company.id, "label": "one"})
    detail = await world.operations.create(ann, models.Detail, {"line": line.id, "label": "deep"})
    return company, line, detail


async def archived(world, table):
    return [row[0] for row in await world.rows(f"SELECT archived_at IS NOT NULL FROM {table} ORDER BY id")]


async def told(world, count):
    """The last entries of the audit, in order."""
    rows = await world.rows(f"SELECT verb, title FROM core_entry ORDER BY number DESC LIMIT {count}")
    return rows[::-1]


async def test_parts_go_to_the_bin_and_come_back_with_their_whole(world, models, tree):
    ann, (company, line, _) = await world.caller("ann"), tree
    gone = await world.operations.create(ann, models.Line, {"company": company.id, "label": "gone before"})
    await world.operations.archive(ann, models.Line, gone.id)
    put_away = await world.operations.archive(ann, models.Company, company.id)
    assert put_away.archived_at is not None
    for table in ("shop_company", "shop_line", "shop_detail"):
        assert all(await archived(world, table))
    assert await world.reader.records(ann, models.Company) == []
    assert len(await world.reader.records(ann, models.Company, archived=Archived.ONLY)) == 1
    with pytest.raises(Refused, match="Restore what it is a part of first"):
        await world.operations.restore(ann, models.Line, line.id)
    back = await world.operations.restore(ann, models.Company, put_away.id)
    assert (back.archived_at, back.version) == (None, 3)
    assert [bool(one) for one in await archived(world, "shop_line")] == [False, True]
    assert [bool(one) for one in await archived(world, "shop_detail")] == [False]
    assert await told(world, 6) == [
        *(("archive", name) for name in ("Tea", "one", "deep")),
        *(("restore", name) for name in ("Tea", "one", "deep")),
    ]


async def test_twice_is_once(world, models, tree):
    ann, (company, _, _) = await world.caller("ann"), tree
    await world.operations.archive(ann, models.Company, company.id)
    before, verbs = await world.counts(), await world.verbs()
    await world.operations.archive(ann, models.Company, company.id)
    assert (await world.counts(), await world.verbs()) == (before, verbs)
    await world.operations.restore(ann, models.Company, company.id)
    await world.operations.restore(ann, models.Company, company.id)
    assert await world.verbs() == [*verbs, "restore", "restore", "restore"]


async def test_rights_to_the_bin(world, models, tree):
    company, _, _ = tree
    before = await world.counts()
    for login, refusal in (("bob", NotFound), ("bea", Forbidden)):
        caller = await world.caller(login)
        for attempt in (world.operations.archive, world.operations.restore):
            with pytest.raises(refusal):
                await attempt(caller, models.Company, company.id)
    with pytest.raises(NotFound):
        await world.operations.archive(await world.caller("ann"), models.Company, uuid4())
    with pytest.raises(Forbidden):
        await world.operations.purge(await world.caller("ann"), models.Company, company.id)
    assert await world.counts() == before


async def test_purging_takes_parts_and_shares_along(world, models, tree):
    company, _, _ = tree
    boss = await world.caller("boss")
    await world.operations.share(await world.caller("ann"), models.Company, company.id, user=boss.user_id)
    before = await world.counts()
    with pytest.raises(Refused, match="Archive it first"):
        await world.operations.purge(boss, models.Company, company.id)
    assert await world.counts() == before
    await world.operations.archive(boss, models.Company, company.id)
    await world.operations.purge(boss, models.Company, company.id)
    for table in ("shop_company", "shop_line", "shop_detail", "core_share"):
        assert await world.rows(f"SELECT id FROM {table}") == []
    with pytest.raises(NotFound):
        await world.operations.restore(boss, models.Company, company.id)
    assert await told(world, 3) == [("purge", "Tea"), ("purge", "one"), ("purge", "deep")]


async def test_purging_names_what_still_links_as_far_as_it_is_seen(world, models, tree):
    company, _, _ = tree
    ann, boss = await world.caller("ann"), await world.caller("boss")
    await world.operations.create(ann, models.Company, {"name": "Daughter", "parent": company.id})
    await world.operations.create(ann, models.Deal, {"name": "Big deal", "company": company.id})
    await world.operations.archive(boss, models.Company, company.id)
    before = await world.counts()
    with pytest.raises(Refused) as refusal:
        await world.operations.purge(boss, models.Company, company.id)
    assert str(refusal.value) == "Still linked from Daughter (Company), Big deal (Deal)"
    await world.alter("DELETE FROM core_grant WHERE permission = 'shop.deal.read'")
    await world.alter("UPDATE core_setting SET content = '2' WHERE name = 'rights'")
    with pytest.raises(Refused) as refusal:
        await world.operations.purge(boss, models.Company, company.id)
    assert str(refusal.value) == "Still linked from Daughter (Company), …"
    assert await world.counts() == before
