"""The address of a list and what it asks for: every state of a list is a URL, and every URL a condition.

A filter is `path=value` (repeated: one of these) or `path-how=value`: `amount-gte=1000`, `name-contains=tea`,
`stage-not=lost`, `closed_on-within=this_month`, `owner=me`, `reason-empty=yes`. All of them hold together. What is no
filter begins with an underscore.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from core.access import Caller
from core.conditions import And, Compare, Condition, Not, Op, Or, Slot, Through, all_of
from core.errors import BadQuery, Problem, Refused, UnknownField
from core.fields import LISTS, TEXTUAL, Kind, Traits
from core.parse import Assume, parse
from core.query import Order
from core.registry import FieldSpec, ModelSpec, Registry
from ui.columns import readable
from ui.periods import period

HOWS: dict[str, Op] = {
    "": Op.EQ,
    "not": Op.EQ,
    "lt": Op.LT,
    "lte": Op.LTE,
    "gt": Op.GT,
    "gte": Op.GTE,
    "contains": Op.CONTAINS,
    "starts": Op.STARTS,
    "has": Op.HAS,
    "empty": Op.EMPTY,
    "within": Op.GTE,
}
ME = "me"
MOST_FILTERS = 40


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the address: a path, how it is compared, and with what."""

    path: str
    how: str
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in the address."""
        return f"{self.path}-{self.how}" if self.how else self.path


@dataclass(frozen=True, slots=True)
class ListState:
    """All that the address of a list says."""

    filters: tuple[Filter, ...] = ()
    text: str = ""
    sort: str = ""
    after: str = ""
    before: str = ""
    view: str = ""
    columns: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    def pairs(self) -> Iterator[tuple[str, str]]:
        """The address as names and values, in a fixed order."""
        named = (("_view", self.view), ("_q", self.text), ("_sort", self.sort))
        yield from (pair for pair in named if pair[1])
        for one in self.filters:
            yield from ((one.name, value) for value in one.values)
        yield from (("_columns", ",".join(self.columns)),) if self.columns else ()
        yield from (pair for pair in (("_after", self.after), ("_before", self.before)) if pair[1])

    @property
    def query(self) -> str:
        """The address after the question mark."""
        return urlencode(list(self.pairs()), safe=",")

    def paged(self, *, after: str = "", before: str = "") -> ListState:
        """The same list at another page; of neither cursor the first."""
        return replace(self, after=after, before=before)

    def sorted_by(self, path: str) -> ListState:
        """The same list sorted by a column; a second time the other way round."""
        return replace(self.paged(), sort=f"-{path}" if self.sort == path else path)

    def without(self, name: str) -> ListState:
        """The same list without the filters of a path."""
        return replace(self.paged(), filters=tuple(one for one in self.filters if one.path != name))

    def values(self, path: str, how: str = "") -> tuple[str, ...]:
        """What the address says for a path and a way to compare."""
        return next((one.values for one in self.filters if (one.path, one.how) == (path, how)), ())

    def on(self, path: str) -> bool:
        """Whether anything is said for a path."""
        return any(one.path == path for one in self.filters)


def read_state(pairs: Iterable[tuple[str, str]]) -> ListState:
    """The state that an address holds; empty values say nothing."""
    special: dict[str, str] = {}
    filters: dict[tuple[str, str], list[str]] = {}
    for name, value in pairs:
        if not value.strip():
            continue
        if name.startswith("_"):
            special[name] = f"{special[name]},{value}" if name in ("_columns", "_show") and name in special else value
            continue
        path, _, how = name.partition("-")
        if how not in HOWS:
            raise BadQuery(f"{name}: no such way to filter; there are {', '.join(one for one in HOWS if one)}")
        filters.setdefault((path, how), []).append(value.strip())
    if len(filters) > MOST_FILTERS:
        raise BadQuery(f"At most {MOST_FILTERS} filters")
    return ListState(
        filters=tuple(Filter(path, how, tuple(values)) for (path, how), values in filters.items()),
        text=special.get("_q", "").strip(),
        sort=special.get("_sort", ""),
        after=special.get("_after", ""),
        before=special.get("_before", ""),
        view=special.get("_view", ""),
        columns=_names(special.get("_columns", "")),
        shown=_names(special.get("_show", "")),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in text.split(",") if one))


@dataclass
class Narrowing:
    """A condition whose values are slots, so that lists of one shape share a statement."""

    registry: Registry
    caller: Caller
    currency: str = ""
    values: list[object] = field(default_factory=list)

    def where(self, spec: ModelSpec, state: ListState) -> Condition:
        """All filters of a list and its search text as one condition."""
        parts = [self._filter(spec, one) for one in state.filters]
        if state.text:
            parts.append(self._text(spec, state.text))
        return all_of(parts) if parts else And()

    def _filter(self, spec: ModelSpec, one: Filter) -> Condition:
        if not readable(self.registry, spec, one.path, self.caller):
            raise UnknownField(spec.label, one.path)
        found = self.registry.resolve(spec, one.path)
        if found is None:
            raise UnknownField(spec.label, one.path)
        test = self._test(found[1], one)
        for link in reversed(one.path.split(".")[:-1]):
            test = Through(link, test)
        return Not(test) if one.how == "not" else test

    def _test(self, spec: FieldSpec, one: Filter) -> Condition:
        if one.how == "empty":
            return Compare(spec.name, Op.EMPTY, one.values[0] != "no")
        if one.how == "within":
            return self._within(spec, one.values[0])
        if spec.kind is Kind.MOMENT:
            return self._moment(spec, one)
        if spec.kind in LISTS:
            return Or(tuple(Compare(spec.name, Op.HAS, self._slot(value)) for value in one.values))
        op = HOWS[one.how]
        slots = tuple(self._slot(self._value(spec, value)) for value in one.values)
        if len(slots) == 1:
            return Compare(spec.name, op, slots[0])
        return (
            Compare(spec.name, Op.IN, slots)
            if op is Op.EQ
            else Or(tuple(Compare(spec.name, op, slot) for slot in slots))
        )

    def _slot(self, value: object) -> Slot:
        self.values.append(value)
        return Slot(len(self.values) - 1)

    def _value(self, spec: FieldSpec, raw: str) -> object:
        if raw == ME and spec.target == "core.user":
            return self.caller.user_id
        if spec.kind in TEXTUAL:
            return raw
        traits = Traits(spec.kind, scale=spec.traits.scale, choices=spec.traits.choices, target=spec.traits.target)
        try:
            return parse(spec.name, traits, raw, Assume(self.currency, self.caller.zone))
        except Refused as refusal:
            raise _renamed(refusal, spec) from None

    def _within(self, spec: FieldSpec, name: str) -> Condition:
        if spec.kind not in (Kind.DATE, Kind.MOMENT):
            raise BadQuery(f"{spec.name} is no day")
        first, last = period(name, datetime.now(ZoneInfo(self.caller.zone)).date())
        parts = []
        if first:
            parts.append(
                Compare(spec.name, Op.GTE, self._slot(self._start(first) if spec.kind is Kind.MOMENT else first))
            )
        if last:
            end = last + timedelta(days=1)
            parts.append(Compare(spec.name, Op.LT, self._slot(self._start(end) if spec.kind is Kind.MOMENT else end)))
        return And(tuple(parts))

    def _moment(self, spec: FieldSpec, one: Filter) -> Condition:
        """A point in time is compared with a whole day of the reader."""
        day = self._value(FieldSpec(spec.name, Traits(Kind.DATE, label=spec.traits.label), spec.column), one.values[0])
        if not isinstance(day, date):
            raise BadQuery(f"{spec.name} is compared with a day")
        start, end = self._start(day), self._start(day + timedelta(days=1))
        bounds: dict[str, Sequence[tuple[Op, datetime]]] = {
            "lt": [(Op.LT, start)],
            "gte": [(Op.GTE, start)],
            "lte": [(Op.LT, end)],
            "gt": [(Op.GTE, end)],
        }
        found = bounds.get(one.how, [(Op.GTE, start), (Op.LT, end)])
        return all_of([Compare(spec.name, op, self._slot(moment)) for op, moment in found])

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.caller.zone)).astimezone(UTC)

    def _text(self, spec: ModelSpec, text: str) -> Condition:
        """Every word stands in one of the searched fields; lists of phones and the like hold it as a whole."""
        searched = [one for one in spec.own.values() if one.traits.search or one.name == spec.title]
        searched = [one for one in searched if readable(self.registry, spec, one.name, self.caller)]
        words = []
        for word in text.split()[:6]:
            slot = self._slot(word)
            words.append(Or(tuple(_found(one, slot) for one in searched if one.kind in TEXTUAL or one.kind in LISTS)))
        return all_of(words)


def _found(spec: FieldSpec, slot: Slot) -> Condition:
    return Compare(spec.name, Op.HAS if spec.kind in LISTS else Op.CONTAINS, slot)


def _renamed(refusal: Refused, spec: FieldSpec) -> Refused:
    return Refused(problems=[Problem(one.message, spec.traits.label, one.code, one.values) for one in refusal.problems])


def orders(registry: Registry, spec: ModelSpec, state: ListState, caller: Caller) -> tuple[Order, ...]:
    """The order of a list: as the address says, or the model's."""
    named = (state.sort,) if state.sort else spec.meta.order
    found = tuple(Order(one.removeprefix("-"), one.startswith("-")) for one in named)
    for one in found:
        if state.sort and not sortable(registry, spec, one.path, caller):
            raise UnknownField(spec.label, one.path)
    return found


def sortable(registry: Registry, spec: ModelSpec, path: str, caller: Caller) -> bool:
    """Whether a list can be sorted by a path."""
    if not readable(registry, spec, path, caller):
        return False
    found = registry.resolve(spec, path)
    return (
        found is not None and found[1].kind not in LISTS and found[1].kind not in (Kind.POSITION, Kind.LINK, Kind.NOTE)
    )
