"""What a plugin may import: few names, all typed, all documented, and every type that they lead to."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import tradepost
import tradepost.criteria
import tradepost.egress
import tradepost.fields
import tradepost.figures
import tradepost.mail
import tradepost.pages
import tradepost.sales
from tests.architecture.sources import ROOMS
from tradepost.discovery import BUILT_IN

MOST_NAMES = 60
FACES: tuple[ModuleType, ...] = (
    tradepost,
    tradepost.criteria,
    tradepost.egress,
    tradepost.fields,
    tradepost.figures,
    tradepost.mail,
    tradepost.pages,
    *(importlib.import_module(f"{tradepost.__name__}.{one.name}") for one in BUILT_IN),
)
INTERNAL: dict[str, str] = {
    "Origin": "where a request came from: kept for the audit, nothing that a plugin asks",
    "By": "how a caller came in: likewise",
    "Policy": "the compiled rights: a plugin asks `allows` and `require` of the caller",
    "Unit": "the inside of `Work`",
    "Key": "what opens the door, which no plugin has",
    "Traits": "the inside of a field",
    "Registry": "the inside of `Criteria`",
    "React": "what `On` calls: any function of that form",
    "SavedView": "what the kernel's own question answers with; a view belongs to who keeps it",
    **dict.fromkeys(("SessionView", "TokenView"), "what the kernel's own questions answer with"),
    "Notified": "what the kernel's own question answers with; a plugin tells by a `Notice`",
    "AnswerShape": "what boot reads off the function of a `Question`",
    **dict.fromkeys(("Files", "Operations", "Options", "Policies", "Reader"), "the inside of `Desk` and `Office`"),
    **dict.fromkeys(("And", "Compare", "Not", "Or", "Some", "Through"), "the parts of a `Condition`, made by fields"),
}
"""Types that public signatures lead to and that are no plugin's business, each with the reason."""


def test_the_names_are_few_sorted_and_there():
    assert sorted(tradepost.__all__, key=str.casefold) == list(tradepost.__all__)
    assert len(tradepost.__all__) <= MOST_NAMES
    assert len(set(tradepost.__all__)) == len(tradepost.__all__)
    assert [name for name in tradepost.__all__ if not hasattr(tradepost, name)] == []


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_what_is_not_listed_is_not_there(face: ModuleType):
    public = {
        name
        for name, value in vars(face).items()
        if not name.startswith("_") and name != "annotations" and not isinstance(value, ModuleType)
    }
    assert public == set(face.__all__)


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_everything_public_is_documented(face: ModuleType):
    named = {name: getattr(face, name) for name in face.__all__}
    assert [name for name, one in named.items() if callable(one) and not inspect.getdoc(one)] == []


def _reached(one: Any) -> Iterator[type]:
    """The types of ours in the signatures of a function, or of a class's public methods and fields."""
    if inspect.isclass(one):
        members = [value for name, value in vars(one).items() if not name.startswith("_") or name == "__init__"]
        members = [one, *(value.fget if isinstance(value, property) else value for value in members)]
    else:
        members = [one]
    for member in members:
        if callable(member):
            yield from _ours(_hints(member))


def _hints(member: Any) -> list[Any]:
    try:
        return list(typing.get_type_hints(member).values())
    except (NameError, TypeError):  # names that only type checkers see
        return []


def _ours(hints: list[Any]) -> Iterator[type]:
    for hint in hints:
        if inspect.isclass(hint) and hint.__module__.partition(".")[0] in ROOMS:
            yield hint
        yield from _ours(list(typing.get_args(hint)))


def test_every_type_that_is_reached_is_public():
    public = {one for face in FACES for name in face.__all__ if callable(one := getattr(face, name))}
    reached = {found for one in public for found in _reached(one)}
    assert {one.__name__ for one in reached - public if one.__name__ not in INTERNAL} == set()


def test_no_class_has_two_names():
    names: dict[int, set[str]] = {}
    for face in FACES:
        for name in face.__all__:
            value = getattr(face, name)
            if inspect.isclass(value):
                names.setdefault(id(value), set()).add(f"{face.__name__}.{name}")
    assert [one for one in names.values() if len(one) > 1] == []


def test_the_facade_imports_no_plugin():
    program = "import sys, tradepost; print([one for one in sys.modules if one.partition('.')[0] == 'plugins'])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
