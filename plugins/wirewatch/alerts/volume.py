"""How much a saved search finds, hour by hour, and whether that is more than its past explains.

Counted are reports, not copies. An hour is held against the same hour of the same weekday, and the
hours beside it, in the eight weeks before. The score is the distance from their median in units of
their spread: the median absolute deviation (Iglewicz and Hoaglin, "How to Detect and Handle
Outliers", 1993), and no less than what chance makes of so small a count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from wirewatch.alerts.schedule import zone_of
from wirewatch.records import Record
from wirewatch.search.dsl import Query
from wirewatch.store import Store

HOUR = timedelta(hours=1)
WEEKS = 8
PAST = timedelta(weeks=WEEKS, hours=1)
LEAST_WEEKS, LEAST_DAYS = 2, 3  # of past, with less of which nothing is said
SCORE = 3.5  # from which Iglewicz and Hoaglin call a value an outlier
AT_ONCE = 50  # questions in one request
REFUSED = 400  # the question is at fault
REASON = 300  # characters of a reason
NORMAL = 1.4826  # by which the median absolute deviation is a normal one's standard deviation


class Spike(Record, frozen=True, kw_only=True):
    """An hour in which a search found more than its past explains."""

    hour: datetime  # its beginning
    count: int
    expected: float
    score: float
    hours: int  # of the past that it was held against


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def spike(
    counts: Mapping[datetime, int], hour: datetime, zone: str, first: datetime, least: int
) -> Spike | None:
    """The spike of an hour, if it is one; ``counts`` are by hour, an absent hour has none.

    ``first`` is when the archive begins: with too little past nothing is a spike. ``zone`` is whose
    clocks tell which hours are alike.
    """
    count = counts.get(hour, 0)
    if count < least:
        return None
    past = [counts.get(one, 0) for one in _alike(hour, zone, first)]
    if not past:
        return None
    expected = median(past)
    spread = NORMAL * median(abs(one - expected) for one in past)
    score = (count - expected) / max(spread, math.sqrt(expected + 1))
    if score < SCORE:
        return None
    return Spike(hour=hour, count=count, expected=expected, score=score, hours=len(past))


def _alike(hour: datetime, zone: str, first: datetime) -> list[datetime]:
    """The hours to hold one against: of its weekday, else of the days before; [] for too few."""
    for step, times, least in ((7, WEEKS, LEAST_WEEKS), (1, 7, LEAST_DAYS)):
        found = list(_hours(hour, zone, step, times, hour_of(first) + HOUR))
        if len(found) >= 3 * least:
            return found
    return []


def _hours(hour: datetime, zone: str, step: int, times: int, first: datetime) -> Iterator[datetime]:
    local = hour.astimezone(zone_of(zone))
    for number in range(1, times + 1):
        same = (local - timedelta(days=step * number)).astimezone(UTC)  # by the clocks of the zone
        for one in (same - HOUR, same, same + HOUR):
            if one >= first:
                yield one


def hourly(
    store: Store, dsl: Sequence[Query], begin: datetime, *, copies: bool = False
) -> Iterator[dict[datetime, int] | str]:
    """Of each query the reports, or all ``copies``, by the hour in which they were first seen,
    since an instant; the reason, in words, of one that is refused. Raises NoAnswer.
    """
    bodies = [
        {
            "query": {"bool": {"filter": [one, *_reports(begin, copies)]}},
            "size": 0,
            "track_total_hits": False,
            "aggs": {
                "hours": {
                    "date_histogram": {
                        "field": "first_seen",
                        "fixed_interval": "1h",
                        "min_doc_count": 1,
                    }
                }
            },
        }
        for one in dsl
    ]
    for answer in answers(store, bodies):
        if isinstance(answer, str):
            yield answer
        else:
            yield {
                datetime.fromtimestamp(bucket["key"] / 1_000, UTC): bucket["doc_count"]
                for bucket in answer["aggregations"]["hours"]["buckets"]
            }


def _reports(begin: datetime, copies: bool) -> list[Query]:
    seen = {"range": {"first_seen": {"gte": begin.isoformat()}}}
    return [seen] if copies else [seen, {"term": {"lead": True}}]


def span(store: Store) -> tuple[datetime, datetime] | None:
    """When the archive's first and its newest story were seen; None of an empty one."""
    seen = {"field": "first_seen"}
    answer = store.es.search(
        index=store.stories.alias,
        size=0,
        track_total_hits=False,
        aggs={"first": {"min": seen}, "newest": {"max": seen}},
    )
    first, newest = (answer["aggregations"][name]["value"] for name in ("first", "newest"))
    if first is None:
        return None
    return datetime.fromtimestamp(first / 1_000, UTC), datetime.fromtimestamp(newest / 1_000, UTC)


class NoAnswer(RuntimeError):
    """Elasticsearch answered none of several questions, for no fault of theirs."""


def answers(store: Store, bodies: Sequence[Query]) -> Iterator[dict[str, Any] | str]:
    """The answer to each question about stories; the reason, in words, of one that is refused.

    Raises NoAnswer.
    """
    for at in range(0, len(bodies), AT_ONCE):
        lines = [line for body in bodies[at : at + AT_ONCE] for line in ({}, body)]
        got = store.es.msearch(index=store.stories.alias, searches=lines)
        for one in got["responses"]:
            if "error" not in one:
                yield one
            elif one.get("status") == REFUSED:
                yield f"Elasticsearch refuses it: {str(one['error'])[:REASON]}"
            else:
                raise NoAnswer(str(one["error"])[:REASON])
