"""``wirewatch troubles``: what it lists, what it tells, and its exit code."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.upkeep.worn import put
from wirewatch.cli import app
from wirewatch.cli import troubles as command
from wirewatch.local.airflow.server import settings_environ
from wirewatch.records import Run, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.troubles.watching import watch

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


def test_it_goes_on_looking_and_tells_whatever_hinders_a_round(
    store: Store, options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside an Airflow whose scheduler is dead: the first round meets no Elasticsearch."""
    given = options.with_options(disk__reserve=0)
    put(store, "runs", Run(id="r", kind="ingest", state="failed", started=utc_now()))
    away = given.with_options(elasticsearch__url="http://127.0.0.1:9")
    rounds = iter([away, given])
    monkeypatch.setattr(command, "watch", lambda _: watch(next(rounds)))

    def pause(_: float) -> None:
        if store.deliveries.count():
            raise KeyboardInterrupt

    monkeypatch.setattr(command.time, "sleep", pause)
    for name, value in settings_environ(given).items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(app, ["troubles", "--watch"])
    assert "Elasticsearch does not answer" in told.stderr
    assert "1 troubles told, 0 over" in told.stderr
    assert (Path(options["local.folder"]) / "run" / "watched").exists()
    assert store.deliveries.count()["log"]["sent"] >= 1
