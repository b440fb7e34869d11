"""The recycle bin: what was archived, by model, to be taken back or removed for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from core.query import Archived, Order, Read
from core.registry import ModelSpec
from ui.boards import Tab
from ui.columns import column_paths
from ui.filters import Narrowing, read_state
from ui.lists import Row, columns, counted, listing, page_of, rows
from ui.shell import may
from ui.visitor import Visitor

COLUMNS = 4
ORDER = (Order("archived_at", descending=True),)


@dataclass(frozen=True)
class Bin:
    """What lies in the bin of one model."""

    spec: ModelSpec
    rows: tuple[Row, ...]
    count: str
    previous: str
    next: str


async def show_bin(visitor: Visitor) -> Response:
    """The recycle bin of one model, with tabs for the others."""
    specs = list(_specs(visitor))
    wanted = visitor.request.query_params.get("model", "")
    spec = next((one for one in specs if one.label == wanted), specs[0] if specs else None)
    tabs = [Tab(visitor.humans(one), f"/bin?model={one.label}", one is spec) for one in specs]
    if spec is None:
        return visitor.page("bin.html", tabs=tabs, bin=None, columns=(), can={})
    state = read_state(visitor.request.query_params.multi_items() if not wanted else _cursors(visitor))
    paths = tuple(
        dict.fromkeys((spec.title, *column_paths(visitor.site.registry, spec, visitor.caller)[:COLUMNS], "archived_at"))
    )
    narrowing = Narrowing(visitor.site.registry, visitor.caller)
    where = narrowing.where(spec, read_state(()))
    question = listing(visitor, spec, paths, where, page_of(spec, ORDER, state), order=ORDER, archived=Archived.ONLY)
    found = (await visitor.ask(Read((("list", question),)), narrowing.values))["list"]
    base = f"/bin?model={spec.label}"
    shown = Bin(
        spec=spec,
        rows=rows(visitor, spec, paths, found["rows"]),
        count=counted(visitor, found["total"]),
        previous=f"{base}&_before={found['page']['start']}" if found["page"]["previous"] else "",
        next=f"{base}&_after={found['page']['end']}" if found["page"]["next"] else "",
    )
    can = {verb: may(visitor, spec, verb) for verb in ("archive", "purge")}
    return visitor.page("bin.html", tabs=tabs, bin=shown, columns=columns(visitor, spec, paths, state, {}), can=can)


def _cursors(visitor: Visitor) -> list[tuple[str, str]]:
    return [(name, value) for name, value in visitor.request.query_params.multi_items() if name.startswith("_")]


def _specs(visitor: Visitor) -> Iterator[ModelSpec]:
    for spec in visitor.site.registry.surfaced():
        if may(visitor, spec, "read") and not spec.meta.append_only and may(visitor, spec, "archive"):
            yield spec
