"""What is told before and beside the records: lookalikes of a new one, and why a record is visible."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from core.access import system
from core.roles import Assignment, Grant, Role
from core.users import User
from tests.schema.conftest import Ask, Shop

SYSTEM = system("a test")
FULL = """query ($i: ShopCustomerLookalikesInput!) { shopCustomerLookalikes(input: $i) {
            hidden nodes { id title record { __typename id ... on ShopCustomer { name } } } } }"""


async def clerk(shop: Shop, *verbs: str, hidden: tuple[str, ...] = ()) -> tuple[Any, str]:
    """Somebody who may do these things with his own customers, and his token."""
    role = await shop.operations.create(SYSTEM, Role, {"name": "Clerk"})
    user = await shop.operations.create(SYSTEM, User, {"login": "clerk", "name": "Clerk"})
    for verb in verbs:
        granted = {"role": role.id, "permission": f"shop.customer.{verb}", "scope": "own", "hidden": [*hidden]}
        await shop.operations.create(SYSTEM, Grant, granted)
    await shop.operations.create(SYSTEM, Assignment, {"role": role.id, "user": user.id})
    return user.id, await shop.sign_in.create_token(SYSTEM, "clerk", user_id=user.id)


async def customer(shop: Shop, **values: object) -> str:
    made = await shop.operations.create(SYSTEM, shop.registry.models["shop.customer"].model, values)
    return str(made.value("id"))


@pytest.mark.requirement("L-21", "CU-5")
async def test_lookalikes_are_those_in_sight_and_a_number_of_the_others(ask: Ask, shop: Shop) -> None:
    user, secret = await clerk(shop, "read", "create")
    mine = await customer(shop, name="Acme Trading", phones=["(021) 5550 0100"], owner=user)
    await customer(shop, name="ACME  trading")
    await customer(shop, name="Acme")
    record = {"__typename": "ShopCustomer", "id": mine, "name": "Acme Trading"}
    found = {"hidden": 1, "nodes": [{"id": mine, "title": "Acme Trading", "record": record}]}
    assert await ask(FULL, secret, i={"name": "acme trading"}) == {"data": {"shopCustomerLookalikes": found}}
    by_phone = await ask(FULL, secret, i={"name": "Other", "phones": ["+86 21 5550 0100"]})
    assert by_phone["data"]["shopCustomerLookalikes"] == {**found, "hidden": 0}
    everything = await ask('{ a: shopCustomerLookalikes(input: { name: "ACME TRADING" }) { hidden nodes { title } } }')
    assert everything["data"]["a"]["hidden"] == 0
    assert sorted(one["title"] for one in everything["data"]["a"]["nodes"]) == ["ACME  trading", "Acme Trading"]


@pytest.mark.parametrize("given", [{}, {"name": None}, {"name": "Acm"}, {"name": ""}, {"phones": []}, {"mails": None}])
async def test_what_is_not_whole_looks_like_nothing(ask: Ask, shop: Shop, given: dict[str, Any]) -> None:
    await customer(shop, name="Acme", phones=["5550100"])
    assert await ask(FULL, i=given) == {"data": {"shopCustomerLookalikes": {"hidden": 0, "nodes": []}}}


async def test_who_may_not_create_is_told_nothing(ask: Ask, shop: Shop) -> None:
    _, secret = await clerk(shop, "read")
    await customer(shop, name="Acme")
    answer = await ask(FULL, secret, i={"name": "Acme"})
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, "forbidden")


async def test_a_field_that_one_may_not_read_finds_nothing_in_sight(ask: Ask, shop: Shop) -> None:
    user, secret = await clerk(shop, "read", "create", hidden=("phones",))
    await customer(shop, name="Acme", phones=["5550100"], owner=user)
    answer = await ask(FULL, secret, i={"name": "Other", "phones": ["5550100"]})
    assert answer["data"]["shopCustomerLookalikes"] == {"hidden": 1, "nodes": []}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "a\0b"}, "name: Remove the control character U+0000"),
        ({"mail": "nobody"}, "mail: "),
        ({"phones": ["x" * 100]}, "phones: "),
    ],
)
async def test_values_that_could_not_be_saved_are_refused_by_name(
    ask: Ask, given: dict[str, Any], message: str
) -> None:
    answer = await ask(FULL, i=given)
    assert answer["data"] is None
    ((told, code),) = [(one["message"], one["extensions"]["code"]) for one in answer["errors"]]
    assert told.startswith(message)
    assert code not in ("internal", "bad_query")


WHY = """query ($id: ID!, $user: ID) { explain(id: $id, user: $user) {
           permission scope role share writes reason expiresAt __typename } }"""
GRANTED = {"permission": "shop.customer.read", "share": None, "writes": False, "reason": None, "expiresAt": None}


@pytest.mark.requirement("PM-18")
async def test_a_record_tells_why_it_is_seen(ask: Ask, shop: Shop) -> None:
    user, secret = await clerk(shop, "read")
    mine, other = await customer(shop, name="Mine", owner=user), await customer(shop, name="Other")
    owned = {**GRANTED, "scope": "OWN", "role": "Clerk", "__typename": "Ground"}
    assert (await ask(WHY, secret, id=mine))["data"] == {"explain": [owned]}
    assert (await ask(WHY, secret, id=mine, user=str(user)))["data"] == {"explain": [owned]}
    assert (await ask(WHY, id=mine, user=str(user)))["data"] == {"explain": [owned]}
    assert (await ask(WHY, id=other, user=str(user)))["data"] == {"explain": []}
    assert [one["scope"] for one in (await ask(WHY, id=other))["data"]["explain"]] == ["ALL"]
    model = shop.registry.models["shop.customer"].model
    terms: dict[str, Any] = {"user": user, "writes": True, "reason": "holiday"}
    share = await shop.operations.share(SYSTEM, model, UUID(other), **terms)
    opened = {**GRANTED, "scope": None, "role": None, "share": str(share), "writes": True, "reason": "holiday"}
    assert (await ask(WHY, secret, id=other))["data"] == {"explain": [{**opened, "__typename": "Ground"}]}


@pytest.mark.requirement("PM-18")
async def test_out_of_sight_is_explained_as_what_is_not_there(ask: Ask, shop: Shop) -> None:
    user, secret = await clerk(shop, "read")
    hidden = await customer(shop, name="Other")
    for record in (hidden, "0192f1d2-3b4c-7d5e-8f60-718293a4b5c6", "nonsense"):
        assert await ask(WHY, secret, id=record) == {"data": {"explain": None}}
    mine = await customer(shop, name="Mine", owner=user)
    (admin,) = await shop.reader.records(SYSTEM, User, where=User.login.eq("admin"))
    answer = await ask(WHY, secret, id=mine, user=str(admin.id))
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, "forbidden")
