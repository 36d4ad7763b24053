"""What each outlet contributes: its volume, how much of it is wire copy, when it was last seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wirewatch.records import Record, utc_now
from wirewatch.search.request import ask
from wirewatch.store import Store

DAYS = 28  # of the small curve: four weeks show the weekdays and a change of habit
RECENT = timedelta(days=7)
OUTLETS = 2_000  # outlets told of: a page with more is not read, and 28 days each cost memory


class Source(Record, frozen=True, kw_only=True):
    """An outlet, by what of it is in the archive."""

    outlet: str
    stories: int
    recent: int  # first seen in the last 7 days
    wire: int  # signed with a news agency, or copied from one
    agencies: dict[str, int]  # the commonest first
    last_seen: datetime  # when its newest story was first seen
    days: tuple[int, ...]  # stories first seen in each of the last 28 × 24 hours, oldest first
    languages: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The share of agency copy, 0 to 1."""
        return self.wire / self.stories


def sources(store: Store, *, now: datetime | None = None) -> tuple[Source, ...]:
    """Every outlet there are stories of, the one with the most first. Raises TooSlow."""
    now = now or utc_now()
    begin = now - timedelta(days=DAYS)
    inside = {"range": {"first_seen": {"gte": begin.isoformat(), "lt": now.isoformat()}}}
    day = {
        "date_histogram": {
            "field": "first_seen",
            "fixed_interval": "1d",
            "offset": f"{_millis(now) % _DAY}ms",
            "min_doc_count": 1,
        }
    }
    answer = ask(
        store,
        {
            "query": {"match_all": {}},
            "size": 0,
            "track_total_hits": False,
            "aggs": {
                "outlet": {
                    "terms": {"field": "outlet", "size": OUTLETS},
                    "aggs": {
                        "agency": {"terms": {"field": "agency", "exclude": [""], "size": 5}},
                        "own": {"filter": {"term": {"agency": ""}}},
                        "last": {"max": {"field": "first_seen"}},
                        "language": {"terms": {"field": "language", "size": 3}},
                        "inside": {"filter": inside, "aggs": {"day": day}},
                    },
                }
            },
        },
    )
    return tuple(_source(bucket, now) for bucket in answer["aggregations"]["outlet"]["buckets"])


_DAY = 86_400_000  # milliseconds


def _millis(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _source(bucket: Mapping[str, Any], now: datetime) -> Source:
    days = [0] * DAYS
    for one in bucket["inside"]["day"]["buckets"]:
        age = (_millis(now) - one["key"]) // _DAY - 1  # 0: the last 24 hours
        if 0 <= age < DAYS:
            days[DAYS - 1 - age] = one["doc_count"]
    return Source(
        outlet=bucket["key"],
        stories=bucket["doc_count"],
        recent=sum(days[-RECENT.days :]),
        wire=bucket["doc_count"] - bucket["own"]["doc_count"],
        agencies={one["key"]: one["doc_count"] for one in bucket["agency"]["buckets"]},
        last_seen=datetime(1970, 1, 1, tzinfo=UTC)
        + timedelta(milliseconds=int(bucket["last"]["value"])),
        days=tuple(days),
        languages=tuple(one["key"] for one in bucket["language"]["buckets"]),
    )
