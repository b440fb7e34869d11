"""The embedded engine by itself: its file, its threads, several processes, a sudden death."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.errors import SearchUnavailable
from core.finder import Document, SearchQuery, Stats
from search import shelf
from search.embedded import EmbeddedEngine

from .conftest import EVERYBODY, SPEC, document, ids

WRITER = """
import asyncio, sys
from pathlib import Path
from core.finder import Document
from search.embedded import EmbeddedEngine

async def write(path, name, count):
    engine = EmbeddedEngine(Path(path))
    for number in range(int(count)):
        texts = {"name": (f"Tea {name}",)}
        await engine.upsert("sales_customer", [Document(f"{name}-{number}", texts, frozenset({"all"}))])
        print(number, flush=True)
    await engine.close()

asyncio.run(write(*sys.argv[1:]))
"""


def start_writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    made = EmbeddedEngine(tmp_path / "deep" / "search.db")
    await made.ensure(SPEC)
    yield made
    await made.close()


async def test_the_file_is_for_its_owner_alone(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "deep" / "search.db").stat().st_mode) == 0o600


async def test_what_was_written_is_there_after_a_restart(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    await embedded.upsert(SPEC.uid, [document("1", "Pharmaceutical Works")])
    await embedded.close()
    again = EmbeddedEngine(tmp_path / "deep" / "search.db")
    assert await ids(again, "parmaceutical") == ["1"]
    await again.close()


async def test_a_broken_file_is_a_search_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "search.db").write_bytes(b"this is no database " * 500)
    broken = EmbeddedEngine(tmp_path / "search.db")
    with pytest.raises(SearchUnavailable, match=r"search\.db does not answer"):
        await broken.search(SearchQuery(SPEC.uid, "tea", EVERYBODY))
    await broken.close()


async def test_a_failed_batch_leaves_nothing_behind(embedded: EmbeddedEngine) -> None:
    def texts() -> Iterator[str]:
        yield "Tea"
        raise LookupError("gone")

    faulty = Document("2", {"name": texts()}, frozenset({"all"}))  # type: ignore[dict-item]
    with pytest.raises(LookupError, match="gone"):
        await embedded.upsert(SPEC.uid, [document("1", "Tea"), faulty])
    assert await ids(embedded, "tea") == []
    assert await embedded.stats(SPEC) == Stats(0, current=True)


async def test_another_analyzer_makes_the_index_outdated(
    embedded: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "ANALYZER_VERSION", 999)
    assert await embedded.stats(SPEC) == Stats(0, current=False)


async def test_a_mistyped_word_finds_what_another_process_added(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    await embedded.upsert(SPEC.uid, [document("1", "Elsewhere")])
    assert await ids(embedded, "northwnid") == []
    other = EmbeddedEngine(tmp_path / "deep" / "search.db")
    await other.upsert(SPEC.uid, [document("2", "Northwind")])
    await other.close()
    assert await ids(embedded, "northwnid") == ["2"]


async def test_several_processes_write_at_once(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    writers = [start_writer(tmp_path / "deep" / "search.db", name, 40) for name in ("one", "two", "three")]
    outputs = await asyncio.gather(*(asyncio.to_thread(writer.communicate) for writer in writers))
    assert [len(output.splitlines()) for output, _ in outputs] == [40, 40, 40]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert await embedded.stats(SPEC) == Stats(120, current=True)
    assert len(await ids(embedded, "tea two", limit=100)) == 40


async def test_a_killed_writer_loses_nothing_that_was_confirmed(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "search.db"
    writer = start_writer(path, "one", 10_000)
    assert writer.stdout is not None
    confirmed = [await asyncio.to_thread(writer.stdout.readline) for _ in range(30)]
    os.kill(writer.pid, signal.SIGKILL)
    rest, _ = await asyncio.to_thread(writer.communicate)
    told = len(confirmed) + len(rest.splitlines())
    state = await embedded.stats(SPEC)
    assert state is not None
    assert state.documents in (told, told + 1)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    connection.execute("INSERT INTO fts_1(fts_1) VALUES ('integrity-check')")
    connection.close()


async def test_a_write_that_must_wait_holds_up_neither_the_event_loop_nor_searches(
    embedded: EmbeddedEngine, tmp_path: Path
) -> None:
    await embedded.upsert(SPEC.uid, [document("1", "Tea")])
    other = sqlite3.connect(tmp_path / "deep" / "search.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(embedded.upsert(SPEC.uid, [document("2", "Tea")]))
    assert await ids(embedded, "tea") == ["1"]
    assert not writing.done()
    other.execute("ROLLBACK")
    other.close()
    await writing
    assert await ids(embedded, "tea") == ["2", "1"]
