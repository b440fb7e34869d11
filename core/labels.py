"""Words that people chose themselves, which no catalogue translates: a label carries its own translations."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Self


class Label(str):
    """A text that says itself what it is in other languages; as a text it is what all others read."""

    __slots__ = ("_told",)
    _told: Mapping[str, str]

    def __new__(cls, text: str, told: Mapping[str, str] | None = None) -> Self:
        """A text with its translations by language; empty ones count for nothing."""
        made = super().__new__(cls, text)
        made._told = {language: one for language, one in (told or {}).items() if one}
        return made

    def told(self, language: str) -> str | None:
        """The text in a language, if it was translated."""
        return self._told.get(language)

    def of(self, text: str) -> Label:
        """Another text with the same translations."""
        return Label(text, self._told)


class Chosen(Enum):
    """A choice of a custom field, with a label of its own. A value that is no choice any more stays readable."""

    label: Label

    def __new__(cls, value: str, label: str = "") -> Self:
        """A choice by its value, with its label."""
        return cls._made(value, label)

    @classmethod
    def _made(cls, value: str, label: str = "") -> Self:
        made = object.__new__(cls)
        made._value_ = value
        made.label = label if isinstance(label, Label) else Label(label or value)
        return made

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        made = cls._made(value)
        made._name_ = value.upper()
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chosen) and type(other) is type(self) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)
