"""Boot: whatever does not fit together is named, with the plugin and the remedy, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest

from core.actions import action
from core.boot import boot
from core.dashboard import Panel
from core.errors import BootError
from core.fields import Field, choice, integer, money, text
from core.hooks import hookimpl
from core.links import link
from core.model import Meta, Model
from core.plugin import Plugin
from core.resource import Resource, extend
from core.users import User


class Card(Model):
    """A card."""

    number = text(32)
    worth = money()


class Cards(Resource[Card]):
    """How cards are shown."""


def model(**fields: Any) -> type[Model]:
    """A model of some fields."""
    return type("Thing", (Model,), {**fields, "__module__": __name__, "__doc__": "A thing."})


def resource(of: type[Model] = Card, **attributes: object) -> type[Resource[Any]]:
    """A resource of some attributes."""

    class Shown(Resource[of]):  # type: ignore[valid-type]  # the model is made by the test
        """How it is shown."""

    for name, value in attributes.items():
        setattr(Shown, name, value)
    return Shown


def faults_of(*plugins: Plugin) -> tuple[str, ...]:
    """What boot says of some plugins."""
    with pytest.raises(BootError) as refused:
        boot(plugins)
    return refused.value.faults


class Loud(Enum):
    """Values that are not their names in lower case."""

    ONE = "first"


@action()
async def odd(self: object, work: object, card: Card, things: dict[str, str]) -> Card:
    """Takes what no form can ask for."""
    return card


@action()
async def update(self: object, work: object, card: Card) -> Card:
    """Has the name of a verb."""
    return card


class Stray(Model):
    """A model that no plugin lists."""

    name = text()


@action()
async def swap(self: object, work: object, card: Card, other: Stray) -> Card:
    """Takes a record of a model that is not there."""
    return card


@action()
async def put_away(self: object, work: object, card: Card) -> Card:
    """Goes by another name."""
    return card


@action()
async def pick(self: object, work: object, card: Card, id: str) -> Card:  # the fault that is looked for
    """Takes what every mutation takes."""
    return card


@action()
async def check(self: object, work: object, card: Card) -> Card:
    """Has the name of a hook of resources."""
    return card


def hooks(**answers: Sequence[object]) -> SimpleNamespace:
    """A module whose hooks return what is given."""
    told = {name: hookimpl(lambda answer=answer: answer) for name, answer in answers.items()}
    return SimpleNamespace(__name__="hooks", **told)


FAULTY: Sequence[tuple[str, Plugin, str]] = (
    ("name", Plugin("My-Shop", models=[Card]), "My-Shop: a plugin's name is lower case"),
    ("reserved name", Plugin("search", models=[Card]), "search: a plugin's name is lower case"),
    ("missing need", Plugin("shop", needs=["sales"]), "shop: needs sales, which is not installed"),
    ("old need", Plugin("shop", needs=["core>=99"]), "shop: needs core 99 or newer, but 1.0 is installed"),
    ("listed twice", Plugin("shop", models=[Card, Card]), "shop: shop.card is listed twice"),
    ("field name", Plugin("shop", models=[model(Name=text())]), "shop.thing.Name: a field's name is lower case"),
    ("field suffix", Plugin("shop", models=[model(owner_id=text())]), "does not end in _folded or _id"),
    ("word of SQL", Plugin("shop", models=[model(order=text())]), "shop.thing.order: order is a word of SQL"),
    ("unknown target", Plugin("shop", models=[model(card=link(Card))]), "links to Card, which no plugin lists"),
    (
        "choice values",
        Plugin("shop", models=[model(loud=choice(Loud))]),
        "the value of a choice is its name",
    ),
    (
        "back link",
        Plugin("shop", models=[model(who=link(User, back="name"))]),
        "names its back link name, as",
    ),
    ("meta", Plugin("shop", models=[model(meta=Meta(title="nothing"))]), "the meta of shop.thing names nothing"),
    ("order", Plugin("shop", models=[model(meta=Meta(order=("-no",)))]), "the meta of shop.thing names no"),
    (
        "columns",
        Plugin("shop", models=[Card], resources=[resource(columns=("no.such",))]),
        "names no.such, which",
    ),
    ("board", Plugin("shop", models=[Card], resources=[resource(board="number")]), "is by number, which is neither"),
    ("amount", Plugin("shop", models=[Card], resources=[resource(amount="number")]), "is number, which is no money"),
    (
        "related",
        Plugin("shop", models=[Card], resources=[resource(related=("x",))]),
        "relates x, which is no back",
    ),
    ("two resources", Plugin("shop", models=[Card], resources=[Cards, resource()]), "are for Card; keep one"),
    ("not listed", Plugin("shop", resources=[Cards]), "Cards is for Card, which the plugin does not list"),
    ("action's form", Plugin("shop", models=[Card], resources=[resource(odd=odd)]), "a type that no form can ask for"),
    ("action's name", Plugin("shop", models=[Card], resources=[resource(update=update)]), "has the name of a verb"),
    ("extends", Plugin("shop", models=[Card], extends=[Card]), "Card is listed in extends but has no @extend"),
    ("hook", Plugin("shop", hooks=[SimpleNamespace(__name__="hooks")], needs=["gone"]), "needs gone, which is not"),
    ("system field", Plugin("shop", models=[model(owner=text())]), "shop.thing.owner: every model has owner already"),
    ("method", Plugin("shop", models=[model(value=text())]), "shop.thing.value: every model has value already"),
    (
        "part of no link",
        Plugin("shop", models=[model(number=text(required=True), meta=Meta(part_of="number"))]),
        "shop.thing is a part of number, which is no link",
    ),
    (
        "action on an unlisted model",
        Plugin("shop", models=[Card], resources=[resource(swap=swap)]),
        "the action swap of shop.card takes other, a Stray, which no plugin lists",
    ),
    (
        "action's case",
        Plugin("shop", models=[Card], resources=[resource(putAway=put_away)]),
        "the action putAway of shop.card is not in lower case",
    ),
    (
        "action's input",
        Plugin("shop", models=[Card], resources=[resource(pick=pick)]),
        "the action pick of shop.card takes id; write it in lower case, unlike id",
    ),
    (
        "action's name is a resource's",
        Plugin("shop", models=[Card], resources=[resource(check=check)]),
        "the action check of shop.card has the name of what every resource has",
    ),
    (
        "panel's model",
        Plugin("shop", hooks=[hooks(tradepost_dashboard=[Panel("Cards", Card)])]),
        "shop: the panel Cards is of Card, which no plugin lists",
    ),
    (
        "panel's figure",
        Plugin("shop", models=[Card], hooks=[hooks(tradepost_dashboard=[Panel("Cards", Card, figure="wroth")])]),
        "shop: the panel Cards names wroth, which shop.card does not have",
    ),
    (
        "panel's query",
        Plugin("shop", models=[Card], hooks=[hooks(tradepost_dashboard=[Panel("Cards", Card, "owner=me&kind-not=a")])]),
        "shop: the panel Cards names kind, which shop.card does not have",
    ),
)


@pytest.mark.parametrize(("plugin", "said"), [one[1:] for one in FAULTY], ids=[one[0] for one in FAULTY])
def test_a_fault_is_named(plugin: Plugin, said: str) -> None:
    assert any(said in fault for fault in faults_of(plugin)), faults_of(plugin)


def test_all_faults_come_at_once() -> None:
    told = faults_of(Plugin("shop", needs=["a", "b"], models=[model(Big=text(), order=integer())]))
    assert len(told) == 4


def test_a_link_into_another_plugin_needs_it_named() -> None:
    other = Plugin("other", models=[model(card=link(Card))])
    assert faults_of(Plugin("shop", models=[Card]), other) == (
        "other: other.thing.card links to shop.card; add shop to needs",
    )


def test_an_extension_of_another_plugin_needs_it_named() -> None:
    @extend(Card)
    class Taking:
        """Adds nothing."""

    told = faults_of(Plugin("shop", models=[Card]), Plugin("guest", extends=[Taking]))
    assert told == ("guest: Taking extends shop.card; add shop to needs",)


def test_two_models_that_would_share_a_table_and_a_type_are_both_named() -> None:
    long, short = (type(name, (Model,), {"__doc__": "A ticket."}) for name in ("DeskTicket", "Ticket"))
    told = faults_of(Plugin("service", models=[long]), Plugin("service_desk", models=[short]))
    assert told == (
        "service_desk: service_desk.ticket and service.desk_ticket would both be ServiceDeskTicket; rename one",
    )


def test_a_hook_that_does_not_exist_is_laid_to_the_plugin_that_implements_it() -> None:
    wrong, right = hooks(tradepost_weather=[]), hooks(tradepost_roles=[])
    told = faults_of(Plugin("guest", hooks=[wrong]), Plugin("shop", hooks=[right]))
    assert told == ("guest: hooks implements tradepost_weather, which is no hook; correct it",)


def test_a_need_may_be_written_with_spaces() -> None:
    registry = boot([Plugin("shop", version="1.2"), Plugin("guest", needs=["shop >= 1.1"])])
    assert [one.name for one in registry.plugins] == ["core", "shop", "guest"]


def test_plugins_in_a_circle_are_refused() -> None:
    told = faults_of(Plugin("one", needs=["two"]), Plugin("two", needs=["one"]))
    assert told == ("one: needs itself by way of one → two → one; cut the circle",)


def test_an_extension_never_takes_a_name_that_is_there() -> None:
    @extend(Card)
    class Taking:
        def number(self, cards: Sequence[Card]) -> Sequence[str]:
            return [str(card.number) for card in cards]

    told = faults_of(Plugin("shop", models=[Card]), Plugin("thief", needs=["shop"], extends=[Taking]))
    assert told == ("thief: Taking adds number to shop.card, which shop already has; rename it",)


def test_an_extension_reads_what_there_is_and_says_what_it_returns() -> None:
    @extend(Card, reads=("nothing",))
    class Vague:
        def size(self, cards: Any) -> Any:
            return cards

    told = faults_of(Plugin("shop", models=[Card], extends=[Vague]))
    assert told == (
        "shop: Vague reads nothing, which shop.card does not have; correct it",
        "shop: Vague.size must say what it returns: -> Sequence[bool]",
    )


def test_an_extension_refuses_and_reacts_asynchronously() -> None:
    @extend(Card)
    class Hasty:
        def check(self, work: Any, before: Any, after: Any) -> None:
            """Refuse nothing."""

    told = faults_of(Plugin("shop", models=[Card], extends=[Hasty]))
    assert told == ("shop: Hasty.check is not asynchronous; write async def check(self, work, before, after)",)


@pytest.mark.parametrize("where", ["columns", "filters", "search"])
def test_lists_and_search_are_of_stored_fields_alone(where: str) -> None:
    @extend(Card, reads=("number",))
    class Sized:
        def is_long(self, cards: Sequence[Card]) -> Sequence[bool]:
            return [len(str(card.number)) > 8 for card in cards]

    shown = resource()
    setattr(shown, where, ("number", "is_long"))
    told = faults_of(Plugin("shop", models=[Card], resources=[shown], extends=[Sized]))
    assert told == ("shop: Shown names is_long, which is computed; name a stored field",)


def test_importing_and_booting_changes_no_declaration() -> None:
    plugin = Plugin("shop", models=[Card], resources=[Cards])
    first, second = boot([plugin]), boot([plugin])
    assert first is not second
    assert first.spec(Card) == second.spec(Card) or first.spec(Card).fields == second.spec(Card).fields
    assert isinstance(Card.number, Field)
