"""What the kernel itself answers over GraphQL beside its objects."""

from __future__ import annotations

from collections.abc import Sequence

from core.desk import Desk
from core.fields import boolean
from core.hooks import hookimpl
from core.notifications import Notified
from core.options import Option
from core.questions import Question
from core.sessions import SessionView
from core.tokens import TokenView
from core.views import SavedView


async def notifications(desk: Desk, unread: bool | None = None) -> list[Notified]:
    """The caller's newest notifications, at most 50, of records that he sees at this moment."""
    return await desk.notified(unread=unread is True)


async def views(desk: Desk, model: str) -> list[SavedView]:
    """The caller's views of the list of a model (`sales.lead`), and those that others share with him."""
    return await desk.views(model)


async def sessions(desk: Desk) -> list[SessionView]:
    """Where the caller is signed in, the session used last first."""
    return await desk.sessions()


async def tokens(desk: Desk) -> list[TokenView]:
    """The caller's API tokens that hold, the newest first; their secrets are nowhere."""
    return await desk.tokens()


NOTIFICATIONS = Question("notifications", notifications)
VIEWS = Question("views", views)
SESSIONS = Question("sessions", sessions)
TOKENS = Question("tokens", tokens)


@hookimpl
def tradepost_graphql() -> Sequence[Question]:
    """The caller's own notifications, views and credentials."""
    return (NOTIFICATIONS, VIEWS, SESSIONS, TOKENS)


@hookimpl
def tradepost_settings() -> Sequence[Option]:
    """What the company asks of everybody who signs in."""
    everybody = boolean(default=False, label="Everybody needs a second factor", help="At the next sign-in")
    return (Option("second_factor", everybody),)
