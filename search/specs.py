"""Index specifications, derived from the registry: what of each model is searched, filtered by, and who may find it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core.fields import Kind
from core.finder import IndexSpec
from core.registry import ModelSpec, Registry

Way: TypeAlias = tuple[str, ...]
NARROWING = (Kind.CHOICE, Kind.LINK)


@dataclass(frozen=True)
class IndexPlan:
    """A model's index.

    - `root`: the links to the record whose rights it follows; of no links: its own.
    - `searched`, `governed`: the ways of links to records whose texts are searched, and whose rights hold, with models.
    """

    spec: ModelSpec
    index: IndexSpec
    root: Way
    searched: Mapping[Way, ModelSpec]
    governed: Mapping[Way, ModelSpec]

    @property
    def paths(self) -> tuple[str, ...]:
        """All that a document is made of."""
        rights = (".".join((*self.root, name)) for name in ("owner", "department"))
        return tuple(dict.fromkeys((*self.index.searchable, *self.index.filterable, *rights)))


def index_plans(registry: Registry) -> Mapping[str, IndexPlan]:
    """The indexes of all models that people see and that have something to search, by label."""
    wanted = ((spec, _searchable(spec)) for spec in registry.surfaced())
    return {spec.label: _plan(registry, spec, searchable) for spec, searchable in wanted if searchable}


def _plan(registry: Registry, spec: ModelSpec, searchable: tuple[str, ...]) -> IndexPlan:
    root = tuple(_way_to_root(registry, spec))
    searched: dict[Way, ModelSpec] = {}
    for path in searchable:
        searched |= _ways(registry, spec, path.split("."))
    index = IndexSpec(spec.table, searchable, tuple(_filterable(spec)))
    return IndexPlan(spec, index, root, searched, _ways(registry, spec, root))


def _ways(registry: Registry, spec: ModelSpec, path: Sequence[str]) -> dict[Way, ModelSpec]:
    """The links along a path, each as the way there with the model that it leads to."""
    found: dict[Way, ModelSpec] = {}
    for end, step in enumerate(path, start=1):
        target = spec.fields[step].target
        if target is None:
            break
        spec = registry.models[target]
        found[tuple(path[:end])] = spec
    return found


def _searchable(spec: ModelSpec) -> tuple[str, ...]:
    own = [name for name, one in spec.fields.items() if one.traits.search and not one.inside]
    added = (name for name, one in spec.inside.items() if one.traits.search and one.kind not in NARROWING)
    paths = (*(spec.resource.search or own), *added)
    return tuple(sorted(dict.fromkeys(paths), key=lambda path: path != spec.title))


def _filterable(spec: ModelSpec) -> Iterator[str]:
    for name, one in spec.fields.items():
        if one.kind in NARROWING and (one.traits.search or not one.inside):  # each more means another index
            yield name


def _way_to_root(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    while spec.parent:
        yield str(spec.meta.part_of)
        spec = registry.models[spec.parent]
