"""Files of the state that cannot be written or read: said in words, the run noted as failed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsroom.server import Newsroom
from tests.sample import Sample, add_feeds
from wirewatch.local.airflow.server import settings_environ
from wirewatch.records import PageStatus
from wirewatch.settings import Settings, project_root
from wirewatch.store import connect

pytestmark = pytest.mark.es


@pytest.fixture
def given(sample: Sample, room: Newsroom, tmp_path: Path) -> Iterator[Settings]:
    """Options of an index in which there are only the newsroom's feeds."""
    with sample.empty(tmp_path, run__partitions=1) as made:
        add_feeds(made, sample.port)
        yield made


def ingest(given: Settings, run: str, before: str = "", **environ: str) -> tuple[int, str]:
    """Exit code and stderr of the command, in a shell that does something before."""
    command = shlex.join([sys.executable, "-m", "wirewatch.cli", "ingest", "--run", run])
    done = subprocess.run(
        ["sh", "-c", f"{before}\nexec {command}"],
        cwd=project_root(),
        env={
            **os.environ,
            **settings_environ(given),
            "PYTHONPATH": os.pathsep.join(sys.path),
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "Aborted" not in done.stderr, done.stderr
    return done.returncode, done.stderr


def files(given: Settings) -> list[str]:
    """What a write that broke off could have left."""
    return [
        file.name
        for file in Path(given.state).rglob("*")
        if file.is_file() and (file.suffix == ".tmp" or file.name.startswith("."))
    ]


def test_a_full_disk(given: Settings, room: Newsroom) -> None:
    # No file may be larger than 128 kB: the WARC file is, and the write itself fails.
    code, said = ingest(given, "full", "ulimit -f 256")
    assert code == 1
    assert ".warc.gz cannot be written: File too large" in said
    assert files(given) == []
    with connect(given) as store:
        store.refresh()
        run = store.runs.get("full")
        assert run is not None
        assert run.state == "failed"
        assert any("cannot be written" in problem for problem in run.problems)
        assert not [page.url for page in store.pages.all() if page.lease is not None]
    assert ingest(given, "full")[0] == 0  # there is room again: it goes on
    with connect(given) as store:
        again = store.runs.get("full")
        assert again is not None
        assert (again.state, again.problems) == ("done", ())
        assert store.stories.count()["stories"] > 50


def test_a_torn_batch_file(given: Settings, room: Newsroom) -> None:
    code, _ = ingest(given, "torn", "ulimit -f 256")
    assert code == 1
    claimed = min(Path(given.state).glob("batches/torn/claim-0*.gz"))
    claimed.write_bytes(claimed.read_bytes()[:-20])
    code, said = ingest(given, "torn")
    assert code == 1
    assert f"{claimed} is torn" in said
    assert "clear the task 'claim'" in said
    with connect(given) as store:
        run = store.runs.get("torn")
        assert run is not None and run.state == "failed"


@pytest.mark.parametrize("kind", ["a file", "not writable"])
def test_a_state_folder_that_cannot_be_written_to(
    given: Settings, room: Newsroom, tmp_path: Path, kind: str
) -> None:
    if kind == "a file":
        folder = tmp_path / "state-file"
        folder.write_text("")
    else:
        folder = Path("/proc/wirewatch")  # where root itself may make nothing
    asked = len(room.requests)
    code, said = ingest(given, "nowhere", WIREWATCH_STATE=str(folder))
    assert code == 1
    assert f"{folder}/batches cannot be written" in said
    assert len(room.requests) == asked
    with connect(given) as store:
        assert not list(store.pages.all([PageStatus.FETCHED]))
