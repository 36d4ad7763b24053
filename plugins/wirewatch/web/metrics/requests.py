"""How requests to this process fared."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wirewatch.web.kept import Kept

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)


class Requests:
    """Counts requests by route, method and status, and their seconds; one object an app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.indices: Kept[bytes] = Kept()
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
