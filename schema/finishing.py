"""What Python does to an answer before it is sent: rows of summaries, `node`, `me` and `search`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from core.access import Caller, Policy, Scope
from core.conditions import Slot
from core.finder import Finder, Found
from core.query import Read, Selection, Single
from core.reading import Reader
from core.registry import camel
from schema.selecting import MARK


@dataclass(frozen=True, slots=True)
class Setting:
    """What a finish may ask with: the doors, who asks, and the values of the plan's slots."""

    reader: Reader
    finder: Finder | None
    caller: Caller
    values: Sequence[object]


class Finish(Protocol):
    """Makes the value of a root field from the answer of the read."""

    async def value(self, setting: Setting, answer: Mapping[str, Any], key: str) -> Any:
        """The value that is sent under the key."""


@dataclass(frozen=True, slots=True)
class TextFinish:
    """A fixed text."""

    text: str

    async def value(self, _: Setting, __: Mapping[str, Any], ___: str) -> Any:
        """The text."""
        return self.text


@dataclass(frozen=True, slots=True)
class NodeFinish:
    """The one record that was found among the reads of all models."""

    key: str

    async def value(self, _: Setting, answer: Mapping[str, Any], __: str) -> Any:
        """The record, or null."""
        for name, row in answer.items():
            if row is not None and name.startswith(f"{self.key}{MARK}"):
                return _stripped(row)
        return None


@dataclass(frozen=True, slots=True)
class StripFinish:
    """An answer in which lists of nothing are marked, so that they are objects."""

    async def value(self, _: Setting, answer: Mapping[str, Any], key: str) -> Any:
        """The answer without the marks."""
        return _stripped(answer[key])


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stripped(one) for key, one in value.items() if key != MARK}
    return [_stripped(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Figure:
    """A group or a measure: its key in the rows of the answer, and how it is described."""

    key: str
    field: str
    label: str = ""
    function: str = ""
    amounts: bool = False

    def show(self, name: str, row: Mapping[str, Any], money: Mapping[str, str]) -> Any:
        """One field of its object."""
        match name:
            case "field":
                return ".".join(camel(part) for part in self.field.split(".")) or None
            case "function":
                return self.function
            case "label":
                return row[self.label] if self.label else None
            case "value":
                return None if self.amounts else row[self.key]
            case "amounts":
                return [_parts(one, money, "Money") for one in row[self.key]] if self.amounts else []
        return "SummaryMeasure" if self.function else "SummaryGroup"


def _parts(value: Mapping[str, Any], names: Mapping[str, str], type_name: str) -> dict[str, Any]:
    return {key: value.get(name, type_name) for key, name in names.items()}


@dataclass(frozen=True)
class SummaryFinish:
    """Rows of figures as objects of groups and measures, with the names that were asked for."""

    shape: Mapping[str, str]
    parts: Mapping[str, Mapping[str, str]]
    money: Mapping[str, Mapping[str, Mapping[str, str]]]
    groups: tuple[Figure, ...]
    measures: tuple[Figure, ...]

    async def value(self, _: Setting, answer: Mapping[str, Any], key: str) -> Any:
        """The rows."""
        return [{one: self._part(one, name, row) for one, name in self.shape.items()} for row in answer[key]]

    def _part(self, key: str, name: str, row: Mapping[str, Any]) -> Any:
        if name not in ("groups", "measures"):
            return "SummaryRow"
        figures = self.groups if name == "groups" else self.measures
        return [
            {one: figure.show(part, row, self.money.get(key, {}).get(one, {})) for one, part in self.parts[key].items()}
            for figure in figures
        ]


@dataclass(frozen=True)
class MeFinish:
    """The caller himself."""

    key: str
    parts: Mapping[str, str]
    permissions: Mapping[str, Mapping[str, str]]

    async def value(self, setting: Setting, answer: Mapping[str, Any], key: str) -> Any:
        """Who he is, and his permissions with their scopes; null for nobody."""
        caller = setting.caller
        if caller.user_id is None:
            return None
        facts: dict[str, Any] = {
            "id": str(caller.user_id),
            "login": caller.policy.login,
            "language": caller.language,
            "zone": caller.zone,
            "readOnly": caller.read_only,
            "administrator": caller.policy.everything,
            "__typename": "Me",
        }
        value: dict[str, Any] = {}
        for one, name in self.parts.items():
            if name == "user":
                value[one] = answer.get(f"{key}{MARK}{one}")
            elif name == "permissions":
                value[one] = _permissions(setting, self.permissions[one])
            else:
                value[one] = facts[name]
        return value


def _permissions(setting: Setting, names: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    for permission in setting.reader.registry.permissions():
        if setting.caller.allows(permission.name):
            facts = {"name": permission.name, "scopes": _scopes(setting.caller.policy, permission.name)}
            found.append(_parts(facts, names, "Permission"))
    return found


def _scopes(policy: Policy, permission: str) -> list[str]:
    reach = policy.reach(permission)
    return [one.name for one in Scope if one in reach.scopes]


@dataclass(frozen=True)
class SearchFinish:
    """The hits of a search; each record is read again through the door."""

    slot: int
    first: int
    parts: Mapping[str, str]
    records: Mapping[str, Mapping[str, Selection]]

    async def value(self, setting: Setting, _: Mapping[str, Any], __: str) -> Any:
        """The hits, the best first."""
        if setting.finder is None:
            return []
        text = str(setting.values[self.slot])
        found = [
            one
            for one in await setting.finder.find(setting.caller, text, None, self.first)
            if one.label in self.records
        ]
        rows = await self._records(setting, found)
        return [
            {key: self._part(key, name, one, rows[number]) for key, name in self.parts.items()}
            for number, one in enumerate(found)
        ]

    async def _records(self, setting: Setting, found: Sequence[Found]) -> list[dict[str, Any]]:
        """What is selected of each record, by response key; one statement for all."""
        values: list[object] = [*setting.values]
        roots = []
        for number, one in enumerate(found):
            for key, select in self.records[one.label].items():
                values.append(one.id)
                roots.append((f"{number}{MARK}{key}", Single(one.label, Slot(len(values) - 1), select)))
        if not roots:
            return [{} for _ in found]
        answer = orjson.loads(await setting.reader.answer(setting.caller, Read(tuple(roots)), values))
        rows: list[dict[str, Any]] = [{} for _ in found]
        for name, row in answer.items():
            number_text, _, key = name.partition(MARK)
            rows[int(number_text)][key] = row
        return rows

    def _part(self, key: str, name: str, one: Found, rows: Mapping[str, Any]) -> Any:
        if name == "record":
            row = rows[key]
            return _stripped(row)
        facts = {
            "id": one.id,
            "title": one.title,
            "snippet": one.snippet,
            "field": camel(one.field),
            "__typename": "SearchHit",
        }
        return facts[name]
