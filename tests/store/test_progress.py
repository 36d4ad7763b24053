"""How the flow stands, of documents that say what waits and how long it took."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import makers
from tests.makers import NOW
from wirewatch.records import (
    Delivery,
    DeliveryState,
    FeedState,
    Lease,
    PageStatus,
    Reason,
    Run,
    Unmatched,
)
from wirewatch.store import Store
from wirewatch.store.nodes import blocked, writing
from wirewatch.store.progress import Progress, progress

pytestmark = pytest.mark.es
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def look(store: Store) -> Progress:
    store.refresh()
    return progress(store, NOW)


def test_nothing_waits_in_an_empty_store(store: Store) -> None:
    now = look(store)
    assert {name: one.count for name, one in now.backlogs.items()} == dict.fromkeys(
        ("feeds", "pages", "revisits", "stories", "messages"), 0
    )
    assert {one.oldest for one in now.backlogs.values()} == {None}
    assert {one.count for one in now.waits.values()} == {0}
    assert (now.newest, now.ended, now.hosts.seen, now.hosts.waiting) == (None, (), 0, {})


def test_pages_wait_from_their_discovery_or_their_next_try(store: Store) -> None:
    again = {"status": PageStatus.RETRY, "reason": Reason.DNS, "discovered": NOW - 9 * HOUR}
    leased = Lease(run="r", until=NOW + MINUTE)
    store.pages.discover(
        [
            makers.page("new", discovered=NOW - 5 * MINUTE),
            makers.page("due", next_attempt=NOW - 40 * MINUTE, **again),
            makers.page("not-yet", next_attempt=NOW + MINUTE, **again),
            makers.page("held", discovered=NOW - HOUR, lease=leased),
            makers.page("look", status=PageStatus.INDEXED, revisit_at=NOW - 7 * MINUTE),
        ]
    )
    now = look(store).backlogs
    assert (now["pages"].count, now["pages"].oldest) == (2, NOW - 40 * MINUTE)
    assert (now["revisits"].count, now["revisits"].oldest) == (1, NOW - 7 * MINUTE)


def test_feeds_stories_and_messages_wait(store: Store) -> None:
    store.feeds.add(
        [
            makers.feed("late", next_poll=NOW - 3 * MINUTE),
            makers.feed("never"),
            makers.feed("early", next_poll=NOW + MINUTE),
            makers.feed("gone", state=FeedState.GONE),
        ]
    )
    new = {"indexed": NOW - 2 * MINUTE, "unmatched": Unmatched.NEW}
    changed = {"indexed": NOW - 9 * HOUR, "revised": NOW - MINUTE, "unmatched": Unmatched.REVISED}
    store.stories.create(
        [makers.story("a", **new), makers.story("b", **changed), makers.story("c", indexed=NOW)]
    )
    store.deliveries.create(
        Delivery(id=state, search_id="s", channel="log", created=NOW, next_try=when, state=state)
        for state, when in (
            (DeliveryState.PENDING, NOW - MINUTE),
            (DeliveryState.FAILED, NOW + MINUTE),
            (DeliveryState.DEAD, NOW - HOUR),
        )
    )
    found = look(store)
    assert (found.backlogs["feeds"].count, found.backlogs["feeds"].oldest) == (2, NOW - 3 * MINUTE)
    waiting = found.backlogs["stories"]
    assert (waiting.count, waiting.oldest) == (2, NOW - 2 * MINUTE)
    due = found.backlogs["messages"]
    assert (due.count, due.oldest) == (1, NOW - MINUTE)
    assert found.newest == NOW


def test_how_long_each_step_took_in_the_last_day(store: Store) -> None:
    done = PageStatus.INDEXED
    store.pages.discover(
        makers.page(name, status=done, discovered=seen, fetched=NOW, first_fetched=fetched)
        for name, seen, fetched in (
            ("quick", NOW - MINUTE, NOW - MINUTE + timedelta(seconds=4)),
            ("looked-at-again", NOW - 3 * HOUR, NOW - 2 * HOUR),
            ("clocks-differ", NOW - MINUTE, NOW - 2 * MINUTE),
            ("of-old", NOW - 60 * HOUR, NOW - 50 * HOUR),
            ("not-yet", NOW, None),
        )
    )
    store.stories.create(
        [makers.story("a", first_seen=NOW - MINUTE, indexed=NOW),
         makers.story("b", first_seen=NOW - 50 * HOUR, indexed=NOW - HOUR)]
    )  # fmt: skip
    story = makers.story("a")
    raised = NOW - MINUTE
    store.alerts.create(
        [makers.alert(story, "x", created=raised, searchable=raised - timedelta(seconds=20)),
         makers.alert(story, "silent", created=raised)]
    )  # fmt: skip
    waits = look(store).waits
    fetched = waits["seen_to_fetched"]
    assert (fetched.count, fetched.total) == (3, 3_604)
    within = dict(fetched.within)
    assert (within[1], within[5], within[900], within[21_600]) == (1, 2, 2, 3)
    assert waits["seen_to_searchable"].total == 60 + 49 * 3_600
    assert (waits["searchable_to_alerted"].count, waits["searchable_to_alerted"].total) == (1, 20)


def test_hosts_that_fail_and_hosts_that_are_slow(store: Store) -> None:
    waits = {"status": PageStatus.RETRY, "discovered": NOW - HOUR}
    store.pages.discover(
        [
            makers.page("http://down.example/1", reason=Reason.CONNECT, **waits),
            makers.page("http://down.example/2", reason=Reason.TIMEOUT, **waits),
            makers.page("http://busy.example/1", reason=Reason.RATE_LIMITED, **waits),
            makers.page("http://well.example/1", status=PageStatus.INDEXED, discovered=NOW),
            makers.page("http://once.example/1", discovered=NOW - 40 * HOUR),
        ]
    )
    for host, seconds in (("slow.example", 31.0), ("well.example", 1.5)):
        store.hosts.take([host], "me", 60)
        store.hosts.release({host: (1.0, seconds)}, "me")
    hosts = look(store).hosts
    assert (hosts.seen, hosts.failing, hosts.slow) == (3, 1, 1)
    assert hosts.waiting == {"down.example": 2}
    assert list(hosts.seconds) == ["slow.example", "well.example"]


def test_runs_that_ended_in_the_last_hour(store: Store) -> None:
    for name, ended in (("old", NOW - 2 * HOUR), ("new", NOW - MINUTE), ("under-way", None)):
        store.runs.begin(Run(id=name, kind="ingest", started=NOW - 3 * HOUR, finished=ended))
    assert [run.id for run in look(store).ended] == ["new"]


def test_an_index_that_takes_no_writes_is_named(store: Store) -> None:
    index = f"{store.prefix}-runs-000001"
    assert blocked(store) == {}
    store.es.indices.put_settings(index=index, settings={"index.blocks.write": True})
    try:
        assert list(blocked(store)) == [index]
    finally:
        store.es.indices.put_settings(index=index, settings={"index.blocks.write": None})


def test_the_nodes_tell_what_they_rejected(store: Store) -> None:
    [node, *_] = writing(store.es)
    assert {"write", "primary memory"} <= set(node.rejected)
    assert min(node.rejected.values()) >= 0
