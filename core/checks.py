"""What boot checks of every model: that each name in a declaration means something."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from urllib.parse import parse_qsl

from core.fields import Kind
from core.model import Meta
from core.options import KINDS as KEPT
from core.registry import VERBS, ModelSpec, Registry, camel
from core.resource import Resource


def check_model(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    """The faults of one model, its meta and its resource."""
    yield from _check_meta(registry, spec)
    yield from _check_resource(registry, spec)
    yield from _check_names(spec)
    yield from _check_actions(registry, spec)


def check_hooks(registry: Registry) -> Iterator[str]:
    """What hooks return names permissions, models and fields that exist."""
    permissions = {one.name for one in registry.permissions()}
    for plugin, role in registry.declared("tradepost_roles"):
        for permission, _ in role.grants:
            if permission not in permissions:
                yield f"{plugin}: the role {role.name} is granted {permission}, which is no permission; correct it"
    for plugin, panel in registry.declared("tradepost_dashboard"):
        spec = registry.by_class.get(panel.model)
        if spec is None:
            yield f"{plugin}: the panel {panel.title} is of {panel.model.__name__}, which no plugin lists"
            continue
        for path in (one for one in (panel.by, panel.figure, *panel.columns, *_asked(panel.query)) if one):
            if registry.resolve(spec, path) is None:
                yield f"{plugin}: the panel {panel.title} names {path}, which {spec.label} does not have; correct it"
    yield from _check_work(registry)


def _asked(query: str) -> Iterator[str]:
    """The paths that the address of a list filters by: `stage.kind` of `stage.kind=open&_sort=amount`."""
    return (name.partition("-")[0] for name, _ in parse_qsl(query) if not name.startswith("_"))


def _check_resource(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    resource = spec.resource
    paths = (*resource.columns, *resource.filters, *resource.search)
    names = (*chain.from_iterable(resource.form.values()), *resource.duplicates)
    for path in paths:
        if path in spec.computed:
            yield f"{spec.plugin}: {type(resource).__name__} names {path}, which is computed; name a stored field"
        elif registry.resolve(spec, path) is None:
            yield f"{spec.plugin}: {type(resource).__name__} names {path}, which {spec.label} does not have; correct it"
    for name in (*names, *(one for one in (resource.board, resource.amount, resource.timeline, resource.due) if one)):
        if name not in spec.fields:
            yield f"{spec.plugin}: {type(resource).__name__} names {name}, which {spec.label} does not have; correct it"
    board, total = spec.fields.get(resource.board), spec.fields.get(resource.amount)
    if board and board.kind not in (Kind.CHOICE, Kind.LINK):
        yield f"{spec.plugin}: the board of {spec.label} is by {resource.board}, which is neither a choice nor a link"
    at = spec.fields.get(resource.timeline)
    if at and at.kind not in (Kind.DATE, Kind.MOMENT):
        yield f"{spec.plugin}: the timeline of {spec.label} is by {resource.timeline}, which is no day or time"
    due = spec.fields.get(resource.due)
    if due and due.kind is not Kind.MOMENT:
        yield f"{spec.plugin}: {spec.label} is due by {resource.due}, which is no moment"
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
        elif hasattr(Resource, name):
            yield f"{spec.plugin}: the action {name} of {spec.label} has the name of what every resource has; rename it"
    seen: dict[str, str] = {}
    for name in (*spec.fields, *spec.backs, *spec.computed):
        if name.startswith("x_"):
            yield f"{spec.plugin}: {spec.label} has {name}; custom fields begin so, rename it"
        if camel(name) in seen:
            yield f"{spec.plugin}: {spec.label} has {seen[camel(name)]} and {name}, one name in GraphQL; rename one"
        seen[camel(name)] = name


def _check_actions(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    for name, action in spec.actions.items():
        if name != name.lower():
            yield f"{spec.plugin}: the action {name} of {spec.label} is not in lower case; rename it"
        for one, traits in action.inputs.items():
            if one in ("id", "ids") or one != one.lower():
                yield f"{spec.plugin}: the action {name} of {spec.label} takes {one}; write it in lower case, unlike id"
            if isinstance(traits.target, type) and traits.target not in registry.by_class:
                target = traits.target.__name__
                yield f"{spec.plugin}: the action {name} of {spec.label} takes {one}, a {target}, which no plugin lists"


def _check_meta(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    meta: Meta = spec.meta
    named = [meta.part_of, *chain.from_iterable(meta.together), *chain.from_iterable(meta.indexes), meta.title]
    for name in (one for one in named if one):
        if name not in spec.fields:
            yield f"{spec.plugin}: the meta of {spec.label} names {name}, which it does not have; correct it"
    for path in (*(one.removeprefix("-") for one in meta.order), *meta.key):
        if registry.resolve(spec, path) is None:
            yield f"{spec.plugin}: the meta of {spec.label} names {path}, which it does not have; correct it"
    if meta.part_of in spec.fields and spec.parent is None:
        yield f"{spec.plugin}: {spec.label} is a part of {meta.part_of}, which is no link; make it one"
    elif meta.part_of in spec.fields and not spec.fields[str(meta.part_of)].traits.required:
        yield f"{spec.plugin}: {spec.label} is a part of {meta.part_of}; make that link required"
    for other in registry.models.values():
        if other.label < spec.label and other.type_name == spec.type_name:
            yield f"{spec.plugin}: {spec.label} and {other.label} would both be {spec.type_name}; rename one"
        if other is not spec and not spec.meta.internal and (other.path, other.plugin) == (spec.path, spec.plugin):
            yield f"{spec.plugin}: {spec.label} and {other.label} have the same plural; set Meta.plural of one"


def _check_work(registry: Registry) -> Iterator[str]:
    """Handlers that have a name twice, and options that cannot be kept."""
    done: set[str] = set()
    for plugin, one in chain(registry.declared("tradepost_events"), registry.declared("tradepost_jobs")):
        key = f"{plugin}.{one.name}"
        if key in done:
            yield f"{plugin}: two handlers have the name {one.name}; rename one"
        done.add(key)
    commands = [f"{plugin}.{one.name}" for plugin, one in registry.declared("tradepost_commands")]
    for key in {one for one in commands if commands.count(one) > 1}:
        plugin, _, name = key.partition(".")
        yield f"{plugin}: two commands have the name {name}; rename one"
    pages = {(plugin, page.path) for plugin, page in registry.declared("tradepost_pages")}
    for spec in registry.models.values():
        if spec.resource.advice and (spec.plugin, spec.resource.advice) not in pages:
            yield f"{spec.plugin}: {type(spec.resource).__name__} is advised by {spec.resource.advice}: no page"
    for plugin, option in registry.declared("tradepost_settings"):
        if option.traits.kind not in KEPT:
            yield f"{plugin}: the option {option.name} is a {option.traits.kind.value}, which no option can be"
