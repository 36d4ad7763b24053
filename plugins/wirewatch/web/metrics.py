"""Figures for Prometheus: of the indices when asked, of requests as they come."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wirewatch.records import utc_now
from wirewatch.store import Store

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
DAY = timedelta(days=1)  # messages of this span are counted: older ones are deleted some day
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)


class Requests:
    """Counts requests by route, method and status, and their seconds; one object an app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self._count = Counter(
            "wirewatch_requests", "Requests answered.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "wirewatch_request_seconds",
            "Seconds from a request to the end of its answer.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request."""
        self._count.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Measured:
    """Notes every request under its route's pattern: addresses themselves are without number."""

    def __init__(self, app: ASGIApp, *, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._requests.note(route, method, status, time.perf_counter() - begun)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class _Indices(Collector):
    """What is in the indices now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterable[Metric]:
        store = self._store
        stories = store.stories.count()
        yield _gauge("stories", "Stories searchable.", stories["stories"])
        yield _gauge("clusters", "Clusters of stories.", stories["clusters"])
        yield _gauge("alerts", "Alerts raised.", store.alerts.count())
        by_state = GaugeMetricFamily("wirewatch_feeds", "Feeds by state.", labels=["state"])
        for state, count in store.feeds.count().items():
            by_state.add_metric([state], count)
        yield by_state
        pages = GaugeMetricFamily(
            "wirewatch_pages", "Pages by status and reason.", labels=["status", "reason"]
        )
        for status, reasons in store.pages.count().items():
            for reason, count in reasons.items():
                pages.add_metric([status, reason], count)
        yield pages
        yield from self._runs()
        yield from self._messages()

    def _runs(self) -> Iterator[Metric]:
        """Of each kind the newest run: when it began and ended, and whether that was well."""
        started = GaugeMetricFamily(
            "wirewatch_run_started_seconds", "When the newest run began.", labels=["kind"]
        )
        finished = GaugeMetricFamily(
            "wirewatch_run_finished_seconds", "When it ended; absent while it runs.",
            labels=["kind"],
        )  # fmt: skip
        failed = GaugeMetricFamily(
            "wirewatch_run_failed", "1 if the newest run failed, else 0.", labels=["kind"]
        )
        for kind, run in self._store.runs.newest_by_kind().items():
            started.add_metric([kind], run.started.timestamp())
            failed.add_metric([kind], float(run.state == "failed"))
            if run.finished:
                finished.add_metric([kind], run.finished.timestamp())
        yield from (started, finished, failed)

    def _messages(self) -> Iterator[Metric]:
        """Where messages stand, how channels fare, how long from searchable to sent."""
        messages = GaugeMetricFamily(
            "wirewatch_messages", "Messages by channel and state.", labels=["channel", "state"]
        )
        for channel, states in self._store.deliveries.count().items():
            for state, count in states.items():
                messages.add_metric([channel, state], count)
        off = GaugeMetricFamily(
            "wirewatch_channel_off", "1 if a channel is switched off, else 0.", labels=["channel"]
        )
        setbacks = GaugeMetricFamily(
            "wirewatch_channel_setbacks", "Failures in a row of a channel.", labels=["channel"]
        )
        for one in self._store.channels.all():
            off.add_metric([one.id], float(bool(one.off) or not one.enabled))
            setbacks.add_metric([one.id], one.setbacks)
        waits = GaugeHistogramMetricFamily(
            "wirewatch_message_seconds",
            "Seconds from searchable to sent, of the messages of the last 24 hours.",
            labels=["kind"],
        )
        for kind, wait in self._store.deliveries.waits(utc_now() - DAY).items():
            within = [(str(float(bound)), float(count)) for bound, count in wait.within]
            waits.add_metric([kind], [*within, ("+Inf", float(wait.count))], wait.total)
        yield from (messages, off, setbacks, waits)


def text(store: Store, requests: Requests) -> bytes:
    """All figures in Prometheus' text format 0.0.4. Raises what the store raises."""
    indices = CollectorRegistry(auto_describe=False)
    indices.register(_Indices(store))
    return bytes(generate_latest(indices) + generate_latest(requests.registry))


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"wirewatch_{name}", about, value=value)
