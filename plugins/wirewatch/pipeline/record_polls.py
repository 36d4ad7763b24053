"""What polls brought, written to Elasticsearch: many feeds at once, beside the event loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from wirewatch.feeds import websub
from wirewatch.feeds.poll import Polled, feed_after
from wirewatch.pipeline.entries import note, pages_of
from wirewatch.pipeline.subscriptions import wanted
from wirewatch.records import Feed, FeedState, Page, Reason, Subscription, replace
from wirewatch.settings import Settings
from wirewatch.store import Store


class PollRecorder:
    """Writes polls down, and counts entries and feeds by outcome."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        run: str,
        outlets: Mapping[str, Feed],
        now: datetime,
    ) -> None:
        self._store = store
        self._settings = settings
        self._run = run
        self._outlets = outlets
        self.now = now
        self.entries: Counter[str] = Counter()
        self.feeds: Counter[str] = Counter()

    def record(self, chunk: Sequence[Polled]) -> None:
        """Writes the pages of these polls, then their feeds with the next poll decided.

        A kill in between polls those feeds again, which finds their pages there.
        """
        subscriptions = self._subscriptions(chunk)
        pages: list[Page] = []
        bad: dict[str, int] = {}
        for polled in chunk:
            self.feeds[f"feeds_{polled.outcome}"] += 1
            self.entries["unusable"] += polled.rejected
            if polled.entries:
                named, unusable = pages_of(polled.before, polled.entries, self._outlets, self.now)
                pages += named
                bad[polled.before.id] = unusable
                self.entries[Reason.BAD_URL.value] += unusable
        first = {polled.before.id for polled in chunk if polled.before.last_success is None}
        noted = note(self._store, pages, first)
        self.entries.update(noted.outcomes)
        saved: list[tuple[Feed, Feed]] = []
        missed: dict[str, dict[str, int]] = {}
        for polled in chunk:
            identity = polled.before.id
            subscription = subscriptions.get(identity)
            new = noted.new.get(identity, 0)
            after = feed_after(polled, new, self.now, self._settings)
            after = replace(
                after,
                rejected_entries=after.rejected_entries + bad.get(identity, 0),
                run=self._run,
            )
            if subscription is not None:
                if new and _polled_since(polled.before, subscription):
                    missed[identity] = {"missed": new}
                    subscription = replace(subscription, missed=subscription.missed + new)
                after = websub.stretched(_pushed(after, subscription), subscription, self.now)
            saved.append((polled.before, after))
        done = self._store.feeds.save_all(saved)
        self.feeds["feeds_changed_meanwhile"] += len(saved) - len(done)
        if self._settings["websub.callback"]:
            if missed:
                self._store.subscriptions.count(missed)
            wanted(self._store, [after for _, after in saved], subscriptions, self.now)

    def _subscriptions(self, chunk: Sequence[Polled]) -> dict[str, Subscription]:
        if not self._settings["websub.callback"]:
            return {}
        return self._store.subscriptions.get([polled.before.id for polled in chunk])


def _polled_since(feed: Feed, subscription: Subscription) -> bool:
    """Whether a poll before this one came after the verification, so that what is new now is
    what no push brought, and not what there was before.
    """
    verified, last = subscription.verified, feed.last_success
    return verified is not None and last is not None and last > verified


def _pushed(feed: Feed, subscription: Subscription) -> Feed:
    """The feed with its last news where a push brought them."""
    last = subscription.last_push
    if last is None or not subscription.brought or (feed.last_new and feed.last_new >= last):
        return feed
    state = FeedState.ACTIVE if feed.state == FeedState.SILENT else feed.state
    return replace(feed, last_new=last, state=state)
