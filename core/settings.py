"""Configuration: of the process, from the environment; of the company, from the database."""

from __future__ import annotations

from core.fields import data, link, text
from core.model import Meta, Model
from core.users import User


class Setting(Model):
    """A value that an administrator chose for the whole company."""

    meta = Meta(title="name", internal=True)

    name = text(120, required=True, unique=True)
    content = data()


class View(Model):
    """A saved view of a list: its filters, columns and order under a name, of one user."""

    meta = Meta(title="name", internal=True, together=(("user", "model", "name"),))

    user = link(User, required=True)
    model = text(120, required=True)
    name = text(120, required=True)
    content = data()
