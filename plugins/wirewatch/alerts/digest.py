"""Digests: what was held back for a search and channel goes as one message."""

from __future__ import annotations

from datetime import datetime

from wirewatch.records import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Every,
    SavedSearch,
    replace,
    stable_id,
)
from wirewatch.store import Store
from wirewatch.store.versions import Version

MOST = 500  # alerts of one digest: more are no reading, and go in a further one
Piece = tuple[Delivery, Version]


def gather(store: Store, channel: str, now: datetime) -> int:
    """Makes digests of what was held back for the channel until now; returns how many.

    A digest is created once under an id of its search, channel, slot and number, and then its
    pieces are marked. Killed in between, or with another worker beside, whoever comes next finds
    the pieces in the digest that is there, and only marks them: none is told twice, none is left.
    """
    made = 0
    while pieces := store.deliveries.due(channel, now, MOST, held=True):
        by_search: dict[str, list[Piece]] = {}
        for piece in pieces:
            by_search.setdefault(piece[0].search_id, []).append(piece)
        moved = 0
        for search_id, own in by_search.items():
            found = store.searches.read(search_id)
            search = found[0] if found else None
            if search is None or (len(own) == 1 and search.every == Every.ONCE):
                moved += _alone(store, own)
            else:
                marked = _join(store, search, channel, own, now)
                moved, made = moved + marked, made + 1
        if not moved:  # another worker is at it
            break
    return made


def _alone(store: Store, pieces: list[Piece]) -> int:
    """Lets pieces go by themselves; what sends them drops those of a search that is gone."""
    outcome = store.deliveries.save_all((replace(one, slot=None), at) for one, at in pieces)
    return len(outcome.done)


def _join(
    store: Store, search: SavedSearch, channel: str, pieces: list[Piece], now: datetime
) -> int:
    """Puts pieces into a digest; returns how many were marked as told by one."""
    slot = min(one.slot for one, _ in pieces if one.slot)
    marked = number = 0
    while pieces:
        identity = stable_id(
            "delivery", "digest", search.id, channel, slot.isoformat(), str(number)
        )
        told = sorted((one for one, _ in pieces), key=lambda one: (one.created, one.id))
        times = [one.searchable for one in told if one.searchable]
        digest = Delivery(
            id=identity,
            kind=DeliveryKind.DIGEST,
            search_id=search.id,
            channel=channel,
            alerts=tuple(dict.fromkeys(alert for one in told for alert in one.alerts)),
            created=now,
            searchable=max(times, default=None),
            next_try=now,
            since=now,
        )
        outcome = store.deliveries.create([digest])
        outcome.raise_refused("digests")
        there = store.deliveries.read(identity) if outcome.conflicts else None
        held = set(there[0].alerts if there else digest.alerts)
        mine = [piece for piece in pieces if held.issuperset(piece[0].alerts)]
        joined = store.deliveries.save_all(
            (replace(one, state=DeliveryState.JOINED, error=f"told by {identity}"), at)
            for one, at in mine
        )
        marked += len(joined.done)
        pieces = [piece for piece in pieces if piece not in mine]
        number += 1
    return marked
