"""The alert stage killed by SIGKILL at each of its writes, with half of that write done.

Whoever runs next must leave what a stage that was never killed leaves: every event told once, and
a message for each alert and channel, none without its alert.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests import makers
from tests.faults.test_takeover import forget
from tests.makers import NOW
from wirewatch.alerts.raising import raise_alerts
from wirewatch.alerts.switching import switch_off
from wirewatch.records import DeliveryKind, SavedSearch, SearchKind, Story
from wirewatch.settings import Settings
from wirewatch.store import Store, bulk, connect

pytestmark = pytest.mark.es

WORDS = ("harbour", "glacier", "orchard", "viaduct", "lantern")
SEARCHES = (
    *(SavedSearch(id=word, name=word, query=word, updates=True) for word in WORDS),
    SavedSearch(id="wide", name="wide", query="news", kind=SearchKind.OUTLETS, threshold=3),
    SavedSearch(id="capped", name="capped", query="news", cap=4, channels=("log", "other")),
    SavedSearch(id="refused", name="refused", query="@nobody"),
)


def stories(chance: random.Random, events: int) -> list[Story]:
    """Reports with one of the words each, two of five stories a copy in another paper."""
    made: list[Story] = []
    for event in range(events):
        for number in range(1 + (chance.random() < 0.4) * chance.randint(1, 3)):
            name = f"e{event}-{number}"
            made.append(
                makers.story(
                    name,
                    f"News of the {WORDS[event % len(WORDS)]}",
                    title=f"Report {event}, version {number}",
                    cluster_id=f"e{event}-0",
                    lead=number == 0,
                    outlet=f"Paper {number}",
                    published=NOW - timedelta(minutes=event * 10 - number),
                    unmatched="new",
                )
            )
    return made


def arrive(store: Store, batch: Sequence[Story], before: Sequence[Story]) -> None:
    """The stories of a batch, and their clusters with what came before."""
    store.stories.create(batch)
    for key in {one.cluster_id for one in batch}:
        own = [one for one in (*before, *batch) if one.cluster_id == key]
        there = store.clusters.read([key])
        cluster = makers.cluster(*own, id=key, lead=key)
        written = store.clusters.write([(cluster, there[key][1] if key in there else None)])
        assert written.done == [key]
    store.refresh()


def work(options: Settings, now: datetime = NOW) -> None:
    with connect(options) as store:
        done = raise_alerts(store, store.searches.all(), now)
        switch_off(store, done.refused, now)


def at_write(number: int) -> None:
    """Dies with half of this write done."""
    writes = count()
    send: Callable[..., Any] = bulk._send

    def sent(es: Any, chunk: list[Any], *args: Any) -> Any:
        if next(writes) != number:
            return send(es, chunk, *args)
        send(es, chunk[: len(chunk) // 2], *args)
        return os.kill(os.getpid(), signal.SIGKILL)

    bulk._send = sent


def died(options: Settings, number: int) -> bool:
    """Whether the stage was killed; false where it has no such write."""
    child = os.fork()
    if not child:
        at_write(number)
        try:
            work(options)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def begin(options: Settings) -> None:
    forget(options)
    with connect(options) as store:
        store.searches.put(SEARCHES)


def picture(options: Settings) -> dict[str, Any]:
    """What was told, checked to agree."""
    with connect(options) as store:
        store.refresh()
        assert store.stories.waiting() == 0
        alerts = {one.id: one for one in store.alerts.all()}
        sent = [one for one, _ in store.deliveries.find()]
        searches = {one.id: one for one in store.searches.all()}
    told = Counter(
        (alert, message.channel)
        for message in sent
        if message.kind in (DeliveryKind.ALERT, DeliveryKind.REST)
        for alert in message.alerts
    )
    assert set(told.values()) == {1}
    assert told.keys() == {
        (one.id, channel) for one in alerts.values() for channel in searches[one.search_id].channels
    }
    for message in sent:
        assert all(alerts[one].revision >= message.revision for one in message.alerts)
    assert not searches["refused"].enabled
    assert [m.search_id for m in sent if m.kind == DeliveryKind.NOTICE] == ["refused"]
    return {
        "told": {(a.search_id, a.cluster_id) for a in alerts.values() if not a.capped},
        "rest": {a.search_id: a.rest for a in alerts.values() if a.capped},
        "stories": {
            (a.search_id, a.cluster_id): set(a.stories) for a in alerts.values() if not a.capped
        },
    }


def test_killed_at_each_write_in_turn(options: Settings) -> None:
    all_of_them = stories(random.Random(3), 12)
    first = [one for one in all_of_them if one.lead]
    later = [one for one in all_of_them if not one.lead]

    def scene() -> None:
        begin(options)
        with connect(options) as store:
            arrive(store, first, [])
        work(options)
        with connect(options) as store:
            arrive(store, [*later, extra], first)

    extra = makers.changed(
        first[0], id="new", cluster_id="new", url="http://new.example/", text="harbour news"
    )
    scene()
    work(options)
    calm = picture(options)
    assert ("harbour", "new") in calm["told"]
    for number in count():
        scene()
        if not died(options, number):
            assert number >= 4
            break
        work(options)
        assert picture(options) == calm, number


def stormy(options: Settings, seed: int, strike: Callable[[Settings, int], object] = died) -> None:
    """Shuffled batches, each with a stage that is struck somewhere, and then one that is not."""
    chance = random.Random(seed)
    arriving = stories(chance, 15)
    truth = {(WORDS[int(s.id[1:].split("-")[0]) % len(WORDS)], s.cluster_id) for s in arriving}
    outlets = Counter(one.cluster_id for one in arriving)
    truth |= {("wide", key) for key, number in outlets.items() if number >= 3}
    chance.shuffle(arriving)
    begin(options)
    came: list[Story] = []
    for part in (arriving[: len(arriving) // 2], arriving[len(arriving) // 2 :]):
        with connect(options) as store:
            arrive(store, part, came)
        came += part
        strike(options, chance.randrange(7))
        work(options)
    found = picture(options)
    capped = {key for key in found["told"] if key[0] == "capped"}
    assert found["told"] - capped == truth
    assert len(capped) == 4
    assert found["rest"] == {"capped": 15 - 4}


@pytest.mark.parametrize("seed", range(10))
def test_killed_somewhere_among_shuffled_batches(options: Settings, seed: int) -> None:
    stormy(options, seed)


@pytest.mark.large
def test_killed_somewhere_among_shuffled_batches_fifty_times(options: Settings) -> None:
    for seed in range(10, 60):
        stormy(options, seed)
