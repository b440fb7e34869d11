"""What segments mean, told once more and in another way: over plain records in memory, by recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """The records that somebody sees: customers by id, and what lies behind each."""

    customers: Mapping[Any, Row]
    behind: Mapping[str, Sequence[Row]]
    now: datetime

    def fits(self, row: Row, tree: Mapping[str, Any]) -> bool:
        """Whether a record fulfils a tree."""
        if "all" in tree:
            return not [one for one in tree["all"] if not self.fits(row, one)]
        if "any" in tree:
            return bool([one for one in tree["any"] if self.fits(row, one)])
        if "field" in tree:
            return self._test(row, tree["field"], tree["how"], tree.get("value"))
        name = tree.get("some") or tree["none"]
        found = any(one["customer"] == row["id"] and self.fits(one, tree["where"]) for one in self.behind[name])
        return found if "some" in tree else not found

    def _test(self, row: Row, path: str, how: str, given: Any) -> bool:
        if how in ("ne", "not_in", "filled"):
            return not self._test(row, path, {"ne": "eq", "not_in": "in", "filled": "empty"}[how], given)
        if path.startswith("parent."):
            parent = self.customers.get(row["parent"])
            return parent is not None and self._test(parent, path.removeprefix("parent."), how, given)
        value = row[path]
        if how == "empty":
            return value in (None, ())
        return value not in (None, ()) and COMPARED[how](value, given, self.now)


def _days(days: Any) -> timedelta:
    return timedelta(days=int(days))


def _amount(value: Any, given: Any) -> Iterator[Decimal]:
    """Two amounts of one currency; of two currencies none."""
    if isinstance(given, Mapping):
        if value[1] == given["currency"]:
            yield from (value[0], Decimal(given["amount"]))
    else:
        yield from (Decimal(value), Decimal(given))


def _ordered(test: Callable[[Decimal, Decimal], bool]) -> Callable[[Any, Any, datetime], bool]:
    def compare(value: Any, given: Any, _: datetime) -> bool:
        pair = [*_amount(value, given)]
        return bool(pair) and test(*pair)

    return compare


COMPARED: dict[str, Callable[[Any, Any, datetime], bool]] = {
    "in": lambda value, given, _: value in given,
    "eq": lambda value, given, _: str(value).casefold() == str(given).casefold(),
    "contains": lambda value, given, _: given.casefold() in value.casefold(),
    "starts": lambda value, given, _: value.casefold().startswith(given.casefold()),
    "has": lambda value, given, _: given.casefold() in [one.casefold() for one in value],
    "lt": _ordered(lambda one, other: one < other),
    "lte": _ordered(lambda one, other: one <= other),
    "gt": _ordered(lambda one, other: one > other),
    "gte": _ordered(lambda one, other: one >= other),
    "last_days": lambda value, given, now: now - _days(given) <= value <= now,
    "older_days": lambda value, given, now: value < now - _days(given),
    "next_days": lambda value, given, now: now <= value <= now + _days(given),
}
