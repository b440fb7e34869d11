"""Tells users what happened: follows the outbox, and looks at the clock for what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from uuid import UUID, uuid5

from core.access import system
from core.codec import moment_text, plain
from core.conditions import Compare, Op
from core.database import KEY, Database
from core.errors import Forbidden, NotFound, Unauthenticated
from core.events import Handler, Happening
from core.fields import Kind
from core.ids import born, now
from core.journal import COMPLETE
from core.live import Hub
from core.model import Model
from core.notices import ASSIGNED, DUE, MENTIONED, OVERDUE, SHARED, Muting, Notice, Notification
from core.policies import Policies, on_behalf
from core.query import Archived
from core.reading import Reader
from core.registry import ModelSpec, Registry
from core.roles import Share
from core.rows import insert_missing
from core.users import User

FOLLOWING, LOOKING = "core.tell", "core.tell_due"
EVERY = timedelta(minutes=5)
LATE = timedelta(days=1)
BATCH = 20
MOST_PEOPLE = 200
"""A share with more people than these is an announcement: it tells nobody by name."""
TELLER = system("notifications")


class Noticing:
    """Makes notifications of events: one for each user and event, however often the event is handed out."""

    def __init__(self, registry: Registry, database: Database, reader: Reader, policies: Policies, hub: Hub) -> None:
        self._registry = registry
        self._database = database
        self._reader = reader
        self._policies = policies
        self._hub = hub
        self._declared: list[tuple[str, Notice]] = [
            (f"{plugin}.{one.name}", one) for plugin, one in registry.declared("tradepost_notices")
        ]

    def handlers(self) -> Mapping[str, Handler]:
        """What follows the events, and what looks at the clock."""
        patterns = ["*.assigned", "*.mentioned", "*.share"]
        patterns += [one for _, notice in self._declared for one in notice.events]
        following = Handler(self._follow, tuple(dict.fromkeys(patterns)), batch=BATCH)
        return {FOLLOWING: following, LOOKING: Handler(self._look, every=EVERY)}

    # What happened

    async def _follow(self, happenings: Sequence[Happening]) -> None:
        for one in happenings:
            spec = self._registry.models.get(one.model)
            if spec is None or one.record is None or spec.meta.internal or one.payload.get("imported"):
                continue
            concerned = await self._concerned(one, spec, one.record)
            for user, kind in concerned.items():
                if user != one.user_id:
                    await self._tell(user, kind, spec, one.record, one)

    async def _concerned(self, one: Happening, spec: ModelSpec, record: UUID) -> dict[UUID, str]:
        """Whom an event concerns, and by which kind: the most personal comes first."""
        found: dict[UUID, str] = {}
        if assigned := one.payload.get("assigned"):
            found.setdefault(UUID(assigned), ASSIGNED)
        for user in await self._users(one.payload.get("mentions", ())):
            found.setdefault(user, MENTIONED)
        if one.name == f"{spec.label}.share":
            for user in await self._shared(one, spec, record):
                found.setdefault(user, SHARED)
        for kind, notice in self._declared:
            if fits(notice, one):
                for user in await self._at(spec, record, notice.to):
                    found.setdefault(user, kind)
        return found

    async def _users(self, logins: Sequence[str]) -> list[UUID]:
        if not logins:
            return []
        named = Compare("login", Op.IN, tuple(logins))
        return [one.id for one in await self._reader.records(TELLER, User, where=named, fields=("id",))]

    async def _shared(self, one: Happening, spec: ModelSpec, record: UUID) -> list[UUID]:
        """To whom a record was opened by an event: a user, the people of a department, or those who have a role."""
        dialect = self._database.dialect
        model, at_record, at = (dialect.place(number) for number in (1, 2, 3))
        has_role = "SELECT a.user_id FROM core_assignment a WHERE a.role_id = s.role_id AND a.archived_at IS NULL"
        sql = (
            f"SELECT DISTINCT u.id FROM {self._registry.spec(Share).table} s JOIN {self._registry.spec(User).table} u"
            f" ON u.enabled AND (u.id = s.user_id OR u.department_id = s.to_department_id OR u.id IN ({has_role}))"
            f" WHERE s.model = {model} AND s.record = {at_record} AND s.created_at = {at} LIMIT {MOST_PEOPLE + 1}"
        )
        values = [spec.label, str(record), plain(dialect, Kind.MOMENT, 0, one.due_at)]
        rows = await self._database.read(KEY, sql, values)
        return [UUID(str(row[0])) for row in rows] if len(rows) <= MOST_PEOPLE else []

    async def _at(self, spec: ModelSpec, record: UUID, paths: Sequence[str]) -> list[UUID]:
        """The users at the end of some paths from a record."""
        where, fields = Compare("id", Op.EQ, record), tuple(f"{path}.id" for path in paths)
        rows = await self._reader.records(TELLER, spec.model, where=where, fields=fields, archived=Archived.WITH)
        return [user for row in rows for path in paths if (user := _end(row, path)) is not None]

    # What is due

    async def _look(self, _: Sequence[Happening]) -> None:
        """Tell the owners of what became due since yesterday, and of what is due for a day and more."""
        for spec in self._registry.surfaced():
            if spec.resource.due:
                for kind, until in ((DUE, now()), (OVERDUE, now() - LATE)):
                    await self._tell_due(spec, kind, until)

    async def _tell_due(self, spec: ModelSpec, kind: str, until: datetime) -> None:
        name = spec.resource.due
        came = Compare(name, Op.LTE, until) & Compare(name, Op.GT, until - LATE)
        rows = await self._reader.records(
            TELLER, spec.model, where=came, order=(name,), fields=("id", "owner.id", name)
        )
        due = {uuid5(row.id, f"{kind} {moment_text(row.value(name))}"): row for row in rows}
        told = await self._told(due)
        for event, row in due.items():
            user = _end(row, "owner")
            if user is not None and uuid5(event, str(user)) not in told:
                one = Happening(event, kind, spec.label, row.id, {}, None, row.value(name), 1)
                await self._tell(user, kind, spec, row.id, one)

    async def _told(self, events: Mapping[UUID, Model]) -> set[UUID]:
        """Which notifications of what is due are there already."""
        wanted = [uuid5(event, str(user)) for event, row in events.items() if (user := _end(row, "owner"))]
        if not wanted:
            return set()
        dialect = self._database.dialect
        places = ", ".join(dialect.place(number + 1) for number in range(len(wanted)))
        sql = f"SELECT id FROM {self._registry.spec(Notification).table} WHERE id IN ({places})"
        rows = await self._database.read(KEY, sql, [plain(dialect, Kind.ID, 0, one) for one in wanted])
        return {UUID(str(row[0])) for row in rows}

    # Telling

    async def _tell(self, user: UUID, kind: str, spec: ModelSpec, record: UUID, one: Happening) -> None:
        if await self._muted(user, kind) or not await self._sees(user, spec, record):
            return
        row = born(one.due_at, one.user_id) | {
            "id": uuid5(one.id, str(user)),
            "user": user,
            "kind": kind,
            "model": spec.label,
            "record": str(record),
            "by": one.user_id,
            "content": {"fields": list(one.payload.get("fields", ()))},
        }
        async with self._database.begin(KEY) as connection:
            await insert_missing(connection, self._registry.spec(Notification), row)
        self._hub.ring(user)

    async def _sees(self, user: UUID, spec: ModelSpec, record: UUID) -> bool:
        """Whether a user may sign in and sees a record at this moment."""
        try:
            await self._reader.seen(await on_behalf(self._policies, user, "notifications"), spec.model, record)
        except (NotFound, Forbidden, Unauthenticated):
            return False
        return True

    async def _muted(self, user: UUID, kind: str) -> bool:
        dialect = self._database.dialect
        sql = (
            f"SELECT 1 FROM {self._registry.spec(Muting).table}"
            f" WHERE user_id = {dialect.place(1)} AND kind = {dialect.place(2)}"
        )
        return bool(await self._database.read(KEY, sql, [plain(dialect, Kind.ID, 0, user), kind]))


def fits(notice: Notice, one: Happening) -> bool:
    """Whether an event is what a notice tells of: by its name, or as the update that came of it."""
    fields = one.payload.get("fields", ())
    names = [one.name]
    if fields and one.name.rpartition(".")[2] not in COMPLETE:
        names.append(f"{one.model}.update")
    named = any(fnmatchcase(name, pattern) for name in names for pattern in notice.events)
    return named and (not notice.fields or not {*notice.fields}.isdisjoint(fields))


def _end(record: Model, path: str) -> UUID | None:
    """The user at the end of a path, if every link on the way is set and its record there."""
    at: Model | None = record
    for name in path.split("."):
        at = at.value(name) if at is not None and name in at.loaded() else None
    return at.id if at is not None else None
