"""The home page: the day's work, as plugins describe it, and what the visitor did last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.responses import Response

from core.conditions import Condition
from core.dashboard import Panel, Shape
from core.history import Event
from core.query import Function, Group, Listing, Measure, Nodes, Page, Read, Root, Summary, Total
from core.records import selection_of
from core.registry import ModelSpec
from ui.cells import address, numeric
from ui.charts import Drawn, Mark, bars, funnel
from ui.columns import field_at, loaded, readable
from ui.filters import Filter, ListState, Narrowing, orders, read_state
from ui.lists import Column, Row, counted, rows
from ui.shell import listed, may
from ui.titles import titles_of
from ui.visitor import Visitor

FEW = 6
RECENT = 8
MONTHS = ("this_month", "last_month")
CHARTS: Mapping[Shape, Callable[[str, Sequence[Mark]], Drawn]] = {Shape.FUNNEL: funnel, Shape.AVERAGES: bars}


@dataclass(frozen=True, slots=True)
class Records:
    """The first records of a question."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    count: str
    all: str
    icon: str


@dataclass(frozen=True, slots=True)
class Months:
    """This month against the last."""

    title: str
    value: str
    before: str
    trend: str
    all: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A funnel."""

    title: str
    drawn: Drawn
    all: str


@dataclass(frozen=True, slots=True)
class Recent:
    """A record that the visitor worked on."""

    title: str
    href: str
    kind: str
    icon: str
    ago: str


@dataclass
class Question:
    """A panel with what is asked for it."""

    visitor: Visitor
    plugin: str
    panel: Panel
    spec: ModelSpec
    key: str
    state: ListState

    @property
    def list(self) -> str:
        """The list behind it."""
        return f"{self.spec.path}?{self.state.query}" if self.state.query else self.spec.path

    @property
    def title(self) -> str:
        """Its heading."""
        return self.visitor.word(self.plugin, self.panel.title)


async def show_home(visitor: Visitor) -> Response:
    """My day."""
    questions = list(_questions(visitor))
    narrowing = Narrowing(visitor.site.registry, visitor.caller, visitor.company.currency)
    roots = tuple(root for one in questions for root in _roots(one, narrowing))
    if not roots:  # then no stamp tells who was signed out meanwhile
        visitor = await visitor.proven()
    answer = await visitor.ask(Read(roots), narrowing.values) if roots else {}
    preferences = await visitor.site.kernel.accounts.preferences(visitor.caller)
    return visitor.page(
        "home.html",
        name=preferences.name,
        today=visitor.formats.long_day(visitor.formats.today()),
        months=[_months(one, answer) for one in questions if one.panel.shape is Shape.MONTHS],
        records=[_records(one, answer) for one in questions if one.panel.shape is Shape.RECORDS],
        charts=[chart for one in questions if one.panel.shape in CHARTS and (chart := _chart(one, answer)).drawn.rows],
        recent=await recent(visitor),
        places=[(visitor.humans(spec), spec.path, spec.resource.icon) for spec in listed(visitor)],
    )


def _questions(visitor: Visitor) -> Iterator[Question]:
    found = visitor.site.registry.declared("tradepost_dashboard")
    for index, (plugin, panel) in enumerate(sorted(found, key=lambda one: one[1].place)):
        spec = visitor.site.registry.spec(panel.model)
        state = read_state(parse_qsl(panel.query))
        paths = [one.path for one in state.filters] + [one for one in (panel.by, panel.figure) if one]
        if may(visitor, spec, "read") and all(
            readable(visitor.site.registry, spec, one, visitor.caller) for one in paths
        ):
            yield Question(visitor, plugin, panel, spec, f"p{index}", state)


def _roots(question: Question, narrowing: Narrowing) -> Iterator[tuple[str, Root]]:
    panel, spec = question.panel, question.spec
    if panel.shape is Shape.MONTHS:
        for name in MONTHS:
            where = narrowing.where(spec, _within(question.state, panel.by, name))
            yield f"{question.key}{name}", Summary(spec.label, measures=_measures(panel), where=where)
        return
    where = narrowing.where(spec, question.state)
    if panel.shape in CHARTS:
        yield question.key, Summary(spec.label, (Group("step", panel.by),), _measures(panel), where)
        yield f"{question.key}steps", _steps(question)
    else:
        yield question.key, _first(question, where)


def _within(state: ListState, path: str, period: str) -> ListState:
    return ListState(filters=(*state.filters, Filter(path, "within", (period,))))


def _measures(panel: Panel) -> tuple[Measure, ...]:
    count = (Measure("count", Function.COUNT),)
    if panel.shape is Shape.AVERAGES:
        return (*count, Measure("average", Function.AVERAGE, panel.figure))
    return (*count, Measure("sum", Function.SUM, panel.figure)) if panel.figure else count


def _steps(question: Question) -> Listing:
    """The records that a funnel's link points at, in their order, with their titles."""
    visitor = question.visitor
    target = visitor.site.spec(str(question.spec.fields[question.panel.by].target))
    select = selection_of(visitor.site.registry, target, (target.title,), visitor.caller.policy)
    return Listing(
        target.label, select, order=orders(visitor.site.registry, target, ListState(), visitor.caller), page=Page(200)
    )


def _first(question: Question, where: Condition) -> Listing:
    visitor, spec = question.visitor, question.spec
    wanted = loaded(visitor.site.registry, spec, (spec.title, *_columns(question), "version"))
    select = selection_of(visitor.site.registry, spec, wanted, visitor.caller.policy)
    order = orders(visitor.site.registry, spec, question.state, visitor.caller)
    return Listing(spec.label, where=where, order=order, page=Page(FEW), parts=(Nodes("rows", select), Total("total")))


def _columns(question: Question) -> tuple[str, ...]:
    registry, caller = question.visitor.site.registry, question.visitor.caller
    return tuple(path for path in question.panel.columns if readable(registry, question.spec, path, caller))


def _records(question: Question, answer: Mapping[str, Any]) -> Records:
    visitor, spec = question.visitor, question.spec
    paths = (spec.title, *_columns(question))
    found = answer[question.key]
    heads = tuple(
        Column(path, visitor.label(spec, path), numeric(field_at(visitor.site.registry, spec, path))) for path in paths
    )
    count = counted(visitor, found["total"])
    return Records(
        question.title, heads, rows(visitor, spec, paths, found["rows"]), count, question.list, spec.resource.icon
    )


def _months(question: Question, answer: Mapping[str, Any]) -> Months:
    now, before = (answer[f"{question.key}{name}"][0] for name in MONTHS)
    trend = (now["count"] > before["count"]) - (now["count"] < before["count"])
    state = _within(question.state, question.panel.by, MONTHS[0])
    return Months(
        title=question.title,
        value=_figure(question, now),
        before=_figure(question, before),
        trend=("", "up", "down")[trend],
        all=f"{question.spec.path}?{state.query}",
    )


def _figure(question: Question, row: Mapping[str, Any]) -> str:
    visitor = question.visitor
    if not question.panel.figure:
        return visitor.formats.number(row["count"])
    return _short(visitor, row["sum"] or ()) or visitor.formats.number(0)


def _short(visitor: Visitor, amounts: Sequence[Mapping[str, str]]) -> str:
    return " + ".join(visitor.formats.short_money(one["amount"], one["currency"]) for one in amounts)


def _chart(question: Question, answer: Mapping[str, Any]) -> Chart:
    visitor, by = question.visitor, question.panel.by
    target = visitor.site.spec(str(question.spec.fields[by].target))
    figures = {_id(one["step"]): one for one in answer[question.key]}
    marks = []
    for step in answer[f"{question.key}steps"]:
        row = figures.get(step["id"])
        if row is None or row.get("average", 0) is None:
            continue
        value, text = _size(question, row)
        state = ListState(filters=(*question.state.filters, Filter(by, "", (step["id"],))))
        title = visitor.shower(target).title(target, step)
        marks.append(Mark(title, value, text, f"{question.spec.path}?{state.query}"))
    draw = CHARTS[question.panel.shape]
    return Chart(question.title, draw(question.title, marks), question.list)


def _size(question: Question, row: Mapping[str, Any]) -> tuple[float, str]:
    """How long a bar is, and what is written at it."""
    formats = question.visitor.formats
    if question.panel.shape is Shape.AVERAGES:
        average = round(Decimal(str(row["average"] or 0)), 1)
        return float(average), f"{formats.number(average)} · {counted(question.visitor, row['count'])}"
    parts = (formats.number(row["count"]), _short(question.visitor, row.get("sum") or ()))
    return row["count"], " · ".join(one for one in parts if one)


def _id(value: Any) -> str:
    return str(value["id"]) if isinstance(value, Mapping) else str(value)


async def recent(visitor: Visitor) -> list[Recent]:
    """The records that the visitor changed last, as far as he still sees them."""
    last: dict[tuple[str, str], Event] = {}
    for event in await visitor.site.kernel.history.mine(visitor.caller):
        spec = visitor.site.registry.models.get(event.model)
        if (
            event.record
            and event.verb not in ("sign_in", "sign_out")
            and spec is not None
            and not spec.meta.internal
            and spec.parent is None
            and may(visitor, spec, "read")
        ):
            last.setdefault((event.model, event.record), event)
    chosen = dict(list(last.items())[:RECENT])
    titles = await titles_of(visitor, [(label, UUID(record)) for label, record in chosen])
    found = []
    for (label, record), event in chosen.items():
        title = titles.get((label, UUID(record)))
        if title is not None:
            spec, ago = visitor.site.spec(label), visitor.formats.ago(event.at)
            found.append(Recent(title, address(spec, record), visitor.human(spec), spec.resource.icon, ago))
    return found
