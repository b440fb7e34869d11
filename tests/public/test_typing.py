"""What type checkers make of a partner's plugin."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tradepost.testing import missing

PLUGIN = '''
from collections.abc import Sequence
from enum import Enum

from tradepost import Model, Plugin, Refused, Resource, Work, action, extend
from tradepost.fields import choice, integer, link, money, text
from tradepost.sales import Customer


class Tier(Enum):
    BASIC = "basic"
    GOLD = "gold"


class Card(Model):
    """A loyalty card held by a customer."""

    number = text(32, unique=True, search=True, help="Printed on the card")
    name = text(required=True)
    tier = choice(Tier, default=Tier.BASIC)
    points = integer(default=0, readonly=True)
    worth = money()
    customer = link(Customer, back="cards")


class Cards(Resource[Card]):
    columns = ("number", "customer", "tier", "points")

    @action(permission="award")
    async def award(self, work: Work, card: Card, points: int) -> Card:
        """Add points to the card."""
        if points <= 0:
            raise Refused("Points must be positive", field="points")
        return await work.change(card, points=card.points + points)


@extend(Customer, reads=("cards.tier",))
class CustomerLoyalty:
    def is_gold(self, customers: Sequence[Customer]) -> Sequence[bool]:
        """Whether any of the customer's cards is gold."""
        return [any(card.tier is Tier.GOLD for card in one.cards) for one in customers]


plugin = Plugin("loyalty", models=[Card], resources=[Cards], extends=[CustomerLoyalty], needs=["sales"])


async def look(work: Work, card: Card) -> None:
    reveal_type(card.number)
    reveal_type(card.name)
    reveal_type(card.tier)
    reveal_type(card.points)
    reveal_type(card.worth)
    reveal_type(card.customer)
    reveal_type(await work.find(Card, where=Card.points.above(3) & Card.tier.eq(Tier.GOLD)))
    reveal_type(await work.create(Card, name="A"))
    reveal_type(Card.points)
'''
REVEALED = [
    *("str | None", "str", "Tier", "int", "Money | None", "Customer | None", "list[Card]", "Card", "Field[int]"),
]


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("partner") / "acme_plugin.py"
    path.write_text(PLUGIN, encoding="utf-8")
    return path


def _short(revealed: str) -> str:
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])|\bbuiltins\.", "", revealed)


def test_mypy_understands_a_plugin(plugin: Path):
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"), str(plugin)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    revealed = re.findall(r'acme_plugin.*Revealed type is "(.+)"', result.stdout)
    assert [_short(one) for one in revealed] == REVEALED
    assert [line for line in result.stdout.splitlines() if "acme_plugin" in line and "error" in line] == []


def test_pyright_understands_a_plugin(plugin: Path):
    if shutil.which("node") is None:
        missing("pyright needs node, which is not installed")
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--project", str(ROOT), str(plugin)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    revealed = re.findall(r'Type of ".+" is "(.+)"', result.stdout)
    assert [_short(one) for one in revealed] == REVEALED
    assert [line for line in result.stdout.splitlines() if " error:" in line] == []
