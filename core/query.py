"""The query tree: the one way to ask for records. Everything that reads builds one; `sql.py` compiles it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TypeAlias

from core.conditions import EVERYTHING, Condition, Slot

MAX_PAGE = 200
MAX_ROWS = 100_000
COUNT_CAP = 10_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of a field under `key`; `part` picks one of a compound value (`amount`, `currency`, `latitude` …)."""

    key: str
    field: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed text under `key`, like GraphQL's `__typename`."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Compound:
    """An object of the parts of one compound field (money, position): null when the field is empty."""

    key: str
    field: str
    parts: tuple[Leaf | Constant, ...]


@dataclass(frozen=True, slots=True)
class One:
    """The record at the other end of a link; null when there is none or the caller may not see it."""

    key: str
    link: str
    select: Selection


@dataclass(frozen=True, slots=True)
class Many:
    """The records of a back link as a list of their own; `listing.model` is the model on the other side."""

    key: str
    back: str
    listing: Listing


@dataclass(frozen=True, slots=True)
class Computed:
    """A field of an extension: its `reads` are loaded beside the row, Python fills it in afterwards.

    `parts` are what is asked of a compound value (money, position); without them it comes whole.
    """

    key: str
    name: str
    select: Selection = ()
    parts: tuple[Leaf | Constant, ...] = ()


Select: TypeAlias = Leaf | Constant | Compound | One | Many | Computed
Selection: TypeAlias = tuple[Select, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key: a field, or a path through links (`customer.name`). Empty values come last either way."""

    path: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A slice by key. `first` with `after`, or `last` with `before`; never an offset.

    `after` and `before` are the values of the order keys and the id of a neighbour; `None` in them is an empty value.
    """

    first: int | None = 50
    after: tuple[object, ...] | None = None
    last: int | None = None
    before: tuple[object, ...] | None = None


class Info(Enum):
    """The parts of Relay's `PageInfo`."""

    HAS_NEXT = "hasNextPage"
    HAS_PREVIOUS = "hasPreviousPage"
    START = "startCursor"
    END = "endCursor"


@dataclass(frozen=True, slots=True)
class Nodes:
    """The records of the page, as an array under `key`."""

    key: str
    select: Selection


@dataclass(frozen=True, slots=True)
class Edges:
    """The records of the page with their cursors, as Relay's edges under `key`."""

    key: str
    cursors: tuple[str, ...]
    nodes: tuple[tuple[str, Selection], ...]
    typenames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Whether there is more, and the cursors of both ends, under `key`."""

    key: str
    parts: tuple[tuple[str, Info], ...]
    typenames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """How many records there are in all, counted up to `COUNT_CAP` + 1."""

    key: str


Part: TypeAlias = Nodes | Edges | PageInfo | Total | Constant


class Archived(Enum):
    """Whether records in the recycle bin are meant."""

    WITHOUT = "without"
    ONLY = "only"
    WITH = "with"


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of records. Without `parts` it is an array of rows of `select`, else an object of the parts.

    `permission`: one whose reach the records are in, too, beside that of reading.
    """

    model: str
    select: Selection = ()
    where: Condition = EVERYTHING
    order: tuple[Order, ...] = ()
    page: Page = Page()
    parts: tuple[Part, ...] = ()
    archived: Archived = Archived.WITHOUT
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Single:
    """One record by id (archived too), or null; also null where `where` is false of it.

    `lenient`: null, and no refusal, where the caller may read nothing of the model: he asks for a record of any kind.
    """

    model: str
    id: object | Slot
    select: Selection
    where: Condition = EVERYTHING
    lenient: bool = False


class Bucket(Enum):
    """The width of a date group; weeks begin on Monday (ISO 8601). Moments are cut in the caller's time zone."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Function(Enum):
    """What is computed of a group. Percentiles are values that occur (the nearest rank)."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MINIMUM = "min"
    MAXIMUM = "max"
    MEDIAN = "median"
    PERCENTILE_90 = "p90"


@dataclass(frozen=True, slots=True)
class Group:
    """What rows are grouped by: a field or a path to one (`stage`, `customer.industry`), dates by bucket."""

    key: str
    path: str
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of each group. Of money it is an array of amounts, one for each currency that occurs."""

    key: str
    function: Function
    field: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of the records that fulfil a condition, by groups, ordered by the groups; of no group: one row.

    `permission`: as of a `Listing`.
    """

    model: str
    groups: tuple[Group, ...] = ()
    measures: tuple[Measure, ...] = ()
    where: Condition = EVERYTHING
    archived: Archived = Archived.WITHOUT
    limit: int = 1_000
    permission: str = ""


Root: TypeAlias = Listing | Single | Summary


@dataclass(frozen=True)
class Read:
    """Any number of questions by key, answered by one statement as one JSON object."""

    roots: tuple[tuple[str, Root], ...]

    @cached_property
    def _hash(self) -> int:
        return hash(self.roots)

    def __hash__(self) -> int:
        """The hash of the whole tree, computed once: every request looks its statement up by it."""
        return self._hash
