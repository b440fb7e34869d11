"""Many records changed by one mutation: shown first, then whole or not at all."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.schema.conftest import Ask
from tests.schema.test_mutations import created

EDIT = """
mutation ($ids: [ID!], $filter: ShopCustomerFilter, $input: ShopCustomerUpdateInput!, $preview: Boolean! = false,
          $seen: String! = "") {
  edit: shopCustomerUpdateMany(ids: $ids, filter: $filter, input: $input, preview: $preview, seen: $seen) {
    written changed same refused mark ids examples { title changes } kept { id title message }
    errors { field code message } } }"""


async def names(ask: Ask) -> list[str]:
    answer = await ask("{ shopCustomers(order: [{ field: NAME }]) { nodes { name industry } } }")
    return [f"{one['name']} {one['industry']}" for one in answer["data"]["shopCustomers"]["nodes"]]


@pytest.mark.requirement("SE-1")
async def test_a_filter_is_previewed_and_then_done_as_it_was_shown(ask: Ask) -> None:
    first, second = await created(ask, name="Ace", industry="RETAIL"), await created(ask, name="Acme")
    await created(ask, name="Bay")
    asked = {"filter": {"name": {"startsWith": "Ac"}}, "input": {"industry": "FOOD_SERVICE"}}
    answer = await ask(EDIT, **asked, preview=True)
    assert "errors" not in answer
    seen = answer["data"]["edit"]
    mark = seen.pop("mark")
    assert seen == {
        "written": False,
        "changed": 2,
        "same": 0,
        "refused": 0,
        "ids": [first, second],
        "examples": [
            {"title": "Ace", "changes": {"industry": ["retail", "food_service"]}},
            {"title": "Acme", "changes": {"industry": [None, "food_service"]}},
        ],
        "kept": [],
        "errors": [],
    }
    assert await names(ask) == ["Ace RETAIL", "Acme None", "Bay None"]
    done = (await ask(EDIT, **asked, seen=mark))["data"]["edit"]
    assert (done["written"], done["changed"]) == (True, 2)
    assert await names(ask) == ["Ace FOOD_SERVICE", "Acme FOOD_SERVICE", "Bay None"]
    again = (await ask(EDIT, **asked, seen=mark))["data"]["edit"]
    assert [one["code"] for one in again["errors"]] == ["changed"]
    assert (again["written"], again["mark"], again["changed"]) == (False, None, 0)


async def test_what_is_wrong_is_told_and_nothing_changes(ask: Ask) -> None:
    one = await created(ask, name="Ace")
    wrong = (await ask(EDIT, ids=[one], input={"name": ""}))["data"]["edit"]
    assert [each["field"] for each in wrong["errors"]] == ["name"]
    for given in ({}, {"ids": [one], "filter": {}}):
        assert (await ask(EDIT, **given, input={"name": "X"}))["errors"][0]["extensions"]["code"] == "bad_query"
    strange = await ask(EDIT, ids=[one, str(uuid4())], input={"name": "X"})
    assert strange["errors"][0]["extensions"]["code"] == "not_found"
    assert await names(ask) == ["Ace None"]
