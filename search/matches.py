"""Hits that the door has let through: what they say, and why they were found; told of those alone that are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from core.access import Policy
from core.finder import Found
from core.registry import Registry
from search.analyzer import Term
from search.rights import must_prove, readable_paths
from search.snippets import fits, marks, snippet
from search.specs import IndexPlan


@dataclass(frozen=True, slots=True)
class View:
    """What a caller may read of the documents of an index; `proves`: a hit must be matched with that again."""

    registry: Registry
    plan: IndexPlan
    paths: tuple[str, ...]
    proves: bool


def view_of(registry: Registry, plan: IndexPlan, policy: Policy) -> View:
    """How a policy sees an index."""
    return View(registry, plan, readable_paths(policy, registry, plan), must_prove(policy, registry, plan))


@dataclass(frozen=True, slots=True)
class Match:
    """A record that was found, as its reader sees it."""

    view: View
    id: str
    row: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The label of its model."""
        return self.view.plan.spec.label

    def proven(self, words: Sequence[Term]) -> bool:
        """Whether the words are in what its reader sees of it."""
        texts = (self.texts(path) for path in self.view.paths)
        return not self.view.proves or fits(words, chain.from_iterable(texts))

    def found(self, words: Sequence[Term]) -> Found:
        """What is told of it: the title, and a text that has the words."""
        spec = self.view.plan.spec
        title = " ".join(self.texts(spec.title))
        found = Found(spec.label, self.id, title, title_marks=marks(words, title))
        for path in self.view.paths:
            piece = snippet(words, " · ".join(self.texts(path))) if path != spec.title else ""
            if piece:
                return replace(found, snippet=piece, field=path, snippet_marks=marks(words, piece))
        return found

    def texts(self, path: str) -> Iterator[str]:
        """The texts at the end of a path."""
        spec = self.view.plan.spec
        value: Any = self.row
        for step in path.split("."):
            target = spec.fields[step].target
            value = value.get(step) if isinstance(value, Mapping) else None
            if target:
                spec = self.view.registry.models[target]
        if isinstance(value, Mapping):
            value = value.get(spec.title)
        if value is not None:
            yield from (str(one) for one in (value if isinstance(value, list) else (value,)))

    def value(self, name: str) -> str:
        """A choice's value, or the id of the record at the end of a link; empty for none in sight."""
        stored = self.row[name]
        return str(stored["id"] if isinstance(stored, Mapping) else stored or "")
