"""Pages of plugins that cannot be derived: where they are, who may see them, and what they are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

from core.access import Caller
from core.desk import Desk
from core.errors import Problem
from core.fields import Field
from core.files import Attachment
from core.model import Model
from core.money import Money
from core.work import Work

T = TypeVar("T")
Inputs: TypeAlias = Mapping[str, Field[Any]]


class Reply(Protocol):
    """An answer, made by `show`, `part`, `data` or `goto`."""

    status_code: int


@dataclass(frozen=True, slots=True)
class Entered:
    """What a form held: values by field where nothing is wrong, and what is wrong."""

    values: Mapping[str, Any]
    problems: Sequence[Problem]
    written: Mapping[str, tuple[str, str]]


class Visit(Protocol):
    """One request of a page: who asks, what for, what he may see, and the ways to answer."""

    @property
    def caller(self) -> Caller:
        """Who asks."""

    @property
    def desk(self) -> Desk:
        """Records, figures and settings, as the visitor may see them."""

    # What was asked

    def param(self, name: str) -> str:
        """A part of the page's path: `{address}`."""

    def id(self, name: str = "id") -> UUID:
        """A part of the page's path that is an id; `NotFound` for what is none."""

    def query(self, name: str, default: str = "") -> str:
        """A value of the address after its question mark."""

    async def sent(self, name: str) -> list[str]:
        """The values of a field of the form that was sent."""

    async def entered(self, inputs: Inputs) -> Entered:
        """Fields of the form that was sent, or of the address after its question mark, read like those of any form."""

    # Doing things

    async def run(self, body: Callable[[Work], Awaitable[T]]) -> T:
        """Code as one unit of work of the visitor."""

    async def attach(self, name: str, model: type[Model], record: UUID) -> list[Attachment]:
        """Attach the files of a field of the form that was sent to a record that the visitor may change."""

    async def receive(self, reason: str, body: Callable[[Work], Awaitable[T]]) -> T:
        """Of a public page: code as one unit of work of Tradepost itself, for somebody who is not signed in."""

    async def limit(self, name: str, most: int, minutes: int) -> None:
        """Of a public page: `Refused` when this address asked more often than that within some minutes."""

    # Words and forms

    def now(self) -> datetime:
        """The moment, in UTC."""

    def gettext(self, message: str, /, **values: object) -> str:
        """A message of the plugin in the visitor's language."""

    def number(self, value: Decimal | int) -> str:
        """A number as the visitor reads it."""

    def money(self, value: Money) -> str:
        """An amount as the visitor reads it."""

    def day(self, value: date) -> str:
        """A day as the visitor reads it."""

    def moment(self, value: datetime) -> str:
        """A time in the visitor's zone."""

    def local(self, value: datetime) -> datetime:
        """A time in the visitor's zone, to be computed with."""

    def address(self, model: type[Model], record: UUID | None = None, query: str = "") -> str:
        """The address of a record's page, or of the list of its model with a query (`status=new&owner=me`)."""

    def label(self, model: type[Model], path: str) -> str:
        """The label of a path of a model, or of the list behind a back link (`opportunities`)."""

    def word(self, model: type[Model], message: str) -> str:
        """A message of the plugin that a model is of: the English label of a choice."""

    def outside(self, path: str) -> str:
        """The full address of a page, for mail and other sites."""

    async def title(self, model: type[Model], record: UUID) -> str:
        """What a record is called; nothing where the visitor does not see it."""

    def controls(
        self, inputs: Inputs, entered: Entered | None = None, *, of: type[Model] | None = None
    ) -> Sequence[object]:
        """Fields to be drawn with `ui.field`, with what was written and what is wrong with it.

        Of fields of another plugin's model: `of` is the model whose words their labels and choices are.
        """

    # Answers

    def show(self, template: str, *, status: int = 200, part: str = "", **values: Any) -> Reply:
        """A page of the plugin's `templates` folder; of `part` only that block when htmx asks for a part."""

    def data(self, value: Any, status: int = 200) -> Reply:
        """A value as JSON."""

    def goto(self, address: str, toast: str = "") -> Reply:
        """Another page, with a message to show there."""


Handler: TypeAlias = Callable[[Visit], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a plugin, at `/plugin/path`.

    - `path`: behind the plugin's name: `queue`, `plan/{id}`.
    - `show`, `take`: answer a reading request, and a form that was sent.
    - `permission`: who may ask; of none, everybody who is signed in.
    - `menu`, `icon`, `place`: its line in the menu, if it has one, among the plugin's lists.
    - `public`: anybody may ask; whoever is signed in is nobody here.
    - `embedded`: other sites may show it in a frame.
    """

    path: str
    show: Handler | None = None
    take: Handler | None = None
    permission: str = ""
    menu: str = ""
    icon: str = "file-text"
    place: int = 50
    public: bool = False
    embedded: bool = False


def path_of(plugin: str, page: Page) -> str:
    """Where a page is."""
    return f"/{plugin}/{page.path}".replace("_", "-")


@dataclass(frozen=True, slots=True)
class Inset:
    """A part of the record pages of a model: its title, and the template that is drawn with what `load` returns.

    `load` is asked with the record's id; `None`: nothing is shown. `permission`: who sees it; of none, all readers.
    """

    model: type[Model]
    title: str
    template: str
    load: Callable[[Visit, UUID], Awaitable[Mapping[str, Any] | None]]
    permission: str = ""
    place: int = 50
