"""Records that look like a new one, across all models that name fields for it (`Resource.duplicates`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
import phonenumbers

from core.access import Caller, system
from core.codec import fold, fold_item
from core.conditions import Compare, Condition, Not, Op, Or, all_of
from core.fields import Kind
from core.query import Constant, Function, Leaf, Listing, Measure, Page, Read, Root, Summary
from core.reading import Reader
from core.registry import FieldSpec, ModelSpec, Registry

SHOWN = 5
SHORTEST = 2
COUNTRIES = ("86", "82")
FAMILIES: Mapping[Kind, str] = {
    Kind.TEXT: "name",
    Kind.PHONES: "phone",
    Kind.EMAIL: "mail",
    Kind.EMAILS: "mail",
}


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A record that the caller may see, which shares a name, phone number or mail address with the new one."""

    model: str
    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """What looks like a new record: those that the caller may see, and how many he may not."""

    seen: tuple[Lookalike, ...] = ()
    others: int = 0

    def __bool__(self) -> bool:
        return bool(self.seen or self.others)


async def lookalikes(
    reader: Reader, caller: Caller, model: str, values: Mapping[str, object], record: UUID | None = None
) -> Lookalikes:
    """The records that share a whole name, phone number or mail address with some values; `record` is not its own.

    Only whole values are compared, and only for who may create such a record, so that nobody can feel his way to what
    he may not see.
    """
    spec = reader.registry.spec(model)
    if not spec.resource.duplicates:
        return Lookalikes()
    caller.require(reader.registry.permission(spec, "create"))
    wanted, known = _wanted(spec, values), tuple(compared(reader.registry))
    every = {one.label: _condition(one, wanted, spec, record, frozenset()) for one in known}
    if not any(every.values()):
        return Lookalikes()
    hidden = caller.policy.hidden
    visible = {
        one.label: _condition(one, wanted, spec, record, hidden)
        for one in known
        if caller.policy.allows(f"{one.label}.read")
    }
    seen = await _seen(reader, caller, _given(visible))
    mine = await _count(reader, caller, _given(visible))
    return Lookalikes(seen, await _count(reader, system("duplicate check"), _given(every)) - mine)


def compared(registry: Registry) -> Iterator[ModelSpec]:
    """The models whose records may look alike."""
    return (one for one in registry.surfaced() if one.resource.duplicates)


def _given(conditions: Mapping[str, Condition | None]) -> dict[str, Condition]:
    return {label: one for label, one in conditions.items() if one is not None}


def _wanted(spec: ModelSpec, values: Mapping[str, object]) -> dict[str, set[str]]:
    """What is looked for, by family: names, phone numbers, mail addresses."""
    wanted: dict[str, set[str]] = {}
    for name in spec.resource.duplicates:
        family = FAMILIES.get(spec.fields[name].kind)
        if family:
            wanted.setdefault(family, set()).update(_texts(values.get(name)))
    return wanted


def _texts(value: object) -> Iterator[str]:
    items: Iterable[object] = value if isinstance(value, list | tuple) else (value,)
    for one in items:
        if isinstance(one, str) and len(fold(one)) >= SHORTEST:
            yield one


def _condition(
    other: ModelSpec, wanted: Mapping[str, set[str]], spec: ModelSpec, record: UUID | None, hidden: frozenset[str]
) -> Condition | None:
    tests = [
        test
        for name in other.resource.duplicates
        if f"{other.label}.{name}" not in hidden
        for test in _tests(other.fields[name], wanted.get(FAMILIES.get(other.fields[name].kind, ""), set()))
    ]
    if not tests:
        return None
    if record is not None and other is spec:
        return all_of((Or(tuple(tests)), Not(Compare("id", Op.EQ, record))))
    return Or(tuple(tests))


def _tests(field: FieldSpec, wanted: Iterable[str]) -> Iterator[Condition]:
    for one in sorted(wanted):
        if field.kind is Kind.PHONES:
            yield from (Compare(field.name, Op.HAS, form) for form in sorted(phone_forms(one)))
        else:
            yield Compare(field.name, Op.HAS if field.kind is Kind.EMAILS else Op.EQ, one)


def phone_forms(text: str) -> set[str]:
    """The digits by which the same phone may be written: with and without its country, with and without its zero."""
    digits = fold_item(Kind.PHONES, text)
    if not text.strip().startswith(("+", "+")):
        return {digits, *(f"{country}{digits.removeprefix('0')}" for country in COUNTRIES)}
    try:
        national = str(phonenumbers.parse(f"+{digits}").national_number)
    except phonenumbers.NumberParseException:
        return {digits}
    return {digits, national, f"0{national}"}


async def _seen(reader: Reader, caller: Caller, conditions: Mapping[str, Condition]) -> tuple[Lookalike, ...]:
    roots: list[tuple[str, Root]] = []
    for place, (label, where) in enumerate(conditions.items()):
        spec = reader.registry.spec(label)
        shown = f"{label}.{spec.title}" not in caller.policy.hidden
        select = (Leaf("id", "id"), Leaf("title", spec.title) if shown else Constant("title", ""))
        roots.append((f"m{place}", Listing(label, select, where, page=Page(SHOWN))))
    if not roots:
        return ()
    answer = orjson.loads(await reader.answer(caller, Read(tuple(roots))))
    return tuple(
        Lookalike(label, UUID(row["id"]), str(row["title"] or ""))
        for (key, _), label in zip(roots, conditions, strict=True)
        for row in answer[key]
    )


async def _count(reader: Reader, caller: Caller, conditions: Mapping[str, Condition]) -> int:
    measures = (Measure("n", Function.COUNT),)
    roots = tuple(
        (f"m{place}", Summary(label, (), measures, where)) for place, (label, where) in enumerate(conditions.items())
    )
    if not roots:
        return 0
    answer = orjson.loads(await reader.answer(caller, Read(roots)))
    return sum(int(answer[key][0]["n"]) for key, _ in roots)
