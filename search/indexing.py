"""Indexing: what happens in the database is brought into the indexes; whole indexes are built beside the old ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias
from uuid import UUID

from core.conditions import Compare, Condition, Op, Through
from core.departments import Department
from core.events import Handler, Happening
from core.finder import Engine, IndexMissing
from core.reading import Reader
from search.documents import BATCH, CALLER, Documents
from search.specs import IndexPlan, Way

Progress: TypeAlias = Callable[[str, int, int], None]

HANDLER = "search.index"
DEPARTMENT = "core.department"


class Indexing:
    """Keeps the indexes of an app equal to its database. All of it may run twice, and in any order."""

    def __init__(self, engine: Engine, reader: Reader, plans: Mapping[str, IndexPlan]) -> None:
        self._engine = engine
        self._reader = reader
        self._plans = plans
        self._documents = Documents(reader)
        self._dependents = _dependents(plans)

    def handlers(self) -> Mapping[str, Handler]:
        """What the outbox hands out to search."""
        labels = sorted({*self._plans, *self._dependents, DEPARTMENT})
        return {HANDLER: Handler(self.deliver, tuple(f"{label}.*" for label in labels), batch=BATCH)}

    async def deliver(self, news: Sequence[Happening]) -> None:
        """Load what happened to as it is now, and put it into the index or remove it from there."""
        touched: dict[str, set[UUID]] = defaultdict(set)
        for one in news:
            if one.record:
                touched[one.model].add(one.record)
        for label, ids in touched.items():
            if label in self._plans:
                await self._settle_live(self._plans[label], sorted(ids))
            for plan, where in self._concerned(label, ids):
                async for batch in self._documents.ids(plan, where):
                    await self._settle_live(plan, batch)
        if DEPARTMENT in touched:
            await self._moved(touched[DEPARTMENT])

    def _concerned(self, label: str, ids: Iterable[UUID]) -> Iterator[tuple[IndexPlan, Condition]]:
        for plan, way in self._dependents.get(label, ()):
            yield plan, _through(way[:-1], Compare(way[-1], Op.IN, tuple(ids)))

    async def _moved(self, departments: Iterable[UUID]) -> None:
        """Records of departments below are found by the departments above them."""
        below = await self._below(departments)
        for plan in self._plans.values():
            where = _through(plan.root, Compare("department", Op.IN, below))
            async for batch in self._documents.ids(plan, where):
                await self._settle_live(plan, batch)

    async def _below(self, departments: Iterable[UUID]) -> tuple[UUID, ...]:
        children: dict[UUID, list[UUID]] = defaultdict(list)
        for one in await self._reader.records(CALLER, Department, fields=("parent",)):
            if one.parent:
                children[one.parent.id].append(one.id)
        found = dict.fromkeys(departments)
        waiting = list(found)
        while waiting:
            below = [one for one in children.get(waiting.pop(), ()) if one not in found]
            found.update(dict.fromkeys(below))
            waiting += below
        return tuple(found)

    async def _settle_live(self, plan: IndexPlan, ids: Sequence[UUID]) -> None:
        await self._settle(plan, plan.index.uid, ids)
        for built in await self._engine.builds(plan.index.uid):
            with suppress(IndexMissing):  # It was swapped in, or given up, since.
                await self._settle(plan, built, ids)

    async def _settle(self, plan: IndexPlan, index: str, ids: Sequence[UUID]) -> None:
        """Write records as they are, until they are still so afterwards: of two writers the later truth stays."""
        documents = None
        while documents != (current := await self._documents.of(plan, ids)):
            documents = current
            present = {one.id for one in documents}
            await self._engine.upsert(index, documents)
            await self._engine.delete(index, [str(one) for one in ids if str(one) not in present])

    async def prepare(self, progress: Progress | None = None) -> tuple[str, ...]:
        """Make what is missing and build anew what is outdated; the labels of what was built."""
        built = []
        for label, plan in self._plans.items():
            state = await self._engine.stats(plan.index)
            await self._engine.ensure(plan.index)
            if state is None or not state.current:
                await self.reindex(progress, [label])
                built.append(label)
        return tuple(built)

    async def reindex(self, progress: Progress | None = None, labels: Iterable[str] | None = None) -> None:
        """Build indexes anew beside those in use, then swap them in; `progress` hears label, done and total."""
        for label in self._plans if labels is None else labels:
            plan = self._plans[label]
            for left in await self._engine.builds(plan.index.uid):
                await self._engine.drop(left)
            built = await self._engine.build(plan.index)
            try:
                await self._fill(plan, built, progress)
                await self._engine.swap(plan.index.uid, built)
            except BaseException:
                with suppress(IndexMissing):  # Another run took over and dropped it.
                    await self._engine.drop(built)
                raise

    async def _fill(self, plan: IndexPlan, built: str, progress: Progress | None) -> None:
        done, total = 0, await self._documents.count(plan)
        async for ids in self._documents.ids(plan):
            await self._settle(plan, built, ids)
            done += len(ids)
            if progress:
                progress(plan.spec.label, done, max(done, total))
        if progress and not done:
            progress(plan.spec.label, 0, 0)


def _through(way: Way, condition: Condition) -> Condition:
    """A condition on the record at the end of a way of links."""
    for link in reversed(way):
        condition = Through(link, condition)
    return condition


def _dependents(plans: Mapping[str, IndexPlan]) -> dict[str, list[tuple[IndexPlan, Way]]]:
    """By model: the indexes that hold texts or rights of its records, and the ways of links that lead there."""
    found: dict[str, list[tuple[IndexPlan, Way]]] = defaultdict(list)
    for plan in plans.values():
        for way, spec in sorted({**plan.searched, **plan.governed}.items(), key=lambda item: item[0]):
            found[spec.label].append((plan, way))
    return found
