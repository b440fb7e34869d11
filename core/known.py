"""What a unit of work has read before: a record that a plugin's checks ask for again and again is read once."""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

from core.access import Caller
from core.model import Model
from core.reading import Reader, confirmed
from core.registry import ModelSpec

Asked: TypeAlias = tuple[bool, UUID]


class Known:
    """Records by model, kept until anything is written that they show."""

    def __init__(self) -> None:
        self._records: dict[str, dict[Asked, Model]] = {}
        self._shown: dict[str, frozenset[str]] = {}

    async def get(self, reader: Reader, caller: Caller, spec: ModelSpec, record: UUID) -> Model:
        """A whole record as the caller may see it; `NotFound` is asked anew each time."""
        # Within one unit of work there is one caller, with his own policy and the elevated one.
        asked = (caller.policy.everything, record)
        found = self._records.get(spec.label, {}).get(asked)
        if found is None:
            found = await reader.get(confirmed(caller), spec.model, record)
            self._records.setdefault(spec.label, {})[asked] = found
            self._shown[spec.label] = frozenset({spec.label, *(str(one.target) for one in spec.links.values())})
        return found

    def forget(self, label: str) -> None:
        """A record of a model was written: whatever shows one may be out of date."""
        for one in [one for one in self._records if label in self._shown[one]]:
            del self._records[one]
