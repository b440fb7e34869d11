"""`@action`: a method that becomes a form, a button, a bulk button, a mutation, a permission and an audit entry."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from core.conditions import EVERYTHING, Condition
from core.fields import Field, Kind, Traits
from core.model import Model
from core.money import Money

Act = TypeVar("Act", bound=Callable[..., Awaitable[Model]])
MARK = "__tradepost_action__"
OTHERWISE = "This cannot be done to it as it stands now"

KINDS: dict[type, Traits] = {
    str: Traits(Kind.TEXT, max_length=255),
    int: Traits(Kind.INTEGER),
    bool: Traits(Kind.BOOLEAN),
    Decimal: Traits(Kind.DECIMAL, scale=4),
    Money: Traits(Kind.MONEY),
    date: Traits(Kind.DATE),
    datetime: Traits(Kind.MOMENT),
}


@dataclass(frozen=True, slots=True)
class Marked:
    """What `@action` was told."""

    permission: str
    label: str
    bulk: bool
    danger: bool
    when: Condition
    otherwise: str


@dataclass(frozen=True, slots=True)
class Action:
    """An action as the registry knows it; `inputs` are its parameters after `work` and the record."""

    name: str
    label: str
    help: str
    permission: str
    inputs: Mapping[str, Traits]
    bulk: bool
    danger: bool
    when: Condition
    otherwise: str


def action(
    *,
    permission: str = "",
    label: str = "",
    bulk: bool = True,
    danger: bool = False,
    when: Condition = EVERYTHING,
    otherwise: str = OTHERWISE,
) -> Callable[[Act], Act]:
    """Make a method of a `Resource` an action on one record: `async def award(self, work, card, points: int) -> Card`.

    - `permission`: the last word of its permission; by default the method's name.
    - `bulk`: offered for several selected records, each its own step of one unit of work.
    - `danger`: shown apart from the others.
    - `when`: the state that a record must be in (`Card.tier.eq(Tier.BASIC)`); elsewhere it is refused and not offered.
    - `otherwise`: what is said then.

    Parameters may be `str`, `int`, `bool`, `Decimal`, `Money`, `date`, `datetime`, an `Enum`, a `Model`, each also
    `| None`; `Annotated[str, note()]` chooses another kind of field.
    """

    def mark(method: Act) -> Act:
        setattr(method, MARK, Marked(permission or method.__name__, label, bulk, danger, when, otherwise))
        return method

    return mark


def actions_of(resource: type) -> dict[str, Action]:
    """The actions that a resource class declares, in order of declaration; `TypeError` names a faulty signature."""
    found: dict[str, Action] = {}
    for cls in reversed(resource.__mro__):
        for name, method in vars(cls).items():
            marked = getattr(method, MARK, None)
            if isinstance(marked, Marked):
                found[name] = _read(name, method, marked)
    return found


def _read(name: str, method: Callable[..., Any], marked: Marked) -> Action:
    parameters = list(inspect.signature(method).parameters.values())[3:]
    hints = get_type_hints(method, include_extras=True)
    return Action(
        name=name,
        label=marked.label or name.replace("_", " ").capitalize(),
        help=(inspect.getdoc(method) or "").partition("\n")[0],
        permission=marked.permission,
        inputs={one.name: traits_of(one, hints[one.name]) for one in parameters},
        bulk=marked.bulk,
        danger=marked.danger,
        when=marked.when,
        otherwise=marked.otherwise,
    )


def traits_of(parameter: inspect.Parameter, hint: Any) -> Traits:
    """What a parameter asks for; `TypeError` for a type that no form can ask for."""
    label = parameter.name.replace("_", " ").capitalize()
    optional = parameter.default is not inspect.Parameter.empty
    default = parameter.default if optional else None
    inner, nullable = _without_none(hint)
    traits = _kind(inner, parameter.name)
    return replace(traits, label=traits.label or label, required=not (optional or nullable), default=default)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [one for one in get_args(hint) if one is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return hint, False


def _kind(hint: Any, name: str) -> Traits:
    if get_origin(hint) is Annotated:
        for extra in get_args(hint)[1:]:
            if isinstance(extra, Field):
                return extra.traits
        return _kind(get_args(hint)[0], name)
    if isinstance(hint, type):
        if hint in KINDS:
            return KINDS[hint]
        if issubclass(hint, Enum):
            return Traits(Kind.CHOICE, choices=hint, max_length=32)
        if issubclass(hint, Model):
            return Traits(Kind.LINK, target=hint)
    raise TypeError(f"parameter {name} has a type that no form can ask for: {hint!r}")
