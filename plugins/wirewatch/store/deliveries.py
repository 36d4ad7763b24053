"""The queue of deliveries in Elasticsearch: one document a message and channel."""

from __future__ import annotations

from collections.abc import Iterable

from elasticsearch import Elasticsearch

from wirewatch.records import Delivery, to_dict
from wirewatch.store.bulk import Outcome, write


class Deliveries:
    """The index ``deliveries``; a message is created once, and every change is compare-and-set."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def create(self, deliveries: Iterable[Delivery]) -> Outcome:
        """Queues the messages that are new; ``conflicts`` has the ids queued before."""
        actions = (
            {"_op_type": "create", "_index": self._index, "_id": d.id, "_source": to_dict(d)}
            for d in deliveries
        )
        return write(self._es, actions, refresh=True)
