"""How many alerts an hour: what is beyond a search's cap, or its owner's, is told by number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wirewatch.alerts.events import Event, Find
from wirewatch.alerts.volume import hour_of
from wirewatch.records import Alert, SavedSearch, replace, stable_id
from wirewatch.store import Store

REMEMBERED = 500  # stories that an alert of the rest knows by id: 12 kB
TRIES = 5  # to count up an alert that somebody else changes at the same moment


class Busy(RuntimeError):
    """An alert was changed by somebody else again and again: the stage is run again."""


@dataclass
class Rest:
    """What is beyond a cap, to be told by number."""

    id: str  # of its alert
    searches: dict[str, SavedSearch] = field(default_factory=dict)
    events: int = 0
    finds: list[Find] = field(default_factory=list)  # of one search: what it may know again


@dataclass
class Caps:
    """How many alerts each search and owner has left of the hour."""

    store: Store  # that has the alerts
    now: datetime
    owner_cap: int
    searches: dict[str, int] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)

    def learn(self, searches: Collection[SavedSearch]) -> None:
        """Reads how much of the hour these searches and their owners have used."""
        since = hour_of(self.now)
        new = {one.id: one for one in searches if one.id not in self.searches}
        used = self.store.alerts.raised("search_id", sorted(new), since)
        self.searches |= {one: search.cap - used.get(one, 0) for one, search in new.items()}
        owners = sorted({one.owner for one in new.values()} - {""} - self.owners.keys())
        used = self.store.alerts.raised("owner", owners, since)
        self.owners |= {one: self.owner_cap - used.get(one, 0) for one in owners}

    def split(
        self, search: SavedSearch, found: Sequence[Find], rests: dict[str, Rest]
    ) -> list[Event]:
        """The events that are told one by one; those beyond a cap are added to a rest.

        What is beyond its owner's cap is one rest of all the owner's searches.
        """
        room = self.searches[search.id]
        owned = self.owners.get(search.owner, room) if search.owner else room
        free = max(0, min(room, owned, len(found)))
        self.searches[search.id] -= free
        if search.owner:
            self.owners[search.owner] -= free
        if beyond := len(found) - free:
            of_owner = owned < min(room, len(found))
            identity = rest_id(search, self.now, of_owner=of_owner)
            rest = rests.setdefault(identity, Rest(identity))
            rest.searches[search.id] = search
            rest.events += beyond
            if not of_owner:
                rest.finds += found[free:]
        return [Event(search, one) for one in found[:free]]


def rest_id(search: SavedSearch, now: datetime, *, of_owner: bool) -> str:
    """The id of the alert that tells by number what is beyond a cap in the hour."""
    hour = hour_of(now).isoformat()
    if of_owner:
        return stable_id("alert", "rest of owner", search.owner, hour)
    return stable_id("alert", search.id, "rest", hour)


def count_up(store: Store, rests: Mapping[str, Rest], now: datetime) -> None:
    """Adds to the alerts of the hour that tell by number; makes those that are not there.

    What a search's rest knows by the ids of its first stories is not counted again. Raises Busy.
    """
    left = dict(rests)
    for _ in range(TRIES):
        if not left:
            return
        there = store.alerts.read(sorted(left))
        new = [_counted(None, one, now) for one in left.values() if one.id not in there]
        made = store.alerts.create(new)
        made.raise_refused("alerts")
        changed = [
            (after, version)
            for identity, (before, version) in there.items()
            if (after := _counted(before, left[identity], now)) != before
        ]
        written = store.alerts.change(changed)
        written.raise_refused("alerts")
        again = {*made.conflicts, *written.conflicts}
        left = {identity: one for identity, one in left.items() if identity in again}
    if left:
        raise Busy(f"{len(left)} alerts that count the rest of an hour were changed all the while")


def _counted(before: Alert | None, rest: Rest, now: datetime) -> Alert:
    first = rest.searches[min(rest.searches)]
    alert = before or Alert(
        id=rest.id,
        search_id=first.id,
        search_name=first.name,
        kind=first.kind,
        owner=first.owner,
        title="",
        outlets=0,
        capped=True,
        created=now,
    )
    known = set(alert.stories)
    finds = [one for one in rest.finds if known.isdisjoint(one.matched)]
    events = len(finds) if rest.finds else rest.events
    if not events:
        return alert
    count = alert.rest + events
    marks = dict.fromkeys(mark for one in finds for mark in one.matched)
    whose = "" if rest.finds else " of all your searches"
    times = [one for one in (alert.searchable, *(find.searchable for find in finds)) if one]
    return replace(
        alert,
        title=f"{count} more in the hour from {hour_of(now):%H:%M} UTC, beyond the cap{whose}",
        rest=count,
        stories=(*alert.stories, *marks)[:REMEMBERED],
        updated=now if before else None,
        searchable=max(times, default=None),
    )
