"""What hubs push: the same entries by another way than a poll."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from wirewatch.feeds.parse import NotAFeed, parse
from wirewatch.pipeline.entries import by_site, note, pages_of
from wirewatch.records import Feed, Record, Subscription
from wirewatch.settings import Settings
from wirewatch.store import Store

OUTLETS_KEPT = 600.0  # seconds: who publishes which site changes seldom, and is read from all feeds


class Taken(Record, frozen=True, kw_only=True):
    """What a push brought. ``entries`` = ``new`` + ``seen`` + ``rejected``."""

    entries: int = 0
    new: int = 0
    seen: int = 0
    rejected: int = 0
    error: str = ""  # why nothing could be read of it


class Pushes:
    """Takes pushes; knows which outlet has which site for a while."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._outlets: Mapping[str, Feed] = {}
        self._read = -OUTLETS_KEPT

    def take(
        self,
        store: Store,
        feed: Feed,
        subscription: Subscription,
        body: bytes,
        content_type: str,
        now: datetime,
    ) -> Taken:
        """Notes the pages that a push names; the next run fetches them.

        The same push again finds its pages there and changes nothing but a count. The sender must
        have been made sure of before. Raises what Elasticsearch raises: the hub sends it again.
        """
        since = now - timedelta(days=self._settings["feeds.sitemap_days"])
        try:
            parsed = parse(
                body, subscription.topic, content_type, feed_id=feed.id, now=now, since=since
            )
        except NotAFeed as error:
            store.subscriptions.count({feed.id: {"pushes": 1}}, now)
            store.feeds.hasten([feed.id], now)  # something is new there: a poll will tell
            return Taken(error=str(error))
        pages, bad = pages_of(feed, parsed.entries, self._known(store), now)
        noted = note(store, pages)
        new = sum(noted.new.values())
        store.subscriptions.count({feed.id: {"pushes": 1, "brought": new}}, now)
        rejected = parsed.rejected + bad
        return Taken(
            entries=len(pages) + rejected, new=new, seen=len(pages) - new, rejected=rejected
        )

    def _known(self, store: Store) -> Mapping[str, Feed]:
        with self._lock:
            if time.monotonic() - self._read >= OUTLETS_KEPT:
                self._outlets = by_site(store.feeds.all())
                self._read = time.monotonic()
            return self._outlets
