"""The records before and after one in the list that its address names, so that one can go through a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.conditions import Compare, Op
from core.cursors import decode_cursor
from core.query import Info, Listing, Page, PageInfo, Read
from core.records import selection_of
from core.registry import ModelSpec
from ui.cells import address
from ui.filters import ListState, Narrowing, orders, read_state
from ui.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A record beside another."""

    title: str
    href: str


def list_of(visitor: Visitor) -> ListState:
    """The list that the visitor goes through: as the address of the record says it, else the whole one."""
    return read_state(visitor.request.query_params.multi_items()).paged()


def place_of(visitor: Visitor, spec: ModelSpec, state: ListState) -> Listing:
    """The question where the record of the address stands in the order of a list, to be asked beside others."""
    order = orders(visitor.site.registry, spec, state, visitor.caller)
    where = Compare("id", Op.EQ, visitor.id())
    return Listing(spec.label, where=where, order=order, page=Page(1), parts=(PageInfo("at", (("it", Info.START),)),))


async def neighbours(
    visitor: Visitor, spec: ModelSpec, state: ListState, place: Mapping[str, Any]
) -> tuple[Neighbour | None, Neighbour | None]:
    """The record before and the one after it; of one that stands in no list, like an archived one, none."""
    if not place["at"]["it"]:
        return None, None
    asked = Narrowing(visitor.site.registry, visitor.caller, visitor.company.currency)
    order, where = orders(visitor.site.registry, spec, state, visitor.caller), asked.where(spec, state)
    here = decode_cursor(place["at"]["it"], spec.label, order)
    select = selection_of(visitor.site.registry, spec, (spec.title,), visitor.caller.policy)
    before = Listing(spec.label, select, where, order, Page(first=None, last=1, before=here))
    after = Listing(spec.label, select, where, order, Page(1, here))
    answer = await visitor.ask(Read((("before", before), ("after", after))), asked.values)
    query = f"?{state.query}" if state.query else ""
    found = [
        Neighbour(visitor.shower(spec).title(spec, row), address(spec, row["id"]) + query)
        for row in (next(iter(answer[name]), None) for name in ("before", "after"))
        if row is not None
    ]
    return (found[0] if answer["before"] else None), (found[-1] if answer["after"] else None)
