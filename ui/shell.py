"""What stands around every page: the menu, the places at the bottom of a phone, the message of the last page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

import orjson

from core.looks import Look
from core.pages import path_of
from core.registry import ModelSpec
from ui.words import N_

if TYPE_CHECKING:
    from ui.visitor import Visitor

KERNEL = "core"
ICONS = {"core.user": "users", "core.department": "network", "core.role": "shield-check"}
MOST_PLACES = 3
LOOK = "look"
SPOKEN_BY_SCRIPT = (
    N_("Not sent: the server does not answer"),
    N_("Something went wrong on our side"),
    N_("%(count)s selected"),
    N_("Nothing found"),
    N_("Uploading…"),
    N_("Moved back: %(reason)s"),
    N_("Saved"),
    N_("Undo"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu."""

    text: str
    href: str
    icon: str
    here: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of a plugin."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Toast:
    """A passing message, and the address that undoes what it tells of."""

    text: str
    undo: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every page."""

    tag: str
    look: Look
    company: str
    login: str
    here: str
    menu: tuple[Section, ...]
    places: tuple[Entry, ...]
    toast: Toast | None
    words: str


def shell(visitor: Visitor) -> Shell:
    """The surroundings of a visitor's page."""
    menu = tuple(_sections(visitor))
    places = tuple(one for section in menu for one in section.entries)[:MOST_PLACES]
    words = {message: visitor.gettext(message) for message in SPOKEN_BY_SCRIPT}
    return Shell(
        tag=visitor.formats.tag,
        look=look_of(visitor),
        company=visitor.company.name or "Tradepost",
        login=visitor.caller.policy.login,
        here=visitor.path,
        menu=menu,
        places=places,
        toast=visitor.toast,
        words=orjson.dumps(words).decode(),
    )


def look_of(visitor: Visitor) -> Look:
    """As the visitor set it, else as the last who signed in at this browser did."""
    return visitor.caller.policy.look or Look.of(visitor.request.cookies.get(LOOK, "").split("-"))


def listed(visitor: Visitor) -> Iterator[ModelSpec]:
    """The models in the menu of a visitor, in their order."""
    specs = [
        spec
        for spec in visitor.site.registry.surfaced()
        if spec.parent is None and spec.resource.menu is not None and may(visitor, spec, "read")
    ]
    yield from sorted(specs, key=lambda spec: spec.resource.menu or 0)


def may(visitor: Visitor, spec: ModelSpec, verb: str) -> bool:
    """Whether the visitor has the permission for a verb at all; what is only ever added to has no forms."""
    if spec.meta.append_only and verb in ("create", "update", "archive", "import"):
        return False
    return visitor.caller.allows(visitor.site.registry.permission(spec, verb))


def _sections(visitor: Visitor) -> Iterator[Section]:
    by_plugin: dict[str, list[tuple[int, Entry]]] = {}
    for spec in listed(visitor):
        here = visitor.path == spec.path or visitor.path.startswith(f"{spec.path}/")
        icon = ICONS.get(spec.label, spec.resource.icon)
        by_plugin.setdefault(spec.plugin, []).append(
            (spec.resource.menu or 0, Entry(visitor.humans(spec), spec.path, icon, here))
        )
    for plugin, page in visitor.site.registry.declared("tradepost_pages"):
        if page.menu and (not page.permission or visitor.caller.allows(page.permission)):
            href = path_of(plugin, page)
            entry = Entry(visitor.word(plugin, page.menu), href, page.icon, visitor.path == href)
            by_plugin.setdefault(plugin, []).append((page.place, entry))
    needed_first = {plugin.name: place for place, plugin in enumerate(visitor.site.registry.plugins)}
    placed = {
        plugin: [entry for _, entry in sorted(found, key=itemgetter(0))]
        for plugin, found in sorted(by_plugin.items(), key=lambda one: needed_first.get(one[0], -1))
    }
    administration = [*placed.pop(KERNEL, []), *_administration(visitor)]
    for plugin, entries in placed.items():
        yield Section(visitor.word(plugin, plugin.replace("_", " ").capitalize()), tuple(entries))
    if administration:
        yield Section(visitor.gettext("Administration"), tuple(administration))


def tools(visitor: Visitor) -> Iterator[Entry]:
    """The places of the menu that are no lists."""
    pages = ((N_("Home"), "/", "house"), (N_("Recycle bin"), "/bin", "trash-2"))
    mine = ((N_("My settings"), "/settings", "circle-user"), (N_("Style guide"), "/_ui", "palette"))
    for text, href, icon in (*pages, *mine):
        yield Entry(visitor.gettext(text), href, icon, visitor.path == href)
    yield from _administration(visitor)


def _administration(visitor: Visitor) -> Iterator[Entry]:
    if visitor.caller.allows("core.custom_field.read"):
        href = "/admin/fields"
        yield Entry(visitor.gettext("Custom fields"), href, "sliders-horizontal", visitor.path.startswith(href))
    if visitor.caller.policy.everything:
        pages = ((N_("Company"), "/admin/company", "building-2"), (N_("Audit log"), "/admin/audit", "scroll-text"))
        for text, href, icon in pages:
            yield Entry(visitor.gettext(text), href, icon, visitor.path == href)
