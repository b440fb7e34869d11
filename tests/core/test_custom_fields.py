"""Custom fields in the kernel: of every kind, read and written as any other field, noticed by every process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson
import pytest

from core.access import Caller
from core.app import Kernel
from core.conditions import Compare, Not, Op, Through
from core.cursors import decode_cursor
from core.custom_fields import CustomField, CustomKind, read_choices
from core.errors import BadQuery, Forbidden, Refused, UnknownField
from core.model import Model
from core.plugin import Plugin
from core.query import (
    Bucket,
    Function,
    Group,
    Info,
    Leaf,
    Listing,
    Measure,
    Nodes,
    Order,
    Page,
    PageInfo,
    Read,
    Summary,
)
from core.users import User
from tests.core.custom_kinds import KINDS, MOMENT, OBJECT, SYSTEM, UNORDERED, VALUES, all_kinds, define
from tradepost import sales
from tradepost.app import wired
from tradepost.sales import Customer


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return (sales.plugin,)


def told(value: Any) -> Any:
    """A value as a record holds it, a choice and a link by their names."""
    return value.value("id") if isinstance(value, Model) else getattr(value, "value", value)


async def names(kernel: Kernel, where: Any = None, order: Sequence[str] = ()) -> list[str]:
    found = await kernel.reader.records(
        SYSTEM, Customer, where=where or Compare("name", Op.CONTAINS, ""), order=order, fields=("name",)
    )
    return [one.name for one in found]


@pytest.fixture
async def filled(kernel: Kernel) -> Kernel:
    """Three customers: Low and High with a value in every field, and None with nothing."""
    kernel = await all_kinds(kernel)
    (user,) = await kernel.reader.records(SYSTEM, User, fields=("id",))
    for number, name in enumerate(("Low", "High")):
        values = {field: both[number] for field, both in VALUES.items()}
        await kernel.operations.create(SYSTEM, Customer, {"name": name, "x_link": user.id, **values})
    await kernel.operations.create(SYSTEM, Customer, {"name": "None"})
    return kernel


@pytest.mark.requirement("OB-2")
async def test_a_value_of_every_kind_comes_back_exactly(filled: Kernel):
    records = {one.name: one for one in await filled.reader.records(SYSTEM, Customer)}
    for number, name in enumerate(("Low", "High")):
        assert {field: told(records[name].value(field)) for field in VALUES} == {
            field: both[number] for field, both in VALUES.items()
        }
        assert records[name].value("x_link").name == "Administrator"
    empty = {field: told(records["None"].value(field)) for field in (*VALUES, "x_link")}
    assert {field: value for field, value in empty.items() if value is not None} == {
        "x_yes_or_no": False,
        "x_phone_numbers": (),
        "x_tags": (),
    }


@pytest.mark.requirement("OB-2", "OP-15")
async def test_every_kind_is_filtered_by(filled: Kernel):
    for field, (low, high) in VALUES.items():
        if field in ("x_phone_numbers", "x_tags"):
            assert await names(filled, Compare(field, Op.HAS, high[0])) == ["High"], field
        elif field != "x_position":
            assert await names(filled, Compare(field, Op.EQ, high)) == ["High"], field
        if field not in (*UNORDERED, "x_amount"):
            assert {*await names(filled, Compare(field, Op.IN, (low, high)))} >= {"Low", "High"}, field
        if field != "x_yes_or_no":
            assert await names(filled, Compare(field, Op.EMPTY, True)) == ["None"], field
            assert {*await names(filled, Compare(field, Op.EMPTY, False))} == {"Low", "High"}, field
    assert await names(filled, Compare("x_text", Op.CONTAINS, "STRASSE")) == ["Low"]
    assert await names(filled, Compare("x_text", Op.STARTS, "zeb")) == ["High"]
    assert await names(filled, Compare("x_decimal_number", Op.GT, Decimal("999999999999.999998"))) == ["High"]
    assert await names(filled, Compare("x_date_and_time", Op.LT, MOMENT)) == ["Low"]
    assert {*await names(filled, Not(Compare("x_choice", Op.EQ, "north")))} == {"High", "None"}
    assert {*await names(filled, Through("x_link", User.login.eq("admin")))} == {"Low", "High"}


@pytest.mark.requirement("OB-2")
async def test_every_ordered_kind_is_sorted_by_with_the_empty_last(filled: Kernel):
    for field in (*VALUES, "x_link"):
        if field in UNORDERED or field in ("x_yes_or_no", "x_link"):
            continue
        low, high = ("High", "Low") if field == "x_amount" else ("Low", "High")
        assert await names(filled, order=(field,)) == [low, high, "None"], field
        assert await names(filled, order=(f"-{field}",)) == [high, low, "None"], field
    assert (await names(filled, order=("-x_yes_or_no", "name")))[0] == "High"
    assert (await names(filled, order=("x_link.name", "name"))) == ["High", "Low", "None"]
    with pytest.raises(BadQuery, match="has no order"):
        await names(filled, order=("x_tags",))


@pytest.mark.requirement("OB-2")
async def test_figures_are_exact(filled: Kernel):
    measures = [
        Measure("sum", Function.SUM, "x_decimal_number"),
        Measure("money", Function.SUM, "x_amount"),
        Measure("most", Function.MAXIMUM, "x_date"),
        Measure("n", Function.COUNT),
    ]
    read = Read((("rows", Summary(OBJECT, (Group("by", "x_choice"),), tuple(measures))),))
    rows = orjson.loads(await filled.reader.answer(SYSTEM, read))["rows"]
    assert [(row["by"], row["sum"], row["money"], row["most"], row["n"]) for row in rows] == [
        ("NORTH", "0.100000", [{"amount": "1234567890123.45", "currency": "EUR"}], "1969-12-31", 1),
        ("SOUTH", "999999999999.999999", [{"amount": "2.00", "currency": "EUR"}], "2026-11-28", 1),
        (None, "0.000000", [], None, 1),
    ]
    months = Summary(OBJECT, (Group("by", "x_date_and_time", Bucket.MONTH),), (Measure("n", Function.COUNT),))
    rows = orjson.loads(await filled.reader.answer(replace(SYSTEM, zone="UTC"), Read((("rows", months),))))["rows"]
    assert [(row["by"], row["n"]) for row in rows] == [("2026-11-01", 2), (None, 1)]


@pytest.mark.requirement("OB-2")
async def test_pages_by_a_custom_field_hold_every_record_once(filled: Kernel):
    for field in ("x_text", "x_decimal_number", "x_date", "x_date_and_time", "x_choice", "x_yes_or_no"):
        order, edge, seen = (Order(field),), None, []
        for _ in range(3):
            page = Page(1, edge)
            parts = (Nodes("rows", (Leaf("name", "name"),)), PageInfo("page", (("end", Info.END),)))
            read = Read((("list", Listing(OBJECT, order=order, page=page, parts=parts)),))
            answer = orjson.loads(await filled.reader.answer(SYSTEM, read))["list"]
            seen += [row["name"] for row in answer["rows"]]
            edge = decode_cursor(answer["page"]["end"], OBJECT, order)
        assert sorted(seen) == ["High", "Low", "None"], field


@pytest.mark.requirement("OB-2")
async def test_a_change_is_told_field_by_field_and_leaves_the_others(filled: Kernel):
    low = next(one for one in await filled.reader.records(SYSTEM, Customer) if one.name == "Low")
    values = {"x_whole_number": 7, "x_tags": (), "x_amount": None}
    changed = await filled.operations.update(SYSTEM, Customer, low.id, values, low.version)
    assert (changed.value("x_whole_number"), changed.value("x_tags"), changed.value("x_amount")) == (7, (), None)
    assert (changed.value("x_text"), changed.version) == ("Straße", 2)
    event, _ = await filled.history.of(SYSTEM, filled.registry.spec(OBJECT), low.id)
    assert event.changes == {
        "x_whole_number": [-5, 7],
        "x_tags": [["big", "old"], []],
        "x_amount": [{"amount": "1234567890123.45", "currency": "EUR"}, None],
    }
    again = await filled.operations.update(SYSTEM, Customer, low.id, {"x_whole_number": 7})
    assert again.version == 2


@pytest.mark.requirement("OB-2")
async def test_what_does_not_fit_is_refused_beside_its_field(filled: Kernel):
    before = await names(filled)
    wrong = {
        "x_text": "x" * 41,
        "x_whole_number": "many",
        "x_decimal_number": "0.1234567",
        "x_choice": "west",
        "x_mail_address": "nobody",
        "x_link": filled.registry.spec(OBJECT).label,
    }
    with pytest.raises(Refused) as refusal:
        await filled.operations.create(SYSTEM, Customer, {"name": "Wrong", **wrong})
    assert {one.field for one in refusal.value.problems} == {*wrong}
    assert await names(filled) == before


@pytest.mark.requirement("OB-2")
async def test_a_required_field_binds_people_and_no_plugin(kernel: Kernel):
    await kernel.operations.create(SYSTEM, Customer, {"name": "Before"})
    await define(kernel, "text", required=True)
    newest = await kernel.renewal.current()
    with pytest.raises(Refused, match="x_text: Fill this in"):
        await newest.operations.create(SYSTEM, Customer, {"name": "After"})
    (old,) = await newest.reader.records(SYSTEM, Customer)
    assert (old.name, old.value("x_text")) == ("Before", None)
    assert (await newest.operations.update(SYSTEM, Customer, old.id, {"name": "Later"})).name == "Later"
    with pytest.raises(Refused, match="x_text: Fill this in"):
        await newest.operations.update(SYSTEM, Customer, old.id, {"x_text": ""})
    await newest.operations.run(SYSTEM, lambda work: work.create(Customer, name="Of a plugin"))
    assert sorted(await names(newest, order=("x_text",))) == ["Later", "Of a plugin"]


@pytest.mark.requirement("OB-2")
async def test_an_archived_field_is_nowhere_and_comes_back_with_what_records_hold(filled: Kernel):
    (field,) = await filled.reader.records(SYSTEM, CustomField, where=CustomField.name.eq("x_text"))
    await filled.operations.archive(SYSTEM, CustomField, field.id)
    without = await filled.renewal.current()
    assert "x_text" not in without.registry.spec(OBJECT).fields
    with pytest.raises(UnknownField):
        await names(without, Compare("x_text", Op.EQ, "Zebra"))
    low = next(one for one in await without.reader.records(SYSTEM, Customer) if one.name == "Low")
    await without.operations.update(SYSTEM, Customer, low.id, {"x_whole_number": 1})
    await without.operations.restore(SYSTEM, CustomField, field.id)
    again = await without.renewal.current()
    assert await names(again, Compare("x_text", Op.EQ, "straße")) == ["Low"]


async def test_what_may_not_be_defined_is_refused_and_changes_nothing(kernel: Kernel):
    refused: list[tuple[dict[str, Any], str]] = [
        ({"object": "sales.nothing"}, "object: There is no such object"),
        ({"object": "core.role"}, "object: There is no such object"),
        ({"object": "core.session"}, "object: There is no such object"),
        ({"name": "name"}, "name: Write a name like"),
        ({"name": "x_1"}, "name: Write a name like"),
        ({"name": "x_a__b"}, "name: Write a name like"),
        ({"name": "x_owner_id"}, "name: Write a name like"),
        ({"name": "x_a'); DROP TABLE core_user; --"}, "name: Write a name like"),
        ({"kind": "choice"}, "choices: Write at least one choice"),
        ({"kind": "choice", "choices": "a = A\na = B"}, "choices: The choice a is there twice"),
        ({"kind": "choice", "choices": "A-b = c"}, "choices: Write a choice like"),
        ({"kind": "choice", "choices": "a = A | fr: B"}, "choices: Write a translation like"),
        ({"kind": "link"}, "target: Write the object"),
        ({"kind": "link", "target": "core.session"}, "target: Write the object"),
        ({"kind": "date", "search": True}, "search: Search knows texts and choices only"),
        ({"kind": "decimal_number", "scale": 9}, "scale: Write a number between 0 and 8"),
        ({"length": 0}, "length: Write a number between 1 and 255"),
    ]
    for values, message in refused:
        with pytest.raises(Refused) as refusal:
            await define(kernel, **{"kind": "text", "label": "A", **values})
        assert str(refusal.value).startswith(message), values
    assert await kernel.reader.records(SYSTEM, CustomField) == []
    assert (await kernel.renewal.current()) is kernel


async def test_what_records_were_written_by_never_changes(filled: Kernel):
    (text,) = await filled.reader.records(SYSTEM, CustomField, where=CustomField.name.eq("x_text"))
    for name, value in (("name", "x_other"), ("kind", "date"), ("object", "sales.lead")):
        with pytest.raises(Refused, match="This never changes"):
            await filled.operations.update(SYSTEM, CustomField, text.id, {name: value})
    (choice,) = await filled.reader.records(SYSTEM, CustomField, where=CustomField.name.eq("x_choice"))
    with pytest.raises(Refused, match="Records hold the choice north"):
        await filled.operations.update(SYSTEM, CustomField, choice.id, {"choices": "south = South"})
    await filled.operations.update(SYSTEM, CustomField, choice.id, {"choices": "north = Up\nsouth = Down\nwest = West"})
    newest = await filled.renewal.current()
    choices = newest.registry.spec(OBJECT).fields["x_choice"].traits.choices
    assert choices is not None
    assert [one.value for one in choices] == ["north", "south", "west"]
    assert await names(newest, Compare("x_choice", Op.EQ, "north")) == ["Low"]


async def test_the_name_of_a_removed_field_is_no_other_kinds_while_records_hold_its_values(filled: Kernel):
    (text,) = await filled.reader.records(SYSTEM, CustomField, where=CustomField.name.eq("x_text"))
    with pytest.raises(Refused, match="There is a field of this name"):
        await define(filled, "whole_number", name="x_text")
    await filled.operations.archive(SYSTEM, CustomField, text.id)
    await filled.operations.purge(SYSTEM, CustomField, text.id)
    with pytest.raises(Refused, match="Records still hold values"):
        await define(filled, "whole_number", name="x_text")
    assert (await define(filled, "whole_number", name="x_other")).name == "x_other"


async def test_a_linked_record_is_not_removed_for_good(filled: Kernel):
    await define(filled, "link", label="Partner", target=OBJECT)
    kernel = await filled.renewal.current()
    partner = await kernel.operations.create(SYSTEM, Customer, {"name": "Partner"})
    await kernel.operations.create(SYSTEM, Customer, {"name": "Linked", "x_partner": partner.id})
    assert await names(kernel, Through("x_partner", Customer.name.eq("Partner"))) == ["Linked"]
    await kernel.operations.archive(SYSTEM, Customer, partner.id)
    with pytest.raises(Refused, match="Still linked from Linked"):
        await kernel.operations.purge(SYSTEM, Customer, partner.id)


async def test_names_and_codes_are_made_of_labels(kernel: Kernel):
    made = [
        await define(kernel, "text", label=label) for label in ("Credit Rating 2", "信用等级", "信用等级", "Überschuss")
    ]
    assert [one.name for one in made] == ["x_credit_rating2", "x_field", "x_field_aa", "x_uberschuss"]
    assert [one.place for one in made] == [10, 20, 30, 40]
    choice = await define(kernel, "choice", choices="North region\n华北 | ko: 화베이\nhot = Hot")
    assert choice.choices == "north_region = North region\nchoice_2 = 华北 | ko: 화베이\nhot = Hot"
    assert read_choices(choice.choices)["choice_2"].told("ko") == "화베이"


@pytest.mark.requirement("OB-2")
async def test_another_process_follows_at_its_next_read_at_no_statement_of_its_own(
    kernel: Kernel, administrator: Caller, statements: list[str]
):
    elsewhere = wired(kernel.settings, kernel.renewal.kernel.registry, kernel.database)
    try:
        await elsewhere.reader.records(administrator, Customer)
        await define(kernel, "text", administrator)
        statements.clear()
        assert await elsewhere.reader.records(administrator, Customer) == []  # on the registry that it began with
        assert len(statements) == 3  # the read, the policy that went out of date, the read again
        newest = await elsewhere.renewal.current()
        assert "x_text" in newest.registry.spec(OBJECT).fields
        assert "x_text" not in elsewhere.registry.spec(OBJECT).fields
        statements.clear()
        assert await newest.renewal.current() is newest
        assert statements == []
    finally:
        await elsewhere.sign_in.close()
        await elsewhere.engine.close()


async def test_a_hidden_field_is_not_read_in_any_way(filled: Kernel, administrator: Caller):
    policy = replace(
        administrator.policy,
        everything=False,
        reaches={"sales.customer.read": administrator.policy.reach("sales.customer.read")},
        hidden=frozenset({"sales.customer.x_text"}),
    )
    reader = replace(SYSTEM, policy=policy)
    for ask in (
        lambda: filled.reader.records(reader, Customer, fields=("x_text",)),
        lambda: filled.reader.records(reader, Customer, fields=("custom",)),
        lambda: filled.reader.records(reader, Customer, where=Compare("x_text", Op.EQ, "Zebra")),
        lambda: filled.reader.records(reader, Customer, order=("x_text",)),
    ):
        with pytest.raises(UnknownField):
            await ask()
    found = await filled.reader.records(reader, Customer)
    assert not {"x_text", "custom"} & {*found[0].loaded()}
    assert "x_date" in {*found[0].loaded()}


async def test_only_who_may_defines_fields(kernel: Kernel):
    nobody = replace(SYSTEM, policy=replace(SYSTEM.policy, everything=False))
    with pytest.raises(Forbidden, match=r"permission core\.custom_field\.create"):
        await define(kernel, "text", nobody)
    assert await kernel.reader.records(SYSTEM, CustomField) == []


def test_every_kind_is_tried() -> None:
    assert {one.value for one in CustomKind} == {*KINDS}
    assert {f"x_{one}" for one in KINDS} == {*VALUES, "x_link"}
