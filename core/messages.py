"""All that people are shown in words: written in the code and the templates, and derived from the declarations."""

from __future__ import annotations

import ast
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from core.actions import OTHERWISE, Action
from core.errors import Conflict, NotFound, Unauthenticated
from core.fields import Traits
from core.languages import ENGLISH, LANGUAGES
from core.model import Model, declared_fields
from core.notices import kinds
from core.registry import VERBS, ModelSpec, Registry, choice_labels
from core.roles import Share

Message: TypeAlias = str | tuple[str, str]

TEMPLATES: Any = (("**.html", babel_extract),)
SPOKEN = frozenset({"_", "N_", "Problem", "Refused", "TooLarge", "fault", "gettext"})
COUNTED = "ngettext"
EMITTED = "emit"
VARIABLE = "message"
ASKED = ("label", "help")
"""What plugins say of the fields that their pages ask for."""


def written(folder: Path, keywords: Collection[str] = ()) -> set[Message]:
    """The messages in the Python code and the templates of a package; `keywords`: arguments that are messages, too."""
    found: set[Message] = set()
    for path in folder.rglob("*.py"):
        found |= spoken_in(path.read_text(encoding="utf-8"), keywords)
    templates = extract_from_dir(folder, method_map=TEMPLATES)
    return found | {one if isinstance(one, str) else (one[0], one[1]) for _, _, one, _, _ in templates}


def spoken_in(source: str, keywords: Collection[str] = ()) -> set[Message]:
    """The messages of some Python code: the first text of calls that speak, and what a variable `message` is set to.

    Arguments named by `keywords` are messages as well.

    An event that is emitted (`breach`) stands in the history under its name.

    Of a text chosen by a condition both are found.
    """
    found: set[Message] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in keywords:
            found.update(_texts(node.value))
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SPOKEN:
                found.update(_texts(node.args[0]))
            elif name == EMITTED and len(node.args) > 1:
                found.update(_human(one) for one in _texts(node.args[1]))
            elif name == COUNTED:
                one, many = ("".join(_texts(argument)) for argument in node.args[:2])
                found |= {(one, many)} if one else set()
        elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == VARIABLE for one in node.targets):
            found.update(_texts(node.value))
    return found


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))


def derived(registry: Registry) -> dict[str, set[Message]]:
    """The messages that follow from the declarations, by plugin: names, labels, helps, choices, actions, roles."""
    found: dict[str, set[Message]] = defaultdict(set)
    for model in (Model, Share):
        for field in declared_fields(model).values():
            found["core"].update(_traits(field.traits))
    found["core"].update(verb.capitalize() for verb in VERBS)
    found["core"].add(OTHERWISE)
    found["core"].update(map(str, (Conflict({}, {}), NotFound(), Unauthenticated())))
    for plugin in registry.plugins:
        found[plugin.name].add(_human(plugin.name))
    for spec in registry.surfaced():
        found[spec.plugin].update(_model(spec))
        for back in spec.backs.values():
            found[registry.models[back.source].plugin].add(_human(back.name))
        for computed in spec.computed.values():
            found[computed.plugin] |= {_human(computed.name), computed.help}
    for name, messages in _hooks(registry):
        found[name].update(messages)
    return {plugin: {one for one in messages if one} for plugin, messages in found.items()}


def _hooks(registry: Registry) -> Iterator[tuple[str, Iterable[str]]]:
    """What plugins declare by hooks."""
    for name, label in kinds(registry).values():
        yield name, (label,)
    for name, role in registry.declared("tradepost_roles"):
        yield name, (role.name, role.help)
    for name, panel in registry.declared("tradepost_dashboard"):
        yield name, (panel.title,)
    for name, page in registry.declared("tradepost_pages"):
        yield name, (page.menu,)
    for name, inset in registry.declared("tradepost_panels"):
        yield name, (inset.title,)
    for name, option in registry.declared("tradepost_settings"):
        yield name, _traits(option.traits)


def _model(spec: ModelSpec) -> Iterator[str]:
    yield from (spec.human, spec.humans, spec.help)
    yield from spec.resource.form
    yield from chain.from_iterable(_traits(field.traits) for field in spec.own.values())
    yield from chain.from_iterable(_action(action) for action in spec.actions.values())


def _action(action: Action) -> Iterator[str]:
    yield from (action.label, action.help, _human(action.permission))
    if action.otherwise != OTHERWISE:
        yield action.otherwise
    yield from chain.from_iterable(_traits(traits) for traits in action.inputs.values())


def _traits(traits: Traits) -> Iterator[str]:
    yield from (traits.label, traits.help)
    if traits.choices:
        yield from choice_labels(traits.choices).values()


def _human(name: str) -> str:
    return name.replace("_", " ").capitalize()


def catalogue_path(folder: Path, language: str) -> Path:
    """Where a package keeps its translations into a language."""
    return folder / "locale" / language / "LC_MESSAGES" / "messages.po"


def updated(path: Path, language: str, messages: Iterable[Message]) -> bytes:
    """The catalogue at a path with exactly these messages, keeping the translations that it has."""
    catalogue = Catalog(locale=language, fuzzy=False)
    known = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.is_file() else catalogue
    for message in sorted(messages, key=str):
        kept = known.get(message[0] if isinstance(message, tuple) else message)
        catalogue.add(message, string=kept.string if kept and not kept.fuzzy else None)
    catalogue.header_comment = ""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, no_location=True, omit_header=True)
    return buffer.getvalue()


def translated_languages() -> tuple[str, ...]:
    """The languages that have catalogues: all but English, which the messages are written in."""
    return tuple(language for language in LANGUAGES if language != ENGLISH)
