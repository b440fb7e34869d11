"""All that a plugin may import: declarations, what its code works with, and what it may raise.

The kinds of field are in `tradepost.fields`, pages in `tradepost.pages`, figures in `tradepost.figures`, mail in
`tradepost.mail`, conditions kept as data in `tradepost.criteria`, the test kit in `tradepost.testing`, a built-in
plugin's own names in `tradepost.<plugin>`. What is not listed here is internal and may change on any day.
"""

from __future__ import annotations

from core.access import Caller, Scope
from core.actions import action
from core.commands import Command
from core.conditions import EVERYTHING, NOTHING, Condition
from core.dashboard import Panel, Shape
from core.departments import Department
from core.desk import Desk
from core.errors import (
    BadQuery,
    BootError,
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Refused,
    SearchUnavailable,
    SettingsError,
    TooLarge,
    TradepostError,
    Unauthenticated,
    UnknownField,
)
from core.events import Happening
from core.fields import Field, Position
from core.files import Attachment
from core.hooks import RoleDefault, hookimpl
from core.links import some
from core.model import Meta, Model, NotLoaded
from core.money import Money, money, rounded
from core.notices import Notice
from core.office import Job, Office, On
from core.options import Option
from core.plugin import Plugin
from core.query import Archived
from core.questions import Question
from core.resource import Resource, extend
from core.roles import Role
from core.users import User
from core.work import Work

__all__ = [  # noqa: RUF022 - in alphabetical order without regard to case, as it is read
    "action",
    "Archived",
    "Attachment",
    "BadQuery",
    "BootError",
    "Caller",
    "Command",
    "Condition",
    "Conflict",
    "Department",
    "Desk",
    "EVERYTHING",
    "extend",
    "Field",
    "Forbidden",
    "Happening",
    "hookimpl",
    "Job",
    "Meta",
    "Model",
    "Money",
    "money",
    "NotFound",
    "NOTHING",
    "Notice",
    "NotLoaded",
    "Office",
    "On",
    "Option",
    "Panel",
    "Plugin",
    "Position",
    "Problem",
    "Question",
    "Refused",
    "Resource",
    "Role",
    "RoleDefault",
    "rounded",
    "Scope",
    "SearchUnavailable",
    "SettingsError",
    "Shape",
    "some",
    "TooLarge",
    "TradepostError",
    "Unauthenticated",
    "UnknownField",
    "User",
    "Work",
]
