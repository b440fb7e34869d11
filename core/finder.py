"""The search port: what an engine must do, and how search is asked for. Nothing here knows an engine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Protocol, TypeAlias

from core.access import Caller
from core.conditions import EVERYTHING, Condition
from core.errors import BadQuery, SearchUnavailable, TradepostError
from core.model import Model

Marks: TypeAlias = tuple[tuple[int, int], ...]

MAX_HITS = 100
MAX_TEXT = 200
ID = re.compile(r"[A-Za-z0-9_-]{1,200}\Z")


class IndexMissing(SearchUnavailable):
    """The index was never built; reindexing makes it."""

    code = "index_missing"


class InvalidFilter(BadQuery):
    """A filter on an attribute that the index does not filter by, or with an operator that search does not have."""

    code = "invalid_filter"


class Rejected(TradepostError):
    """The engine refused documents; the message says why."""

    code = "rejected"


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Which documents a search may find: those that carry one of the tokens; of no token: none.

    A scope with a `reason` is the system's own and finds all.
    """

    tokens: frozenset[str] = frozenset()
    reason: str = ""

    @classmethod
    def system(cls, reason: str) -> SearchScope:
        """Every document, for work that no user asked for; the reason stands in the code that says it."""
        if not reason:
            raise ValueError("A search as the system needs a reason")
        return cls(reason=reason)

    @property
    def empty(self) -> bool:
        """Whether nothing can be found with it."""
        return not self.tokens and not self.reason


NOTHING_IN_SCOPE = SearchScope()


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """An index: its name, the attributes searched (the most important first) and those that can be filtered by."""

    uid: str
    searchable: tuple[str, ...]
    filterable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A record as the index holds it: texts by attribute, values to filter by, and the tokens of who may find it."""

    id: str
    texts: Mapping[str, tuple[str, ...]]
    acl: frozenset[str]
    keys: Mapping[str, tuple[str, ...]] = dataclass_field(default_factory=dict)

    def __post_init__(self) -> None:
        if not ID.match(self.id):
            raise Rejected(f"A document's id is made of letters, digits, - and _, unlike {self.id!r}")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search of one index. It cannot be written without a scope.

    `attributes` narrows what is searched; `where` knows equality, one of several, emptiness, and, or, not.
    """

    index: str
    text: str
    scope: SearchScope
    attributes: tuple[str, ...] | None = None
    where: Condition = EVERYTHING
    limit: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_HITS:
            raise BadQuery(f"A search returns 1 to {MAX_HITS} hits")
        if len(self.text) > MAX_TEXT:
            raise BadQuery(f"A search text has at most {MAX_TEXT} characters")


@dataclass(frozen=True, slots=True)
class Hit:
    """A found document. `score` orders hits, of several indexes too; the value itself means nothing."""

    index: str
    id: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, the best first; `failed` names the indexes that could not be asked."""

    hits: tuple[Hit, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stats:
    """How many documents an index holds, and whether it was built as its specification now is."""

    documents: int
    current: bool


class Engine(Protocol):
    """What a search engine does. Writes have taken effect when they return."""

    async def ensure(self, spec: IndexSpec) -> None:
        """Make the index if there is none; one that exists is left as it is, outdated or not."""

    async def upsert(self, index: str, documents: Sequence[Document]) -> None:
        """Add documents, or replace those with the same id."""

    async def delete(self, index: str, ids: Sequence[str]) -> None:
        """Remove documents; an id that is not there is no fault."""

    async def search(self, query: SearchQuery) -> SearchResult:
        """The hits of one index; `IndexMissing` when there is none."""

    async def search_all(self, queries: Sequence[SearchQuery], limit: int) -> SearchResult:
        """The best hits of several indexes together; an index that fails is named, the others answer."""

    async def build(self, spec: IndexSpec) -> str:
        """Begin an empty index beside the one in use; its name is for `upsert`, then `swap` or `drop`."""

    async def builds(self, index: str) -> Sequence[str]:
        """The names of what is being built beside an index, so that news reaches them, too."""

    async def swap(self, index: str, built: str) -> None:
        """Put a built index in the place of the one in use, which is removed; searches see one or the other."""

    async def drop(self, index: str) -> None:
        """Remove an index, or one that was being built."""

    async def stats(self, spec: IndexSpec) -> Stats | None:
        """The state of an index; `None` when there is none."""

    async def close(self) -> None:
        """Release files, threads and connections."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that the caller may see and that fits his words; `snippet` is a text of `field` that holds them.

    The marks are the parts of title and snippet that were looked for, as start and end.
    """

    label: str
    id: str
    title: str
    snippet: str = ""
    field: str = ""
    title_marks: Marks = dataclass_field(default=(), compare=False)
    snippet_marks: Marks = dataclass_field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found, the best first, and how many there are of each model, those with the most first."""

    found: tuple[Found, ...] = ()
    counts: Mapping[str, int] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that found records have: of a choice the value, of a link the id of its record; what it is called."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A field by which found records differ, its commonest value first."""

    field: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was found of one model, the best first, and by what it differs; `more`: there may be more of it.

    Only what the caller sees is counted: records, values of fields, and records at the end of links.
    """

    found: tuple[Found, ...] = ()
    facets: tuple[Facet, ...] = ()
    more: bool = False


class Finder(Protocol):
    """Search as pages and GraphQL ask for it."""

    async def find(
        self,
        caller: Caller,
        text: str,
        models: Sequence[type[Model] | str] | None = None,
        limit: int = 20,
    ) -> list[Found]:
        """The records that fit the words and that the caller may see, the best first; of no words: none.

        `models` narrows to some models, by class or label. `SearchUnavailable` when the engine does not answer.
        """

    async def find_each(self, caller: Caller, text: str, limit: int = 50) -> Counted:
        """The best records of all models, and how many there are of each: what is counted is what the caller sees.

        Both end at `limit`.
        """

    async def narrow(
        self, caller: Caller, text: str, model: str, where: Mapping[str, str], limit: int = 50
    ) -> Narrowed:
        """What fits the words of one model, by its label, and has some values of choices and links, with its facets.

        `UnknownField` for a field that the caller may not read, or that is neither choice nor link.
        """
