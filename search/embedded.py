"""The embedded engine: SQLite FTS5 in a file of its own, so that search works with no server."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

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
from search import shelf
from search.analyzer import Term, terms
from search.lookup import Lookup
from search.shelf import Generation
from search.spelling import Vocabulary

T = TypeVar("T")

READERS = 2


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
        return Lookup(connection, generation, query, found, self._vocabulary(connection, generation)).hits()

    def _vocabulary(self, connection: sqlite3.Connection, generation: Generation) -> Vocabulary:
        number, vocabulary = self._vocabularies.get(generation.spec.uid, (0, Vocabulary()))
        if number != generation.number:
            vocabulary = Vocabulary()
            self._vocabularies[generation.spec.uid] = (generation.number, vocabulary)
        select = f"SELECT number, word FROM word_{generation.number} WHERE number > ?"
        vocabulary.refresh(lambda last: connection.execute(select, (last,)).fetchall())
        return vocabulary
