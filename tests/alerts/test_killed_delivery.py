"""Workers killed with SIGKILL while they deliver: nothing is lost, and only what was under way
comes again, under the same key.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from tests import sites
from tests.alerts import killed_delivery as workers
from tests.alerts.receivers import OK, Clock, Receiver, channel, raised, search, states
from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.outbox import queued
from wirewatch.records import Every, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store

pytestmark = pytest.mark.es

KILLED = -9


@pytest.fixture
def options(options: Settings) -> Settings:
    return options.with_options(
        alerts__allow="127.0.0.1:*", alerts__timeout=20, alerts__backoff=0.1,
        alerts__longest_backoff=1,
    )  # fmt: skip


def keys(hook: Receiver) -> Counter[str]:
    """How often each message came, by its key."""
    return Counter(key for key, _ in hook.got)


def test_killed_at_200_of_300_only_the_one_under_way_comes_again(
    store: Store, options: Settings, hook: Receiver
) -> None:
    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 300, utc_now() - timedelta(minutes=1))
    assert workers.run(options, ["sent:200"]) == [KILLED]
    assert len(hook.got) == 200
    assert workers.pass_leases(store) == 1
    assert workers.run(options, ["end"]) == [0]
    assert states(store) == {"sent": 300}
    assert len(keys(hook)) == len(hook.titles) == 300
    assert sorted(keys(hook).values())[-2:] == [1, 2]


def test_killed_at_each_write_in_turn_nothing_is_lost(
    store: Store, options: Settings, hook: Receiver
) -> None:
    """At once and as a digest, to a receiver that fails now and then."""
    said = iter([500, 200, 200, 503] * 1_000)
    hook.answer = lambda _: sites.Answer("", next(said))
    channel(store, "hook", hook.url)
    begun = utc_now() - timedelta(minutes=1)
    alerts = raised(store, search(store, "hook"), 6, begun)
    held = search(store, "hook", id="held", every=Every.HOUR)
    alerts += raised(store, held, 4, begun - timedelta(hours=3))
    killed = 0
    for point in range(1, 40):
        codes = workers.run(options, [f"write:{1 + point % 7}"], ahead=2.0 * point)
        killed += codes == [KILLED]
        workers.pass_leases(store)
        if codes == [0] and set(states(store)) == {"sent", "joined"}:
            break
    assert states(store) == {"sent": 7, "joined": 4}  # six, and the digest
    assert set(hook.titles) == {alert.title for alert in alerts}
    assert killed >= 4
    again = sum(keys(hook).values()) - len(keys(hook))
    assert again <= killed  # one a kill at the most: a channel sends one after another


def test_two_processes_at_once_repeat_nothing(
    store: Store, options: Settings, hook: Receiver
) -> None:
    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 100, utc_now() - timedelta(minutes=1))
    assert workers.run(options, ["end", "end"]) == [0, 0]
    assert states(store) == {"sent": 100}
    assert set(keys(hook).values()) == {1}


@pytest.fixture
def hooks() -> Iterator[list[Receiver]]:
    """Three receivers of their own."""
    with ExitStack() as stack:
        made = [Receiver() for _ in range(3)]
        for one in made:
            site = stack.enter_context(sites.serve(one))
            one.url = f"http://127.0.0.1:{site.port}/"
        yield made


@pytest.mark.large
@pytest.mark.parametrize("seed", range(50))
def test_by_chance(store: Store, options: Settings, hooks: list[Receiver], seed: int) -> None:
    """Workers two at a time, killed anywhere, their clocks ahead, behind and over a change to
    summer time; receivers that fail; alerts that come meanwhile.
    """
    dice = random.Random(seed)
    lock = threading.Lock()

    def answer(share: float):
        def said(_: sites.Request) -> sites.Answer:
            with lock:
                return sites.Answer("", 500) if dice.random() < share else OK

        return said

    names = ("one", "two", "three")
    for name, hook, share in zip(names, hooks, (0.0, 0.2, 0.5), strict=True):
        hook.answer = answer(share)
        channel(store, name, hook.url)
    at_once = search(store, *names, id="once")
    daily = search(
        store, *names, id="daily", every=dice.choice([Every.HOUR, Every.DAY]),
        hour=dice.randrange(24), zone=dice.choice(["Europe/Berlin", "Africa/Cairo", "UTC"]),
    )  # fmt: skip
    ids: set[str] = set()
    flights = 0
    hours = 0.0
    for step in range(dice.randint(3, 6)):
        now = utc_now() + timedelta(hours=hours, milliseconds=step)
        for of in (at_once, daily):
            new = raised(store, of, dice.randint(1, 12), now)
            ids |= {alert.id for alert in new}
            # queued again, as by a run that was killed before it said that it was done
            store.deliveries.create(one for alert in new for one in queued(of, alert, now))
        points = [f"{dice.choice(['write', 'sent'])}:{dice.randint(1, 40)}" for _ in range(2)]
        codes = workers.run(options, points, ahead=hours * 3_600)
        flights += codes.count(KILLED) * len(names)
        workers.pass_leases(store)
        hours += dice.choice([0.1, 5, 30, -3, 24 * 120])  # the last: from winter into summer
    last = Clock(utc_now() + timedelta(hours=max(hours, 0) + 24 * 9))
    for hook in hooks:
        hook.answer = lambda _: OK
    for _ in range(5):
        deliver(store, options, clock=last)
        last.ahead(hours=1)
    assert set(states(store)) <= {"sent", "joined"}
    for hook in hooks:
        assert set(hook.alerts) == ids
    repeated = sum(sum(keys(hook).values()) - len(keys(hook)) for hook in hooks)
    assert repeated <= flights
