"""What Airflow sees of a failure, told: through a real DAG and its notifier."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.utils.db import initdb

from wirewatch.airflow.notifier import TaskFailed
from wirewatch.local.airflow.server import settings_environ
from wirewatch.records import Trouble
from wirewatch.settings import Settings, project_root
from wirewatch.store import Store

pytestmark = [pytest.mark.airflow, pytest.mark.es]


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    initdb()
    return dict(DagBag(dag_folder=str(project_root() / "dags")).dags)


@pytest.fixture
def options(options: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with saved searches of the test's own, as the tasks see them."""
    config = tmp_path / "config"
    (config / "searches").mkdir(parents=True)
    for file in (project_root() / "config").iterdir():
        if file.name != "searches":
            (config / file.name).symlink_to(file)
    given = options.with_options(config_dir=str(config), disk__reserve=0)
    for name, value in settings_environ(given).items():
        monkeypatch.setenv(name, value)
    return given


def kept(store: Store, trouble_id: str) -> Trouble:
    found = store.troubles.read(trouble_id)
    assert found is not None
    return found[0]


def test_a_task_that_failed_is_told_and_over_with_the_next_that_succeeds(
    dags: dict[str, DAG], store: Store, options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = options.config_dir / "searches" / "own.toml"
    file.write_text('[[search]]\nid = "s"\nquery = "("\n')
    monkeypatch.setattr(dags["alerts"].get_task("alert"), "retry_delay", timedelta(seconds=1))
    assert dags["alerts"].test().state == "failed"
    told = kept(store, "task-failed:alerts")
    assert told.what.startswith("the task alert of the DAG alerts failed: ")
    assert "own.toml" in told.what
    [message] = [one for one, _ in store.deliveries.find()]
    assert "the DAG alerts failed" in message.text and message.channel == "log"
    file.unlink()
    assert dags["alerts"].test().state == "success"
    assert kept(store, "task-failed:alerts").ended is not None
    assert dags["watch"].test().state == "success"
    assert kept(store, "task-failed:alerts").cleared is not None
    assert len(store.deliveries.find()) == 2


def test_whoever_would_tell_by_no_account_tells_by_airflow(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        alone = len(dag.tasks) == 1  # a run of one task keeps no account
        for task in dag.tasks:
            callbacks = list(task.on_failure_callback or ())
            expected = alone or task.task_id == "begin"
            assert any(isinstance(one, TaskFailed) for one in callbacks) == expected, task.task_id
