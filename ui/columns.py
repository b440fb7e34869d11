"""Which fields a page shows of a model: derived, as the resource says, and as the reader may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from core.access import Caller
from core.entering import PLACEMENT
from core.fields import Kind
from core.registry import Arrangement, FieldSpec, ModelSpec, Registry
from ui.words import N_

UNSHOWN = frozenset({Kind.DATA, Kind.SECRET, Kind.ID})
LONG = frozenset({Kind.NOTE, Kind.POSITION, Kind.URL})
FILTERED = frozenset({Kind.CHOICE, Kind.LINK, Kind.DATE, Kind.MOMENT, Kind.BOOLEAN})
USUAL = 6
ADDED = N_("Additional fields")
"""The section of a form for the custom fields, which no resource names."""
Sections = Mapping[str, tuple[str, ...]]


def readable(registry: Registry, spec: ModelSpec, path: str, caller: Caller) -> bool:
    """Whether a path exists and the caller may read every step of it."""
    head, _, rest = path.partition(".")
    found = spec.fields.get(head)
    if found is None or found.kind in UNSHOWN or f"{spec.label}.{head}" in caller.policy.hidden:
        return False
    if found.target is None:
        return not rest
    target = registry.models[found.target]
    return not rest or readable(registry, target, rest, caller)


def column_paths(registry: Registry, spec: ModelSpec, caller: Caller) -> tuple[str, ...]:
    """The columns of the list as they are without a choice of the user."""
    wanted = spec.resource.columns or _derived(spec)
    return tuple(path for path in wanted if readable(registry, spec, path, caller))


def _derived(spec: ModelSpec) -> tuple[str, ...]:
    short = [name for name, one in spec.own.items() if one.kind not in UNSHOWN and one.kind not in LONG]
    if spec.title in short:
        short.remove(spec.title)
        short.insert(0, spec.title)
    return tuple(short[:USUAL]) or ("id",)


def offered_columns(registry: Registry, spec: ModelSpec, caller: Caller) -> tuple[str, ...]:
    """Every path that may become a column: the fields, and the paths that the resource names."""
    own = [name for name, one in spec.fields.items() if one.kind not in UNSHOWN]
    wanted = dict.fromkeys((*spec.resource.columns, *own))
    return tuple(path for path in wanted if readable(registry, spec, path, caller))


def filter_paths(registry: Registry, spec: ModelSpec, caller: Caller) -> tuple[str, ...]:
    """The fields offered above the list."""
    named = spec.resource.filters or tuple(
        path for path in column_paths(registry, spec, caller) if field_at(registry, spec, path).kind in FILTERED
    )
    return tuple(path for path in named if readable(registry, spec, path, caller))


def field_at(registry: Registry, spec: ModelSpec, path: str) -> FieldSpec:
    """The field at the end of a path that is known to exist."""
    found = registry.resolve(spec, path)
    if found is None:
        raise KeyError(path)
    return found[1]


def label_parts(registry: Registry, spec: ModelSpec, path: str) -> Iterator[str]:
    """The English labels along a path: `Customer`, `Region`."""
    head, _, rest = path.partition(".")
    found = spec.fields[head]
    yield found.traits.label or head.replace("_", " ").capitalize()
    if rest:
        yield from label_parts(registry, registry.models[str(found.target)], rest)


def facts(spec: ModelSpec, caller: Caller) -> tuple[Sequence[str], Sequence[str]]:
    """The fields of the record's page: the plugin's own, then the system's."""
    shown = [
        name
        for name, one in spec.fields.items()
        if one.kind not in UNSHOWN and f"{spec.label}.{name}" not in caller.policy.hidden
    ]
    own = [name for name in shown if not spec.fields[name].system]
    return own, [name for name in shown if spec.fields[name].system and name != "version"]


def arranged_facts(spec: ModelSpec, caller: Caller, business_type: str) -> tuple[Sections, tuple[str, ...]]:
    """The fields of the record's page by sections, as somebody arranged them, and those that he left out."""
    own, system = facts(spec, caller)
    layout = spec.arrangement(business_type)
    if layout is None:
        return {"": tuple(own)}, ()
    usual = {title: tuple(one for one in names if one in own) for title, names in spec.resource.form.items()}
    for name, one in spec.inside.items():
        title = one.traits.section or ADDED
        usual[title] = (*usual.get(title, ()), *({name} & {*own}))
    sections = _arranged(layout, usual, {*own, *system})
    placed = {name for names in sections.values() for name in names}
    return sections, tuple(name for name in own if name not in placed)


def arranged_form(spec: ModelSpec, caller: Caller, business_type: str) -> Sections:
    """The sections of the form as somebody arranged them; fields that were added since stand as without him."""
    usual = form_sections(spec, caller)
    layout = spec.arrangement(business_type)
    return _arranged(layout, usual, {name for names in usual.values() for name in names}) if layout else usual


def _arranged(layout: Arrangement, usual: Sections, offered: Collection[str]) -> Sections:
    sections = {title: [name for name in names if name in offered] for title, names in layout.sections}
    for title, names in usual.items():
        sections.setdefault(title, []).extend(name for name in names if name not in layout.names)
    return {title: tuple(names) for title, names in sections.items() if names}


def form_sections(spec: ModelSpec, caller: Caller) -> dict[str, tuple[str, ...]]:
    """The sections of the form as it comes: title to the fields that the caller may write."""
    writable = [name for name, one in spec.own.items() if not one.inside and editable(spec, name, caller)]
    writable += [name for name in PLACEMENT if name in _named(spec) and caller.allows(f"{spec.label}.transfer")]
    wanted = spec.resource.form or {"": writable}
    sections = {title: [one for one in names if one in writable] for title, names in wanted.items()}
    for name, one in spec.inside.items():
        if editable(spec, name, caller):
            sections.setdefault(one.traits.section or ADDED, []).append(name)
    return {title: tuple(names) for title, names in sections.items() if names or not spec.resource.form}


def changeable(spec: ModelSpec, caller: Caller) -> frozenset[str]:
    """The fields that the caller may change one by one: those of the form of a record."""
    if spec.meta.append_only or not caller.allows(f"{spec.label}.update"):
        return frozenset()
    return frozenset(name for names in form_sections(spec, caller).values() for name in names)


def _named(spec: ModelSpec) -> frozenset[str]:
    return frozenset(name for names in spec.resource.form.values() for name in names)


def editable(spec: ModelSpec, name: str, caller: Caller) -> bool:
    """Whether the caller's forms have the field."""
    found = spec.fields[name]
    locked = caller.policy.locked | caller.policy.hidden
    return not found.traits.readonly and found.kind not in UNSHOWN and f"{spec.label}.{name}" not in locked


def loaded(registry: Registry, spec: ModelSpec, paths: Iterable[str]) -> tuple[str, ...]:
    """The paths to read so that some paths can be shown: a link is shown by the title behind it."""
    found: dict[str, None] = {}
    for path in paths:
        target = field_at(registry, spec, path).target
        found[f"{path}.{registry.models[target].title}" if target else path] = None
    found.pop("id", None)
    return tuple(found)
