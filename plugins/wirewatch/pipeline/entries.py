"""The pages that entries name, and which of them nobody has seen before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from wirewatch.fetch import urls
from wirewatch.records import Entry, Feed, Page, PageStatus, Record
from wirewatch.store import Store

# Sites that the entries of one publisher's feed lead to: its own, and one it moved to or shares.
# A feed with more is an aggregator, and says nothing of who published a page.
SITES_OF_A_PUBLISHER = 2
# Where a page stands that has been read, or soon will be. One that failed under its old link is
# worth trying under the new one.
WELL = (PageStatus.DISCOVERED, PageStatus.FETCHED, PageStatus.INDEXED)


class Noted(Record, frozen=True, kw_only=True):
    """What became of the entries of several feeds: each is in one of the counts."""

    new: dict[str, int]  # pages made, by feed id
    outcomes: dict[str, int]  # discovered, seen, moved_link


def note(store: Store, pages: Iterable[Page], first: Collection[str] = ()) -> Noted:
    """Makes the pages that nobody saw before.

    A page is known by its URL, whatever guid an entry comes with. An entry is known by its guid
    where its link has moved: same feed, same guid, same title, and its page is well. ``first`` are
    the ids of feeds read for the first time, of which no entry can have moved.
    """
    pages = list(pages)
    unknown = store.pages.unknown([page.id for page in pages])
    fresh = {page.id: page for page in reversed(pages) if page.id in unknown}
    moved = _moved(store, [page for page in fresh.values() if page.feed_id not in first])
    outcome = store.pages.discover(page for page in fresh.values() if page.id not in moved)
    outcome.raise_refused("pages")
    made = set(outcome.done)
    return Noted(
        new=dict(Counter(fresh[identity].feed_id for identity in made)),
        outcomes={
            "discovered": len(made),
            "moved_link": len(moved),
            "seen": len(pages) - len(made) - len(moved),
        },
    )


def _moved(store: Store, pages: Sequence[Page]) -> set[str]:
    """The ids of those pages whose entry named another page before."""
    named = {page.entry_id: page for page in pages if page.entry and page.entry.guid}
    found: set[str] = set()
    for known in store.pages.of_entries(list(named)):
        page = named[known.entry_id]
        if page.entry is None or known.entry is None or known.status not in WELL:
            continue
        if page.entry.title and known.entry.title == page.entry.title:
            found.add(page.id)
    return found


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
        dated = entry.published or entry.updated
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
                entry_id=entry.id,
                dated=min(dated, now) if dated else now,
            )
        )
    return pages, bad


def by_site(feeds: Iterable[Feed]) -> dict[str, Feed]:
    """A feed of each site, the first by outlet: who published a page that another feed named."""
    found: dict[str, Feed] = {}
    for feed in feeds:
        try:
            found.setdefault(urls.site(feed.url), feed)
        except urls.BadURL:
            continue  # its own poll says what is wrong with it
    return found
