"""What a request is answered with: who asks, the doors of the kernel, and the planner of its document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.access import Caller
from core.errors import Problem
from core.explanations import Explanations
from core.finder import Finder
from core.languages import Languages
from core.live import Hub
from core.notifications import Notifications
from core.options import Options
from core.reading import Reader
from core.views import Views
from schema.plan import Planner

if TYPE_CHECKING:
    from core.accounts import Accounts
    from core.operations import Operations
    from core.sign_in import SignIn


@dataclass(frozen=True)
class Doors:
    """What the schema needs of the kernel."""

    reader: Reader
    operations: Operations
    finder: Finder | None
    languages: Languages
    explanations: Explanations | None = None
    options: Options | None = None
    notifications: Notifications | None = None
    views: Views | None = None
    hub: Hub = field(default_factory=Hub)
    sign_in: SignIn | None = None
    accounts: Accounts | None = None


@dataclass(frozen=True)
class Context:
    """One request: the caller, the doors, its coerced variables, and a maker of planners for what it selects.

    `kept` returns what is asked of the payload of a field, made by a function unless it was made for a like request.
    """

    caller: Caller
    doors: Doors
    variables: Mapping[str, Any]
    planner: Callable[[], Planner]
    kept: Callable[[str, Callable[[], Any]], Any]

    @property
    def operations(self) -> Operations:
        """The one door in."""
        return self.doors.operations

    @property
    def notifications(self) -> Notifications:
        """What the caller was told of."""
        if self.doors.notifications is None:
            raise LookupError("This schema was made without notifications")
        return self.doors.notifications

    @property
    def views(self) -> Views:
        """What is kept of lists."""
        if self.doors.views is None:
            raise LookupError("This schema was made without views")
        return self.doors.views

    @property
    def sign_in(self) -> SignIn:
        """Sessions and tokens."""
        if self.doors.sign_in is None:
            raise LookupError("This schema was made without sessions")
        return self.doors.sign_in

    @property
    def accounts(self) -> Accounts:
        """The caller's own account."""
        if self.doors.accounts is None:
            raise LookupError("This schema was made without accounts")
        return self.doors.accounts

    def message(self, problem: Problem) -> str:
        """What a problem says, in the caller's language."""
        return self.doors.languages.translate(self.caller.language, problem.message, **dict(problem.values))
