"""The kinds of field that a model is made of."""

from __future__ import annotations

from core.fields import (
    boolean,
    choice,
    data,
    date,
    decimal,
    email,
    emails,
    integer,
    moment,
    money,
    note,
    phones,
    position,
    tags,
    text,
    url,
)
from core.links import link

__all__ = [
    "boolean",
    "choice",
    "data",
    "date",
    "decimal",
    "email",
    "emails",
    "integer",
    "link",
    "moment",
    "money",
    "note",
    "phones",
    "position",
    "tags",
    "text",
    "url",
]
