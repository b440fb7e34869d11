"""What plugins add to each other's models, computed fields, checks and reactions: found and checked at boot."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args, get_type_hints

from core.plugin import Plugin
from core.registry import ComputedField, ModelSpec
from core.resource import EXTENSION, Extension

REACTING = ("check", "changed")
"""Methods of an extension that are no fields."""


def extended_models(
    plugins: Sequence[Plugin], specs: Mapping[str, ModelSpec], faults: list[str]
) -> dict[str, ModelSpec]:
    """The models with what extensions add; every fault is named in `faults`."""
    by_class = {spec.model: spec for spec in specs.values()}
    result = dict(specs)
    for plugin in plugins:
        for cls in plugin.extends:
            marked = getattr(cls, EXTENSION, None)
            if not isinstance(marked, Extension):
                faults.append(f"{plugin.name}: {cls.__name__} is listed in extends but has no @extend; add it")
                continue
            spec = by_class.get(marked.model)
            if spec is None:
                faults.append(f"{plugin.name}: {cls.__name__} extends {marked.model.__name__}, which no plugin lists")
                continue
            if spec.plugin not in {plugin.name, "core", *plugin.needed}:
                faults.append(f"{plugin.name}: {cls.__name__} extends {spec.label}; add {spec.plugin} to needs")
            result[spec.label] = _extended(plugin, cls, marked, result, faults)
    return result


def _extended(
    plugin: Plugin, cls: type, marked: Extension, specs: Mapping[str, ModelSpec], faults: list[str]
) -> ModelSpec:
    spec = next(one for one in specs.values() if one.model is marked.model)
    computed, added = dict(spec.computed), cls()
    faults.extend(
        f"{plugin.name}: {cls.__name__} reads {path}, which {spec.label} does not have; correct it"
        for path in marked.reads
        if not readable(specs, spec, path)
    )
    for name, method in vars(cls).items():
        if name.startswith("_") or name in REACTING or not inspect.isfunction(method):
            continue
        taken = computed.get(name)
        if taken or name in spec.fields or name in spec.backs:
            owner = taken.plugin if taken else spec.plugin
            faults.append(
                f"{plugin.name}: {cls.__name__} adds {name} to {spec.label}, which {owner} already has; rename it"
            )
            continue
        result = _result(method)
        if result is None:
            faults.append(f"{plugin.name}: {cls.__name__}.{name} must say what it returns: -> Sequence[bool]")
            continue
        help_text = (inspect.getdoc(method) or "").partition("\n")[0]
        computed[name] = ComputedField(name, plugin.name, help_text, marked.reads, result, getattr(added, name))
    faults.extend(
        f"{plugin.name}: {cls.__name__}.{name} is not asynchronous; write async def {name}(self, work, before, after)"
        for name in REACTING
        if name in vars(cls) and not inspect.iscoroutinefunction(vars(cls)[name])
    )
    checks, reactions = ((getattr(added, name),) if name in vars(cls) else () for name in REACTING)
    return replace(spec, computed=computed, checks=(*spec.checks, *checks), reactions=(*spec.reactions, *reactions))


def _result(method: Any) -> Any:
    try:
        return next(iter(get_args(get_type_hints(method).get("return"))), None)
    except NameError:
        return None


def readable(specs: Mapping[str, ModelSpec], spec: ModelSpec, path: str) -> bool:
    """Whether a path of fields, links and back links exists (`cards.tier`)."""
    head, _, rest = path.partition(".")
    if head in spec.backs:
        return not rest or readable(specs, specs[spec.backs[head].source], rest)
    found = spec.fields.get(head)
    if found is None:
        return False
    return not rest or (found.target is not None and readable(specs, specs[found.target], rest))
