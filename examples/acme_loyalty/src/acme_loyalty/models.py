"""Loyalty cards and the points on them."""

from enum import Enum

from tradepost import Model
from tradepost.fields import choice, integer, link, text
from tradepost.sales import Customer


class Tier(Enum):
    """What a card entitles to."""

    BASIC = "basic"
    GOLD = "gold"


class Card(Model):
    """A loyalty card held by a customer."""

    number = text(32, required=True, unique=True, search=True, help="Printed on the card")
    tier = choice(Tier, default=Tier.BASIC)
    points = integer(default=0, readonly=True)
    customer = link(Customer, required=True, back="cards")
