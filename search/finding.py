"""Finding: the engine proposes ids, the door decides what the caller may see of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import orjson

from core.access import Caller
from core.conditions import EVERYTHING, And, Compare, Condition, Op, Slot
from core.errors import Forbidden, SearchUnavailable, UnknownField
from core.finder import (
    MAX_HITS,
    MAX_TEXT,
    Counted,
    Engine,
    Facet,
    FacetValue,
    Found,
    Hit,
    Narrowed,
    SearchQuery,
    SearchResult,
)
from core.model import Model
from core.query import Listing, Page, Read
from core.reading import Reader
from core.records import selection_of
from core.registry import choice_labels
from search.analyzer import terms
from search.matches import Match, view_of
from search.rights import facet_fields, readable_paths, search_scope
from search.specs import IndexPlan

T = TypeVar("T")
SPARE = 2
SIZES = (10, 40, MAX_HITS)


class RecordFinder:
    """The `Finder` of pages and GraphQL, on any engine."""

    def __init__(self, engine: Engine, reader: Reader, plans: Mapping[str, IndexPlan]) -> None:
        self._engine = engine
        self._reader = reader
        self._registry = reader.registry
        self._plans = plans
        self._by_uid = {plan.index.uid: plan for plan in plans.values()}

    async def find(
        self,
        caller: Caller,
        text: str,
        models: Sequence[type[Model] | str] | None = None,
        limit: int = 20,
    ) -> list[Found]:
        """The records that fit the words and that the caller may see, the best first."""
        limit, words = min(limit, MAX_HITS), terms(text[:MAX_TEXT])
        if not words or limit < 1:
            return []
        wanted = min(limit * SPARE, MAX_HITS)
        plans = self._chosen(models)
        matches = await self._rightly(caller, lambda who: self._matches(who, text[:MAX_TEXT], plans, wanted, wanted))
        return [one.found(words) for one in matches[:limit]]

    async def find_each(self, caller: Caller, text: str, limit: int = 50) -> Counted:
        """The best records, and how many there are of each model, up to `limit`."""
        limit, words = min(limit, MAX_HITS), terms(text[:MAX_TEXT])
        if not words or limit < 1:
            return Counted()
        wanted, plans = min(limit * SPARE, MAX_HITS), self._chosen(None)
        most = wanted * len(plans)
        matches = await self._rightly(caller, lambda who: self._matches(who, text[:MAX_TEXT], plans, wanted, most))
        counts = Counter(one.label for one in matches)
        found = tuple(one.found(words) for one in matches[:limit])
        return Counted(found, {label: min(count, limit) for label, count in counts.most_common()})

    async def narrow(
        self, caller: Caller, text: str, model: str, where: Mapping[str, str], limit: int = 50
    ) -> Narrowed:
        """What fits the words of one model and has some values of choices and links, with its facets."""
        text, plan = text[:MAX_TEXT], self._plans.get(model)
        if plan is None or not terms(text):
            return Narrowed()
        return await self._rightly(caller, lambda who: self._narrowed(who, text, plan, where, limit))

    async def _rightly(self, caller: Caller, ask: Callable[[Caller], Awaitable[T]]) -> T:
        """Once more with what is left where a right was taken away since the caller's policy was compiled."""
        try:
            return await ask(caller)
        except (Forbidden, UnknownField):
            if caller.user_id is None:
                raise
            policy = await self._reader.policies.fresh(caller.user_id)
            return await ask(caller.having(policy))

    def _chosen(self, models: Sequence[type[Model] | str] | None) -> list[IndexPlan]:
        if models is None:
            return list(self._plans.values())
        labels = [self._registry.spec(model).label for model in models]
        return [self._plans[label] for label in labels if label in self._plans]

    async def _matches(
        self, caller: Caller, text: str, plans: Sequence[IndexPlan], wanted: int, most: int
    ) -> list[Match]:
        """Of up to `wanted` hits of each index, `most` in all, those that the caller sees."""
        result = await self._searched([self._query(caller, plan, text, wanted) for plan in plans], most)
        return await self._seen(caller, text, result.hits)

    async def _seen(self, caller: Caller, text: str, hits: Sequence[Hit], fields: tuple[str, ...] = ()) -> list[Match]:
        rows, words = await self._read(caller, hits, fields), terms(text)
        views = {uid: view_of(self._registry, self._by_uid[uid], caller.policy) for uid in {hit.index for hit in hits}}
        there = (hit for hit in hits if (hit.index, hit.id) in rows)
        matches = (Match(views[hit.index], hit.id, rows[hit.index, hit.id]) for hit in there)
        return [one for one in matches if one.proven(words)]

    async def _narrowed(
        self, caller: Caller, text: str, plan: IndexPlan, where: Mapping[str, str], limit: int
    ) -> Narrowed:
        fields = facet_fields(caller.policy, self._registry, plan)
        for name in where:
            if name not in fields:
                raise UnknownField(plan.spec.label, name)
        tests = tuple(Compare(name, Op.EQ, value) for name, value in where.items())
        result = await self._searched([self._query(caller, plan, text, MAX_HITS, And(tests))], MAX_HITS)
        # The index may be late, and knows links to records out of sight: the door has the last word.
        seen = await self._seen(caller, text, result.hits, fields)
        kept = [one for one in seen if all(one.value(name) == value for name, value in where.items())]
        facets = (_facet(plan, name, kept) for name in fields)
        return Narrowed(
            tuple(one.found(terms(text)) for one in kept[:limit]),
            tuple(one for one in facets if one.values),
            len(result.hits) == MAX_HITS,
        )

    def _query(
        self, caller: Caller, plan: IndexPlan, text: str, limit: int, where: Condition = EVERYTHING
    ) -> SearchQuery:
        return SearchQuery(
            index=plan.index.uid,
            text=text,
            scope=search_scope(caller.policy, self._registry, plan.spec),
            attributes=readable_paths(caller.policy, self._registry, plan),
            where=where,
            limit=limit,
        )

    async def _searched(self, queries: Sequence[SearchQuery], limit: int) -> SearchResult:
        """The best hits; an index that is from before a new custom field, and being built anew, is asked without it."""
        result = await self._engine.search_all(queries, limit)
        older = [one for one in queries if one.index in result.failed and self._by_uid[one.index].spec.inside]
        if older:
            more = await self._engine.search_all([self._before(one) for one in older], limit)
            failed = {*result.failed} - {one.index for one in older} | {*more.failed}
            hits = sorted((*result.hits, *more.hits), key=lambda hit: -hit.score)[:limit]
            result = SearchResult(tuple(hits), tuple(sorted(failed)))
        if result.failed and not result.hits:
            raise SearchUnavailable(f"The search index {result.failed[0]} does not answer")
        return result

    def _before(self, query: SearchQuery) -> SearchQuery:
        inside = self._by_uid[query.index].spec.inside
        attributes = tuple(one for one in query.attributes or () if one not in inside)
        return replace(query, attributes=attributes, where=EVERYTHING)  # what is found is narrowed by the door as well

    async def _read(
        self, caller: Caller, hits: Sequence[Hit], fields: tuple[str, ...] = ()
    ) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        """The rows of hits that the caller may see, with what is searched in them: one statement for all models."""
        by_index: dict[str, list[str]] = {}
        for hit in hits:
            by_index.setdefault(hit.index, []).append(hit.id)
        if not by_index:
            return {}
        roots: list[tuple[str, Listing]] = []
        values: list[str] = []
        for uid, ids in sorted(by_index.items()):
            # A few lengths only, the last id repeated, so that the same statements serve again and again.
            size = next(size for size in SIZES if size >= len(ids))
            slots = tuple(Slot(len(values) + number) for number in range(size))
            values += [*ids, *(ids[-1:] * (size - len(ids)))]
            roots.append((uid, self._listing(caller, self._by_uid[uid], slots, fields)))
        answer: Mapping[str, Any] = orjson.loads(await self._reader.answer(caller, Read(tuple(roots)), values))
        return {(uid, row["id"]): row for uid in by_index for row in answer[uid]}

    def _listing(self, caller: Caller, plan: IndexPlan, slots: tuple[Slot, ...], fields: tuple[str, ...]) -> Listing:
        paths = readable_paths(caller.policy, self._registry, plan)
        title = (plan.spec.title,) if f"{plan.spec.label}.{plan.spec.title}" not in caller.policy.hidden else ()
        whole = (self._whole(plan, one) for one in fields)
        select = selection_of(self._registry, plan.spec, (*title, *paths, *whole), caller.policy)
        return Listing(plan.spec.label, select, Compare("id", Op.IN, slots), page=Page(len(slots)))

    def _whole(self, plan: IndexPlan, name: str) -> str:
        """A field as a path: a link with the title of its record, whatever else of that is read."""
        target = plan.spec.fields[name].target
        return f"{name}.{self._registry.models[target].title}" if target else name


def _facet(plan: IndexPlan, name: str, matches: Sequence[Match]) -> Facet:
    """What found records have of a field; a link to a record out of sight is none."""
    choices = plan.spec.fields[name].traits.choices
    labels = choice_labels(choices) if choices else {one.value(name): " ".join(one.texts(name)) for one in matches}
    counts = Counter(one.value(name) for one in matches)
    found = (FacetValue(one, labels.get(one, one), count) for one, count in counts.most_common() if one)
    return Facet(name, tuple(found))
