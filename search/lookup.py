"""One search of one embedded index: the fewest statements that find the best hits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from core.conditions import EVERYTHING
from core.finder import Hit, InvalidFilter, SearchQuery
from search import matching
from search.analyzer import Term
from search.matching import ACL, Tier
from search.shelf import BAR, Generation
from search.spelling import Vocabulary

MOST_TOKENS = 10
CANDIDATES = 100
LONGEST_TITLE = 99
BROAD = (Tier.EXACT_TITLE, Tier.EXACT, Tier.PREFIX_TITLE)


@dataclass(frozen=True, slots=True)
class Row:
    """A document that matched: its id and the tokens of the searched columns, the title's first."""

    id: str
    texts: tuple[str, ...]


class Lookup:
    """Looks for documents tier by tier, in the best tiers first.

    A tier that holds few rows holds them all: then its better tiers are told apart here and need no statement.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        generation: Generation,
        query: SearchQuery,
        terms: Sequence[Term],
        vocabulary: Vocabulary,
    ) -> None:
        self._connection = connection
        self._generation = generation
        self._query = query
        self._terms = terms
        self._vocabulary = vocabulary
        self._columns = _columns(generation, query)
        self._titled = self._columns[:1] == generation.columns[:1]
        self._filters = _filters(generation, query)
        self._hits: dict[str, Hit] = {}

    def hits(self) -> list[Hit]:
        """The best hits, in order: by tier, in it the shortest title first, then the newest document."""
        if self._columns:
            self._exact_and_begun()
            if len(self._hits) < self._query.limit:
                self._add(Tier.TYPO, self._rows(Tier.TYPO))
        return sorted(self._hits.values(), key=lambda hit: -hit.score)[: self._query.limit]

    def _exact_and_begun(self) -> None:
        rows = self._rows(Tier.PREFIX)
        if len(rows) < CANDIDATES:
            for row in rows:
                self._add(self._tier(row), [row])
            return
        for tier in BROAD:
            if len(self._hits) < self._query.limit and (self._titled or tier is Tier.EXACT):
                self._add(tier, self._rows(tier))
        self._add(Tier.PREFIX, rows)

    def _tier(self, row: Row) -> Tier:
        title = set(row.texts[0].split()) if self._titled else set()
        whole = title.union(*(text.split() for text in row.texts))
        exact = {token for term in self._terms for token in term.exact}
        if exact <= whole:
            return Tier.EXACT_TITLE if exact <= title else Tier.EXACT
        return Tier.PREFIX_TITLE if all(_begun(term, title) for term in self._terms) else Tier.PREFIX

    def _add(self, tier: Tier, rows: Iterable[Row]) -> None:
        for row in rows:
            length = min(len(row.texts[0].partition(BAR)[0]), LONGEST_TITLE)
            self._hits.setdefault(row.id, Hit(self._query.index, row.id, tier.value - length / 1000))

    def _rows(self, tier: Tier) -> list[Row]:
        """The newest documents of a tier, `CANDIDATES` or as many as are wanted.

        Few tokens of the scope are part of the match; many are quicker compared row by row, which stops at enough.
        """
        columns = self._columns[:1] if tier in (Tier.EXACT_TITLE, Tier.PREFIX_TITLE) else self._columns
        match = matching.all_of([matching.words(self._terms, columns, tier, self._vocabulary), *self._filters])
        number, texts = self._generation.number, ", ".join(f"f.{one}" for one in self._columns)
        rows = self._connection.execute(
            f"SELECT d.id, f.{ACL}, {texts} FROM fts_{number} f JOIN doc_{number} d ON d.number = f.rowid "
            f"WHERE fts_{number} MATCH ? ORDER BY f.rowid DESC",
            (match,),
        )
        tokens = self._query.scope.tokens
        seen = rows if len(tokens) <= MOST_TOKENS else (row for row in rows if not tokens.isdisjoint(row[1].split()))
        return [Row(one, tuple(texts)) for one, _, *texts in islice(seen, max(self._query.limit, CANDIDATES))]


def _begun(term: Term, words: set[str]) -> bool:
    return words.issuperset(term.parts) or (term.word and any(word.startswith(term.text) for word in words))


def _columns(generation: Generation, query: SearchQuery) -> tuple[str, ...]:
    if query.attributes is None:
        return generation.columns
    for name in query.attributes:
        if name not in generation.spec.searchable:
            raise InvalidFilter(f"{query.index} does not search {name}")
    pairs = zip(generation.spec.searchable, generation.columns, strict=True)
    return tuple(column for name, column in pairs if name in query.attributes)


def _filters(generation: Generation, query: SearchQuery) -> list[str]:
    found = [] if query.where == EVERYTHING else [matching.condition(generation.spec, query.where)]
    if not query.scope.reason and len(query.scope.tokens) <= MOST_TOKENS:
        allowed = matching.any_of(matching.quoted(token) for token in sorted(query.scope.tokens))
        found.append(matching.within((ACL,), allowed))
    return found
