"""Imports on their way: the uploaded file, its mapping and the outcome so far, in a folder of the embedded data.

The folder says all there is to know, so that any process can show a page; the work itself is done in the process that
began it. If that process ends, the import ends with it, and since it is one unit of work nothing was changed: it can go
on from its file. Where the unit was done but nobody was left to say so, the import stands in the database.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from starlette.datastructures import UploadFile

from core.access import Caller
from core.errors import NotFound, Problem, Refused, TradepostError
from core.exchange import Exchange, Import
from core.findings import Report
from core.ids import new_id
from core.import_runs import FIGURES, ImportRun, find_run
from core.import_undo import Undo, UndoReport
from core.languages import Languages
from core.mapping import ImportMap
from core.registry import ModelSpec
from ui.words import N_

BLOCK = 1 << 20
REFUSED = {"csv": "refused.csv", "xlsx": "refused.xlsx"}
KEPT = 7 * 24 * 3600
BEAT = 0.5
SILENCE = 15
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")
HALT = "halt"
HALTED = N_("It was stopped; nothing was changed")
INTERRUPTED = N_("The import was interrupted; nothing was changed")

log = logging.getLogger(__name__)

Progress: TypeAlias = Callable[[int, int], None]


class Phase(Enum):
    """How far an import has come."""

    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"
    LOOKING_BACK = "looking_back"
    LOOKED_BACK = "looked_back"
    UNDOING = "undoing"
    UNDONE = "undone"


RUNNING = (Phase.CHECKING, Phase.IMPORTING, Phase.LOOKING_BACK, Phase.UNDOING)


@dataclass(frozen=True)
class Draft:
    """An import as its folder tells it, or the undoing of one. `report` holds figures and groups of equal problems.

    `stage` is the phase that was begun last, `undoes` the import that is to be undone; a `recalled` mapping is that of
    the last file with the same headings.
    """

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
    stage: Phase | None = None
    undoes: UUID | None = None
    recalled: bool = False

    @property
    def running(self) -> bool:
        """Whether somebody works on it."""
        return self.phase in RUNNING

    def dump(self) -> bytes:
        """The draft as JSON."""
        names = ("id", "user", "model", "name", "file", "good_rows", "done", "total", "undoes", "recalled")
        told: dict[str, Any] = {name: getattr(self, name) for name in names}
        told |= {"beat": self.beat, "report": self.report, "phase": self.phase.value}
        told["stage"] = self.stage.value if self.stage else None
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
    undoes = UUID(told["undoes"]) if told["undoes"] else None
    stages = {"phase": Phase(told["phase"]), "stage": Phase(told["stage"]) if told["stage"] else None}
    return Draft(**told | ids | stages | {"mapping": mapping, "problems": problems, "undoes": undoes})


def draft_of(run: ImportRun, user: UUID) -> Draft:
    """An import that was written, when its folder is gone."""
    report = {name: run.value(name) for name in FIGURES} | {"written": True, "groups": [], "notes": []}
    return Draft(run.value("id"), user, run.model, run.file, "", Phase.DONE, report=report)


def outcome(report: Report) -> dict[str, Any]:
    """A report as JSON."""
    figures = {name: getattr(report, name) for name in (*FIGURES, "written")}
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
    examples = [
        {"verb": one.verb, "row": one.row, "title": one.title, "changes": one.changes} for one in report.examples
    ]
    return figures | {"groups": groups, "notes": notes, "examples": examples}


def undone(report: UndoReport) -> dict[str, Any]:
    """The outcome of an undoing as JSON."""
    left = [
        {
            "model": one.model,
            "record": str(one.record),
            "title": one.title,
            "message": one.problem.message,
            "field": one.problem.field,
            "values": dict(one.problem.values),
        }
        for one in report.left
    ]
    return {"archived": report.archived, "restored": report.restored, "kept": report.kept, "left": left}


class ImportDesk:
    """Keeps the imports of an app, and works on those that were begun here."""

    def __init__(self, folder: Path, exchange: Exchange, languages: Languages) -> None:
        self.folder = folder
        self.exchange = exchange
        self.languages = languages
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._halted: set[UUID] = set()

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

    def look_back(self, caller: Caller, run: ImportRun) -> Draft:
        """Find out in the background what the undoing of an import would do."""
        draft = Draft(new_id(), caller.user_id or run.value("id"), run.model, run.file, "", undoes=run.value("id"))
        self.place(draft.id).mkdir(parents=True)
        return self.begin(caller, draft, Phase.LOOKING_BACK)

    async def get(self, caller: Caller, spec: ModelSpec, draft: UUID) -> Draft:
        """An import of the caller's own; `NotFound` for any other. One whose process has ended can go on."""
        found = self._kept(draft)
        if found is None:
            run = await find_run(self.exchange.reader, caller, draft)
            found = draft_of(run, caller.user_id or draft)
        if found.user != caller.user_id or found.model != spec.label:
            raise NotFound
        if found.running and draft not in self._tasks and time.time() - found.beat > SILENCE:
            return await self._stopped(caller, found, INTERRUPTED)
        return found

    def halt(self, draft: Draft) -> None:
        """Have the work on an import stopped, in whichever process that is."""
        (self.place(draft.id) / HALT).touch()

    async def _stopped(self, caller: Caller, found: Draft, reason: str) -> Draft:
        """What became of an import when its work ended: all of it, or nothing."""
        try:
            run = await find_run(self.exchange.reader, caller, found.undoes or found.id)
        except NotFound:
            run = None
        if found.phase is Phase.IMPORTING and run is not None:
            return self.keep(replace(found, phase=Phase.DONE, report=draft_of(run, found.user).report))
        if found.phase is Phase.UNDOING and run is not None and run.undone_at is not None:
            return self.keep(replace(found, phase=Phase.UNDONE))
        return replace(found, phase=Phase.FAILED, problems=(Problem(reason),))

    def _kept(self, draft: UUID) -> Draft | None:
        try:
            return load((self.place(draft) / "draft.json").read_bytes())
        except FileNotFoundError:
            return None

    def waiting(self, caller: Caller, spec: ModelSpec) -> list[Draft]:
        """The caller's imports of a model that are not done, the newest first."""
        ids = sorted((UUID(one.name) for one in self.folder.iterdir()), reverse=True) if self.folder.is_dir() else []
        found = [one for draft in ids if (one := self._kept(draft)) is not None]
        over = (Phase.DONE, Phase.UNDONE)
        return [one for one in found if (one.user, one.model) == (caller.user_id, spec.label) and one.phase not in over]

    def discard(self, draft: Draft) -> None:
        """Forget an import and its file."""
        shutil.rmtree(self.place(draft.id), ignore_errors=True)

    def begin(self, caller: Caller, draft: Draft, phase: Phase) -> Draft:
        """Check, import or undo in the background; the folder tells how far it is."""
        fresh = replace(draft, done=0, total=0, beat=time.time(), report={}, problems=())
        (self.place(draft.id) / HALT).unlink(missing_ok=True)
        started = self.keep(replace(fresh, phase=phase, stage=phase))
        self._tasks[draft.id] = asyncio.create_task(self._work(caller, started))
        return started

    async def _work(self, caller: Caller, draft: Draft) -> None:
        told = draft

        def progress(done: int, total: int) -> None:
            nonlocal told
            told = replace(draft, done=done, total=total)

        beating = asyncio.create_task(self._beat(lambda: told))
        try:
            work = self._undo if draft.undoes else self._import
            ended = await work(caller, draft, progress)
        except asyncio.CancelledError:
            if draft.id not in self._halted:
                raise
            ended = await self._stopped(caller, draft, HALTED)
        except Refused as refusal:
            ended = replace(draft, phase=Phase.FAILED, problems=refusal.problems)
        except TradepostError as fault:
            ended = replace(draft, phase=Phase.FAILED, problems=(Problem(str(fault).replace("%", "%%")),))
        except Exception:
            log.exception("The import %s failed", draft.id)
            ended = replace(draft, phase=Phase.FAILED, problems=(Problem(INTERRUPTED),))
        finally:
            beating.cancel()
            self._tasks.pop(draft.id, None)
            self._halted.discard(draft.id)
        self.keep(ended)

    async def _beat(self, told: Callable[[], Draft]) -> None:
        """Tell every now and then how far it is, and that somebody works on it; look whether that is to stop."""
        while True:
            await asyncio.sleep(BEAT)
            draft = self.keep(replace(told(), beat=time.time()))
            if draft.id not in self._halted and (self.place(draft.id) / HALT).exists():
                self._halted.add(draft.id)
                self._tasks[draft.id].cancel()

    async def _import(self, caller: Caller, draft: Draft, progress: Progress) -> Draft:
        place = self.place(draft.id)
        checking = draft.phase is Phase.CHECKING
        job = Import(
            draft.model,
            place / draft.file,
            draft.name,
            mapping=draft.mapping,
            dry_run=checking,
            good_rows=draft.good_rows,
            errors=[place / name for name in REFUSED.values()],
            words=partial(self._words, caller, self.exchange.registry.spec(draft.model).plugin),
            progress=progress,
            run=draft.id,
        )
        report = await self.exchange.run(caller, job)
        complete = not checking and (report.sound or draft.good_rows)
        return replace(draft, phase=Phase.DONE if complete else Phase.CHECKED, report=outcome(report))

    def _words(self, caller: Caller, plugin: str, problem: Problem) -> str:
        """A problem in the importer's language."""
        return self.languages.translate(caller.language, problem.message, domain=plugin, **dict(problem.values))

    async def _undo(self, caller: Caller, draft: Draft, progress: Progress) -> Draft:
        looking = draft.phase is Phase.LOOKING_BACK
        job = Undo(draft.undoes or draft.id, leave=draft.good_rows, dry_run=looking, progress=progress)
        report = await self.exchange.undo(caller, job)
        return replace(draft, phase=Phase.UNDONE if report.written else Phase.LOOKED_BACK, report=undone(report))

    def _tidy(self) -> None:
        """Forget imports that nobody has looked after for a week."""
        if not self.folder.is_dir():
            return
        for place in self.folder.iterdir():
            if time.time() - place.stat().st_mtime > KEPT:
                shutil.rmtree(place, ignore_errors=True)
