"""The engine for many hosts: a Meilisearch server, asked through its SDK, of which nothing leaves this module."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, cast
from uuid import uuid4

from httpx2 import HTTPError
from meilisearch_python_sdk import AsyncClient, AsyncIndex
from meilisearch_python_sdk.errors import MeilisearchApiError, MeilisearchError, MeilisearchTaskFailedError
from meilisearch_python_sdk.models.search import SearchParams, SearchResultsWithUID
from meilisearch_python_sdk.models.settings import MeilisearchSettings, TypoTolerance
from meilisearch_python_sdk.models.task import TaskInfo

from core.errors import SearchUnavailable
from core.finder import (
    Document,
    Hit,
    IndexMissing,
    IndexSpec,
    InvalidFilter,
    Rejected,
    SearchQuery,
    SearchResult,
    Stats,
)
from search import wording

PATIENCE_SECONDS = 10
TASK_MILLISECONDS = 120_000
POLL_MILLISECONDS = 10
MOST_INDEXES = 1_000
BUILD = "__build_"
FIRST = "first"

# Exactness before the place, as in the embedded engine: the exact word in a note is a better fit than a beginning.
RANKING = ["words", "typo", "exactness", "attribute", "proximity", "sort"]
KEY_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
FAULTS = {
    "index_not_found": IndexMissing,
    "invalid_search_filter": InvalidFilter,
    "invalid_search_attributes_to_search_on": InvalidFilter,
}


class MeilisearchEngine:
    """An `Engine` on a Meilisearch server. `prefix` keeps several apps apart on one server."""

    def __init__(self, url: str, key: str = "", *, prefix: str = "tradepost_") -> None:
        # With the default, gzip, each search waits 40 ms for the second half of a two-part answer.
        headers = {"Accept-Encoding": "identity"}
        self._client = AsyncClient(url, key or None, timeout=PATIENCE_SECONDS, custom_headers=headers)
        self._prefix = prefix

    async def ensure(self, spec: IndexSpec) -> None:
        """Make the index if there is none."""
        async with self._faults():
            if not await self._exists(spec.uid):
                await self._create(spec, spec.uid)

    async def upsert(self, index: str, documents: Sequence[Document]) -> None:
        """Add documents, or replace those with the same id."""
        async with self._faults():
            settings = await self._index(index).get_settings()
            filterable = [str(one) for one in settings.filterable_attributes or () if one != wording.ACL]
            latest = {one.id: wording.document(one, filterable) for one in documents}
            if latest:
                await self._done(await self._index(index).add_documents(list(latest.values()), "id"))

    async def delete(self, index: str, ids: Sequence[str]) -> None:
        """Remove documents; an id that is not there is no fault."""
        async with self._faults():
            await self._index(index).get_settings()
            if ids:
                await self._done(await self._index(index).delete_documents(list(ids)))

    async def search(self, query: SearchQuery) -> SearchResult:
        """The hits of one index."""
        asked = self._asked(query)
        if asked is None:
            return SearchResult()
        (rows,) = await self._answers([asked])
        return SearchResult(tuple(wording.hits_of(query.index, rows)))

    async def search_all(self, queries: Sequence[SearchQuery], limit: int) -> SearchResult:
        """The best hits of several indexes together."""
        asked = [(query, one) for query in queries if (one := self._asked(query))]
        if not asked:
            return SearchResult()
        try:
            answers = await self._answers([one for _, one in asked])
        except (IndexMissing, InvalidFilter):
            # The server refuses all when one index is missing or outdated.
            return await self._one_by_one([query for query, _ in asked], limit)
        pairs = zip(asked, answers, strict=True)
        hits = [hit for (query, _), rows in pairs for hit in wording.hits_of(query.index, rows)]
        return SearchResult(tuple(sorted(hits, key=lambda hit: -hit.score)[:limit]))

    async def _answers(self, asked: list[SearchParams]) -> list[list[dict[str, Any]]]:
        async with self._faults():
            answers = cast("list[SearchResultsWithUID[Any]]", await self._client.multi_search(asked))
        return [answer.hits for answer in answers]

    async def _one_by_one(self, queries: Sequence[SearchQuery], limit: int) -> SearchResult:
        hits: list[Hit] = []
        failed: list[str] = []
        for query in queries:
            try:
                hits.extend((await self.search(query)).hits)
            except (IndexMissing, InvalidFilter):
                failed.append(query.index)
        return SearchResult(tuple(sorted(hits, key=lambda hit: -hit.score)[:limit]), tuple(failed))

    def _asked(self, query: SearchQuery) -> SearchParams | None:
        text = wording.query_text(query.text)
        if query.scope.empty or not text or query.attributes == ():
            return None
        attributes = None
        if query.attributes is not None:
            attributes = [name for one in query.attributes for name in (wording.words_of(one), wording.signs_of(one))]
        return SearchParams(
            index_uid=self._prefix + query.index,
            q=text,
            limit=query.limit,
            filter=list(wording.filters(query)),
            attributes_to_retrieve=["id"],
            attributes_to_search_on=attributes,
            matching_strategy="all",
            show_ranking_score=True,
        )

    async def build(self, spec: IndexSpec) -> str:
        """Begin an empty index beside the one in use."""
        built = f"{spec.uid}{BUILD}{uuid4().hex[:12]}"
        async with self._faults():
            await self._create(spec, built)
        return built

    async def builds(self, index: str) -> Sequence[str]:
        """The names of what is being built beside an index."""
        async with self._faults():
            found = await self._client.get_raw_indexes(limit=MOST_INDEXES)
        uids = [one.uid.removeprefix(self._prefix) for one in found or () if one.uid.startswith(self._prefix)]
        return sorted(uid for uid in uids if uid.startswith(f"{index}{BUILD}"))

    async def swap(self, index: str, built: str) -> None:
        """Put a built index in the place of the one in use."""
        async with self._faults():
            await self._index(built).get_settings()
            if not await self._exists(index):
                await self._client.create_index(self._prefix + index, "id")
            await self._done(await self._client.swap_indexes([(self._prefix + index, self._prefix + built)]))
            await self._done(await self._index(built).delete())

    async def drop(self, index: str) -> None:
        """Remove an index, or one that was being built."""
        async with self._faults():
            await self._index(index).get_settings()
            await self._done(await self._index(index).delete())

    async def stats(self, spec: IndexSpec) -> Stats | None:
        """The state of an index; `None` when there is none."""
        try:
            async with self._faults():
                settings = await self._index(spec.uid).get_settings()
                found = await self._index(spec.uid).get_stats()
        except IndexMissing:
            return None
        return Stats(found.number_of_documents, wording.fingerprint(spec) in (settings.displayed_attributes or ()))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    def _index(self, name: str) -> AsyncIndex:
        return self._client.index(self._prefix + name)

    async def _exists(self, name: str) -> bool:
        try:
            await self._index(name).get_settings()
        except MeilisearchApiError as fault:
            if fault.code == "index_not_found":
                return False
            raise
        return True

    async def _create(self, spec: IndexSpec, name: str) -> None:
        settings = MeilisearchSettings(
            searchable_attributes=wording.searched(spec),
            filterable_attributes=[wording.ACL, *map(wording.keys_of, spec.filterable)],
            # Settings are swapped with the documents: the one place for a mark that always belongs to them.
            displayed_attributes=["id", wording.fingerprint(spec)],
            ranking_rules=RANKING,
            typo_tolerance=TypoTolerance(
                disable_on_attributes=[wording.signs_of(one) for one in spec.searchable], disable_on_numbers=True
            ),
        )
        index = await self._client.create_index(self._prefix + name, "id", settings=settings)
        # The server calls an attribute unknown, and refuses to search in it, until a document had it.
        first = wording.document(Document(FIRST, dict.fromkeys(spec.searchable, ()), frozenset()), ())
        await self._done(await index.add_documents([first], "id"))
        await self._done(await index.delete_documents([FIRST]))

    async def _done(self, task: TaskInfo) -> None:
        await self._client.wait_for_task(
            task.task_uid, timeout_in_ms=TASK_MILLISECONDS, interval_in_ms=POLL_MILLISECONDS, raise_for_status=True
        )

    @asynccontextmanager
    async def _faults(self) -> AsyncIterator[None]:
        """Faults of the server as ours."""
        try:
            yield
        except MeilisearchApiError as fault:
            if fault.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or fault.status_code in KEY_REFUSED:
                raise SearchUnavailable(f"The search server refuses: {fault.message}") from fault
            raise FAULTS.get(fault.code, Rejected)(fault.message) from fault
        except MeilisearchTaskFailedError as fault:
            raise (IndexMissing if "not found" in fault.message else Rejected)(fault.message) from fault
        except (MeilisearchError, HTTPError) as fault:
            raise SearchUnavailable(f"The search server does not answer: {fault}") from fault
