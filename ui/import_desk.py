"""Imports on their way: the uploaded file, its mapping and the outcome so far, in a folder of the embedded data.

The folder says all there is to know, so that any process can show a page; the work itself is done in the process that
began it. If that process ends, the import ends with it, and since it is one unit of work nothing was changed.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from starlette.datastructures import UploadFile

from core.access import Caller
from core.errors import NotFound, Problem, Refused, TradepostError
from core.exchange import Exchange, Import
from core.findings import Report
from core.ids import new_id
from core.mapping import ImportMap
from core.registry import ModelSpec
from ui.words import N_

BLOCK = 1 << 20
KEPT = 7 * 24 * 3600
BEAT = 0.5
SILENCE = 60
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")
INTERRUPTED = N_("The import was interrupted; nothing was changed")

log = logging.getLogger(__name__)


class Phase(Enum):
    """How far an import has come."""

    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"


RUNNING = (Phase.CHECKING, Phase.IMPORTING)


@dataclass(frozen=True)
class Draft:
    """An import as its folder tells it. `report` holds figures and groups of equal problems."""

    id: UUID
    user: UUID
    model: str
    name: str
    file: str
    phase: Phase = Phase.MAPPING
    mapping: ImportMap | None = None
    good_rows: bool = False
    done: int = 0
    total: int = 0
    beat: float = 0
    report: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def running(self) -> bool:
        """Whether somebody works on it."""
        return self.phase in RUNNING

    def dump(self) -> bytes:
        """The draft as JSON."""
        names = ("id", "user", "model", "name", "file", "good_rows", "done", "total")
        told: dict[str, Any] = {name: getattr(self, name) for name in names}
        told |= {"beat": self.beat, "report": self.report, "phase": self.phase.value}
        told["mapping"] = self.mapping.model_dump(mode="json") if self.mapping else None
        told["problems"] = [(one.message, one.field, one.code, one.values) for one in self.problems]
        return orjson.dumps(told)


def load(content: bytes) -> Draft:
    """A draft from its JSON."""
    told = orjson.loads(content)
    mapping = ImportMap.model_validate(told["mapping"]) if told["mapping"] else None
    problems = tuple(
        Problem(text, name, code, tuple((k, v) for k, v in values)) for text, name, code, values in told["problems"]
    )
    ids = {"id": UUID(told["id"]), "user": UUID(told["user"])}
    return Draft(**told | ids | {"mapping": mapping, "problems": problems, "phase": Phase(told["phase"])})


def outcome(report: Report) -> dict[str, Any]:
    """A report as JSON."""
    figures = {
        name: getattr(report, name) for name in ("rows", "created", "updated", "unchanged", "refused", "written")
    }
    groups = [
        {
            "column": one.column,
            "path": one.path,
            "cell": one.cell,
            "message": one.problem.message,
            "values": dict(one.problem.values),
            "count": one.count,
            "rows": one.rows,
            "mappable": one.mappable,
            "likely": one.likely,
        }
        for one in report.groups
    ]
    notes = [{"message": one.message, "values": dict(one.values)} for one in report.notes]
    return figures | {"groups": groups, "notes": notes}


class ImportDesk:
    """Keeps the imports of an app, and works on those that were begun here."""

    def __init__(self, folder: Path, exchange: Exchange) -> None:
        self.folder = folder
        self.exchange = exchange
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def receive(self, caller: Caller, spec: ModelSpec, upload: UploadFile) -> Draft:
        """Keep an uploaded file; `Refused` when it is neither CSV nor XLSX."""
        name = upload.filename or ""
        suffix = Path(name).suffix.lower()
        if suffix not in SUFFIXES or caller.user_id is None:
            raise Refused("Choose a CSV or XLSX file", field="file", code="file_type")
        draft = Draft(new_id(), caller.user_id, spec.label, name[:255], f"table{suffix}")
        place = self.place(draft.id)
        await asyncio.to_thread(self._tidy)
        place.mkdir(parents=True)
        with (place / draft.file).open("wb") as file:
            while block := await upload.read(BLOCK):
                await asyncio.to_thread(file.write, block)
        return self.keep(draft)

    def place(self, draft: UUID) -> Path:
        """The folder of an import."""
        return self.folder / str(draft)

    def keep(self, draft: Draft) -> Draft:
        """Write what is known of an import, so that a reader sees the old or the new."""
        path = self.place(draft.id) / "draft.json"
        partial = path.with_suffix(".part")
        partial.write_bytes(draft.dump())
        partial.replace(path)
        return draft

    def get(self, caller: Caller, spec: ModelSpec, draft: UUID) -> Draft:
        """An import of the caller's own; `NotFound` for any other. One whose process has ended has failed."""
        try:
            found = load((self.place(draft) / "draft.json").read_bytes())
        except FileNotFoundError:
            raise NotFound from None
        if found.user != caller.user_id or found.model != spec.label:
            raise NotFound
        if found.running and draft not in self._tasks and time.time() - found.beat > SILENCE:
            return replace(found, phase=Phase.FAILED, problems=(Problem(INTERRUPTED),))
        return found

    def discard(self, draft: Draft) -> None:
        """Forget an import and its file."""
        shutil.rmtree(self.place(draft.id), ignore_errors=True)

    def begin(self, caller: Caller, draft: Draft, phase: Phase) -> Draft:
        """Check or import in the background; the folder tells how far it is."""
        started = self.keep(replace(draft, phase=phase, done=0, total=0, beat=time.time(), report={}, problems=()))
        self._tasks[draft.id] = asyncio.create_task(self._work(caller, started))
        return started

    async def _work(self, caller: Caller, draft: Draft) -> None:
        checking = draft.phase is Phase.CHECKING
        told = draft

        def progress(done: int, total: int) -> None:
            nonlocal told
            if time.time() - told.beat >= BEAT:
                told = self.keep(replace(draft, done=done, total=total, beat=time.time()))

        place = self.place(draft.id)
        job = Import(
            draft.model,
            place / draft.file,
            draft.name,
            mapping=draft.mapping,
            dry_run=checking,
            good_rows=draft.good_rows,
            errors=place / "errors.csv",
            progress=progress,
        )
        try:
            report = await self.exchange.run(caller, job)
        except Refused as refusal:
            self.keep(replace(draft, phase=Phase.FAILED, problems=refusal.problems))
        except TradepostError as fault:
            self.keep(replace(draft, phase=Phase.FAILED, problems=(Problem(str(fault).replace("%", "%%")),)))
        except Exception:
            log.exception("The import %s failed", draft.id)
            self.keep(replace(draft, phase=Phase.FAILED, problems=(Problem(INTERRUPTED),)))
        else:
            complete = not checking and (report.sound or draft.good_rows)
            self.keep(replace(draft, phase=Phase.DONE if complete else Phase.CHECKED, report=outcome(report)))
        finally:
            self._tasks.pop(draft.id, None)

    def _tidy(self) -> None:
        """Forget imports that nobody has looked after for a week."""
        if not self.folder.is_dir():
            return
        for place in self.folder.iterdir():
            if time.time() - place.stat().st_mtime > KEPT:
                shutil.rmtree(place, ignore_errors=True)
