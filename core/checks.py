"""What boot checks of every model: that each name in a declaration means something."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from core.fields import Kind
from core.model import Meta
from core.registry import VERBS, ModelSpec, Registry, camel


def check_model(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    """The faults of one model, its meta and its resource."""
    yield from _check_meta(registry, spec)
    yield from _check_resource(registry, spec)
    yield from _check_names(spec)


def _check_resource(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    resource = spec.resource
    paths = (*resource.columns, *resource.filters, *resource.search)
    names = (*chain.from_iterable(resource.form.values()), *resource.duplicates)
    for path in paths:
        if registry.resolve(spec, path) is None and path not in spec.computed:
            yield f"{spec.plugin}: {type(resource).__name__} names {path}, which {spec.label} does not have; correct it"
    for name in (*names, *(one for one in (resource.board, resource.amount) if one)):
        if name not in spec.fields:
            yield f"{spec.plugin}: {type(resource).__name__} names {name}, which {spec.label} does not have; correct it"
    board, total = spec.fields.get(resource.board), spec.fields.get(resource.amount)
    if board and board.kind not in (Kind.CHOICE, Kind.LINK):
        yield f"{spec.plugin}: the board of {spec.label} is by {resource.board}, which is neither a choice nor a link"
    if total and total.kind is not Kind.MONEY:
        yield f"{spec.plugin}: the amount of {spec.label} is {resource.amount}, which is no money"
    for name in resource.related:
        if not _is_back(registry, spec, name):
            yield f"{spec.plugin}: {type(resource).__name__} relates {name}, which is no back link of {spec.label}"


def _is_back(registry: Registry, spec: ModelSpec, name: str) -> bool:
    """Whether it is a back link of the model, or of what one of its links leads to."""
    via, _, back = name.rpartition(".")
    target = spec.fields[via].target if via in spec.fields else None
    holder = registry.models.get(str(target)) if via else spec
    return holder is not None and back in holder.backs


def _check_names(spec: ModelSpec) -> Iterator[str]:
    for name in spec.actions:
        if name in VERBS or name in ("create", "restore"):
            yield f"{spec.plugin}: the action {name} of {spec.label} has the name of a verb; rename it"
    seen: dict[str, str] = {}
    for name in (*spec.fields, *spec.backs, *spec.computed):
        if camel(name) in seen:
            yield f"{spec.plugin}: {spec.label} has {seen[camel(name)]} and {name}, one name in GraphQL; rename one"
        seen[camel(name)] = name


def _check_meta(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    meta: Meta = spec.meta
    named = [meta.part_of, *chain.from_iterable(meta.together), *chain.from_iterable(meta.indexes), meta.title]
    for name in (one for one in named if one):
        if name not in spec.fields:
            yield f"{spec.plugin}: the meta of {spec.label} names {name}, which it does not have; correct it"
    for path in (*(one.removeprefix("-") for one in meta.order), *meta.key):
        if registry.resolve(spec, path) is None:
            yield f"{spec.plugin}: the meta of {spec.label} names {path}, which it does not have; correct it"
    if meta.part_of in spec.fields and not spec.fields[str(meta.part_of)].traits.required:
        yield f"{spec.plugin}: {spec.label} is a part of {meta.part_of}; make that link required"
    for other in registry.models.values():
        if other is not spec and not spec.meta.internal and (other.path, other.plugin) == (spec.path, spec.plugin):
            yield f"{spec.plugin}: {spec.label} and {other.label} have the same plural; set Meta.plural of one"
