"""From searchable to received, in a real Airflow whose DAGs run on their own schedules."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import frontier
from es_server import say
from wirewatch.fetch import urls
from wirewatch.local import airflow, follow
from wirewatch.records import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    Feed,
    SavedSearch,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

DAGS = ("ingest", "alerts", "deliver")
LAST = 420.0  # seconds that the last messages may take: three runs of a busy machine
LOOK = 5.0  # seconds between two looks at whether they came
GOAL = 90  # seconds


def sent(
    base: Settings, came: list[tuple[str, float]], url: str, searches: int, minutes: float
) -> dict[str, Any]:
    """Seconds from searchable to received at so many saved searches, each with an outlet of its own
    that has a new report every two minutes; and what of it was until queued.

    ``base`` has an index prefix of its own. ``came`` fills with the key of each message and when
    the webhook at ``url`` took it.
    """
    labels = [f"h{n}" for n in range(searches)]
    loads: list[float] = []
    with tempfile.TemporaryDirectory() as folder, frontier.Site().running() as site:
        settings = base.with_options(
            state=str(Path(folder) / "state"),
            local__folder=str(Path(folder) / "local"),
            fetch__allow=f"*.localhost:{site.port}",
            fetch__delay=0,
            feeds__shortest=60,
            feeds__first=60,
        )
        with connect(settings) as store:
            _fill(store, site, labels, url)
        running = airflow.ensure(settings, say)
        try:
            client = airflow.client(running)
            follow.wait_for_dags(client, frozenset(DAGS))
            for dag in DAGS:
                client.pause(dag, False)
            until = time.monotonic() + 60 * minutes
            number = 0
            while (left := until - time.monotonic()) > 0:
                time.sleep(min(frontier.EVERY, left))
                number += 1
                for label in labels:
                    site.feeds[label].insert(0, f"/{number}")
                loads.append(os.getloadavg()[0])
                say(f"{len(came)} came; load {loads[-1]:.1f}")
            with connect(settings) as store:
                _wait(store, searches * (number + 1))
                messages = [one for one, _ in store.deliveries.find()]
                stories = store.stories.count()["stories"]
        finally:
            airflow.stop(settings)
    return {**_figures(messages, dict(reversed(came))), "searches": searches, "stories": stories,
            "received": len(came), "load": round(statistics.mean(loads), 1)}  # fmt: skip


def _fill(store: Store, site: frontier.Site, labels: list[str], url: str) -> None:
    now = utc_now()
    store.channels.create(
        Channel(id="hook", name="Hook", kind=ChannelKind.WEBHOOK, address=url, secret="s" * 40)
    )
    store.searches.put(
        SavedSearch(
            id=label, name=label, query=f"outlet:{label} AND matter", channels=("hook",),
            origin="user", created=now,
        )
        for label in labels
    ).raise_refused("searches")  # fmt: skip
    site.feeds = {label: ["/0"] for label in labels}
    store.feeds.add(
        Feed(id=urls.feed_id(feed), url=feed, outlet=label, added=now)
        for label, feed in ((label, site.url(label, "/feed")) for label in labels)
    ).raise_refused("feeds")


def _wait(store: Store, stories: int) -> None:
    """Until so many stories are matched and every message is sent, or LAST seconds are over."""
    until = time.monotonic() + LAST
    while time.monotonic() < until:
        store.refresh()
        matched = store.stories.count()["stories"] - store.stories.waiting()
        messages = [one for one, _ in store.deliveries.find()]
        if matched >= stories and all(one.state == DeliveryState.SENT for one in messages):
            return
        time.sleep(LOOK)


def _figures(messages: list[Delivery], came: dict[str, float]) -> dict[str, Any]:
    known = [one for one in messages if one.searchable and one.channel == "hook"]
    begun = {one.id: one.searchable.timestamp() for one in known if one.searchable}
    seconds = sorted(came[one.id] - begun[one.id] for one in known if one.id in came)
    queued = sorted(one.created.timestamp() - begun[one.id] for one in known)
    return {
        "messages": len(known),
        "missing": sum(one.id not in came for one in known),
        "received_p50_seconds": round(statistics.median(seconds), 1),
        "received_p95_seconds": round(_part(seconds, 0.95), 1),
        "received_most_seconds": round(seconds[-1], 1),
        "matching_began_p50_seconds": round(statistics.median(queued), 1),
        "matching_began_p95_seconds": round(_part(queued, 0.95), 1),
        "goal_p95_seconds": GOAL,
    }


def _part(ordered: list[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))]
