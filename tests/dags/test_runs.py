"""The DAGs run through Airflow itself, over the sample newsroom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.utils.db import initdb

from newsroom.server import Newsroom
from tests.e2e.compare import Found
from tests.sample import Sample, add_feeds
from wirewatch.holders import this_process
from wirewatch.local.airflow.server import settings_environ
from wirewatch.pipeline import turns
from wirewatch.settings import Settings, project_root
from wirewatch.store import connect

pytestmark = [pytest.mark.airflow, pytest.mark.es]


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    initdb()
    return dict(DagBag(dag_folder=str(project_root() / "dags")).dags)


@pytest.fixture
def options(
    sample: Sample, room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    with sample.empty(tmp_path) as made:
        for name, value in settings_environ(made).items():
            monkeypatch.setenv(name, value)
        yield made


def test_ingest_then_alerts(
    dags: dict[str, DAG], options: Settings, sample: Sample, room: Newsroom
) -> None:
    add_feeds(options, sample.port)
    run = dags["ingest"].test()
    states = {ti.task_id: ti.state for ti in run.get_task_instances()}
    assert set(states.values()) == {"success"}, states
    with connect(options) as store:
        found = Found(store, room.truth())
        assert found.missing() == []
        assert found.wrong_clusters() == []
        [account] = store.runs.latest()
        assert (account.id, account.state, account.problems) == (run.run_id, "done", ())
        assert store.stories.waiting() == store.stories.count()["stories"]
    alerted = dags["alerts"].test()
    assert alerted.state == "success"
    with connect(options) as store:
        assert store.stories.waiting() == 0
        assert store.alerts.count() > 0


def test_nothing_due_is_a_run_that_succeeds(dags: dict[str, DAG], options: Settings) -> None:
    run = dags["ingest"].test()
    assert run.state == "success"
    states = {ti.task_id: ti.state for ti in run.get_task_instances()}
    assert (states["poll"], states["fetch"], states["publish"], states["finish"]) == (
        "success",
        "skipped",
        "skipped",
        "success",
    )


def test_without_elasticsearch_the_first_task_fails_and_nothing_is_polled(
    dags: dict[str, DAG],
    options: Settings,
    sample: Sample,
    room: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_feeds(options, sample.port)
    monkeypatch.setenv("WIREWATCH_ELASTICSEARCH_URL", "http://127.0.0.1:9")
    before = len(room.requests)
    monkeypatch.setattr(dags["ingest"].get_task("begin"), "retry_delay", timedelta(seconds=1))
    run = dags["ingest"].test()
    assert run.state == "failed"
    states = {ti.task_id: ti.state for ti in run.get_task_instances()}
    assert (states["begin"], states["poll"]) == ("failed", "upstream_failed")
    assert len(room.requests) == before


def test_beside_a_command_s_run_it_is_skipped(
    dags: dict[str, DAG],
    options: Settings,
    sample: Sample,
    room: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_feeds(options, sample.port)
    monkeypatch.setenv("WIREWATCH_RUN_WAIT", "0")
    before = len(room.requests)
    with connect(options) as store:
        turns.take(store, options, "ingest", "by hand", turns.holder_of("by hand", this_process()))
        run = dags["ingest"].test()
        assert store.locks.get("ingest").run == "by hand"
        assert store.runs.latest() == []
    assert run.state == "success"
    states = {ti.task_id: ti.state for ti in run.get_task_instances()}
    assert set(states.values()) == {"skipped"}, states
    assert len(room.requests) == before


def test_maintain(dags: dict[str, DAG], options: Settings) -> None:
    run = dags["maintain"].test()
    assert run.state == "success"
    with connect(options) as store:
        assert store.locks.get("maintain").run == ""
