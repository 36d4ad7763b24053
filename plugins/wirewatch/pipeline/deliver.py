"""Send what is queued for the channels."""

from __future__ import annotations

from wirewatch.alerts.deliver import deliver as work_off
from wirewatch.records import Batch
from wirewatch.settings import Settings
from wirewatch.store import connect


def deliver(settings: Settings, run: str) -> Batch:
    """Sends every message whose time has come, and makes the digests that are due; counts them.

    A receiver that does not take its messages fails no run: they are tried again by later ones.
    """
    with connect(settings) as store:
        counts = work_off(store, settings)
    states = ("sent", "failed", "dead", "dropped", "digests")
    return Batch(
        run=run,
        stage="deliver",
        partition=0,
        file="",
        taken=counts["sent"],
        passed=counts["sent"],
        notes={state: counts[state] for state in states},
    )
