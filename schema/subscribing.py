"""Subscriptions: what the hub tells, read again by the one door out as the caller may see it at that moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from uuid import UUID

import orjson
from graphql.execution.values import VariableValues

from core.access import By, Caller
from core.errors import TradepostError, Unauthenticated
from core.kept import Kept
from core.live import News, by_model, gathered
from core.query import Read
from schema.documents import Document
from schema.envelope import fault
from schema.execute import LONGEST_KEPT, Answer, GraphQL, Request, refusal_of, refused
from schema.plan import CHANGED, Topic
from schema.renewing import Renewed, names_custom

SIZES = (1, 10, 50)
"""How many records are read together: a few sizes only, so that the same statements serve again and again."""
USER = "core.user"

log = logging.getLogger(__name__)


class Ending(Exception):
    """The process ends; whoever listens may come back to another one."""


class Subscriptions:
    """Answers requests that may have more than one answer."""

    def __init__(self, renewed: Renewed) -> None:
        self.renewed = renewed
        self._topics: Kept[object, Topic] = Kept(500)

    def topic(self, graphql: GraphQL, found: Document, request: Request, variables: VariableValues, size: int) -> Topic:
        """What a subscription asks of so many records at once, from the cache where one like it asked before."""
        key = (graphql, request.query, request.operation, found.shape(variables.coerced), size)
        kept = self._topics.get(key)
        if kept is None:
            kept = graphql.planner(found, variables).topic(found.operation, size)
            if len(request.query) <= LONGEST_KEPT:
                self._topics[key] = kept
        return kept

    async def stream(
        self, caller: Caller, request: Request, *, changes: bool = True
    ) -> AsyncGenerator[Answer | None, None]:
        """The answers to a request; `None` when a subscription has begun, and when it was looked after.

        Of a query or a mutation there is one; a subscription lasts until it is refused, or until `Ending`.
        """
        request_id = caller.origin.request
        try:
            graphql, found = await self._document(request)
            if not found.follows:
                yield await self.renewed.answer(caller, request, changes=changes)
                return
            async for one in Subscription(self, graphql, caller, found, request).told():
                yield one
        except (TradepostError, TimeoutError) as refusal:
            yield refusal_of(refusal, request_id)
        except Ending:
            raise
        except Exception:
            log.exception("The subscription %s failed", request_id)
            yield refused([fault(request_id)], "internal", executed=True)

    async def _document(self, request: Request) -> tuple[GraphQL, Document]:
        """What is asked, and the API that knows it: a newer one where it names a field that was added just now."""
        graphql = await self.renewed.current()
        try:
            return graphql, graphql.document(request)
        except TradepostError:
            newer = await self.renewed.newer() if names_custom(request) else graphql
            if newer is graphql:
                raise
            return newer, newer.document(request)


class Subscription:
    """One subscription of a caller. Each delivery is a read of its own: rights, session and filter hold at that moment.

    Changes that come close together are one delivery, and so one statement.
    """

    def __init__(self, all: Subscriptions, graphql: GraphQL, caller: Caller, found: Document, request: Request) -> None:
        if caller.by is By.ANONYMOUS:
            raise Unauthenticated
        self.all = all
        self.graphql = graphql
        self.caller = caller
        self.found = found
        self.request = request
        self.variables: VariableValues = found.coerced(graphql.schema.core, request.variables)
        self.topic = self._topic(SIZES[-1])  # what costs too much is refused at once
        self.me = str(caller.user_id)
        self.only = self.topic.only(self.variables.coerced) if self.topic.only else None

    async def told(self) -> AsyncGenerator[Answer | None, None]:
        """The answers, until the process ends: `Ending`."""
        async with self.graphql.doors.hub.listen(self._concerns) as queue:
            await self._prove()
            self.graphql.doors.reader.plan(self.caller, self.topic.plan.read)  # what he may not read is refused at once
            yield None
            while (news := await gathered(queue)) is not None:
                async with asyncio.timeout(self.graphql.limits.seconds):
                    answers = [one async for one in self._answers(news)]
                for one in answers:
                    yield one
                yield None
        raise Ending

    def _concerns(self, news: News) -> bool:
        if news.editing:
            return False
        return self._touches(news) or self.me == news.user or (news.model == USER and self.me in news.records)

    def _touches(self, news: News) -> bool:
        if not self.topic.label:
            return self.me == news.user
        return news.model == self.topic.label and (self.only is None or str(self.only) in news.records)

    async def _answers(self, news: Sequence[News]) -> AsyncGenerator[Answer, None]:
        touching = [one for one in news if self._touches(one)]
        if not touching:
            await self._prove()
        elif not self.topic.label:
            yield Answer(orjson.dumps({"data": await self._read(self.topic, ())}))
        else:
            for changed in _portions(self._ids(touching)):
                topic = self._topic(next(size for size in SIZES if size >= len(changed)))
                data = await self._read(topic, changed)
                if any(data.values()):  # else he sees none of them
                    yield Answer(orjson.dumps({"data": data}))

    def _ids(self, news: Sequence[News]) -> Sequence[UUID]:
        found = by_model(news)[self.topic.label]
        return found if self.only is None else [one for one in found if one == self.only]

    async def _read(self, topic: Topic, changed: Sequence[UUID]) -> dict[str, object]:
        """What is selected, by one statement, whose stamp tells what has become of the rights and of the session."""
        size = next(size for size in SIZES if size >= len(changed))
        ids = [*changed, *([changed[-1]] * (size - len(changed)) if changed else ())]
        values = topic.plan.values({**self.variables.coerced, CHANGED: ids})
        data, self.caller = await self.graphql.finished(self.caller, topic.plan, values)
        return data

    def _topic(self, size: int) -> Topic:
        return self.all.topic(self.graphql, self.found, self.request, self.variables, size)

    async def _prove(self) -> None:
        """`Unauthenticated` when the session or token has ended; else the caller has the rights of this moment."""
        _, self.caller = await self.graphql.doors.reader.answer_now(self.caller, Read(()))


def _portions(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), SIZES[-1]):
        yield ids[start : start + SIZES[-1]]
