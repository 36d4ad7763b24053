"""Polls written down: real HTTP on loopback, a real Elasticsearch."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from tests import makers
from tests.fetch.servers import UNGUARDED, Handler, site
from wirewatch.fetch import urls
from wirewatch.pipeline.poll import poll
from wirewatch.records import Batch, Feed, FeedState, Page, PageStatus, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

pytestmark = pytest.mark.es


@pytest.fixture
def options(options: Settings) -> Settings:
    return options.with_options(**UNGUARDED)


def item(link: str, guid: str = "", title: str = "T", date: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid>"
        + (f"<pubDate>{date}</pubDate>" if date else "")
        + "</item>"
    )


def document(*items: str) -> bytes:
    return f"<rss><channel><title>N</title>{''.join(items)}</channel></rss>".encode()


class Newsroom:
    """Feeds on loopback whose documents a test changes between polls."""

    def __init__(self, options: Settings) -> None:
        self.options = options
        self.documents: dict[str, bytes] = {}
        self.run = 0

    def poll(self, *hosts: str, act: Callable[[Store], None] = lambda _: None) -> Batch:
        """One run in which the feeds of these hosts are due."""

        async def serve(request: web.Request) -> web.Response:
            body = self.documents.get(request.host.partition(".")[0], b"")
            return web.Response(body=body) if body else web.Response(status=404)

        routes: dict[str, Handler | str | bytes] = {"/f": serve, "/robots.txt": b""}
        self.run += 1

        async def go() -> Batch:
            async with site(routes) as port:
                with connect(self.options, prepare=False) as store:
                    for host in hosts:
                        # the port is another one in each run: the id stays that of the host
                        identity = urls.feed_id(f"http://{host}.localhost/f")
                        url = f"http://{host}.localhost:{port}/f"
                        before = store.feeds.get([identity]).get(identity)
                        if before is None:
                            store.feeds.add([makers.feed(url, id=identity, added=utc_now())])
                        else:
                            due = replace(before, url=url, next_poll=None, body_hash="")
                            assert store.feeds.save(before, due)
                    act(store)
                    store.refresh()
                return await asyncio.to_thread(poll, self.options, f"run-{self.run}")

        return asyncio.run(go())

    def feed(self, host: str) -> Feed:
        identity = urls.feed_id(f"http://{host}.localhost/f")
        with connect(self.options, prepare=False) as store:
            return store.feeds.get([identity])[identity]

    def pages(self) -> list[Page]:
        with connect(self.options, prepare=False) as store:
            store.refresh()
            return sorted(store.pages.all(), key=lambda page: page.url)


def test_counts_add_up_and_an_entry_becomes_one_page(options: Settings) -> None:
    room = Newsroom(options)
    room.documents = {
        "a": document(item("http://n.example/1"), item("http://n.example/1#x"), item("mailto:x")),
        "b": document(item("http://n.example/1"), item("http://n.example/2")),
    }
    batch = room.poll("a", "b", "c")
    assert (batch.taken, batch.passed) == (5, 2)
    assert batch.outcomes == {"seen": 2, "unusable": 1}
    assert batch.notes["feeds_read"] == 2
    assert batch.notes["feeds_failed"] == 1
    assert [page.url for page in room.pages()] == ["http://n.example/1", "http://n.example/2"]
    assert sum(room.feed(host).new_entries for host in "ab") == 2
    assert room.feed("a").run == "run-1"
    assert room.feed("c").error.startswith("not found")


def test_an_entry_survives_a_changed_guid_and_a_moved_link(options: Settings) -> None:
    room = Newsroom(options)
    room.documents["a"] = document(item("http://n.example/1", "g1", "One"))
    room.poll("a")
    room.documents["a"] = document(item("http://n.example/1", "g2", "One"))
    assert room.poll("a").outcomes == {"seen": 1}
    room.documents["a"] = document(item("http://n.example/one-moved", "g1", "One"))
    batch = room.poll("a")
    assert (batch.taken, batch.passed, batch.outcomes) == (1, 0, {"moved_link": 1})
    # the same guid with another title is another entry: outlets that number them per day
    room.documents["a"] = document(item("http://n.example/2", "g1", "Two"))
    assert room.poll("a").passed == 1
    assert len(room.pages()) == 2


def test_a_moved_link_is_followed_where_the_old_one_failed(options: Settings) -> None:
    room = Newsroom(options)
    room.documents["a"] = document(item("http://n.example/1", "g", "One"))
    room.poll("a")

    def fail(store: Store) -> None:
        run = "fetching"
        page = store.pages.claim(run, utc_now(), lease=60, limit=9)[0]
        dead = replace(page, status=PageStatus.DEAD, lease=None, run=run)
        assert store.pages.save([dead], run).done

    room.documents["a"] = document(item("http://n.example/one-moved", "g", "One"))
    assert room.poll("a", act=fail).passed == 1


def test_elasticsearch_is_never_called_in_the_event_loop(
    options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()
    loops: set[int] = set()
    for name in ("discover", "unknown"):
        original = getattr(type(_pages(options)), name)

        def watched(self: Any, *given: Any, original: Any = original) -> Any:
            threads.add(threading.get_ident())
            return original(self, *given)

        monkeypatch.setattr(type(_pages(options)), name, watched)
    from wirewatch.feeds import poll as module

    asked = module.poll_one

    async def looped(*given: Any) -> Any:
        loops.add(threading.get_ident())
        return await asked(*given)

    monkeypatch.setattr(module, "poll_one", looped)
    room = Newsroom(options)
    room.documents["a"] = document(item("http://n.example/1"))
    assert room.poll("a").passed == 1
    assert len(loops) == 1
    assert threads
    assert not threads & loops


def _pages(options: Settings) -> Any:
    with connect(options, prepare=False) as store:
        return store.pages


def test_more_feeds_than_a_chunk_each_settled_once(
    options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["wirewatch.pipeline.poll"], "CHUNK", 3)
    room = Newsroom(options)
    hosts = [f"h{n}" for n in range(20)]
    room.documents = {host: document(item(f"http://n.example/{host}")) for host in hosts}
    batch = room.poll(*hosts)
    assert (batch.taken, batch.passed, batch.notes["feeds_read"]) == (20, 20, 20)
    assert all(room.feed(host).polls == 1 for host in hosts)


def test_an_operators_edit_wins_over_a_poll(
    options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Newsroom(options)
    room.documents["a"] = document(item("http://n.example/1"))
    room.poll("a")
    from wirewatch.pipeline import record_polls as module

    original = module.note

    def edited(store: Store, pages: Any, first: Any) -> Any:
        now = store.feeds.get([room.feed("a").id])
        for feed in now.values():
            assert store.feeds.save(feed, replace(feed, outlet="The Daily"))
        return original(store, pages, first)

    monkeypatch.setattr(module, "note", edited)
    room.documents["a"] = document(item("http://n.example/2"))
    batch = room.poll("a")
    assert batch.notes["feeds_changed_meanwhile"] == 1
    assert (room.feed("a").outlet, room.feed("a").polls) == ("The Daily", 1)
    assert len(room.pages()) == 2  # what it found is not lost


def test_a_feed_that_falls_silent_is_told_once_and_cleared_when_it_speaks(
    options: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    room = Newsroom(options)
    start = utc_now() - timedelta(days=40)
    items = []
    for day in range(30):
        for hour in range(4):
            at = start + timedelta(days=day, hours=6 * hour)
            url = f"http://n.example/{day}/{hour}"
            items.append(item(url, url, f"T {day} {hour}", f"{at:%a, %d %b %Y %H:%M:%S} +0000"))
    room.documents["a"] = document(*items)
    first = room.poll("a")
    assert first.notes["feeds_fell_silent"] == 1
    feed = room.feed("a")
    assert feed.state == FeedState.SILENT
    assert feed.note.startswith("silent since ")
    assert "entries expected since" in feed.note
    again = room.poll("a")
    assert "feeds_fell_silent" not in again.notes  # the alarm comes once
    assert room.feed("a").note == feed.note
    now = f"{utc_now():%a, %d %b %Y %H:%M:%S} +0000"
    room.documents["a"] = document(item("http://n.example/new", "new", "New", now))
    room.poll("a")
    assert (room.feed("a").state, room.feed("a").note) == (FeedState.ACTIVE, "")


def test_hosts_that_fail_all_at_once_make_no_feed_wait_longer(options: Settings) -> None:
    """The name server is away for two runs, and comes back."""
    room = Newsroom(options)
    hosts = [f"h{n}" for n in range(4)]
    room.documents = {host: document(item(f"http://n.example/{host}")) for host in hosts}
    room.poll(*hosts)
    before = {host: room.feed(host) for host in hosts}

    def shut(store: Store) -> None:
        """Nothing listens where the feeds are."""
        for host in hosts:
            feed = room.feed(host)
            nowhere = feed.url.partition(".localhost")[0] + ".localhost:9/f"
            assert store.feeds.save(feed, replace(feed, url=nowhere, next_poll=None))

    for _ in range(2):
        batch = room.poll(act=shut)
        assert batch.notes["feeds_our_network"] == 4
        assert (batch.notes["hosts_failing"], batch.notes["hosts_well_before"]) == (4, 4)
        assert "feeds_failed" not in batch.notes
        for host in hosts:
            after = room.feed(host)
            assert (after.state, after.failures, after.interval, after.error) == (
                FeedState.ACTIVE, 0, before[host].interval, "",
            )  # fmt: skip
            assert after.next_poll is not None
            assert after.next_poll - utc_now() < timedelta(minutes=2)
    batch = room.poll(*hosts)
    assert "feeds_our_network" not in batch.notes
    assert all(room.feed(host).polls == 2 for host in hosts)


def test_one_host_that_fails_among_others_waits_longer(options: Settings) -> None:
    room = Newsroom(options)
    hosts = [f"h{n}" for n in range(4)]
    room.documents = {host: document(item(f"http://n.example/{host}")) for host in hosts}
    room.poll(*hosts)

    def shut(store: Store) -> None:
        feed = room.feed("h0")
        assert store.feeds.save(feed, replace(feed, url="http://h0.localhost:9/f", next_poll=None))

    batch = room.poll("h1", "h2", "h3", act=shut)
    assert batch.notes["feeds_failed"] == 1
    assert "feeds_our_network" not in batch.notes
    failing = room.feed("h0")
    assert (failing.state, failing.failures) == (FeedState.FAILING, 1)
