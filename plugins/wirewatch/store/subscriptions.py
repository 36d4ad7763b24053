"""Subscriptions at WebSub hubs in Elasticsearch, by the id of their feed.

Three write them: the pipeline that asks hubs, the web app that hubs talk to, and the polls that
count what pushes missed. Each updates its own fields only, so none undoes what another wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Subscription, SubscriptionState, from_dict, to_dict
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.scan import scan

_COUNT = """
for (entry in params.add.entrySet()) {
  ctx._source[entry.getKey()] += entry.getValue();
}
ctx._source.putAll(params.set);
"""
# What is changed by asking a hub, by its refusal and by its verification.
ASKED = ("state", "next_try", "requested", "failures", "error")
DENIED = ("state", "next_try", "requested", "expires", "failures", "error")
VERIFIED = ("state", "next_try", "verified", "expires", "failures", "error", "brought", "missed")


class Subscriptions:
    """The index ``subscriptions``, one document a feed that has a hub."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def put(self, subscriptions: Iterable[Subscription]) -> Outcome:
        """Writes them whole: new ones, or such as begin anew at another hub."""
        actions = (
            {"_op_type": "index", "_index": self._index, "_id": one.id, "_source": to_dict(one)}
            for one in subscriptions
        )
        return write(self._es, actions)

    def get(self, ids: Sequence[str]) -> dict[str, Subscription]:
        """The subscriptions of these feeds, as they are this instant; a missing one is absent."""
        if not ids:
            return {}
        answer = self._es.mget(index=self._index, ids=list(ids))
        return {
            doc["_id"]: from_dict(Subscription, doc["_source"])
            for doc in answer["docs"]
            if doc["found"]
        }

    def due(self, now: datetime, limit: int) -> list[Subscription]:
        """Those whose hub is to be asked by now, the longest overdue first."""
        query = {"range": {"next_try": {"lte": now.isoformat()}}}
        hits = scan(self._es, self._index, query, sort=[{"next_try": "asc"}], limit=limit)
        return [from_dict(Subscription, hit["_source"]) for hit in hits]

    def all(self) -> Iterator[Subscription]:
        """Every subscription."""
        for hit in scan(self._es, self._index, {"match_all": {}}):
            yield from_dict(Subscription, hit["_source"])

    def change(self, subscriptions: Iterable[Subscription], fields: Sequence[str]) -> Outcome:
        """Writes these fields of subscriptions; one that was deleted meanwhile is ``refused``."""
        actions = (
            {
                "_op_type": "update",
                "_index": self._index,
                "_id": one.id,
                "doc": {name: to_dict(one)[name] for name in fields},
                "retry_on_conflict": 3,
            }
            for one in subscriptions
        )
        return write(self._es, actions)

    def count(
        self, counts: Mapping[str, Mapping[str, int]], last_push: datetime | None = None
    ) -> Outcome:
        """Adds to counters: by feed id, by field."""
        set_: dict[str, Any] = {"last_push": last_push.isoformat()} if last_push else {}
        actions = (
            {
                "_op_type": "update",
                "_index": self._index,
                "_id": identity,
                "script": {
                    "source": _COUNT,
                    "lang": "painless",
                    "params": {"add": dict(add), "set": set_},
                },
                "retry_on_conflict": 3,
            }
            for identity, add in counts.items()
        )
        return write(self._es, actions)

    def leave(self, ids: Iterable[str], now: datetime) -> Outcome:
        """Marks subscriptions as not wanted any more; ``refused`` has the ids without one."""
        changes = {
            "state": SubscriptionState.LEAVING.value,
            "next_try": now.isoformat(),
            "requested": None,
        }
        actions = (
            {
                "_op_type": "update",
                "_index": self._index,
                "_id": identity,
                "doc": changes,
                "retry_on_conflict": 3,
            }
            for identity in ids
        )
        return write(self._es, actions, refresh=True)

    def remove(self, ids: Iterable[str]) -> Outcome:
        """Deletes subscriptions."""
        actions = (
            {"_op_type": "delete", "_index": self._index, "_id": identity} for identity in ids
        )
        return write(self._es, actions)
