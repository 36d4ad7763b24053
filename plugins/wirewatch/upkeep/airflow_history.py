"""Airflow's own database and the logs of its tasks: what past runs left there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from wirewatch.local.airflow import server
from wirewatch.settings import Settings
from wirewatch.upkeep.work import Freed, Work, for_ever

CONNECTION = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN")
SHUT = "airflow-db-not-allowed"  # what Airflow puts there for tasks
SECONDS = 3_000  # that the cleaning may take: a first call after years is long
ROWS = 10_000  # deleted in one transaction: the scheduler writes between two
NONE = "no Airflow is known here"
_FOUND = re.compile(r"Found (\d+) rows meeting deletion criteria")


def database(work: Work) -> Freed:
    """Deletes the rows of runs before ``keep.airflow`` days, by ``airflow db clean``."""
    before = work.before("keep.airflow")
    if before is None:
        return for_ever("keep.airflow", "rows")
    environ = environment(work.settings)
    if environ is None:
        return Freed(unit="rows", what=NONE)
    if any(SHUT in environ.get(name, "") for name in CONNECTION):
        why = "Airflow shuts its database to tasks here: let cron call 'wirewatch maintain' too"
        return Freed(unit="rows", problem=why)
    command = [str(Path(sys.executable).parent / "airflow"), "db", "clean", "--yes"]
    command += ["--clean-before-timestamp", before.isoformat(), "--skip-archive"]
    command += ["--batch-size", str(ROWS), "--error-on-cleanup-failure"]
    ran = subprocess.run(
        [*command, *(["--dry-run"] if work.dry else [])],
        env=environ,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    rows = sum(map(int, _FOUND.findall(ran.stdout)))
    if ran.returncode:
        said = " ".join((ran.stderr or ran.stdout).strip().splitlines()[-3:])
        return Freed(items=rows, unit="rows", problem=f"'airflow db clean' failed: {said[-500:]}")
    return Freed(items=rows, unit="rows", what=f"rows of Airflow before {before:%Y-%m-%d}")


def logs(work: Work) -> Freed:
    """Deletes logs of Airflow's tasks that were not written to for ``keep.task_logs`` days."""
    before = work.before("keep.task_logs")
    if before is None:
        return for_ever("keep.task_logs", "files")
    environ = environment(work.settings)
    folder = _logs_of(environ) if environ else None
    if folder is None or not folder.is_dir():
        return Freed(unit="files", what=NONE)
    gone = size = 0
    for place, folders, names in os.walk(folder, topdown=False):
        for path in (Path(place) / name for name in names):
            state = path.lstat()
            if datetime.fromtimestamp(state.st_mtime, UTC) < before:
                gone += 1
                size += state.st_size
                if not work.dry:
                    path.unlink(missing_ok=True)
        for inner in (Path(place) / name for name in folders):
            if not work.dry and _empty_since(inner, before):
                inner.rmdir()
    return Freed(
        items=gone, unit="files", bytes=size, what=f"logs of tasks before {before:%Y-%m-%d}"
    )


def _empty_since(folder: Path, before: datetime) -> bool:
    """Whether a folder is empty, and no task just made it to write there."""
    if folder.is_symlink() or any(folder.iterdir()):
        return False
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC) < before


def environment(settings: Settings) -> dict[str, str] | None:
    """The environment of the ``airflow`` command; None where no Airflow is known here.

    In a task it is the one that Airflow was started with, where its database is not shut.
    """
    if "AIRFLOW_HOME" in os.environ:
        environ = dict(os.environ)
        if any(SHUT in environ.get(name, "") for name in CONNECTION):
            started = _started_with()
            for name in CONNECTION:
                environ.pop(name, None)
                if name in started:
                    environ[name] = started[name]
        return environ
    if not (server.home(settings) / "airflow.db").exists():
        return None
    return server.environment(settings, settings["airflow.port"])


def _started_with() -> dict[str, str]:
    """The environment that this process, or the one it was forked from, was started with.

    One that gave itself a title may have written over it: then nothing, or little, is there.
    """
    try:
        raw = Path("/proc/self/environ").read_bytes().decode("utf-8", "surrogateescape")
    except OSError:  # no Linux, or shut to us: then Airflow's configuration must name its database
        return {}
    pairs = (line.partition("=") for line in raw.split("\0") if "=" in line)
    return {name: value for name, _, value in pairs}


def _logs_of(environ: Mapping[str, str]) -> Path:
    given = environ.get("AIRFLOW__LOGGING__BASE_LOG_FOLDER")
    return Path(given) if given else Path(environ["AIRFLOW_HOME"]) / "logs"
