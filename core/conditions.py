"""Conditions on records: a small closed tree, the `where` of a query.

A test on an empty (unknown) value is false, never unknown, so `Not` of it is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, cast


class Op(Enum):
    """How a field is compared. Text is compared folded: without regard to case and width."""

    EQ = "eq"
    IN = "in"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    CONTAINS = "contains"
    STARTS = "startsWith"
    HAS = "has"
    EMPTY = "isEmpty"


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that is bound when the statement runs; `index` counts the slots of one plan."""

    index: int


class Joined:
    """What conditions have in common: they are joined by `&` and `|`, and turned round by `~`."""

    __slots__ = ()

    def __and__(self, other: Condition) -> Condition:
        return And((cast("Condition", self), other))

    def __or__(self, other: Condition) -> Condition:
        return Or((cast("Condition", self), other))

    def __invert__(self) -> Condition:
        return Not(cast("Condition", self))


@dataclass(frozen=True, slots=True)
class Compare(Joined):
    """A field compared with a value (`IN` takes a tuple, `EMPTY` a bool), each a constant or a `Slot`."""

    field: str
    op: Op
    value: object


@dataclass(frozen=True, slots=True)
class Through(Joined):
    """The record on the other end of a link, which the caller must be able to see, fulfils a condition."""

    link: str
    where: Condition


@dataclass(frozen=True, slots=True)
class Some(Joined):
    """At least one visible record of a back link (`contacts`) fulfils a condition."""

    back: str
    where: Condition


@dataclass(frozen=True, slots=True)
class And(Joined):
    """All parts hold; of no parts: everything."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Or(Joined):
    """Any part holds; of no parts: nothing."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Not(Joined):
    """The part does not hold."""

    part: Condition


Condition: TypeAlias = Compare | Through | Some | And | Or | Not
EVERYTHING: Condition = And()
NOTHING: Condition = Or()


def all_of(parts: Sequence[Condition]) -> Condition:
    """The conjunction of any number of conditions, without a needless level."""
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def named(condition: Condition) -> Iterator[str]:
    """The fields, links and back links of the record itself that a condition is about."""
    match condition:
        case Compare(field, _, _):
            yield field
        case Through(link, _):
            yield link
        case Some(back, _):
            yield back
        case And(parts) | Or(parts):
            for one in parts:
                yield from named(one)
        case Not(part):
            yield from named(part)


def bound(condition: Condition, values: Sequence[object]) -> Condition:
    """A condition with the values of its slots in their places."""
    match condition:
        case Compare(field, op, Slot(index)):
            return Compare(field, op, values[index])
        case Compare(field, op, tuple() as several):
            return Compare(field, op, tuple(values[one.index] if isinstance(one, Slot) else one for one in several))
        case And(parts):
            return And(tuple(bound(one, values) for one in parts))
        case Or(parts):
            return Or(tuple(bound(one, values) for one in parts))
        case Not(part):
            return Not(bound(part, values))
        case Through(link, where):
            return Through(link, bound(where, values))
        case Some(back, where):
            return Some(back, bound(where, values))
        case Compare():
            return condition


def slotted(condition: Condition, values: list[object]) -> Condition:
    """A condition with slots in the places of its values, which are added to a list: `bound` turned round.

    What is asked again with other values is one question then, and its statement is made once.
    """
    match condition:
        case Compare(field, op, value) if op is not Op.EMPTY:
            several = value if isinstance(value, tuple) else (value,)
            slots = tuple(Slot(len(values) + number) for number in range(len(several)))
            values += several
            return Compare(field, op, slots if isinstance(value, tuple) else slots[0])
        case And(parts):
            return And(tuple(slotted(one, values) for one in parts))
        case Or(parts):
            return Or(tuple(slotted(one, values) for one in parts))
        case Not(part):
            return Not(slotted(part, values))
        case Through(link, where):
            return Through(link, slotted(where, values))
        case Some(back, where):
            return Some(back, slotted(where, values))
        case Compare():
            return condition
