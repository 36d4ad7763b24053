"""Feeds that have fallen silent, by the history of what they published."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

from wirewatch.feeds import silence
from wirewatch.records import Feed, FeedState
from wirewatch.store import Store

log = logging.getLogger("wirewatch.feeds")

AT_ONCE = 40  # feeds in one request: with eight weeks of hours each, under 65,536 buckets
LIMIT = 4_000  # feeds a run looks at; the rest has its turn in the next


def watch_silence(store: Store, now: datetime) -> Counter[str]:
    """Looks at the feeds whose time for it has come; counts those that fell silent or spoke again.

    Each falls silent once: the change of its state is the alarm, written to the log with its words.
    """
    counts: Counter[str] = Counter()
    due = store.feeds.due_silence_check(now, LIMIT)
    for at in range(0, len(due), AT_ONCE):
        chunk = due[at : at + AT_ONCE]
        history = store.pages.hours([feed.id for feed in chunk], now - silence.HISTORY)
        checked = [(feed, silence.check(feed, history.get(feed.id, ()), now)) for feed in chunk]
        written = store.feeds.save_all(checked)
        for before, after in checked:
            if after.id in written and before.state != after.state:
                counts[_log_change(after)] += 1
    return counts


def _log_change(feed: Feed) -> str:
    name = feed.outlet or feed.title or feed.url
    if feed.state == FeedState.SILENT:
        log.warning("%s (%s) is %s", name, feed.url, feed.note)
        return "feeds_fell_silent"
    log.info("%s (%s) speaks again", name, feed.url)
    return "feeds_spoke_again"
