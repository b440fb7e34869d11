"""Criteria: conditions that somebody put together and keeps as data (JSON); checked with the rights of who uses them.

    {"all": [{"field": "industry", "how": "in", "value": ["energy"]},
             {"some": "opportunities", "where": {"all": [{"field": "stage.kind", "how": "in", "value": ["open"]}]}},
             {"none": "follow_ups", "where": {"all": [{"field": "at", "how": "last_days", "value": 90}]}}]}

`all` and `any` join any number of them, `some` and `none` ask for records behind a back link, `field` is a path through
links. Days are counted from the moment of the question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.access import Caller
from core.conditions import And, Compare, Condition, Not, Op, Or, Some, Through
from core.errors import Problem, Refused
from core.fields import LISTS, ORDERED, TEXTUAL, Field, Kind, Traits
from core.model import Model
from core.parse import Assume, parse
from core.registry import FieldSpec, ModelSpec, Registry, choice_labels

LARGEST = 100
DEEPEST = 4
LONGEST_DAYS = 36_500
UNASKED = frozenset({Kind.DATA, Kind.SECRET, Kind.POSITION, Kind.ID})
COMPARED = {"lt": Op.LT, "lte": Op.LTE, "gt": Op.GT, "gte": Op.GTE}
KERNELS = frozenset({"version", "archived_at"})
NOTHING = ("empty", "filled")
DAYS = ("last_days", "older_days", "next_days")


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something that can be asked of a record: a path, the field at its end, of which model, and how it is compared."""

    path: str
    model: type[Model]
    field: Field[Any]
    hows: tuple[str, ...]
    target: type[Model] | None = None

    @property
    def kind(self) -> str:
        """What kind of value it is compared with: `choice`, `link`, `money`."""
        return self.field.traits.kind.value

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """The values of a choice, each with its English label; of yes and no, these."""
        choices = self.field.traits.choices
        if choices is not None:
            return tuple(choice_labels(choices).items())
        return (("yes", "Yes"), ("no", "No")) if self.field.traits.kind is Kind.BOOLEAN else ()

    def asks(self, how: str) -> Field[Any] | None:
        """The field of a form for what it is compared with; `None` where it is compared with nothing."""
        kind, label = self.field.traits.kind, self.field.traits.label
        if how in NOTHING:
            return None
        if how in DAYS:
            return Field(Traits(Kind.INTEGER, label, minimum=0))
        if kind is Kind.MOMENT:
            return Field(Traits(Kind.DATE, label))
        if kind in TEXTUAL or kind in LISTS:
            return Field(Traits(Kind.TEXT, label))
        return self.field


@dataclass(frozen=True)
class Criteria:
    """Reads criteria as somebody may use them, at a moment."""

    registry: Registry
    caller: Caller
    now: datetime

    def of(self, model: type[Model]) -> Iterator[Criterion]:
        """What the caller may ask of a model: its fields, and those of what it links to."""
        spec = self.registry.spec(model)
        for name, found in spec.fields.items():
            if name in KERNELS or not self._readable(spec, found):
                continue
            yield self._criterion(spec, name, found)
            if found.target and not found.system and self._reads(self.registry.models[found.target]):
                target = self.registry.models[found.target]
                for inner in target.own.values():
                    if inner.kind is not Kind.LINK and self._readable(target, inner):
                        yield self._criterion(target, f"{name}.{inner.name}", inner)

    def reads(self, model: type[Model]) -> bool:
        """Whether the caller may read records of a model at all."""
        return self._reads(self.registry.spec(model))

    def behind(self, model: type[Model]) -> Iterator[tuple[str, type[Model]]]:
        """The lists behind a model that the caller may ask about, with whose records they are."""
        for name, back in self.registry.spec(model).backs.items():
            source = self.registry.models[back.source]
            if not source.meta.internal and self._reads(source) and self._readable(source, source.fields[back.link]):
                yield name, source.model

    def condition(self, model: type[Model], kept: object) -> Condition:
        """The condition that criteria amount to; `Refused` names the first that is wrong by its place (`1.0`)."""
        return self._read(self.registry.spec(model), kept, "", Count(), 0)

    def _read(self, spec: ModelSpec, kept: object, place: str, count: Count, depth: int) -> Condition:
        count.more(place)
        match kept:
            case {"all": list() as parts, **rest} if not rest:
                return And(tuple(self._parts(spec, parts, place, count, depth)))
            case {"any": list() as parts, **rest} if not rest:
                return Or(tuple(self._parts(spec, parts, place, count, depth)))
            case {"some": str() as name, "where": inner, **rest} if not rest:
                return self._behind(spec, name, inner, (place, count, depth + 1))
            case {"none": str() as name, "where": inner, **rest} if not rest:
                return Not(self._behind(spec, name, inner, (place, count, depth + 1)))
            case {"field": str() as path, "how": str() as how, **rest} if not rest.keys() - {"value"}:
                return self._asked(spec, path, how, rest.get("value"), place)
        raise fault("This is no condition", place)

    def _parts(self, spec: ModelSpec, parts: list[object], place: str, count: Count, depth: int) -> Iterator[Condition]:
        if depth > DEEPEST:
            raise fault("Conditions may stand within each other %(most)s deep", place, most=DEEPEST)
        for number, part in enumerate(parts):
            yield self._read(spec, part, f"{place}.{number}" if place else str(number), count, depth + 1)

    def _behind(self, spec: ModelSpec, name: str, inner: object, where: tuple[str, Count, int]) -> Condition:
        found = dict(self.behind(spec.model)).get(name)
        if found is None:
            raise fault("There is no such list: %(name)s", where[0], name=name)
        return Some(name, self._read(self.registry.spec(found), inner, *where))

    def _asked(self, spec: ModelSpec, path: str, how: str, value: object, place: str) -> Condition:
        found = self._resolved(spec, path, place)
        if how not in hows_of(found):
            raise fault("%(field)s cannot be compared so", place, field=path)
        try:
            test = self._test(found, how, value)
        except Refused as refusal:
            raise Refused(problems=[replace(one, field=place) for one in refusal.problems]) from None
        for link in reversed(path.split(".")[:-1]):
            test = Through(link, test)
        return Not(test) if how in ("ne", "not_in", "filled") else test

    def _test(self, found: FieldSpec, how: str, value: object) -> Condition:
        if found.kind is Kind.LINK:  # of records out of sight nobody is told that they are linked to
            same = And() if how in NOTHING else Compare("id", Op.EQ, self._value(found, value))
            there = Through(found.name, same)
            return Not(there) if how in NOTHING else there
        if how in NOTHING:
            return Compare(found.name, Op.EMPTY, value=True)
        if how in DAYS:
            return self._relative(found, how, value)
        if how in ("in", "not_in"):
            several = value if isinstance(value, list) else [value]
            return Compare(found.name, Op.IN, tuple(self._value(found, one) for one in several))
        if found.kind is Kind.MOMENT:
            start = datetime.combine(self._day(value), time(), ZoneInfo(self.caller.zone)).astimezone(UTC)
            return Compare(found.name, COMPARED[how], start)
        op = {"contains": Op.CONTAINS, "starts": Op.STARTS, "has": Op.HAS, **COMPARED}.get(how, Op.EQ)
        return Compare(found.name, op, self._value(found, value))

    def _value(self, found: FieldSpec, raw: object) -> object:
        """The value of a field as it was written, which may not be missing."""
        kind = Kind.TEXT if found.kind in TEXTUAL or found.kind in LISTS else found.kind
        traits = Traits(kind, required=True, scale=found.traits.scale, choices=found.traits.choices)
        value = parse(found.name, traits, raw, Assume(zone=self.caller.zone))
        if value is None:
            raise Refused("Fill this in", code="required")
        return value

    def _day(self, raw: object) -> date:
        found = parse("value", Traits(Kind.DATE, required=True), raw)
        return found if isinstance(found, date) else self._today

    @property
    def _today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.caller.zone)).date()

    def _relative(self, found: FieldSpec, how: str, raw: object) -> Condition:
        days = parse("value", Traits(Kind.INTEGER, required=True, minimum=0), raw)
        if not isinstance(days, int) or days > LONGEST_DAYS:
            raise Refused("Write a number of days")
        here: date | datetime = self.now if found.kind is Kind.MOMENT else self._today
        span = timedelta(days=days)
        if how == "older_days":
            return Compare(found.name, Op.LT, here - span)
        first, last = (here - span, here) if how == "last_days" else (here, here + span)
        return And((Compare(found.name, Op.GTE, first), Compare(found.name, Op.LTE, last)))

    # Rights

    def _resolved(self, spec: ModelSpec, path: str, place: str) -> FieldSpec:
        """The field at the end of a path, every step of which the caller may read."""
        head, _, rest = path.partition(".")
        found = spec.fields.get(head)
        if found is None or not self._readable(spec, found) or (rest and not found.target):
            raise fault("There is no field %(field)s.", place, field=path)
        if not rest:
            return found
        target = self.registry.models[str(found.target)]
        if not self._reads(target):
            raise fault("There is no field %(field)s.", place, field=path)
        return self._resolved(target, rest, place)

    def _readable(self, spec: ModelSpec, found: FieldSpec) -> bool:
        return found.kind not in UNASKED and f"{spec.label}.{found.name}" not in self.caller.policy.hidden

    def _reads(self, spec: ModelSpec) -> bool:
        return self.caller.allows(self.registry.permission(spec, "read"))

    def _criterion(self, spec: ModelSpec, path: str, found: FieldSpec) -> Criterion:
        traits = replace(
            found.traits,
            required=False,
            unique=False,
            default=False if found.kind is Kind.BOOLEAN else None,
            minimum=None,
            help="",
            where=None,
            target=found.target,
        )
        target = self.registry.models[found.target].model if found.target else None
        return Criterion(path, spec.model, Field(traits), hows_of(found), target)


@dataclass
class Count:
    """How many conditions there were so far."""

    found: int = 0

    def more(self, place: str) -> None:
        """One more."""
        self.found += 1
        if self.found > LARGEST:
            raise fault("There may be %(most)s conditions", place, most=LARGEST)


KIND_HOWS: tuple[tuple[Callable[[Kind], bool], tuple[str, ...]], ...] = (
    (lambda kind: kind is Kind.CHOICE, ("in", "not_in", "empty", "filled")),
    (lambda kind: kind is Kind.BOOLEAN, ("eq",)),
    (lambda kind: kind is Kind.LINK, ("eq", "ne", "empty", "filled")),
    (lambda kind: kind in TEXTUAL, ("contains", "starts", "eq", "ne", "empty", "filled")),
    (lambda kind: kind in LISTS, ("has", "empty", "filled")),
    (lambda kind: kind in (Kind.DATE, Kind.MOMENT), (*DAYS, "gte", "lt", "empty", "filled")),
    (lambda kind: kind is Kind.MONEY, (*COMPARED, "empty", "filled")),
    (lambda kind: kind in ORDERED, (*COMPARED, "eq", "ne", "empty", "filled")),
)


def hows_of(found: FieldSpec) -> tuple[str, ...]:
    """How a field can be compared, the usual way first."""
    return next((hows for fits, hows in KIND_HOWS if fits(found.kind)), ())


def fault(message: str, place: str, **values: object) -> Refused:
    """A refusal of the condition at a place."""
    return Refused(problems=[Problem(message, place, "condition", tuple((k, str(v)) for k, v in values.items()))])
