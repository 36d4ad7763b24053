"""What rises now against its own past: topics, words, outlets, agencies.

Counted are reports, not copies: of a cluster its lead alone. The last days are held against the
eight weeks before them, each day against the same weekdays, and each value by its share of all
reports, so that neither a Sunday nor an archive that grew looks like news.

For a value seen ``o`` times where ``m`` were expected, the score is the signed root of the Poisson
deviance, ``2 (o ln(o/m) - (o - m))`` (the log-likelihood ratio that Dunning, "Accurate Methods for
the Statistics of Surprise and Coincidence", 1993, recommends for counts as small as ours), divided
by the root of the value's own dispersion: what comes in bursts must burst more. It reads like a
z-score: 3 is passed by chance once in 740 times.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import field

from wirewatch.records import Record, utc_now
from wirewatch.search.dsl import Query
from wirewatch.search.language import Resolver
from wirewatch.search.request import Asked, BadRequest, ask, prepare
from wirewatch.search.search import FACETS, commonest
from wirewatch.search.terms import telling, values
from wirewatch.store import Store

PAST = 56  # days: each weekday eight times
LEAST_PAST = 14  # days with reports, under which nothing is said: each weekday twice
SMOOTHING = 2.0  # days of the value's average mixed into each weekday
UNSEEN = 0.5  # reports that a value without a past is taken to have had
LEAST = 3  # reports of the last days: two are no trend
SCORE = 3.0  # under which a rise is put down to chance
WINDOWS = (1, 3, 7)  # days
KINDS = ("topic", "outlet", "agency", "country")
CANDIDATES = 100  # values of a kind that are measured, the commonest of the last days
WORDS = 40  # words of a language that are measured, those that stand out most
SAMPLE = 1_000  # reports a shard whose words are looked at
LANGUAGES = 3  # of the last days, the commonest
_DAY = 86_400_000  # milliseconds


class Rise(Record, frozen=True, kw_only=True):
    """A value that is commoner now than its past explains."""

    value: str
    seen: int  # reports of the last days
    expected: float
    score: float
    days: tuple[int, ...]  # reports a day, oldest first; the last ones are those judged
    language: str = ""  # of a word: the key its texts are kept under

    @property
    def times(self) -> float:
        """How many times the expectation it was seen."""
        return self.seen / self.expected


class Trends(Record, frozen=True, kw_only=True):
    """What rises, by kind: topic, word, outlet, agency, country; the strongest first."""

    query: str  # as understood
    days: int  # judged
    reports: int  # in those days
    past_days: int  # of the eight weeks before, those with any report
    rises: dict[str, tuple[Rise, ...]] = field(default_factory=dict)

    @property
    def enough(self) -> bool:
        """Whether there is past enough to judge by."""
        return self.past_days >= LEAST_PAST


def trends(
    store: Store,
    query: str = "*",
    *,
    days: int = 1,
    now: datetime | None = None,
    resolve: Resolver | None = None,
) -> Trends:
    """What rises in the last ``days`` × 24 hours among the reports that match.

    Raises BadQuery, BadRequest and TooSlow.
    """
    if days not in WINDOWS:
        raise BadRequest(f"days {days}: must be one of {', '.join(map(str, WINDOWS))}")
    now = now or utc_now()
    asked = prepare(store, query, now=now, resolve=resolve)
    recent, values, languages = _candidates(store, asked, now, days)
    aggs: Query = {"all": _by_day(now)}
    for kind in KINDS:
        if values[kind]:
            asking = {"field": FACETS[kind], "include": values[kind], "size": CANDIDATES}
            aggs[kind] = {"terms": asking, "aggs": {"day": _by_day(now)}}
    words = _words(store, asked, now, days, languages)
    for key in languages:
        aggs[f"in {key}"] = {"filter": _in(key), "aggs": {"day": _by_day(now)}}
    if words:
        aggs["word"] = {
            "filters": {"filters": {f"{key}:{word}": _has(key, word) for key, word in words}},
            "aggs": {"day": _by_day(now)},
        }
    span = _reports(asked, now - timedelta(days=days + PAST), now)
    answer = ask(store, {"query": span, "size": 0, "track_total_hits": False, "aggs": aggs})
    figures = answer["aggregations"]
    total = _days(figures["all"], now, days)
    past_days = sum(count > 0 for count in total[:-days])
    found: dict[str, tuple[Rise, ...]] = {}
    if past_days >= LEAST_PAST:
        for kind in KINDS:
            buckets = figures.get(kind, {}).get("buckets", ())
            counted = {("", one["key"]): _days(one["day"], now, days) for one in buckets}
            found[kind] = _rises(counted, total, days)
        found["word"] = _words_rising(figures, words, languages, now, days)
    return Trends(query=asked.text, days=days, reports=recent, past_days=past_days, rises=found)


def _words_rising(
    figures: Mapping[str, Any],
    words: Sequence[tuple[str, str]],
    languages: Sequence[str],
    now: datetime,
    days: int,
) -> tuple[Rise, ...]:
    """The words that rise, each by its share of the reports in its language."""
    found: list[Rise] = []
    named = figures.get("word", {}).get("buckets", {})
    for key in languages:
        total = _days(figures[f"in {key}"]["day"], now, days)
        if sum(count > 0 for count in total[:-days]) < LEAST_PAST:
            continue  # the language itself is new here, and so would be each of its words
        counted = {
            (key, word): _days(named[f"{key}:{word}"]["day"], now, days)
            for language, word in words
            if language == key
        }
        found += _rises(counted, total, days)
    return tuple(sorted(found, key=lambda rise: (-rise.score, rise.value)))


def expectation(counts: Sequence[int], totals: Sequence[int], days: int) -> tuple[float, float]:
    """How many of the last ``days`` a value's past lets expect, and its dispersion (1 or more).

    ``counts`` and ``totals`` are of the value and of everything, a day each, oldest first.
    """
    past, past_total = counts[:-days], totals[:-days]
    everything = max(1, sum(past_total))
    share = max(UNSEEN, float(sum(past))) / everything
    mixed = SMOOTHING * everything / max(1, sum(total > 0 for total in past_total))
    expected = 0.0
    for back in range(1, days + 1):
        same = [row for row in range(len(past)) if (len(counts) - back - row) % 7 == 0]
        seen = sum(past[row] for row in same)
        there = sum(past_total[row] for row in same)
        expected += totals[-back] * (seen + mixed * share) / (there + mixed)
    pearson = [
        (count - total * share) ** 2 / (total * share)
        for count, total in zip(past, past_total, strict=True)
        if total
    ]
    spread = sum(pearson) / max(1, len(pearson) - 1)
    return expected, max(1.0, spread) * (1 + sum(totals[-days:]) / everything)


def surprise(seen: int, expected: float, dispersion: float) -> float:
    """The signed root of the Poisson deviance over the dispersion."""
    if expected <= 0:
        return 0.0
    logged = seen * math.log(seen / expected) if seen else 0.0
    deviance = max(0.0, 2 * (logged - (seen - expected)))
    return math.copysign(math.sqrt(deviance / dispersion), seen - expected)


def _rises(
    counted: Mapping[tuple[str, str], Sequence[int]], total: Sequence[int], days: int
) -> tuple[Rise, ...]:
    found = []
    for (key, value), counts in counted.items():
        seen = sum(counts[-days:])
        expected, dispersion = expectation(counts, total, days)
        score = surprise(seen, expected, dispersion)
        if seen >= LEAST and score >= SCORE:
            found.append(
                Rise(
                    value=value,
                    seen=seen,
                    expected=round(expected, 2),
                    score=round(score, 1),
                    days=tuple(counts),
                    language=key,
                )
            )
    return tuple(sorted(found, key=lambda rise: (-rise.score, rise.value)))


def _reports(asked: Asked, begin: datetime, end: datetime) -> Query:
    """The leads that match, of that time."""
    inside = {"range": {"time": {"gte": begin.isoformat(), "lt": end.isoformat()}}}
    return {"bool": {"filter": [asked.dsl, {"term": {"lead": True}}, inside]}}


def _candidates(
    store: Store, asked: Asked, now: datetime, days: int
) -> tuple[int, dict[str, list[str]], tuple[str, ...]]:
    """How many reports the last days have, their commonest values, and their language keys."""
    aggs: Query = {
        kind: {"terms": {**commonest(kind, CANDIDATES), "min_doc_count": LEAST}} for kind in KINDS
    }
    aggs["language"] = {"terms": {"field": "language", "size": 20}}
    window = _reports(asked, now - timedelta(days=days), now)
    answer = ask(store, {"query": window, "size": 0, "track_total_hits": True, "aggs": aggs})
    figures = answer["aggregations"]
    values = {kind: [one["key"] for one in figures[kind]["buckets"]] for kind in KINDS}
    keys = dict.fromkeys(
        store.templates.language_key(one["key"]) for one in figures["language"]["buckets"]
    )
    spoken = tuple(key for key in keys if key in asked.languages)
    return answer["hits"]["total"]["value"], values, spoken[:LANGUAGES]


def _words(
    store: Store, asked: Asked, now: datetime, days: int, languages: Sequence[str]
) -> list[tuple[str, str]]:
    """Words that stand out of the last days against the weeks before, with their language."""
    if not languages:
        return []
    background = _reports(asked, now - timedelta(days=days + PAST), now)
    inside = {
        key: {
            "significant_text": {
                "field": f"text.{key}.exact" if key != "other" else "text.other",
                "source_fields": [f"text.{key}"],
                "background_filter": background,
                "size": WORDS,
                "min_doc_count": LEAST,
                "filter_duplicate_text": True,
            }
        }
        for key in languages
    }
    window = _reports(asked, now - timedelta(days=days), now)
    sampled = {"sample": {"sampler": {"shard_size": SAMPLE}, "aggs": inside}}
    answer = ask(store, {"query": window, "size": 0, "track_total_hits": False, "aggs": sampled})
    sample = answer["aggregations"]["sample"]
    return [
        (key, term.value) for key in languages for term in telling(store, key, values(sample[key]))
    ]


def _in(key: str) -> Query:
    return {"exists": {"field": f"text.{key}"}}


def _has(key: str, word: str) -> Query:
    field = f"text.{key}.exact" if key != "other" else "text.other"
    return {"match": {field: {"query": word, "operator": "and"}}}


def _by_day(now: datetime) -> Query:
    return {
        "date_histogram": {
            "field": "time",
            "fixed_interval": "1d",
            "offset": f"{_millis(now) % _DAY}ms",
            "min_doc_count": 1,
        }
    }


def _days(histogram: Mapping[str, Any], now: datetime, days: int) -> tuple[int, ...]:
    counts = [0] * (PAST + days)
    for bucket in histogram["buckets"]:
        age = (_millis(now) - bucket["key"]) // _DAY - 1  # 0: the last 24 hours
        if 0 <= age < len(counts):
            counts[len(counts) - 1 - age] = bucket["doc_count"]
    return tuple(counts)


def _millis(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
