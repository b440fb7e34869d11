"""The hooks that a plugin may implement. They carry declarations: they are synchronous and return values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pluggy

from core.access import Scope
from core.commands import Command
from core.dashboard import Panel
from core.notices import Notice
from core.office import Job, On
from core.options import Option
from core.pages import Inset, Page
from core.questions import Question

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

    @hookspec
    def tradepost_settings(self) -> Sequence[Option]:
        """Settings for the whole company; those of several plugins stand below each other, each under its plugin."""
        raise NotImplementedError

    @hookspec
    def tradepost_events(self) -> Sequence[On]:
        """What is done about events; everything that fits an event is done, each in a unit of work of its own."""
        raise NotImplementedError

    @hookspec
    def tradepost_notices(self) -> Sequence[Notice]:
        """What users are told of; each kind can be switched off by each user."""
        raise NotImplementedError

    @hookspec
    def tradepost_jobs(self) -> Sequence[Job]:
        """What is done at a time; each job of each plugin has a name of its own and is done on its own."""
        raise NotImplementedError

    @hookspec
    def tradepost_pages(self) -> Sequence[Page]:
        """Pages that cannot be derived; each has an address of its own, below its plugin's name."""
        raise NotImplementedError

    @hookspec
    def tradepost_panels(self) -> Sequence[Inset]:
        """Parts of record pages; those of several plugins stand below each other in the order of their places."""
        raise NotImplementedError

    @hookspec
    def tradepost_commands(self) -> Sequence[Command]:
        """Commands for administrators at the machine; each stands below its plugin's name on the command line."""
        raise NotImplementedError

    @hookspec
    def tradepost_graphql(self) -> Sequence[Question]:
        """Fields of GraphQL's `Query` that cannot be derived; each begins with its plugin's name."""
        raise NotImplementedError
