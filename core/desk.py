"""What code outside of a unit of work reads with: a page, a question of GraphQL, a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

import orjson

from core.access import Caller
from core.conditions import EVERYTHING, Condition
from core.criteria import Criteria
from core.errors import BadQuery
from core.ids import now
from core.model import Model
from core.notifications import Notified, notified
from core.options import Options
from core.policies import present
from core.query import Group, Measure, Read, Summary
from core.reading import Reader
from core.sessions import SessionView, sessions_of
from core.tokens import TokenView, tokens_of
from core.views import SavedView, views_of

M = TypeVar("M", bound=Model)
MOST = 200


@dataclass(frozen=True)
class Desk:
    """Records, figures and settings, as somebody may see them."""

    caller: Caller
    _reader: Reader
    _options: Options

    def of(self, caller: Caller) -> Desk:
        """The same for somebody else."""
        return replace(self, caller=caller)

    async def find(
        self,
        model: type[M],
        *,
        where: Condition = EVERYTHING,
        order: Sequence[str] = (),
        limit: int = MOST,
        fields: Sequence[str] = ("*",),
    ) -> list[M]:
        """Records that the caller may see; `fields` takes paths through links, too (`customer.name`)."""
        return await self._reader.records(self.caller, model, where=where, order=order, limit=limit, fields=fields)

    async def get(self, model: type[M], record: UUID, fields: Sequence[str] = ("*",)) -> M:
        """One record, archived or not; `NotFound` where there is none that the caller may see."""
        return await self._reader.get(self.caller, model, record, fields)

    async def count(self, model: type[Model], where: Condition = EVERYTHING) -> int:
        """How many records the caller may see, exactly."""
        return await self._reader.count(self.caller, model, where)

    async def figures(
        self,
        model: type[Model],
        *measures: Measure,
        by: Sequence[str | Group] = (),
        where: Condition = EVERYTHING,
    ) -> list[Mapping[str, Any]]:
        """Figures of the records that the caller may see, by groups: each row by the keys of groups and measures.

        A group that is a path has the path as its key. Links come as ids, choices by name, decimals as text, amounts
        as a list with one `{"amount", "currency"}` for each currency.
        """
        groups = tuple(one if isinstance(one, Group) else Group(one, one) for one in by)
        asked = Summary(self._reader.registry.spec(model).label, groups, measures, where)
        rows: list[Mapping[str, Any]] = orjson.loads(await self._reader.answer(self.caller, Read((("rows", asked),))))[
            "rows"
        ]
        return rows

    async def sessions(self) -> list[SessionView]:
        """The caller's sessions, the one used last first."""
        return await sessions_of(self._reader.database, self.caller.user_id, now())

    async def tokens(self) -> list[TokenView]:
        """The caller's API tokens, the newest first."""
        return await tokens_of(self._reader.database, self.caller.user_id, now())

    async def notified(self, *, unread: bool = False) -> list[Notified]:
        """The caller's newest notifications, as far as he still sees the records; `unread`: those alone."""
        return await notified(self._reader, self.caller, unread=unread)

    async def views(self, model: str) -> list[SavedView]:
        """The caller's views of the list of a model (`sales.lead`), and those that others share with him."""
        registry, source = self._reader.registry, self._reader.database
        if model not in {one.label for one in registry.surfaced()}:
            raise BadQuery(f"There is no list of {model}")
        return await views_of(registry, source, await present(source, self.caller), registry.models[model])

    @property
    def criteria(self) -> Criteria:
        """Conditions kept as data, as the caller may use them at this moment."""
        return Criteria(self._reader.registry, self.caller, now())

    async def option(self, name: str) -> Any:
        """What an administrator chose for an option (`service_desk.holidays`), else its default."""
        return await self._options.get(name)
