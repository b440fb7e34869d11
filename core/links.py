"""Links between models: the field that points at another record, and conditions on the lists behind it."""

from __future__ import annotations

from typing import Any, Literal, TypeVar, overload

from core.conditions import Condition, Some
from core.fields import Field, Kind, Traits
from core.model import Model

M = TypeVar("M", bound=Model)


@overload
def link(
    target: type[M],
    *,
    required: Literal[True],
    back: str | None = ...,
    readonly: bool = ...,
    where: Condition | None = ...,
    label: str = ...,
    help: str = ...,
) -> Field[M]: ...
@overload
def link(
    target: type[M],
    *,
    back: str | None = ...,
    required: bool = ...,
    readonly: bool = ...,
    where: Condition | None = ...,
    label: str = ...,
    help: str = ...,
) -> Field[M | None]: ...
@overload
def link(
    target: Literal["self"],
    *,
    back: str | None = ...,
    readonly: bool = ...,
    where: Condition | None = ...,
    label: str = ...,
    help: str = ...,
) -> Field[Any]: ...
def link(
    target: type[M] | Literal["self"],
    *,
    back: str | None = None,
    required: bool = False,
    readonly: bool = False,
    where: Condition | None = None,
    label: str = "",
    help: str = "",
) -> Any:
    """A link to one record of another model, or of its own (`"self"`).

    `back` names the list on the other side; without it there is none. `where` narrows what may be linked.
    """
    return Field(Traits(Kind.LINK, label, help, required, readonly=readonly, target=target, back=back, where=where))


def some(back: str, condition: Condition) -> Condition:
    """At least one record of a back link fulfils a condition: `some("contacts", Contact.post.eq("CEO"))`."""
    return Some(back, condition)
