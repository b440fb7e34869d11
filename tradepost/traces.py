"""Traces for OpenTelemetry: a request, the GraphQL operation in it, the statements in that. Never a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from core.access import Caller
from core.errors import SettingsError
from core.ids import request_id
from core.settings import Settings
from schema.execute import Answer, Request
from schema.http import Answering
from tradepost.observing import method_of, route_of

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    from opentelemetry.trace import Span, SpanKind, StatusCode
except ImportError as missing:
    raise SettingsError(
        'TRADEPOST_TRACES_URL needs OpenTelemetry; install it with `pip install "tradepost[traces]"`'
    ) from missing

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 2_000
LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w$\"])\d+(?:\.\d+)?\b(?!\")")
"""What stands in a statement as a value; nearly all of ours are sent apart from it."""
TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"?([a-z_][a-z0-9_]*)', re.IGNORECASE)


class Traces:
    """Sends what happened in this process to a collector."""

    def __init__(self, settings: Settings) -> None:
        resource = Resource.create({"service.name": "tradepost", "service.version": version("tradepost")})
        sampler = ParentBased(TraceIdRatioBased(settings.traces_share))
        self._provider = TracerProvider(resource=resource, sampler=sampler, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{settings.traces_url.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tradepost")

    @contextmanager
    def span(self, name: str, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
        """Something that takes time. Of what it raises only the kind is told: its words may quote a record."""
        with self._tracer.start_as_current_span(
            name, kind=kind, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as fault:
                span.set_status(StatusCode.ERROR)
                span.set_attribute("error.type", type(fault).__name__)
                raise

    @contextmanager
    def statement(self, sql: str) -> Iterator[None]:
        """What stands around a statement."""
        table = TABLE.search(sql)
        verb = sql.lstrip().partition(" ")[0].upper()[:20]
        with self.span(f"{verb} {table[1]}" if table else verb, SpanKind.CLIENT) as span:
            if span.is_recording():
                span.set_attribute("db.query.text", LITERAL.sub("?", sql[:LONGEST]))
            yield

    def close(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()


class TracedApp:
    """An application whose requests are traced. Where the client began a trace of his own is not believed."""

    def __init__(self, app: ASGIApp, traces: Traces) -> None:
        self._app = app
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = method_of(scope)
        with self._traces.span(method, SpanKind.SERVER) as span:

            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            span.set_attribute("http.request.method", method)
            span.set_attribute("tradepost.request", request_id())
            try:
                await self._app(scope, receive, told)
            finally:
                span.set_attribute("http.route", route_of(scope))
                span.update_name(f"{method} {route_of(scope)}")


class TracedGraphQL:
    """Answers GraphQL requests, each in a span. Names and words in it are the client's to choose: they are not told."""

    def __init__(self, graphql: Answering, traces: Traces) -> None:
        self._graphql = graphql
        self._traces = traces

    async def answer(self, caller: Caller, request: Request, *, changes: bool = True) -> Answer:
        """The response to a request; with `changes` false a mutation is refused."""
        with self._traces.span("graphql") as span:
            answer = await self._graphql.answer(caller, request, changes=changes)
            if answer.code:
                span.set_status(StatusCode.ERROR)
                span.set_attribute("error.type", answer.code)
            return answer
