"""What rises, on a real index whose past is known, and the statistic on its own."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests import makers
from tests.indices import store_of
from tests.search.stories import DISASTER, ECONOMY, SPORT, story
from wirewatch.records import Story, stable_id
from wirewatch.search.request import BadRequest
from wirewatch.search.trends import LEAST_PAST, PAST, Trends, expectation, surprise, trends
from wirewatch.store import Store

NOW = datetime.fromisoformat("2026-11-20T12:00:00+00:00")  # a Friday


def _made() -> Iterator[Story]:
    """Eight weeks and a day: economy steadily, sport at weekends alone; a flood in the last day."""
    chance = random.Random(3)
    number = 0

    def one(day: float, topic, text: str, outlet: str = "Herald", lead: bool = True) -> Story:
        nonlocal number
        number += 1
        told = story(f"s{number}", f"Report {number}", text, topics=(topic,), outlet=outlet)
        time = NOW - timedelta(days=day)
        cluster = told.id if lead else stable_id("cluster", "flood")
        return makers.changed(told, published=time, first_seen=time, lead=lead, cluster_id=cluster)

    for day in range(PAST + 1):
        weekend = (NOW - timedelta(days=day + 0.5)).weekday() >= 5
        for _ in range(10):
            yield one(day + chance.random(), ECONOMY, "The market rose and the bank spoke.")
        for _ in range(12 if weekend else 1):
            yield one(day + chance.random(), SPORT, "The match was won by the home side.")
    for word in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]:
        # No two alike: passages that stories share count once.
        text = (
            f"Near {word} houses the flood rose; {word} men left. The levee of Veldermark {word}."
        )
        yield one(chance.random(), DISASTER, text, "Coast")
    for _ in range(40):  # copies of one report, which count for nothing here
        yield one(chance.random(), ECONOMY, "A copied text of the market.", "Copier", lead=False)


@pytest.fixture(scope="module")
def store(es_url: str) -> Iterator[Store]:
    with store_of(es_url, _made()) as store:
        yield store


@pytest.fixture(scope="module")
def found(store: Store) -> Trends:
    return trends(store, now=NOW)


@pytest.mark.es
def test_what_is_new_rises_and_what_is_steady_does_not(found: Trends) -> None:
    assert found.enough and found.past_days == PAST
    assert [one.value for one in found.rises["topic"]] == [DISASTER.name]
    rise = found.rises["topic"][0]
    assert (rise.seen, sum(rise.days), len(rise.days)) == (9, 9, PAST + 1)
    assert rise.expected < 1 < 3 < rise.score
    assert {"flood", "houses"} <= {one.value for one in found.rises["word"]}
    assert not {"market", "bank", "match", "the"} & {one.value for one in found.rises["word"]}


@pytest.mark.es
def test_copies_count_once(found: Trends) -> None:
    assert [one.value for one in found.rises["outlet"]] == ["Coast"]
    assert found.reports == 10 + 1 + 9


@pytest.mark.es
def test_a_weekend_is_held_against_weekends(store: Store) -> None:
    sunday = NOW - timedelta(days=5)  # the last 24 hours are of Saturday and Sunday
    found = trends(store, now=sunday.replace(hour=12))
    assert SPORT.name not in {one.value for one in found.rises["topic"]}


@pytest.mark.es
def test_of_a_query_only_what_matches_counts(store: Store) -> None:
    found = trends(store, "market", now=NOW)
    assert found.reports == 10
    assert found.rises["topic"] == ()


@pytest.mark.es
def test_without_a_past_nothing_is_said(store: Store) -> None:
    found = trends(store, "flood", now=NOW)
    assert not found.enough
    assert found.past_days < LEAST_PAST
    assert found.rises == {}


@pytest.mark.es
def test_only_known_windows_are_asked(store: Store) -> None:
    with pytest.raises(BadRequest, match="1, 3, 7"):
        trends(store, now=NOW, days=2)


def test_the_expectation_of_a_steady_value_is_its_mean() -> None:
    expected, dispersion = expectation([5] * 57, [50] * 57, 1)
    assert expected == pytest.approx(5)
    assert 1 <= dispersion < 1.1


def test_the_expectation_follows_the_weekday_and_the_whole() -> None:
    counts = [20 if day % 7 == 0 else 2 for day in range(57)]  # the last day, 56, is such a day
    totals = [40] * 57
    busy, _ = expectation(counts, totals, 1)
    quiet, _ = expectation(counts[:-1], totals[:-1], 1)
    assert busy > 3 * quiet
    doubled, _ = expectation(counts, [*totals[:-1], 80], 1)
    assert doubled == pytest.approx(2 * busy)


def test_bursts_are_no_news_to_what_bursts() -> None:
    steady, bursty = [4] * 56, [0, 0, 0, 16] * 14
    totals = [100] * 57
    scores = []
    for past in (steady, bursty):
        expected, dispersion = expectation([*past, 16], totals, 1)
        scores.append(surprise(16, expected, dispersion))
    assert scores[0] > 3 > scores[1]


@pytest.mark.parametrize("expected", [0.3, 2.0, 10.0, 80.0])
def test_chance_seldom_passes_for_a_rise(expected: float) -> None:
    """Poisson counts around the expectation pass 3 about once in 740 times."""
    chance = random.Random(11)
    draws = 20_000

    def poisson() -> int:
        limit, product, count = math.exp(-expected), chance.random(), 0
        while product > limit:
            product *= chance.random()
            count += 1
        return count

    passed = sum(surprise(count, expected, 1.0) >= 3 for count in (poisson() for _ in range(draws)))
    assert passed / draws < 2 / 740
