"""The queue of messages worked off: each channel by itself, so that none waits for another.

A message is leased by compare-and-set, sent, and saved at once. Killed in between, its lease ends
and it is sent again under the same id, its idempotency key. Two workers never hold one message.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError

from wirewatch.alerts.channels import LOG, Answer, Tools, carry, opened
from wirewatch.alerts.channels.files import sync
from wirewatch.alerts.digest import gather
from wirewatch.alerts.fate import fate
from wirewatch.alerts.messages import Message, message
from wirewatch.alerts.pace import backoff, learnt, patience, pause, rests
from wirewatch.alerts.schedule import zone_of
from wirewatch.records import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    SavedSearch,
    Try,
    replace,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store, Unavailable
from wirewatch.store.deliveries import WAITING
from wirewatch.store.versions import Version

log = logging.getLogger("wirewatch.alerts")

T = TypeVar("T")
Clock = Callable[[], datetime]

PAGE = 50  # messages of a channel read at once
LOOK = 1.0  # seconds between two looks for channels that have something to send
THREADS = 8  # that talk to Elasticsearch: a request takes milliseconds
TRIES = 20  # kept with a message, the newest
LEASE_MARGIN = 30  # seconds a lease outlasts the longest try
DAYS = 14  # whose volume a digest by mail shows
FAULT = 60.0  # seconds for which a channel is left alone whose queue a fault of ours stopped
MISSING = 30  # seconds until an alert that is not there yet is looked for again
SURE = 12  # failures in a row from which a channel's old messages are given up


@dataclass
class Work:
    """One worker's state while it works."""

    store: Store
    tools: Tools
    settings: Settings
    clock: Clock
    threads: ThreadPoolExecutor
    ends: float  # of the monotonic clock: nothing is begun after it
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    counts: Counter[str] = field(default_factory=Counter)
    faults: dict[str, float] = field(default_factory=dict)  # channels left alone until then
    fault: Exception | None = None  # the last one of ours

    async def ask(self, call: Callable[..., T], *args: Any, **named: Any) -> T:
        """What a call of the store gives, made in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, lambda: call(*args, **named))

    def count(self, delivery: Delivery) -> None:
        """Counts a message by the state that it has now."""
        self.counts[str(delivery.state)] += 1

    @property
    def over(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self.ends


def deliver(
    store: Store,
    settings: Settings,
    *,
    clock: Clock = utc_now,
    seconds: float = 0,
    watch: bool = False,
) -> Counter[str]:
    """Sends what is due, each channel on its own; counts what became of the messages.

    It begins nothing after ``seconds`` (0: the option ``alerts.budget``). ``watch``: it goes on
    looking until its time is over; else it ends when nothing is due. Channels of files are read at
    the start; what is wrong in them is logged. Raises what the store raises; and at the end a fault
    of ours that stopped a channel, when all others have been worked off.
    """
    for problem in sync(store, settings):
        log.error("%s", problem)
    return asyncio.run(
        _work(store, settings, clock, seconds or settings["alerts.budget"], watch=watch)
    )


async def _work(
    store: Store, settings: Settings, clock: Clock, seconds: float, *, watch: bool
) -> Counter[str]:
    with ThreadPoolExecutor(THREADS, thread_name_prefix="store") as threads:
        async with opened(settings) as tools:
            ends = time.monotonic() + seconds
            work = Work(store, tools, settings, clock, threads, ends)
            lanes: dict[str, asyncio.Task[None]] = {}
            try:
                await _lanes(work, lanes, watch)
            finally:
                for lane in lanes.values():
                    lane.cancel()
                await asyncio.gather(*lanes.values(), return_exceptions=True)
    if work.fault is not None:
        raise work.fault
    return work.counts


async def _lanes(work: Work, lanes: dict[str, asyncio.Task[None]], watch: bool) -> None:
    """Opens a lane for each channel that has something to send, until there is none."""
    while not work.over:
        now = work.clock()
        channels = {LOG.id: LOG, **await work.ask(_channels, work.store)}
        resting = {one.id for one in channels.values() if rests(one, now)}
        faulty = {name for name, until in work.faults.items() if until > time.monotonic()}
        left = {*resting, *lanes, *faulty}
        due = await work.ask(work.store.deliveries.due_channels, now, left)
        for name in due:
            lanes[name] = asyncio.create_task(_apart(work, name, channels.get(name)))
        if lanes:
            done, _ = await asyncio.wait(
                lanes.values(), timeout=LOOK, return_when=asyncio.FIRST_COMPLETED
            )
            for name in [name for name, task in lanes.items() if task in done]:
                lanes.pop(name).result()
        elif watch:
            await asyncio.sleep(LOOK)
        else:
            return
    await asyncio.gather(*lanes.values())  # what was begun ends by its own time-outs


def _channels(store: Store) -> dict[str, Channel]:
    return {channel.id: channel for channel in store.channels.all()}


async def _apart(work: Work, name: str, channel: Channel | None) -> None:
    """Works off a channel's queue; a fault of ours in it leaves the others to go on.

    What hinders Elasticsearch hinders all, and is raised.
    """
    try:
        await _lane(work, name, channel)
    except (ApiError, TransportError, Unavailable):
        raise
    except Exception as error:
        log.exception("channel %s: its queue could not be worked off", name)
        work.faults[name] = time.monotonic() + FAULT
        work.fault = error


async def _lane(work: Work, name: str, channel: Channel | None) -> None:
    """Sends a channel's messages one after another, until none is due or one does not go."""
    deliveries = work.store.deliveries
    work.counts["digests"] += await work.ask(gather, work.store, name, work.clock())
    moved = True
    while moved and not work.over:
        moved = False
        page = await work.ask(deliveries.due, name, work.clock(), PAGE, held=False)
        searches: dict[str, SavedSearch | None] = {}
        for delivery, version in page:
            if work.over:
                return
            named = delivery.search_id  # "" of a test
            if named not in searches:
                found = await work.ask(work.store.searches.read, named) if named else None
                searches[named] = found[0] if found else None
            search = searches[named]
            decided = fate(delivery, search, channel, work.clock())
            if decided is None and channel is not None:
                went, channel = await _send(work, delivery, version, search, channel)
                moved |= went
                if channel.off or rests(channel, work.clock()):
                    return
            elif decided is not None and await work.ask(deliveries.save, decided, version):
                work.count(decided)
                moved = True


async def _send(
    work: Work,
    delivery: Delivery,
    version: Version,
    search: SavedSearch | None,
    channel: Channel,
) -> tuple[bool, Channel]:
    """Whether the message moved on, and the channel after the try."""
    found = await work.ask(work.store.alerts.get, delivery.alerts)
    if len(found) < len(delivery.alerts) or any(
        one.revision < delivery.revision for one in found.values()
    ):
        return await _put_off(work, delivery, version), channel
    volume = await work.ask(_volume, work, delivery, search, channel)
    told = message(
        delivery,
        search,
        tuple(found[one] for one in delivery.alerts),
        work.settings["alerts.url"],
        volume,
    )
    lease = patience(channel, work.settings) + LEASE_MARGIN
    claimed = await work.ask(work.store.deliveries.claim, delivery, version, work.holder, lease)
    if claimed is None:  # another worker was quicker
        return False, channel
    held, version = claimed
    answer = await _carry(work, channel, told)
    now = work.clock()
    after = _after(held, answer, now, work.settings)
    if await work.ask(work.store.deliveries.save, after, version):
        work.count(after)
    else:
        log.warning("%s was taken over while it was sent: its lease had ended", held.id)
    channel = await work.ask(_learn, work, channel, answer, now)
    if not answer.error:
        await asyncio.sleep(pause(channel))
    return True, channel


def _volume(
    work: Work, delivery: Delivery, search: SavedSearch | None, channel: Channel
) -> tuple[int, ...]:
    """The search's alerts a day, for a digest by mail; () for other messages."""
    if search is None or delivery.kind != DeliveryKind.DIGEST or channel.kind != ChannelKind.MAIL:
        return ()
    return work.store.alerts.by_day(search.id, work.clock(), zone_of(search.zone), DAYS)


async def _carry(work: Work, channel: Channel, told: Message) -> Answer:
    try:
        return await carry(channel, told, work.tools)
    except Exception as error:  # a fault of ours in one kind of channel must not stop the others
        log.exception("channel %s: the message %s could not be made", channel.id, told.id)
        return Answer(error=f"it could not be made: {type(error).__name__}")


async def _put_off(work: Work, delivery: Delivery, version: Version) -> bool:
    """Puts off a message whose alerts are not all written: whoever raises them is at it, or died.

    One whose hours are over is given up.
    """
    now = work.clock()
    changed = replace(
        delivery,
        state=DeliveryState.DEAD if _old(delivery, now, work.settings) else DeliveryState.PENDING,
        next_try=now + timedelta(seconds=MISSING),
        error="its alert is not in the index",
    )
    saved = await work.ask(work.store.deliveries.save, changed, version)
    if saved:
        work.count(changed)
    return saved


def _after(held: Delivery, answer: Answer, now: datetime, settings: Settings) -> Delivery:
    """The message after a try."""
    tries = (*held.tries, Try(at=now, error=answer.error))[-TRIES:]
    done = replace(held, holder="", until=None, error=answer.error, tries=tries)
    if not answer.error:
        since = held.searchable
        seconds = max(0.0, (now - since).total_seconds()) if since else None
        return replace(done, state=DeliveryState.SENT, sent=now, seconds=seconds)
    given_up = _old(held, now, settings) and held.attempts >= SURE
    if answer.gone or given_up or held.kind == DeliveryKind.TEST:
        return replace(done, state=DeliveryState.DEAD)
    wait = max(backoff(held.attempts, settings), answer.after)
    return replace(done, state=DeliveryState.FAILED, next_try=now + timedelta(seconds=wait))


def _old(delivery: Delivery, now: datetime, settings: Settings) -> bool:
    since = delivery.since or delivery.created
    return bool(now - since >= timedelta(hours=settings["alerts.give_up"]))


def _learn(work: Work, channel: Channel, answer: Answer, now: datetime) -> Channel:
    """Keeps what a try taught about the channel; gives up what it did not take for too long."""
    after = learnt(channel, answer, now, work.settings)
    if after == channel:
        return channel
    kept = work.store.channels.change(
        channel.id, lambda one: learnt(one, answer, now, work.settings)
    )
    if kept is None:  # deleted meanwhile, or the log
        return after
    if kept.off and not channel.off:
        log.error("the channel %s was switched off: %s", kept.id, kept.off)
    if kept.setbacks >= SURE:
        deliveries = work.store.deliveries
        over = now - timedelta(hours=work.settings["alerts.give_up"])
        old = deliveries.find(states=WAITING, channel=kept.id, before=over)
        words = f"given up, as nothing went through: {answer.error}"
        dead = [(replace(one, state=DeliveryState.DEAD, error=words), at) for one, at in old]
        work.counts["dead"] += len(deliveries.save_all(dead).done)
    return kept
