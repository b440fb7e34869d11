"""Loyalty: cards, points and tiers for customers."""

from acme_loyalty.models import Card
from acme_loyalty.resources import Cards, CustomerLoyalty
from tradepost import Plugin

plugin = Plugin("loyalty", models=[Card], resources=[Cards], extends=[CustomerLoyalty], needs=["sales"])
