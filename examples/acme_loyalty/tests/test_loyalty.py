"""Loyalty cards, through all that Tradepost derives from them; each test runs on SQLite and on PostgreSQL."""

import pytest
from acme_loyalty import plugin
from acme_loyalty.models import Card, Tier

from tradepost import Refused, sales
from tradepost.sales import Customer


@pytest.fixture(scope="session")
def plugins():
    return (sales.plugin, plugin)


@pytest.fixture
async def customer(kernel, administrator):
    return await kernel.operations.create(administrator, Customer, {"name": "Acme"})


@pytest.fixture
async def card(kernel, administrator, customer):
    values = {"number": "A-1", "tier": "gold", "customer": customer.id}
    return await kernel.operations.create(administrator, Card, values)


async def test_a_card_is_found_with_its_customer(kernel, administrator, card, customer):
    (found,) = await kernel.reader.records(administrator, Card, fields=("*", "customer.name"))
    assert (found.number, found.tier, found.points) == ("A-1", Tier.GOLD, 0)
    assert found.customer.name == "Acme"
    seen = await kernel.reader.get(administrator, Customer, customer.id, ("cards.number",))
    assert [one.number for one in seen.cards] == ["A-1"]


async def test_points_are_awarded_by_the_action_alone(kernel, administrator, card):
    (awarded,) = await kernel.operations.act(administrator, Card, [card.id], "award", {"points": 30})
    assert awarded.points == 30
    with pytest.raises(Refused, match="Points must be positive"):
        await kernel.operations.act(administrator, Card, [card.id], "award", {"points": 0})
    with pytest.raises(Refused):
        await kernel.operations.update(administrator, Card, card.id, {"points": 1_000_000})
    assert (await kernel.reader.get(administrator, Card, card.id)).points == 30


async def test_a_number_is_printed_on_one_card_only(kernel, administrator, card, customer):
    with pytest.raises(Refused) as refusal:
        await kernel.operations.create(administrator, Card, {"number": "a-1", "customer": customer.id})
    assert [(one.field, one.code) for one in refusal.value.problems] == [("number", "taken")]
    assert await kernel.reader.count(administrator, Card) == 1


def test_a_customer_with_a_gold_card_is_gold(registry):
    computed = registry.spec(Customer).computed["is_gold"]
    card = Card({"id": 1, "tier": Tier.GOLD})
    customers = [Customer({"id": 2, "cards": (card,)}), Customer({"id": 3, "cards": ()})]
    assert computed.compute(customers) == [True, False]


def test_permissions_and_addresses_follow_from_the_declaration(registry):
    names = {one.name for one in registry.permissions()}
    assert {"loyalty.card.read", "loyalty.card.create", "loyalty.card.award"} <= names
    spec = registry.spec(Card)
    assert (spec.table, spec.type_name, spec.path) == ("loyalty_card", "LoyaltyCard", "/loyalty/cards")
