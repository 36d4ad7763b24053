"""Elasticsearch goes away while alerts are raised and sent, and comes again.

Whoever runs next, under another id, misses nothing; only what was under way at a receiver comes
twice, under the same key.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests import makers, sites
from tests.alerts.killed_delivery import pass_leases
from tests.alerts.receivers import OK, Receiver, channel, raised, search, states
from tests.faults.own_server import OwnServer, make
from tests.faults.test_alerts_killed import stormy, work
from tests.faults.test_takeover import forget
from wirewatch.alerts.deliver import deliver
from wirewatch.records import utc_now
from wirewatch.settings import Settings
from wirewatch.store import Unavailable, bulk, connect

pytestmark = pytest.mark.es

WRITES = 4  # that a stage with something to tell makes at least
NAMES = ("one", "two")
ALERTS = 30
PATIENCE = 120  # seconds for the server to go


@pytest.fixture(scope="module")
def server(shared: Path) -> Iterator[OwnServer]:
    made = make(shared)
    made.start()
    yield made
    made.go(killed=True)


@pytest.fixture
def options(server: OwnServer, tmp_path: Path) -> Settings:
    return makers.options(
        server.url, "own", tmp_path,
        alerts__allow="127.0.0.1:*", alerts__timeout=30, alerts__backoff=0.1,
    )  # fmt: skip


def raised_over_restarts(options: Settings, server: OwnServer, seed: int) -> None:
    """The server is killed or stopped with half of a write done, in one of two batches."""
    strikes = iter((seed // 2 % 2 == 0, seed // 2 % 2 == 1))

    def goes(options: Settings, number: int) -> None:
        if not next(strikes):
            return
        writes, send = count(), bulk._send

        def sent(es: Any, chunk: list[Any], *args: Any) -> Any:
            if next(writes) != number % WRITES:
                return send(es, chunk, *args)
            half = len(chunk) // 2
            send(es, chunk[:half], *args)
            server.go(killed=seed % 2 == 0)
            return send(es, chunk[half:], *args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bulk, "_send", sent)
            with pytest.raises(Unavailable):
                work(options)
        server.start()

    stormy(options, seed, goes)


@pytest.fixture
def hooks() -> Iterator[dict[str, Receiver]]:
    with ExitStack() as stack:
        made = {name: Receiver() for name in NAMES}
        for hook in made.values():
            hook.url = f"http://127.0.0.1:{stack.enter_context(sites.serve(hook)).port}/"
        yield made


def sent_over_a_restart(
    options: Settings, server: OwnServer, hooks: dict[str, Receiver], seed: int
) -> None:
    """The server goes when a receiver has taken a message and nobody has noted that."""
    chance = random.Random(seed)
    last = chance.randint(1, ALERTS)
    killed = seed % 2 == 0
    gone = threading.Event()
    taken = count(1)  # its next() is whole, whichever thread asks

    def takes(_: sites.Request) -> sites.Answer:
        if next(taken) == last:
            server.go(killed=killed)
            gone.set()
        return OK

    forget(options)
    with connect(options) as store:
        for name, hook in hooks.items():
            channel(store, name, hook.url)
        now = utc_now() - timedelta(minutes=1)
        alerts = {one.id for one in raised(store, search(store, *NAMES), ALERTS, now)}
    for hook in hooks.values():
        hook.answer = takes
    with pytest.raises(Unavailable), connect(options) as store:
        deliver(store, options)
    assert gone.wait(PATIENCE)
    server.start()
    with connect(options) as store:
        assert pass_leases(store) <= len(NAMES)
        deliver(store, options)
        assert states(store) == {"sent": ALERTS * len(NAMES)}
    for hook in hooks.values():
        assert set(hook.alerts) == alerts
        keys = Counter(key for key, _ in hook.got)
        assert len(keys) == ALERTS  # what came twice has one key
        assert sum(keys.values()) <= ALERTS + 1
    assert last <= sum(len(hook.got) for hook in hooks.values()) <= len(NAMES) * (ALERTS + 1)


def test_while_alerts_are_raised(options: Settings, server: OwnServer) -> None:
    raised_over_restarts(options, server, 3)


@pytest.mark.parametrize("seed", [2])
def test_while_messages_are_sent(
    options: Settings, server: OwnServer, hooks: dict[str, Receiver], seed: int
) -> None:
    sent_over_a_restart(options, server, hooks, seed)


@pytest.mark.large
@pytest.mark.parametrize("seed", range(4, 8))
def test_while_alerts_are_raised_many_times(
    options: Settings, server: OwnServer, seed: int
) -> None:
    raised_over_restarts(options, server, seed)


@pytest.mark.large
@pytest.mark.parametrize("seed", [1, *range(3, 6)])
def test_while_messages_are_sent_many_times(
    options: Settings, server: OwnServer, hooks: dict[str, Receiver], seed: int
) -> None:
    sent_over_a_restart(options, server, hooks, seed)
