"""Airflow, as it says itself that it is."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from wirewatch.local import paths, processes
from wirewatch.local.airflow import server
from wirewatch.records import Trouble
from wirewatch.settings import Settings
from wirewatch.troubles.kinds import Kind, View, at

DEAD = Kind(
    name="scheduler-dead",
    title="Airflow's scheduler is dead",
    what="Airflow's {part} is dead; it was last heard of {at}",
    do="start it again: 'make down', then 'make up'; in compose 'docker compose restart scheduler "
    "dag-processor'",
    options=("troubles.airflow",),
)
AWAY = Kind(
    name="airflow-away",
    title="Airflow does not answer",
    what="Airflow does not answer at {url}: {why}",
    do="start it again: 'make up'; in compose 'docker compose up -d'. Its log says why it ended",
    options=("troubles.airflow",),
)

PATIENCE = 3.0  # seconds for Airflow's server: the health route waits for it
LARGEST = 100_000  # bytes of its answer
# Without a triggerer everything goes on: no task here is deferred.
PARTS = {"scheduler": "scheduler", "dag_processor": "DAG processor", "metadatabase": "database"}


def look(view: View) -> Iterator[Trouble]:
    """Asks the Airflow that the options name, or the one that was started on this machine."""
    url = view.settings["troubles.airflow"] or _local(view.settings)
    if not url:
        return
    try:
        health = _asked(url)
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or error
        yield AWAY.found(view.now, url=url, why=why)
        return
    for name, part in PARTS.items():
        told = health.get(name)
        if isinstance(told, Mapping) and told.get("status") == "unhealthy":
            heard = told.get(f"latest_{name}_heartbeat")
            since = _read(heard) or view.now
            yield DEAD.found(since, name, part=part, at=at(since) if heard else "never")


def _local(settings: Settings) -> str:
    """Where Airflow was started on this machine; "" where it was not, or was stopped."""
    process = processes.recall(paths.run_folder(settings), server.NAME)
    return f"http://127.0.0.1:{process.facts['port']}" if process else ""


def _asked(url: str) -> Mapping[str, Any]:
    """What Airflow says of its parts. Raises OSError and ValueError."""
    address = f"{url}/api/v2/monitor/health"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is our own
    with direct.open(address, timeout=PATIENCE) as answer:
        told = json.loads(answer.read(LARGEST))
    if not isinstance(told, Mapping):
        raise ValueError("the answer is not Airflow's")
    return told


def _read(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
