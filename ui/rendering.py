"""Templates: one environment for each language, so that a template is compiled with its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from core.languages import LANGUAGES, Languages
from ui.static_files import StaticTree

FOLDER = Path(__file__).parent
TEMPLATES = FOLDER / "templates"
DOMAIN = "ui"


def initials(name: str) -> str:
    """Two letters for an avatar: of a Chinese or Korean name the last two, else the first of the first two words."""
    words = name.split()
    if not words:
        return "?"
    if re.match(r"[぀-鿿가-힣]", name):
        return "".join(words)[-2:]
    return "".join(word[0] for word in words[:2]).upper()


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
    )
    install: Callable[..., None] = env.install_gettext_callables  # type: ignore[attr-defined]  # the extension adds it
    install(
        lambda message: languages.translate(language, message, domain=DOMAIN),
        lambda one, many, count: languages.ngettext(language, one, many, count, domain=DOMAIN),
        newstyle=True,
    )
    env.globals["static"] = static.address
    env.filters["initials"] = initials
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
