"""What is in the indices now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import Metric

from wirewatch.alerts.costs import costliest
from wirewatch.store import Store
from wirewatch.web.metrics.families import gauge, gauges, instants, waits

DAY = timedelta(days=1)  # messages of this span are counted: older ones are deleted some day


def figures(store: Store, now: datetime) -> Iterator[Metric]:
    """Stories, alerts, feeds, pages, troubles, the newest runs and messages."""
    stories = store.stories.count()
    yield gauge("stories", "Stories searchable.", stories["stories"])
    yield gauge("clusters", "Clusters of stories.", stories["clusters"])
    yield gauge("alerts", "Alerts raised.", store.alerts.count())
    feeds = {(state,): count for state, count in store.feeds.count().items()}
    yield gauges("feeds", "Feeds by state.", ("state",), feeds)
    pages = {
        (status, reason): count
        for status, reasons in store.pages.count().items()
        for reason, count in reasons.items()
    }
    yield gauges("pages", "Pages by status and reason.", ("status", "reason"), pages)
    troubles = [one for one, _ in store.troubles.unsettled().values() if one.ended is None]
    kinds = Counter((one.kind,) for one in troubles)
    yield gauges("troubles", "Troubles that are open, by kind.", ("kind",), kinds)
    yield from _runs(store)
    yield from _messages(store, now)


def _runs(store: Store) -> Iterator[Metric]:
    """Of each kind the newest run: when it began and ended, and whether that was well."""
    newest = {(kind,): run for kind, run in store.runs.newest_by_kind().items()}
    of = ("kind",)
    began = {kind: run.started for kind, run in newest.items()}
    yield instants("run_started_seconds", "When the newest run began.", of, began)
    ended = {kind: run.finished for kind, run in newest.items()}
    yield instants("run_finished_seconds", "When it ended; absent while it runs.", of, ended)
    failed = {kind: float(run.state == "failed") for kind, run in newest.items()}
    yield gauges("run_failed", "1 if the newest run failed, else 0.", of, failed)


def _messages(store: Store, now: datetime) -> Iterator[Metric]:
    """Where messages stand, how channels fare, what searches cost, how long until they are sent."""
    messages = {
        (channel, state): count
        for channel, states in store.deliveries.count().items()
        for state, count in states.items()
    }
    yield gauges("messages", "Messages by channel and state.", ("channel", "state"), messages)
    channels = list(store.channels.all())
    off = {(one.id,): float(bool(one.off) or not one.enabled) for one in channels}
    yield gauges("channel_off", "1 if a channel is switched off, else 0.", ("channel",), off)
    setbacks = {(one.id,): one.setbacks for one in channels}
    yield gauges("channel_setbacks", "Failures in a row of a channel.", ("channel",), setbacks)
    costly = {(one.id,): one.seconds for one in costliest(store)}
    about = "Seconds to match a saved search with 1,000 stories, of those that cost most."
    yield gauges("search_seconds", about, ("search",), costly)
    yield waits(
        "message_seconds",
        "Seconds from searchable to sent, of the messages of the last 24 hours.",
        ("kind",),
        {(kind,): wait for kind, wait in store.deliveries.waits(now - DAY).items()},
    )
