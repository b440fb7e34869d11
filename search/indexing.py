"""Indexing: what happens in the database is brought into the indexes; whole indexes are built beside the old ones."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from core.conditions import Compare, Condition, Op, Through
from core.departments import Department
from core.errors import SearchUnavailable
from core.events import Handler, Happening
from core.finder import Engine, IndexMissing
from core.reading import Reader
from search.documents import BATCH, CALLER, Documents
from search.specs import IndexPlan, Way

Progress: TypeAlias = Callable[[str, int, int], None]

HANDLER = "search.index"
DEPARTMENT = "core.department"
RIGHTS = ("owner", "department")

log = logging.getLogger("tradepost.search")


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
        patterns = tuple(f"{label}.*" for label in labels)
        return {HANDLER: Handler(self.deliver, patterns, batch=BATCH, together=BATCH)}

    async def deliver(self, news: Sequence[Happening]) -> None:
        """Load what happened to as it is now, and put it into the index or remove it from there."""
        for label, told in _by_model(news).items():
            for ids in _pieces(told if label in self._plans else ()):
                await self._settle_live(self._plans[label], ids)
            for one in self._dependents.get(label, ()):
                for ids in _pieces(record for record, fields in told.items() if one.concerned(fields)):
                    await self._settle_where(one.plan, _through(one.way[:-1], Compare(one.way[-1], Op.IN, ids)))
            moved = [record for record, fields in told.items() if fields is None or "parent" in fields]
            if label == DEPARTMENT and moved:
                await self._moved(moved)

    async def _moved(self, departments: Iterable[UUID]) -> None:
        """Records of departments below are found by the departments above them."""
        below = await self._below(departments)
        for plan in self._plans.values():
            await self._settle_where(plan, _through(plan.root, Compare("department", Op.IN, below)))

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

    async def _settle_where(self, plan: IndexPlan, where: Condition) -> None:
        async for ids in self._documents.ids(plan, where):
            await self._settle_live(plan, ids)

    async def _settle_live(self, plan: IndexPlan, ids: Sequence[UUID]) -> None:
        for index in (plan.index.uid, *await self._engine.builds(plan.index.uid)):
            with suppress(IndexMissing):  # Not made yet, and then it is filled; or swapped in, or given up, since.
                await self._settle(plan, index, ids)

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
        outdated = []
        for label, plan in self._plans.items():
            state = await self._engine.stats(plan.index)
            await self._engine.ensure(plan.index)
            if state is None or not state.current:
                outdated.append(label)
        await self.reindex(progress, outdated)
        return tuple(outdated)

    async def prepare_patiently(self, pause: float = 30) -> None:
        """Prepare, however long the engine is away: nothing but search waits for it."""
        while True:
            try:
                await self.prepare()
            except SearchUnavailable as fault:
                log.warning("The search indexes are not ready: %s", fault)
                await asyncio.sleep(pause)
            else:
                return

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


def _pieces(ids: Iterable[UUID]) -> Iterator[tuple[UUID, ...]]:
    """Ids in order, as many as are read at once: an event may tell of many records."""
    found = tuple(sorted(ids))
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]


def _through(way: Way, condition: Condition) -> Condition:
    """A condition on the record at the end of a way of links."""
    for link in reversed(way):
        condition = Through(link, condition)
    return condition


@dataclass(frozen=True, slots=True)
class Dependent:
    """An index that holds texts or rights of records of another model, and the links that lead there.

    `fields` are those of the other model that it holds.
    """

    plan: IndexPlan
    way: Way
    fields: frozenset[str]

    def concerned(self, changed: Collection[str] | None) -> bool:
        """Whether a change of some fields, or an unknown one, is to be seen in it."""
        return changed is None or not self.fields.isdisjoint(changed)


def _dependents(plans: Mapping[str, IndexPlan]) -> dict[str, list[Dependent]]:
    found: dict[str, list[Dependent]] = defaultdict(list)
    for plan in plans.values():
        for way, spec in sorted({**plan.searched, **plan.governed}.items(), key=lambda item: item[0]):
            texts = {path.split(".")[len(way)] for path in plan.index.searchable if _beyond(path, way)}
            rights = RIGHTS if way in plan.governed else ()
            found[spec.label].append(Dependent(plan, way, frozenset((spec.title, *texts, *rights))))
    return found


def _beyond(path: str, way: Way) -> bool:
    return path.startswith(".".join((*way, "")))


def _by_model(news: Sequence[Happening]) -> dict[str, dict[UUID, set[str] | None]]:
    """The records that something happened to, with the fields that changed as far as that was told."""
    found: dict[str, dict[UUID, set[str] | None]] = defaultdict(dict)
    for one in news:
        fields = one.payload.get("fields")
        for record in [one.record] if one.record else [UUID(told) for told in one.payload.get("records", ())]:
            known = found[one.model].setdefault(record, set())
            if known is not None:
                found[one.model][record] = known | set(fields) if isinstance(fields, list) else None
    return found
