"""Boot: plugins in, a registry out, or one error that names every fault with its remedy."""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import pluggy

from core.actions import actions_of
from core.checks import check_hooks, check_model
from core.errors import BootError
from core.extensions import extended_models
from core.fields import Field, Kind
from core.hooks import Hooks
from core.kernel import plugin as kernel
from core.model import SYSTEM_FIELDS, Model, declared_fields, taken_names
from core.plugin import Plugin
from core.registry import Back, FieldSpec, ModelSpec, Registry, field_spec, snake
from core.resource import Resource, resource_model

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
WORDS = frozenset(
    re.findall(
        r"\w+",
        "all and any as asc between case check column default delete desc distinct else end except exists for from"
        " grant group having in index insert into is join limit not null offset on or order primary references select"
        " set table then to transaction union unique update user using values when where with",
    )
)
"""Words of SQL that cannot be the name of a column."""
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
    specs = extended_models(ordered, specs, faults)
    registry = Registry(ordered, specs, manager, {spec.model: spec for spec in specs.values()})
    faults.extend(chain.from_iterable(check_model(registry, spec) for spec in specs.values()))
    faults.extend(check_hooks(registry))
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
                f"{plugin.name}: {by_name[plugin.name].package} and {plugin.package} have this name; remove one of them"
            )
        by_name[plugin.name] = plugin
    done: dict[str, Plugin] = {}

    def visit(plugin: Plugin, path: tuple[str, ...]) -> None:
        if plugin.name in done:
            return
        if plugin.name in path:
            faults.append(f"{plugin.name}: needs itself by way of {' → '.join((*path, plugin.name))}; cut the circle")
            return
        for name, least in plugin.needed.items():
            other = by_name.get(name)
            if other is None:
                faults.append(
                    f"{plugin.name}: needs {name}, which is not installed; install it or switch {plugin.name} off"
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
            title = getattr(module, "__name__", type(module).__name__)
            unknown = [name for name in dir(module) if _implements(manager, module, name) and not hasattr(Hooks, name)]
            faults += [f"{plugin.name}: {title} implements {name}, which is no hook; correct it" for name in unknown]
            try:
                manager.register(module, f"{plugin.name}:{title}")
            except (pluggy.PluginValidationError, ValueError) as fault:
                faults.append(f"{plugin.name}: {fault}")
    return manager


def _implements(manager: pluggy.PluginManager, module: object, name: str) -> bool:
    return manager.parse_hookimpl_opts(module, name) is not None


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
                f"{plugin.name}: {found[model].__name__} and {resource.__name__} are for {model.__name__}; keep one"
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
    faults += [f"{label}.{one}: every model has {one} already; rename it" for one in taken_names(model)]
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
            f"{label}.{name}: a field's name is lower case, no word of Python, and does not end in _folded or _id;"
            " rename it"
        )
    if target == "self":
        target = label
    elif isinstance(target, type):
        found = labels.get(target)
        if found is None:
            faults.append(
                f"{label}.{name}: links to {target.__name__}, which no plugin lists; list it or need its plugin"
            )
        target = found
    if declared.traits.choices and any(
        not isinstance(one.value, str) or len(one.value) > 32 or one.value != one.name.lower()
        for one in declared.traits.choices
    ):
        faults.append(f"{label}.{name}: the value of a choice is its name in lower case, at most 32 characters")
    spec = field_spec(name, declared.traits, target)
    if WORDS & {*spec.columns}:
        faults.append(f"{label}.{name}: {name} is a word of SQL and cannot be the name of a column; rename it")
    return spec


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
    needs = {plugin.name: {plugin.name, "core", *plugin.needed} for plugin in plugins}
    for spec in specs.values():
        for link in spec.links.values():
            if link.target and specs[link.target].plugin not in needs[spec.plugin]:
                other = specs[link.target].plugin
                faults.append(f"{spec.plugin}: {spec.label}.{link.name} links to {link.target}; add {other} to needs")
