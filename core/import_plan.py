"""What an import does with each row: a mapping, checked against the model, the caller's rights and the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from core.access import Caller
from core.errors import Problem, Refused
from core.fields import LISTS, Kind
from core.mapping import PARTS, ImportMap, Source, given
from core.parse import Assume
from core.registry import Back, FieldSpec, ModelSpec, Registry
from core.tables import Cell, unguarded


@dataclass(frozen=True)
class Place:
    """Where a raw value stands: the cells of some columns, and what is done to them."""

    path: str
    source: Source
    cells: tuple[int, ...]
    column: str
    assume: Assume

    @classmethod
    def nowhere(cls, path: str) -> Place:
        """The place of something that the table does not give."""
        return cls(path, Source(), (), "", Assume())

    @cached_property
    def cell(self) -> int | None:
        """The one cell that is the value, where nothing is done to it."""
        source = self.source
        changed = source.values or source.make or source.times is not None
        return self.cells[0] if len(self.cells) == 1 and not changed else None

    def raw(self, row: Sequence[Cell]) -> object:
        """The value to be parsed."""
        if self.cell is not None:
            return unguarded(row[self.cell])
        return self.source.raw([unguarded(row[place]) for place in self.cells])

    def empty(self, row: Sequence[Cell]) -> bool:
        """Whether it reads columns and finds nothing there."""
        return bool(self.cells) and all(not str(row[place]).strip() for place in self.cells)


@dataclass(frozen=True)
class ValuePlan:
    """A field of the record's own; compound values may come from several places by part."""

    field: FieldSpec
    places: Mapping[str, Place]

    @cached_property
    def first(self) -> Place:
        """The place that problems are told of."""
        return next(iter(self.places.values()))

    @cached_property
    def cell(self) -> int | None:
        """The one cell that is the value, where there is such."""
        return self.first.cell if len(self.places) == 1 else None

    @cached_property
    def never_empty(self) -> bool:
        """Whether the field has a default that takes the place of nothing."""
        return self.field.traits.default not in (None, ()) and self.field.kind not in LISTS


@dataclass(frozen=True)
class LinkPlan:
    """A link, found by the values of some paths of the record behind it."""

    field: FieldSpec
    target: ModelSpec
    leaves: tuple[FieldSpec, ...]
    paths: tuple[str, ...]
    places: tuple[Place, ...]
    create: bool = False

    def empty(self, row: Sequence[Cell]) -> bool:
        """Whether the row names no record."""
        return any(place.cells for place in self.places) and all(
            place.empty(row) for place in self.places if place.cells
        )


@dataclass(frozen=True)
class ImportPlan:
    """What becomes of a row: the record's values and links, its parts, and the fields that recognise it.

    `notes` are for the user: columns that are not used, a missing natural key.
    """

    spec: ModelSpec
    values: tuple[ValuePlan, ...] = ()
    links: tuple[LinkPlan, ...] = ()
    parts: tuple[tuple[Back, ImportPlan], ...] = ()
    key: tuple[str, ...] = ()
    update: bool = True
    notes: tuple[Problem, ...] = field(default=())

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it gives."""
        return (*(one.field.name for one in self.values), *(one.field.name for one in self.links))


def plan_import(
    registry: Registry, caller: Caller, spec: ModelSpec, import_map: ImportMap, columns: Sequence[str]
) -> ImportPlan:
    """The plan of an import; `Refused` names every column and field that does not fit."""
    problems: list[Problem] = []
    zoned = import_map if import_map.zone else import_map.model_copy(update={"zone": caller.zone})
    places = {path: _place(path, source, zoned, columns, problems) for path, source in import_map.fields.items()}
    if problems:
        raise Refused(problems=problems)
    planner = Planner(registry, caller, import_map, problems)
    plan = planner.plan(spec, places, import_map.key)
    for name in import_map.create_missing:
        if name not in [one.field.name for one in plan.links]:
            planner.fault("create_missing names %(path)s, which is no link of this import", name)
    if problems:
        raise Refused(problems=problems)
    used = {place for one in places.values() for place in one.cells}
    unused = [name for number, name in enumerate(columns) if number not in used]
    notes = [Problem("Columns not used: %(columns)s", values=(("columns", ", ".join(unused)),))] if unused else []
    if not plan.key:
        notes.append(Problem("No natural key is mapped: every row makes a new record"))
    return ImportPlan(
        spec, plan.values, plan.links, plan.parts, plan.key, import_map.existing == "update", tuple(notes)
    )


def _place(path: str, source: Source, import_map: ImportMap, columns: Sequence[str], problems: list[Problem]) -> Place:
    missing = [name for name in source.reads if name not in columns]
    if missing:
        names = (("columns", ", ".join(missing)), ("names", ", ".join(columns)))
        problems.append(Problem("The file has no column %(columns)s, but %(names)s", path, "unknown_column", names))
        return Place(path, source, (), path, Assume())
    assume = Assume(
        source.currency or import_map.currency, source.zone or import_map.zone, source.formats or import_map.formats
    )
    cells = tuple(columns.index(name) for name in source.reads)
    return Place(path, source, cells, " + ".join(source.reads) or path, assume)


class Planner:
    """Sorts the places of a mapping into values, links and parts; collects what does not fit."""

    def __init__(self, registry: Registry, caller: Caller, import_map: ImportMap, problems: list[Problem]) -> None:
        self.registry = registry
        self.policy = caller.policy
        self.import_map = import_map
        self.problems = problems

    def fault(self, message: str, path: str, **values: str) -> None:
        """Note something that does not fit."""
        self.problems.append(Problem(message, path, "unknown_field", (("path", path), *values.items())))

    def plan(self, spec: ModelSpec, places: Mapping[str, Place], key: Sequence[str]) -> ImportPlan:
        """The plan of one model; `places` are by paths from it."""
        grouped: dict[str, dict[str, Place]] = {}
        for path, place in places.items():
            head, _, rest = path.partition(".")
            grouped.setdefault(head, {})[rest] = place
        values: list[ValuePlan] = []
        links: list[LinkPlan] = []
        parts: list[tuple[Back, ImportPlan]] = []
        for name, inner in grouped.items():
            back = spec.backs.get(name)
            if back is not None:
                parts += self._part(back, inner)
            elif not self._writable(spec, name, inner):
                continue
            elif spec.fields[name].target:
                links += self._link(spec.fields[name], inner)
            else:
                values += self._value(spec.fields[name], inner)
        mapped = [*(one.field.name for one in values), *(one.field.name for one in links)]
        wanted = tuple(dict.fromkeys(path.partition(".")[0] for path in key or spec.meta.key))
        if "id" in mapped:
            wanted = ("id",)
        elif key and not set(wanted) <= set(mapped):
            self.fault("The key names %(path)s, which is not mapped", ", ".join(set(wanted) - set(mapped)))
        return ImportPlan(spec, tuple(values), tuple(links), tuple(parts), wanted if set(wanted) <= set(mapped) else ())

    def _writable(self, spec: ModelSpec, name: str, inner: Mapping[str, Place]) -> bool:
        path = next(iter(inner.values())).path
        found = spec.fields.get(name)
        if found is None or found.kind in (Kind.SECRET, Kind.DATA) or f"{spec.label}.{name}" in self.policy.hidden:
            self.fault("There is no field %(path)s", path)
            return False
        if not given(spec, name) or f"{spec.label}.{name}" in self.policy.locked:
            self.fault("The field %(path)s cannot be written", path)
            return False
        return True

    def _value(self, found: FieldSpec, inner: Mapping[str, Place]) -> list[ValuePlan]:
        parts = PARTS.get(found.kind, ())
        for rest, place in inner.items():
            if rest and rest not in parts:
                self.fault("There is no field %(path)s", place.path)
                return []
        places = {"amount" if rest == "" and found.kind is Kind.MONEY else rest: one for rest, one in inner.items()}
        return [ValuePlan(found, places)]

    def _link(self, found: FieldSpec, inner: Mapping[str, Place]) -> list[LinkPlan]:
        target = self.registry.models[str(found.target)]
        if set(inner) == {""}:
            natural = target.meta.key or (target.title,)
            inner = {natural[0] if len(natural) == 1 else target.title: inner[""]}
        leaves = []
        for rest, place in inner.items():
            leaf = self._leaf(target, rest)
            if leaf is None:
                self.fault("There is no field %(path)s", place.path)
                return []
            leaves.append(leaf)
        create = found.name in self.import_map.create_missing
        if create and any("." in path for path in inner):
            self.fault("%(path)s cannot be made where it is missing: it is found through another link", found.name)
        return [LinkPlan(found, target, tuple(leaves), tuple(inner), tuple(inner.values()), create)]

    def _leaf(self, spec: ModelSpec, path: str) -> FieldSpec | None:
        head, _, rest = path.partition(".")
        found = spec.fields.get(head)
        odd = (Kind.SECRET, Kind.DATA, Kind.POSITION, Kind.MONEY, Kind.PHONES, Kind.EMAILS, Kind.TAGS)
        if found is None or found.kind in odd or f"{spec.label}.{head}" in self.policy.hidden:
            return None
        if rest:
            return self._leaf(self.registry.models[found.target], rest) if found.target else None
        return None if found.target else replace(found, traits=replace(found.traits, required=False))

    def _part(self, back: Back, inner: Mapping[str, Place]) -> list[tuple[Back, ImportPlan]]:
        source = self.registry.models[back.source]
        if source.meta.part_of != back.link or "" in inner:
            self.fault("%(path)s is not a part of the record; import it by itself", next(iter(inner.values())).path)
            return []
        key = [path for path in source.meta.key if path.partition(".")[0] != back.link]
        plan = self.plan(source, inner, ())
        heads = tuple(dict.fromkeys(path.partition(".")[0] for path in key))
        return [
            (back, ImportPlan(source, plan.values, plan.links, (), heads if set(heads) <= set(plan.fields) else ()))
        ]
