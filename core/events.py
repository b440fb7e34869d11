"""The outbox: what happened, kept in the transaction that made it happen, and handed out at least once."""

from __future__ import annotations

from core.fields import data, integer, link, moment, text
from core.model import Meta, Model
from core.users import User


class Event(Model):
    """Something that happened to a record (`sales.customer.update`), waiting for one handler."""

    meta = Meta(title="name", internal=True, indexes=(("handler", "due_at"),))

    name = text(160, required=True)
    handler = text(160, required=True)
    model = text(120)
    record = text(36)
    payload = data()
    user = link(User)
    due_at = moment(required=True)
    attempts = integer(default=0)
    leased_until = moment()
    worker = text(64)
    done_at = moment()
    failure = text(2_000)
