"""The filters above a list: a chip for each, and the form behind it, which is fetched when it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.responses import Response

from core.errors import NotFound
from core.fields import LISTS, Kind
from core.query import Listing, Page, Read, Root, Single
from core.records import selection_of
from core.registry import FieldSpec, ModelSpec, choice_labels
from ui.choices import names_of, told_apart
from ui.columns import field_at, filter_paths, offered_columns, readable
from ui.filters import ME, Filter, ListState, read_state
from ui.periods import PERIODS
from ui.visitor import Visitor
from ui.words import N_

FEW = 40
SHORT = 3
HOW_WORDS: dict[str, str] = {
    "": "",
    "not": N_("not %(value)s"),
    "lt": N_("below %(value)s"),
    "lte": N_("up to %(value)s"),
    "gt": N_("above %(value)s"),
    "gte": N_("from %(value)s"),
    "contains": N_("contains %(value)s"),
    "starts": N_("begins with %(value)s"),
    "has": N_("has %(value)s"),
}
SHAPES: dict[Kind, str] = {
    Kind.CHOICE: "choices",
    Kind.BOOLEAN: "choices",
    Kind.LINK: "choices",
    Kind.DATE: "days",
    Kind.MOMENT: "days",
    Kind.INTEGER: "range",
    Kind.DECIMAL: "range",
    Kind.MONEY: "range",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter above the list: its label, what it is set to, and where its form is."""

    path: str
    label: str
    text: str
    form: str
    clear: str


@dataclass(frozen=True, slots=True)
class Option:
    """A value that can be chosen."""

    value: str
    text: str
    on: bool


def chips(visitor: Visitor, spec: ModelSpec, state: ListState, answer: Mapping[str, Any]) -> tuple[Chip, ...]:
    """The offered filters, and those that are set without being offered."""
    offered = filter_paths(visitor.site.registry, spec, visitor.caller)
    paths = dict.fromkeys((*offered, *(one.path for one in state.filters)))
    return tuple(_chip(visitor, spec, path, state, answer) for path in paths)


def _chip(visitor: Visitor, spec: ModelSpec, path: str, state: ListState, answer: Mapping[str, Any]) -> Chip:
    texts = [_text(visitor, spec, one, answer) for one in state.filters if one.path == path]
    query = state.paged().query
    cleared = state.without(path).query
    return Chip(
        path=path,
        label=visitor.label(spec, path),
        text=", ".join(texts),
        form=f"{spec.path}/filter/{path}" + (f"?{query}" if query else ""),
        clear=spec.path + (f"?{cleared}" if cleared else ""),
    )


def _text(visitor: Visitor, spec: ModelSpec, one: Filter, answer: Mapping[str, Any]) -> str:
    if one.how == "empty":
        return visitor.gettext("filled in") if one.values[0] == "no" else visitor.gettext("empty")
    if one.how == "within":
        return visitor.gettext(PERIODS[one.values[0]][0])
    field = field_at(visitor.site.registry, spec, one.path)
    values = [_value(visitor, spec, field, value, answer) for value in one.values[:SHORT]]
    if len(one.values) > SHORT:
        values.append(f"+{len(one.values) - SHORT}")
    joined = ", ".join(values)
    return visitor.gettext(HOW_WORDS[one.how], value=joined) if one.how else joined


def _value(visitor: Visitor, spec: ModelSpec, field: FieldSpec, value: str, answer: Mapping[str, Any]) -> str:
    if value == ME and field.target == "core.user":
        return visitor.gettext("me")
    if field.kind is Kind.LINK:
        found = answer.get(f"link:{field.target}:{value}")
        target = visitor.site.spec(str(field.target))
        return visitor.shower(target).title(target, found) if found else visitor.gettext("unknown")
    if field.kind is Kind.BOOLEAN:
        return visitor.gettext("Yes") if value == "yes" else visitor.gettext("No")
    if field.kind is Kind.CHOICE and field.traits.choices:
        return visitor.shower(spec).choice(field.traits.choices, value)
    return value


def named_links(visitor: Visitor, spec: ModelSpec, state: ListState) -> dict[str, Root]:
    """The questions for the names of the records that filters are about."""
    found: dict[str, Root] = {}
    for one in state.filters:
        if not readable(visitor.site.registry, spec, one.path, visitor.caller):
            continue
        field = field_at(visitor.site.registry, spec, one.path)
        if field.target is None or one.how not in ("", "not"):
            continue
        target = visitor.site.spec(field.target)
        select = selection_of(visitor.site.registry, target, (target.title,), visitor.caller.policy)
        for value in (value for value in one.values[:SHORT] if _is_id(value)):
            found[f"link:{target.label}:{value}"] = Single(target.label, UUID(value), select)
    return found


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def show_filter(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form of one filter, as a page of its own or inside its chip."""
    path = visitor.request.path_params["field"]
    if not readable(visitor.site.registry, spec, path, visitor.caller):
        raise NotFound
    state = read_state(visitor.request.query_params.multi_items()).paged()
    field = field_at(visitor.site.registry, spec, path)
    shape = SHAPES.get(field.kind, "text")
    options, many = await _options(visitor, spec, path, field, state) if shape == "choices" else ((), False)
    return visitor.page(
        "filter.html",
        block="form",
        spec=spec,
        path=path,
        label=visitor.label(spec, path),
        humans=visitor.humans(spec),
        shape="link" if many else shape,
        how="has" if field.kind in LISTS else "contains",
        options=options,
        periods=[
            Option(name, visitor.gettext(one[0]), name in state.values(path, "within")) for name, one in PERIODS.items()
        ],
        state=state,
        others=list(state.without(path).pairs()),
        source=f"{spec.path}/choose/{path}",
    )


async def _options(
    visitor: Visitor, spec: ModelSpec, path: str, field: FieldSpec, state: ListState
) -> tuple[tuple[Option, ...], bool]:
    on = state.values(path)
    if field.kind is Kind.BOOLEAN:
        pairs = [("yes", visitor.gettext("Yes")), ("no", visitor.gettext("No"))]
    elif field.traits.choices is not None:
        pairs = [
            (value, visitor.word(spec.plugin, text)) for value, text in choice_labels(field.traits.choices).items()
        ]
    else:
        pairs = await _linked(visitor, field)
    if len(pairs) > FEW:
        return (), True
    return tuple(Option(value, text, value in on) for value, text in pairs), False


async def _linked(visitor: Visitor, field: FieldSpec) -> list[tuple[str, str]]:
    target = visitor.site.spec(str(field.target))
    select = selection_of(visitor.site.registry, target, names_of(visitor, target), visitor.caller.policy)
    answer = await visitor.ask(Read((("rows", Listing(target.label, select, page=Page(FEW + 1))),)))
    found = list(told_apart(visitor, target, answer["rows"]).items())
    return [*([(ME, visitor.gettext("me"))] if target.label == "core.user" and len(found) <= FEW else []), *found]


async def show_filters(visitor: Visitor, spec: ModelSpec) -> Response:
    """All fields that the list can be filtered by."""
    state = read_state(visitor.request.query_params.multi_items()).paged()
    return visitor.page(
        "filters.html",
        block="choices",
        spec=spec,
        humans=visitor.humans(spec),
        links=list(_links(visitor, spec, state)),
    )


def _links(visitor: Visitor, spec: ModelSpec, state: ListState) -> Iterator[tuple[str, str]]:
    query = replace(state, shown=()).query
    for path in offered_columns(visitor.site.registry, spec, visitor.caller):
        if field_at(visitor.site.registry, spec, path).kind is not Kind.POSITION:
            yield f"{spec.path}/filter/{path}" + (f"?{query}" if query else ""), visitor.label(spec, path)
