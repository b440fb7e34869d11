"""Searching everything: the page, and the palette that also knows the places of the menu."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from core.errors import SearchUnavailable
from core.finder import Found
from core.registry import ModelSpec
from ui.cells import address
from ui.shell import ICONS, KERNEL, listed, may, tools
from ui.visitor import Visitor

HITS = 40
QUICK = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A found record."""

    title: str
    href: str
    icon: str
    kind: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go."""

    title: str
    href: str
    icon: str
    named: bool = False


async def show_search(visitor: Visitor) -> Response:
    """The search page; as a fragment the content of the palette."""
    text = visitor.request.query_params.get("q", "").strip()
    failed = False
    found: list[Found] = []
    try:
        found = await visitor.site.kernel.finder.find(visitor.caller, text, limit=QUICK if visitor.scripted else HITS)
    except SearchUnavailable:
        failed = True
    if not found:  # else reading them has told that the visitor is still there
        visitor = await visitor.proven()
    return visitor.page(
        "search.html",
        block="results",
        text=text,
        failed=failed,
        hits=[_hit(visitor, one) for one in found],
        places=sorted(_places(visitor, text), key=lambda one: not one.named),
    )


def _hit(visitor: Visitor, found: Found) -> Hit:
    spec: ModelSpec = visitor.site.spec(found.label)
    return Hit(found.title, address(spec, found.id), spec.resource.icon, visitor.human(spec), found.snippet)


def _places(visitor: Visitor, text: str) -> Iterator[Place]:
    """Where the menu leads that has the words in its name, and the forms of new records; `named` is what is meant."""
    wanted = text.casefold()
    for spec in listed(visitor):
        names = visitor.humans(spec).casefold(), spec.humans.casefold()
        if any(wanted in one for one in names):
            named = wanted in (*names, visitor.human(spec).casefold(), spec.human.casefold())
            yield Place(visitor.humans(spec), spec.path, ICONS.get(spec.label, spec.resource.icon), named)
            if text and spec.plugin != KERNEL and may(visitor, spec, "create"):
                yield Place(visitor.gettext("New: %(model)s", model=visitor.human(spec)), f"{spec.path}/new", "plus")
    for one in tools(visitor):
        if wanted in one.text.casefold():
            yield Place(one.text, one.href, one.icon, wanted == one.text.casefold())
