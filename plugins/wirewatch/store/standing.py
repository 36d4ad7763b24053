"""How an installation stands, counted by the server: queues, freshness, flow, hosts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import DeliveryState, Host, PageStatus, Reason, Record, from_dict
from wirewatch.store.deliveries import may_be_sent
from wirewatch.store.stories import UNMATCHED

CHANNELS = 1_000  # counted apart
REASONS = len(Reason)


class Queue(Record, frozen=True, kw_only=True):
    """Messages of a kind."""

    channels: dict[str, int]  # how many there are, by channel
    oldest: datetime | None  # since when the first of them is due


class Step(Record, frozen=True, kw_only=True):
    """Pages of a day that stand alike."""

    day: str  # on which they were found, as ``2026-11-23``, in UTC
    status: PageStatus
    reason: Reason | None
    pages: int


class FailingHost(Record, frozen=True, kw_only=True):
    """A host whose pages could not be fetched."""

    host: str
    pages: int
    reason: str  # the commonest


class Standing:
    """Figures over the indices of one prefix. They are the server's: a second old at the most."""

    def __init__(self, es: Elasticsearch, prefix: str) -> None:
        self._es = es
        self._prefix = prefix

    def latest(self, noun: str, field: str) -> datetime | None:
        """The latest instant that documents of a noun have in a field; None where none has one."""
        found = self._figures(noun, {"latest": {"max": {"field": field}}})
        return as_instant(found["latest"]["value"])

    def overdue(self, now: datetime, before: datetime) -> Queue:
        """The messages that may be sent now and were due before then."""
        return self._queue(may_be_sent(now, [{"range": {"next_try": {"lt": before.isoformat()}}}]))

    def dead(self, since: datetime) -> Queue:
        """The messages that were given up and were due since then."""
        given: list[dict[str, Any]] = [
            {"term": {"state": str(DeliveryState.DEAD)}},
            {"range": {"next_try": {"gte": since.isoformat()}}},
        ]
        return self._queue({"bool": {"filter": given}})

    def _queue(self, query: dict[str, Any]) -> Queue:
        found = self._figures(
            "deliveries",
            {
                "oldest": {"min": {"field": "next_try"}},
                "channel": {"terms": {"field": "channel", "size": CHANNELS}},
            },
            query,
        )
        channels = {one["key"]: one["doc_count"] for one in found["channel"]["buckets"]}
        return Queue(channels=channels, oldest=as_instant(found["oldest"]["value"]))

    def unmatched(self, before: datetime) -> tuple[int, datetime | None]:
        """How many stories that were written before then wait for saved searches, and since when
        the first of them does.
        """
        instant = before.isoformat()
        query = {
            "bool": {
                "filter": [
                    UNMATCHED,
                    {"range": {"indexed": {"lt": instant}}},
                ],
                "must_not": [{"range": {"revised": {"gte": instant}}}],
            }
        }
        found = self._figures(
            "stories",
            {"oldest": {"min": {"field": "indexed"}}, "count": {"value_count": {"field": "id"}}},
            query,
        )
        return int(found["count"]["value"]), as_instant(found["oldest"]["value"])

    def seen_by_hour(self, since: datetime) -> tuple[list[tuple[datetime, int]], datetime | None]:
        """How many stories were first seen in each hour that had any; and the newest's instant."""
        found = self._figures(
            "stories",
            {
                "newest": {"max": {"field": "first_seen"}},
                "hours": {
                    "date_histogram": {
                        "field": "first_seen",
                        "fixed_interval": "1h",
                        "min_doc_count": 1,
                    }
                },
            },
            {"range": {"first_seen": {"gte": since.isoformat()}}},
        )
        hours = [
            (datetime.fromtimestamp(one["key"] / 1_000, UTC), one["doc_count"])
            for one in found["hours"]["buckets"]
        ]
        return hours, as_instant(found["newest"]["value"])

    def flow(self, since: datetime) -> list[Step]:
        """Where the pages of each day stand that were found since then."""
        reasons = {"terms": {"field": "reason", "missing": "", "size": REASONS + 1}}
        found = self._figures(
            "pages",
            {
                "day": {
                    "date_histogram": {
                        "field": "discovered",
                        "calendar_interval": "day",
                        "format": "yyyy-MM-dd",
                        "min_doc_count": 1,
                    },
                    "aggs": {
                        "status": {
                            "terms": {"field": "status", "size": len(PageStatus)},
                            "aggs": {"reason": reasons},
                        }
                    },
                }
            },
            {"range": {"discovered": {"gte": since.isoformat()}}},
        )
        return [
            Step(
                day=day["key_as_string"],
                status=PageStatus(status["key"]),
                reason=Reason(reason["key"]) if reason["key"] else None,
                pages=reason["doc_count"],
            )
            for day in found["day"]["buckets"]
            for status in day["status"]["buckets"]
            for reason in status["reason"]["buckets"]
        ]

    def failing_hosts(self, since: datetime, size: int) -> list[FailingHost]:
        """The hosts of which most pages, found since then, wait for another try or are dead."""
        failing = [PageStatus.RETRY.value, PageStatus.DEAD.value]
        found = self._figures(
            "pages",
            {
                "host": {
                    "terms": {"field": "host", "size": size},
                    "aggs": {"reason": {"terms": {"field": "reason", "size": 1}}},
                }
            },
            {
                "bool": {
                    "filter": [
                        {"terms": {"status": failing}},
                        {"range": {"discovered": {"gte": since.isoformat()}}},
                    ],
                    "must_not": [{"term": {"reason": Reason.POSTPONED.value}}],
                }
            },
        )
        return [
            FailingHost(
                host=one["key"],
                pages=one["doc_count"],
                reason=next((reason["key"] for reason in one["reason"]["buckets"]), ""),
            )
            for one in found["host"]["buckets"]
        ]

    def slowest_hosts(self, size: int) -> list[Host]:
        """The hosts of which a page takes longest, with the pause after it."""
        hits = self._es.search(
            index=f"{self._prefix}-hosts",
            query={"range": {"seconds": {"gt": 0}}},
            sort=[{"seconds": "desc"}],
            size=size,
            track_total_hits=False,
        )["hits"]["hits"]
        return [from_dict(Host, hit["_source"]) for hit in hits]

    def _figures(
        self, noun: str, aggs: dict[str, Any], query: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        answer = self._es.search(
            index=f"{self._prefix}-{noun}", size=0, query=query, aggs=aggs, track_total_hits=False
        )
        found: dict[str, Any] = answer["aggregations"]
        return found


def as_instant(millis: float | None) -> datetime | None:
    """The instant of a minimum or maximum; None where there was nothing to count."""
    return None if millis is None else datetime.fromtimestamp(millis / 1_000, UTC)
