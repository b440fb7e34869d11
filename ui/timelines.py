"""The timeline of a record: what others have with it, of all kinds, the latest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from core.fields import Kind
from core.query import Listing, Many, Order, Page
from core.records import selection_of
from core.registry import Back, ModelSpec
from ui.cells import Cell, address
from ui.columns import loaded
from ui.formats import moment_of
from ui.shell import may
from ui.visitor import Visitor

OF_EACH = 10
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the timeline: a record with a day."""

    title: str
    href: str
    kind: str
    icon: str
    when: Cell
    mark: Cell
    who: str


def visible(visitor: Visitor, back: Back) -> bool:
    """Whether the visitor may follow a back link at all."""
    source = visitor.site.spec(back.source)
    hidden = f"{source.label}.{back.link}" in visitor.caller.policy.hidden
    return not source.meta.internal and not hidden and may(visitor, source, "read")


def dated(visitor: Visitor, spec: ModelSpec) -> Iterator[tuple[Back, ModelSpec]]:
    """The back links whose records have a place on timelines."""
    for back in spec.backs.values():
        source = visitor.site.spec(back.source)
        field = f"{source.label}.{source.resource.timeline}"
        shown = source.resource.timeline and field not in visitor.caller.policy.hidden
        if shown and source.meta.part_of != back.link and visible(visitor, back):  # parts have a list of their own
            yield back, source


def wanted(visitor: Visitor, spec: ModelSpec) -> Iterator[Many]:
    """What is asked of a record for its timeline, beside its own fields."""
    for back, source in dated(visitor, spec):
        names = loaded(visitor.site.registry, source, (_name(visitor, source), source.title, *_told(visitor, source)))
        select = selection_of(visitor.site.registry, source, names, visitor.caller.policy)
        order = (Order(source.resource.timeline, descending=True),)
        yield Many(_key(back), back.name, Listing(source.label, select, order=order, page=Page(OF_EACH)))


def _key(back: Back) -> str:
    return f"time_{back.name}"


def _name(visitor: Visitor, source: ModelSpec) -> str:
    """What tells records apart on a timeline: their title; of parts, like the member of a campaign, their whole's."""
    if source.parent is None:
        return source.title
    return f"{source.meta.part_of}.{visitor.site.spec(source.parent).title}"


def _told(visitor: Visitor, source: ModelSpec) -> tuple[str, ...]:
    """When it was, how it stands, and whose it is."""
    choices = [name for name, one in source.own.items() if one.kind is Kind.CHOICE]
    mark = source.resource.board or next(iter(choices), "")
    names = (source.resource.timeline, mark, "" if source.parent else "owner")
    return tuple(one for one in names if one and f"{source.label}.{one}" not in visitor.caller.policy.hidden)


def timeline_of(visitor: Visitor, spec: ModelSpec, row: Mapping[str, Any]) -> list[Moment]:
    """The lines of a record that was read with what `wanted` asks."""
    found: list[tuple[datetime, Moment]] = []
    for back, source in dated(visitor, spec):
        rows = [one for one in row[_key(back)] if one[source.resource.timeline] is not None]
        found += [(_at(visitor, source, one), _line(visitor, source, one)) for one in rows]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [line for _, line in found[:SHOWN]]


def _at(visitor: Visitor, source: ModelSpec, row: Mapping[str, Any]) -> datetime:
    """When it was, to be compared: a day begins where the visitor is."""
    value = row[source.resource.timeline]
    if source.fields[source.resource.timeline].kind is Kind.MOMENT:
        return moment_of(value)
    return datetime.combine(date.fromisoformat(value), time(), ZoneInfo(visitor.formats.zone))


def _line(visitor: Visitor, source: ModelSpec, row: Mapping[str, Any]) -> Moment:
    shower = visitor.shower(source)
    told = _told(visitor, source)
    marks = [one for one in told if one not in (source.resource.timeline, "owner")]
    return Moment(
        title=shower.at(source, _name(visitor, source), row).text or shower.title(source, row),
        href=address(source, row["id"]),
        kind=visitor.human(source),
        icon=source.resource.icon,
        when=shower.at(source, source.resource.timeline, row),
        mark=shower.at(source, marks[0], row) if marks else Cell(),
        who=shower.at(source, "owner", row).text if "owner" in told else "",
    )
