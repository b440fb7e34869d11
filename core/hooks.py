"""The hooks that a plugin may implement. They carry declarations: they are synchronous and return values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pluggy

from core.access import Scope
from core.dashboard import Panel

hookspec = pluggy.HookspecMarker("tradepost")
hookimpl = pluggy.HookimplMarker("tradepost")


@dataclass(frozen=True, slots=True)
class RoleDefault:
    """A pre-created role: its name, and its permissions with their scopes (`{"sales.lead.read": Scope.OWN}`)."""

    name: str
    help: str
    grants: tuple[tuple[str, Scope], ...]


class Hooks:
    """The hook specifications; results of several plugins combine as each docstring says."""

    @hookspec
    def tradepost_roles(self) -> Sequence[RoleDefault]:
        """Roles that `migrate` creates once, when there is none of that name; grants of several plugins are united."""
        raise NotImplementedError

    @hookspec
    def tradepost_dashboard(self) -> Sequence[Panel]:
        """Panels of the home page; those of several plugins stand together in the order of their places."""
        raise NotImplementedError
