"""Saved searches that the system switches off, and how their owners are told."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime

from elasticsearch import ConflictError

from wirewatch.alerts.outbox import notice
from wirewatch.records import SavedSearch, replace
from wirewatch.store import Store

log = logging.getLogger("wirewatch.alerts")


def expired(searches: Iterable[SavedSearch], now: datetime) -> dict[str, str]:
    """The ids of enabled searches whose time is over, each with that in words."""
    return {
        one.id: f"it expired on {one.expires:%Y-%m-%d %H:%M} UTC"
        for one in searches
        if one.enabled and one.expires and one.expires <= now
    }


def switch_off(store: Store, reasons: Mapping[str, str], now: datetime) -> list[str]:
    """Switches off the searches of these ids; returns those that it did.

    A message to their owners is queued before: killed in between, the search is met again, and
    the message is there already. One that was changed meanwhile stays on: what it asks now may be
    good.
    """
    done = []
    for search_id, reason in reasons.items():
        found = store.searches.read(search_id)
        if found is None or not found[0].enabled or found[0].deleted:
            continue
        search, version = found
        store.deliveries.create(
            notice(
                search,
                f"This saved search was switched off: {reason}",
                now,
                occasion="-".join(map(str, version)),  # it may be switched off again, once changed
            )
        ).raise_refused("messages")
        try:
            store.searches.replace(replace(search, enabled=False, off=reason), version)
        except ConflictError:
            continue
        log.warning("the saved search %s was switched off: %s", search_id, reason)
        done.append(search_id)
    return done
