"""What users are told of: how it is declared, what is kept of it, and what nobody wants to hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.fields import data, moment, text
from core.links import link
from core.model import Meta, Model
from core.registry import Registry
from core.users import User


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that users are told of when somebody else does it.

    - `name`: unique in the plugin. It is kept with what was told: never changed.
    - `label`: what the notification and the settings call it (`An opportunity changed its stage`).
    - `events`: names and patterns of events (`sales.opportunity.update`).
    - `fields`: only where one of these changed; of none, whatever happened.
    - `to`: paths from the record to the users who are told (`owner`, `owner.superior`, `customer.owner`). Who does not
      see the record is not told.
    """

    name: str
    label: str
    events: Sequence[str]
    fields: Sequence[str] = ()
    to: Sequence[str] = ("owner",)


class Notification(Model):
    """What a user was told: what happened to which record, and by whom. It is shown as long as he sees the record."""

    meta = Meta(title="kind", internal=True, indexes=(("user", "created_at"),))

    user = link(User, required=True)
    kind = text(160, required=True)
    model = text(120, required=True)
    record = text(36, required=True)
    by = link(User)
    content = data()
    read_at = moment()


class Muting(Model):
    """A kind of notification that a user does not want."""

    meta = Meta(title="kind", internal=True, together=(("user", "kind"),))

    user = link(User, required=True)
    kind = text(160, required=True)


ASSIGNED, SHARED, MENTIONED, DUE, OVERDUE = (
    "core.assigned",
    "core.shared",
    "core.mentioned",
    "core.due",
    "core.overdue",
)
OWN = {
    ASSIGNED: "Given to you",
    SHARED: "Shared with you",
    MENTIONED: "You are mentioned",
    DUE: "Due",
    OVERDUE: "Overdue",
}
"""The kernel's own kinds, with their labels."""


def kinds(registry: Registry) -> dict[str, tuple[str, str]]:
    """All kinds of notification: by their names the plugin and the label."""
    found = {name: ("core", label) for name, label in OWN.items()}
    return found | {
        f"{plugin}.{one.name}": (plugin, one.label) for plugin, one in registry.declared("tradepost_notices")
    }
