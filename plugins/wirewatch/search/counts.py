"""Volume over time: how many stories or clusters match, by hour, day, week or month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import field

from wirewatch.records import Record, utc_now
from wirewatch.search.dsl import DATE_FIELDS, Query
from wirewatch.search.language import Note, Resolver
from wirewatch.search.request import BadRequest, ask, prepare
from wirewatch.search.search import FACETS, commonest
from wirewatch.store import Store

INTERVALS = {  # and the shortest that one can be, for telling how many there will be
    "hour": timedelta(hours=1),
    "day": timedelta(hours=23),
    "week": timedelta(days=7) - timedelta(hours=1),
    "month": timedelta(days=28) - timedelta(hours=1),
}
UNITS = ("stories", "clusters")
MOST_POINTS = 2_000  # of a curve: twelve weeks of hours; five and a half years of days
MOST_QUERIES = 5  # compared at once
MOST_VALUES = 20  # of a split: each has a curve of its own
PRECISION = 1_000  # clusters of a point that are counted nearly exactly


class Point(Record, frozen=True, kw_only=True):
    """One hour, day, week or month."""

    start: datetime  # UTC; midnight of the time zone for days and longer
    count: int
    share: float | None = None  # of everything in that time; None: not asked for, or nothing there


class Counts(Record, frozen=True, kw_only=True):
    """The volume of one query over time: its points lie side by side, empty ones included."""

    query: str  # as understood
    stories: int  # in all, exact
    points: tuple[Point, ...] = ()
    split: dict[str, tuple[Point, ...]] = field(default_factory=dict)  # the commonest values
    notes: tuple[Note, ...] = ()  # what of the query may be meant otherwise


def counts(
    store: Store,
    queries: Sequence[str],
    *,
    interval: str = "day",
    time_zone: str = "UTC",
    unit: str = "stories",
    share: bool = False,
    split: str = "",
    values: int = 5,
    by: str = "published",
    now: datetime | None = None,
    resolve: Resolver | None = None,
) -> tuple[Counts, ...]:
    """The volume of each query over the same time: from the first story of any to the last.

    ``unit`` is ``stories`` or ``clusters``, where a cluster counts in every interval in which a
    story of it matches; ``share`` adds the share of everything there is; ``split`` names a facet,
    whose ``values`` commonest values get points of their own; ``by`` is ``published`` (where that
    is not known, first seen) or ``seen``. Intervals are those of the calendar in ``time_zone``.

    Raises BadQuery, BadRequest (also when there would be more than 2,000 points) and TooSlow.
    """
    _check(queries, interval, time_zone, unit, split, values, by)
    now = now or utc_now()
    asked = [prepare(store, query, now=now, resolve=resolve) for query in queries]
    when = DATE_FIELDS[by]
    spans = [_span(store, one.dsl, when) for one in asked]
    begin = min((span[0] for span in spans if span), default=None)
    end = max((span[1] for span in spans if span), default=None)
    if begin is None or end is None:
        return tuple(Counts(query=one.text, stories=0, notes=one.notes) for one in asked)
    if (end - begin) / INTERVALS[interval] > MOST_POINTS:
        raise BadRequest(
            f"from {begin:%Y-%m-%d} to {end:%Y-%m-%d} there are more than {MOST_POINTS:,} "
            f"intervals of a{'n' if interval == 'hour' else ''} {interval}: "
            f"add {by}: with fewer days, or take a longer interval"
        )
    curve = _curve(when, interval, time_zone, unit, begin, end)
    whole = _wholes(store, when, curve, begin, end) if share else None
    found = []
    for one in asked:
        aggs: Query = {"time": curve}
        if split:
            aggs["split"] = {"terms": commonest(split, values), "aggs": {"time": curve}}
        answer = ask(store, {"query": one.dsl, "size": 0, "track_total_hits": True, "aggs": aggs})
        figures = answer["aggregations"]
        found.append(
            Counts(
                query=one.text,
                stories=answer["hits"]["total"]["value"],
                points=_points(figures["time"], whole),
                split={
                    bucket["key"]: _points(bucket["time"], whole)
                    for bucket in figures.get("split", {}).get("buckets", ())
                },
                notes=one.notes,
            )
        )
    return tuple(found)


def _check(
    queries: Sequence[str],
    interval: str,
    time_zone: str,
    unit: str,
    split: str,
    values: int,
    by: str,
) -> None:
    problems = []
    if not 1 <= len(queries) <= MOST_QUERIES:
        problems.append(f"{len(queries)} queries: must be from 1 to {MOST_QUERIES}")
    for name, value, allowed in (
        ("interval", interval, INTERVALS),
        ("unit", unit, UNITS),
        ("split", split, ("", *FACETS)),
        ("by", by, DATE_FIELDS),
    ):
        if value not in allowed:
            named = ", ".join(one for one in allowed if one)
            problems.append(f"{name} {value!r}: must be one of {named}")
    if not 1 <= values <= MOST_VALUES:
        problems.append(f"values {values}: must be from 1 to {MOST_VALUES}")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(f"time zone {time_zone!r}: must be an IANA name, as Europe/Berlin")
    if problems:
        raise BadRequest("; ".join(problems))


def _span(store: Store, query: Query, when: str) -> tuple[datetime, datetime] | None:
    """The times of the first and the last story; None when there is none."""
    aggs = {"first": {"min": {"field": when}}, "last": {"max": {"field": when}}}
    figures = ask(store, {"query": query, "size": 0, "track_total_hits": False, "aggs": aggs})[
        "aggregations"
    ]
    if figures["first"]["value"] is None:
        return None
    return _instant(figures["first"]["value"]), _instant(figures["last"]["value"])


def _curve(
    when: str, interval: str, time_zone: str, unit: str, begin: datetime, end: datetime
) -> Query:
    made: Query = {
        "date_histogram": {
            "field": when,
            "calendar_interval": interval,
            "time_zone": time_zone,
            "min_doc_count": 0,
            "extended_bounds": {"min": _millis(begin), "max": _millis(end)},
        }
    }
    if unit == "clusters":
        counted = {"field": "cluster_id", "precision_threshold": PRECISION}
        made["aggs"] = {"clusters": {"cardinality": counted}}
    return made


def _wholes(
    store: Store, when: str, curve: Query, begin: datetime, end: datetime
) -> dict[int, int]:
    """How much there is of everything, by the start of each interval, in milliseconds."""
    # A month wider than the span, so that the first and the last interval are counted whole.
    margin = timedelta(days=32)
    around = {"gte": (begin - margin).isoformat(), "lte": (end + margin).isoformat()}
    aggs = {"time": curve}
    answer = ask(
        store,
        {"query": {"range": {when: around}}, "size": 0, "track_total_hits": False, "aggs": aggs},
    )
    return {bucket["key"]: _count(bucket) for bucket in answer["aggregations"]["time"]["buckets"]}


def _points(histogram: Mapping[str, Any], whole: Mapping[int, int] | None) -> tuple[Point, ...]:
    points = []
    for bucket in histogram["buckets"]:
        count = _count(bucket)
        all_there = whole.get(bucket["key"], 0) if whole is not None else 0
        points.append(
            Point(
                start=_instant(bucket["key"]),
                count=count,
                share=count / all_there if all_there else None,
            )
        )
    return tuple(points)


def _count(bucket: Mapping[str, Any]) -> int:
    counted = bucket.get("clusters")
    return int(counted["value"] if counted else bucket["doc_count"])


def _instant(millis: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)


def _millis(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
