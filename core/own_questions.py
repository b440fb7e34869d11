"""What the kernel itself answers over GraphQL beside its objects."""

from __future__ import annotations

from collections.abc import Sequence

from core.desk import Desk
from core.hooks import hookimpl
from core.notifications import Notified
from core.questions import Question


async def notifications(desk: Desk, unread: bool | None = None) -> list[Notified]:
    """The caller's newest notifications, at most 50, of records that he sees at this moment."""
    return await desk.notified(unread=unread is True)


NOTIFICATIONS = Question("notifications", notifications)


@hookimpl
def tradepost_graphql() -> Sequence[Question]:
    """The caller's own notifications."""
    return (NOTIFICATIONS,)
