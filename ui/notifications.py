"""Notifications: what the visitor was told of, and what he wants to be told of."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response

from core.errors import NotFound
from core.notices import kinds
from core.notifications import Notified
from ui.cells import address
from ui.titles import titles_of
from ui.visitor import Visitor

USER = "core.user"


@dataclass(frozen=True, slots=True)
class Line:
    """A notification on the page."""

    id: UUID
    title: str
    kind: str
    human: str
    icon: str
    who: str
    ago: str
    at: str
    stamp: str
    read: bool


async def show_notifications(visitor: Visitor) -> Response:
    """What the visitor was told of, the newest first; or what he has not read alone."""
    unread = visitor.request.query_params.get("show") == "unread"
    found = await visitor.site.kernel.notifications.of(visitor.caller, unread=unread)
    named = [(one.model, one.record) for one in found] + [(USER, one.by) for one in found if one.by]
    titles = await titles_of(visitor, list(dict.fromkeys(named)))
    labels = kinds(visitor.site.registry)
    lines = [
        _line(visitor, one, titles[one.model, one.record], labels, titles.get((USER, one.by), "") if one.by else "")
        for one in found
        if (one.model, one.record) in titles
    ]
    return visitor.page("notifications.html", block="content", lines=lines, unread=unread)


def _line(visitor: Visitor, one: Notified, title: str, labels: dict[str, tuple[str, str]], who: str) -> Line:
    spec = visitor.site.spec(one.model)
    formats = visitor.formats
    kind = visitor.word(*labels[one.kind]) if one.kind in labels else ""
    told = formats.ago(one.at), formats.moment(one.at), one.at.isoformat()
    return Line(one.id, title, kind, visitor.human(spec), spec.resource.icon, who, *told, one.read)


async def open_notification(visitor: Visitor) -> Response:
    """Go to the record that a notification is about; it counts as read."""
    wanted = visitor.id()
    notifications = visitor.site.kernel.notifications
    one = next((one for one in await notifications.of(visitor.caller) if one.id == wanted), None)
    if one is None:
        raise NotFound
    await notifications.read(visitor.caller, [one.id])
    return visitor.goto(address(visitor.site.spec(one.model), str(one.record)))


async def read_all(visitor: Visitor) -> Response:
    """Count all notifications as read."""
    await visitor.site.kernel.notifications.read(visitor.caller)
    return visitor.goto("/notifications", visitor.gettext("All are read"))


async def keep_kinds(visitor: Visitor) -> Response:
    """Set which kinds the visitor is told of: those that are ticked."""
    form = await visitor.form()
    wanted = {str(one) for one in form.getlist("kind")}
    muted = sorted({*kinds(visitor.site.registry)} - wanted)
    await visitor.site.kernel.notifications.mute(visitor.caller, muted)
    return visitor.goto("/settings", visitor.gettext("Saved"))
