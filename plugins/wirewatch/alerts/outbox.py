"""Messages queued for what a saved search found: one an alert, channel and revision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from wirewatch.alerts.schedule import resumes, speaks
from wirewatch.alerts.volume import HOUR, hour_of
from wirewatch.records import Alert, Delivery, DeliveryKind, SavedSearch, stable_id

CHANNELS = 10  # that the rest of all searches of an owner goes to
LATE = timedelta(minutes=2)  # after an hour: what was being counted at its end is counted


def queued(search: SavedSearch, alert: Alert, now: datetime) -> list[Delivery]:
    """The messages that tell an alert as it stands, one for each channel of its search.

    Their ids depend on the alert, its revision and the channel alone, so queueing them again is a
    conflict. What is held back until a digest, or the end of quiet hours, has its ``slot``.
    """
    moment = speaks(search, now)
    held = moment > now
    return [
        Delivery(
            id=stable_id("delivery", alert.id, channel, str(alert.revision)),
            kind=DeliveryKind.UPDATE if alert.revision else DeliveryKind.ALERT,
            search_id=search.id,
            channel=channel,
            alerts=(alert.id,),
            revision=alert.revision,
            created=max(now, alert.created),  # of alerts raised together: in their order
            searchable=alert.searchable,
            next_try=moment,
            slot=moment if held else None,
            since=moment,
        )
        for channel in dict.fromkeys(search.channels)
    ]


def queued_rest(identity: str, searches: Iterable[SavedSearch], now: datetime) -> list[Delivery]:
    """The messages that tell by number what is beyond a cap, when the hour has ended.

    ``identity`` is that of the alert that counts; of several searches, each channel is told once.
    """
    moment = hour_of(now) + HOUR + LATE
    by_channel: dict[str, SavedSearch] = {}
    for search in sorted(searches, key=lambda one: one.id):
        for channel in search.channels:
            by_channel.setdefault(channel, search)
    return [
        Delivery(
            id=stable_id("delivery", identity, channel, "0"),
            kind=DeliveryKind.REST,
            search_id=search.id,
            channel=channel,
            alerts=(identity,),
            created=now,
            next_try=resumes(search, moment),
            since=resumes(search, moment),
        )
        for channel, search in list(by_channel.items())[:CHANNELS]
    ]


def trial(channel: str, now: datetime) -> Delivery:
    """A message of its own to a channel, which shows whether it is reached."""
    return Delivery(
        id=stable_id("delivery", "test", channel, now.isoformat()),
        kind=DeliveryKind.TEST,
        search_id="",
        channel=channel,
        text="A test: wirewatch reaches this channel.",
        created=now,
        next_try=now,
        since=now,
    )


def notice(search: SavedSearch, text: str, now: datetime, *, occasion: str) -> list[Delivery]:
    """Words to the owner of a search on its channels, as when it was switched off; at once.

    One of an ``occasion`` is queued once.
    """
    return [
        Delivery(
            id=stable_id("delivery", "notice", search.id, channel, occasion),
            kind=DeliveryKind.NOTICE,
            search_id=search.id,
            channel=channel,
            text=text,
            created=now,
            next_try=now,
            since=now,
        )
        for channel in dict.fromkeys(search.channels)
    ]
