"""How the disks and Elasticsearch fare."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric

from wirewatch.store import Store
from wirewatch.store.nodes import blocked, writing
from wirewatch.upkeep.disk import MB, disks
from wirewatch.web.metrics.families import gauge, gauges


def figures(store: Store) -> Iterator[Metric]:
    """All of it. What Elasticsearch's user may not ask is left out."""
    found = disks(store.settings, store.es)
    of = ("disk",)
    total = {(one.name,): float(one.total) for one in found}
    yield gauges("disk_bytes", "Size of a disk.", of, total)
    free = {(one.name,): float(one.free) for one in found}
    yield gauges("disk_free_bytes", "What is free on a disk.", of, free)
    about = "What a run needs to be free on each disk: disk.reserve."
    yield gauge("disk_reserve_bytes", about, store.settings["disk.reserve"] * MB)
    rejections = CounterMetricFamily(
        "wirewatch_elasticsearch_write_rejections",
        "Writes that Elasticsearch refused since a node's start, by where: it had too much to do.",
        labels=("node", "where"),
    )
    nodes = writing(store.es)
    for node in nodes:
        for where, count in node.rejected.items():
            rejections.add_metric((node.name, where), count)
    yield rejections
    queued = {(node.name,): float(node.queued) for node in nodes}
    about = "Writes that wait in a node of Elasticsearch."
    yield gauges("elasticsearch_write_queue", about, ("node",), queued)
    about = "Indices that take no writes: a disk is nearly full, or they are being moved."
    yield gauge("indices_blocked", about, len(blocked(store)))
