"""Catalogues: read, merged, asked; the messages that go into them; the language that a browser wants."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import pytest

from core.access import Scope
from core.actions import action
from core.boot import boot
from core.fields import choice, text
from core.hooks import RoleDefault, hookimpl
from core.languages import Languages, catalogues_in, folder_of, load_languages, negotiate, tag
from core.messages import catalogue_path, derived, updated, written
from core.model import Model
from core.plugin import Plugin
from core.resource import Resource

CHINESE = """
msgid "Lead"
msgstr "线索"

msgid "Only %(count)s left"
msgstr "只剩 %(count)s 个"

msgid "%(count)s record"
msgid_plural "%(count)s records"
msgstr[0] "%(count)s 条记录"

#, fuzzy
msgid "Owner"
msgstr "主人"

msgid "Stage"
msgstr ""
"""
VISITS = """
msgid "Lead"
msgstr "领队"

msgid "Route"
msgstr "路线"
"""


def catalogue(folder: Path, content: str, language: str = "zh_Hans") -> Path:
    path = catalogue_path(folder, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def languages(tmp_path: Path) -> Languages:
    folders = {"sales": CHINESE, "visits": VISITS}
    return Languages({name: catalogue(tmp_path / name, content) for name, content in folders.items()})


def test_a_message_is_translated_and_its_places_are_filled(languages: Languages) -> None:
    assert languages.translate("zh_Hans", "Lead") == "线索"
    assert languages.translate("zh_Hans", "Only %(count)s left", count=3) == "只剩 3 个"


@pytest.mark.parametrize("message", ["Stage", "Owner", "Never heard of"])
def test_what_nobody_translated_is_english(languages: Languages, message: str) -> None:
    assert languages.translate("zh_Hans", message) == message
    assert languages.translate("ko", message) == message
    assert languages.translate("tlh", message) == message


def test_a_percent_sign_is_no_place_where_there_are_no_values(languages: Languages) -> None:
    assert languages.translate("en", "100 % of %(count)s") == "100 % of %(count)s"


def test_counts_choose_the_form_of_the_language(languages: Languages) -> None:
    def told(language: str, count: int) -> str:
        return languages.ngettext(language, "%(count)s record", "%(count)s records", count)

    assert (told("en", 1), told("en", 0), told("en", 5)) == ("1 record", "0 records", "5 records")
    assert (told("zh_Hans", 1), told("zh_Hans", 5)) == ("1 条记录", "5 条记录")


def test_the_domain_comes_first_then_the_order_of_packages(languages: Languages) -> None:
    assert languages.translate("zh_Hans", "Lead", domain="visits") == "领队"
    assert languages.translate("zh_Hans", "Lead", domain="sales") == "线索"
    assert languages.translate("zh_Hans", "Lead") == "线索"
    assert languages.translate("zh_Hans", "Route", domain="sales") == "路线"


def test_a_package_without_catalogues_is_no_fault(tmp_path: Path) -> None:
    assert catalogues_in(tmp_path / "locale") == {}
    assert load_languages([Plugin("empty")], {"ui": tmp_path}).translate("ko", "Save") == "Save"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "en"),
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans"),
        ("zh-Hans-CN", "zh_Hans"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("de-DE,de;q=0.9", "en"),
        ("de, ko;q=0.4, zh;q=0.5", "zh_Hans"),
        ("zh;q=0, ko;q=0.1", "ko"),
        ("KO", "ko"),
        ("zh;q=high, en", "en"),
        ("*", "en"),
        (",;=,;q=2,", "en"),
    ],
)
def test_the_browsers_language(header: str | None, expected: str) -> None:
    assert negotiate(header) == expected


def test_the_tag_of_a_language() -> None:
    assert (tag("zh_Hans"), tag("ko")) == ("zh-Hans", "ko")


def test_messages_are_found_in_code_and_templates(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "code.py").write_text(
        'raise Refused("Too many", field="x")\n_("Save")\nngettext("%(count)s row", "%(count)s rows", n)\nother("No")\n'
        'message = "One line" if x else f"No"\nRefused("Short" if x else "Long")\nngettext(one, many, 3)\n'
        'self.fault("Bad")\n'
    )
    (tmp_path / "templates" / "page.html").write_text('<b>{{ _("Search") }}</b>{% trans %}Hello{% endtrans %}')
    assert written(tmp_path) == {"Too many", "Save", ("%(count)s row", "%(count)s rows"), "Search", "Hello"} | {
        *("One line", "Short", "Long", "Bad"),
    }


class Tier(Enum):
    BASIC = "basic"
    VERY_GOLD = "very_gold"


class Card(Model):
    """A loyalty card.

    More for developers.
    """

    number = text(label="Card number", help="Printed on it")
    tier = choice(Tier)


class Cards(Resource[Card]):
    @action(permission="award")
    async def award_points(self, work, card: Card, points: int) -> Card:
        """Add points."""
        raise NotImplementedError


class Roles:
    @hookimpl
    def tradepost_roles(self):
        return [RoleDefault("Clerk", "Keeps cards", (("loyalty.card.read", Scope.OWN),))]


def test_messages_follow_from_the_declarations() -> None:
    registry = boot([Plugin("loyalty", models=[Card], resources=[Cards], hooks=[Roles()])])
    found = derived(registry)
    assert found["loyalty"] == {
        *("Card", "Cards", "A loyalty card.", "Card number", "Printed on it", "Tier", "Basic", "Very gold"),
        *("Award points", "Add points.", "Award", "Points", "Clerk", "Keeps cards", "Loyalty"),
    }
    assert {"Owner", "Created at", "Export", "Department", "Job title", "Please sign in", "Not found"} <= {
        str(one) for one in found["core"]
    }


def test_updating_a_catalogue_keeps_translations_and_drops_what_is_gone(tmp_path: Path) -> None:
    path = catalogue_path(catalogue(tmp_path, CHINESE), "zh_Hans")
    content = updated(path, "zh_Hans", {"Lead", "New", ("%(count)s record", "%(count)s records")}).decode()
    assert content == (
        '#, python-format\nmsgid "%(count)s record"\nmsgid_plural "%(count)s records"\nmsgstr[0] "%(count)s 条记录"\n\n'
        'msgid "Lead"\nmsgstr "线索"\n\nmsgid "New"\nmsgstr ""\n\n'
    )
    path.write_text(content, encoding="utf-8")
    assert updated(path, "zh_Hans", {"Lead", "New", ("%(count)s record", "%(count)s records")}).decode() == content


def test_the_folder_of_a_plugin() -> None:
    assert folder_of(Plugin("loyalty", models=[Card])) == Path(__file__).parent
    assert folder_of(Plugin("empty")) is None
