"""What another plugin's extension refuses and does, and rows that a unit of work keeps to itself."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from core.database import Dialect
from core.errors import NotFound, Refused


@pytest.fixture
async def tea(world, models):
    return await world.operations.create(await world.caller("ann"), models.Company, {"name": "Tea"})


async def test_an_extension_refuses_what_the_model_allows(world, models, tea):
    ann, before = await world.caller("ann"), await world.counts()
    with pytest.raises(Refused, match="The guest forbids it"):
        await world.operations.create(ann, models.Company, {"name": "Watched Ltd"})
    with pytest.raises(Refused, match="The guest forbids it"):
        await world.operations.update(ann, models.Company, tea.id, {"name": "Watched Ltd"})
    assert await world.counts() == before


async def test_an_extension_reacts_after_the_models_own_plugin(world, models, tea):
    ann = await world.caller("ann")
    await world.operations.update(ann, models.Company, tea.id, {"remark": "hello"})
    await world.operations.create(ann, models.Company, {"name": "Cocoa", "remark": "hello"})
    deals = await world.reader.records(await world.caller("root"), models.Deal, order=("created_at",))
    assert [one.name for one in deals] == ["Tea says hello", "nobody says hello"]


async def test_what_an_extension_refuses_afterwards_is_undone_whole(world, models, tea):
    ann = await world.caller("ann")
    await world.operations.update(ann, models.Company, tea.id, {"remark": "kept"})
    before, verbs = await world.counts(), await world.verbs()
    with pytest.raises(Refused, match="The guest keeps it"):
        await world.operations.archive(ann, models.Company, tea.id)
    assert (await world.counts(), await world.verbs()) == (before, verbs)


async def test_locked_rows_are_fresh_and_wait_for_whoever_changes_them(world, models, tea, statements):
    ann = await world.caller("ann")

    async def award(work):
        (company,) = await work.locked(models.Company, [tea.id])
        await asyncio.sleep(0)
        return await work.act(company, "award", points=company.points + 1)

    await asyncio.gather(*(world.operations.run(ann, award) for _ in range(6)))
    assert (await world.reader.get(ann, models.Company, tea.id)).points == 63
    if world.database.dialect is Dialect.POSTGRES:
        assert any("FOR UPDATE" in one for one in statements if "FROM shop_company" in one)


async def test_rows_are_locked_by_those_who_may_see_them(world, models, tea):
    for login, record in (("bob", tea.id), ("ann", uuid4())):

        async def lock(work, record=record):
            return await work.locked(models.Company, [record])

        with pytest.raises(NotFound):
            await world.operations.run(await world.caller(login), lock)
