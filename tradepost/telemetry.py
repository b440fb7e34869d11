"""What is measured and traced of a process, as the settings say; by default nothing, which costs nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from core.app import Kernel
from core.database import DatabaseFault
from core.jobs import HandedOut, waiting
from core.settings import Settings
from tradepost.observing import Watcher

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from schema.http import Answering
    from tradepost.metrics import Metrics
    from tradepost.traces import Traces

EVERY = 10.0
"""Seconds between two looks at the queue and the connections."""

log = logging.getLogger(__name__)


class Telemetry:
    """Stands by while a process works."""

    def __init__(self, metrics: Metrics | None = None, traces: Traces | None = None) -> None:
        self._metrics = metrics
        self._traces = traces

    @property
    def requests(self) -> Sequence[Watcher]:
        """Who is told of each request."""
        return (self._metrics.request,) if self._metrics else ()

    @property
    def jobs(self) -> Callable[[HandedOut], None] | None:
        """Who is told of jobs."""
        return self._metrics.job if self._metrics else None

    def app(self, app: ASGIApp) -> ASGIApp:
        """An application, traced where that is wanted."""
        if self._traces is None:
            return app
        from tradepost.traces import TracedApp

        return TracedApp(app, self._traces)

    def graphql(self, graphql: Answering) -> Answering:
        """What answers GraphQL, traced where that is wanted."""
        if self._traces is None:
            return graphql
        from tradepost.traces import TracedGraphQL

        return TracedGraphQL(graphql, self._traces)

    @asynccontextmanager
    async def over(self, kernel: Kernel, *, queue: bool) -> AsyncIterator[None]:
        """Watch a kernel's database, and now and then its `queue`, for as long as the block lasts.

        What was traced is sent at its end: a signal leaves the process no time after that.
        """
        for one in (self._traces, self._metrics):
            if one:
                kernel.database.watch(one.statement)
        looking = asyncio.create_task(self._look(kernel, self._metrics, queue=queue)) if self._metrics else None
        try:
            yield
        finally:
            if looking:
                looking.cancel()
                with suppress(asyncio.CancelledError):
                    await looking
            if self._traces:
                await asyncio.to_thread(self._traces.close)

    async def _look(self, kernel: Kernel, metrics: Metrics, *, queue: bool) -> None:
        while True:
            metrics.connections(kernel.database.engine.connections())
            if queue:
                try:
                    metrics.queue(await waiting(kernel.database, kernel.outbox))
                except DatabaseFault as fault:
                    log.warning("The database does not answer: %s", fault)
            await asyncio.sleep(EVERY)


@contextmanager
def telemetry(settings: Settings, *, told: bool = True) -> Iterator[Telemetry]:
    """What the settings ask for. `told` is false where the process that started this one answers Prometheus for it."""
    with ExitStack() as stack:
        metrics, traces = None, None
        if settings.metrics:
            from tradepost.metrics import Metrics
            from tradepost.metrics import told as tell

            metrics = Metrics()
            if told:
                stack.enter_context(tell(settings.metrics, metrics.registry))
        if settings.traces_url:
            from tradepost.traces import Traces

            traces = Traces(settings)
        yield Telemetry(metrics, traces)


@contextmanager
def meeting(settings: Settings) -> Iterator[tuple[dict[str, str], Callable[[int], None]]]:
    """Where the figures of several processes meet: what their environment says of it, and who hears that one ended."""
    if not settings.metrics:
        yield {}, lambda _: None
        return
    from tradepost.metrics import SHARED, ended, shared, told

    with TemporaryDirectory(prefix="tradepost-metrics-") as folder, told(settings.metrics, shared(folder)):
        yield {SHARED: folder}, partial(ended, folder)
