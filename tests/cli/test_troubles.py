"""``wirewatch troubles``: what it lists, what it tells, and its exit code."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from tests.upkeep.worn import put
from wirewatch.cli import app
from wirewatch.local.airflow.server import settings_environ
from wirewatch.records import Run, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store

pytestmark = pytest.mark.es


def test_it_lists_and_tells_what_stands_in_the_way(
    store: Store, options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_environ(options.with_options(disk__reserve=0)).items():
        monkeypatch.setenv(name, value)
    well = CliRunner().invoke(app, ["troubles"])
    assert (well.exit_code, well.stdout) == (0, "no trouble\n")
    began = utc_now() - timedelta(minutes=9)
    bad = Run(id="r", kind="ingest", state="failed", started=began, problems=("tag failed: no",))
    put(store, "runs", bad)
    told = CliRunner().invoke(app, ["troubles"])
    assert told.exit_code == 1
    assert "The run of ingest that began" in told.stdout
    assert "failed: tag failed: no. What to do: its page in Airflow" in told.stdout
    assert store.troubles.unsettled() == {}  # it only looked
    as_json = CliRunner().invoke(app, ["troubles", "--tell", "--json"])
    assert as_json.exit_code == 1
    assert [one["id"] for one in json.loads(as_json.stdout)] == ["run-failed:ingest"]
    assert list(store.troubles.unsettled()) == ["run-failed:ingest"]
    assert store.deliveries.count() == {"log": {"sent": 1}}
