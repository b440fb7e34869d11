"""What sales tells its people when somebody else does it."""

from __future__ import annotations

from collections.abc import Sequence

from tradepost import Notice, hookimpl

CONCERNED = ("owner", "owner.superior", "customer.owner")


@hookimpl
def tradepost_notices() -> Sequence[Notice]:
    """New opportunities, their stages and their end; a customer's level."""
    new, changed = ("sales.opportunity.create",), ("sales.opportunity.update",)
    ends = ("sales.opportunity.win", "sales.opportunity.lose")
    return (
        Notice("opportunity_new", "There is a new opportunity", new, to=CONCERNED),
        Notice("opportunity_closed", "An opportunity was won or lost", ends, to=CONCERNED),
        Notice("opportunity_stage", "An opportunity changed its stage", changed, ("stage",), CONCERNED),
        Notice("customer_level", "A customer changed its level", ("sales.customer.update",), ("level",), CONCERNED[:2]),
    )
