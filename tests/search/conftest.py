"""Every engine that the conformance suite is run on."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import pytest

from core.finder import Document, Engine, IndexSpec, SearchQuery, SearchScope
from search.embedded import EmbeddedEngine
from search.meilisearch import MeilisearchEngine
from tradepost.testing import missing

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


def meilisearch_program() -> str | None:
    """The program of a Meilisearch server: that of TRADEPOST_TEST_MEILISEARCH, else one in PATH or in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tradepost" / "meilisearch-1.21.0"
    kept = str(cache) if cache.is_file() else None
    return os.environ.get("TRADEPOST_TEST_MEILISEARCH") or shutil.which("meilisearch") or kept


@pytest.fixture(scope="session")
def meilisearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address and key of a running server, started on loopback as a user without rights."""
    program = meilisearch_program()
    if program is None:
        missing("Meilisearch is not installed; set TRADEPOST_TEST_MEILISEARCH to its program")
        raise AssertionError
    user = "nobody" if os.getuid() == 0 else None
    folder = Path("/tmp") / f"tradepost-meilisearch-{uuid4().hex}"  # under tmp_path no other user may look
    folder.mkdir(mode=0o700)
    shutil.copy(program, folder / "server")
    if user:
        shutil.chown(folder, user)
        shutil.chown(folder / "server", user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    key = secrets.token_hex(16)
    command = [str(folder / "server"), "--http-addr", address, "--db-path", str(folder / "data"), "--no-analytics"]
    environment = {"MEILI_MASTER_KEY": key, "MEILI_LOG_LEVEL": "ERROR", "HOME": str(folder)}
    # The shell ends the server when its input ends, and that ends with this process, however it dies.
    server = subprocess.Popen(
        ["/bin/sh", "-c", '"$@" & read -r _; kill $!; wait', "sh", *command],
        cwd=folder,
        env=environment,
        user=user,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _answering(f"http://{address}", server)
        yield f"http://{address}", key
    finally:
        server.communicate(timeout=PATIENCE_SECONDS)
        shutil.rmtree(folder)


def _answering(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"Meilisearch ended at its start with {server.returncode}")
        try:
            with urlopen(f"{url}/health") as answer:
                if json.load(answer)["status"] == "available":
                    return
        except URLError:
            time.sleep(0.05)
    pytest.fail("Meilisearch does not answer")


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
