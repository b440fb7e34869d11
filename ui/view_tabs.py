"""The views above a list: the usual ones, one's own, those that are shared, and what can be done with the open one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.access import Caller
from core.registry import ModelSpec
from core.views import SavedView
from ui.filters import ListState, read_state
from ui.visitor import Visitor


@dataclass(frozen=True, slots=True)
class ViewTab:
    """A view above the list; `by` whom it is shared, empty for one's own."""

    text: str
    href: str
    here: bool
    shared: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class OpenView:
    """The view that is open, where its forms go, and the fields it is about that its reader does not see."""

    name: str
    path: str
    mine: bool
    shared: bool
    by: str
    ends: bool
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above a list."""

    own: tuple[ViewTab, ...]
    shared: tuple[ViewTab, ...]
    opened: OpenView | None


def above(visitor: Visitor, spec: ModelSpec, state: ListState, views: Sequence[SavedView]) -> Above:
    """The views of a list, as its address states which is open."""
    everything = ViewTab(visitor.gettext("All"), spec.path, not state.query)
    mine = replace(ListState(), filters=read_state([("owner", "me")]).filters).query
    own = (ViewTab(visitor.gettext("Mine"), f"{spec.path}?{mine}", state.query == mine),)
    tabs = [_tab(spec, state, one) for one in views if one.name]
    return Above(
        (everything, *(own if _owned(spec, visitor.caller) else ()), *(one for one in tabs if not one.by)),
        tuple(one for one in tabs if one.by),
        next((_open(visitor, spec, one) for one in views if one.name and str(one.id) == state.view), None),
    )


def _owned(spec: ModelSpec, caller: Caller) -> bool:
    return spec.parent is None and spec.plugin != "core" and f"{spec.label}.owner" not in caller.policy.hidden


def _tab(spec: ModelSpec, state: ListState, view: SavedView) -> ViewTab:
    query = f"{view.query}&_view={view.id}" if view.query else f"_view={view.id}"
    return ViewTab(view.name, f"{spec.path}?{query}", state.view == str(view.id), view.shared, view.by)


def _open(visitor: Visitor, spec: ModelSpec, view: SavedView) -> OpenView:
    known = visitor.site.registry.resolve
    lost = tuple(visitor.label(spec, path) if known(spec, path) else path for path in view.lost)
    ends = not view.by or visitor.caller.policy.everything
    return OpenView(view.name, f"{spec.path}/views/{view.id}", not view.by, view.shared, view.by, ends, lost)
