"""The embedded index on disk: one SQLite file of its own, with a set of tables for each generation of each index."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.finder import Document, IndexMissing, IndexSpec
from search.analyzer import ANALYZER_VERSION, tokens
from search.matching import ACL, EVERY, KEYS, key
from search.readings import readings
from search.spelling import remembered

LAYOUT = 1
BAR = "|"
BUSY_SECONDS = 10

SCHEMA = """
CREATE TABLE IF NOT EXISTS generation (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    searchable TEXT NOT NULL,
    filterable TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    live INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS generation_live ON generation (uid) WHERE live;
"""


@dataclass(frozen=True, slots=True)
class Generation:
    """One built set of tables of an index; the live one is searched."""

    number: int
    spec: IndexSpec
    fingerprint: str

    @property
    def built(self) -> str:
        """Its name while it is built beside the live one."""
        return f"{self.spec.uid}@{self.number}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the searched attributes, in their order."""
        return tuple(f"a{at}" for at in range(len(self.spec.searchable)))


def fingerprint(spec: IndexSpec) -> str:
    """What an index depends on: another one means that it must be built anew."""
    content = json.dumps([LAYOUT, ANALYZER_VERSION, spec.searchable, spec.filterable])
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def open_shelf(path: Path, *, writes: bool) -> sqlite3.Connection:
    """A connection to the file, which the first one makes, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA journal_mode = WAL")
    # A power cut may lose the last commits, never the file: what the index holds can be built again.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(SCHEMA)
    if not writes:
        connection.execute("PRAGMA query_only = ON")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """One transaction: committed at the end, rolled back when something is raised."""
    connection.execute(begin)
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def find(connection: sqlite3.Connection, index: str) -> Generation:
    """The live generation of an index, or the one that `uid@number` names; `IndexMissing` when there is none."""
    uid, _, number = index.partition("@")
    chosen, value = ("number = ?2 AND NOT live", int(number)) if number else ("live = ?2", 1)
    row = connection.execute(
        f"SELECT number, searchable, filterable, fingerprint FROM generation WHERE uid = ?1 AND {chosen}",
        (uid, value),
    ).fetchone()
    if row is None:
        raise IndexMissing(f"There is no search index {index}; run tradepost reindex")
    return Generation(row[0], IndexSpec(uid, tuple(json.loads(row[1])), tuple(json.loads(row[2]))), row[3])


def unfinished(connection: sqlite3.Connection, uid: str) -> list[str]:
    """The names of the generations of an index that are not live, the oldest first."""
    rows = connection.execute("SELECT number FROM generation WHERE uid = ? AND NOT live ORDER BY number", (uid,))
    return [f"{uid}@{number}" for (number,) in rows]


def make(connection: sqlite3.Connection, spec: IndexSpec, *, live: bool) -> Generation:
    """An empty generation of an index."""
    cursor = connection.execute(
        "INSERT INTO generation (uid, searchable, filterable, fingerprint, live) VALUES (?, ?, ?, ?, ?)",
        (spec.uid, json.dumps(spec.searchable), json.dumps(spec.filterable), fingerprint(spec), live),
    )
    made = Generation(int(cursor.lastrowid or 0), spec, fingerprint(spec))
    columns = ", ".join((*made.columns, ACL, KEYS))
    # The tokens are ours, so the tokenizer only has to cut at spaces: "ascii" lets every other character pass.
    connection.execute(
        f"CREATE VIRTUAL TABLE fts_{made.number} USING fts5({columns}, "
        "tokenize = \"ascii tokenchars '-_'\", prefix = '1 2 3', detail = column)"
    )
    connection.execute(f"CREATE TABLE doc_{made.number} (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)")
    connection.execute(f"CREATE TABLE word_{made.number} (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)")
    return made


def remove(connection: sqlite3.Connection, generation: Generation) -> None:
    """Drop the tables of a generation."""
    connection.execute("DELETE FROM generation WHERE number = ?", (generation.number,))
    for table in ("fts", "doc", "word"):
        connection.execute(f"DROP TABLE {table}_{generation.number}")


def put(connection: sqlite3.Connection, generation: Generation, documents: Iterable[Document]) -> None:
    """Write documents over what there was of them."""
    number, width = generation.number, len(generation.columns) + 3
    places = ", ".join("?" * width)
    for document in documents:
        connection.execute(f"INSERT OR IGNORE INTO doc_{number} (id) VALUES (?)", (document.id,))
        (row,) = connection.execute(f"SELECT number FROM doc_{number} WHERE id = ?", (document.id,)).fetchone()
        texts = [list(_tokens(document.texts.get(name, ()))) for name in generation.spec.searchable]
        columns = (
            _column(document.texts.get(name, ()), one)
            for name, one in zip(generation.spec.searchable, texts, strict=True)
        )
        values = (row, *columns, " ".join(sorted(document.acl)), _keys(generation, document))
        connection.execute(f"DELETE FROM fts_{number} WHERE rowid = ?", (row,))
        connection.execute(
            f"INSERT INTO fts_{number} (rowid, {', '.join((*generation.columns, ACL, KEYS))}) VALUES ({places})",
            values,
        )
        words = sorted(remembered(token for one in texts for token in one))
        connection.executemany(f"INSERT OR IGNORE INTO word_{number} (word) VALUES (?)", [(word,) for word in words])


def take(connection: sqlite3.Connection, generation: Generation, ids: Sequence[str]) -> None:
    """Remove documents."""
    number = generation.number
    for one in ids:
        row = connection.execute(f"DELETE FROM doc_{number} WHERE id = ? RETURNING number", (one,)).fetchone()
        if row:
            connection.execute(f"DELETE FROM fts_{number} WHERE rowid = ?", row)


def _tokens(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from tokens(text)


def _column(texts: Iterable[str], words: Iterable[str]) -> str:
    """Words, and behind a bar, which is no token, the readings: these are no words that a mistyped one may mean."""
    return " ".join((*words, BAR, *(one for text in texts for one in readings(text))))


def _keys(generation: Generation, document: Document) -> str:
    found = [EVERY]
    for attribute in generation.spec.filterable:
        found += [key(attribute, value) for value in document.keys.get(attribute, ())] or [key(attribute, "")]
    return " ".join(found)
