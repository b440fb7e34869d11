"""What a user keeps of a list: its columns in his order, and views under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from core.errors import Refused
from core.registry import ModelSpec
from core.views import SavedView
from ui.columns import offered_columns
from ui.filters import ListState, read_state
from ui.lists import chosen_columns
from ui.visitor import Visitor
from ui.words import N_

DIGITS = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that may be a column: its place, and whether it is one."""

    path: str
    label: str
    place: int
    on: bool


async def show_columns(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form that chooses the columns and their order."""
    state = read_state(visitor.request.query_params.multi_items()).paged()
    views = await visitor.site.kernel.views.of(visitor.caller, spec)
    chosen = chosen_columns(visitor, spec, state, views)
    offered = offered_columns(visitor.site.registry, spec, visitor.caller)
    paths = (*chosen, *(path for path in offered if path not in chosen))
    choices = [
        Choice(path, visitor.label(spec, path), place, path in chosen) for place, path in enumerate(paths, start=1)
    ]
    return visitor.page("columns.html", spec=spec, humans=visitor.humans(spec), choices=choices, query=state.query)


async def keep_columns(visitor: Visitor, spec: ModelSpec) -> Response:
    """Keep the columns: of the view that is open, else of the list as such."""
    form = await visitor.form()
    state = _back(form)
    chosen = [str(path) for path in form.getlist("column")]
    if not chosen:
        raise Refused("Choose at least one column")
    ordered = tuple(sorted(chosen, key=partial(_place, form, {name: at for at, name in enumerate(form)})))
    views = visitor.site.kernel.views
    known = await views.of(visitor.caller, spec)
    here = next((one for one in known if str(one.id) == state.view and not one.lost), None)
    if here and here.by:  # another's stays as it is
        here = await views.copy(visitor.caller, spec, here.id)
        state = replace(state, view=str(here.id))
    await views.save(visitor.caller, spec, here.name if here else "", here.query if here else "", ordered)
    return visitor.goto(_address(spec, replace(state, columns=())), visitor.gettext("Columns kept"))


def _place(form: FormData, fields: Mapping[str, int], path: str) -> tuple[int, int]:
    """The number that was written; of two alike the one from further down is meant to go there."""
    name = f"place.{path}"
    text = str(form.get(name, ""))
    known = text.isascii() and text.isdigit() and len(text) <= DIGITS
    return int(text) if known else 0, -fields.get(name, 0)


async def keep_view(visitor: Visitor, spec: ModelSpec) -> Response:
    """Keep the filters and the order of a list under a name."""
    form = await visitor.form()
    name = str(form.get("name", "")).strip()
    if not name:
        raise Refused("Give the view a name", field="name")
    state = replace(_back(form, "query"), view="", columns=())
    shared = form.get("shared") == "yes"
    saved = await visitor.site.kernel.views.save(visitor.caller, spec, name, state.query, shared=shared)
    return _shown(visitor, spec, saved)


async def share_view(visitor: Visitor, spec: ModelSpec) -> Response:
    """Let everybody who sees the list find a view, or its owner alone."""
    view, shared = visitor.id("view"), (await visitor.form()).get("shared") == "yes"
    await visitor.site.kernel.views.share(visitor.caller, spec, view, shared=shared)
    told = N_("Everybody who sees this list finds the view now") if shared else N_("The view is no longer shared")
    known = await visitor.site.kernel.views.of(visitor.caller, spec)
    here = next((one for one in known if one.id == view), None)
    return visitor.goto(_address_of(spec, here) if here else spec.path, visitor.gettext(told))


async def copy_view(visitor: Visitor, spec: ModelSpec) -> Response:
    """Make a view that is shared by somebody else one's own."""
    return _shown(visitor, spec, await visitor.site.kernel.views.copy(visitor.caller, spec, visitor.id("view")))


def _shown(visitor: Visitor, spec: ModelSpec, view: SavedView) -> Response:
    return visitor.goto(_address_of(spec, view), visitor.gettext("View %(name)s kept", name=view.name))


def _address_of(spec: ModelSpec, view: SavedView) -> str:
    return _address(spec, replace(read_query(view.query), view=str(view.id)))


async def remove_view(visitor: Visitor, spec: ModelSpec) -> Response:
    """Forget a view."""
    view: UUID = visitor.id("view")
    await visitor.site.kernel.views.remove(visitor.caller, spec, view)
    return visitor.goto(spec.path, visitor.gettext("View removed"))


def _back(form: FormData, name: str = "back") -> ListState:
    return read_query(str(form.get(name, "")))


def read_query(query: str) -> ListState:
    """The state that a kept address holds."""
    return read_state(parse_qsl(query)).paged()


def _address(spec: ModelSpec, state: ListState) -> str:
    return f"{spec.path}?{state.query}" if state.query else spec.path
