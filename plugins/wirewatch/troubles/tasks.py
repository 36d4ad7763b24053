"""Tasks of Airflow's that failed, where no run keeps an account that would tell."""

from __future__ import annotations

from collections.abc import Iterator

from wirewatch.records import Trouble, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.troubles import telling
from wirewatch.troubles.kinds import TOLD_BY_AIRFLOW, Kind, View

FAILED = Kind(
    name=TOLD_BY_AIRFLOW,
    title="a task of Airflow's failed",
    what="the task {task} of the DAG {dag} failed: {why}",
    do="its log in Airflow says more. Put that right: the next run that succeeds ends this, or "
    "clear the task",
)


def look(view: View) -> Iterator[Trouble]:
    """Those that are kept and did not end."""
    for one, _ in view.store.troubles.unsettled().values():
        if one.kind == FAILED.name and one.ended is None:
            yield one


def failed(settings: Settings, dag: str, task: str, why: str) -> Trouble:
    """Keeps that a task of a DAG failed at its last try, and has it told; returns the trouble.

    Raises what the store raises.
    """
    now = utc_now()
    trouble = FAILED.found(now, dag, dag=dag, task=task, why=why or "its log says why")
    with connect(settings) as store:
        telling.keep(store, trouble, now)
        telling.announce(store, settings, now)
    return trouble


def worked(settings: Settings, dag: str) -> None:
    """Ends what was kept of a DAG, since it succeeded. Raises what the store raises."""
    with connect(settings, prepare=False) as store:
        telling.end(store, f"{FAILED.name}:{dag}", utc_now())
