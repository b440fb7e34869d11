"""The links of imported rows: found by what the rows say, many at a time; made where the mapping says so."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from rapidfuzz import process

from core.access import Caller
from core.conditions import EVERYTHING
from core.creating import create
from core.errors import Problem
from core.fields import Kind
from core.import_plan import ImportPlan, LinkPlan
from core.import_rows import Draft, Finding, Key
from core.lookups import Lookups
from core.query import Leaf, Listing, Page
from core.writing import Step, Unit

REMEMBERED = 50_000
COMPARED = 2_000
LIKELY = 75


class ImportLinks:
    """Finds the records that rows link to, and remembers them from batch to batch."""

    def __init__(self, unit: Unit, caller: Caller, plan: ImportPlan, lookups: Lookups) -> None:
        self.unit = unit
        self.caller = caller
        self.plan = plan
        self.lookups = lookups
        self._found: dict[tuple[int, Key], list[UUID]] = {}
        self._likely: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}

    async def resolve(self, plan: ImportPlan, drafts: Sequence[Draft], *, patient: bool) -> list[Draft]:
        """Fill in the links of some drafts; returns those that wait for a record which a later row may make."""
        if len(self._found) > REMEMBERED:
            self._found.clear()
        waiting: dict[int, Draft] = {}
        for link in plan.links:
            name = link.field.name
            asking = [draft for draft in drafts if name in draft.wanted]
            found = await self._look_up(link, asking)
            for draft in asking:
                ids = found[draft.wanted[name]]
                if len(ids) == 1:
                    draft.values[name] = ids[0]
                elif patient and not ids and link.target is self.plan.spec and not link.create:
                    waiting[id(draft)] = draft
                else:
                    await self._missing(link, draft, found)
        for back, part in plan.parts:
            parts = [one for draft in drafts for where, one in draft.parts if where is back]
            await self.resolve(part, parts, patient=False)
        return [draft for draft in waiting.values() if draft.sound]

    async def _look_up(self, link: LinkPlan, drafts: Sequence[Draft]) -> dict[Key, list[UUID]]:
        wanted = dict.fromkeys(draft.wanted[link.field.name] for draft in drafts)
        unknown = [key for key in wanted if (id(link), key) not in self._found]
        if unknown:
            where = link.field.traits.where or EVERYTHING
            found = await self.lookups.find(link.target, link.paths, unknown, where=where)
            self._found |= {(id(link), key): ids for key, ids in found.items()}
        return {key: self._found.get((id(link), key), []) for key in wanted}

    async def _missing(self, link: LinkPlan, draft: Draft, found: dict[Key, list[UUID]]) -> None:
        name = link.field.name
        key, asked = draft.wanted[name], draft.asked[name]
        if not found[key] and link.create:
            values = dict(zip(link.paths, asked, strict=True))
            rows = await create(Step(self.unit, self.caller, link.target), [values])
            found[key] = self._found[id(link), key] = [rows[0]["id"]]
            draft.values[name] = rows[0]["id"]
            return
        place = next((one for one in reversed(link.places) if one.cells), link.places[-1])
        words = ", ".join(str(one) for one in asked if one is not None)
        told = (("model", link.target.human.lower()), ("name", words), ("count", str(len(found[key]))))
        if found[key]:
            problem = Problem("%(count)s records are called %(name)s", code="ambiguous", values=told)
        else:
            problem = Problem("There is no %(model)s %(name)s", code="unknown_record", values=told[:2])
            await self._suggest(link, place.path, words)
        draft.fault(place, problem)

    # What was perhaps meant

    def likely(self, finding: Finding) -> str:
        """The name that was perhaps meant by a cell that names nothing."""
        return self._likely.get(f"{finding.path}|{finding.cell.strip()}", "")

    async def _suggest(self, link: LinkPlan, path: str, words: str) -> None:
        if len(link.paths) != 1 or "." in link.paths[0] or link.leaves[0].kind is not Kind.TEXT:
            return
        if link.target.label not in self._names:
            field = link.paths[0]
            listing = Listing(link.target.label, (Leaf(field, field),), page=Page(COMPARED))
            self._names[link.target.label] = [row[field] for row in await self.lookups.rows(listing) if row[field]]
        key = f"{path}|{words}"
        if key not in self._likely:
            best = process.extractOne(words, self._names[link.target.label], score_cutoff=LIKELY)
            self._likely[key] = best[0] if best else ""
