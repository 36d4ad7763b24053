"""Subscriptions at WebSub hubs: asked for, renewed before their lease ends, given up."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from wirewatch.feeds import websub
from wirewatch.feeds.websub import Hubs
from wirewatch.fetch import urls
from wirewatch.fetch.host_leases import HostStore
from wirewatch.records import Feed, FeedState, Subscription, SubscriptionState, replace
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.store.subscriptions import ASKED

TOKEN = 24  # bytes of the unguessable part of a callback's address
SECRET = 32  # bytes a hub signs with, as hex; less than 200 characters (section 5.1)
AT_ONCE = 32  # hubs asked at once; the feeds of one hub follow each other
BUDGET = 60.0  # seconds of a run for hubs; whose turn does not come is due again in the next
FAREWELL = timedelta(days=1)  # a hub may take so long to verify that it is left


def wanted(
    store: Store,
    feeds: Iterable[Feed],
    known: Mapping[str, Subscription],
    now: datetime,
) -> None:
    """Notes subscriptions for feeds that name a hub, anew where hub or topic changed; lets those
    go whose feed names none any more or is gone.
    """
    new: list[Subscription] = []
    left: list[str] = []
    for feed in feeds:
        subscription = known.get(feed.id)
        wants = bool(feed.hub) and feed.state != FeedState.GONE
        if subscription is None or subscription.state == SubscriptionState.LEAVING:
            if wants:
                new.append(_new(feed, now))
        elif not wants:
            left.append(feed.id)
        elif (subscription.hub, subscription.topic) != (feed.hub, feed.topic):
            new.append(_new(feed, now))  # the old lease ends by itself: its callback is unknown
    if new:
        store.subscriptions.put(new).raise_refused("subscriptions")
    if left:
        store.subscriptions.leave(left, now)


def _new(feed: Feed, now: datetime) -> Subscription:
    return Subscription(
        id=feed.id,
        hub=feed.hub,
        topic=feed.topic,
        token=secrets.token_hex(TOKEN),
        secret=secrets.token_hex(SECRET),
        next_try=now,
    )


def ask_hubs(settings: Settings, store: Store, now: datetime) -> Counter[str]:
    """Asks the hubs whose turn it is: to push, to go on pushing, to stop. Counts by outcome.

    A hub that fails is asked again, more and more seldom; its feeds are polled all the while.
    Nothing is asked without ``websub.callback``.
    """
    if not settings["websub.callback"]:
        return Counter()
    store.refresh()
    due = store.subscriptions.due(now, settings["websub.requests"])
    if not due:
        return Counter()
    feeds = store.feeds.get([one.id for one in due])
    counts: Counter[str] = Counter()
    asked: list[tuple[Subscription, str]] = []
    over: list[str] = []
    for one in due:
        feed = feeds.get(one.id)
        leaving = one.state == SubscriptionState.LEAVING
        if not leaving and feed is not None and feed.state != FeedState.GONE:
            asked.append((_awaiting(one, now), "subscribe"))
        elif one.verified is None or (leaving and one.requested):
            over.append(one.id)  # the hub never knew of it, or was asked to stop a day ago
        else:
            state, until = SubscriptionState.LEAVING, now + FAREWELL
            asked.append((replace(one, state=state, requested=now, next_try=until), "unsubscribe"))
    # Written before the hub is asked: it may verify while it still answers.
    store.subscriptions.change([one for one, _ in asked], ASKED)
    store.subscriptions.remove(over)
    counts["subscriptions_ended"] = len(over)
    for one, mode, why in asyncio.run(_ask(settings, store.hosts, asked)):
        counts[f"hubs_{'failed' if why else 'asked'}"] += 1
        if why and mode == "subscribe":
            failed = websub.failed(one, why, now)
            store.subscriptions.change([replace(failed, requested=None)], ASKED)
    return Counter({name: count for name, count in counts.items() if count})


def _awaiting(one: Subscription, now: datetime) -> Subscription:
    """The subscription as it stands while its hub is asked: if nothing comes of it, a failure."""
    if one.requested and (one.verified is None or one.requested > one.verified):
        one = websub.failed(one, "the hub took the request and has not verified it", now)
    else:
        if one.state == SubscriptionState.ACTIVE and one.expires and one.expires <= now:
            one = replace(one, state=SubscriptionState.LAPSED)
        one = replace(one, next_try=now + websub.VERIFIED_WITHIN)
    return replace(one, requested=now)


async def _ask(
    settings: Settings, leases: HostStore, asked: list[tuple[Subscription, str]]
) -> list[tuple[Subscription, str, str]]:
    """Each with why its hub did not take the request; those whose turn did not come are absent."""
    by_hub: dict[str, list[tuple[Subscription, str]]] = {}
    for one, mode in asked:
        try:
            by_hub.setdefault(urls.host(one.hub), []).append((one, mode))
        except urls.BadURL:
            by_hub.setdefault(one.hub, []).append((one, mode))
    answers: list[tuple[Subscription, str, str]] = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def one_hub(queue: list[tuple[Subscription, str]], hubs: Hubs) -> None:
        async with gate:
            for one, mode in queue:
                answers.append((one, mode, await hubs.ask(one, mode)))

    async with Hubs(settings, leases, BUDGET) as hubs:
        tasks = [asyncio.create_task(one_hub(queue, hubs)) for queue in by_hub.values()]
        _, late = await asyncio.wait(tasks, timeout=BUDGET)
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result
    return answers
