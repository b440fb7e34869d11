"""The kinds of field that a model is made of; each is stated once, with its label, help, search and default."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from core.conditions import Compare, Condition, Op, Through
from core.money import Money

if TYPE_CHECKING:
    from core.model import Model

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class Kind(Enum):
    """What a field holds; storage, filters, forms, GraphQL and search follow from it."""

    TEXT = "text"
    NOTE = "note"
    EMAIL = "email"
    URL = "url"
    SECRET = "secret"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    CHOICE = "choice"
    POSITION = "position"
    PHONES = "phones"
    EMAILS = "emails"
    TAGS = "tags"
    DATA = "data"
    ID = "id"
    LINK = "link"

    __hash__ = object.__hash__  # each is there once; hashing its name took a fifth of an import


TEXTUAL = frozenset({Kind.TEXT, Kind.NOTE, Kind.EMAIL, Kind.URL})
LISTS = frozenset({Kind.PHONES, Kind.EMAILS, Kind.TAGS})
ORDERED = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.DATE, Kind.MOMENT})


@dataclass(frozen=True, slots=True)
class Position:
    """A place on the earth: WGS 84 degrees, six digits behind the point (0.1 m)."""

    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True)
class Traits:
    """All that a declaration says about a field, apart from its name."""

    kind: Kind
    label: str = ""
    help: str = ""
    required: bool = False
    unique: bool = False
    search: bool = False
    readonly: bool = False
    default: object = None
    max_length: int = 0
    scale: int = 0
    minimum: int | None = None
    choices: type[Enum] | None = None
    target: type[Model] | str | None = None
    back: str | None = None
    where: Condition | None = None
    section: str = ""
    """The heading of the form under which a custom field stands."""


@dataclass(eq=False)
class Field(Generic[T]):
    """A declared field: on the class it is the declaration, on a record its value.

    The comparison methods make conditions: `Customer.name.contains("tea")`.
    """

    traits: Traits
    name: str = field(default="", init=False)

    def __set_name__(self, owner: type, name: str) -> None:
        if self.name and self.name != name:
            raise TypeError(f"{owner.__name__}.{name} is already the field {self.name}")
        self.name = name
        if not self.traits.label:
            self.traits = replace(self.traits, label=name.replace("_", " ").capitalize())

    @overload
    def __get__(self, record: None, owner: type) -> Field[T]: ...
    @overload
    def __get__(self, record: Model, owner: type) -> T: ...
    def __get__(self, record: Model | None, owner: type) -> Field[T] | T:
        if record is None:
            return self
        value: T = record.value(self.name)
        return value

    def __set__(self, record: Model, value: object) -> None:
        raise AttributeError(f"{self.name} is changed through an operation, not on the record")

    def eq(self, value: T) -> Condition:
        """Equal to a value; text regardless of case."""
        return Compare(self.name, Op.EQ, value)

    def is_in(self, values: Sequence[T]) -> Condition:
        """One of some values; of none: nothing."""
        return Compare(self.name, Op.IN, tuple(values))

    def below(self, value: T) -> Condition:
        """Less than a value."""
        return Compare(self.name, Op.LT, value)

    def at_most(self, value: T) -> Condition:
        """Less than or equal to a value."""
        return Compare(self.name, Op.LTE, value)

    def above(self, value: T) -> Condition:
        """Greater than a value."""
        return Compare(self.name, Op.GT, value)

    def at_least(self, value: T) -> Condition:
        """Greater than or equal to a value."""
        return Compare(self.name, Op.GTE, value)

    def contains(self, value: str) -> Condition:
        """Text that contains another, regardless of case."""
        return Compare(self.name, Op.CONTAINS, value)

    def starts(self, value: str) -> Condition:
        """Text that starts with another, regardless of case."""
        return Compare(self.name, Op.STARTS, value)

    def has(self, value: str) -> Condition:
        """A list that has an element."""
        return Compare(self.name, Op.HAS, value)

    def empty(self, value: bool = True) -> Condition:
        """Unknown: nothing was entered."""
        return Compare(self.name, Op.EMPTY, value)

    def where(self, condition: Condition) -> Condition:
        """The linked record, as far as the caller sees it, fulfils a condition."""
        return Through(self.name, condition)


@overload
def text(
    max_length: int = ...,
    *,
    required: Literal[True],
    unique: bool = ...,
    search: bool = ...,
    readonly: bool = ...,
    label: str = ...,
    help: str = ...,
) -> Field[str]: ...
@overload
def text(
    max_length: int = ...,
    *,
    default: str,
    required: bool = ...,
    unique: bool = ...,
    search: bool = ...,
    readonly: bool = ...,
    label: str = ...,
    help: str = ...,
) -> Field[str]: ...
@overload
def text(
    max_length: int = ...,
    *,
    required: bool = ...,
    unique: bool = ...,
    search: bool = ...,
    readonly: bool = ...,
    label: str = ...,
    help: str = ...,
) -> Field[str | None]: ...
def text(
    max_length: int = 255,
    *,
    required: bool = False,
    unique: bool = False,
    search: bool = False,
    readonly: bool = False,
    default: str | None = None,
    label: str = "",
    help: str = "",
) -> Any:
    """One line of text, up to `max_length` characters."""
    return Field(Traits(Kind.TEXT, label, help, required, unique, search, readonly, default, max_length))


def note(
    *, required: bool = False, search: bool = False, readonly: bool = False, label: str = "", help: str = ""
) -> Field[str | None]:
    """Text of several lines, up to 100,000 characters."""
    return Field(Traits(Kind.NOTE, label, help, required, search=search, readonly=readonly, max_length=100_000))


def email(
    *, required: bool = False, unique: bool = False, search: bool = False, label: str = "", help: str = ""
) -> Field[str | None]:
    """An address of electronic mail (RFC 5321)."""
    return Field(Traits(Kind.EMAIL, label, help, required, unique, search, max_length=254))


def url(*, required: bool = False, search: bool = False, label: str = "", help: str = "") -> Field[str | None]:
    """A web address: http or https."""
    return Field(Traits(Kind.URL, label, help, required, search=search, max_length=2_000))


def secret(max_length: int = 255) -> Field[str | None]:
    """A value that no surface ever shows: a password's hash, a token's digest."""
    return Field(Traits(Kind.SECRET, readonly=True, max_length=max_length))


@overload
def integer(
    *,
    default: int,
    required: bool = ...,
    minimum: int | None = ...,
    readonly: bool = ...,
    label: str = ...,
    help: str = ...,
) -> Field[int]: ...
@overload
def integer(
    *, required: Literal[True], minimum: int | None = ..., readonly: bool = ..., label: str = ..., help: str = ...
) -> Field[int]: ...
@overload
def integer(
    *, required: bool = ..., minimum: int | None = ..., readonly: bool = ..., label: str = ..., help: str = ...
) -> Field[int | None]: ...
def integer(
    *,
    default: int | None = None,
    required: bool = False,
    minimum: int | None = None,
    readonly: bool = False,
    label: str = "",
    help: str = "",
) -> Any:
    """A whole number between -2,147,483,648 and 2,147,483,647 (GraphQL's `Int`)."""
    return Field(Traits(Kind.INTEGER, label, help, required, readonly=readonly, default=default, minimum=minimum))


@overload
def decimal(
    scale: int,
    *,
    default: Decimal,
    required: bool = ...,
    minimum: int | None = ...,
    readonly: bool = ...,
    label: str = ...,
    help: str = ...,
) -> Field[Decimal]: ...
@overload
def decimal(
    scale: int,
    *,
    required: Literal[True],
    minimum: int | None = ...,
    readonly: bool = ...,
    label: str = ...,
    help: str = ...,
) -> Field[Decimal]: ...
@overload
def decimal(
    scale: int,
    *,
    required: bool = ...,
    minimum: int | None = ...,
    readonly: bool = ...,
    label: str = ...,
    help: str = ...,
) -> Field[Decimal | None]: ...
def decimal(
    scale: int,
    *,
    default: Decimal | None = None,
    required: bool = False,
    minimum: int | None = None,
    readonly: bool = False,
    label: str = "",
    help: str = "",
) -> Any:
    """A number with exactly `scale` digits behind the point, kept as a scaled integer; `minimum` in whole units."""
    return Field(
        Traits(Kind.DECIMAL, label, help, required, readonly=readonly, default=default, scale=scale, minimum=minimum)
    )


def money(
    *, required: bool = False, minimum: int | None = None, readonly: bool = False, label: str = "", help: str = ""
) -> Field[Money | None]:
    """An amount with its currency; `minimum` is in major units."""
    return Field(Traits(Kind.MONEY, label, help, required, readonly=readonly, minimum=minimum))


def boolean(*, default: bool = False, readonly: bool = False, label: str = "", help: str = "") -> Field[bool]:
    """Yes or no; never unknown."""
    return Field(Traits(Kind.BOOLEAN, label, help, required=True, readonly=readonly, default=default))


def date(*, required: bool = False, readonly: bool = False, label: str = "", help: str = "") -> Field[dt.date | None]:
    """A day of the calendar, without a time zone."""
    return Field(Traits(Kind.DATE, label, help, required, readonly=readonly))


def moment(
    *, required: bool = False, readonly: bool = False, label: str = "", help: str = ""
) -> Field[dt.datetime | None]:
    """A point in time, kept in UTC and shown in the reader's time zone."""
    return Field(Traits(Kind.MOMENT, label, help, required, readonly=readonly))


@overload
def choice(
    choices: type[E], *, default: E, required: bool = ..., readonly: bool = ..., label: str = ..., help: str = ...
) -> Field[E]: ...
@overload
def choice(
    choices: type[E], *, required: Literal[True], readonly: bool = ..., label: str = ..., help: str = ...
) -> Field[E]: ...
@overload
def choice(
    choices: type[E], *, required: bool = ..., readonly: bool = ..., label: str = ..., help: str = ...
) -> Field[E | None]: ...
def choice(
    choices: type[E],
    *,
    default: E | None = None,
    required: bool = False,
    readonly: bool = False,
    label: str = "",
    help: str = "",
) -> Any:
    """One member of an `Enum` whose values are short lower-case words; stored by value, shown by name."""
    return Field(
        Traits(Kind.CHOICE, label, help, required, readonly=readonly, default=default, choices=choices, max_length=32)
    )


def position(*, readonly: bool = False, label: str = "", help: str = "") -> Field[Position | None]:
    """A place on the earth by latitude and longitude."""
    return Field(Traits(Kind.POSITION, label, help, readonly=readonly))


def phones(*, search: bool = True, label: str = "", help: str = "") -> Field[tuple[str, ...]]:
    """Any number of phone numbers, the first is the usual one; found by their digits."""
    return Field(Traits(Kind.PHONES, label, help, search=search, default=(), max_length=32))


def emails(*, search: bool = True, label: str = "", help: str = "") -> Field[tuple[str, ...]]:
    """Any number of mail addresses, the first is the usual one."""
    return Field(Traits(Kind.EMAILS, label, help, search=search, default=(), max_length=254))


def tags(*, search: bool = False, label: str = "", help: str = "") -> Field[tuple[str, ...]]:
    """Any number of short free words."""
    return Field(Traits(Kind.TAGS, label, help, search=search, default=(), max_length=64))


def data(*, readonly: bool = True) -> Field[Any]:
    """Structured data of the kernel or a plugin (JSON); no form, filter or column is derived from it."""
    return Field(Traits(Kind.DATA, readonly=readonly))
