"""``make demo`` as a person runs it: a real scheduler, twice, and nothing left at the end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from wirewatch.local import paths, processes
from wirewatch.settings import Settings, load

pytestmark = [pytest.mark.airflow, pytest.mark.es]


@pytest.fixture
def environ(es_url: str, es_prefix: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The command's own environment: nothing of the tests' Airflow gets into it."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WIREWATCH_", "AIRFLOW"))
    }
    made = {
        **clean,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "ELASTICSEARCH_URL": es_url,
        "WIREWATCH_ELASTICSEARCH_PREFIX": es_prefix,
        "WIREWATCH_LOCAL_FOLDER": str(tmp_path),
        "WIREWATCH_LOCAL_NEWSROOM_PORT": str(paths.any_port()),
        "WIREWATCH_AIRFLOW_PORT": str(paths.any_port()),
        "WIREWATCH_WEB_PORT": str(paths.any_port()),
    }
    yield made
    call(made, "down")


def options(environ: dict[str, str]) -> Settings:
    return load({k: v for k, v in environ.items() if k.startswith(("WIREWATCH_", "ELASTIC"))})


def call(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wirewatch.cli", *words],
        env=environ,
        capture_output=True,
        text=True,
        timeout=850,
    )


def figure(told: str, name: str) -> int:
    found = re.search(rf"^{name}: +(\d+)", told, re.MULTILINE)
    assert found, told
    return int(found[1])


def test_demo_twice_then_down(environ: dict[str, str]) -> None:
    first = call(environ, "demo")
    assert first.returncode == 0, first.stdout[-4000:] + first.stderr[-2000:]
    assert figure(first.stdout, "stories") > 90
    assert figure(first.stdout, "alerts") > 0
    assert "robots.txt" in first.stdout  # a rejected page with its reason in words
    assert "make down" in first.stdout
    shown = re.search(r"^Search and API: +(\S+)$", first.stdout, re.MULTILINE)
    assert shown, first.stdout
    with httpx.Client(base_url=shown[1].partition("/?")[0], timeout=60) as client:
        client.get(shown[1])
        found = client.get("/api/v1/stories?q=ferry").json()
    assert found["stories"] > 1  # of the demo's index
    run = paths.run_folder(options(environ))
    started = [member.pid for one in processes.running(run) for member in processes.members(one)]
    assert started
    again = call(environ, "demo")
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr[-2000:]
    for name in ("stories", "clusters", "alerts"):
        assert figure(again.stdout, name) == figure(first.stdout, name)
    assert call(environ, "down").returncode == 0
    alive = [pid for pid in started if psutil.pid_exists(pid)
             and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]  # fmt: skip
    assert alive == []
    secrets = paths.installation(options(environ)) / "secrets.env"
    assert secrets.stat().st_mode & 0o077 == 0
