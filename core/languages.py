"""Languages: what people read, translated by gettext catalogues that stand beside the code they belong to."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from core.labels import Label
from core.plugin import Plugin

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "zh_Hans": "简体中文", "ko": "한국어"}

_BY_SUBTAG: Mapping[str, str] = {name.partition("_")[0]: name for name in LANGUAGES}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The translations of one package into one language: each message with its forms, one or several."""

    language: str
    messages: Mapping[str, tuple[str, ...]]


Words: TypeAlias = tuple[Mapping[str, Mapping[str, tuple[str, ...]]], Mapping[str, tuple[str, ...]]]
"""Of one language: the messages of each domain with their forms, and those of all domains."""


@lru_cache(maxsize=256)
def read_catalogue(path: Path, language: str) -> Catalogue:
    """The finished translations of a `.po` file; fuzzy and empty ones are left out."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    messages: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        forms = _forms(message)
        if message.id and all(forms) and not message.fuzzy:
            messages[message.id if isinstance(message.id, str) else message.id[0]] = forms
    return Catalogue(language, messages)


def _forms(message: Message) -> tuple[str, ...]:
    text: str | Sequence[str] | None = message.string
    return (text,) if isinstance(text, str) else tuple(text or ("",))


@cache
def catalogues_in(folder: Path) -> dict[str, Catalogue]:
    """The catalogues of a `locale` folder by language; of a folder that is not there: none."""
    paths = {language: folder / language / "LC_MESSAGES" / "messages.po" for language in LANGUAGES}
    return {language: read_catalogue(path, language) for language, path in paths.items() if path.is_file()}


class Languages:
    """The translations of all packages, merged: the first package that translates a message wins.

    `folders` are those of the packages by their names, the domains; each has a `locale`. A message asked for in a
    domain is taken from there first.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = folders
        self._read: dict[str, Words] = {}

    def read(self, language: str) -> Words:
        """The words of a language; read when first asked for, since that takes longer than most commands do."""
        if language not in self._read:
            found = {name: catalogues_in(folder / "locale").get(language) for name, folder in self._folders.items()}
            domains = {name: one.messages for name, one in found.items() if one}
            merged: dict[str, tuple[str, ...]] = {}
            for messages in domains.values():
                merged = {**messages, **merged}
            self._read[language] = domains, merged
        return self._read[language]

    def translate(self, language: str, message: str, /, *, domain: str = "", **values: object) -> str:
        """A message in a language, its `%(name)s` places filled from `values`; English where nobody translated it."""
        if isinstance(message, Label) and (told := message.told(language)):
            return told
        forms = self._forms(language, message, domain)
        return _filled(forms[0] if forms else message, values)

    def ngettext(self, language: str, one: str, many: str, count: int, /, *, domain: str = "", **values: object) -> str:
        """The form of a message for a count, which also fills `%(count)s`: "%(count)s record", "%(count)s records"."""
        forms = self._forms(language, one, domain) or (one, many)
        return _filled(forms[0] if count == 1 else forms[-1], {"count": count, **values})

    def _forms(self, language: str, message: str, domain: str) -> tuple[str, ...] | None:
        domains, merged = self.read(language)
        own = domains.get(domain, {}).get(message) if domain else None
        return own or merged.get(message)


def _filled(text: str, values: Mapping[str, object]) -> str:
    return text % values if values else text


def folder_of(plugin: Plugin) -> Path | None:
    """The folder in which a plugin's package lies; `None` for one that declares nothing."""
    package = sys.modules.get(plugin.package)
    places = getattr(package, "__path__", None)
    if places:
        return Path(next(iter(places)))
    file = getattr(package, "__file__", None)
    return Path(file).parent if file else None


def load_languages(plugins: Iterable[Plugin], rooms: Mapping[str, Path]) -> Languages:
    """The languages of the rooms of Tradepost (`{"ui": folder}`) and of plugins, each with its `locale` folder."""
    folders = {**rooms, **{plugin.name: folder for plugin in plugins if (folder := folder_of(plugin))}}
    return Languages(folders)


def tag(language: str) -> str:
    """The name of a language as HTML and HTTP write it: `zh-Hans`."""
    return language.replace("_", "-")


def negotiate(header: str | None) -> str:
    """The language of ours that a browser's `Accept-Language` prefers; English when it names none."""
    for name in _preferred(header or ""):
        found = _BY_SUBTAG.get(name.partition("-")[0])
        if found:
            return found
    return ENGLISH


def _preferred(header: str) -> Sequence[str]:
    """The languages of a header, the most wanted first, without those that are refused (`q=0`)."""
    weighed: list[tuple[float, str]] = []
    for part in header.lower().split(","):
        name, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if 0 < weight <= 1:
            weighed.append((-weight, name.strip()))
    return [name for _, name in sorted(weighed, key=lambda pair: pair[0])]
