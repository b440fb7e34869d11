"""The stream of a tab: what changes while the page is open, told to its visitor as far as he sees it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from uuid import UUID

import orjson
from starlette.responses import Response, StreamingResponse

from core.conditions import Compare, Op
from core.errors import NotFound, Unauthenticated
from core.live import News, by_model, gathered
from core.query import Archived, Leaf, Listing, Page, Read
from ui.titles import titles_of
from ui.visitor import Visitor

MOST_WATCHED = 10
MOST_SHOWN = 200
"""So many of the records that a tab showed are remembered, the latest."""
HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
USER = "core.user"


async def show_live(visitor: Visitor) -> Response:
    """What changes of some models (`?model=sales.lead`), and of the visitor's notifications, as server-sent events.

    - `bell`: how many notifications the visitor has not read.
    - `changed`: `{"model": …, "records": […]}`, of records that he sees, or saw: `?shown=` names those of the one model
      that the page shows.
    - `editing`: the names of others who have the form of a record open (`?record=` or `?editing=` with one model).
    - `gone`: the session has ended.
    """
    watching = Watching(await visitor.proven())
    return StreamingResponse(watching.told(), media_type="text/event-stream", headers=HEADERS)


class Watching:
    """What one tab watches: `model` (several times), `record` of the one model, `editing` where it is its form."""

    def __init__(self, visitor: Visitor) -> None:
        asked = visitor.request.query_params
        known = visitor.site.registry.models
        self.visitor = visitor
        self.models = [
            one for one in asked.getlist("model")[:MOST_WATCHED] if one in known and not known[one].meta.internal
        ]
        self.edits = asked.get("editing", "")
        self.record = _id(asked.get("record") or self.edits) if len(self.models) == 1 else None
        self.shown = [_id(one) for one in asked.get("shown", "").split(",") if one][:MOST_SHOWN]
        self.saw: dict[str, None] = {}
        self.me = str(visitor.caller.user_id)
        self.hub = visitor.site.kernel.hub

    async def told(self) -> AsyncGenerator[bytes, None]:
        """The events, until the browser goes, the session ends, or the process does."""
        try:
            async with self.hub.listen(self._concerns) as queue:
                await self._begin()
                yield await self._bell()
                yield await self._editing()
                while (news := await gathered(queue)) is not None:
                    for event in await self._events(news):
                        yield event
        except Unauthenticated:
            yield event_of("gone", "")
        finally:
            self._say(left=True)

    def _concerns(self, news: News) -> bool:
        """Whether he may have to be told, or looked at again: what he watches, and whatever happens to himself."""
        if news.editing:
            return self.record is not None and news.editing == str(self.record)
        return news.model in self.models or self.me in (news.user, *news.records)

    async def _begin(self) -> None:
        """Who does not see a record edits nothing, and nobody is told that he does; nor is he told that it is gone."""
        if len(self.models) == 1:
            shown = [one for one in self.shown if one is not None]
            self.saw = dict.fromkeys((await self._seen({self.models[0]: shown})).get(self.models[0], ()))
        if self.record is not None and not await self._seen({self.models[0]: [self.record]}):
            self.record = None
        self._say()

    def _say(self, *, left: bool = False) -> None:
        if self.edits and self.record is not None:
            self.hub.edit(self.models[0], str(self.record), self.me, left=left)

    async def _events(self, news: Sequence[News]) -> list[bytes]:
        self.visitor = await self.visitor.proven()  # with the rights of this moment
        if not news:
            self._say()
            return [b": still here\n\n"]
        found = []
        if any(one.user == self.me and not one.editing for one in news):
            found.append(await self._bell())
        changed = {model: ids for model, ids in by_model(news).items() if model in self.models}
        seen = await self._seen(changed)
        for model, ids in changed.items():
            if records := [*seen.get(model, ()), *self._lost(ids, seen.get(model, ()))]:
                found.append(event_of("changed", {"model": model, "records": records}))
        if self.record is not None and any(one.editing == str(self.record) for one in news):
            found.append(await self._editing())
        return found

    def _lost(self, changed: Sequence[UUID], seen: Sequence[str]) -> list[str]:
        """What changed out of his sight, and was in it: that it left is told him once."""
        lost = [str(one) for one in changed if str(one) in self.saw and str(one) not in seen]
        self.saw = {one: None for one in self.saw if one not in lost} | dict.fromkeys(seen)
        for one in [*self.saw][:-MOST_SHOWN]:
            del self.saw[one]
        return lost

    async def _bell(self) -> bytes:
        return event_of("bell", await self.visitor.site.kernel.notifications.unread(self.visitor.caller))

    async def _editing(self) -> bytes:
        """Who else has the form open; nobody, where the visitor may not see the record or the user."""
        others: list[str] = []
        if self.record is not None:
            users = [one for one in self.hub.editors(self.models[0], str(self.record)) if one != self.me]
            if users and (await self._seen({self.models[0]: [self.record]})):
                others = [*(await titles_of(self.visitor, [(USER, UUID(one)) for one in users])).values()]
        return event_of("editing", others)

    async def _seen(self, changed: Mapping[str, Sequence[UUID]]) -> dict[str, list[str]]:
        """Which of some records the visitor sees at this moment, by one statement."""
        registry, caller = self.visitor.site.registry, self.visitor.caller
        roots = [
            (
                model,
                Listing(
                    model,
                    (Leaf("id", "id"),),
                    Compare("id", Op.IN, tuple(records)),
                    page=Page(len(records)),
                    archived=Archived.WITH,
                ),
            )
            for model, records in changed.items()
            if records and caller.allows(registry.permission(registry.models[model], "read"))
        ]
        if not roots:
            return {}
        answer = await self.visitor.ask(Read(tuple(roots)))
        return {model: [one["id"] for one in rows] for model, rows in answer.items() if rows}


def event_of(name: str, data: object) -> bytes:
    """An event of the stream."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))


def _id(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
