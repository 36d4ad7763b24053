"""Match saved searches with what is new, write the alerts, queue their messages."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import cache

from elasticsearch import ConflictError

from wirewatch.alerts.channels.files import sync as sync_channels
from wirewatch.alerts.channels.made import of_address
from wirewatch.alerts.clocked import raise_by_clock
from wirewatch.alerts.files import sync
from wirewatch.alerts.raising import raise_alerts
from wirewatch.alerts.searches import BadSearches, named
from wirewatch.alerts.switching import expired, switch_off
from wirewatch.records import Batch, SavedSearch, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

COUNTED = ("stories", "stories_waiting", "alerts", "alerts_by_number", "joined")


def alert(settings: Settings, run: str) -> Batch:
    """Looks at every story that no saved search was matched with yet; counts the alerts.

    It reads all that is marked, never one event: asset events coalesce, and the runs that wrote
    the stories may be dead. Then it looks for spikes and silences, for which no story need come. A
    search that cannot be asked is switched off and stops no other. Raises BadSearches for files of
    saved searches that are wrong, when all the others have had their alerts.
    """
    now = utc_now()
    with connect(settings) as store:
        sync_channels(store, settings)  # searches name them; `deliver` tells what is wrong in them
        problems = sync(store, settings.config_dir / "searches", now)
        crowds = store.searches.owners_of_more(settings["alerts.crowd"])
        off: list[str] = []

        @cache
        def late() -> list[SavedSearch]:
            kept = store.searches.all(owners=crowds) if crowds else ()
            return _live(store, kept, now, off)

        searches = _live(store, store.searches.all(but=crowds), now, off)
        others = _named(store, searches)
        done = raise_alerts(store, [*searches, *others], now, late=late if crowds else None)
        searches += late()
        by_clock, refused = raise_by_clock(store, searches, now)
        off += switch_off(store, {**done.refused, **refused}, now)
    if problems:
        raise BadSearches(problems)
    return Batch(
        run=run,
        stage="alert",
        partition=0,
        file="",
        taken=done.counts["alerts"] + by_clock,
        passed=done.counts["alerts"] + by_clock,
        notes={
            "searches": len(searches),
            "searches_switched_off": len(off),
            **{name: done.counts[name] for name in COUNTED},
            "alerts_by_clock": by_clock,
        },
    )


def _live(
    store: Store, searches: Iterable[SavedSearch], now: datetime, off: list[str]
) -> list[SavedSearch]:
    """The searches, those whose time is over switched off; adds the ids of these to ``off``."""
    kept = [_with_channels(store, one) for one in searches]
    over = switch_off(store, expired(kept, now), now)
    off += over
    return [replace(one, enabled=False) if one.id in over else one for one in kept]


def _named(store: Store, searches: Iterable[SavedSearch]) -> list[SavedSearch]:
    """What these searches name and is not among them, switched off: their queries are needed."""
    known = {one.id for one in searches}
    found: list[SavedSearch] = []
    new = [one for one in searches if "@" in one.query]
    while wanted := {name for one in new for name in named(one)} - known:
        known |= wanted
        there = (one for one in store.searches.of(wanted) if not one.deleted)
        new = [replace(one, enabled=False) for one in there]
        found += new
    return found


def _with_channels(store: Store, search: SavedSearch) -> SavedSearch:
    """The search; one of an earlier version that names webhooks by their addresses gets a channel
    for each.
    """
    hooks = {one: of_address(one) for one in search.channels if "://" in one}
    if not hooks:
        return search
    for channel in hooks.values():
        with suppress(ConflictError):  # another search's, or made before a kill
            store.channels.create(channel)
    named = tuple(hooks[one].id if one in hooks else one for one in search.channels)
    changed = replace(search, channels=named)
    store.searches.put([changed]).raise_refused("saved searches")
    return changed
