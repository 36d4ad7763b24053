"""Receivers, clocks that a test sets, and alerts whose messages are queued."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from tests import makers, sites
from tests.makers import NOW
from wirewatch.alerts.outbox import queued
from wirewatch.records import (
    Alert,
    Channel,
    ChannelKind,
    Delivery,
    SavedSearch,
)
from wirewatch.store import Store

OK = sites.Answer(status=204)


class Receiver:
    """A webhook that answers as it is told, and keeps what it took."""

    def __init__(self) -> None:
        self.answer: Callable[[sites.Request], sites.Answer] = lambda _: OK
        self.asked = 0
        self.got: list[tuple[str, dict]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def __call__(self, asked: sites.Request) -> sites.Answer:
        self.asked += 1
        made = self.answer(asked)
        if made.status < 300:
            self.got.append((asked.headers["webhook-id"], json.loads(asked.body)))
            self.headers.append({**dict(asked.headers), "body": asked.body.decode()})
        return made

    @property
    def titles(self) -> Counter[str]:
        """How often each title came."""
        return Counter(one["title"] for _, body in self.got for one in body["data"]["alerts"])

    @property
    def alerts(self) -> Counter[str]:
        """How often each alert came, by its id."""
        return Counter(one["id"] for _, body in self.got for one in body["data"]["alerts"])


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def ahead(self, **span: float) -> None:
        self.now += timedelta(**span)


def channel(store: Store, name: str, address: str, **fields: object) -> Channel:
    given = {"id": name, "name": name, "kind": ChannelKind.WEBHOOK, "address": address}
    made = Channel(**{**given, **fields})
    store.channels.create(made)
    return made


def search(store: Store, *channels: str, **fields: object) -> SavedSearch:
    made = SavedSearch(
        **{"id": "s", "name": "Strikes", "query": "strike", "channels": channels, **fields}
    )
    store.searches.put([made])
    return made


def raised(store: Store, of: SavedSearch, count: int, now: datetime = NOW) -> list[Alert]:
    """So many alerts of a search, with their messages queued."""
    alerts = [
        makers.alert(
            makers.story(f"{of.id}{number}", title=f"Tram {number} stands still"),
            of.id,
            id=f"{of.id}-{now:%d%H%M}-{number:04}",
            search_name=of.name,
            created=now + timedelta(milliseconds=number),
        )
        for number in range(count)
    ]
    store.deliveries.create(one for alert in alerts for one in queued(of, alert, now))
    store.alerts.create(alerts)
    return alerts


def states(store: Store) -> Counter[str]:
    store.refresh()
    return Counter(str(one.state) for one, _ in store.deliveries.find())


def only(store: Store) -> Delivery:
    store.refresh()
    [(one, _)] = store.deliveries.find()
    return one
