"""Searching everything: the page, and the palette that also knows the places of the menu."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias
from urllib.parse import urlencode

from starlette.responses import Response

from core.errors import SearchUnavailable
from core.finder import Counted, Found, Marks, Narrowed
from core.registry import ModelSpec
from ui.cells import address
from ui.home import recent
from ui.shell import ICONS, KERNEL, listed, may, tools
from ui.visitor import Visitor

Pieces: TypeAlias = list[tuple[str, bool]]

EACH = 50
QUICK = 8
BY = "by."
MOST_VALUES = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A found record, and why: pieces of its title and of a field's text, each with whether it was looked for."""

    title: Pieces
    href: str
    icon: str
    kind: str
    why: str
    snippet: Pieces


@dataclass(frozen=True, slots=True)
class Facet:
    """A kind of record among what was found; `more` says that there may be more of it."""

    text: str
    href: str
    count: str
    more: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Side:
    """A choice by which the records of one kind differ, and its values as facets of what is shown."""

    text: str
    values: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go, or something to begin."""

    title: str
    href: str
    icon: str
    named: bool = False
    begins: bool = False


async def show_search(visitor: Visitor) -> Response:
    """The search page; as a fragment the content of the palette."""
    text = visitor.request.query_params.get("q", "").strip()
    chosen = "" if visitor.scripted else visitor.request.query_params.get("in", "")
    failed = False
    counted = Counted()
    try:
        counted = await _found(visitor, text)
    except SearchUnavailable:
        failed = True
    if not counted.found:  # else reading them has told that the visitor is still there
        visitor = await visitor.proven()
    kinds = counted.counts
    chosen = chosen if chosen in kinds else ""
    where = {name.removeprefix(BY): value for name, value in _asked(visitor) if name.startswith(BY) and value}
    narrowed = await visitor.site.kernel.finder.narrow(visitor.caller, text, chosen, where) if chosen else Narrowed()
    places = [] if chosen else sorted(_places(visitor, text), key=lambda one: not one.named)
    return visitor.page(
        "search.html",
        block="results",
        text=text,
        failed=failed,
        facets=_facets(visitor, text, kinds, chosen) if len(kinds) > 1 else [],
        sides=_sides(visitor, text, chosen, where, narrowed) if chosen else [],
        hits=[_hit(visitor, one) for one in (narrowed if chosen else counted).found],
        places=[one for one in places if not one.begins],
        beginnings=[one for one in places if one.begins],
        narrow=bool(chosen),
        whole=f"/search?{urlencode({'q': text})}",
        recent=[] if text else await recent(visitor),
    )


async def _found(visitor: Visitor, text: str) -> Counted:
    finder = visitor.site.kernel.finder
    if visitor.scripted:
        return Counted(tuple(await finder.find(visitor.caller, text, limit=QUICK)))
    return await finder.find_each(visitor.caller, text, EACH)


def _facets(visitor: Visitor, text: str, kinds: Mapping[str, int], chosen: str) -> list[Facet]:
    """The kinds of what was found, those with the most first; what is counted is what the visitor sees."""
    found = [Facet(visitor.gettext("All"), f"/search?{urlencode({'q': text})}", "", more=False, here=not chosen)]
    for label, count in kinds.items():
        href = f"/search?{urlencode({'q': text, 'in': label})}"
        shown, more = visitor.formats.number(count), count == EACH
        found.append(Facet(visitor.humans(visitor.site.spec(label)), href, shown, more, here=label == chosen))
    return found


def _asked(visitor: Visitor) -> list[tuple[str, str]]:
    return visitor.request.query_params.multi_items()


def _sides(visitor: Visitor, text: str, chosen: str, where: Mapping[str, str], narrowed: Narrowed) -> list[Side]:
    """The choices that tell what was found apart, by their commonest values; one that was chosen leads back."""
    spec = visitor.site.spec(chosen)
    found = []
    for facet in narrowed.facets:
        if spec.fields[facet.field].target or (len(facet.values) == 1 and facet.field not in where):
            continue
        values = []
        for one in facet.values[:MOST_VALUES]:
            here = where.get(facet.field) == one.value
            rest = {name: value for name, value in where.items() if name != facet.field}
            chosen_by = rest if here else rest | {facet.field: one.value}
            asked = {"q": text, "in": chosen} | {BY + name: value for name, value in chosen_by.items()}
            label, count = visitor.word(spec.plugin, one.label), visitor.formats.number(one.count)
            values.append(Facet(label, f"/search?{urlencode(asked)}", count, narrowed.more, here))
        found.append(Side(visitor.label(spec, facet.field), tuple(values)))
    return found


def _hit(visitor: Visitor, found: Found) -> Hit:
    spec: ModelSpec = visitor.site.spec(found.label)
    why = visitor.label(spec, found.field) if found.field and found.snippet != found.title else ""
    title, snippet = _pieces(found.title, found.title_marks), _pieces(found.snippet, found.snippet_marks) if why else []
    return Hit(title, address(spec, found.id), spec.resource.icon, visitor.human(spec), why, snippet)


def _pieces(text: str, marks: Marks) -> Pieces:
    ends = [0, *(at for mark in marks for at in mark), len(text)]
    return [(text[start:end], bool(number % 2)) for number, (start, end) in enumerate(pairwise(ends)) if start < end]


def _places(visitor: Visitor, text: str) -> Iterator[Place]:
    """Where the menu leads that has the words in its name, and the forms of new records; `named` is what is meant."""
    wanted = text.casefold()
    for spec in listed(visitor):
        names = visitor.humans(spec).casefold(), spec.humans.casefold()
        begin = visitor.gettext("New: %(model)s", model=visitor.human(spec))
        fits = any(wanted in one for one in names)
        if fits:
            named = wanted in (*names, visitor.human(spec).casefold(), spec.human.casefold())
            yield Place(visitor.humans(spec), spec.path, ICONS.get(spec.label, spec.resource.icon), named)
        if text and (fits or _says(begin, wanted)) and spec.plugin != KERNEL and may(visitor, spec, "create"):
            yield Place(begin, f"{spec.path}/new", "plus", begins=True)
    for one in tools(visitor):
        if wanted in one.text.casefold():
            yield Place(one.text, one.href, one.icon, wanted == one.text.casefold())


def _says(title: str, wanted: str) -> bool:
    """Whether a title holds all words, so that `new lead` finds what begins a lead."""
    return all(word in title.casefold() for word in wanted.split())
