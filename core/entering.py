"""What a caller may enter into which field, and the values that become of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.access import Caller
from core.changes import empty_of
from core.errors import Problem, Refused, UnknownField
from core.fields import Kind
from core.parse import Assume, parse
from core.registry import FieldSpec, ModelSpec, Registry

PLACEMENT = frozenset({"owner", "department"})
"""System fields that may be entered by those who may transfer the record."""

KERNELS = frozenset({"id", "created_at", "created_by", "updated_at", "updated_by", "version", "archived_at"})
"""System fields that nothing but the kernel writes."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: the caller, and whether it is his form or a plugin's code; `free` code was granted every field."""

    caller: Caller
    code: bool = False
    free: bool = False


class Parsed(dict[str, Any]):
    """Values of fields that kernel code has read with `parse` before, which are not read again."""


def entered(registry: Registry, writer: Writer, spec: ModelSpec, raw: Mapping[str, object]) -> dict[str, Any]:
    """The values of the fields that were given; `Refused` lists every fault by its field."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    assume = Assume(zone=writer.caller.zone)
    for name, given in raw.items():
        found = spec.fields.get(name)
        if found is None:
            raise UnknownField(spec.label, name)
        refusal = _closed(registry, writer, spec, found)
        if refusal:
            problems.append(refusal)
            continue
        try:
            values[name] = given if isinstance(raw, Parsed) else parse(name, found.traits, given, assume)
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(problems=problems)
    return values


def _closed(registry: Registry, writer: Writer, spec: ModelSpec, found: FieldSpec) -> Problem | None:
    """Why a field may not be written, if so."""
    name = found.name
    if name in KERNELS or (found.kind is Kind.SECRET and not writer.code):
        return Problem("This cannot be changed", name, "readonly")
    if writer.free:
        return None
    if name in PLACEMENT:
        if writer.caller.allows(registry.permission(spec, "transfer")):
            return None
        return Problem("You may not choose this", name, "locked")
    if f"{spec.label}.{name}" in writer.caller.policy.locked:
        return Problem("You may not change this", name, "locked")
    if found.traits.readonly and not writer.code:
        return Problem("This cannot be changed here", name, "readonly")
    return None


def completed(spec: ModelSpec, given: Mapping[str, Any], *, code: bool = False) -> dict[str, Any]:
    """All own fields of a new record: what was given, else the default; `Refused` lists what is missing.

    A plugin's `code` does not know of custom fields: to it none is required.
    """
    values = dict(given)
    problems = [one for one in _missing(spec, values) if not (code and one.field in spec.inside)]
    if problems:
        raise Refused(problems=problems)
    for name, one in spec.fields.items():
        if name not in values and not one.system:
            default = one.traits.default
            values[name] = default if default is not None else empty_of(one)
    return values


def _missing(spec: ModelSpec, values: Mapping[str, Any]) -> Iterator[Problem]:
    for name, one in spec.own.items():
        if one.traits.required and name not in values and one.traits.default is None:
            yield Problem("Fill this in", name, "required")


def entered_inputs(spec: ModelSpec, action: str, caller: Caller, raw: Mapping[str, object]) -> dict[str, Any]:
    """The inputs of an action; `Refused` lists every fault by its input."""
    inputs = spec.actions[action].inputs
    values: dict[str, Any] = {}
    problems = [Problem("There is no such input", name, "unknown") for name in raw if name not in inputs]
    for name, traits in inputs.items():
        try:
            values[name] = parse(name, traits, raw.get(name), Assume(zone=caller.zone))
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(problems=problems)
    return values
