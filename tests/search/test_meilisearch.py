"""The Meilisearch engine by itself: a server that is away or refuses, apps side by side on one server."""

from __future__ import annotations

import socket

import pytest

from core.errors import SearchUnavailable
from core.finder import SearchQuery, Stats
from search.meilisearch import MeilisearchEngine
from search.wording import encoded, query_text

from .conftest import EVERYBODY, SPEC, document, ids


@pytest.fixture
def nowhere() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


async def test_a_server_that_is_away_is_a_search_that_does_not_answer(nowhere: str) -> None:
    engine = MeilisearchEngine(nowhere)
    query = SearchQuery(SPEC.uid, "tea", EVERYBODY)
    for asked in (engine.search(query), engine.search_all([query], 5), engine.upsert(SPEC.uid, [document("1", "Tea")])):
        with pytest.raises(SearchUnavailable, match="does not answer"):
            await asked
    await engine.close()


async def test_a_wrong_key_is_a_search_that_does_not_answer(meilisearch: tuple[str, str]) -> None:
    engine = MeilisearchEngine(meilisearch[0], "wrong")
    with pytest.raises(SearchUnavailable, match="refuses"):
        await engine.search(SearchQuery(SPEC.uid, "tea", EVERYBODY))
    await engine.close()


async def test_apps_on_one_server_do_not_meet(meilisearch: tuple[str, str]) -> None:
    url, key = meilisearch
    one, other = (MeilisearchEngine(url, key, prefix=prefix) for prefix in ("one_", "other_"))
    for engine in (one, other):
        await engine.ensure(SPEC)
    await one.upsert(SPEC.uid, [document("1", "Tea")])
    built = await one.build(SPEC)
    assert (await ids(one, "tea"), await ids(other, "tea")) == (["1"], [])
    assert (await one.builds(SPEC.uid), await other.builds(SPEC.uid)) == ([built], [])
    assert await other.stats(SPEC) == Stats(0, current=True)
    for engine in (one, other):
        await engine.close()


def test_the_server_is_told_words_only() -> None:
    assert query_text('-"Tea" AND (小明) "') == f"tea and {encoded('小明')}"
    assert encoded("小明") == "x05c0f0660ez"
    assert query_text("王") == "x0738bz"
    assert query_text("+1 (415) 555-0132") == "4155550132"
