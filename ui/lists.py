"""The list of a model: columns, filters, order, totals, pages, saved views; all of it stated by the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from core.conditions import Condition
from core.cursors import decode_cursor
from core.query import (
    COUNT_CAP,
    Archived,
    Function,
    Info,
    Listing,
    Measure,
    Nodes,
    Order,
    Page,
    PageInfo,
    Read,
    Root,
    Summary,
    Total,
)
from core.records import selection_of
from core.registry import ModelSpec
from core.views import SavedView
from ui.cells import Cell, address, numeric
from ui.columns import changeable, column_paths, field_at, loaded, readable
from ui.filters import ListState, Narrowing, orders, read_state, sortable
from ui.forms import one_id
from ui.list_filters import Chip, chips, named_links
from ui.shell import may
from ui.view_tabs import Above, above
from ui.visitor import Visitor

ROWS = 50
OPEN = "_open"


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column: where sorting by it leads, how it is sorted now; its field where one may set it."""

    path: str
    label: str
    number: bool
    sort: str = ""
    sorted: str = ""
    total: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    id: str
    href: str
    title: str
    cells: tuple[Cell, ...]
    version: int = 0


@dataclass(frozen=True, slots=True)
class Bulk:
    """What can be done with the selected records."""

    verb: str
    label: str
    icon: str
    kind: str = ""


@dataclass(frozen=True)
class ListPage:
    """A list, ready to be drawn."""

    spec: ModelSpec
    state: ListState
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    chips: tuple[Chip, ...]
    views: Above
    bulk: tuple[Bulk, ...]
    count: str
    previous: str
    next: str
    filtered: bool


async def show_list(visitor: Visitor, spec: ModelSpec) -> Response:
    """The list page, or the list alone when htmx asks."""
    state = read_state(visitor.request.query_params.multi_items())
    views = await visitor.site.kernel.views.of(visitor.caller, spec)
    page = await list_page(visitor, spec, state, views)
    return visitor.page(
        "list.html",
        block="listing",
        list=page,
        spec=spec,
        human=visitor.human(spec),
        humans=visitor.humans(spec),
        help=visitor.word(spec.plugin, spec.help),
        beside=_beside(visitor, spec, state),
        can={verb: may(visitor, spec, verb) for verb in ("create", "import", "export")},
        edits=_edits(visitor, spec),
    )


def _beside(visitor: Visitor, spec: ModelSpec, state: ListState) -> str:
    """The page of the record that stands open beside the list."""
    record = one_id(visitor.request.query_params.get(OPEN, ""))
    query = f"?{state.paged().query}" if state.paged().query else ""
    return f"{address(spec, record)}{query}" if record else ""


async def list_page(visitor: Visitor, spec: ModelSpec, state: ListState, views: Sequence[SavedView]) -> ListPage:
    """A list as its address states it."""
    paths = chosen_columns(visitor, spec, state, views)
    asked = Narrowing(visitor.site.registry, visitor.caller, visitor.company.currency)
    where = asked.where(spec, state)
    order = orders(visitor.site.registry, spec, state, visitor.caller)
    roots = {"list": listing(visitor, spec, paths, where, page_of(spec, order, state), order=order)}
    roots |= totals(visitor, spec, where) | named_links(visitor, spec, state)
    answer = await visitor.ask(Read(tuple(roots.items())), asked.values)
    found, opened = answer["list"], above(visitor, spec, state, views)
    lost = opened.opened and opened.opened.lost
    return ListPage(
        spec=spec,
        state=state,
        columns=columns(visitor, spec, paths, state, amounts(visitor, answer.get("sums"))),
        rows=() if lost else rows(visitor, spec, paths, found["rows"], state.paged().query),
        chips=chips(visitor, spec, state, answer),
        views=opened,
        bulk=bulk_verbs(visitor, spec),
        count=counted(visitor, found["total"]),
        previous=_link(spec, state.paged(before=found["page"]["start"])) if found["page"]["previous"] else "",
        next=_link(spec, state.paged(after=found["page"]["end"])) if found["page"]["next"] else "",
        filtered=bool(state.filters or state.text),
    )


def listing(
    visitor: Visitor,
    spec: ModelSpec,
    paths: Sequence[str],
    where: Condition,
    page: Page,
    *,
    order: tuple[Order, ...],
    archived: Archived = Archived.WITHOUT,
) -> Root:
    """The question for a page of a list, with its cursors and the count."""
    wanted = loaded(visitor.site.registry, spec, (spec.title, *paths, "version"))
    select = selection_of(visitor.site.registry, spec, wanted, visitor.caller.policy)
    info = (("next", Info.HAS_NEXT), ("previous", Info.HAS_PREVIOUS), ("start", Info.START), ("end", Info.END))
    return Listing(
        spec.label,
        where=where,
        order=order,
        page=page,
        parts=(Nodes("rows", select), PageInfo("page", info), Total("total")),
        archived=archived,
    )


def page_of(spec: ModelSpec, order: tuple[Order, ...], state: ListState) -> Page:
    """The slice that the address asks for."""
    if state.before:
        return Page(first=None, last=ROWS, before=decode_cursor(state.before, spec.label, order))
    return Page(ROWS, decode_cursor(state.after, spec.label, order) if state.after else None)


def chosen_columns(visitor: Visitor, spec: ModelSpec, state: ListState, views: Sequence[SavedView]) -> tuple[str, ...]:
    """The columns: of the address, of its view, of the user's own choice, or the derived ones."""
    registry, caller = visitor.site.registry, visitor.caller
    kept = next((one.columns for one in views if str(one.id) == state.view and one.columns), ())
    own = next((one.columns for one in views if not one.name), ())
    wanted = state.columns or kept or own
    shown = tuple(path for path in wanted if readable(registry, spec, path, caller))
    return shown or column_paths(registry, spec, caller) or (spec.title,)


def columns(
    visitor: Visitor, spec: ModelSpec, paths: Sequence[str], state: ListState, sums: Mapping[str, str]
) -> tuple[Column, ...]:
    """The heads of the columns."""
    own = changeable(spec, visitor.caller)
    heads = (_column(visitor, spec, path, state, sums.get(path, "")) for path in paths)
    return tuple(replace(one, field=one.path) if one.path in own else one for one in heads)


def _column(visitor: Visitor, spec: ModelSpec, path: str, state: ListState, total: str) -> Column:
    by = sort_path(visitor, spec, path)
    sorted_by = {by: "ascending", f"-{by}": "descending"}.get(state.sort, "") if by else ""
    sort = _link(spec, state.sorted_by(by)) if by else ""
    field = field_at(visitor.site.registry, spec, path)
    return Column(path, visitor.label(spec, path), numeric(field), sort, sorted_by, total)


def sort_path(visitor: Visitor, spec: ModelSpec, path: str) -> str:
    """What a column is sorted by: a link by the title of the record behind it; empty for what has no order."""
    found = visitor.site.registry.resolve(spec, path)
    target = found[1].target if found else None
    wanted = f"{path}.{visitor.site.spec(target).title}" if target else path
    return wanted if sortable(visitor.site.registry, spec, wanted, visitor.caller) else ""


def rows(
    visitor: Visitor, spec: ModelSpec, paths: Sequence[str], found: Sequence[Mapping[str, Any]], query: str = ""
) -> tuple[Row, ...]:
    """The rows as cells; the pages of their records are told the `query` of the list, to lead on in it."""
    shower = visitor.shower(spec)
    shown = [shower.column(spec, path) for path in paths]
    named = shower.column(spec, spec.title)
    listed = f"?{query}" if query else ""
    return tuple(
        Row(
            id=one["id"],
            href=f"{spec.path}/{one['id']}{listed}",
            title=named(one).text or one["id"][-8:],
            cells=tuple([cell(one) for cell in shown]),
            version=one["version"],
        )
        for one in found
    )


def totals(visitor: Visitor, spec: ModelSpec, where: Condition) -> dict[str, Root]:
    """The question for the sum of the model's amount."""
    amount = spec.resource.amount
    if not amount or not readable(visitor.site.registry, spec, amount, visitor.caller):
        return {}
    return {"sums": Summary(spec.label, measures=(Measure(amount, Function.SUM, amount),), where=where)}


def amounts(visitor: Visitor, sums: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """Sums per currency as text, by field."""
    row = sums[0] if sums else {}
    return {name: money_text(visitor, values) for name, values in row.items() if values}


def money_text(visitor: Visitor, values: Sequence[Mapping[str, str]]) -> str:
    """Amounts of several currencies in one line."""
    return " + ".join(visitor.formats.money(one["amount"], one["currency"]) for one in values)


def counted(visitor: Visitor, total: int) -> str:
    """How many there are, up to the cap."""
    if total > COUNT_CAP:
        return visitor.gettext("%(count)s+ records", count=visitor.formats.number(COUNT_CAP))
    return visitor.ngettext("%(shown)s record", "%(shown)s records", total)


def bulk_verbs(visitor: Visitor, spec: ModelSpec) -> tuple[Bulk, ...]:
    """What the visitor may do with several records at once."""
    found = [
        Bulk(name, visitor.word(spec.plugin, one.label), "zap")
        for name, one in spec.actions.items()
        if one.bulk and visitor.caller.allows(visitor.site.registry.permission(spec, one.permission))
    ]
    if _edits(visitor, spec):
        found.insert(0, Bulk("edit", visitor.gettext("Edit"), "pencil"))
    if spec.parent is None and may(visitor, spec, "transfer"):
        found.append(Bulk("transfer", visitor.gettext("Transfer"), "user-round-cog"))
    if may(visitor, spec, "export"):
        found.append(Bulk("export", visitor.gettext("Export"), "download"))
    if may(visitor, spec, "archive"):
        found.append(Bulk("archive", visitor.gettext("Archive"), "trash-2", "danger"))
    return tuple(found)


def _edits(visitor: Visitor, spec: ModelSpec) -> bool:
    return may(visitor, spec, "update") and not spec.meta.append_only


def _link(spec: ModelSpec, state: ListState) -> str:
    query = state.query
    return f"{spec.path}?{query}" if query else spec.path
