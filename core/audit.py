"""The audit: every change and every refusal that matters, chained by hashes so that no row can be altered unseen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.codec import moment_text, stored
from core.database import KEY, Connection, Database, Dialect
from core.fields import data, integer, moment, text
from core.ids import born, now
from core.links import link
from core.model import Meta, Model
from core.registry import ModelSpec, Registry
from core.rows import Places, column_names, insert_many, insert_missing, row_values
from core.users import User


class Entry(Model):
    """Who did what to which record, when and from where."""

    meta = Meta(
        title="verb",
        plural="entries",
        order=("-number",),
        internal=True,
        append_only=True,
        indexes=(("model", "record"),),
        together=(("number",),),
    )

    number = integer(required=True)
    at = moment(required=True)
    user = link(User)
    by = text(16, required=True)
    verb = text(64, required=True)
    model = text(120)
    record = text(36)
    title = text(255)
    changes = data()
    reason = text(255)
    address = text(64)
    program = text(255)
    request = text(64)
    previous = text(64, required=True)
    digest = text(64, required=True)


TOLD = ("at", "user", "by", "verb", "model", "record", "title", "changes", "reason", "address", "program", "request")
HEAD = "audit"
BEGINNING = "0" * 64
PAGE = 1_000
EXACT_FLOAT = 2**53
EXACT = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be remembered: a verb, the record that it was done to, and what changed (field to both values)."""

    verb: str
    model: str = ""
    record: UUID | None = None
    title: str = ""
    changes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number and digest. Kept elsewhere, it is a checkpoint that shows a cut end."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: the number of entries, the newest one, and every fault; sound means none."""

    entries: int
    head: Head
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether the chain is whole."""
        return not self.faults


async def record(
    connection: Connection, registry: Registry, caller: Caller, at: datetime, notes: Sequence[Note]
) -> None:
    """Append entries to the chain, in the open transaction. The chain stays locked until that ends, so do it last."""
    if not notes:
        return
    spec = registry.spec(Entry)
    rows = [entry_row(caller, at, note) for note in notes]
    if connection.dialect is Dialect.POSTGRES and len(rows) == 1:
        if await _append_one(connection, spec, rows[0]):
            return
        await begin(connection, registry)
    head = await _locked_head(connection, registry)
    for row in rows:
        row["number"], row["previous"] = head.number + 1, head.digest
        head = Head(head.number + 1, digest_of(head, canonical(row)))
        row["digest"] = head.digest
    await insert_many(connection, spec, rows)
    await _move_head(connection, head)


def entry_row(caller: Caller, at: datetime, note: Note) -> dict[str, Any]:
    """An entry that has no place in the chain yet."""
    origin = caller.origin
    return born(at, caller.user_id) | {
        "at": at,
        "user": caller.user_id,
        "by": caller.by.value,
        "verb": note.verb[:64],
        "model": note.model or None,
        "record": str(note.record) if note.record else None,
        "title": note.title[:255] or None,
        "changes": {
            name: both if EXACT.issuperset(map(type, both)) else _exact(both) for name, both in note.changes.items()
        },
        "reason": (note.reason or caller.reason)[:255] or None,
        "address": origin.address[:64] or None,
        "program": origin.program[:255] or None,
        "request": origin.request[:64] or None,
    }


def _exact(value: Any) -> Any:
    """JSON whose numbers come back from either database as they went in."""
    if isinstance(value, list | tuple):  # the two values of a field, as a rule
        return value if EXACT.issuperset(map(type, value)) else [_exact(one) for one in value]
    if isinstance(value, float) and (value.is_integer() or abs(value) >= EXACT_FLOAT):
        return int(value) if abs(value) < EXACT_FLOAT else str(value)
    if isinstance(value, Mapping):
        return {str(key): _exact(one) for key, one in value.items()}
    return value


def canonical(row: Mapping[str, Any]) -> str:
    """What an entry says, as JSON that is the same whenever it says the same."""
    told = {name: row[name] for name in TOLD} | {"at": moment_text(row["at"])}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def digest_of(head: Head, told: str) -> str:
    """The digest of an entry: over the one before, its own number, and what it says."""
    return sha256(f"{head.digest}\n{head.number + 1}\n{told}".encode()).hexdigest()


# The head of the chain ----------------------------------------------------------------------------------------------


async def begin(connection: Connection, registry: Registry) -> None:
    """Put the head of the chain where every writer finds it; nothing happens where it is already."""
    rows = await connection.rows(KEY, "SELECT number, digest FROM core_entry ORDER BY number DESC LIMIT 1")
    number, digest = rows[0] if rows else (0, BEGINNING)
    values = born(now()) | {"name": HEAD, "content": _content(number, digest)}
    await insert_missing(connection, registry.spec("core.setting"), values)


def _content(number: int, digest: str) -> dict[str, Any]:
    return {"number": number, "digest": digest}


async def _locked_head(connection: Connection, registry: Registry) -> Head:
    lock = " FOR UPDATE" if connection.dialect is Dialect.POSTGRES else ""
    sql = f"SELECT content FROM core_setting WHERE name = '{HEAD}'{lock}"
    rows = await connection.rows(KEY, sql)
    if not rows:
        await begin(connection, registry)
        rows = await connection.rows(KEY, sql)
    content = orjson.loads(rows[0][0])
    return Head(content["number"], content["digest"])


async def _move_head(connection: Connection, head: Head) -> None:
    content = orjson.dumps(_content(head.number, head.digest)).decode()
    sql = f"UPDATE core_setting SET content = {connection.dialect.place(1)} WHERE name = '{HEAD}'"
    await connection.run(KEY, sql, [content])


async def _append_one(connection: Connection, spec: ModelSpec, row: Mapping[str, Any]) -> bool:
    """Lock and move the head, hash and insert, in one statement: the chain is held no longer than the commit takes."""
    head, entry = appending(spec, tuple(row), Places())
    values = [canonical(row), *row_values(spec, row)]
    return await connection.run(KEY, f"WITH head AS ({head}) {entry}", values) == 1


def appending(spec: ModelSpec, names: Sequence[str], places: Places, after: str = "") -> tuple[str, str]:
    """How PostgreSQL appends an entry: a part called `head`, to be done after another part, and the insert.

    Its values are what the entry says, in canonical form, and those of the row. Where there is no head, an entry after
    another part fails, and with it that part: nothing is done without being remembered.
    """
    told = places.put()
    head = f"""
        UPDATE core_setting SET content = jsonb_build_object(
            'number', (content->>'number')::int + 1,
            'previous', content->>'digest',
            'digest', encode(sha256(convert_to(concat(
                content->>'digest', E'\\n', (content->>'number')::int + 1, E'\\n', {told}), 'UTF8')), 'hex'))
        {f"FROM {after}" if after else ""} WHERE name = '{HEAD}'
        RETURNING content"""
    entry = f"""
        INSERT INTO core_entry ({column_names(spec, names)}, number, previous, previous_folded, digest, digest_folded)
        SELECT {places.row(spec, names)}, (content->>'number')::int, content->>'previous', content->>'previous',
            content->>'digest', content->>'digest' FROM {f"{after} LEFT JOIN head ON TRUE" if after else "head"}"""
    return head, entry


# Looking back -------------------------------------------------------------------------------------------------------


async def head(database: Database) -> Head:
    """The newest entry, to be kept as a checkpoint."""
    rows = await database.read(KEY, "SELECT number, digest FROM core_entry ORDER BY number DESC LIMIT 1")
    return Head(*rows[0]) if rows else Head(0, BEGINNING)


async def verify(database: Database, registry: Registry, checkpoint: Head | None = None) -> Verdict:
    """Follow the whole chain; finds any entry that was edited, removed, added or moved since it was written.

    A removed end is seen by the head of the chain; if that was altered too, by a checkpoint that was kept elsewhere.
    """
    marks = [one for one in (await _told_head(database), checkpoint) if one is not None]
    faults: list[str] = []
    last, count = Head(0, BEGINNING), 0
    async for entry in _entries(database, registry):
        count += 1
        faults += _faults(last, entry)
        last = Head(entry["number"], entry["digest"])
        faults += [_other(mark) for mark in marks if mark.number == last.number and mark.digest != last.digest]
    faults += [
        f"The chain ends at entry {last.number}, but was at {one.number}" for one in marks if one.number > last.number
    ]
    if count and not marks:
        faults.append("The head of the chain is missing")
    return Verdict(count, last, tuple(faults))


def _other(mark: Head) -> str:
    return f"Entry {mark.number} is not the one that stood there before"


def _faults(last: Head, entry: Mapping[str, Any]) -> list[str]:
    number, faults = entry["number"], []
    if number != last.number + 1:
        faults.append(f"Entry {last.number + 1} is missing")
    if entry["previous"] != last.digest and number == last.number + 1:
        faults.append(f"Entry {number} does not follow entry {last.number}")
    if digest_of(Head(number - 1, entry["previous"]), canonical(entry)) != entry["digest"]:
        faults.append(f"Entry {number} was altered")
    return faults


async def _told_head(database: Database) -> Head | None:
    rows = await database.read(KEY, f"SELECT content FROM core_setting WHERE name = '{HEAD}'")
    content = orjson.loads(rows[0][0]) if rows else None
    return Head(content["number"], content["digest"]) if content else None


async def _entries(database: Database, registry: Registry) -> AsyncIterator[dict[str, Any]]:
    spec = registry.spec(Entry)
    fields = [spec.fields[name] for name in ("number", *TOLD, "previous", "digest")]
    sql = (
        f"SELECT {', '.join(one.column for one in fields)} FROM core_entry"
        f" WHERE number > {database.dialect.place(1)} ORDER BY number LIMIT {PAGE}"
    )
    number = -1
    while rows := await database.read(KEY, sql, [number]):
        for row in rows:
            by_column = {one.column: value for one, value in zip(fields, row, strict=True)}
            yield {one.name: stored(one, by_column) for one in fields}
        number = rows[-1][0]
