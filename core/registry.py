"""The registry: all that the booted app knows, as one immutable value."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.actions import Action
from core.fields import LISTS, TEXTUAL, Kind, Traits
from core.labels import Chosen
from core.model import SYSTEM_FIELDS, Meta, Model
from core.resource import Resource

if TYPE_CHECKING:
    import pluggy

    from core.plugin import Plugin

VERBS: tuple[str, ...] = ("read", "create", "update", "archive", "purge", "export", "import", "transfer", "share")


def snake(name: str) -> str:
    """`StageChange` as `stage_change`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    """`stage_change` as `stageChange`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def pascal(name: str) -> str:
    """`stage_change` as `StageChange`."""
    return "".join(part.capitalize() for part in name.split("_"))


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of a booted model, and the columns that hold it.

    `column` holds the value (a link's id, an amount's minor units, a latitude), `second` the currency or the longitude,
    `folded` the text without regard to case and width, for comparing and ordering. Of a field that is `inside`, these
    are keys in the JSON of `custom`: somebody added it while the app ran.
    """

    name: str
    traits: Traits
    column: str
    second: str | None = None
    folded: str | None = None
    target: str | None = None
    inside: bool = False
    kind: Kind = field(init=False, repr=False, compare=False)
    """What it holds."""
    columns: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """All columns, the value's first."""
    system: bool = field(init=False, repr=False, compare=False)
    """Whether every model has it."""

    def __post_init__(self) -> None:
        found = tuple(one for one in (self.column, self.second, self.folded) if one)
        object.__setattr__(self, "kind", self.traits.kind)
        object.__setattr__(self, "columns", found)
        object.__setattr__(self, "system", self.name in SYSTEM_FIELDS)


@dataclass(frozen=True, slots=True)
class Back:
    """A link seen from its other end: `name` lists the records of `source` whose `link` points here."""

    name: str
    source: str
    link: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the fields of an object stand: sections, each a title with names, and what is left out."""

    sections: tuple[tuple[str, tuple[str, ...]], ...]
    left_out: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All fields that it knows of."""
        return (*(name for _, names in self.sections for name in names), *self.left_out)


@dataclass(frozen=True, slots=True)
class ComputedField:
    """A field that an extension adds: `compute` takes a batch of records and returns a value for each."""

    name: str
    plugin: str
    help: str
    reads: tuple[str, ...]
    result: Any
    compute: Callable[[Sequence[Model]], Sequence[Any]]


@dataclass(frozen=True)
class ModelSpec:
    """A booted model: its names, fields, links both ways, resource and actions."""

    label: str
    plugin: str
    model: type[Model]
    meta: Meta
    name: str
    plural: str
    title: str
    help: str
    fields: Mapping[str, FieldSpec]
    resource: Resource[Any]
    actions: Mapping[str, Action]
    backs: Mapping[str, Back] = field(default_factory=dict)
    computed: Mapping[str, ComputedField] = field(default_factory=dict)
    checks: tuple[Callable[..., Awaitable[None]], ...] = ()
    """What extensions of other plugins refuse, after the resource's own check."""
    reactions: tuple[Callable[..., Awaitable[None]], ...] = ()
    """What extensions of other plugins do after a change, after the resource's own."""
    parent: str | None = None
    layouts: Mapping[str, Arrangement] = field(default_factory=dict)
    """How administrators arranged it, by business type."""
    type_field: str = ""
    """The choice whose value is a record's business type, where there are any."""

    @cached_property
    def table(self) -> str:
        """The name of its table."""
        return self.label.replace(".", "_")

    @cached_property
    def type_name(self) -> str:
        """Its name in GraphQL: `SalesCustomer`."""
        return pascal(self.plugin) + self.model.__name__

    @cached_property
    def path(self) -> str:
        """Where its pages are: `/sales/stage-changes`."""
        return f"/{self.plugin}/{self.plural}".replace("_", "-")

    @cached_property
    def human(self) -> str:
        """Its name for people: `Stage change`."""
        return snake(self.model.__name__).replace("_", " ").capitalize()

    @cached_property
    def humans(self) -> str:
        """Its plural for people: `Stage changes`."""
        return self.plural.replace("_", " ").capitalize()

    @cached_property
    def links(self) -> dict[str, FieldSpec]:
        """The fields that are links."""
        return {name: one for name, one in self.fields.items() if one.kind is Kind.LINK}

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The fields that nobody is shown."""
        return tuple(name for name, one in self.fields.items() if one.kind is Kind.SECRET)

    @cached_property
    def inside(self) -> dict[str, FieldSpec]:
        """The custom fields, whose values are inside the JSON of `custom`."""
        return {name: one for name, one in self.fields.items() if one.inside}

    def arrangement(self, business_type: str) -> Arrangement | None:
        """How records of a business type are arranged, if anybody arranged them."""
        return self.layouts.get(business_type) or self.layouts.get("all")

    @cached_property
    def own(self) -> dict[str, FieldSpec]:
        """The fields that the plugin declared, and the custom ones."""
        return {name: one for name, one in self.fields.items() if not one.system}


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that a role can grant."""

    name: str
    label: str
    model: str | None


@dataclass(frozen=True, eq=False)
class Registry:
    """The booted plugins and models. Immutable: a change of definitions makes another one, which is never equal."""

    plugins: tuple[Plugin, ...]
    models: Mapping[str, ModelSpec]
    manager: pluggy.PluginManager
    by_class: Mapping[type[Model], ModelSpec] = field(default_factory=dict)
    definitions: int = 0
    """The number of the custom fields that it was made with: each change of their definitions counts on."""

    def spec(self, model: type[Model] | str) -> ModelSpec:
        """The booted model of a class or label; `KeyError` for one that no plugin lists."""
        return self.models[model] if isinstance(model, str) else self.by_class[model]

    def root(self, spec: ModelSpec) -> ModelSpec:
        """The model whose rights a model follows: itself, or what it is a part of."""
        return self.root(self.models[spec.parent]) if spec.parent else spec

    def permission(self, spec: ModelSpec, verb: str) -> str:
        """The permission for a verb: of a part, changing it is updating the whole."""
        root = self.root(spec)
        if root is not spec and verb in ("create", "archive", "purge", "transfer"):
            verb = "update"
        return f"{root.label}.{verb}"

    def permissions(self) -> Iterator[Permission]:
        """Every permission there is: the verbs and actions of each model that is neither internal nor a part."""
        for spec in self.models.values():
            if spec.meta.internal:
                continue
            verbs = () if spec.parent else VERBS
            for verb in dict.fromkeys((*verbs, *(one.permission for one in spec.actions.values()))):
                name = f"{self.root(spec).label}.{verb}"
                yield Permission(name, verb.replace("_", " ").capitalize(), spec.label)

    @cached_property
    def custom_names(self) -> frozenset[str]:
        """The names of all custom fields."""
        return frozenset(name for spec in self.models.values() for name in spec.inside)

    def resolve(self, spec: ModelSpec, path: str) -> tuple[ModelSpec, FieldSpec] | None:
        """The model and field at the end of a path through links (`customer.name`), or `None`."""
        head, _, rest = path.partition(".")
        found = spec.fields.get(head)
        if found is None or not rest:
            return (spec, found) if found else None
        return self.resolve(self.models[found.target], rest) if found.target else None

    def declared(self, hook: str) -> Iterator[tuple[str, Any]]:
        """What plugins declare at a hook that returns a sequence, each value with the name of its plugin."""
        for one in getattr(self.manager.hook, hook).get_hookimpls():
            for value in one.function():
                yield one.plugin_name.partition(":")[0], value

    def surfaced(self) -> tuple[ModelSpec, ...]:
        """The models that people see, in order of their plugins."""
        return tuple(spec for spec in self.models.values() if not spec.meta.internal)


def field_spec(name: str, traits: Traits, target: str | None, *, inside: bool = False) -> FieldSpec:
    """The columns of a field, or its keys `inside` the JSON of custom fields."""
    kind = traits.kind
    folded = f"{name}_folded" if kind in TEXTUAL or kind in LISTS else None
    if kind is Kind.LINK:
        return FieldSpec(name, traits, f"{name}_id", target=target, inside=inside)
    second = {Kind.MONEY: f"{name}_currency", Kind.POSITION: f"{name}_longitude"}.get(kind)
    column = f"{name}_latitude" if kind is Kind.POSITION else name
    return FieldSpec(name, traits, column, second, folded, inside=inside)


def choice_labels(choices: type[Enum]) -> dict[str, str]:
    """The values of a choice with their labels, English ones: `in_progress` as `In progress`."""
    if issubclass(choices, Chosen):
        return {str(one.value): one.label for one in choices}
    return {str(one.value): one.name.replace("_", " ").capitalize() for one in choices}
