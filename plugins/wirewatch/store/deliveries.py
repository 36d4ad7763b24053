"""The queue of deliveries in Elasticsearch: one document a message and channel."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import ConflictError, Elasticsearch

from wirewatch.records import Delivery, DeliveryKind, DeliveryState, from_dict, to_dict
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.scan import scan
from wirewatch.store.versions import Version, version_of, write_unchanged
from wirewatch.store.waits import Wait, read_wait, wait_figures

WAITING = (DeliveryState.PENDING, DeliveryState.FAILED)
OPEN = (*WAITING, DeliveryState.LEASED)
CHANNELS = 1_000  # that one look finds; the others are found when these are done
FOUND = 500  # ids in one query

# The server's clock counts a lease (ctx._now): those of several machines differ.
_CLAIM = """
ctx._source.state = 'leased';
ctx._source.holder = params.holder;
ctx._source.attempts += 1;
ctx._source.until = Instant.ofEpochMilli(ctx._now + params.millis).toString();
"""


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

    def due_channels(self, now: datetime, but: Collection[str] = ()) -> dict[str, int]:
        """By channel, how many messages may be sent now; ``but`` names channels left out."""
        self._es.indices.refresh(index=self._index)
        answer = self._es.search(
            index=self._index,
            query=may_be_sent(now, [{"bool": {"must_not": [{"terms": {"channel": list(but)}}]}}]),
            size=0,
            aggs={"channel": {"terms": {"field": "channel", "size": CHANNELS}}},
        )
        buckets = answer["aggregations"]["channel"]["buckets"]
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}

    def due(
        self, channel: str, now: datetime, size: int, *, held: bool | None = None
    ) -> list[tuple[Delivery, Version]]:
        """Messages of a channel that may be sent now, the longest due first, then as queued.

        ``held``: only those that were held back for a digest, or only those that were not.
        """
        self._es.indices.refresh(index=self._index)
        given: list[dict[str, Any]] = [{"term": {"channel": channel}}]
        if held is not None:
            slot = {"exists": {"field": "slot"}}
            given.append(slot if held else {"bool": {"must_not": [slot]}})
        hits = self._es.search(
            index=self._index,
            query=may_be_sent(now, given),
            sort=[{"next_try": "asc"}, {"created": "asc"}, {"id": "asc"}],
            size=size,
            seq_no_primary_term=True,
            track_total_hits=False,
        )["hits"]["hits"]
        return [_read(hit) for hit in hits]

    def claim(
        self, delivery: Delivery, version: Version, holder: str, seconds: float
    ) -> tuple[Delivery, Version] | None:
        """The message as it is leased to the holder; None when somebody else was quicker.

        The lease ends by itself after ``seconds`` of the server's clock.
        """
        try:
            answer = self._es.update(
                index=self._index,
                id=delivery.id,
                script={
                    "source": _CLAIM,
                    "lang": "painless",
                    "params": {"holder": holder, "millis": int(seconds * 1_000)},
                },
                if_seq_no=version[0],
                if_primary_term=version[1],
                source=True,
            )
        except ConflictError:
            return None
        source = answer["get"]["_source"]
        return from_dict(Delivery, source), version_of(answer)

    def save(self, delivery: Delivery, version: Version) -> bool:
        """Writes a message that is still at that version; False when it changed meanwhile."""
        try:
            self._es.index(
                index=self._index,
                id=delivery.id,
                document=to_dict(delivery),
                if_seq_no=version[0],
                if_primary_term=version[1],
            )
        except ConflictError:
            return False
        return True

    def save_all(self, changed: Iterable[tuple[Delivery, Version]]) -> Outcome:
        """Writes messages that are still at their versions; ``conflicts`` has the others."""
        return write_unchanged(self._es, self._index, changed)

    def read(self, delivery_id: str) -> tuple[Delivery, Version] | None:
        """The message of an id with the version that was read; None when there is none."""
        answer = self._es.options(ignore_status=404).get(index=self._index, id=delivery_id)
        if not answer.get("found"):
            return None
        return _read(dict(answer))

    def find(
        self,
        *,
        states: Sequence[DeliveryState] = (),
        channel: str = "",
        search: str = "",
        before: datetime | None = None,
        limit: int | None = None,
    ) -> list[tuple[Delivery, Version]]:
        """Messages in these states, oldest first; ``before``: whose hours began before."""
        given: list[dict[str, Any]] = []
        if states:
            given.append({"terms": {"state": [str(state) for state in states]}})
        if channel:
            given.append({"term": {"channel": channel}})
        if search:
            given.append({"term": {"search_id": search}})
        if before:
            bound = {"lt": before.isoformat()}
            unset = {"bool": {"must_not": [{"exists": {"field": "since"}}]}}
            created = {"bool": {"filter": [unset, {"range": {"created": bound}}]}}
            given.append({"bool": {"should": [{"range": {"since": bound}}, created]}})
        query = {"bool": {"filter": given}} if given else {"match_all": {}}
        self._es.indices.refresh(index=self._index)  # a message saved just now is found as it is
        hits = scan(
            self._es,
            self._index,
            query,
            sort=[{"created": "asc"}, {"id": "asc"}],
            limit=limit,
            versions=True,
        )
        return [_read(hit) for hit in hits]

    def of_alerts(self, alert_ids: Sequence[str]) -> list[Delivery]:
        """The messages that tell any of these alerts."""
        found = []
        for at in range(0, len(alert_ids), FOUND):
            query = {"terms": {"alerts": list(alert_ids[at : at + FOUND])}}
            found += [from_dict(Delivery, h["_source"]) for h in scan(self._es, self._index, query)]
        return list({one.id: one for one in found}.values())

    def count(self) -> dict[str, dict[str, int]]:
        """By channel and state, how many messages there are."""
        states = {"terms": {"field": "state", "size": len(DeliveryState)}}
        answer = self._es.search(
            index=self._index,
            size=0,
            aggs={
                "channel": {
                    "terms": {"field": "channel", "size": CHANNELS},
                    "aggs": {"state": states},
                }
            },
        )
        return {
            channel["key"]: {one["key"]: one["doc_count"] for one in channel["state"]["buckets"]}
            for channel in answer["aggregations"]["channel"]["buckets"]
        }

    def waits(self, since: datetime) -> dict[str, Wait]:
        """By kind of message, how long those sent since then took from searchable to sent."""
        answer = self._es.search(
            index=self._index,
            query={
                "bool": {
                    "filter": [
                        {"exists": {"field": "seconds"}},
                        {"range": {"sent": {"gte": since.isoformat()}}},
                    ]
                }
            },
            size=0,
            aggs={
                "kind": {
                    "terms": {"field": "kind", "size": len(DeliveryKind)},
                    "aggs": wait_figures("seconds"),
                }
            },
        )
        buckets = answer["aggregations"]["kind"]["buckets"]
        return {bucket["key"]: read_wait(bucket, bucket["doc_count"]) for bucket in buckets}


def may_be_sent(now: datetime, given: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The query of what may be sent: its time has come, or whoever held it is gone."""
    waiting = [
        {"terms": {"state": [str(state) for state in WAITING]}},
        {"range": {"next_try": {"lte": now.isoformat()}}},
    ]
    left = [
        {"term": {"state": str(DeliveryState.LEASED)}},
        {"range": {"until": {"lt": "now"}}},  # the server's clock, as it was leased by it
    ]
    either = [{"bool": {"filter": waiting}}, {"bool": {"filter": left}}]
    return {"bool": {"filter": [*given, {"bool": {"should": either}}]}}


def _read(hit: dict[str, Any]) -> tuple[Delivery, Version]:
    return from_dict(Delivery, hit["_source"]), version_of(hit)
