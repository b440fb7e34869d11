"""Attachments: files on records, kept outside the database under random names."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.access import Caller
from core.blobs import INLINE, Blob, Store, safe_name, sniffed
from core.codec import plain, stored
from core.database import KEY
from core.errors import NotFound
from core.events import Handler, Happening
from core.fields import Kind, integer, text
from core.ids import born, now
from core.journal import Told
from core.model import Meta, Model
from core.registry import ModelSpec
from core.rows import delete, insert_many, load
from core.writing import Step, Unit

if TYPE_CHECKING:
    from core.operations import Operations

CONTENTS = ("name", "media_type", "size", "digest", "place")
CLEANING = "core.files.clean"
ORPHANED = timedelta(days=1)
"""How old contents without a row are before they are removed: an upload under way has none yet."""

log = logging.getLogger(__name__)


class File(Model):
    """A file attached to a record; its rights are the record's. Copies share the place of their contents."""

    meta = Meta(title="name", internal=True, indexes=(("model", "record"),))

    name = text(255, required=True)
    media_type = text(127, required=True)
    size = integer(required=True, minimum=0)
    digest = text(64, required=True)
    place = text(64, required=True)
    model = text(120, required=True)
    record = text(36, required=True)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as its reader sees it."""

    id: UUID
    name: str
    media_type: str
    size: int
    digest: str
    created_at: datetime
    created_by: UUID | None

    @property
    def inline(self) -> bool:
        """Whether a browser may show it; everything else, pages and drawings with scripts above all, is only saved."""
        return self.media_type in INLINE


class Files:
    """Attaches, lists, opens and removes the files of records."""

    def __init__(self, operations: Operations, store: Store, limit: int) -> None:
        self._operations = operations
        self._registry = operations.registry
        self._database = operations.database
        self._spec = operations.registry.spec(File)
        self._store = store
        self.limit = limit

    async def attach(
        self, caller: Caller, model: type[Model], record: UUID, name: str, stream: AsyncIterable[bytes]
    ) -> Attachment:
        """Store a file on a record that the caller may update. It is read only after that right was found."""
        spec, name = self._registry.spec(model), safe_name(name)
        await self._operations.unit(caller, lambda unit, who: Step(unit, who, spec).targets([record], "update"))
        blob = await self._store.write(stream, self.limit)

        async def body(unit: Unit, who: Caller) -> Attachment:
            step = Step(unit, who, spec)
            (row,) = await step.targets([record], "update")
            made = _row(step, record, _contents(name, blob))
            await insert_many(unit.connection, self._spec, [made])
            step.tell("attach", row, {"files": [None, name]})
            return _attachment(made)

        try:
            return await self._operations.unit(caller, body)
        except BaseException:
            await self._store.remove(blob.place)
            raise

    async def of(self, caller: Caller, model: type[Model], record: UUID) -> list[Attachment]:
        """The files of a record, the newest first; `NotFound` where the caller does not see the record."""
        await self._operations.reader.get(caller, model, record, ("id",))
        place = self._database.dialect.place
        rows = await self._rows(
            f"model = {place(1)} AND record = {place(2)} ORDER BY id DESC",
            [self._registry.spec(model).label, str(record)],
        )
        return [_attachment(row) for row in rows]

    async def open(self, caller: Caller, file: UUID) -> tuple[Attachment, AsyncIterator[bytes]]:
        """A file and its contents, for those who may read its record; the audit remembers it."""
        row, spec = await self._found(caller, file)
        try:
            contents = await self._store.read(row["place"])
        except NotFound:
            log.error("The contents of file %s are lost: nothing is at %s", file, row["place"])  # noqa: TRY400 - no fault of the code
            raise

        async def body(unit: Unit, who: Caller) -> None:
            told = Told("download", spec.label, UUID(row["record"]), row["name"], who.reason, news=False)
            unit.journal.tell(told)

        await self._operations.unit(caller, body)
        return _attachment(row), contents

    async def remove(self, caller: Caller, file: UUID) -> None:
        """Take a file off a record that the caller may update."""
        row, spec = await self._found(caller, file)

        async def body(unit: Unit, who: Caller) -> None:
            step = Step(unit, who, spec)
            (target,) = await step.targets([UUID(row["record"])], "update")
            if not await delete(unit.connection, self._spec, file):
                raise NotFound
            step.tell("detach", target, {"files": [row["name"], None]})

        await self._operations.unit(caller, body)

    async def clean(self) -> int:
        """Remove contents that no file has any more; how many there were. To be called now and then."""
        limit = now() - ORPHANED
        old = {one.place for one in await self._store.stored() if one.written < limit}
        used = {row[0] for row in await self._database.read(KEY, f"SELECT place FROM {self._spec.table}")}
        for place in old - used:
            await self._store.remove(place)
        return len(old - used)

    def cleaning(self) -> Handler:
        """The job that does so once a day."""

        async def clean(_: Sequence[Happening]) -> None:
            await self.clean()

        return Handler(clean, every=ORPHANED)

    async def _found(self, caller: Caller, file: UUID) -> tuple[dict[str, Any], ModelSpec]:
        place = self._database.dialect.place(1)
        rows = await self._rows(f"id = {place}", [plain(self._database.dialect, Kind.ID, 0, file)])
        spec = self._registry.models.get(rows[0]["model"]) if rows else None
        if spec is None:
            raise NotFound
        await self._operations.reader.get(caller, spec.model, UUID(rows[0]["record"]), ("id",))
        return rows[0], spec

    async def _rows(self, where: str, values: list[object]) -> list[dict[str, Any]]:
        fields = list(self._spec.fields.values())
        names = [column for one in fields for column in one.columns]
        sql = f"SELECT {', '.join(names)} FROM {self._spec.table} WHERE {where}"
        rows = [dict(zip(names, row, strict=True)) for row in await self._database.read(KEY, sql, values)]
        return [{one.name: stored(one, row) for one in fields} for row in rows]


async def copy_files(step: Step, source: tuple[str, UUID], target: UUID) -> int:
    """Attach the files of a record (its label and id) to another, too: contents are shared. How many there were."""
    connection, spec = step.unit.connection, step.unit.registry.spec(File)
    place = connection.dialect.place
    sql = f"SELECT id FROM {spec.table} WHERE model = {place(1)} AND record = {place(2)} ORDER BY id"
    ids = [UUID(str(row[0])) for row in await connection.rows(KEY, sql, [source[0], str(source[1])])]
    rows = await load(connection, spec, ids) if ids else []
    made = [_row(step, target, {name: row[name] for name in CONTENTS}) for row in rows]
    await insert_many(connection, spec, made)
    return len(made)


def _row(step: Step, record: UUID, contents: dict[str, Any]) -> dict[str, Any]:
    own = {"model": step.spec.label, "record": str(record)}
    return born(step.unit.now, step.caller.user_id) | contents | own


def _contents(name: str, blob: Blob) -> dict[str, Any]:
    media_type = sniffed(blob.head, name)
    values = (name, media_type, blob.size, blob.digest, blob.place)
    return dict(zip(CONTENTS, values, strict=True))


def _attachment(row: dict[str, Any]) -> Attachment:
    return Attachment(**{name: row[name] for name in Attachment.__dataclass_fields__})
