"""A real Airflow killed in mid-run and started again: the run ends, and holds nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from newsroom.server import Newsroom
from tests.e2e.compare import Found
from tests.sample import Sample, add_feeds
from wirewatch.local import airflow, paths, processes
from wirewatch.local.airflow import server
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = [pytest.mark.airflow, pytest.mark.es]

WAIT = 500  # seconds: a killed task counts as dead after 90, and is tried again 30 later


@pytest.fixture
def given(sample: Sample, room: Newsroom, tmp_path: Path) -> Iterator[Settings]:
    """Options of an index in which there are only the newsroom's feeds."""
    more = {
        "local__folder": str(tmp_path / "local"),
        "airflow__port": paths.any_port(),
        "run__schedule": "0 0 1 1 *",  # no run but the one that is asked for
        "fetch__delay": 0.3,  # so that it can be killed in mid-fetch
    }
    with sample.empty(tmp_path, **more) as made:
        add_feeds(made, sample.port)
        try:
            yield made
        finally:
            airflow.stop(made)


def until(true: Callable[[], object], seconds: float = WAIT) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.3)


def kill(given: Settings) -> None:
    """SIGKILL to all of Airflow at once."""
    process = processes.find(paths.run_folder(given), server.NAME)
    assert process is not None
    for member in [*processes.members(process), *processes.members(process)]:
        with suppress(ProcessLookupError):
            os.kill(member.pid, signal.SIGKILL)
    until(lambda: not process.alive, 30)


def test_the_run_ends_after_airflow_was_killed(given: Settings, room: Newsroom) -> None:
    client = airflow.client(airflow.ensure(given, print))
    until(lambda: "ingest" in client.dags())
    client.pause("ingest", False)
    run = client.trigger("ingest", {}).id

    def states(task: str) -> list[str]:
        return [one.state for one in client.tasks("ingest", run) if one.task == task]

    until(lambda: "running" in states("fetch"))
    kill(given)
    again = airflow.ensure(given, print)
    assert again.started_here
    client = airflow.client(again)
    until(lambda: client.run("ingest", run).ended)
    assert client.run("ingest", run).state == "success"
    with connect(given) as store:
        account = store.runs.get(run)
        assert account is not None
        assert (account.state, account.problems) == ("done", ())
        assert [page.url for page in store.pages.all() if page.lease is not None] == []
        found = Found(store, room.truth())
        assert found.missing() == []
        assert found.wrong_clusters() == []
    state = Path(given.state)
    assert [
        str(file)
        for file in state.rglob("*")
        if file.is_file()
        and "airflow" not in file.relative_to(state).parts[:1]
        and (file.suffix == ".tmp" or file.name.startswith("."))
    ] == []
