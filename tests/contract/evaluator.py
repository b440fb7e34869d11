"""Who may see and do what: the six scopes, shares and parts once more, in a few lines that know nothing of `core`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from tests.contract.company import (
    COLLEAGUE,
    CREW,
    LEAD,
    ME,
    REPORT,
    SIBLING,
    TEAM,
    Company,
    Record,
    Slot,
)


class Kind(Enum):
    """The kinds of caller. The token is of a user who may do everything, and may only read itself."""

    ANONYMOUS = "anonymous"
    NO_RIGHTS = "no rights"
    OWN = "own"
    REPORTS = "reports"
    DEPARTMENT = "department"
    TREE = "tree"
    CHOSEN = "chosen"
    ALL = "all"
    TOKEN = "read-only token"

    @property
    def scope(self) -> str:
        """The scope of his grants; empty where he has none."""
        return {"anonymous": "", "no rights": "", "read-only token": "all"}.get(self.value, self.value)

    @property
    def pages(self) -> bool:
        """Whether pages know him: they take no tokens."""
        return self not in (Kind.ANONYMOUS, Kind.TOKEN)


REPORTING = (ME, LEAD, REPORT)
assert COLLEAGUE not in REPORTING


@dataclass(frozen=True)
class Evaluator:
    """The rights of one kind of caller in the company."""

    company: Company
    kind: Kind

    def reaches(self, owner: UUID | None, department: UUID | None) -> bool:
        """Whether the scope takes in a record's owner and department."""
        return {
            "": False,
            "own": owner == ME,
            "reports": owner in REPORTING,
            "department": department == TEAM,
            "tree": department in (TEAM, CREW),
            "chosen": department == SIBLING,
            "all": True,
        }[self.kind.scope]

    def root(self, record: Record) -> Record:
        """The record whose rights a record follows."""
        return self.root(self.company.records[record.whole]) if record.whole else record

    def sees(self, record: Record) -> bool:
        """Whether he may read a record."""
        root = self.root(record)
        opened = bool(self.kind.scope) and root.slot in (Slot.SHARED, Slot.LENT)
        return opened or self.reaches(root.owner, root.department)

    def writes(self, record: Record) -> bool:
        """Whether he may change a record."""
        root = self.root(record)
        if self.kind is Kind.TOKEN:
            return False
        return self.reaches(root.owner, root.department) or (bool(self.kind.scope) and root.slot is Slot.LENT)

    def seen(self, label: str, *, archived: bool | None = False) -> set[UUID]:
        """The records of a model that he may read: those in use, those in the bin, or with `None` both."""
        return {
            one.id
            for one in self.company.of(label)
            if self.sees(one) and (archived is None or one.archived is archived)
        }
