"""Match saved searches with what is new, write the alerts, queue their messages."""

from __future__ import annotations

from contextlib import suppress

from elasticsearch import ConflictError

from wirewatch.alerts.channels.made import of_address
from wirewatch.alerts.outbox import queued
from wirewatch.alerts.raised import raised
from wirewatch.alerts.searches import load
from wirewatch.pipeline.frame import waiting_runs
from wirewatch.records import Batch, by_id, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect


def alert(settings: Settings, run: str) -> Batch:
    """Looks at every run whose stories no saved search was matched with yet; counts the alerts.

    It reads all that is pending, never one event: asset events coalesce. A run is marked as done
    only when its alerts are written, and an alert is written once, so a kill loses and repeats
    nothing. The messages of an alert are queued before it, so that none is without them; they wait
    for it.
    """
    with connect(settings) as store:
        store.searches.sync(load(settings.config_dir / "searches")).raise_refused("saved searches")
        _name_channels(store)
        searches = list(store.searches.all())
        runs = waiting_runs(settings, store)
        created = repeated = 0
        refused: dict[str, str] = {}
        if runs:
            store.refresh()
            now = utc_now()
            alerts, refused = raised(store, searches, runs, now=now)
            known = store.alerts.known([alert.id for alert in alerts])
            new = [alert for alert in alerts if alert.id not in known]
            by_search = by_id(searches)
            store.deliveries.create(
                message
                for alert in new
                for message in queued(by_search[alert.search_id], alert, now)
            ).raise_refused("messages")
            outcome = store.alerts.create(new)
            outcome.raise_refused("alerts")
            created, repeated = len(outcome.done), len(alerts) - len(outcome.done)
            for pending in runs:
                store.runs.update(pending, alerts="done")
    return Batch(
        run=run,
        stage="alert",
        partition=0,
        file="",
        taken=created,
        passed=created,
        notes={
            "searches": len(searches),
            "searches_refused": len(refused),
            "runs": len(runs),
            "alerts": created,
            "alerts_known": repeated,
        },
    )


def _name_channels(store: Store) -> None:
    """Gives a channel to each webhook that a search of an earlier version names by its address."""
    for search in list(store.searches.all()):
        hooks = {one: of_address(one) for one in search.channels if "://" in one}
        if not hooks:
            continue
        for channel in hooks.values():
            with suppress(ConflictError):  # another search's, or made before a kill
                store.channels.create(channel)
        named = tuple(hooks[one].id if one in hooks else one for one in search.channels)
        store.searches.put([replace(search, channels=named)]).raise_refused("saved searches")
