"""Volume over time, over the dozen stories of ``stories.py``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from wirewatch.search.counts import Point, counts
from wirewatch.search.request import BadRequest
from wirewatch.store import Store

pytestmark = pytest.mark.es
NOW = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)


def shown(points: Iterable[Point]) -> list[tuple[str, int]]:
    return [(f"{point.start:%m-%dT%H}", point.count) for point in points]


def test_days_side_by_side_with_empty_ones(library: Store) -> None:
    (found,) = counts(library, ["lang:en published:2026-11-02..2026-11-06"], now=NOW)
    assert found.stories == 4
    assert shown(found.points) == [
        ("11-02T00", 2),
        ("11-03T00", 0),
        ("11-04T00", 0),
        ("11-05T00", 1),
        ("11-06T00", 1),
    ]


def test_days_are_those_of_the_time_zone(library: Store) -> None:
    # 08:00 and 11:00 UTC: in Auckland, 13 hours ahead, the second is after midnight.
    (found,) = counts(library, ["mayor"], time_zone="Pacific/Auckland", now=NOW)
    assert shown(found.points) == [("11-01T11", 1), ("11-02T11", 1)]


def test_clusters_count_once_in_an_interval(library: Store) -> None:
    (found,) = counts(library, ["mayor"], unit="clusters", now=NOW)
    assert (found.stories, shown(found.points)) == (2, [("11-02T00", 1)])
    (found,) = counts(library, ["mayor"], unit="clusters", interval="hour", now=NOW)
    assert [p.count for p in found.points] == [1, 0, 0, 1]


def test_shares_are_of_everything_in_that_time(library: Store) -> None:
    # On the 2nd there are the two of the mayor, the Arabic and the Chinese one.
    (found,) = counts(library, ["mayor"], share=True, now=NOW)
    assert [p.share for p in found.points] == [0.5]
    (found,) = counts(library, ["mayor"], share=True, interval="month", now=NOW)
    assert found.points[0].share == pytest.approx(2 / 11)


def test_split_by_a_facet(library: Store) -> None:
    (found,) = counts(library, ["mayor"], split="outlet", now=NOW)
    assert {name: shown(points) for name, points in found.split.items()} == {
        "Morning Herald": [("11-02T00", 1)],
        "Coast Post": [("11-02T00", 1)],
    }


def test_compared_queries_lie_over_the_same_time(library: Store) -> None:
    first, second, third = counts(library, ["mayor", "outlet:bote", "nothing"], now=NOW)
    assert shown(first.points) == [("11-02T00", 2), ("11-03T00", 0), ("11-04T00", 0)]
    assert shown(second.points) == [("11-02T00", 0), ("11-03T00", 0), ("11-04T00", 1)]
    assert (third.stories, [p.count for p in third.points]) == (0, [0, 0, 0])


def test_nothing_found_has_no_points(library: Store) -> None:
    assert counts(library, ["nothing"], now=NOW)[0].points == ()


def test_wrong_requests_say_all_that_is_wrong(library: Store) -> None:
    with pytest.raises(BadRequest) as caught:
        counts(library, [], interval="fortnight", time_zone="../etc", unit="words", split="mood")
    for said in ("1 to 5", "hour, day", "Europe/Berlin", "stories, clusters", "topic, outlet"):
        assert said in str(caught.value)


def test_too_many_points_are_refused(library: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirewatch.search.counts.MOST_POINTS", 500)
    with pytest.raises(BadRequest, match="intervals of an hour"):
        counts(library, ["*"], interval="hour", now=NOW)
