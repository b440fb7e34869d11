"""Boot: plugins in, a registry out, or one error that names every fault with its remedy."""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import pluggy

from core.actions import actions_of
from core.errors import BootError
from core.fields import Field, Kind
from core.hooks import Hooks
from core.kernel import plugin as kernel
from core.model import SYSTEM_FIELDS, Meta, Model, declared_fields
from core.plugin import Plugin
from core.registry import VERBS, Back, FieldSpec, ModelSpec, Registry, camel, field_spec, snake
from core.resource import Resource, resource_model
from core.extensions import computed_fields

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
RESERVED = frozenset(
    {
        "node",
        "me",
        "search",
        "admin",
        "api",
        "static",
        "s",
        "files",
        "settings",
        "sign_in",
        "healthz",
        "graphql",
        "graphiql",
    }
)


def boot(plugins: Sequence[Plugin]) -> Registry:
    """The registry of the kernel and some plugins; `BootError` lists every fault."""
    faults: list[str] = []
    ordered = _ordered((kernel, *plugins), faults)
    manager = _manager(ordered, faults)
    specs = _models(ordered, faults)
    if faults:
        raise BootError(faults)
    specs = _backs(specs, faults)
    _refer(ordered, specs, faults)
    if faults:
        raise BootError(faults)
    specs = computed_fields(ordered, specs, faults)
    registry = Registry(ordered, specs, manager, {spec.model: spec for spec in specs.values()})
    faults.extend(chain.from_iterable(_check_model(registry, spec) for spec in specs.values()))
    if faults:
        raise BootError(faults)
    return registry


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def _ordered(plugins: Sequence[Plugin], faults: list[str]) -> tuple[Plugin, ...]:
    by_name: dict[str, Plugin] = {}
    for plugin in plugins:
        if not NAME.match(plugin.name) or plugin.name in RESERVED:
            faults.append(
                f"{plugin.name}: a plugin's name is lower case, unlike {', '.join(sorted(RESERVED))}; rename it"
            )
        if plugin.name in by_name:
            faults.append(
                f"{plugin.name}: two plugins have this name ({by_name[plugin.name].package}, {plugin.package}); remove one"
            )
        by_name[plugin.name] = plugin
    done: dict[str, Plugin] = {}

    def visit(plugin: Plugin, path: tuple[str, ...]) -> None:
        if plugin.name in done:
            return
        if plugin.name in path:
            faults.append(f"{plugin.name}: needs itself by way of {' → '.join((*path, plugin.name))}; cut the circle")
            return
        for need in plugin.needs:
            name, _, least = need.partition(">=")
            other = by_name.get(name)
            if other is None:
                faults.append(
                    f"{plugin.name}: needs the plugin {name}, which is not installed; install it or switch {plugin.name} off"
                )
            elif least and _version(other.version) < _version(least):
                faults.append(
                    f"{plugin.name}: needs {name} {least} or newer, but {other.version} is installed; upgrade {name}"
                )
            else:
                visit(other, (*path, plugin.name))
        done[plugin.name] = plugin

    for plugin in by_name.values():
        visit(plugin, ())
    return tuple(done.values())


def _manager(plugins: Sequence[Plugin], faults: list[str]) -> pluggy.PluginManager:
    manager = pluggy.PluginManager("tradepost")
    manager.add_hookspecs(Hooks)
    for plugin in plugins:
        for module in plugin.hooks:
            try:
                manager.register(module, f"{plugin.name}:{getattr(module, '__name__', type(module).__name__)}")
                manager.check_pending()
            except (pluggy.PluginValidationError, ValueError) as fault:
                faults.append(f"{plugin.name}: {fault}")
    return manager


def _models(plugins: Sequence[Plugin], faults: list[str]) -> dict[str, ModelSpec]:
    labels: dict[type[Model], str] = {}
    for plugin in plugins:
        for model in plugin.models:
            label = f"{plugin.name}.{snake(model.__name__)}"
            if model in labels or label in labels.values():
                faults.append(f"{plugin.name}: {label} is listed twice; list it once")
            labels[model] = label
    specs: dict[str, ModelSpec] = {}
    for plugin in plugins:
        resources = _resources(plugin, faults)
        for model in plugin.models:
            spec = _model(plugin, model, labels, resources.get(model, Resource), faults)
            specs[spec.label] = spec
    return specs


def _resources(plugin: Plugin, faults: list[str]) -> dict[type[Model], type[Resource[Any]]]:
    found: dict[type[Model], type[Resource[Any]]] = {}
    for resource in plugin.resources:
        try:
            model = resource_model(resource)
        except TypeError as fault:
            faults.append(f"{plugin.name}: {fault}")
            continue
        if model not in plugin.models:
            faults.append(f"{plugin.name}: {resource.__name__} is for {model.__name__}, which the plugin does not list")
        if model in found:
            faults.append(
                f"{plugin.name}: {model.__name__} has two resources, {found[model].__name__} and {resource.__name__}; keep one"
            )
        found[model] = resource
    return found


def _model(
    plugin: Plugin,
    model: type[Model],
    labels: Mapping[type[Model], str],
    resource: type[Resource[Any]],
    faults: list[str],
) -> ModelSpec:
    name, label, meta = snake(model.__name__), labels[model], model.meta
    fields = {one: _field(label, one, value, labels, faults) for one, value in declared_fields(model).items()}
    title = meta.title or next((one.name for one in fields.values() if one.kind is Kind.TEXT), "id")
    parent = fields[meta.part_of].target if meta.part_of in fields else None
    try:
        actions = actions_of(resource)
    except (TypeError, NameError) as fault:
        actions = {}
        faults.append(f"{plugin.name}: an action of {resource.__name__}: {fault}")
    return ModelSpec(
        label=label,
        plugin=plugin.name,
        model=model,
        meta=meta,
        name=name,
        plural=meta.plural or _plural(name),
        title=title,
        help=(inspect.getdoc(model) or "").partition("\n")[0] if model.__doc__ else "",
        fields=fields,
        resource=resource(),
        actions=actions,
        parent=parent,
    )


def _plural(name: str) -> str:
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"


def _field(
    label: str, name: str, declared: Field[Any], labels: Mapping[type[Model], str], faults: list[str]
) -> FieldSpec:
    target = declared.traits.target
    if name not in SYSTEM_FIELDS and (
        not NAME.match(name) or keyword.iskeyword(name) or name.endswith(("_folded", "_id"))
    ):
        faults.append(
            f"{label}.{name}: a field's name is lower case, no word of Python, without _folded or _id at its end; rename it"
        )
    if target == "self":
        target = label
    elif isinstance(target, type):
        found = labels.get(target)
        if found is None:
            faults.append(
                f"{label}.{name}: links to {target.__name__}, which no plugin lists; list it, or name its plugin in needs"
            )
        target = found
    if declared.traits.choices and any(
        not isinstance(one.value, str) or len(one.value) > 32 or one.value != one.name.lower()
        for one in declared.traits.choices
    ):
        faults.append(f"{label}.{name}: the value of a choice is its name in lower case, at most 32 characters")
    return field_spec(name, declared, target)


def _backs(specs: Mapping[str, ModelSpec], faults: list[str]) -> dict[str, ModelSpec]:
    backs: dict[str, dict[str, Back]] = {label: {} for label in specs}
    for spec in specs.values():
        for link in spec.links.values():
            name = link.traits.back
            if not name or link.target is None:
                continue
            target = specs[link.target]
            taken = backs[target.label].get(name)
            if name in target.fields or taken:
                other = f"{taken.source}.{taken.link}" if taken else f"the field {target.label}.{name}"
                faults.append(
                    f"{spec.plugin}: {spec.label}.{link.name} names its back link {name}, as {other} does; rename one"
                )
            backs[target.label][name] = Back(name, spec.label, link.name)
    return {label: replace(spec, backs=backs[label]) for label, spec in specs.items()}


def _refer(plugins: Sequence[Plugin], specs: Mapping[str, ModelSpec], faults: list[str]) -> None:
    needs = {
        plugin.name: {plugin.name, "core", *(need.partition(">=")[0] for need in plugin.needs)} for plugin in plugins
    }
    for spec in specs.values():
        for link in spec.links.values():
            if link.target and specs[link.target].plugin not in needs[spec.plugin]:
                other = specs[link.target].plugin
                faults.append(f"{spec.plugin}: {spec.label}.{link.name} links to {link.target}; add {other} to needs")


def resolve(registry: Registry, spec: ModelSpec, path: str) -> tuple[ModelSpec, FieldSpec] | None:
    """The model and field at the end of a path through links (`customer.name`), or `None`."""
    head, _, rest = path.partition(".")
    found = spec.fields.get(head)
    if found is None or not rest:
        return (spec, found) if found else None
    return resolve(registry, registry.models[found.target], rest) if found.target else None


def _check_model(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    yield from _check_meta(registry, spec)
    resource = spec.resource
    paths = (*resource.columns, *resource.filters, *resource.search)
    names = (*chain.from_iterable(resource.form.values()), *resource.duplicates)
    for path in paths:
        if resolve(registry, spec, path) is None and path not in spec.computed:
            yield f"{spec.plugin}: {type(resource).__name__} names {path}, which {spec.label} does not have; correct it"
    for name in (*names, *(one for one in (resource.board, resource.amount) if one)):
        if name not in spec.fields:
            yield f"{spec.plugin}: {type(resource).__name__} names {name}, which {spec.label} does not have; correct it"
    if (
        resource.board
        and resource.board in spec.fields
        and spec.fields[resource.board].kind not in (Kind.CHOICE, Kind.LINK)
    ):
        yield f"{spec.plugin}: the board of {spec.label} is by {resource.board}, which is neither a choice nor a link"
    if resource.amount and resource.amount in spec.fields and spec.fields[resource.amount].kind is not Kind.MONEY:
        yield f"{spec.plugin}: the amount of {spec.label} is {resource.amount}, which is no money"
    for name in resource.related:
        if name not in spec.backs:
            yield f"{spec.plugin}: {type(resource).__name__} relates {name}, which is no back link of {spec.label}"
    for name in spec.actions:
        if name in VERBS or name in ("create", "restore"):
            yield f"{spec.plugin}: the action {name} of {spec.label} has the name of a verb; rename it"
    seen: dict[str, str] = {}
    for name in (*spec.fields, *spec.backs, *spec.computed):
        if camel(name) in seen:
            yield f"{spec.plugin}: {spec.label} has {seen[camel(name)]} and {name}, which are one name in GraphQL; rename one"
        seen[camel(name)] = name


def _check_meta(registry: Registry, spec: ModelSpec) -> Iterator[str]:
    meta: Meta = spec.meta
    named = [meta.part_of, *chain.from_iterable(meta.together), *chain.from_iterable(meta.indexes), meta.title]
    for name in (one for one in named if one):
        if name not in spec.fields:
            yield f"{spec.plugin}: the meta of {spec.label} names {name}, which it does not have; correct it"
    for path in (*(one.removeprefix("-") for one in meta.order), *meta.key):
        if resolve(registry, spec, path) is None:
            yield f"{spec.plugin}: the meta of {spec.label} names {path}, which it does not have; correct it"
    if meta.part_of in spec.fields and not spec.fields[str(meta.part_of)].traits.required:
        yield f"{spec.plugin}: {spec.label} is a part of {meta.part_of}; make that link required"
    for other in registry.models.values():
        if other is not spec and not spec.meta.internal and (other.path, other.plugin) == (spec.path, spec.plugin):
            yield f"{spec.plugin}: {spec.label} and {other.label} have the same plural; set Meta.plural of one"
