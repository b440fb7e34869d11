"""API tokens: a program's way in, with the rights of the user it belongs to."""

from __future__ import annotations

from core.fields import boolean, link, moment, secret, text
from core.model import Meta, Model
from core.users import User


class Token(Model):
    """A program's key: shown once, kept as a digest."""

    meta = Meta(title="name", internal=True, indexes=(("digest",),))

    user = link(User, required=True)
    name = text(120, required=True)
    digest = secret(64)
    writes = boolean(default=True)
    seen_at = moment()
    expires_at = moment(required=True)
    ended_at = moment()
