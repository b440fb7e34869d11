"""`Resource`: what is derived from a model and how a plugin changes one piece; `@extend`: adding to another's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, get_args

from core.model import Model

if TYPE_CHECKING:
    from core.operations import Work

M = TypeVar("M", bound=Model)
C = TypeVar("C", bound=type)


class Resource(Generic[M]):
    """How records of one model are shown, found, checked and changed. Each attribute left out is derived.

    - `columns`: fields and paths (`customer.name`) of the list; by default the first short fields.
    - `form`: sections of the form, title to fields; by default one section of all writable fields.
    - `filters`: fields offered above the list; by default choices, links and dates among the columns.
    - `board`: the choice or link whose values are the columns of a kanban view.
    - `amount`: the money field that totals, boards and funnels sum.
    - `search`: fields and paths put into the search index; by default fields with `search=True`.
    - `related`: back links shown on the record's page, also of what it links to (`customer.opportunities`), in order;
      by default all of its own. Those of other plugins follow.
    - `timeline`: the day or moment by which records stand on the timelines of what they link to.
    - `due`: the moment by which something is to be done about a record; its owner is told when it comes.
    - `advice`: a page of the plugin that is asked, with what is typed as the title, for something to show beside the
      form.
    - `duplicates`: fields that point out an existing record like a new one.
    - `icon`: name of the menu's icon.
    - `menu`: place in the menu; `None` for no entry.
    """

    columns: ClassVar[Sequence[str]] = ()
    form: ClassVar[Mapping[str, Sequence[str]]] = {}
    filters: ClassVar[Sequence[str]] = ()
    board: ClassVar[str] = ""
    amount: ClassVar[str] = ""
    search: ClassVar[Sequence[str]] = ()
    related: ClassVar[Sequence[str]] = ()
    timeline: ClassVar[str] = ""
    due: ClassVar[str] = ""
    advice: ClassVar[str] = ""
    duplicates: ClassVar[Sequence[str]] = ()
    icon: ClassVar[str] = "folder"
    menu: ClassVar[int | None] = 50

    async def complete(self, work: Work, before: M | None, after: M) -> Mapping[str, object]:  # noqa: ARG002 - to override
        """Values that follow from others, written in the same statement: a number, a due time, a total.

        Runs before `check`; `before` is `None` on creation. Read-only fields may be given.
        """
        return {}

    async def check(self, work: Work, before: M | None, after: M) -> None:
        """Refuse a state that must not be: raise `Refused`. Runs in the unit of work, before the write.

        `before` is `None` on creation; `after` holds every own field as it would be. Where many records are
        changed together (an import, an undo) it runs after all are written, and so knows the others as they will be.
        """

    async def changed(self, work: Work, before: M | None, after: M) -> None:
        """Do what belongs to a change, in the same unit of work, after the write: a history row, a total."""

    async def changed_together(self, work: Work, changes: Sequence[tuple[M | None, M]]) -> None:
        """Do what belongs to several changes at once, where that is quicker than one by one: for imports."""
        for before, after in changes:
            await self.changed(work, before, after)


def resource_model(resource: type[Resource[Any]]) -> type[Model]:
    """The model that `class Cards(Resource[Card])` is about; `TypeError` when the brackets are missing."""
    for base in getattr(resource, "__orig_bases__", ()):
        for argument in get_args(base):
            if isinstance(argument, type) and issubclass(argument, Model):
                return argument
    raise TypeError(f"{resource.__name__} names no model; write class {resource.__name__}(Resource[YourModel])")


@dataclass(frozen=True, slots=True)
class Extension:
    """What `@extend` was told: the model, and the fields, links and paths that its methods read."""

    model: type[Model]
    reads: tuple[str, ...]


EXTENSION = "__tradepost_extension__"


def extend(model: type[Model], *, reads: Sequence[str] = ()) -> Callable[[C], C]:
    """Add computed fields to another plugin's model: each method takes a batch of records and returns a value for each.

    The records hold `id` and what `reads` names (`"cards.tier"`), scoped to the caller; any other attribute raises.
    Asynchronous methods named `check` and `changed` are no fields: they refuse and react as those of a `Resource` do,
    after the model's own.
    """

    def mark(cls: C) -> C:
        setattr(cls, EXTENSION, Extension(model, tuple(reads)))
        return cls

    return mark
