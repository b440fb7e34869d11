"""The names of GraphQL, derived from the registry: which model, field or path each of them stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from core.errors import BootError
from core.fields import ORDERED, TEXTUAL, Kind
from core.own_questions import NOTIFICATIONS
from core.questions import Question
from core.registry import Back, ComputedField, FieldSpec, ModelSpec, Registry, camel, pascal

ORDERABLE = ORDERED | TEXTUAL - {Kind.NOTE} | {Kind.CHOICE, Kind.BOOLEAN}
GROUPABLE = frozenset({Kind.TEXT, Kind.EMAIL, Kind.URL, Kind.CHOICE, Kind.BOOLEAN, Kind.DATE, Kind.MOMENT, Kind.LINK})
UNSHOWN = frozenset({Kind.SECRET})
KERNEL_TYPES = frozenset(
    {
        "Query", "Mutation", "Subscription", "Node", "PageInfo", "Problem", "Money", "MoneyInput", "Position",
        "PositionInput", "DateTime", "Date", "Decimal", "JSON", "Archived", "Direction", "Bucket", "Function",
        "SummaryRow", "SummaryGroup", "SummaryMeasure", "ReachScope", "Me", "Permission", "SearchHit", "PurgePayload",
        "SharePayload", "NotifiedPayload", "SearchKind", "SearchFacet", "SearchFacetValue", "SearchResult",
        "SearchWhere", "ViewPayload", "EditPayload", "EditExample", "EditRefusal", "UndoPayload",
        "Lookalike", "Lookalikes", "Ground",
        "TextFilter", "IdFilter", "IntFilter", "DecimalFilter", "MoneyFilter", "BooleanFilter", "DateFilter",
        "DateTimeFilter", "ListFilter", "EmptyFilter",
    }
)  # fmt: skip


class Verb(Enum):
    """What a field of `Query` or `Subscription` asks for."""

    ONE = "one"
    LIST = "list"
    SUMMARY = "summary"
    NODE = "node"
    ME = "me"
    SEARCH = "search"
    RESULT = "result"
    LOOKALIKES = "lookalikes"
    EXPLAIN = "explain"
    QUESTION = "question"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of `Query` or `Subscription`: what it asks for, and of which model, or whose question it is."""

    verb: Verb
    label: str = ""
    question: Question | None = None


@dataclass(frozen=True)
class Surface:
    """A model as GraphQL shows it: each name with what it stands for.

    `orders`, `groups` and `measures` map members of enums (`CUSTOMER_NAME`) to paths (`customer.name`).
    """

    spec: ModelSpec
    fields: Mapping[str, FieldSpec]
    backs: Mapping[str, Back]
    computed: Mapping[str, ComputedField]
    orders: Mapping[str, str]
    groups: Mapping[str, str]
    measures: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of its type."""
        return self.spec.type_name

    @property
    def stem(self) -> str:
        """What the names of its single root field and its mutations begin with: `salesCustomer`."""
        return camel(f"{self.spec.plugin}_{self.spec.name}")

    @property
    def plural(self) -> str:
        """The name of its list: `salesCustomers`."""
        return camel(f"{self.spec.plugin}_{self.spec.plural}")


@dataclass(frozen=True)
class Catalogue:
    """All names of one registry: `roots` are the fields of `Query`, `topics` those of `Subscription`.

    `enums` names the type of each choice.
    """

    registry: Registry
    surfaces: Mapping[str, Surface]
    types: Mapping[str, Surface]
    roots: Mapping[str, RootField]
    topics: Mapping[str, RootField]
    enums: Mapping[type[Enum], str]
    inputs: Mapping[str, Surface] = field(default_factory=dict)


def catalogue(registry: Registry) -> Catalogue:
    """The names that a registry has in GraphQL; `BootError` lists every collision."""
    shown = {spec.label: spec for spec in registry.surfaced()}
    surfaces = {label: _surface(spec, shown) for label, spec in shown.items()}
    faults: list[str] = []
    roots = _roots(surfaces, faults)
    _add_questions(registry, roots, faults)
    enums = _enums(surfaces, faults)
    _check_types(surfaces, enums, faults)
    if faults:
        raise BootError(faults)
    return Catalogue(
        registry=registry,
        surfaces=surfaces,
        types={one.name: one for one in surfaces.values()},
        roots=roots,
        topics=_topics(surfaces, roots),
        enums=enums,
        inputs={f"{one.name}Filter": one for one in surfaces.values()},
    )


def _surface(spec: ModelSpec, shown: Mapping[str, ModelSpec]) -> Surface:
    ordered = sorted(spec.fields.items(), key=lambda pair: pair[0] != "id")  # the id first, then as declared
    fields = {camel(name): one for name, one in ordered if _is_shown(one, shown)}
    return Surface(
        spec=spec,
        fields=fields,
        backs={camel(name): back for name, back in spec.backs.items() if back.source in shown},
        computed={camel(name): one for name, one in spec.computed.items()},
        orders=_paths(fields, shown, ORDERABLE),
        groups=_paths(fields, shown, GROUPABLE),
        measures={
            one.name.upper(): one.name for one in fields.values() if one.kind in ORDERED and one.name != "version"
        },
    )


def _is_shown(one: FieldSpec, shown: Mapping[str, ModelSpec]) -> bool:
    if one.kind is Kind.LINK:
        return one.target in shown
    return one.kind not in UNSHOWN and one.name != "custom"


def _paths(fields: Mapping[str, FieldSpec], shown: Mapping[str, ModelSpec], kinds: frozenset[Kind]) -> dict[str, str]:
    """Enum members to paths: own fields, and through each link the title and the choices of its record."""
    found = {one.name.upper(): one.name for one in fields.values() if one.kind in kinds}
    for link in (one for one in fields.values() if one.kind is Kind.LINK):
        target = shown[str(link.target)]
        reached = [target.title, *(one.name for one in target.own.values() if one.kind is Kind.CHOICE)]
        for name in reached:
            if target.fields[name].kind in kinds:
                found.setdefault(f"{link.name}_{name}".upper(), f"{link.name}.{name}")
    return found


def _roots(surfaces: Mapping[str, Surface], faults: list[str]) -> dict[str, RootField]:
    roots = {"node": RootField(Verb.NODE), "me": RootField(Verb.ME), "search": RootField(Verb.SEARCH)}
    roots["searchResult"] = RootField(Verb.RESULT)
    roots["explain"] = RootField(Verb.EXPLAIN)
    for label, surface in surfaces.items():
        for name, verb in (
            (surface.stem, Verb.ONE),
            (surface.plural, Verb.LIST),
            (f"{surface.plural}Summary", Verb.SUMMARY),
            *(((f"{surface.stem}Lookalikes", Verb.LOOKALIKES),) if surface.spec.resource.duplicates else ()),
        ):
            taken = roots.get(name)
            if taken:
                other = taken.label or "the kernel"
                faults.append(f"{surface.spec.plugin}: {label} and {other} are both {name} in GraphQL; rename one")
            roots[name] = RootField(verb, label)
    return roots


def _add_questions(registry: Registry, roots: dict[str, RootField], faults: list[str]) -> None:
    """The questions of plugins: `stockAt` of `distribution` is `distributionStockAt`."""
    for plugin, one in registry.declared("tradepost_graphql"):
        name = camel(plugin) + one.name[:1].upper() + one.name[1:]
        if name in roots:
            faults.append(f"{plugin}: the question {one.name} and another field are both {name} in GraphQL; rename it")
        roots[name] = RootField(Verb.QUESTION, plugin, one)


def _topics(surfaces: Mapping[str, Surface], roots: Mapping[str, RootField]) -> dict[str, RootField]:
    """What can be subscribed to: the changes of each model, and the caller's notifications."""
    topics = {f"{surface.stem}Changed": RootField(Verb.CHANGED, label) for label, surface in surfaces.items()}
    return topics | {f"{name}Changed": one for name, one in roots.items() if one.question is NOTIFICATIONS}


def _choices(surface: Surface) -> Iterator[type[Enum]]:
    for one in surface.fields.values():
        if one.traits.choices:
            yield one.traits.choices
    for action in surface.spec.actions.values():
        for traits in action.inputs.values():
            if traits.choices:
                yield traits.choices


def _enums(surfaces: Mapping[str, Surface], faults: list[str]) -> dict[type[Enum], str]:
    """A name for each choice: the plugin that uses it first, and the name of its class."""
    enums: dict[type[Enum], str] = {}
    taken: dict[str, str] = {}
    for surface in surfaces.values():
        for choices in _choices(surface):
            if choices in enums:
                continue
            name = pascal(surface.spec.plugin) + choices.__name__
            if name in taken:
                faults.append(
                    f"{surface.spec.plugin}: {surface.spec.label} and {taken[name]} have different choices"
                    f" named {choices.__name__}; rename one"
                )
            taken[name] = surface.spec.label
            enums[choices] = name
    return enums


def derived_types(surface: Surface) -> tuple[str, ...]:
    """The names of all types that a model gives rise to."""
    endings = (
        "", "Connection", "Edge", "Filter", "BackFilter", "Order", "OrderField", "GroupBy", "GroupField", "Measure",
        "MeasureField", "CreateInput", "UpdateInput", "Payload",
    )  # fmt: skip
    more = ("LookalikesInput",) if surface.spec.resource.duplicates else ()
    return tuple(surface.name + ending for ending in (*endings, *more))


def _check_types(surfaces: Mapping[str, Surface], enums: Mapping[type[Enum], str], faults: list[str]) -> None:
    taken = dict.fromkeys(KERNEL_TYPES, "the kernel")
    for choices, name in enums.items():
        if name in taken:
            faults.append(f"The choices {choices.__name__} and {taken[name]} are both {name} in GraphQL; rename one")
        taken[name] = f"the choices {choices.__name__}"
        taken[f"{name}Filter"] = f"the filter of {choices.__name__}"
    for surface in surfaces.values():
        for name in derived_types(surface):
            if name in taken:
                faults.append(
                    f"{surface.spec.plugin}: {surface.spec.label} and {taken[name]} are both {name} in GraphQL;"
                    " rename one"
                )
            taken[name] = surface.spec.label
