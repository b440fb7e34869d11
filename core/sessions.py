"""Sessions on the server: the cookie holds a random secret, the table its digest."""

from __future__ import annotations

from core.fields import link, moment, secret, text
from core.model import Meta, Model
from core.users import User


class Session(Model):
    """A browser in which somebody is signed in."""

    meta = Meta(title="program", internal=True, indexes=(("digest",),))

    user = link(User, required=True)
    digest = secret(64)
    address = text(64)
    program = text(255)
    seen_at = moment(required=True)
    expires_at = moment(required=True)
    ended_at = moment()
