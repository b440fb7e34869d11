"""Choosing a record for a link: type-ahead options, and finding it by name where no script runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.responses import Response

from core.conditions import EVERYTHING, Compare, Condition, Op, all_of
from core.errors import NotFound
from core.fields import Kind, Traits
from core.query import Listing, Order, Page, Read, Root, Single
from core.records import selection_of
from core.registry import ModelSpec
from ui.columns import field_at, readable
from ui.filters import ListState, Narrowing, orders
from ui.forms import target_of
from ui.shell import may
from ui.visitor import Visitor
from ui.words import N_

OPTIONS = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that can be chosen."""

    id: str
    title: str
    label: str


async def show_choices(visitor: Visitor, spec: ModelSpec) -> Response:
    """The options for a link of a model that fit what is typed."""
    path = visitor.request.path_params["field"]
    if not readable(visitor.site.registry, spec, path, visitor.caller):
        raise NotFound
    field = field_at(visitor.site.registry, spec, path)
    return await _options(visitor, field.target, field.traits.where)


async def show_records(visitor: Visitor) -> Response:
    """The options of a model by its label, for the inputs of actions."""
    return await _options(visitor, visitor.request.path_params["label"], None)


async def _options(visitor: Visitor, label: str | None, where: Condition | None) -> Response:
    target = visitor.site.registry.models.get(label or "")
    if target is None or target.meta.internal or not may(visitor, target, "read"):
        raise NotFound
    query = visitor.request.query_params
    text = next((value for name, value in query.multi_items() if name.endswith(".text")), "")
    asked = Narrowing(visitor.site.registry, visitor.caller)
    found = await visitor.ask(Read((("rows", _matching(visitor, target, text, where, asked)),)), asked.values)
    labels = told_apart(visitor, target, found["rows"])
    shower = visitor.shower(target)
    options = [Candidate(one["id"], shower.title(target, one), labels[one["id"]]) for one in found["rows"]]
    return visitor.page("options.html", block="options", options=options, field=query.get("for", "f"))


def _matching(visitor: Visitor, target: ModelSpec, text: str, where: Condition | None, asked: Narrowing) -> Root:
    parts = [asked.where(target, ListState(text=text)), where or EVERYTHING]
    select = selection_of(visitor.site.registry, target, names_of(visitor, target), visitor.caller.policy)
    order: tuple[Order, ...] = (Order(target.title),) if target.fields[target.title].kind is Kind.TEXT else ()
    if target.parent is not None:  # parts, like stages, come in the order of their whole
        order = orders(visitor.site.registry, target, ListState(), visitor.caller)
    return Listing(target.label, select, all_of(parts), order, Page(OPTIONS))


def names_of(visitor: Visitor, target: ModelSpec) -> tuple[str, ...]:
    """What the records of a model are known by: the title, and of parts the title of their whole."""
    if target.parent is None or target.meta.part_of is None:
        return (target.title,)
    return (target.title, f"{target.meta.part_of}.{visitor.site.spec(target.parent).title}")


def told_apart(visitor: Visitor, target: ModelSpec, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The titles of records by id; where some are called the same, with the whole that they are a part of."""
    shower = visitor.shower(target)
    found = {row["id"]: shower.title(target, row) for row in rows}
    often, wholes = Counter(found.values()), names_of(visitor, target)[1:]
    for row in rows:
        whole = shower.at(target, wholes[0], row).text if wholes else ""
        if whole and often[shower.title(target, row)] > 1:
            found[row["id"]] += f" · {whole}"
    return found


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of the links of a form: ids with titles, messages, and candidates where several fit."""

    written: dict[str, tuple[str, str]]
    errors: dict[str, str]
    candidates: dict[str, tuple[tuple[str, str], ...]]


async def resolve_links(
    visitor: Visitor, traits: Mapping[str, Traits], written: Mapping[str, tuple[str, str]]
) -> Resolved:
    """Find what was typed for links: the id stands while its title is what is typed, else one record must fit."""
    links = {name: pair for name, pair in written.items() if traits[name].kind is Kind.LINK and any(pair)}
    resolved = Resolved(dict(written), {}, {})
    if not links:
        return resolved
    asked = Narrowing(visitor.site.registry, visitor.caller)
    roots: list[tuple[str, Root]] = []
    for name, (value, text) in links.items():
        target = target_of(visitor, traits[name])
        roots.append((f"text:{name}", _matching(visitor, target, text, traits[name].where, asked)))
        if _id(value):
            roots.append((f"id:{name}", _by_id(visitor, target, value)))
    answer = await visitor.ask(Read(tuple(roots)), asked.values)
    for name in links:
        target = target_of(visitor, traits[name])
        shower = visitor.shower(target)
        kept, rows = answer.get(f"id:{name}"), answer[f"text:{name}"]
        standing = (kept["id"], shower.title(target, kept)) if kept else None
        _settle(visitor, resolved, name, standing, [(one["id"], shower.title(target, one)) for one in rows])
        if name in resolved.candidates:
            labels = told_apart(visitor, target, rows)
            resolved.candidates[name] = tuple((one, labels[one]) for one, _ in resolved.candidates[name])
    return resolved


def _settle(
    visitor: Visitor,
    resolved: Resolved,
    name: str,
    standing: tuple[str, str] | None,
    titled: Sequence[tuple[str, str]],
) -> None:
    value, text = resolved.written[name]
    if standing is not None and text.strip() in ("", standing[1]):
        resolved.written[name] = standing
        return
    exact = [one for one in titled if one[1].casefold() == text.strip().casefold()]
    fitting = exact if len(exact) == 1 else titled
    if len(fitting) == 1 and text.strip():
        resolved.written[name] = fitting[0]
        return
    resolved.written[name] = ("", text or value)
    resolved.candidates[name] = tuple(titled) if text.strip() else ()
    many = N_("Several fit; choose one, or write more of the name")
    resolved.errors[name] = visitor.gettext(many if titled and text.strip() else N_("Nothing with this name is found"))


def _id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _by_id(visitor: Visitor, target: ModelSpec, value: str) -> Root:
    select = selection_of(visitor.site.registry, target, (target.title,), visitor.caller.policy)
    return Single(target.label, UUID(value), select)


async def titles(visitor: Visitor, wanted: Mapping[str, tuple[ModelSpec, str]]) -> dict[str, tuple[str, str]]:
    """The ids and titles of records by name: what a new form is opened with."""
    roots = tuple((name, _by_id(visitor, target, value)) for name, (target, value) in wanted.items() if _id(value))
    answer = await visitor.ask(Read(roots)) if roots else {}
    return {
        name: (row["id"], visitor.shower(wanted[name][0]).title(wanted[name][0], row))
        for name, row in answer.items()
        if row is not None
    }


def one_of(ids: Sequence[UUID]) -> Condition:
    """The records with some ids."""
    return Compare("id", Op.IN, tuple(ids))
