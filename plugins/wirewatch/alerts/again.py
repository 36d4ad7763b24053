"""Messages that were given up, queued again by a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wirewatch.records import Channel, DeliveryState, replace
from wirewatch.store import Store


def again(
    store: Store,
    now: datetime,
    *,
    states: Sequence[DeliveryState] = (DeliveryState.DEAD,),
    channel: str = "",
    search: str = "",
    ids: Sequence[str] = (),
) -> int:
    """Queues messages in these states again, at once and with all their hours; returns how many.

    ``ids`` names single ones, which must be in one of the states. Their channels stop resting.
    """
    if ids:
        read = [store.deliveries.read(one) for one in dict.fromkeys(ids)]
        found = [one for one in read if one and one[0].state in states]
    else:
        found = store.deliveries.find(states=states, channel=channel, search=search)
    outcome = store.deliveries.save_all(
        (
            replace(
                one,
                state=DeliveryState.PENDING,
                next_try=now,
                since=now,
                attempts=0,
                error="",
            ),
            version,
        )
        for one, version in found
    )
    outcome.raise_refused("messages")
    for name in {one.channel for one, _ in found}:
        store.channels.change(name, _rested)
    return len(outcome.done)


def _rested(channel: Channel) -> Channel:
    return replace(channel, setbacks=0, rests_until=None)
