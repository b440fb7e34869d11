"""The kernel's own plugin: its objects are declared in the same words as everybody's."""

from __future__ import annotations

from core import own_questions
from core.administration import Departments, Users
from core.audit import Entry
from core.custom_fields import CustomField, CustomFields
from core.departments import Department
from core.events import Event
from core.factors import Authenticator, Halfway, RecoveryCode
from core.files import File
from core.granting import Assignments, Grants, Roles
from core.import_runs import ImportRun
from core.layouts import Layout, Layouts
from core.notices import Muting, Notification
from core.oidc import Identity
from core.passkeys import Ceremony, Passkey
from core.plugin import Plugin
from core.resets import Ticket
from core.roles import Assignment, Grant, Role, Share
from core.sessions import Session
from core.settings import Setting, View
from core.tokens import Token
from core.users import User

plugin = Plugin(
    "core",
    models=[
        Department,
        User,
        Role,
        Grant,
        Assignment,
        Share,
        Session,
        Token,
        Ticket,
        Authenticator,
        RecoveryCode,
        Halfway,
        Passkey,
        Ceremony,
        Identity,
        Entry,
        Event,
        File,
        Setting,
        View,
        Notification,
        Muting,
        ImportRun,
        CustomField,
        Layout,
    ],
    resources=[Departments, Users, Roles, Grants, Assignments, CustomFields, Layouts],
    hooks=[own_questions],
)
