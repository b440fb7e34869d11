"""The board of a model: a lane for each value of a choice or link, cards that move between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.responses import JSONResponse, Response

from core.conditions import Compare, Condition, Op, all_of
from core.errors import Conflict, NotFound, Refused, TradepostError
from core.fields import Kind
from core.query import Function, Group, Listing, Measure, Order, Page, Read, Root, Summary
from core.records import selection_of
from core.registry import FieldSpec, ModelSpec, choice_labels
from ui.cells import Cell, address
from ui.columns import column_paths, editable, loaded, readable
from ui.filters import ListState, Narrowing, orders, read_state
from ui.forms import one_id
from ui.lists import money_text
from ui.shell import may
from ui.visitor import Visitor

CARDS = 25
LANES = 30
SHOWN = 3
MOVED = {Refused: 422, Conflict: 409, NotFound: 404}


@dataclass(frozen=True, slots=True)
class Card:
    """A record on the board."""

    id: str
    href: str
    title: str
    version: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """A column of the board."""

    value: str
    label: str
    tone: int
    count: str
    total: str
    all: str
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several boards: of a pipeline, say."""

    text: str
    href: str
    here: bool
    icon: str = ""


@dataclass(frozen=True)
class Lanes:
    """What the lanes stand for: values with labels, the boards to choose from, and what narrows to this one."""

    values: tuple[tuple[str, str], ...]
    tabs: tuple[Tab, ...] = ()
    where: tuple[Condition, ...] = ()


async def show_board(visitor: Visitor, spec: ModelSpec) -> Response:
    """The board, or the heads of its lanes when htmx asks."""
    field = board_field(visitor, spec)
    state = read_state(visitor.request.query_params.multi_items()).paged()
    found = await _lanes_of(visitor, spec, field, state)
    lanes = await _filled(visitor, spec, field, state, found)
    return visitor.page(
        "board.html",
        block="heads",
        spec=spec,
        humans=visitor.humans(spec),
        human=visitor.human(spec),
        lanes=lanes,
        tabs=found.tabs,
        field=visitor.label(spec, field.name),
        moves=editable(spec, field.name, visitor.caller) and may(visitor, spec, "update"),
        can_create=may(visitor, spec, "create"),
        cards=any(one.cards for one in lanes),
        filtered=bool(state.filters or state.text),
        help=visitor.word(spec.plugin, spec.help),
        query=state.query,
    )


def board_field(visitor: Visitor, spec: ModelSpec) -> FieldSpec:
    """The field that the board is by; `NotFound` for a model without one."""
    name = spec.resource.board
    if not name or not readable(visitor.site.registry, spec, name, visitor.caller):
        raise NotFound
    return spec.fields[name]


async def _lanes_of(visitor: Visitor, spec: ModelSpec, field: FieldSpec, state: ListState) -> Lanes:
    if field.traits.choices is not None:
        return Lanes(
            tuple(
                (value, visitor.word(spec.plugin, text)) for value, text in choice_labels(field.traits.choices).items()
            )
        )
    target = visitor.site.spec(str(field.target))
    above = next((one for one in spec.links.values() if target.parent and one.target == target.parent), None)
    names = [target.title, *([f"{target.meta.part_of}.id"] if above else [])]
    roots: list[tuple[str, Root]] = [("lanes", _all(visitor, target, names))]
    if above:
        whole = visitor.site.spec(str(above.target))
        roots.append(("wholes", _all(visitor, whole, [whole.title])))
    answer = await visitor.ask(Read(tuple(roots)))
    shower = visitor.shower(target)
    if above is None:
        return Lanes(tuple((one["id"], shower.title(target, one)) for one in answer["lanes"][:LANES]))
    return _one_board(visitor, spec, above, answer, state)


def _all(visitor: Visitor, spec: ModelSpec, paths: Sequence[str]) -> Listing:
    select = selection_of(visitor.site.registry, spec, paths, visitor.caller.policy)
    order = tuple(Order(one.removeprefix("-"), one.startswith("-")) for one in spec.meta.order)
    return Listing(spec.label, select, order=order, page=Page(200))


def _one_board(
    visitor: Visitor, spec: ModelSpec, above: FieldSpec, answer: Mapping[str, Any], state: ListState
) -> Lanes:
    """The lanes of one whole (the stages of a pipeline), and tabs for the others."""
    whole = visitor.site.spec(str(above.target))
    target = visitor.site.spec(str(spec.fields[spec.resource.board].target))
    wholes = [(one["id"], visitor.shower(whole).title(whole, one)) for one in answer["wholes"]]
    asked = next(iter(state.values(above.name)), "")
    here = next((one for one in wholes if one[0] == asked), wholes[0] if wholes else ("", ""))
    link = str(target.meta.part_of)
    values = tuple(
        (one["id"], visitor.shower(target).title(target, one))
        for one in answer["lanes"]
        if one[link] is not None and one[link]["id"] == here[0]
    )
    tabs = tuple(Tab(text, f"{spec.path}/board?{above.name}={value}", value == here[0]) for value, text in wholes)
    where = (Compare(above.name, Op.EQ, UUID(here[0])),) if here[0] else ()
    return Lanes(values[:LANES], tabs if len(tabs) > 1 else (), where)


async def _filled(visitor: Visitor, spec: ModelSpec, field: FieldSpec, state: ListState, lanes: Lanes) -> list[Lane]:
    asked = Narrowing(visitor.site.registry, visitor.caller, visitor.company.currency)
    where = all_of([asked.where(spec, state), *lanes.where])
    paths = _card_paths(visitor, spec)
    wanted = loaded(visitor.site.registry, spec, (spec.title, *paths, "version"))
    select = selection_of(visitor.site.registry, spec, wanted, visitor.caller.policy)
    order = orders(visitor.site.registry, spec, state, visitor.caller)
    roots: list[tuple[str, Root]] = [("sums", _sums(visitor, spec, field, where))]
    for index, (value, _) in enumerate(lanes.values):
        inside = all_of([where, Compare(field.name, Op.EQ, _value(field, value))])
        roots.append((f"lane{index}", Listing(spec.label, select, inside, order, Page(CARDS))))
    answer = await visitor.ask(Read(tuple(roots)), asked.values)
    figures = {_group(one["lane"]): one for one in answer["sums"]}
    return [
        replace(
            _lane(visitor, f"{spec.path}?{field.name}={value}", (value, label), figures.get(_key(field, value), {})),
            tone=index % 8 + 1,
            cards=_cards(visitor, spec, paths, answer[f"lane{index}"]),
        )
        for index, (value, label) in enumerate(lanes.values)
    ]


def _group(value: Any) -> str:
    return str(value.get("id", "")) if isinstance(value, Mapping) else str(value)


def _key(field: FieldSpec, value: str) -> str:
    """What stands for a lane in a summary, which groups choices by their names."""
    return value if field.kind is Kind.LINK else value.upper()


def _value(field: FieldSpec, value: str) -> object:
    return UUID(value) if field.kind is Kind.LINK else value


def _sums(visitor: Visitor, spec: ModelSpec, field: FieldSpec, where: Condition) -> Summary:
    measures = [Measure("count", Function.COUNT)]
    amount = spec.resource.amount
    if amount and readable(visitor.site.registry, spec, amount, visitor.caller):
        measures.append(Measure("sum", Function.SUM, amount))
    return Summary(spec.label, (Group("lane", field.name),), tuple(measures), where)


def _card_paths(visitor: Visitor, spec: ModelSpec) -> tuple[str, ...]:
    paths = column_paths(visitor.site.registry, spec, visitor.caller)
    others = [one for one in paths if one not in (spec.title, spec.resource.board) and "." not in one]
    amount = [spec.resource.amount] if spec.resource.amount in others else []
    return tuple(dict.fromkeys((*amount, *others)))[: SHOWN + 1]


def _cards(
    visitor: Visitor, spec: ModelSpec, paths: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> tuple[Card, ...]:
    shower = visitor.shower(spec)
    return tuple(
        Card(
            one["id"],
            address(spec, one["id"]),
            shower.title(spec, one),
            one["version"],
            tuple(cell for path in paths if (cell := shower.at(spec, path, one)).form),
        )
        for one in rows
    )


def _lane(visitor: Visitor, everything: str, named: tuple[str, str], figures: Mapping[str, Any]) -> Lane:
    count = int(figures.get("count", 0))
    return Lane(
        value=named[0],
        label=named[1],
        tone=0,
        count=visitor.formats.number(count),
        total=money_text(visitor, figures.get("sum") or ()),
        all=everything if count > CARDS else "",
    )


async def show_move(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form that moves a card, for those who do not drag."""
    field = board_field(visitor, spec)
    lanes = await _lanes_of(visitor, spec, field, ListState())
    return visitor.page(
        "move.html",
        block="form",
        spec=spec,
        humans=visitor.humans(spec),
        field=visitor.label(spec, field.name),
        lanes=lanes.values,
        action=f"{address(spec, visitor.id())}/move",
    )


async def move(visitor: Visitor, spec: ModelSpec) -> Response:
    """Move a card to another lane; the script is told in JSON, a form is led back to the board."""
    field = board_field(visitor, spec)
    form = await visitor.form()
    to, version = str(form.get("to", "")), str(form.get("version", ""))
    quick = "application/json" in visitor.request.headers.get("accept", "")
    value = one_id(to) if field.kind is Kind.LINK else to
    known = int(version) if version.isascii() and version.isdigit() else None
    try:
        done = await visitor.site.kernel.operations.update(
            visitor.caller, spec.model, visitor.id(), {field.name: value}, known
        )
    except TradepostError as refusal:
        if not quick:
            raise
        status = next((code for kind, code in MOVED.items() if isinstance(refusal, kind)), 403)
        said = " ".join(visitor.explain(refusal, spec)) or visitor.gettext("someone else changed it")
        return JSONResponse({"message": said}, status)
    if quick:
        return JSONResponse({"version": done.value("version")})
    return visitor.goto(f"{spec.path}/board", visitor.gettext("Moved"))
