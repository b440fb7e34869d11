"""Tradepost: all that a plugin may import, besides the public faces of the plugins that it needs.

Fields are in `tradepost.fields`; the models of a built-in plugin in `tradepost.<plugin>`.
"""

from __future__ import annotations

from core.access import Caller, Scope
from core.actions import action
from core.conditions import Condition
from core.departments import Department
from core.errors import (
    BadQuery,
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Refused,
    TradepostError,
    Unauthenticated,
    UnknownField,
)
from core.fields import Field, Position, some
from core.hooks import RoleDefault, hookimpl
from core.model import Meta, Model, NotLoaded
from core.money import Money
from core.plugin import Plugin
from core.resource import Resource, extend
from core.users import User

__all__ = [
    "action",
    "BadQuery",
    "Caller",
    "Condition",
    "Conflict",
    "Department",
    "extend",
    "Field",
    "Forbidden",
    "hookimpl",
    "Meta",
    "Model",
    "Money",
    "NotFound",
    "NotLoaded",
    "Plugin",
    "Position",
    "Problem",
    "Refused",
    "Resource",
    "RoleDefault",
    "Scope",
    "some",
    "TradepostError",
    "Unauthenticated",
    "UnknownField",
    "User",
]
