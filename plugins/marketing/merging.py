"""Merge fields: `{{ customer.name }}` in a text. A closed syntax without logic: a path, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from plugins.marketing.choices import Audience
from tradepost import Model, Money, Refused
from tradepost.criteria import Criteria
from tradepost.sales import Contact, Customer

FIELD = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}")
NAME = "name"


@dataclass(frozen=True)
class Person:
    """To whom a mail goes: what merge fields read."""

    name: str
    customer: Customer | None = None
    contact: Contact | None = None


def paths_in(text: str | None) -> Iterator[str]:
    """The merge fields of a text, in order."""
    for found in FIELD.finditer(text or ""):
        yield found.group(1).strip()


def known_paths(criteria: Criteria, audience: Audience) -> dict[str, str]:
    """The merge fields that somebody may use: those whose values he sees; with the kind of record each is read from."""
    roots: list[tuple[str, type[Model]]] = [("customer", Customer)]
    if audience is Audience.CONTACTS:
        roots.append(("contact", Contact))
    found = {NAME: NAME}
    for root, model in roots:
        if criteria.reads(model):
            plain = (one for one in criteria.of(model) if one.kind != "link")
            found |= {f"{root}.{one.path}": root for one in plain}
    return found


def check_text(criteria: Criteria, audience: Audience, field: str, text: str | None) -> None:
    """Refuse a text with a merge field that its writer may not see, or that is none."""
    known = known_paths(criteria, audience)
    for path in paths_in(text):
        if not PATH.fullmatch(path) or path not in known:
            raise Refused("There is no merge field {{ %(name)s }} for this mailing", field=field, name=path[:80])


def paths_of(root: str, *texts: str | None) -> tuple[str, ...]:
    """The fields of a kind of record that some texts read."""
    found = (path for text in texts for path in paths_in(text))
    return tuple(dict.fromkeys(path.removeprefix(f"{root}.") for path in found if path.startswith(f"{root}.")))


def merged(text: str, person: Person, zone: str, *, html: bool = False) -> str:
    """A text with the values of its merge fields; in HTML they are escaped."""
    write: Callable[[str], str] = escape if html else str
    return FIELD.sub(lambda found: write(_value(found.group(1).strip(), person, zone)), text)


def _value(path: str, person: Person, zone: str) -> str:
    if path == NAME:
        return person.name
    root, *steps = path.split(".")
    roots: Mapping[str, Model | None] = {"customer": person.customer, "contact": person.contact}
    value: Any = roots.get(root)
    for step in steps:
        value = value.value(step) if isinstance(value, Model) else None
    return written(value, zone)


def written(value: object, zone: str) -> str:
    """A value in plain words; of what has none, nothing."""
    match value:
        case None | Model():
            return ""
        case bool():
            return "yes" if value else "no"
        case Enum():
            return value.name.replace("_", " ").capitalize()
        case Money():
            return f"{value.amount} {value.currency}"
        case datetime():
            return value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case tuple():
            return ", ".join(str(one) for one in value)
        case str() | int() | Decimal():
            return str(value)
    return ""
