"""Finding: the engine proposes ids, the door decides what the caller may see of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import orjson

from core.access import Caller
from core.conditions import Compare, Op, Slot
from core.errors import Forbidden, SearchUnavailable, UnknownField
from core.finder import MAX_HITS, MAX_TEXT, Engine, Found, Hit, SearchQuery
from core.model import Model
from core.query import Listing, Page, Read
from core.reading import Reader
from core.records import selection_of
from search.analyzer import Term, terms
from search.rights import must_prove, readable_paths, search_scope
from search.snippets import fits, marks, snippet
from search.specs import IndexPlan

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
        limit = min(limit, MAX_HITS)
        return (await self._asked(caller, text[:MAX_TEXT], self._chosen(models), limit))[: max(limit, 0)]

    async def find_each(self, caller: Caller, text: str, limit: int = 50) -> list[Found]:
        """As `find`, but up to `limit` of each model."""
        limit = min(limit, MAX_HITS)
        found = await self._asked(caller, text[:MAX_TEXT], self._chosen(None), limit, each=True)
        counts: Counter[str] = Counter()
        kept = []
        for one in found:
            counts[one.label] += 1
            if counts[one.label] <= limit:
                kept.append(one)
        return kept

    async def _asked(
        self, caller: Caller, text: str, plans: Sequence[IndexPlan], limit: int, *, each: bool = False
    ) -> list[Found]:
        words = terms(text)
        if not words or limit < 1:
            return []
        try:
            return await self._found(caller, text, words, plans, limit, each=each)
        except (Forbidden, UnknownField):
            # A right was taken away since the caller's policy was compiled: once more with what is left.
            if caller.user_id is None:
                raise
            policy = await self._reader.policies.fresh(caller.user_id)
            return await self._found(replace(caller, policy=policy), text, words, plans, limit, each=each)

    def _chosen(self, models: Sequence[type[Model] | str] | None) -> list[IndexPlan]:
        if models is None:
            return list(self._plans.values())
        labels = [self._registry.spec(model).label for model in models]
        return [self._plans[label] for label in labels if label in self._plans]

    async def _found(
        self,
        caller: Caller,
        text: str,
        words: Sequence[Term],
        plans: Sequence[IndexPlan],
        limit: int,
        *,
        each: bool,
    ) -> list[Found]:
        wanted = min(limit * SPARE, MAX_HITS)
        queries = [
            SearchQuery(
                index=plan.index.uid,
                text=text,
                scope=search_scope(caller.policy, self._registry, plan.spec),
                attributes=readable_paths(caller.policy, self._registry, plan),
                limit=wanted,
            )
            for plan in plans
        ]
        result = await self._engine.search_all(queries, wanted * len(plans) if each else wanted)
        if result.failed and not result.hits:
            raise SearchUnavailable(f"The search index {result.failed[0]} does not answer")
        rows = await self._read(caller, result.hits)
        shown = (self._shown(caller, words, hit, rows) for hit in result.hits)
        return [one for one in shown if one]

    async def _read(self, caller: Caller, hits: Sequence[Hit]) -> Mapping[tuple[str, str], Mapping[str, Any]]:
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
            roots.append((uid, self._listing(caller, self._by_uid[uid], slots)))
        answer: Mapping[str, Any] = orjson.loads(await self._reader.answer(caller, Read(tuple(roots)), values))
        return {(uid, row["id"]): row for uid in by_index for row in answer[uid]}

    def _listing(self, caller: Caller, plan: IndexPlan, slots: tuple[Slot, ...]) -> Listing:
        paths = readable_paths(caller.policy, self._registry, plan)
        title = (plan.spec.title,) if f"{plan.spec.label}.{plan.spec.title}" not in caller.policy.hidden else ()
        select = selection_of(self._registry, plan.spec, (*title, *paths), caller.policy)
        return Listing(plan.spec.label, select, Compare("id", Op.IN, slots), page=Page(len(slots)))

    def _shown(
        self,
        caller: Caller,
        words: Sequence[Term],
        hit: Hit,
        rows: Mapping[tuple[str, str], Mapping[str, Any]],
    ) -> Found | None:
        plan, row = self._by_uid[hit.index], rows.get((hit.index, hit.id))
        if row is None:
            return None
        paths = readable_paths(caller.policy, self._registry, plan)
        texts = {path: tuple(self._texts(plan, row, path)) for path in paths}
        if must_prove(caller.policy, self._registry, plan) and not fits(words, chain.from_iterable(texts.values())):
            return None
        title = " ".join(self._texts(plan, row, plan.spec.title))
        found = Found(plan.spec.label, hit.id, title, title_marks=marks(words, title))
        for path, several in texts.items():
            piece = snippet(words, " · ".join(several)) if path != plan.spec.title else ""
            if piece:
                return replace(found, snippet=piece, field=path, snippet_marks=marks(words, piece))
        return found

    def _texts(self, plan: IndexPlan, row: Mapping[str, Any], path: str) -> Iterator[str]:
        spec = plan.spec
        value: Any = row
        for step in path.split("."):
            target = spec.fields[step].target
            value = value.get(step) if isinstance(value, Mapping) else None
            if target:
                spec = self._registry.models[target]
        if isinstance(value, Mapping):
            value = value.get(spec.title)
        if value is not None:
            yield from (str(one) for one in (value if isinstance(value, list) else (value,)))
