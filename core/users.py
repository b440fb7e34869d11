"""Users: the people who sign in."""

from __future__ import annotations

from enum import Enum

from core.fields import boolean, choice, data, email, integer, secret, text
from core.links import link
from core.model import Meta, Model


class Sex(Enum):
    """As it stands in the company's records."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class User(Model):
    """Somebody who signs in; never deleted, so that what he did keeps his name.

    His department is the system field `department`.
    """

    meta = Meta(title="name", order=("name",), key=("login",))

    login = text(120, required=True, unique=True, search=True, help="A name or mobile number to sign in with")
    name = text(120, required=True, search=True)
    mobile = text(32, search=True)
    email = email(search=True)
    sex = choice(Sex)
    job_title = text(120)
    superior = link("self", back="reports", help="Who he reports to; his superiors may see his records")
    enabled = boolean(default=True, readonly=True, help="Whether he may sign in")
    administrator = boolean(default=False, readonly=True, help="A super administrator holds every permission")
    language = text(16, default="en", readonly=True)
    zone = text(64, default="UTC", readonly=True, label="Time zone")
    look = data(readonly=True)
    password = secret()
    rights_number = integer(default=1, readonly=True)
