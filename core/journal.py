"""What a unit of work did, each record told once: entries for the audit, news for the outbox."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.audit import Note
from core.changes import Changes
from core.events import News

MERGED = "update"
PIECE = 1_000
COMPLETE = frozenset({"create", "archive", "restore", "purge"})
"""Verbs that already say that the record changed."""
MENTION = re.compile(r"(?<![\w.@])@([\w][\w.-]*)")
"""`@login` in a text, which is no address of mail."""


@dataclass
class Told:
    """A verb that was done to a record, with the changes that came of it.

    `by`: the user whose doing it is; `imported`: what happened elsewhere before, of which nobody is told now.
    """

    verb: str
    model: str = ""
    record: UUID | None = None
    title: str = ""
    reason: str = ""
    changes: Changes = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    news: bool = True
    by: UUID | None = None
    imported: bool = False

    def note(self) -> Note:
        """As the audit keeps it."""
        return Note(self.verb, self.model, self.record, self.title, self.changes, self.reason)

    def names(self) -> tuple[str, ...]:
        """The names of the event: of the verb, of an update where an action made one, of what it is to people."""
        verbs = [self.verb]
        if self.changes and self.verb not in COMPLETE:
            verbs.append(MERGED)
        verbs += [name for name, told in (("assigned", self.assigned), ("mentioned", self.mentions)) if told]
        return tuple(dict.fromkeys(f"{self.model}.{verb}" for verb in verbs))

    def told_of(self) -> Mapping[str, Any]:
        """What the event carries: what its teller gave it, and the fields that changed with it."""
        fields = {"fields": sorted(self.changes)} if self.changes or not self.payload else {}
        people = {"assigned": self.assigned, "mentions": self.mentions, "imported": self.imported}
        return {**fields, **{name: told for name, told in people.items() if told}, **self.payload}

    @property
    def assigned(self) -> str:
        """The id of the owner that somebody else gave it to; empty where nobody did."""
        owner = self.changes.get("owner", (None, None))[1]
        return str(owner) if owner and self.by and not self.imported and str(owner) != str(self.by) else ""

    @property
    def mentions(self) -> list[str]:
        """Whom a text names that it did not name before: `@login`."""
        if not self.by or self.imported:
            return []
        texts = [both for both in self.changes.values() if isinstance(both[1], str) and "@" in both[1]]
        found = {
            one.rstrip(".-") for old, new in texts for one in {*MENTION.findall(new)} - {*MENTION.findall(old or "")}
        }
        return sorted(found)


class Journal:
    """Collects what happens; an update joins what was told of the same record before."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self._latest: dict[tuple[str, UUID | None], Told] = {}

    def tell(self, told: Told) -> None:
        """Something was done."""
        latest = self._latest.get((told.model, told.record))
        if told.verb == MERGED and latest is not None:
            _merge(latest.changes, told.changes)
            latest.title = told.title
            return
        self.told.append(told)
        if told.record is not None:
            self._latest[told.model, told.record] = told

    def pieces(self) -> Iterator[Journal]:
        """The same in order, in journals that are short enough to be written at once."""
        for start in range(0, len(self.told), PIECE):
            piece = Journal()
            piece.told = self.told[start : start + PIECE]
            yield piece

    def touch(self, touched: dict[str, list[UUID]]) -> None:
        """Add the records that it tells of, by model, to those that were touched before."""
        for one in self.told:
            if one.record is not None and one.news:
                touched.setdefault(one.model, []).append(one.record)

    def notes(self) -> list[Note]:
        """Entries for the audit, in order."""
        return [one.note() for one in self.told]

    def news(self) -> list[News]:
        """Events for the outbox, in order."""
        return [News(one.names(), one.model, one.record, one.told_of()) for one in self.told if one.news]


def _merge(changes: Changes, later: Changes) -> None:
    """A field that changed twice changed once, from the first value to the last."""
    for name, (old, new) in later.items():
        before = changes[name][0] if name in changes else old
        if before == new:
            changes.pop(name, None)
        else:
            changes[name] = [before, new]
