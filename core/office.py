"""What a plugin does when something happened, or at a time, and what it works with then."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from core.access import Caller, system
from core.desk import Desk
from core.egress import Egress
from core.events import Handler, Happening
from core.files import Attachment, Files
from core.mail import Mailer
from core.model import Model
from core.operations import Operations, React
from core.options import Options
from core.policies import Policies, on_behalf
from core.registry import Registry
from core.work import Work

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class On:
    """Something done about events, in a unit of work of its own, as Tradepost itself.

    - `name`: unique in the plugin. It is kept with waiting events: never changed.
    - `events`: names and patterns (`sales.order.ship`, `sales.*.update`).
    """

    name: str
    events: Sequence[str]
    react: React


@dataclass(frozen=True, slots=True)
class Job:
    """Something done at a time: every so often, or when `work.later("visits.remind", …)` asked for it.

    It is no unit of work, but makes as many as it needs with `office.run`. It may be called again with the same
    happening, when it failed or nobody could tell whether it was done; after `attempts` times it is given up.
    """

    name: str
    run: Callable[[Office, Happening], Awaitable[None]]
    every: timedelta | None = None
    attempts: int = 12


@dataclass(frozen=True)
class Office:
    """What a job works with: units of work, records and files, as Tradepost or on behalf of a user."""

    desk: Desk
    _operations: Operations
    _files: Files
    _policies: Policies
    mailer: Mailer
    egress: Egress

    @property
    def caller(self) -> Caller:
        """On whose behalf it is done."""
        return self.desk.caller

    async def on_behalf(self, user: UUID) -> Office:
        """The same with the rights of a user; `Unauthenticated` when he is unknown or disabled."""
        return replace(self, desk=self.desk.of(await on_behalf(self._policies, user, self.caller.reason)))

    async def run(self, body: Callable[[Work], Awaitable[T]]) -> T:
        """Code as one unit of work. `body` may be called again, when the database was busy."""
        return await self._operations.run(self.caller, body)

    async def files(self, record: Model) -> list[Attachment]:
        """The files of a record."""
        return await self._files.of(self.caller, type(record), record.id)

    async def open(self, file: UUID) -> tuple[Attachment, AsyncIterator[bytes]]:
        """A file and its contents; the audit remembers it."""
        return await self._files.open(self.caller, file)


@dataclass(frozen=True)
class Offices:
    """Makes the office of each job."""

    operations: Operations
    files: Files
    options: Options
    policies: Policies
    mailer: Mailer
    egress: Egress = field(default_factory=Egress)

    def of(self, reason: str) -> Office:
        """The office of Tradepost itself, for a reason that stands in the audit."""
        desk = Desk(system(reason), self.operations.reader, self.options)
        return Office(desk, self.operations, self.files, self.policies, self.mailer, self.egress)


def handlers_of(registry: Registry, offices: Offices) -> Mapping[str, Handler]:
    """The handlers of all plugins by the names that the outbox keeps."""
    found = {
        f"{plugin}.{one.name}": offices.operations.handler(one.react, one.events)
        for plugin, one in registry.declared("tradepost_events")
    }
    for plugin, one in registry.declared("tradepost_jobs"):
        key = f"{plugin}.{one.name}"
        deliver = partial(_deliver, one, offices.of(f"job {key}"))
        found[key] = Handler(deliver, every=one.every, attempts=one.attempts)
    return found


async def _deliver(job: Job, office: Office, happenings: Sequence[Happening]) -> None:
    for one in happenings:
        await job.run(office, one)
