"""Who is asking, and the policy that his roles amount to: a value, compiled once and kept while its stamp holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from uuid import UUID

from core.errors import Forbidden, Unauthenticated
from core.looks import Look


class Scope(Enum):
    """Which records a grant reaches."""

    OWN = "own"
    REPORTS = "reports"
    DEPARTMENT = "department"
    TREE = "tree"
    CHOSEN = "chosen"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Reach:
    """What all grants of one permission amount to. `scopes` are joined by *or*; of none: nothing."""

    scopes: frozenset[Scope]
    chosen: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Policy:
    """The rights of one user, compiled.

    - `reaches`: permission to reach (`sales.customer.read`).
    - `hidden`, `locked`: fields that may not be read, or not be written (`sales.customer.turnover`).
    - `departments`: his own and all below it; `reports`: himself and all below him in the superior chain.
    - `language`, `zone`: how he wants to be answered; `look`: the theme, density and contrast of his pages.
    - `rights`, `number`: the stamp that it was compiled at.
    """

    user_id: UUID | None
    login: str = ""
    everything: bool = False
    department: UUID | None = None
    departments: tuple[UUID, ...] = ()
    reports: tuple[UUID, ...] = ()
    roles: tuple[UUID, ...] = ()
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    language: str = "en"
    zone: str = "UTC"
    look: Look | None = None
    rights: int = 0
    number: int = 0

    def reach(self, permission: str) -> Reach:
        """The reach of a permission; one that nobody granted reaches nothing."""
        if self.everything:
            return ALL
        return self.reaches.get(permission, NOTHING)

    def allows(self, permission: str) -> bool:
        """Whether the permission is granted at all."""
        return self.everything or permission in self.reaches

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless the permission is granted."""
        if not self.allows(permission):
            raise Forbidden(permission)

    def within(self, scopes: frozenset[str]) -> Policy:
        """What is left of these rights within some permissions; of a super administrator's, no more than these."""
        reaches = {name: self.reach(name) for name in sorted(scopes) if self.allows(name)}
        return replace(self, everything=False, reaches=reaches)

    @cached_property
    def shape(self) -> str:
        """What a compiled statement depends on: equal shapes share statements, whoever the user is."""
        if self.everything:
            return "everything"
        reaches = tuple(
            sorted((name, tuple(sorted(one.value for one in reach.scopes))) for name, reach in self.reaches.items())
        )
        return repr((reaches, sorted(self.hidden)))


ALL = Reach(frozenset({Scope.ALL}))
NOTHING = Reach(frozenset())
NOBODY = Policy(user_id=None)
SYSTEM = Policy(user_id=None, login="system", everything=True)


class By(Enum):
    """How a caller came in."""

    SESSION = "session"
    TOKEN = "token"
    JOB = "job"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, for the audit: address, program, and the request's id."""

    address: str = ""
    program: str = ""
    request: str = ""


@dataclass(frozen=True)
class Caller:
    """Whoever asks: a policy, how he came in, and how he wants to be answered.

    `credential` is the id of the session or token, checked by every statement; `None` for jobs and the system.
    `scopes` are the permissions that a token was made for; `None`: all that its user has.
    """

    policy: Policy
    by: By
    credential: UUID | None = None
    read_only: bool = False
    language: str = "en"
    zone: str = "UTC"
    origin: Origin = Origin()
    reason: str = ""
    scopes: frozenset[str] | None = None

    def having(self, policy: Policy) -> Caller:
        """The same caller with his user's rights as they are now, within the scopes of his token."""
        return replace(self, policy=policy if self.scopes is None else policy.within(self.scopes))

    @property
    def user_id(self) -> UUID | None:
        """The user on whose behalf it happens."""
        return self.policy.user_id

    @property
    def himself(self) -> UUID:
        """The user, for what only users have; `Unauthenticated` where there is none."""
        if self.user_id is None:
            raise Unauthenticated
        return self.user_id

    def allows(self, permission: str) -> bool:
        """Whether the permission is granted at all; a read-only token may only read and export."""
        if self.read_only and not permission.endswith((".read", ".export")):
            return False
        return self.policy.allows(permission)

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless the permission is granted."""
        if not self.allows(permission):
            raise Forbidden(permission)

    def elevated(self, reason: str) -> Caller:
        """The same user with the system's reach, for the audited exception `Work.elevated`."""
        own = self.policy
        return replace(
            self,
            policy=replace(SYSTEM, user_id=own.user_id, login=own.login, department=own.department),
            reason=reason,
        )


ANONYMOUS = Caller(NOBODY, By.ANONYMOUS)


def system(reason: str) -> Caller:
    """Tradepost itself, for migrations, jobs and the command line; the reason stands in the audit."""
    return Caller(SYSTEM, By.SYSTEM, reason=reason)
