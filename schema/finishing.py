"""What Python does to an answer before it is sent: rows of summaries, `node`, `me`, lookalikes and grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import orjson

from core.access import Caller, Policy, Scope
from core.codec import moment_text
from core.conditions import Slot
from core.desk import Desk
from core.duplicates import Lookalike, lookalikes
from core.explanations import Explanations, Ground
from core.finder import Finder
from core.options import Options
from core.parse import parse
from core.query import Read, Selection, Single
from core.reading import Reader
from core.registry import FieldSpec, camel
from schema.selecting import MARK


@dataclass(frozen=True, slots=True)
class Setting:
    """What a finish may ask with: the doors, who asks, and the values of the plan's slots."""

    reader: Reader
    finder: Finder | None
    caller: Caller
    values: Sequence[object]
    explanations: Explanations | None = None
    options: Options | None = None

    @property
    def desk(self) -> Desk:
        """What a plugin's question reads with."""
        if self.options is None:
            raise TypeError("questions are asked with the options at hand")
        return Desk(self.caller, self.reader, self.options)


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
                return stripped(row)
        return None


@dataclass(frozen=True, slots=True)
class StripFinish:
    """An answer in which lists of nothing are marked, so that they are objects."""

    async def value(self, _: Setting, answer: Mapping[str, Any], key: str) -> Any:
        """The answer without the marks."""
        return stripped(answer[key])


def stripped(value: Any) -> Any:
    """An answer without the marks of lists of nothing."""
    if isinstance(value, dict):
        return {key: stripped(one) for key, one in value.items() if key != MARK}
    return [stripped(one) for one in value] if isinstance(value, list) else value


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


async def records_of(
    setting: Setting, selects: Mapping[str, Mapping[str, Selection]], found: Sequence[tuple[str, object]]
) -> list[dict[str, Any]]:
    """What is selected of each of some records, by response key; one statement for all."""
    values: list[object] = [*setting.values]
    roots = []
    for number, (label, one) in enumerate(found):
        for key, select in selects[label].items():
            values.append(one)
            roots.append((f"{number}{MARK}{key}", Single(label, Slot(len(values) - 1), select)))
    rows: list[dict[str, Any]] = [{} for _ in found]
    if not roots:
        return rows
    answer = orjson.loads(await setting.reader.answer(setting.caller, Read(tuple(roots)), values))
    for name, row in answer.items():
        number_text, _, key = name.partition(MARK)
        rows[int(number_text)][key] = row
    return rows


@dataclass(frozen=True)
class LookalikesFinish:
    """The records that look like a new one; each is read again through the door.

    `fields` are those that are compared, by their names in the input.
    """

    label: str
    slot: int
    fields: Mapping[str, FieldSpec]
    shape: Mapping[str, str]
    parts: Mapping[str, Mapping[str, str]]
    records: Mapping[str, Mapping[str, Selection]]

    async def value(self, setting: Setting, _: Mapping[str, Any], __: str) -> Any:
        """Those that the caller sees, and how many he does not."""
        given: Any = setting.values[self.slot]
        values = {one.name: _entered(one, given[key]) for key, one in self.fields.items() if key in given}
        found = await lookalikes(setting.reader, setting.caller, self.label, values)
        rows = await records_of(setting, self.records, [(one.model, one.id) for one in found.seen])
        shown: dict[str, Any] = {"hidden": found.others, "__typename": "Lookalikes"}
        return {
            key: [self._node(key, one, rows[number]) for number, one in enumerate(found.seen)]
            if name == "nodes"
            else shown[name]
            for key, name in self.shape.items()
        }

    def _node(self, key: str, one: Lookalike, rows: Mapping[str, Any]) -> dict[str, Any]:
        facts = {"id": str(one.id), "title": one.title, "__typename": "Lookalike"}
        return {
            part: stripped(rows[part]) if name == "record" else facts[name] for part, name in self.parts[key].items()
        }


def _entered(field: FieldSpec, raw: object) -> object:
    """A value as it would be saved; it may be missing yet."""
    return parse(field.name, replace(field.traits, required=False), raw)


@dataclass(frozen=True, slots=True)
class ExplainFinish:
    """Why a record is visible to a user; the read has told which model it is of, if the caller sees it."""

    id: int
    user: int
    parts: Mapping[str, str]

    async def value(self, setting: Setting, answer: Mapping[str, Any], key: str) -> Any:
        """The grounds; null out of sight."""
        label = next((name for name, row in answer.items() if row and name.startswith(f"{key}{MARK}")), None)
        if label is None or setting.explanations is None:
            return None
        record: Any = setting.values[self.id]
        user: Any = setting.values[self.user]
        grounds = await setting.explanations.explain(setting.caller, label.partition(MARK)[2], record, user)
        return [_parts(_told(one), self.parts, "Ground") for one in grounds]


def _told(one: Ground) -> dict[str, Any]:
    return {
        "permission": one.permission,
        "scope": one.scope.name if one.scope else None,
        "role": one.role_name or None,
        "share": str(one.share) if one.share else None,
        "writes": one.writes,
        "reason": one.reason or None,
        "expiresAt": moment_text(one.expires_at) if one.expires_at else None,
    }
