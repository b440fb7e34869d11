"""Roles: named sets of permissions, each with the scope of records that it reaches."""

from __future__ import annotations

from core.access import Scope
from core.departments import Department
from core.fields import boolean, choice, data, moment, note, text
from core.links import link
from core.model import Meta, Model
from core.users import User


class Role(Model):
    """A set of permissions for people with the same work."""

    meta = Meta(order=("name",), key=("name",))

    name = text(120, required=True, unique=True, search=True)
    description = note()
    second_factor = boolean(
        default=False, label="Needs a second factor", help="Who has the role signs in with an app or a passkey, too"
    )


class Grant(Model):
    """One permission of a role, and the records that it reaches.

    `departments` are the ids of a chosen set; `hidden` the fields that this grant does not cover.
    """

    meta = Meta(title="permission", order=("permission",), part_of="role", together=(("role", "permission"),))

    role = link(Role, required=True, back="grants")
    permission = text(160, required=True)
    scope = choice(Scope, default=Scope.OWN)
    departments = data(readonly=False)
    hidden = data(readonly=False)


class Assignment(Model):
    """A role that a user has."""

    meta = Meta(part_of="role", together=(("role", "user"),))

    role = link(Role, required=True, back="assignments")
    user = link(User, required=True, back="roles")


class Share(Model):
    """One record opened to a user, a department or a role, with a reason and an end."""

    meta = Meta(title="model", internal=True, indexes=(("model", "record"),))

    model = text(120, required=True)
    record = text(36, required=True, help="The id of the record")
    user = link(User)
    to_department = link(Department, label="Department")
    role = link(Role)
    writes = boolean(default=False, label="May change it")
    reason = note()
    expires_at = moment(label="Open until", help="For good if left empty")
