"""The made-up flow as a DAG of a real Airflow, its tasks killed on the way."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wirewatch.local import airflow, paths
from wirewatch.settings import Settings, load, project_root
from wirewatch.store import connect

pytestmark = [pytest.mark.airflow, pytest.mark.es]

DAG = f"""
import sys
from datetime import timedelta

sys.path.insert(0, {str(project_root())!r})

from airflow.sdk import Param
from tests.pipeline.made_up import MADE_UP
from wirewatch.airflow.dags import build

dag = build(
    MADE_UP,
    schedule=None,
    doc="{{stages}}",
    params={{"upto": Param(10, type="integer")}},
    defaults={{"retry_delay": timedelta(seconds=1)}},
)
"""


@pytest.fixture
def settings(es_url: str, empty_prefix: str, tmp_path: Path) -> Settings:
    for name in ("dags", "plugins", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "dags" / "made_up.py").write_text(DAG)
    (tmp_path / "config").symlink_to(project_root() / "config")
    return load({}, tmp_path).with_options(
        elasticsearch__url=es_url,
        elasticsearch__prefix=empty_prefix,
        state=str(tmp_path / "state"),
        airflow__port=paths.any_port(),
    )


def test_killed_within_and_between_stages_the_dag_ends_as_the_run_in_process(
    settings: Settings,
) -> None:
    state = Path(settings.state)
    for point in ("double-1", "total-0"):
        (state / f"die-{point}").touch()
    try:
        client = airflow.client(airflow.ensure(settings, print))
        deadline = time.monotonic() + 120
        while "made_up" not in client.dags():
            assert time.monotonic() < deadline, client.import_errors()
            time.sleep(0.3)
        client.pause("made_up", False)
        run = client.trigger("made_up", {})
        while not client.run("made_up", run.id).ended:
            assert time.monotonic() < deadline + 120
            time.sleep(0.3)
        states = {(one.task, one.index): one.state for one in client.tasks("made_up", run.id)}
    finally:
        airflow.stop(settings)
    assert set(states.values()) == {"success"}, states
    with connect(settings) as store:
        account = store.runs.get(f"made_up__{run.id}")
    assert account is not None
    assert account.state == "done"
    assert account.stages["total"] == {"taken": 10, "passed": 1, "batches": 1, "summed": 9}
    made = (state / "calls").read_text().split()
    assert sorted(made) == ["count-0", "double-0", "double-1", "double-1", "double-2", "total-0"]
