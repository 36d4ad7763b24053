"""A receiver that is down for a day, by clocks that are put forward, back, and to summer time."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests import sites
from tests.alerts.receivers import OK, Clock, Receiver, channel, raised, search, states
from wirewatch.alerts.deliver import deliver
from wirewatch.records import Every
from wirewatch.settings import Settings
from wirewatch.store import Store

pytestmark = pytest.mark.es

BEGINS = datetime.fromisoformat("2026-03-28T13:00:00+00:00")  # summer time comes that night
STEPS = 30  # looks of 50 minutes each, by the receiver's own clock: a day and an hour
# At which look the worker's clock is put, and by how many hours.
PUT = {6: 5, 11: -9, 17: 30, 22: -26}


@pytest.fixture
def options(options: Settings) -> Settings:
    return options.with_options(alerts__allow="127.0.0.1:*", alerts__timeout=3)


@pytest.mark.parametrize("put", [{}, PUT, {at: -by for at, by in PUT.items()}])
def test_nothing_is_lost_or_told_twice(
    store: Store, options: Settings, hook: Receiver, clock: Clock, put: dict[int, int]
) -> None:
    channel(store, "hook", hook.url)
    clock.now = BEGINS
    at_once = search(store, "hook", id="once")
    daily = search(store, "hook", id="daily", every=Every.DAY, hour=2, zone="Europe/Berlin")
    hook.answer = lambda _: sites.Answer("out of order", 503)
    ids: set[str] = set()
    for step in range(STEPS):
        clock.ahead(minutes=50, hours=put.get(step, 0))
        for of in (at_once, daily) if step % 7 == 0 else ():
            ids |= {one.id for one in raised(store, of, 2, clock())}
        deliver(store, options, clock=clock)
    assert hook.got == []
    assert hook.asked <= STEPS  # it is not hammered, whatever the clock says
    assert not states(store)["dead"]
    hook.answer = lambda _: OK
    for _ in range(60):  # two more nights, for what a digest tells
        clock.ahead(hours=1)
        deliver(store, options, clock=clock)
    assert set(states(store)) == {"sent", "joined"}
    assert set(hook.alerts) == ids
    assert set(hook.alerts.values()) == {1}
