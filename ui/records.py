"""The page of a record: its facts, what belongs to it, what happened to it, what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.responses import Response

from core.actions import Action
from core.conditions import EVERYTHING, named
from core.errors import NotFound
from core.fields import Kind
from core.query import COUNT_CAP, Leaf, Listing, Many, Nodes, One, Page, Read, Root, Selection, Single, Total
from core.records import selection_of
from core.registry import Back, ModelSpec
from ui.attachments import attached
from ui.cells import Cell, address, numeric
from ui.columns import arranged_facts, changeable, column_paths, editable, facts, field_at, loaded
from ui.history import Happened, timeline
from ui.lists import Column, Row, rows
from ui.neighbours import list_of, neighbours, place_of
from ui.plugin_pages import insets
from ui.shell import may
from ui.timelines import timeline_of, visible, wanted
from ui.visitor import Visitor

RELATED_ROWS = 5
PARTS = 20
RELATED_COLUMNS = 5
ASKED_COLUMNS = 8
WIDE = frozenset({Kind.NOTE})


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the record, and where it is changed by itself."""

    label: str
    cell: Cell
    wide: bool
    help: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """Records that link here."""

    title: str
    icon: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    count: str
    all: str
    add: str
    help: str


@dataclass(frozen=True, slots=True)
class Doable:
    """An action that the visitor may take."""

    name: str
    label: str
    help: str
    asks: bool
    danger: bool


@dataclass(frozen=True)
class RecordPage:
    """A record, ready to be drawn."""

    id: str
    title: str
    path: str
    version: int
    archived: bool
    marks: tuple[Cell, ...]
    sections: tuple[tuple[str, tuple[Fact, ...]], ...]
    more: tuple[Fact, ...]
    system: tuple[Fact, ...]
    related: tuple[Related, ...]
    actions: tuple[Doable, ...]


async def show_record(visitor: Visitor, spec: ModelSpec) -> Response:
    """The page of one record."""
    state = list_of(visitor)
    beside = {"place": place_of(visitor, spec, state)} | dict(_states(visitor, spec))
    answer = await _read(visitor, spec, visitor.id(), related=True, beside=beside)
    row = answer["row"]
    page = _page(visitor, spec, row, answer)
    before, after = await neighbours(visitor, spec, state, answer["place"])
    return visitor.page(
        "record.html",
        block="content",
        record=page,
        spec=spec,
        human=visitor.human(spec),
        humans=visitor.humans(spec),
        happened=await _history(visitor, spec),
        files=await attached(visitor, spec),
        can=allowed(visitor, spec),
        times=timeline_of(visitor, spec, row),
        insets=await insets(visitor, spec, visitor.id()),
        above=_above(visitor, spec, row),
        query=state.query,
        before=before,
        after=after,
        extras=list(_extras(visitor, spec, page)),
    )


async def _history(visitor: Visitor, spec: ModelSpec) -> tuple[Happened, ...]:
    return await timeline(visitor, await visitor.site.kernel.history.of(visitor.caller, spec, visitor.id()))


async def read_record(
    visitor: Visitor, spec: ModelSpec, *, related: bool = True, record: UUID | None = None
) -> Mapping[str, Any]:
    """A record, that of the address, with all that its page shows; `NotFound` where the visitor sees none."""
    row: Mapping[str, Any] = (await _read(visitor, spec, record or visitor.id(), related=related, beside={}))["row"]
    return row


async def _read(
    visitor: Visitor, spec: ModelSpec, record: UUID, *, related: bool, beside: Mapping[str, Root]
) -> Mapping[str, Any]:
    own, system = facts(spec, visitor.caller)
    names = loaded(visitor.site.registry, spec, (*own, *system, spec.title, "version", "archived_at"))
    select: Selection = selection_of(visitor.site.registry, spec, names, visitor.caller.policy)
    if related:
        related_lists = (_wanted(visitor, one) for one in _relations(visitor, spec))
        select = (*select, *related_lists, *wanted(visitor, spec))
    row = ("row", Single(spec.label, record, select))
    answer: Mapping[str, Any] = await visitor.ask(Read((row, *beside.items())))
    if answer["row"] is None:
        raise NotFound
    return answer


@dataclass(frozen=True)
class Relation:
    """A list on a record's page: a back link of the record itself, or of what it links to by `via`."""

    back: Back
    via: str = ""

    @property
    def key(self) -> str:
        """Under which the row holds it."""
        return f"back_{self.via}_{self.back.name}"


def _relations(visitor: Visitor, spec: ModelSpec) -> list[Relation]:
    found: list[Relation] = []
    own = [name for name, one in spec.backs.items() if visitor.site.spec(one.source).plugin == spec.plugin]
    others = [name for name in spec.backs if name not in own]  # which the resource cannot name
    for name in dict.fromkeys((*(spec.resource.related or own), *others)):
        via, _, back = name.rpartition(".")
        holder = visitor.site.spec(str(spec.fields[via].target)) if via else spec
        hidden = via and f"{spec.label}.{via}" in visitor.caller.policy.hidden
        if not hidden and (not via or may(visitor, holder, "read")) and visible(visitor, holder.backs[back]):
            found.append(Relation(holder.backs[back], via))
    return found


def _columns(visitor: Visitor, back: Back) -> tuple[str, ...]:
    source = visitor.site.spec(back.source)
    paths = [
        path
        for path in column_paths(visitor.site.registry, source, visitor.caller)
        if path.partition(".")[0] != back.link
    ]
    return tuple(paths[:ASKED_COLUMNS]) or (source.title,)


def _worth_showing(paths: Sequence[str], found: Sequence[Row]) -> list[int]:
    """The columns in which something stands; the first leads to its record, so it has a value in every row."""
    filled = [sum(bool(row.cells[index].form) for row in found) for index in range(len(paths))]
    first = next((index for index, count in enumerate(filled) if count == len(found)), 0)
    others = [index for index, count in enumerate(filled) if count and index != first]
    return [first, *others][:RELATED_COLUMNS]


def _wanted(visitor: Visitor, relation: Relation) -> One | Many:
    many = _many(visitor, relation)
    return One(relation.key, relation.via, (Leaf("id", "id"), many)) if relation.via else many


def _many(visitor: Visitor, relation: Relation) -> Many:
    back = relation.back
    source = visitor.site.spec(back.source)
    wanted = loaded(visitor.site.registry, source, (source.title, *_columns(visitor, back), "version"))
    select = selection_of(visitor.site.registry, source, wanted, visitor.caller.policy)
    parts = (Nodes("rows", select), Total("total"))
    most = PARTS if source.meta.part_of == back.link else RELATED_ROWS
    return Many(relation.key, back.name, Listing(source.label, page=Page(most), parts=parts))


def _states(visitor: Visitor, spec: ModelSpec) -> Iterator[tuple[str, Root]]:
    """Whether the record is in the state that each action is for."""
    for name, one in spec.actions.items():
        hidden = any(f"{spec.label}.{field}" in visitor.caller.policy.hidden for field in named(one.when))
        if one.when != EVERYTHING and permitted(visitor, spec, one) and not hidden:
            yield f"when {name}", Single(spec.label, visitor.id(), (Leaf("id", "id"),), one.when)


def _page(visitor: Visitor, spec: ModelSpec, row: Mapping[str, Any], answer: Mapping[str, Any]) -> RecordPage:
    _, system = facts(spec, visitor.caller)
    sections, more = arranged_facts(spec, visitor.caller, str(row.get(spec.type_field, "")))
    shower = visitor.shower(spec)

    def told(names: Sequence[str]) -> tuple[Fact, ...]:
        return tuple(_fact(visitor, spec, name, row) for name in names if name != spec.title)

    return RecordPage(
        id=row["id"],
        title=shower.title(spec, row),
        path=address(spec, row["id"]),
        version=row["version"],
        archived=row["archived_at"] is not None,
        marks=tuple(_marks(visitor, spec, row)),
        sections=tuple((visitor.word(spec.plugin, title), told(names)) for title, names in sections.items()),
        more=told(more),
        system=told(system),
        related=tuple(_all_related(visitor, spec, row)),
        actions=tuple(one for one in doable(visitor, spec) if answer.get(f"when {one.name}", row)),
    )


def _fact(visitor: Visitor, spec: ModelSpec, name: str, row: Mapping[str, Any]) -> Fact:
    field = spec.fields[name]
    cell = visitor.shower(spec).at(spec, name, row)
    help_text = visitor.word(spec.plugin, field.traits.help)
    own = name in changeable(spec, visitor.caller) and row["archived_at"] is None
    change = f"{address(spec, row['id'])}/set/{name}{visitor.led}" if own else ""
    return Fact(visitor.label(spec, name), cell, field.kind in WIDE, help_text, change)


def _marks(visitor: Visitor, spec: ModelSpec, row: Mapping[str, Any]) -> Iterator[Cell]:
    """What says at a glance how it stands: its board's value, its amount, the choices that its list shows."""
    named = [one for one in (spec.resource.board, spec.resource.amount) if one]
    shown = column_paths(visitor.site.registry, spec, visitor.caller)
    choices = [one for one in shown if one in spec.own and spec.own[one].kind is Kind.CHOICE and one not in named][:2]
    for name in (*named, *choices):
        if name in row:
            cell = visitor.shower(spec).at(spec, name, row)
            if cell.form:
                yield cell


def _all_related(visitor: Visitor, spec: ModelSpec, row: Mapping[str, Any]) -> Iterator[Related]:
    for one in _relations(visitor, spec):
        holder = row[one.key] if one.via else row
        if holder is not None:
            found = _related(visitor, one, holder)
            yield replace(found, title=f"{visitor.label(spec, one.via)} · {found.title}") if one.via else found


def _related(visitor: Visitor, relation: Relation, row: Mapping[str, Any]) -> Related:
    back = relation.back
    source = visitor.site.spec(back.source)
    paths = _columns(visitor, back)
    found = row[relation.key]
    total = found["total"]
    count = visitor.formats.number(COUNT_CAP) + "+" if total > COUNT_CAP else visitor.formats.number(total)
    query = f"?{back.link}={row['id']}"
    drawn = rows(visitor, source, paths, found["rows"])
    shown = _worth_showing(paths, drawn)
    addable = may(visitor, source, "create") and editable(source, back.link, visitor.caller)
    return Related(
        title=visitor.word(source.plugin, back.name.replace("_", " ").capitalize()),
        icon=source.resource.icon,
        columns=tuple(_column(visitor, source, paths[index]) for index in shown),
        rows=tuple(replace(one, cells=tuple(one.cells[index] for index in shown)) for one in drawn),
        count=count,
        all=f"{source.path}{query}" if total > len(found["rows"]) else "",
        add=f"{source.path}/new{query}" if addable and not source.meta.append_only else "",
        help=visitor.word(source.plugin, source.help),
    )


def _column(visitor: Visitor, spec: ModelSpec, path: str) -> Column:
    return Column(path, visitor.label(spec, path), numeric(field_at(visitor.site.registry, spec, path)))


def doable(visitor: Visitor, spec: ModelSpec) -> Iterator[Doable]:
    """The actions of a model that the visitor may take."""
    for name, one in spec.actions.items():
        if permitted(visitor, spec, one):
            label, text = visitor.word(spec.plugin, one.label), visitor.word(spec.plugin, one.help)
            yield Doable(name, label, text, bool(one.inputs), one.danger)


def permitted(visitor: Visitor, spec: ModelSpec, action: Action) -> bool:
    """Whether the visitor has an action's permission."""
    return visitor.caller.allows(visitor.site.registry.permission(spec, action.permission))


def allowed(visitor: Visitor, spec: ModelSpec) -> dict[str, bool]:
    """What the visitor may do with records of a model, by verb."""
    verbs: Sequence[str] = ("create", "update", "archive", "purge", "transfer", "share", "export", "import")
    found = {verb: may(visitor, spec, verb) for verb in verbs}
    if spec.meta.append_only:
        found |= {"update": False, "archive": False}
    if spec.parent is not None:
        found |= {"transfer": False, "share": False}
    return found


def _extras(visitor: Visitor, spec: ModelSpec, page: RecordPage) -> Iterator[tuple[str, str, bool]]:
    """What only the kernel's own objects have: label, address, and whether it opens in a dialog."""
    if spec.label == "core.role" and may(visitor, spec, "update"):
        yield visitor.gettext("Permissions"), f"{page.path}/permissions", False
    if spec.label == "core.user" and visitor.caller.policy.everything:
        yield visitor.gettext("Set a password"), f"{page.path}/password", True


def _above(visitor: Visitor, spec: ModelSpec, row: Mapping[str, Any]) -> tuple[str, str] | None:
    """The record that this one is a part of: its name and page."""
    if spec.parent is None or spec.meta.part_of is None:
        return None
    cell = visitor.shower(spec).at(spec, spec.meta.part_of, row)
    return (cell.text, cell.href) if cell.href else None
