"""The audit: every change and every refusal that matters, chained by hashes so that no row can be altered unseen."""

from __future__ import annotations

from core.fields import data, integer, link, moment, text
from core.model import Meta, Model
from core.users import User


class Entry(Model):
    """Who did what to which record, when and from where."""

    meta = Meta(title="verb", plural="entries", order=("-number",), internal=True, append_only=True, indexes=(("model", "record"),))

    number = integer(required=True)
    at = moment(required=True)
    user = link(User)
    by = text(16, required=True)
    verb = text(64, required=True)
    model = text(120)
    record = text(36)
    title = text(255)
    changes = data()
    reason = text(255)
    address = text(64)
    program = text(255)
    request = text(64)
    previous = text(64, required=True)
    digest = text(64, required=True)
