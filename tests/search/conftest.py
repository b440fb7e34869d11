"""Every engine that the conformance suite is run on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from core.finder import Document, Engine, IndexSpec, SearchQuery, SearchScope
from search.embedded import EmbeddedEngine
from search.meilisearch import MeilisearchEngine

SPEC = IndexSpec("sales_customer", ("name", "note", "contact.name"), ("stage", "owner"))
EVERYBODY = SearchScope(frozenset({"all"}))
PATIENCE_SECONDS = 120


def document(id: str, name: str, note: str = "", *, contact: str = "", acl: str = "all", **keys: str) -> Document:
    """A document of the index that the suite works on."""
    texts = {"name": (name,), "note": (note,), "contact.name": (contact,)}
    return Document(id, texts, frozenset(acl.split()), {key: (value,) for key, value in keys.items()})


async def ids(engine: Engine, text: str, scope: SearchScope = EVERYBODY, **narrowed) -> list[str]:
    """The ids that a search finds, in order."""
    result = await engine.search(SearchQuery(SPEC.uid, text, scope, **narrowed))
    return [hit.id for hit in result.hits]


@pytest.fixture(params=["embedded", "meilisearch"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    """A running engine with the suite's index, empty."""
    made: Engine
    if request.param == "embedded":
        made = EmbeddedEngine(tmp_path / "search.db")
    else:
        url, key = request.getfixturevalue("meilisearch")
        made = MeilisearchEngine(url, key, prefix=f"test_{uuid4().hex[:12]}_")
    await made.ensure(SPEC)
    yield made
    await made.close()
