"""How long things took: by one aggregation of dates that documents keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wirewatch.records import Record

# Seconds by which waits are counted; 90 is the goal at 100 searches, the greatest is the give-up.
BOUNDS = (1, 5, 15, 30, 60, 90, 120, 300, 900, 3_600, 21_600, 86_400, 259_200)


class Wait(Record, frozen=True, kw_only=True):
    """How long things took, in seconds."""

    within: tuple[tuple[float, int], ...]  # of each bound, how many took less
    count: int
    total: float  # of all together
    half: float  # within which half of them went; 0: there were none
    most: float  # within which 95 of 100 went


def wait_figures(field: str) -> dict[str, Any]:
    """What :func:`read_wait` reads, of a field that holds seconds."""
    ranges = [{"to": bound} for bound in BOUNDS]
    return {
        "within": {"range": {"field": field, "ranges": ranges}},
        "sum": {"sum": {"field": field}},
        "of_100": {"percentiles": {"field": field, "percents": [50, 95]}},
    }


def seconds_between(name: str, begin: str, end: str) -> dict[str, Any]:
    """A runtime field of the seconds between two dates; documents that lack one have none.

    Clocks of several machines differ: an end before its beginning is no time at all.
    """
    source = (
        "if (doc[params.begin].size() > 0 && doc[params.end].size() > 0) {"
        " long from = doc[params.begin].value.toInstant().toEpochMilli();"
        " long to = doc[params.end].value.toInstant().toEpochMilli();"
        " emit(Math.max(0, to - from) / 1000.0); }"
    )
    params = {"begin": begin, "end": end}
    return {name: {"type": "double", "script": {"source": source, "params": params}}}


def read_wait(bucket: Mapping[str, Any], count: int) -> Wait:
    """The waits out of an answer's bucket, of so many documents."""
    half, most = bucket["of_100"]["values"].values()
    return Wait(
        within=tuple((one["to"], one["doc_count"]) for one in bucket["within"]["buckets"]),
        count=count,
        total=bucket["sum"]["value"],
        half=half or 0.0,
        most=most or 0.0,
    )
