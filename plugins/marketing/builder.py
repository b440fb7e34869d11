"""The page on which a segment's conditions are put together: rows that are added and removed, with a live count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from plugins.marketing.models import Segment
from plugins.marketing.resources import condition_of
from tradepost import Condition, Forbidden, Model, Refused, Work
from tradepost.criteria import Criteria, Criterion
from tradepost.pages import Entered, Reply, Visit
from tradepost.sales import Customer

MOST_PARTS = 40
DEEPEST = 4
SHOWN = 20


def hows(visit: Visit) -> dict[str, str]:
    """Ways to compare, as people say them."""
    return {
        "in": visit.gettext("is one of"),
        "not_in": visit.gettext("is none of"),
        "eq": visit.gettext("is"),
        "ne": visit.gettext("is not"),
        "contains": visit.gettext("contains"),
        "starts": visit.gettext("begins with"),
        "has": visit.gettext("has"),
        "lt": visit.gettext("is below"),
        "lte": visit.gettext("is up to"),
        "gt": visit.gettext("is above"),
        "gte": visit.gettext("is from"),
        "last_days": visit.gettext("was in the last … days"),
        "older_days": visit.gettext("was more than … days ago"),
        "next_days": visit.gettext("is in the next … days"),
        "empty": visit.gettext("is empty"),
        "filled": visit.gettext("is filled in"),
    }


Tree = dict[str, Any]


def criterion_at(criteria: Criteria, model: type[Model], path: str) -> Criterion | None:
    """What a path asks for, if the visitor may ask it."""
    return next((one for one in criteria.of(model) if one.path == path), None)


# From the form


@dataclass(frozen=True)
class Sent:
    """The tree that a form holds: names are places (`1.0.field`)."""

    visit: Visit
    criteria: Criteria

    async def group(self, prefix: str, model: type[Model] | None, depth: int = 0) -> Tree:
        """A group at a place; of nothing sent, one that always holds."""
        match = "any" if await self._one(f"{prefix}match") == "any" else "all"
        told = await self._one(f"{prefix}n")
        count = min(int(told), MOST_PARTS) if told.isascii() and told.isdigit() and depth < DEEPEST else 0
        return {match: [await self._part(f"{prefix}{number}.", model, depth + 1) for number in range(count)]}

    async def _one(self, name: str) -> str:
        found = await self.visit.sent(name)
        return found[0] if found else ""

    async def _part(self, prefix: str, model: type[Model] | None, depth: int) -> Tree:
        behind = await self.visit.sent(f"{prefix}behind")
        if behind:
            inner = dict(self.criteria.behind(model)).get(behind[0]) if model else None
            mode = "none" if await self._one(f"{prefix}mode") == "none" else "some"
            return {mode: behind[0], "where": await self.group(prefix, inner, depth)}
        if await self.visit.sent(f"{prefix}match"):
            return await self.group(prefix, model, depth)
        path, how = await self._one(f"{prefix}field"), await self._one(f"{prefix}how")
        found = criterion_at(self.criteria, model, path) if model else None
        if found is None:
            return {"field": path, "how": how}
        how = how if how in found.hows else found.hows[0]
        return {"field": path, "how": how} | await self._value(found, how, f"{prefix}value")

    async def _value(self, found: Criterion, how: str, name: str) -> Tree:
        asked = found.asks(how)
        if asked is None:
            return {}
        if found.options and how != "eq":
            return {"value": await self.visit.sent(name)}
        if found.kind == "link":
            entered = await self.visit.entered({name: asked})
            return {"value": entered.written.get(name, ("", ""))[0]}
        value = await self._one(name)
        if found.kind == "money":
            return {"value": {"amount": value, "currency": await self._one(f"{name}.currency")}}
        return {"value": value}


def stepped(tree: Tree, step: str) -> Tree:
    """The tree after a button was pressed: `add:1`, `behind:`, `group:`, `remove:1.0`."""
    what, _, place = step.partition(":")
    path = [int(one) for one in place.split(".") if one.isdigit()]
    new: dict[str, Callable[[], Tree]] = {
        "add": lambda: {"field": "", "how": ""},
        "behind": lambda: {"some": "", "where": {"all": [{"field": "", "how": ""}]}},
        "group": lambda: {"any": [{"field": "", "how": ""}, {"field": "", "how": ""}]},
    }
    try:
        if what in new:
            _parts(_at(tree, path)).append(new[what]())
        elif what == "remove" and path:
            del _parts(_at(tree, path[:-1]))[path[-1]]
    except (LookupError, TypeError):
        return tree  # of a page that is out of date
    return tree


def _at(tree: Tree, path: Sequence[int]) -> Tree:
    for number in path:
        tree = _parts(tree)[number]
    return tree


def _parts(tree: Tree) -> list[Tree]:
    group = tree.get("where", tree)
    found: list[Tree] = group["any"] if "any" in group else group["all"]
    return found


# To the page


@dataclass(frozen=True)
class Drawing:
    """Draws a tree for a template; `wrong` is what is wrong, by place."""

    visit: Visit
    criteria: Criteria
    wrong: Mapping[str, str]

    async def group(self, tree: Tree, place: str, model: type[Model] | None, depth: int = 0) -> dict[str, Any]:
        """A group with its parts."""
        match = "any" if "any" in tree else "all"
        places = [f"{place}.{number}" if place else str(number) for number in range(len(tree[match]))]
        pairs = zip(tree[match], places, strict=True)
        return {
            "match": match,
            "place": place,
            "prefix": f"{place}." if place else "",
            "parts": [await self._part(one, at, model, depth + 1) for one, at in pairs],
            "deeper": depth + 1 < DEEPEST,
            "behind": [*self._behind(model)] if model is not None else [],
        }

    def _behind(self, model: type[Model]) -> list[tuple[str, str]]:
        return sorted(
            ((name, self.visit.label(model, name)) for name, _ in self.criteria.behind(model)), key=lambda one: one[1]
        )

    async def _part(self, part: Tree, place: str, model: type[Model] | None, depth: int) -> dict[str, Any]:
        error = self.wrong.get(place, "")
        mode = next((one for one in ("some", "none") if one in part), "")
        if mode:
            inner = dict(self.criteria.behind(model)).get(part[mode]) if model is not None else None
            lists = self._behind(model) if model is not None else []
            group = await self.group(part["where"], place, inner, depth)
            return group | {"kind": "behind", "mode": mode, "name": part[mode], "lists": lists, "error": error}
        if "field" not in part:
            return await self.group(part, place, model, depth) | {"kind": "group", "error": error}
        return await self._test(part, place, model) | {"kind": "test", "error": error, "place": place}

    async def _test(self, part: Tree, place: str, model: type[Model] | None) -> dict[str, Any]:
        offered = [*self.criteria.of(model)] if model is not None else []
        found = next((one for one in offered if one.path == part["field"]), None)
        drawn: dict[str, Any] = {
            "prefix": f"{place}.",
            "field": part["field"],
            "how": part["how"],
            "fields": sorted(((one.path, self.visit.label(model, one.path)) for one in offered), key=lambda one: one[1])
            if model is not None
            else [],
            "hows": [(one, hows(self.visit)[one]) for one in found.hows] if found else [],
            "control": None,
            "options": [],
        }
        asked = found.asks(part["how"]) if found and part["how"] in found.hows else None
        if found is None or asked is None:
            return drawn
        value = part.get("value", "")
        if found.options:
            chosen = value if isinstance(value, list) else [value]
            words = [(key, self.visit.word(found.model, label)) for key, label in found.options]
            return drawn | {
                "options": [(key, word, key in chosen) for key, word in words],
                "single": part["how"] == "eq",
                "pairs": words,
                "chosen": chosen[0] if chosen else "",
            }
        name = f"{place}.value"
        written = {name: await self._written(found, value)}
        (control,) = self.visit.controls({name: asked}, Entered({}, (), written), of=found.model)
        return drawn | {"control": control}

    async def _written(self, found: Criterion, value: Any) -> tuple[str, str]:
        if found.kind == "money" and isinstance(value, dict):
            return str(value.get("amount", "")), str(value.get("currency", ""))
        if found.target is not None:
            try:
                return str(value), await self.visit.title(found.target, UUID(str(value)))
            except ValueError:
                return "", ""
        return str(value), ""


def wrong_in(visit: Visit, tree: Tree) -> tuple[Condition | None, dict[str, str]]:
    """The condition that a tree amounts to, or what is wrong with it by place."""
    try:
        return visit.desk.criteria.condition(Customer, tree), {}
    except Refused as refusal:
        return None, {one.field or "": visit.gettext(one.message, **dict(one.values)) for one in refusal.problems}


async def show_builder(visit: Visit) -> Reply:
    """The conditions of a segment."""
    segment = await visit.desk.get(Segment, visit.id())
    kept = segment.conditions if isinstance(segment.conditions, dict) and segment.conditions else {"all": []}
    tree = kept if "all" in kept or "any" in kept else {"all": [kept]}
    return await _page(visit, segment, tree)


async def take_builder(visit: Visit) -> Reply:
    """A button of the builder was pressed, or a field was changed."""
    segment = await visit.desk.get(Segment, visit.id())
    tree = await Sent(visit, visit.desk.criteria).group("", Customer)
    step = next(iter(await visit.sent("step")), "")
    if step != "save":
        return await _page(visit, segment, stepped(tree, step))
    _, wrong = wrong_in(visit, tree)
    if wrong:
        return await _page(visit, segment, tree, wrong, 422)
    if not visit.caller.allows("marketing.segment.update"):
        raise Forbidden("marketing.segment.update")

    async def body(work: Work) -> Segment:
        (found,) = await work.locked(Segment, [segment.id])
        return await work.change(found, conditions=tree)

    await visit.run(body)
    return visit.goto(visit.address(Segment, segment.id), visit.gettext("Conditions saved"))


async def _page(
    visit: Visit, segment: Segment, tree: Tree, wrong: Mapping[str, str] | None = None, status: int = 200
) -> Reply:
    condition, found = wrong_in(visit, tree)
    criteria = visit.desk.criteria
    group = await Drawing(visit, criteria, wrong or {}).group(tree, "", Customer)
    return visit.show(
        "builder.html",
        part="builder",
        status=status,
        segment=segment,
        back=visit.address(Segment, segment.id),
        group=group,
        wrong=[*(wrong or {}).values()],
        unfinished=bool(found),
        count=visit.number(await visit.desk.count(Customer, condition)) if condition is not None else "",
        may=visit.caller.allows("marketing.segment.update"),
    )


async def in_segment(visit: Visit, record: UUID) -> Mapping[str, Any] | None:
    """How many customers are in a segment, and the first of them."""
    segment = await visit.desk.get(Segment, record)
    shown: dict[str, Any] = {"href": f"/marketing/conditions/{record}", "rows": [], "count": "", "problem": ""}
    try:
        where = condition_of(visit.desk.criteria, segment)
    except Refused:
        return shown | {"problem": visit.gettext("It asks for something that you may not see.")}
    found = await visit.desk.find(Customer, where=where, order=("name",), limit=SHOWN, fields=("name", "region"))
    return shown | {
        "count": visit.number(await visit.desk.count(Customer, where)),
        "rows": [(one.name, visit.address(Customer, one.id), one.region or "") for one in found],
    }
