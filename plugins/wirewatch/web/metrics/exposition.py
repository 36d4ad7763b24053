"""All figures in one text."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from wirewatch.records import utc_now
from wirewatch.store import Store
from wirewatch.store.progress import progress
from wirewatch.web.metrics import flow, indices, servers
from wirewatch.web.metrics.requests import Requests

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class _Looked(Collector):
    """What a look at the store finds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterable[Metric]:
        now = utc_now()
        yield from indices.figures(self._store, now)
        yield from flow.figures(progress(self._store, now))
        yield from servers.figures(self._store)


def text(store: Store, requests: Requests) -> bytes:
    """All figures in Prometheus' text format 0.0.4. Raises what the store raises."""

    def look() -> bytes:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Looked(store))
        return bytes(generate_latest(registry))

    looked = requests.indices.get(store.settings["web.metrics"], look)
    return looked + bytes(generate_latest(requests.registry))
