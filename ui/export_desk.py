"""Exports that take their time: written to a file in the background, which is fetched when it is done.

The folder of an export says all there is to know, so that any process can show its page. Nobody else reaches it, and
after a day it is gone.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from core.access import Caller
from core.errors import NotFound, TradepostError
from core.ids import new_id

KEPT = 24 * 3600
BEAT = 0.5
SILENCE = 15

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExportJob:
    """An export on its way; `file` is its name for people, `query` the list that it is of."""

    id: UUID
    user: UUID
    model: str
    file: str
    query: str
    total: int
    done: int = 0
    beat: float = 0
    written: bool = False
    failed: bool = False

    @property
    def running(self) -> bool:
        """Whether somebody works on it."""
        return not (self.written or self.failed)


class ExportDesk:
    """Keeps the long exports of an app, and writes those that were begun here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._done: dict[UUID, int] = {}

    def new(self, caller: Caller, model: str, file: str, query: str, total: int) -> ExportJob:
        """An export that is to be begun."""
        if caller.user_id is None:
            raise NotFound
        self._tidy()
        job = ExportJob(new_id(), caller.user_id, model, file, query, total, beat=time.time())
        self.place(job).parent.mkdir(parents=True)
        return self._keep(job)

    def tell(self, job: ExportJob, done: int) -> None:
        """So many records are written."""
        self._done[job.id] = done

    def begin(self, job: ExportJob, blocks: AsyncIterator[bytes]) -> None:
        """Write the file in the background."""
        self._tasks[job.id] = asyncio.create_task(self._work(job, blocks))

    def get(self, caller: Caller, model: str, job: UUID) -> ExportJob:
        """An export of the caller's own; `NotFound` for any other."""
        try:
            told: dict[str, Any] = orjson.loads((self.folder / str(job) / "job.json").read_bytes())
        except FileNotFoundError:
            raise NotFound from None
        found = ExportJob(**told | {"id": UUID(told["id"]), "user": UUID(told["user"])})
        if (found.user, found.model) != (caller.user_id, model):
            raise NotFound
        silent = job not in self._tasks and time.time() - found.beat > SILENCE
        return replace(found, failed=True) if found.running and silent else found

    def place(self, job: ExportJob) -> Path:
        """Where the file lies."""
        return self.folder / str(job.id) / "file"

    def _keep(self, job: ExportJob) -> ExportJob:
        """Write what is known of it, so that a reader sees the old or the new."""
        path = self.place(job).with_name("job.json")
        partial = path.with_suffix(".part")
        partial.write_bytes(orjson.dumps(asdict(job)))
        partial.replace(path)
        return job

    async def _work(self, job: ExportJob, blocks: AsyncIterator[bytes]) -> None:
        beating = asyncio.create_task(self._beat(job))
        try:
            with self.place(job).open("wb") as file:
                async for block in blocks:
                    await asyncio.to_thread(file.write, block)
            ended = replace(job, written=True)
        except TradepostError as refusal:  # a right that ended meanwhile, for one
            log.warning("The export %s ended: %s", job.id, refusal)
            ended = replace(job, failed=True)
        except Exception:
            log.exception("The export %s failed", job.id)
            ended = replace(job, failed=True)
        finally:
            beating.cancel()
            del self._tasks[job.id]
            done = self._done.pop(job.id, 0)
        self._keep(replace(ended, done=done))

    async def _beat(self, job: ExportJob) -> None:
        """Tell every now and then how far it is, and that somebody works on it."""
        while True:
            await asyncio.sleep(BEAT)
            self._keep(replace(job, done=self._done.get(job.id, 0), beat=time.time()))

    def _tidy(self) -> None:
        """Forget exports of yesterday."""
        for place in self.folder.iterdir() if self.folder.is_dir() else ():
            if time.time() - place.stat().st_mtime > KEPT:
                shutil.rmtree(place, ignore_errors=True)
