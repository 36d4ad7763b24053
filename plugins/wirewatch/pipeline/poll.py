"""Poll the feeds that are due, and note the pages that their entries name."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wirewatch.feeds.poll import poll as poll_feeds
from wirewatch.fetch import urls
from wirewatch.fetch.client import Client
from wirewatch.pipeline.fetch import Tick
from wirewatch.records import Batch, Entry, Feed, Page, Reason, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

# Sites that the entries of one publisher's feed lead to: its own, and one it moved to or shares.
# A feed with more is an aggregator, and says nothing of who published a page.
SITES_OF_A_PUBLISHER = 2


def poll(settings: Settings, run: str, tick: Tick = lambda _: None) -> Batch:
    """Polls due feeds; the batch counts entries: new pages, pages seen before, and rejected ones.

    Its notes count feeds by outcome. A feed's new state is saved after its pages are, so a kill
    in between polls that feed again and loses nothing.
    """
    with connect(settings, prepare=False) as store:
        now = utc_now()
        due = store.feeds.due(now, settings["run.feeds"])
        outlets = _by_site(store.feeds.all())
        entries, feeds = asyncio.run(_poll(settings, store, run, due, outlets, now, tick))
        store.refresh()
    passed = entries.pop("discovered", 0)
    return Batch(
        run=run,
        stage="poll",
        partition=0,
        file="",
        taken=passed + sum(entries.values()),
        passed=passed,
        outcomes=dict(entries),
        notes=dict(feeds),
    )


async def _poll(
    settings: Settings,
    store: Store,
    run: str,
    due: Sequence[Feed],
    outlets: Mapping[str, Feed],
    now: datetime,
    tick: Tick,
) -> tuple[Counter[str], Counter[str]]:
    """Counts of entries and of feeds, each by outcome."""
    entries: Counter[str] = Counter()
    feeds: Counter[str] = Counter()
    bad_urls: Counter[str] = Counter()

    def discover(feed: Feed, read: Sequence[Entry]) -> int:
        pages, bad = pages_of(feed, read, outlets, now)
        outcome = store.pages.discover(pages)
        outcome.raise_refused("pages")
        entries["discovered"] += len(outcome.done)
        entries["seen"] += len(outcome.conflicts)
        entries[Reason.BAD_URL.value] += bad
        bad_urls[feed.id] += bad
        return len(outcome.done)

    async with Client(settings) as client:
        async for polled in poll_feeds(client, due, now, settings, discover):
            feeds[f"feeds_{polled.outcome}"] += 1
            entries["unusable"] += polled.rejected
            after = replace(
                polled.after,
                rejected_entries=polled.after.rejected_entries + bad_urls[polled.before.id],
                run=run,
            )
            if not store.feeds.save(polled.before, after):
                feeds["feeds_changed_meanwhile"] += 1
            tick(1)
    return Counter({k: v for k, v in entries.items() if v}), feeds


def pages_of(
    feed: Feed, entries: Sequence[Entry], outlets: Mapping[str, Feed], now: datetime
) -> tuple[list[Page], int]:
    """The pages that entries name, one an entry, and how many name none that can be fetched."""
    named: list[tuple[str, Entry]] = []
    bad = 0
    for entry in entries:
        try:
            named.append((urls.normalise(entry.url), entry))
        except urls.BadURL:
            bad += 1
    sites = {urls.site(url) for url, _ in named}
    own = urls.site(feed.url)
    publisher = len(sites) <= SITES_OF_A_PUBLISHER
    pages = []
    for url, entry in named:
        site = urls.site(url)
        known = feed if site == own else outlets.get(site) or (feed if publisher else None)
        pages.append(
            Page(
                id=urls.page_id(url),
                url=url,
                host=urls.host(url),
                feed_id=feed.id,
                outlet=known.outlet or known.title if known else "",
                country=known.country if known else "",
                discovered=now,
                entry=entry,
            )
        )
    return pages, bad


def _by_site(feeds: Iterable[Feed]) -> dict[str, Feed]:
    """A feed of each site, the first by outlet: who published a page that another feed named."""
    found: dict[str, Feed] = {}
    for feed in feeds:
        try:
            found.setdefault(urls.site(feed.url), feed)
        except urls.BadURL:
            continue  # its own poll says what is wrong with it
    return found
