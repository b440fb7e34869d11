"""Creating: who owns it, what is refused, and that nothing stays of what was refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from core.access import ANONYMOUS, Scope, system
from core.audit import verify
from core.database import Dialect
from core.errors import Forbidden, Refused, Unauthenticated, UnknownField
from core.money import Money


def problems(refusal):
    return [(one.field, one.code) for one in refusal.value.problems]


@pytest.mark.requirement("SE-1")
async def test_a_new_record_is_its_makers(world, models):
    ann = await world.caller("ann")
    made = await world.operations.create(
        ann, models.Company, {"name": " Tea & Co ", "turnover": "12.50 USD", "phones": "010 8888, 010 9999"}
    )
    assert (made.name, made.tier, made.points, made.turnover) == ("Tea & Co", models.Tier.BASIC, 0, Money(1250, "USD"))
    assert (made.owner.id, made.department.id) == (ann.user_id, world.departments["east"])
    assert (made.version, made.archived_at, made.created_by.id) == (1, None, ann.user_id)
    read = await world.reader.get(ann, models.Company, made.id)
    assert (read.name, read.phones, read.owner.name) == ("Tea & Co", ("010 8888", "010 9999"), "Ann")
    assert await world.verbs() == ["create"]
    rows = await world.rows('SELECT title, model, record, changes, "by", address FROM core_entry')
    assert rows[0][:3] == ("Tea & Co", "shop.company", str(made.id))
    assert rows[0][4:] == ("session", "127.0.0.1")
    assert '"turnover"' in rows[0][3]
    events = await world.rows("SELECT name, handler, record FROM core_event")
    assert events == [("shop.company.create", "all", str(made.id))]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [("name", "required")]),
        ({"name": "A", "tier": "silver"}, [("tier", "unknown_choice")]),
        ({"name": "A" * 81, "turnover": "-1 USD"}, [("name", "too_long"), ("turnover", "too_small")]),
        ({"name": "A", "points": 5}, [("points", "readonly")]),
        ({"name": "A", "pin": "1234"}, [("pin", "readonly")]),
        ({"name": "A", "id": str(uuid4())}, [("id", "readonly")]),
        ({"name": "A", "version": 7}, [("version", "readonly")]),
        ({"name": "A", "archived_at": "2026-01-01T00:00Z"}, [("archived_at", "readonly")]),
        ({"name": "A", "parent": str(uuid4())}, [("parent", "unknown_record")]),
        ({"name": "Forbidden Ltd"}, [("name", "invalid")]),
    ],
)
async def test_refusals_name_the_field_and_change_nothing(world, models, values, expected):
    ann = await world.caller("ann")
    before = await world.counts()
    with pytest.raises(Refused) as refusal:
        await world.operations.create(ann, models.Company, values)
    assert problems(refusal) == expected
    assert await world.counts() == before
    assert await world.verbs() == []


async def test_a_field_that_does_not_exist(world, models):
    with pytest.raises(UnknownField):
        await world.operations.create(await world.caller("ann"), models.Company, {"name": "A", "nonsense": 1})


async def test_who_may_not_create_is_refused_and_remembered(world, models):
    boss, before = await world.caller("boss"), await world.counts()
    with pytest.raises(Forbidden, match=r"shop\.product\.create"):
        await world.operations.create(boss, models.Product, {"name": "Tea"})
    with pytest.raises(Forbidden):
        await world.operations.create(
            replace(await world.caller("ann"), read_only=True), models.Company, {"name": "Tea & Co"}
        )
    with pytest.raises(Unauthenticated):
        await world.operations.create(ANONYMOUS, models.Company, {"name": "Tea & Co"})
    assert await world.counts() == before
    assert await world.verbs() == ["refused create", "refused create"]


async def test_a_taken_name_is_refused_without_a_word_about_its_owner(world, models):
    await world.operations.create(await world.caller("bob"), models.Company, {"name": "Tea & Co"})
    ann, before = await world.caller("ann"), await world.counts()
    with pytest.raises(Refused) as refusal:
        await world.operations.create(ann, models.Company, {"name": "TEA & CO"})
    assert problems(refusal) == [("name", "taken")]
    assert str(refusal.value) == "name: This name is taken already"
    assert await world.counts() == before


async def test_a_link_leads_only_to_what_the_maker_sees(world, models):
    ann, bob = await world.caller("ann"), await world.caller("bob")
    hidden = await world.operations.create(bob, models.Company, {"name": "Hidden"})
    seen = await world.operations.create(ann, models.Company, {"name": "Seen"})
    shelf = await world.operations.create(system("test"), models.Product, {"name": "Tea"})
    away = await world.operations.create(system("test"), models.Product, {"name": "Coffee", "on_shelf": False})
    before = await world.counts()
    for values, expected in (
        ({"company": hidden.id}, ["company"]),
        ({"company": seen.id, "product": away.id}, ["product"]),
        ({"company": uuid4(), "product": str(away.id)}, ["company", "product"]),
    ):
        with pytest.raises(Refused) as refusal:
            await world.operations.create(ann, models.Deal, {"name": "A deal", **values})
        assert problems(refusal) == [(name, "unknown_record") for name in expected]
    assert await world.counts() == before
    made = await world.operations.create(ann, models.Deal, {"name": "A deal", "company": seen, "product": shelf.id})
    assert (made.company.id, made.product.id) == (seen.id, shelf.id)
    await world.operations.archive(ann, models.Company, seen.id)
    with pytest.raises(Refused):
        await world.operations.create(ann, models.Deal, {"name": "Another", "company": seen.id})


async def test_owner_and_department_are_chosen_by_who_may_transfer(world, models):
    root, bob = await world.caller("root"), world.people["bob"]
    made = await world.operations.create(root, models.Company, {"name": "A", "owner": bob})
    assert (made.owner.id, made.department.id) == (bob, world.departments["west"])
    nobodys = {"name": "B", "owner": None, "department": world.departments["head"]}
    made = await world.operations.create(root, models.Company, nobodys)
    assert (made.owner, made.department.id) == (None, world.departments["head"])
    bea = await world.caller("bea")
    with pytest.raises(Forbidden):
        await world.operations.create(bea, models.Company, {"name": "C", "owner": bob})
    await world.alter("UPDATE core_user SET enabled = (1 = 0) WHERE login = 'bob'")
    with pytest.raises(Refused) as refusal:
        await world.operations.create(root, models.Company, {"name": "D", "owner": bob})
    assert problems(refusal) == [("owner", "unknown_record")]


async def test_a_part_follows_the_rights_of_its_whole(world, models):
    ann, bea = await world.caller("ann"), await world.caller("bea")
    company = await world.operations.create(ann, models.Company, {"name": "A"})
    line = await world.operations.create(ann, models.Line, {"company": company.id, "label": "one"})
    assert (line.owner, line.department, line.quantity) == (None, None, None)
    detail = await world.operations.create(ann, models.Detail, {"line": line.id, "label": "deep"})
    assert detail.line.id == line.id
    before = await world.counts()
    with pytest.raises(Forbidden):
        await world.operations.create(bea, models.Line, {"company": company.id, "label": "two"})
    with pytest.raises(Forbidden):
        await world.operations.create(bea, models.Detail, {"line": line.id, "label": "two"})
    for whole in (uuid4(), None, "nonsense"):
        with pytest.raises(Refused) as refusal:
            await world.operations.create(ann, models.Line, {"company": whole, "label": "two"})
        assert [one.field for one in refusal.value.problems] == ["company"]
    with pytest.raises(Refused) as refusal:
        await world.operations.create(ann, models.Line, {"company": company.id, "label": "ONE"})
    assert problems(refusal) == [("label", "taken")]
    assert await world.counts() == before


async def test_what_a_plugin_does_afterwards_is_done_with_it(world, models):
    ann = await world.caller("ann")
    made = await world.operations.create(ann, models.Company, {"name": "A", "tier": "gold", "remark": "spill"})
    assert (made.points, made.remark, made.version) == (1, "spilt", 2)
    promotions = await world.rows("SELECT tier FROM shop_promotion")
    assert promotions == [("gold",)]
    rows = await world.rows("SELECT verb, reason FROM core_entry ORDER BY number")
    assert rows == [("create", None), ("create", "the history of tiers is kept whoever changes them")]


async def test_a_create_is_few_statements(world, models, statements):
    ann = await world.caller("ann")
    await world.operations.create(ann, models.Deal, {"name": "Warm", "company": (await first(world, ann, models)).id})
    statements.clear()
    await world.operations.create(ann, models.Company, {"name": "B", "tier": "gold"})
    company = len(statements)
    statements.clear()
    await world.operations.create(await world.caller("root"), models.Product, {"name": "Tea"})
    expected = {Dialect.POSTGRES: 1, Dialect.SQLITE: 6}[world.database.dialect]
    assert len([one for one in statements if "WITH RECURSIVE" not in one]) == expected
    assert company > expected


async def first(world, caller, models):
    return await world.operations.create(caller, models.Company, {"name": "First"})


@pytest.fixture
async def keeper(world):
    """Bob, who may also keep products."""
    await world.granted("bob", {"shop.product.create": Scope.OWN, "shop.product.update": Scope.OWN}, role="keeper")
    return await world.caller("bob")


async def test_created_at_once_is_as_created_in_a_unit_of_work(world, models, keeper, statements, monkeypatch):
    await world.operations.create(keeper, models.Product, {"name": "First"})
    statements.clear()
    quick = await world.operations.create(keeper, models.Product, {"name": "Tea", "on_shelf": "no"})
    sent = len(statements)
    monkeypatch.setattr(world.operations.at_once, "transaction", lambda *_: None)
    slow = await world.operations.create(keeper, models.Product, {"name": "Tea", "on_shelf": "no"})
    assert (sent == 1) is (world.database.dialect is Dialect.POSTGRES)
    assert set(quick.loaded()) == set(slow.loaded())
    own = {"id", "created_at", "updated_at"}
    columns = "name, name_folded, on_shelf, owner_id, department_id, created_by_id, version, archived_at"
    rows = await world.rows(f"SELECT {columns} FROM shop_product ORDER BY id DESC LIMIT 2")
    assert rows[0] == rows[1]
    assert {name: getattr(quick, name) for name in quick.loaded() if name not in own} == {
        name: getattr(slow, name) for name in slow.loaded() if name not in own
    }
    told = 'SELECT verb, model, title, changes, "by", address, program, user_id FROM core_entry ORDER BY number DESC'
    entries = await world.rows(f"{told} LIMIT 2")
    assert entries[0] == entries[1]
    events = await world.rows("SELECT name, handler, model, payload, user_id FROM core_event ORDER BY id DESC LIMIT 2")
    assert events[0] == events[1]
    assert (await verify(world.database, world.registry)).faults == ()


async def test_created_at_once_only_with_rights_that_hold(world, models, keeper):
    await world.alter("DELETE FROM core_grant WHERE permission = 'shop.product.create'")
    await world.alter("UPDATE core_setting SET content = '2' WHERE name = 'rights'")
    before = await world.counts()
    with pytest.raises(Forbidden):
        await world.operations.create(keeper, models.Product, {"name": "Tea"})
    await world.alter("UPDATE core_session SET ended_at = created_at")
    with pytest.raises(Unauthenticated):
        await world.operations.create(keeper, models.Product, {"name": "Tea"})
    assert await world.counts() == before
    bea = await world.caller("bea")
    await world.alter("UPDATE core_session SET ended_at = NULL")
    await world.granted("bea", {"shop.product.create": Scope.OWN}, role="other keeper")
    await world.alter("UPDATE core_user SET rights_number = rights_number + 1")
    assert (await world.operations.create(bea, models.Product, {"name": "Tea"})).name == "Tea"


async def test_nothing_is_created_at_once_without_being_remembered(world, models, keeper):
    await world.operations.create(keeper, models.Product, {"name": "First"})
    assert (await verify(world.database, world.registry)).entries == 1
    await world.alter("DELETE FROM core_setting WHERE name = 'audit'")
    await world.operations.create(keeper, models.Product, {"name": "Second"})
    assert (await verify(world.database, world.registry)).entries == 2
    assert len(await world.rows("SELECT id FROM shop_product")) == 2


async def test_many_at_once_and_in_units_of_work_make_one_chain(world, models, keeper):
    async def make(number):
        if number % 2:
            await world.operations.create(keeper, models.Product, {"name": f"P{number}"})
        else:
            await world.operations.create(keeper, models.Company, {"name": f"C{number}"})

    await asyncio.gather(*map(make, range(24)))
    verdict = await verify(world.database, world.registry)
    assert (verdict.entries, verdict.faults) == (24, ())
    assert len(await world.rows("SELECT id FROM shop_product")) == 12
