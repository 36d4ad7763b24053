"""Spikes and silences, by clocks that the tests set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import makers
from tests.makers import NOW
from wirewatch.alerts.clocked import raise_by_clock
from wirewatch.alerts.volume import HOUR, hour_of, spike
from wirewatch.records import Alert, SavedSearch, SearchKind, Story
from wirewatch.store import Store

WEEK = timedelta(weeks=1)


def story(number: int, seen: datetime, text: str = "Floods", **fields: Any) -> Story:
    name = f"{seen:%m%d%H%M}-{number}"
    return makers.story(name, text, title=f"Report {number}", first_seen=seen, **fields)


def weekly(hour: datetime, count: int, weeks: int = 8) -> dict[datetime, int]:
    return {hour - n * WEEK: count for n in range(1, weeks + 1)}


def score(now: int, past: dict[datetime, int], *, first: datetime = NOW - 9 * WEEK) -> float:
    found = spike({**past, NOW: now}, NOW, "UTC", first, 3)
    return found.score if found else 0.0


def test_an_hour_is_held_against_the_same_hours_of_the_week() -> None:
    busy = {NOW - n * WEEK + h * HOUR: 40 for n in range(1, 9) for h in (-1, 0, 1)}
    assert score(42, busy) == 0  # it is always so on a Monday at noon
    assert score(100, busy) > 3.5
    others = {NOW - n * timedelta(days=1): 40 for n in (1, 2, 3)}
    assert score(42, others) > 3.5  # other days are no excuse


def test_one_wild_week_hides_no_spike() -> None:
    past = {NOW - n * WEEK + h * HOUR: 4 for n in range(1, 9) for h in (-1, 0, 1)}
    assert score(20, {**past, NOW - 3 * WEEK: 900}) > 3.5


def test_a_few_are_no_spike_of_what_is_rare() -> None:
    assert score(2, {}) == 0
    assert score(3, {}) == 0  # over the least number, and still chance
    assert score(6, {}) > 3.5


def test_without_past_nothing_is_said() -> None:
    assert score(90, {}, first=NOW - timedelta(days=2)) == 0
    assert score(90, {}, first=NOW - timedelta(days=5)) > 3.5


def test_hours_are_alike_by_the_clocks_of_the_zone() -> None:
    """Before clocks went back, noon in Berlin was another hour in UTC."""
    noon = datetime(2026, 10, 27, 11, tzinfo=UTC)
    past = {noon - n * WEEK + h * HOUR: 30 for n in range(1, 9) for h in (-2, -1)}
    first = noon - 9 * WEEK
    assert spike({**past, noon: 34}, noon, "Europe/Berlin", first, 3) is None
    assert spike({**past, noon: 34}, noon, "UTC", first, 3) is not None


def search(kind: SearchKind, threshold: int, **fields: Any) -> SavedSearch:
    return SavedSearch(
        **{"id": "s", "name": "Floods", "query": "floods", "kind": kind,
           "threshold": threshold, "created": NOW - 4 * WEEK, **fields}
    )  # fmt: skip


def raised(store: Store, one: SavedSearch, now: datetime) -> list[Alert]:
    store.refresh()
    raise_by_clock(store, [one], now)
    return list(store.alerts.all())


@pytest.mark.es
def test_a_spike_is_told_once_and_goes_on(store: Store) -> None:
    past = [story(0, NOW - n * WEEK) for n in range(1, 9)]
    now = NOW + timedelta(minutes=20)
    store.stories.create([*past, *(story(n, NOW + timedelta(minutes=n)) for n in range(12))])
    one = search(SearchKind.SPIKE, 5, updates=True)
    assert raised(store, search(SearchKind.SPIKE, 13), now) == []
    [told] = raised(store, one, now)
    assert told.title == "12 reports in the hour from 12:00 UTC, 0 expected"
    assert told.excerpt.startswith("Report 11 · Report 10")
    assert (told.published, told.revision, told.outlets) == (NOW, 0, 0)
    assert raised(store, one, now + timedelta(minutes=10)) == [told]
    store.stories.create(story(n, NOW + HOUR + timedelta(minutes=n)) for n in range(20, 30))
    [later] = raised(store, one, NOW + HOUR + timedelta(minutes=40))
    assert (later.id, later.revision, later.updated) == (told.id, 1, NOW + HOUR)
    assert later.detail.startswith("it goes on: 10 reports")
    assert raised(store, one, NOW + HOUR + timedelta(minutes=50)) == [later]
    assert sorted(m.revision for m, _ in store.deliveries.find()) == [0, 1]
    again = NOW + 5 * HOUR
    store.stories.create(story(n, again + timedelta(minutes=n)) for n in range(9))
    assert len(raised(store, one, again + timedelta(minutes=30))) == 2


@pytest.mark.es
def test_copies_are_no_spike(store: Store) -> None:
    store.stories.create([story(0, NOW - 9 * WEEK)])
    store.stories.create(
        story(n, NOW, outlet=f"Paper {n}", cluster_id="one", lead=n == 0) for n in range(1, 30)
    )
    assert raised(store, search(SearchKind.SPIKE, 3), NOW) == []


@pytest.mark.es
def test_silence_is_told_once_until_it_speaks_again(store: Store) -> None:
    store.stories.create([story(0, NOW), story(1, NOW + 5 * HOUR, "Rain")])
    one = search(SearchKind.SILENCE, 6)
    assert raised(store, one, NOW + 5 * HOUR) == []
    [told] = raised(store, one, NOW + 7 * HOUR)
    assert told.title == "Nothing for 6 hours"
    assert "2026-11-23 12:00 UTC" in told.detail
    assert "are the runs well" not in told.detail
    assert raised(store, one, NOW + 30 * HOUR) == [told]
    store.stories.create([story(2, NOW + 31 * HOUR)])
    assert raised(store, one, NOW + 32 * HOUR) == [told]
    both = raised(store, one, NOW + 40 * HOUR)
    assert len(both) == 2
    assert "are the runs well?" in both[0].detail  # nothing at all came
    assert len(store.deliveries.find()) == 2


@pytest.mark.es
def test_a_search_is_not_silent_before_it_was_made(store: Store) -> None:
    store.stories.create([story(0, NOW - 90 * HOUR)])
    one = search(SearchKind.SILENCE, 6, created=NOW)
    assert raised(store, one, NOW + 5 * HOUR) == []
    assert len(raised(store, one, NOW + 6 * HOUR)) == 1


@pytest.mark.es
def test_one_that_is_refused_is_named_and_stops_no_other(store: Store) -> None:
    store.stories.create([story(0, NOW - 9 * HOUR)])
    bad = search(SearchKind.SILENCE, 6, id="bad", query="topic:" + "x" * 990)
    lost = search(SearchKind.SPIKE, 6, id="lost", query="@nobody")
    store.refresh()
    count, refused = raise_by_clock(store, [bad, lost, search(SearchKind.SILENCE, 6)], NOW)
    assert (count, refused.keys()) == (1, {"bad", "lost"})
    assert hour_of(NOW) == NOW
