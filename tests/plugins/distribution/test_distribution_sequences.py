"""Any sequence of doings, also of several people at the same time, leaves the stock that its moves give."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.errors import Refused
from tests.plugins.distribution.conftest import Depot
from tradepost.distribution import Document, DocumentLine, Fulfilment, Stocktake, StocktakeLine

QUANTITIES = st.decimals(Decimal("0.001"), Decimal(9), places=3)
PLACES = st.sampled_from(("Main", "South"))
LOTS = st.sampled_from((None, None, "A", "B"))
ACTS = st.sampled_from(("reserve", "release", "confirm", "void"))
EXAMPLES, STEPS = 8, 12


@dataclass(frozen=True)
class Doing:
    """Something that somebody does; what may be refused is refused without a trace."""

    name: str
    place: str
    quantity: Decimal
    lot: str | None
    pick: int
    act: str


DOINGS = st.builds(
    Doing,
    st.sampled_from(
        ("receive", "sell", "return", "lose", "transfer", "order", "allocate", "act", "act", "count", "uncount")
    ),
    PLACES,
    QUANTITIES,
    LOTS,
    st.integers(0, 1_000),
    ACTS,
)


class Shop:
    """Does doings in a depot."""

    def __init__(self, depot: Depot) -> None:
        self.depot = depot
        self.refused = self.done = 0

    async def together(self, doings: Sequence[Doing]) -> None:
        """Do some things at the same time; nothing but a refusal may stop one."""
        answers = await asyncio.gather(*(self.do(one) for one in doings), return_exceptions=True)
        faults = [one for one in answers if isinstance(one, BaseException) and not isinstance(one, Refused)]
        if faults:
            raise faults[0]
        self.refused += sum(isinstance(one, Refused) for one in answers)
        self.done += sum(not isinstance(one, BaseException) for one in answers)

    async def do(self, one: Doing) -> None:
        """One of them."""
        depot, lot = self.depot, {"lot": one.lot} if one.lot else {}
        other = "South" if one.place == "Main" else "Main"
        match one.name:
            case "receive":
                await depot.move("purchase", one.quantity, one.place, **lot)
            case "sell":
                await depot.act(await depot.document("sale", one.quantity, one.place, **lot), one.act)
            case "return":
                await depot.move("customer_return", one.quantity, one.place, **lot)
            case "lose":
                await depot.move("lost", one.quantity, one.place, **lot)
            case "transfer":
                await depot.act(await depot.document("transfer", one.quantity, one.place, to=other, **lot), one.act)
            case "order":
                await depot.ordered(one.quantity)
            case "count":
                await self.count(one)
            case _:
                await self.go_on(one)

    async def go_on(self, one: Doing) -> None:
        """Something with what is there already."""
        models = {"allocate": Fulfilment, "act": Document, "uncount": Stocktake}
        known = await self.depot.all(models[one.name], order=("created_at",))
        if not known:
            return
        record = known[one.pick % len(known)]
        if one.name == "allocate":
            warehouse = self.depot.places[one.place].id
            await self.depot.act(record, "allocate", warehouse=warehouse, partly=one.pick % 2 == 0)
        else:
            await self.depot.act(record, "void" if one.name == "uncount" else one.act)

    async def count(self, one: Doing) -> None:
        """Count a warehouse and take it over."""
        made = await self.depot.make(Stocktake, warehouse=self.depot.places[one.place].id)
        given = {"product": self.depot.tea.id, "lot": one.lot, "counted": one.quantity}
        await self.depot.make(StocktakeLine, stocktake=made.id, **given)
        await self.depot.act(made, "confirm")


def machine(shop: Shop, run: Any) -> type[RuleBasedStateMachine]:
    """The state machine of one depot; it goes on where the last example ended, which is as good a start as any."""

    class Goods(RuleBasedStateMachine):
        @rule(doing=DOINGS)
        def alone(self, doing: Doing) -> None:
            run(shop.together([doing]))

        @rule(doings=st.lists(DOINGS, min_size=2, max_size=5))
        def together(self, doings: list[Doing]) -> None:
            run(shop.together(doings))

        @invariant()
        def nothing_vanished(self) -> None:
            run(shop.depot.consistent())

    return Goods


async def test_any_sequence_in_parallel_leaves_what_its_moves_give_and_is_never_below_nothing(depot: Depot) -> None:
    loop, shop = asyncio.get_running_loop(), Shop(depot)

    def run(doing: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(doing, loop).result()

    chosen = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck))
    await asyncio.to_thread(run_state_machine_as_test, machine(shop, run), settings=chosen)
    assert min(shop.done, shop.refused) > 20
    states = {one.state.value for one in await depot.all(Document)}
    assert states == {"draft", "reserved", "confirmed", "void"}
    assert await depot.all(DocumentLine) != []
