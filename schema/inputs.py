"""Inputs of mutations as the raw values that operations parse."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from core.fields import Traits
from core.registry import FieldSpec


def raw(fields: Mapping[str, FieldSpec], given: Mapping[str, Any]) -> dict[str, object]:
    """The given values by field; enums by their values. What was left out is left out."""
    return {fields[key].name: _plain(value) for key, value in given.items()}


def raw_inputs(inputs: Mapping[str, tuple[str, Traits]], given: Mapping[str, Any]) -> dict[str, object]:
    """The inputs of an action by their Python names."""
    return {name: _plain(given[key]) for key, (name, _) in inputs.items() if key in given}


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value
