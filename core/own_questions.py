"""What the kernel itself answers over GraphQL beside its objects."""

from __future__ import annotations

from collections.abc import Sequence

from core.desk import Desk
from core.hooks import hookimpl
from core.notifications import Notified
from core.questions import Question
from core.views import SavedView


async def notifications(desk: Desk, unread: bool | None = None) -> list[Notified]:
    """The caller's newest notifications, at most 50, of records that he sees at this moment."""
    return await desk.notified(unread=unread is True)


async def views(desk: Desk, model: str) -> list[SavedView]:
    """The caller's views of the list of a model (`sales.lead`), and those that others share with him."""
    return await desk.views(model)


NOTIFICATIONS = Question("notifications", notifications)
VIEWS = Question("views", views)


@hookimpl
def tradepost_graphql() -> Sequence[Question]:
    """The caller's own notifications and views."""
    return (NOTIFICATIONS, VIEWS)
