"""A small plugin with every kind of field, link and right, for the tests of this room."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum

from core.actions import action
from core.errors import Refused
from core.fields import (
    boolean,
    choice,
    date,
    decimal,
    email,
    emails,
    integer,
    moment,
    money,
    note,
    phones,
    position,
    tags,
    text,
    url,
)
from core.links import link
from core.model import Meta, Model
from core.money import Money
from core.plugin import Plugin
from core.resource import Resource, extend


class Industry(Enum):
    """What a customer does."""

    RETAIL = "retail"
    FOOD_SERVICE = "food_service"
    TRANSPORT = "transport"


class Tier(Enum):
    """How good a card is."""

    BASIC = "basic"
    GOLD = "gold"


class Customer(Model):
    """A company that buys."""

    meta = Meta(order=("name",))

    name = text(200, required=True, search=True, help="As it stands on the sign")
    industry = choice(Industry)
    turnover = money()
    employees = integer()
    score = decimal(3)
    active = boolean(default=True)
    since = date()
    seen = moment()
    place = position()
    phones = phones()
    mails = emails()
    tags = tags()
    website = url()
    mail = email()
    remark = note()
    parent = link("self", back="children")


class Contact(Model):
    """Somebody at a customer."""

    meta = Meta(order=("-rank", "name"))

    name = text(120, required=True)
    rank = integer()
    customer = link(Customer, required=True, back="contacts")


class Card(Model):
    """A loyalty card held by a customer."""

    number = text(32, unique=True, required=True)
    tier = choice(Tier, default=Tier.BASIC)
    points = integer(default=0, readonly=True)
    customer = link(Customer, back="cards")


class Move(Model):
    """Points that came or went."""

    meta = Meta(part_of="card", append_only=True, order=("-created_at",))

    card = link(Card, required=True, back="moves")
    points = integer(required=True)
    worth = money()


class Customers(Resource[Customer]):
    """Customers, compared by what they have in common."""

    duplicates = ("name", "phones", "mails", "mail")


class Contacts(Resource[Contact]):
    """Contacts, compared by their names."""

    duplicates = ("name",)


class Cards(Resource[Card]):
    """Cards, with their actions."""

    @action(permission="award")
    async def award(self, work: object, card: Card, points: int, tier: Tier | None = None) -> Card:
        """Add points to the card."""
        if points <= 0:
            raise Refused("Points must be positive", field="points", code="too_small")
        changes = {"points": card.points + points} | ({"tier": tier} if tier else {})
        changed: Card = await work.change(card, **changes)  # type: ignore[attr-defined]
        return changed


@extend(Customer, reads=("cards.tier", "cards.points"))
class CustomerLoyalty:
    """What cards tell about their customer."""

    def is_gold(self, customers: Sequence[Customer]) -> Sequence[bool]:
        """Whether any of the customer's cards is gold."""
        return [any(card.tier is Tier.GOLD for card in one.cards) for one in customers]

    def best(self, customers: Sequence[Customer]) -> Sequence[Tier | None]:
        """The best tier of its cards."""
        tiers = [[card.tier for card in one.cards] for one in customers]
        return [Tier.GOLD if Tier.GOLD in found else Tier.BASIC if found else None for found in tiers]

    def cards_worth(self, customers: Sequence[Customer]) -> Sequence[Money | None]:
        """What the points are worth, a cent each."""
        points = [sum(card.points for card in one.cards) for one in customers]
        return [Money(found, "USD") if found else None for found in points]

    def all_points(self, customers: Sequence[Customer]) -> Sequence[Decimal]:
        """The points of all cards."""
        return [Decimal(sum(card.points for card in one.cards)) for one in customers]


plugin = Plugin(
    "shop",
    models=[Customer, Contact, Card, Move],
    resources=[Customers, Contacts, Cards],
    extends=[CustomerLoyalty],
)
