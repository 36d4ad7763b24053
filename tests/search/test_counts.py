"""Volume over time, over the dozen stories of ``stories.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.indices import store_of
from tests.search.stories import story
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


# The night of 25 October 2026 in Berlin has 25 hours, that of 28 March 2027 has 23.
CLOCKS = [
    story(f"clock-{number}", "clock", "clock", day=day)
    for number, day in enumerate(
        [
            "2026-10-18T21:59",  # Sunday 23:59 in Berlin: the week before
            "2026-10-18T22:00",  # Monday 00:00, summer time
            "2026-10-24T22:00",  # Sunday 25 October, 00:00
            "2026-10-25T00:30",  # 02:30 for the first time
            "2026-10-25T01:30",  # 02:30 for the second time
            "2026-10-25T22:59",  # Sunday 23:59, winter time: still the same day and week
            "2026-10-25T23:00",  # Monday 00:00
            "2027-03-28T00:59",  # 01:59; the next minute is 03:00
            "2027-03-28T01:00",  # 03:00
            "2027-03-28T21:59",  # Sunday 23:59, summer time
            "2027-03-28T22:00",  # Monday 00:00
        ]
    )
]


@pytest.fixture(scope="module")
def clocks(es_url: str) -> Iterator[Store]:
    with store_of(es_url, CLOCKS) as store:
        yield store


def local(points: Iterable[Point]) -> list[tuple[str, int]]:
    berlin = ZoneInfo("Europe/Berlin")
    return [
        (f"{point.start.astimezone(berlin):%m-%dT%H:%M}", point.count)
        for point in points
        if point.count
    ]


def test_weeks_begin_on_monday_of_the_zone_also_when_clocks_change(clocks: Store) -> None:
    (found,) = counts(clocks, ["clock"], interval="week", time_zone="Europe/Berlin", now=NOW)
    assert local(found.points) == [
        ("10-12T00:00", 1),
        ("10-19T00:00", 5),
        ("10-26T00:00", 1),
        ("03-22T00:00", 3),
        ("03-29T00:00", 1),
    ]
    starts = [point.start for point in found.points]
    assert len(starts) == 25  # none is lost or doubled between the first and the last
    assert all(one.astimezone(ZoneInfo("Europe/Berlin")).weekday() == 0 for one in starts)


def test_days_of_25_and_of_23_hours_are_one_day_each(clocks: Store) -> None:
    (found,) = counts(clocks, ["clock published:2026-10"], time_zone="Europe/Berlin", now=NOW)
    assert local(found.points) == [
        ("10-18T00:00", 1),
        ("10-19T00:00", 1),
        ("10-25T00:00", 4),
        ("10-26T00:00", 1),
    ]
    steps = {b.start - a.start for a, b in pairwise(found.points)}
    assert steps == {timedelta(hours=24), timedelta(hours=25)}
    (found,) = counts(clocks, ["clock published:2027"], time_zone="Europe/Berlin", now=NOW)
    assert local(found.points) == [("03-28T00:00", 3), ("03-29T00:00", 1)]
    assert found.points[1].start - found.points[0].start == timedelta(hours=23)


def test_the_hour_that_comes_twice_is_two_hours(clocks: Store) -> None:
    (found,) = counts(
        clocks,
        ["clock published:2026-10-25T00:00..2026-10-25T02:00"],
        interval="hour",
        time_zone="Europe/Berlin",
        now=NOW,
    )
    assert shown(found.points) == [("10-25T00", 1), ("10-25T01", 1)]


def test_shares_of_clusters_are_of_all_clusters(library: Store) -> None:
    # On the 2nd the mayor's two stories are one cluster of three.
    (found,) = counts(library, ["mayor"], unit="clusters", share=True, now=NOW)
    assert [p.share for p in found.points] == [pytest.approx(1 / 3)]


def test_a_share_where_there_is_nothing_is_none(clocks: Store) -> None:
    (found,) = counts(clocks, ["clock published:2026-10"], share=True, now=NOW)
    assert {point.share for point in found.points if point.count} == {1.0}
    assert {point.share for point in found.points if not point.count} == {None}
