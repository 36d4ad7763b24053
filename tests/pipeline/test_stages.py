"""The stages' own bookkeeping, without a newsroom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import makers
from wirewatch.pipeline.account import format_account
from wirewatch.pipeline.entries import pages_of
from wirewatch.pipeline.flow import INGEST
from wirewatch.pipeline.frame import RunFailed, begin, finish
from wirewatch.records import Batch, Entry, utc_now
from wirewatch.settings import Settings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def batch(stage: str, taken: int, passed: int, partition: int = 0, **outcomes: int) -> Batch:
    return Batch(
        run="r", stage=stage, partition=partition, file="", taken=taken, passed=passed,
        outcomes=outcomes,
    )  # fmt: skip


def given(batches: list[Batch]) -> dict[str, list[Batch]]:
    """What the stages gave; one that lost its batch gave none."""
    return {
        stage.name: [one for one in batches if one.stage == stage.name] for stage in INGEST.stages
    }


GOOD = [
    batch("poll", 9, 5, seen=4),
    batch("claim", 5, 5),
    batch("fetch", 5, 4, gone=1),
    batch("extract", 4, 3, too_short=1),
    batch("deduplicate", 3, 2, same_story=1),
    batch("tag", 2, 2),
    batch("index", 2, 2),
]


@pytest.mark.es
def test_a_run_that_adds_up_is_done(options: Settings) -> None:
    begin(options, "r", "ingest")
    account = finish(options, INGEST, "r", given(GOOD))
    assert (account.state, account.problems) == ("done", ())
    told = "\n".join(format_account(account))
    assert "fetch: 5 in, 4 on; 1 gone" in told
    assert told.index("fetch") < told.index("extract") < told.index("index")


@pytest.mark.es
@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ([one for one in GOOD if one.stage != "extract"], "passed 4 items on, extract took 0"),
        ([batch("fetch", 5, 4) if one.stage == "fetch" else one for one in GOOD],
         "fetch batch 0 took 5 items, 4 are accounted for"),
        ([one for one in GOOD if one.stage not in ("tag", "index")], "deduplicate passed 2"),
    ],
)  # fmt: skip
def test_an_item_that_is_lost_fails_the_run_by_name(
    options: Settings, lost: list[Batch], words: str
) -> None:
    begin(options, "r", "ingest")
    with pytest.raises(RunFailed, match=words):
        finish(options, INGEST, "r", given(lost))


@pytest.mark.es
@pytest.mark.parametrize("failed", ["poll", "claim", "publish"])
def test_a_stage_that_the_sums_do_not_miss_fails_the_run(options: Settings, failed: str) -> None:
    begin(options, "r", "ingest")
    with pytest.raises(RunFailed, match=f"{failed} failed"):
        finish(options, INGEST, "r", {**given(GOOD), failed: None})


@pytest.mark.es
def test_nothing_to_announce_is_no_failure(options: Settings) -> None:
    begin(options, "r", "ingest")
    account = finish(options, INGEST, "r", {"poll": [batch("poll", 0, 0)], "claim": []})
    assert account.problems == ()


def entry(url: str) -> Entry:
    return Entry(feed_id="f", url=url)


def test_a_page_belongs_to_its_own_outlet_whoever_named_it() -> None:
    aggregator = makers.feed("f", url="https://sweep.com/feed", outlet="Sweep", country="GB")
    daily = makers.feed("d", url="https://www.daily.com/rss", outlet="Daily", country="IE")
    entries = [
        entry("https://sweep.com/about"),
        entry("https://news.daily.com/a"),
        entry("https://unknown.org/b"),
        entry("https://another.net/c"),
    ]
    pages, bad = pages_of(aggregator, entries, {"daily.com": daily}, NOW)
    assert bad == 0
    assert [(page.outlet, page.country) for page in pages] == [
        ("Sweep", "GB"),
        ("Daily", "IE"),
        ("", ""),
        ("", ""),
    ]


def test_a_publishers_feed_on_another_site_is_still_its_own() -> None:
    feed = makers.feed("f", url="https://feeds.burner.com/daily", outlet="Daily")
    pages, _ = pages_of(feed, [entry("https://daily.com/a")], {}, NOW)
    assert pages[0].outlet == "Daily"


def test_entries_without_an_address_that_can_be_fetched_are_counted() -> None:
    feed = makers.feed("f", url="https://daily.com/rss", outlet="Daily")
    pages, bad = pages_of(
        feed, [entry("https://daily.com/a"), entry("mailto:x@y"), entry("http://")], {}, NOW
    )
    assert (len(pages), bad) == (1, 2)


def test_each_entry_keeps_its_own_title() -> None:
    """A late-bound loop variable once gave every entry the last one's title."""
    feed = makers.feed("f", url="https://daily.com/rss", outlet="Daily")
    entries = [
        Entry(feed_id="f", url=f"https://daily.com/{n}", title=f"Title {n}") for n in range(5)
    ]
    pages, _ = pages_of(feed, entries, {}, NOW)
    assert [page.entry.title for page in pages if page.entry] == [f"Title {n}" for n in range(5)]


def test_the_present_is_aware_and_in_milliseconds() -> None:
    now = utc_now()
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond % 1000 == 0
