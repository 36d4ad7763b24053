"""Match saved searches with what is new, write the alerts, deliver them."""

from __future__ import annotations

from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.raised import raised
from wirewatch.alerts.searches import load
from wirewatch.pipeline.frame import waiting_runs
from wirewatch.records import Batch, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect


def alert(settings: Settings, run: str) -> Batch:
    """Looks at every run whose stories no saved search was matched with yet; counts the alerts.

    It reads all that is pending, never one event: asset events coalesce. A run is marked as done
    only when its alerts are written, and an alert is written once, so a kill loses and repeats
    nothing; a delivery that failed is tried again by the next call.
    """
    with connect(settings) as store:
        store.searches.sync(load(settings.config_dir / "searches")).raise_refused("saved searches")
        searches = list(store.searches.all())
        runs = waiting_runs(settings, store)
        created = repeated = 0
        refused: dict[str, str] = {}
        if runs:
            store.refresh()
            alerts, refused = raised(store, searches, runs, now=utc_now())
            outcome = store.alerts.create(alerts)
            outcome.raise_refused("alerts")
            created, repeated = len(outcome.done), len(outcome.conflicts)
            for pending in runs:
                store.runs.update(pending, alerts="done")
        waiting = list(store.alerts.undelivered(settings["alerts.attempts"]))
        channels = {search.id: search.channels for search in searches}
        delivered = deliver(waiting, channels, settings)
        store.alerts.save(delivered).raise_refused("alerts")
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
            "delivered": sum(one.delivered is not None for one in delivered),
            "undelivered": sum(one.delivered is None for one in delivered),
        },
    )
