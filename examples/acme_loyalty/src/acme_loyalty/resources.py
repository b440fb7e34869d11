"""How loyalty cards are shown, and what can be done with them."""

from collections.abc import Sequence

from acme_loyalty.models import Card, Tier
from tradepost import Refused, Resource, Work, action, extend
from tradepost.sales import Customer


class Cards(Resource[Card]):
    """Loyalty cards."""

    columns = ("number", "customer", "tier", "points")
    board = "tier"
    search = ("number", "customer.name")

    @action(permission="award")
    async def award(self, work: Work, card: Card, points: int) -> Card:
        """Add points to the card."""
        if points <= 0:
            raise Refused("Points must be positive", field="points")
        return await work.change(card, points=card.points + points)


@extend(Customer, reads=("cards.tier",))
class CustomerLoyalty:
    """What a customer's cards say about the customer."""

    def is_gold(self, customers: Sequence[Customer]) -> Sequence[bool]:
        """Whether any of the customer's cards is gold."""
        return [any(card.tier is Tier.GOLD for card in customer.cards) for customer in customers]
