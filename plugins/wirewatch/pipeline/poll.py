"""Poll the feeds that are due, and note the pages that their entries name."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from wirewatch.feeds.outage import FAILING, HOSTS, NETWORK, Hosts, held
from wirewatch.feeds.poll import Polled
from wirewatch.feeds.poll import poll as poll_feeds
from wirewatch.fetch import loop
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_leases import HostStore
from wirewatch.pipeline.entries import by_site
from wirewatch.pipeline.flow import Tick
from wirewatch.pipeline.record_polls import PollRecorder
from wirewatch.pipeline.silence import watch_silence
from wirewatch.pipeline.subscriptions import ask_hubs
from wirewatch.records import Batch, Feed, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

log = logging.getLogger("wirewatch.feeds")

CHUNK = 100  # feeds written down together: some five requests instead of as many for each feed


def poll(settings: Settings, run: str, tick: Tick = lambda _: None) -> Batch:
    """Polls due feeds; the batch counts entries: new pages, pages seen before, and rejected ones.

    Its notes count feeds by outcome, those that fell silent or spoke again, and requests to hubs.
    A feed's new state is saved after its pages are, so a kill in between polls that feed again and
    loses nothing. Where many hosts fail at once it is our network, and no feed waits longer for it.
    """
    with connect(settings, prepare=False) as store:
        now = utc_now()
        due = store.feeds.due(now, settings["run.feeds"])
        recorder = PollRecorder(store, settings, run, by_site(store.feeds.all()), now)
        loop.run(_poll(settings, due, recorder, store.hosts, tick))
        store.refresh()
        notes = recorder.feeds + watch_silence(store, now) + ask_hubs(settings, store, now)
        store.refresh()
    entries = {name: count for name, count in recorder.entries.items() if count}
    passed = entries.pop("discovered", 0)
    return Batch(
        run=run,
        stage="poll",
        partition=0,
        file="",
        taken=passed + sum(entries.values()),
        passed=passed,
        outcomes=entries,
        notes=dict(notes),
    )


async def _poll(
    settings: Settings,
    due: Sequence[Feed],
    recorder: PollRecorder,
    hosts: HostStore,
    tick: Tick,
) -> None:
    """Polls in this loop and records in a thread, one chunk at a time: Elasticsearch holds up no
    host, unless it falls two chunks behind.
    """
    chunk: list[Polled] = []
    failed: list[Polled] = []  # on the way: decided when it is known how the others fared
    hosts_now = Hosts(recorder.now)
    writing: asyncio.Task[None] | None = None
    async with Client(settings, budget=settings["feeds.budget"], leases=hosts) as client:
        async for polled in poll_feeds(client, due, recorder.now, settings):
            hosts_now.note(polled)
            (failed if polled.reason in NETWORK else chunk).append(polled)
            if len(chunk) >= CHUNK and (
                writing is None or writing.done() or len(chunk) >= 2 * CHUNK
            ):
                if writing is not None:
                    await writing
                writing = asyncio.create_task(_record(recorder, chunk, tick))
                chunk = []
    if writing is not None:
        await writing
    outage = hosts_now.outage(settings["troubles.hosts_percent"])
    if outage is not None:
        failed = held(failed, recorder.now)
        recorder.feeds[FAILING], recorder.feeds[HOSTS] = outage.failing, outage.hosts
        log.warning(
            "%d of %d hosts that had answered before fail at once: it is our network, and no "
            "feed waits longer for it",
            outage.failing,
            outage.hosts,
        )
    chunk += failed
    for at in range(0, len(chunk), CHUNK):
        await _record(recorder, chunk[at : at + CHUNK], tick)


async def _record(recorder: PollRecorder, chunk: Sequence[Polled], tick: Tick) -> None:
    await asyncio.to_thread(recorder.record, chunk)
    tick(len(chunk))
