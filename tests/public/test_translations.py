"""Every message is translated into Chinese and Korean, and says the same there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.boot import boot
from core.languages import catalogues_in, folder_of, load_languages, read_catalogue
from core.messages import ASKED, Message, catalogue_path, derived, translated_languages, updated, written
from core.plugin import Plugin
from core.registry import Registry
from tradepost.discovery import BUILT_IN

ROOT = Path(__file__).parents[2]
ROOMS = ("schema", "search", "ui")
SAME = Path(__file__).with_name("same_as_english.txt")
PLACE = re.compile(r"%\(\w+\)s")


@dataclass(frozen=True)
class Package:
    """A package with messages."""

    folder: Path
    messages: frozenset[Message]

    def __str__(self) -> str:
        return str(self.folder.relative_to(ROOT))


def _spoken(plugin: Plugin, folder: Path) -> set[Message]:
    return written(folder, () if plugin.name == "core" else ASKED)


def packages() -> Iterator[Package]:
    registry: Registry = boot(BUILT_IN)
    from_declarations: Mapping[str, set[Message]] = derived(registry)
    for room in ROOMS:
        yield Package(ROOT / room, frozenset(written(ROOT / room)))
    for plugin in registry.plugins:
        folder = folder_of(plugin)
        assert folder is not None
        yield Package(folder, frozenset(_spoken(plugin, folder) | from_declarations[plugin.name]))


PACKAGES = [package for package in packages() if package.messages]
same_as_english = {line for line in SAME.read_text(encoding="utf-8").splitlines() if not line.startswith("#")}


def forms_of(message: Message) -> tuple[str, ...]:
    return message if isinstance(message, tuple) else (message,)


@pytest.mark.parametrize("language", translated_languages())
@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_every_message_is_translated(package: Package, language: str) -> None:
    known = catalogues_in(package.folder / "locale")[language].messages
    assert sorted(forms_of(one)[0] for one in package.messages if forms_of(one)[0] not in known) == []


@pytest.mark.parametrize("language", translated_languages())
@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_a_translation_is_the_same_as_english_only_where_the_list_says_so(package: Package, language: str) -> None:
    known = read_catalogue(catalogue_path(package.folder, language), language).messages
    assert sorted(one for one, forms in known.items() if one in forms and one not in same_as_english) == []


@pytest.mark.parametrize("language", translated_languages())
@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_a_translation_fills_the_same_places(package: Package, language: str) -> None:
    known = read_catalogue(catalogue_path(package.folder, language), language).messages
    plurals = {one[0]: one for one in package.messages if isinstance(one, tuple)}
    wrong = [
        one
        for one, forms in known.items()
        for form in forms
        if set(PLACE.findall(form)) != {place for each in plurals.get(one, (one,)) for place in PLACE.findall(each)}
    ]
    assert wrong == []


@pytest.mark.parametrize("language", translated_languages())
@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_catalogues_hold_what_the_code_says_and_nothing_else(package: Package, language: str) -> None:
    path = catalogue_path(package.folder, language)
    assert path.read_bytes() == updated(path, language, package.messages), "run scripts/messages"


def test_the_list_of_what_stays_english_holds_only_what_is_needed() -> None:
    messages = {forms_of(one)[0] for package in PACKAGES for one in package.messages}
    assert sorted(same_as_english - messages) == []


def test_the_words_of_a_plugin_are_shown_in_the_readers_language() -> None:
    languages = load_languages(boot(BUILT_IN).plugins, {"ui": ROOT / "ui"})
    assert languages.translate("zh_Hans", "Opportunity", domain="sales") == "商机"
    assert languages.translate("ko", "Opportunity", domain="sales") == "영업 기회"
    assert languages.translate("zh_Hans", "Owner", domain="sales") == "负责人"
    assert languages.translate("ko", "Sign in", domain="ui") == "로그인"
    assert languages.ngettext("zh_Hans", "%(shown)s record", "%(shown)s records", 2, shown="2") == "2 条记录"
