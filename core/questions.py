"""Fields of GraphQL's `Query` that cannot be derived, as plugins declare them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from core.actions import traits_of
from core.fields import Traits
from core.money import Money

VALUES: tuple[type, ...] = (str, int, bool, float, Decimal, date, datetime, UUID, Money)


@dataclass(frozen=True, slots=True)
class Question:
    """A field of GraphQL's `Query`: `Question("stockAt", stock_at)` of `distribution` is `distributionStockAt`.

    `ask` is `async def stock_at(desk: Desk, product: Product, at: date) -> list[Level]`. Its parameters after the first
    are the arguments, of the types that an action may have; a model's is an id, and `NotFound` out of sight. Its result
    is a dataclass, a list of them, or `None` for nothing; their docstrings describe the types. Fields of these are
    plain values, amounts, ids, choices, or again such.
    `permission`: who may ask; of none, everybody who is signed in.
    """

    name: str
    ask: Callable[..., Awaitable[Any]]
    permission: str = ""

    @property
    def help(self) -> str:
        """What it tells."""
        return (inspect.getdoc(self.ask) or "").partition("\n")[0]

    @property
    def arguments(self) -> Mapping[str, Traits]:
        """What it is asked with."""
        hints = get_type_hints(self.ask, include_extras=True)
        parameters = list(inspect.signature(self.ask).parameters.values())[1:]
        return {one.name: traits_of(one, hints[one.name]) for one in parameters}

    @property
    def result(self) -> AnswerShape:
        """What it answers."""
        return shape_of(get_type_hints(self.ask)["return"])


@dataclass(frozen=True, slots=True)
class AnswerShape:
    """A type of an answer: a plain value's or a dataclass, perhaps a list of them, perhaps nothing."""

    type: type
    several: bool = False
    optional: bool = False

    @property
    def parts(self) -> Mapping[str, AnswerShape]:
        """The fields of a dataclass; of a plain value none."""
        if not is_dataclass(self.type) or self.type in VALUES:
            return {}
        hints = get_type_hints(self.type)
        return {one.name: shape_of(hints[one.name]) for one in fields(self.type)}


def shape_of(hint: Any) -> AnswerShape:
    """The shape of a type annotation; `TypeError` for one that GraphQL cannot have."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = [one for one in get_args(hint) if one is not type(None)]
        if len(rest) == 1:
            inner = shape_of(rest[0])
            return AnswerShape(inner.type, inner.several, optional=True)
    if get_origin(hint) in (list, tuple) or str(get_origin(hint)).endswith("Sequence'>"):
        return AnswerShape(shape_of(get_args(hint)[0]).type, several=True)
    if isinstance(hint, type) and (hint in VALUES or issubclass(hint, Enum) or is_dataclass(hint)):
        return AnswerShape(hint)
    raise TypeError(f"{hint!r} cannot be answered with")
