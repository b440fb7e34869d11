"""Figures for Prometheus: requests, statements, connections, jobs. Labels are names of the code, never of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Thread
from time import perf_counter
from typing import Any, Literal
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, multiprocess, start_http_server

from core.errors import SettingsError
from core.jobs import HandedOut, Waiting
from tradepost.observing import Answered

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the figures of several web processes meet; prometheus-client reads it when it is loaded."""
NAMESPACE = "tradepost"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
BRIEF = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
KINDS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})


_untyped: Any = multiprocess


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered", "method", "route", "status")
        self._request_seconds = self._histogram("request_seconds", "How long requests took", SECONDS, "method", "route")
        self._statement_seconds = self._histogram(
            "statement_seconds", "How long statements took, the wait for a connection included", BRIEF, "kind"
        )
        self._connections = self._gauge("connections", "Connections to the database", "livesum", "kind")
        self._jobs = self._counter("jobs", "Jobs handed out", "handler", "outcome")
        self._job_seconds = self._histogram("job_seconds", "How long jobs took", SECONDS, "handler")
        self._waiting = self._gauge("jobs_waiting", "Jobs that are due", "mostrecent", "handler")
        self._lag = self._gauge("jobs_lag_seconds", "How long the oldest has been due", "mostrecent", "handler")
        self._given_up = self._gauge("jobs_given_up", "Jobs that failed for good", "mostrecent", "handler")

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, namespace=NAMESPACE, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, what, labels, namespace=NAMESPACE, registry=self.registry, buckets=buckets)

    def _gauge(self, name: str, what: str, together: Literal["livesum", "mostrecent"], *labels: str) -> Gauge:
        return Gauge(name, what, labels, namespace=NAMESPACE, registry=self.registry, multiprocess_mode=together)

    def request(self, one: Answered) -> None:
        """A request was answered."""
        self._requests.labels(one.method, one.route, str(one.status)).inc()
        self._request_seconds.labels(one.method, one.route).observe(one.seconds)

    @contextmanager
    def statement(self, sql: str) -> Iterator[None]:
        """What stands around a statement."""
        begun = perf_counter()
        try:
            yield
        finally:
            word = sql.lstrip().partition(" ")[0].upper()
            kind = word if word in KINDS else "OTHER"
            self._statement_seconds.labels(kind).observe(perf_counter() - begun)

    def job(self, one: HandedOut) -> None:
        """Jobs were handed out."""
        self._jobs.labels(one.handler, one.outcome).inc(one.jobs)
        self._job_seconds.labels(one.handler).observe(one.seconds)

    def connections(self, there: Mapping[str, int]) -> None:
        """What connections there are at this moment."""
        for kind, number in there.items():
            self._connections.labels(kind).set(number)

    def queue(self, waiting: Mapping[str, Waiting]) -> None:
        """What waits in the outbox at this moment."""
        for handler, one in waiting.items():
            self._waiting.labels(handler).set(one.due)
            self._lag.labels(handler).set(one.seconds)
            self._given_up.labels(handler).set(one.given_up)


@contextmanager
def told(address: str, registry: CollectorRegistry) -> Iterator[None]:
    """Answer Prometheus at `host:port`, on a port of its own, which is not meant to be reached from outside."""
    parts = urlsplit(f"//{address}")
    try:
        server, thread = start_http_server(parts.port or 0, parts.hostname or "", registry)
    except OSError as fault:
        raise SettingsError(f"TRADEPOST_METRICS: {address} cannot be listened on: {fault.strerror}") from fault
    try:
        yield
    finally:
        _end(server, thread)


def _end(server: WSGIServer, thread: Thread) -> None:
    server.shutdown()
    server.server_close()
    thread.join()


def shared(folder: str) -> CollectorRegistry:
    """The figures of all processes that have this folder in common."""
    registry = CollectorRegistry()
    _untyped.MultiProcessCollector(registry, path=folder)
    return registry


def ended(folder: str, process: int) -> None:
    """A process has ended: its connections are gone, while what it counted counts on."""
    _untyped.mark_process_dead(process, folder)
