"""Templates: one environment for each language, with its words; a template is compiled once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.bccache import Bucket

from core.languages import LANGUAGES, Languages
from ui.drawing import drawn, drawn_cells, icon, initials
from ui.programs import program_name
from ui.static_files import StaticTree
from ui.words import FOLDER

TEMPLATES = FOLDER / "templates"
DOMAIN = "ui"


class Compiled(BytecodeCache):
    """What templates were compiled to in this process, for every language: words are looked up as they are said."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what the same text was compiled to before."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a template was compiled to."""
        if bucket.code:
            self._kept[bucket.key] = bucket.checksum, bucket.code


COMPILED = Compiled()


def heads(columns: Iterable[Any]) -> list[tuple[str, str]]:
    """The classes and labels of a table's cells, from its columns; the first names the record."""
    found = [("number" if one.number else "", str(one.label)) for one in columns]
    return [("first", label) if index == 0 else (css, label) for index, (css, label) in enumerate(found)]


def environment(language: str, languages: Languages, static: StaticTree, folders: Mapping[str, Path]) -> Environment:
    """The environment of one language; `folders` are the templates of plugins by name (`visits/plan.html`)."""
    plugins = {name: FileSystemLoader(folder) for name, folder in folders.items()}
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(TEMPLATES), PrefixLoader(plugins)]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=COMPILED,
    )
    install: Callable[..., None] = env.install_gettext_callables  # type: ignore[attr-defined]  # the extension adds it
    languages.read(language)
    install(
        lambda message: languages.translate(language, message, domain=DOMAIN),
        lambda one, many, count: languages.ngettext(language, one, many, count, domain=DOMAIN),
        newstyle=True,
    )
    env.globals["static"] = static.address
    env.globals["drawn"] = drawn
    env.globals["drawn_cells"] = drawn_cells
    env.globals["drawn_icon"] = partial(icon, static.address("icons.svg"))
    env.filters["initials"] = initials
    env.filters["heads"] = heads
    env.filters["program_name"] = program_name
    env.globals["ui"] = env.get_template("ui.html").module
    return env


class Renderer:
    """Renders templates and single blocks of them."""

    def __init__(self, languages: Languages, static: StaticTree, folders: Mapping[str, Path]) -> None:
        self.static = static
        self.languages = languages
        self._environments = {one: environment(one, languages, static, folders) for one in LANGUAGES}

    def page(self, language: str, template: str, values: Mapping[str, Any]) -> str:
        """A whole page."""
        return self._environments[language].get_template(template).render(values)

    def block(self, language: str, template: str, block: str, values: Mapping[str, Any]) -> str:
        """One block of a page: a fragment."""
        found = self._environments[language].get_template(template)
        return "".join(found.blocks[block](found.new_context(dict(values))))
