"""`Model`: the declaration of a business object, and a record of it as its reader may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from core.fields import Field, Kind, Traits, data, integer, moment


@dataclass(frozen=True, slots=True)
class Meta:
    """What cannot be read off the fields of a model.

    - `title`: the field that names a record; by default the first text field.
    - `plural`: the plural in snake case (`companies`); by default the name with an s.
    - `order`: default order of lists, `-` for descending.
    - `key`: the natural key: fields that together recognise a record in an import (`link.field` through a link).
    - `part_of`: the link to the record that this one is a part of; rights and life follow that record's.
    - `together`: sets of fields whose values are unique together.
    - `indexes`: sets of fields that are often asked for together.
    - `internal`: no business object: no page, no GraphQL, no permission; only kernel code reads it.
    - `append_only`: records are created and never changed.
    """

    title: str = ""
    plural: str = ""
    order: tuple[str, ...] = ("-created_at",)
    key: tuple[str, ...] = ()
    part_of: str | None = None
    together: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    internal: bool = False
    append_only: bool = False


class NotLoaded(AttributeError):
    """A value was asked for that the reader did not select, or may not see."""


class Model:
    """A business object. Subclass it, declare fields, list it in a `Plugin`.

    An instance is a record as it was read: an immutable view of the selected fields that its reader may see.
    Its docstring's first line is shown to users.
    """

    meta: ClassVar[Meta] = Meta()

    id: Field[UUID] = Field(Traits(Kind.ID, "Id", readonly=True, required=True))
    owner: Field[Any] = Field(
        Traits(Kind.LINK, "Owner", "Who is responsible for it", readonly=True, target="core.user")
    )
    department: Field[Any] = Field(
        Traits(Kind.LINK, "Department", "The department that it belongs to", readonly=True, target="core.department")
    )
    created_at: Field[datetime] = Field(Traits(Kind.MOMENT, "Created at", required=True, readonly=True))
    created_by: Field[Any] = Field(Traits(Kind.LINK, "Created by", readonly=True, target="core.user"))
    updated_at: Field[datetime] = Field(Traits(Kind.MOMENT, "Updated at", required=True, readonly=True))
    updated_by: Field[Any] = Field(Traits(Kind.LINK, "Updated by", readonly=True, target="core.user"))
    version: Field[int] = integer(default=1, readonly=True)
    archived_at: Field[datetime | None] = moment(readonly=True)
    custom: Field[Any] = data()

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        object.__setattr__(self, "_values", dict(values))

    def value(self, name: str) -> Any:
        """The value of a loaded field, link or back link; `NotLoaded` for any other."""
        try:
            return self._values[name]
        except KeyError:
            raise NotLoaded(f"{type(self).__name__}.{name} was not read") from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.value(name)

    def loaded(self) -> Iterator[str]:
        """The names of all that was read."""
        return iter(self._values)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Model) and other.value("id") == self.value("id")

    def __hash__(self) -> int:
        return hash((type(self), self.value("id")))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._values.get('id')}>"

    if TYPE_CHECKING:
        _values: dict[str, Any]


SYSTEM_FIELDS: tuple[str, ...] = (
    "id",
    "owner",
    "department",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "version",
    "archived_at",
    "custom",
)


def declared_fields(model: type[Model]) -> dict[str, Field[Any]]:
    """The fields of a model: its own in the order of declaration, then the system's."""
    own: dict[str, Field[Any]] = {}
    system: dict[str, Field[Any]] = {}
    for cls in reversed(model.__mro__):
        for name, value in vars(cls).items():
            if isinstance(value, Field):
                (system if cls is Model else own)[name] = value
    return own | system


def taken_names(model: type[Model]) -> list[str]:
    """The fields of a model that would hide what every model has: a system field, or a method of records."""
    return [
        name
        for cls in model.__mro__
        if cls is not Model
        for name, value in vars(cls).items()
        if isinstance(value, Field) and hasattr(Model, name)
    ]
