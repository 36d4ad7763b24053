"""Airflow's own database, by its own command, and the logs of its tasks."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wirewatch.settings import Settings, load
from wirewatch.upkeep import airflow_history
from wirewatch.upkeep.airflow_history import CONNECTION, SHUT, database, environment, logs
from wirewatch.upkeep.work import Work

NOW = datetime.now(UTC)


def work(settings: Settings, *, dry: bool = False, **more: object) -> Work:
    return Work(settings.with_options(**more), None, NOW, dry)  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({}, tmp_path)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An Airflow of the test's own, with its database."""
    from airflow.utils.db import initdb

    initdb()  # of the session: a copy is as good
    there = Path(os.environ["AIRFLOW_HOME"]) / "airflow.db"
    own = tmp_path / "airflow"
    own.mkdir()
    with (
        closing(sqlite3.connect(there)) as old,
        closing(sqlite3.connect(own / "airflow.db")) as new,
    ):
        old.backup(new)
    monkeypatch.setenv("AIRFLOW_HOME", str(own))
    monkeypatch.setenv(CONNECTION[0], f"sqlite:///{own / 'airflow.db'}")
    monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(own / "logs"))
    yield own


def note(home: Path, *ages: int) -> None:
    """Lines in Airflow's audit log, so many days old."""
    with closing(sqlite3.connect(home / "airflow.db")) as db, db:
        db.execute("DELETE FROM log")
        for days in ages:
            when = (NOW - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.%f")
            db.execute("INSERT INTO log (dttm, event) VALUES (?, ?)", (when, f"{days} days old"))


def noted(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "airflow.db")) as db:
        return [row[0] for row in db.execute("SELECT event FROM log WHERE event LIKE '%days old'")]


@pytest.mark.airflow
def test_old_rows_go_and_new_ones_stay(settings: Settings, home: Path) -> None:
    note(home, 1, 400, 500)
    said = database(work(settings, dry=True))
    assert (said.problem, said.items) == ("", 2)
    assert len(noted(home)) == 3
    freed = database(work(settings))
    assert (freed.problem, freed.items) == ("", 2)
    assert noted(home) == ["1 days old"]


@pytest.mark.airflow
def test_a_command_that_fails_is_told_with_its_words(
    settings: Settings, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION[0], f"sqlite:///{home}/nowhere/airflow.db")
    assert "'airflow db clean' failed: " in database(work(settings)).problem


def test_without_airflow_nothing_is_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_HOME")
    assert environment(settings) is None
    assert database(work(settings)).what == logs(work(settings)).what == airflow_history.NONE
    kept = database(work(settings, keep__airflow=0))
    assert kept.what == "kept for ever (keep.airflow = 0)"


def test_the_airflow_of_this_installation_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_HOME")
    folder = Path(settings.state) / "airflow"
    folder.mkdir(parents=True)
    (folder / "airflow.db").touch()
    environ = environment(settings)
    assert environ is not None
    assert environ[CONNECTION[0]] == f"sqlite:///{folder / 'airflow.db'}"


def test_in_a_task_the_database_is_the_one_that_airflow_was_started_with(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow hides its database from tasks, in the environment alone."""
    monkeypatch.setenv(CONNECTION[0], f"{SHUT}:///")
    monkeypatch.setattr(airflow_history, "_started_with", lambda: {CONNECTION[0]: "sqlite:///x"})
    assert (environment(settings) or {})[CONNECTION[0]] == "sqlite:///x"
    monkeypatch.setattr(airflow_history, "_started_with", dict)
    assert CONNECTION[0] not in (environment(settings) or {})
    monkeypatch.setattr(airflow_history, "_started_with", lambda: {CONNECTION[0]: f"{SHUT}:///"})
    assert "let cron call 'wirewatch maintain'" in database(work(settings)).problem


def test_a_process_knows_what_it_was_started_with() -> None:
    """In a process of its own: one that gave itself a title has written over its environment."""
    code = (
        "import os; os.environ['SHOWN'] = 'changed since';"
        "from wirewatch.upkeep.airflow_history import _started_with;"
        "print(_started_with()['SHOWN'])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SHOWN": "at its start"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "at its start"


def test_logs_of_tasks_go_and_their_empty_folders(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path / "logs"))
    long_ago = (NOW - timedelta(days=90)).timestamp()
    outside = tmp_path / "outside"
    outside.write_text("a link leads here")
    for run in ("old", "new"):
        folder = tmp_path / "logs" / "dag_id=ingest" / f"run_id={run}" / "task_id=poll"
        folder.mkdir(parents=True)
        (folder / "attempt=1.log").write_text("words")
    old = tmp_path / "logs" / "dag_id=ingest" / "run_id=old"
    (old / "link").symlink_to(outside)
    os.utime(old / "link", (long_ago, long_ago), follow_symlinks=False)
    os.utime(old / "task_id=poll" / "attempt=1.log", (long_ago, long_ago))
    freed = logs(work(settings, dry=True))
    assert (freed.items, freed.unit) == (2, "files")
    assert logs(work(settings)).items == 2
    left = [path for path in (tmp_path / "logs").rglob("*") if path.is_file()]
    assert [path.parent.parent.name for path in left] == ["run_id=new"]
    assert outside.exists()
    for place in (old / "task_id=poll", old):  # the emptied folders are old by the next call
        os.utime(place, (long_ago, long_ago))
        logs(work(settings))
        assert not place.exists()
