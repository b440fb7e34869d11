"""To whom a record was opened, told to those who may share it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.access import Caller
from core.credentials import as_id, as_moment
from core.database import KEY, Database
from core.reading import Reader
from core.registry import ModelSpec


@dataclass(frozen=True, slots=True)
class Shared:
    """A share: to whom (one of three), whether it lets him write, why, and until when."""

    id: UUID
    user: str
    department: str
    role: str
    writes: bool
    reason: str
    expires_at: datetime | None

    @property
    def to(self) -> str:
        """Whom it was opened to."""
        return self.user or self.department or self.role


async def shares_of(database: Database, reader: Reader, caller: Caller, spec: ModelSpec, record: UUID) -> list[Shared]:
    """The shares of a record, the oldest first; `NotFound` where the caller does not see the record."""
    caller = await reader.seen(caller, spec.model, record)
    caller.require(reader.registry.permission(spec, "share"))
    place = database.dialect.place
    sql = (
        "SELECT s.id, coalesce(u.name, ''), coalesce(d.name, ''), coalesce(r.name, ''), s.writes, s.reason,"
        " s.expires_at FROM core_share s LEFT JOIN core_user u ON u.id = s.user_id"
        " LEFT JOIN core_department d ON d.id = s.to_department_id LEFT JOIN core_role r ON r.id = s.role_id"
        f" WHERE s.model = {place(1)} AND s.record = {place(2)} ORDER BY s.id"
    )
    rows = await database.read(KEY, sql, [spec.label, str(record)])
    return [
        Shared(as_id(one), user, department, role, bool(writes), reason or "", as_moment(until) if until else None)
        for one, user, department, role, writes, reason, until in rows
    ]
