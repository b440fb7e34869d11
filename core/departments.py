"""Departments: the tree that data scopes follow."""

from __future__ import annotations

from core.fields import text
from core.links import link
from core.model import Meta, Model


class Department(Model):
    """A part of the company; records belong to departments."""

    meta = Meta(order=("name",), key=("name",))

    name = text(120, required=True, search=True)
    parent = link("self", back="children", help="The department that it is a part of; empty at the top")
