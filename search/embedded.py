"""The embedded engine: SQLite FTS5 in a file of its own, so that search works with no server."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

from core.conditions import EVERYTHING
from core.errors import SearchUnavailable
from core.finder import (
    Document,
    Hit,
    IndexMissing,
    IndexSpec,
    InvalidFilter,
    SearchQuery,
    SearchResult,
    Stats,
)
from search import matching, shelf
from search.analyzer import Term, terms
from search.matching import ACL, Tier
from search.shelf import Generation
from search.spelling import Vocabulary

T = TypeVar("T")

READERS = 2
MOST_TOKENS = 10
CANDIDATES = 100
LONGEST_TITLE = 99


class EmbeddedEngine:
    """An `Engine` on one host. It works in threads of its own, so that the event loop never waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="search-write")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="search-read")
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self._vocabularies: dict[str, tuple[int, Vocabulary]] = {}

    async def ensure(self, spec: IndexSpec) -> None:
        """Make the index if there is none."""

        def work(connection: sqlite3.Connection) -> None:
            try:
                shelf.find(connection, spec.uid)
            except IndexMissing:
                shelf.make(connection, spec, live=True)

        await self._write(work)

    async def upsert(self, index: str, documents: Sequence[Document]) -> None:
        """Add documents, or replace those with the same id."""
        await self._write(lambda connection: shelf.put(connection, shelf.find(connection, index), documents))

    async def delete(self, index: str, ids: Sequence[str]) -> None:
        """Remove documents; an id that is not there is no fault."""
        await self._write(lambda connection: shelf.take(connection, shelf.find(connection, index), ids))

    async def search(self, query: SearchQuery) -> SearchResult:
        """The hits of one index."""
        if query.scope.empty:
            return SearchResult()
        found = terms(query.text)
        if not found:
            return SearchResult()
        return SearchResult(tuple(await self._read(lambda connection: self._hits(connection, query, found))))

    async def search_all(self, queries: Sequence[SearchQuery], limit: int) -> SearchResult:
        """The best hits of several indexes together."""
        asked = [(query, terms(query.text)) for query in queries if not query.scope.empty]
        if not any(found for _, found in asked):
            return SearchResult()

        def work(connection: sqlite3.Connection) -> SearchResult:
            hits: list[Hit] = []
            failed: list[str] = []
            for query, found in asked:
                try:
                    hits.extend(self._hits(connection, query, found))
                except (IndexMissing, InvalidFilter):
                    failed.append(query.index)
            return SearchResult(tuple(sorted(hits, key=lambda hit: -hit.score)[:limit]), tuple(failed))

        return await self._read(work)

    async def build(self, spec: IndexSpec) -> str:
        """Begin an empty index beside the one in use."""
        return await self._write(lambda connection: shelf.make(connection, spec, live=False).built)

    async def builds(self, index: str) -> Sequence[str]:
        """The names of what is being built beside an index."""
        return await self._read(lambda connection: shelf.unfinished(connection, index))

    async def swap(self, index: str, built: str) -> None:
        """Put a built index in the place of the one in use."""

        def work(connection: sqlite3.Connection) -> None:
            fresh = shelf.find(connection, built)
            with suppress(IndexMissing):  # The first build of an index replaces nothing.
                shelf.remove(connection, shelf.find(connection, index))
            connection.execute("UPDATE generation SET live = 1 WHERE number = ?", (fresh.number,))

        await self._write(work)

    async def drop(self, index: str) -> None:
        """Remove an index, or one that was being built."""
        await self._write(lambda connection: shelf.remove(connection, shelf.find(connection, index)))

    async def stats(self, spec: IndexSpec) -> Stats | None:
        """The state of an index; `None` when there is none."""

        def work(connection: sqlite3.Connection) -> Stats | None:
            try:
                generation = shelf.find(connection, spec.uid)
            except IndexMissing:
                return None
            (count,) = connection.execute(f"SELECT count(*) FROM doc_{generation.number}").fetchone()
            return Stats(count, generation.fingerprint == shelf.fingerprint(spec))

        return await self._read(work)

    async def close(self) -> None:
        """Let running work end, then close the connections."""
        await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._writing.shutdown()
        self._reading.shutdown()
        for connection in self._open:
            connection.close()

    def _connection(self, *, writes: bool) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self._opening:
                connection = shelf.open_shelf(self._path, writes=writes)
                self._open.append(connection)
            self._local.connection = connection
        return connection

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._run(work, writes=True)

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._run(work, writes=False)

    async def _run(self, work: Callable[[sqlite3.Connection], T], *, writes: bool) -> T:
        def run() -> T:
            try:
                connection = self._connection(writes=writes)
                with shelf.transaction(connection, "BEGIN IMMEDIATE" if writes else "BEGIN"):
                    return work(connection)
            except sqlite3.Error as fault:
                raise SearchUnavailable(f"The search index {self._path.name} does not answer: {fault}") from fault

        threads = self._writing if writes else self._reading
        return await asyncio.get_running_loop().run_in_executor(threads, run)

    def _hits(self, connection: sqlite3.Connection, query: SearchQuery, found: tuple[Term, ...]) -> list[Hit]:
        generation = shelf.find(connection, query.index)
        vocabulary = self._vocabulary(connection, generation)
        columns = _columns(generation, query)
        filters = _filters(generation, query)
        hits: dict[str, Hit] = {}
        for tier in Tier if columns else ():
            title = columns[:1] if columns[0] == generation.columns[0] else ()
            inside = title if tier in (Tier.EXACT_TITLE, Tier.PREFIX_TITLE) else columns
            if inside and len(hits) < query.limit:
                match = matching.all_of([matching.words(found, inside, tier, vocabulary), *filters])
                for one, length in _rows(connection, generation, match, query):
                    hits.setdefault(one, Hit(query.index, one, tier.value - min(length, LONGEST_TITLE) / 1000))
        return sorted(hits.values(), key=lambda hit: -hit.score)[: query.limit]

    def _vocabulary(self, connection: sqlite3.Connection, generation: Generation) -> Vocabulary:
        number, vocabulary = self._vocabularies.get(generation.spec.uid, (0, Vocabulary()))
        if number != generation.number:
            vocabulary = Vocabulary()
            self._vocabularies[generation.spec.uid] = (generation.number, vocabulary)
        select = f"SELECT number, word FROM word_{generation.number} WHERE number > ?"
        vocabulary.refresh(lambda last: connection.execute(select, (last,)).fetchall())
        return vocabulary


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


def _rows(
    connection: sqlite3.Connection, generation: Generation, match: str, query: SearchQuery
) -> list[tuple[str, int]]:
    """Ids of the newest documents that match, with the length of their titles.

    Few tokens are part of the match; many are quicker compared row by row, which stops at enough rows.
    """
    number, wanted = generation.number, max(query.limit, CANDIDATES)
    rows = connection.execute(
        f"SELECT d.id, length(f.a0), f.{ACL} FROM fts_{number} f JOIN doc_{number} d ON d.number = f.rowid "
        f"WHERE fts_{number} MATCH ? ORDER BY f.rowid DESC",
        (match,),
    )
    tokens = query.scope.tokens
    seen = rows if len(tokens) <= MOST_TOKENS else (row for row in rows if not tokens.isdisjoint(row[2].split()))
    return [(one, length) for one, length, _ in islice(seen, wanted)]
