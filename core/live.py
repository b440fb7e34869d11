"""The hub: what changed, told to the open pages and subscriptions of all processes.

Nobody is told what he may not see: whoever listens reads the records again as his caller.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from uuid import UUID, uuid4

import orjson

MOST_NAMED = 200
MOST_WAITING = 1_000
STAY = 40.0
"""Seconds for which somebody is taken to be editing since he last said so."""
BEAT = 15.0
"""Seconds of quiet after which a stream looks whether its reader still holds."""
CLOSING = 0.1
"""Seconds after which a task that did not end is told again to."""
GATHERING = 0.3
"""Seconds for which news are gathered before they are told together."""


@dataclass(frozen=True, slots=True)
class News:
    """One message: records of a model that changed, a user whose notifications did, or who edits a record.

    Of many changed records at once the first are named: `records` has at most 200 ids.
    """

    model: str = ""
    records: tuple[str, ...] = ()
    user: str = ""
    editing: str = ""
    left: bool = False


class Hub:
    """Hands news to all who listen in this process, and through Redis to those of other processes."""

    def __init__(self, redis_url: str = "") -> None:
        self._url = redis_url
        self._me = str(uuid4())
        self._listeners: dict[asyncio.Queue[News | None], Callable[[News], bool]] = {}
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self._editors: dict[tuple[str, str], dict[str, float]] = {}
        self._watchers: dict[str, Callable[[], None]] = {}
        self.closed = False

    # Telling

    def publish(self, changed: Mapping[str, Sequence[UUID]]) -> None:
        """Records changed, by the labels of their models."""
        for model, records in changed.items():
            self._send(News(model, tuple(dict.fromkeys(str(one) for one in records[:MOST_NAMED]))))

    def ring(self, user: UUID) -> None:
        """A user's notifications changed."""
        self._send(News(user=str(user)))

    def edit(self, model: str, record: str, user: str, *, left: bool = False) -> None:
        """A user has the form of a record open, or has left it."""
        self._send(News(model, (record,), user, editing=record, left=left))

    def editors(self, model: str, record: str) -> list[str]:
        """Who has the form of a record open at this moment."""
        here = self._editors.get((model, record), {})
        return sorted(user for user, until in here.items() if until > time.monotonic())

    def _send(self, news: News) -> None:
        self._receive(news)
        if self._tasks:
            with suppress(asyncio.QueueFull):  # Redis is away: what nobody hears is not kept
                self._outgoing.put_nowait(orjson.dumps({"from": self._me, **asdict(news)}))

    def watch(self, model: str, told: Callable[[], None]) -> None:
        """Have something called, within the kernel, whenever records of a model changed."""
        self._watchers[model] = told

    def _receive(self, news: News) -> None:
        if news.model in self._watchers and not news.editing:
            self._watchers[news.model]()
        if news.editing:
            here = self._editors.setdefault((news.model, news.editing), {})
            if news.left:
                here.pop(news.user, None)
            else:
                here[news.user] = time.monotonic() + STAY
            if not here:
                del self._editors[news.model, news.editing]
        for queue, wanted in self._listeners.items():
            if wanted(news):
                if queue.full():  # he does not keep up: let him begin anew
                    queue.get_nowait()
                queue.put_nowait(news)

    # Listening

    @asynccontextmanager
    async def listen(
        self, wanted: Callable[[News], bool] = lambda _: True
    ) -> AsyncIterator[asyncio.Queue[News | None]]:
        """News as they come, those that are wanted; `None` says that the process ends."""
        queue: asyncio.Queue[News | None] = asyncio.Queue(MOST_WAITING)
        self._listeners[queue] = wanted
        if self.closed:
            queue.put_nowait(None)
        try:
            yield queue
        finally:
            del self._listeners[queue]

    # Life

    def open(self) -> None:
        """Begin to talk with the other processes, where there is a Redis."""
        if self._url and not self._tasks:
            from core.wire import hear, tell  # its library takes a while to load, which one process does without

            self._tasks = [
                asyncio.create_task(tell(self._url, self._outgoing)),
                asyncio.create_task(hear(self._url, self._heard)),
            ]

    def end(self) -> None:
        """Tell all who listen that the process ends."""
        self.closed = True
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    async def close(self) -> None:
        """Let go of Redis."""
        self.end()
        waiting = set(self._tasks)
        while waiting:  # Redis's library loses a cancellation that comes while it connects
            for one in waiting:
                one.cancel()
            _, waiting = await asyncio.wait(waiting, timeout=CLOSING)

    def _heard(self, message: bytes) -> None:
        told = orjson.loads(message)
        if told.pop("from") != self._me:
            self._receive(News(**told | {"records": tuple(told["records"])}))


async def gathered(queue: asyncio.Queue[News | None]) -> list[News] | None:
    """The news of a moment; of a quiet while none; `None` when the process ends."""
    try:
        found = [await asyncio.wait_for(queue.get(), BEAT)]
    except TimeoutError:
        return []
    await asyncio.sleep(GATHERING)
    while not queue.empty():
        found.append(queue.get_nowait())
    return None if None in found else [one for one in found if one is not None]


def by_model(news: Iterable[News]) -> dict[str, list[UUID]]:
    """The changed records of several messages, each once."""
    found: dict[str, dict[UUID, None]] = {}
    for one in news:
        if one.model and not one.editing:
            found.setdefault(one.model, {}).update(dict.fromkeys(UUID(record) for record in one.records))
    return {model: [*records] for model, records in found.items()}
